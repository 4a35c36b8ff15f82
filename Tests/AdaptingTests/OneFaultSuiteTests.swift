import CaseLibrary
import Findings
import Testing
import XMLValidation

@testable import Adapting

@Suite("One-fault corpus")
struct OneFaultSuiteTests {
  static let folder = VectorSuiteTests.folder

  /// The suite over one operation, with a file of the schemas edited before the validator sees it.
  static func suite(
    operation: String? = nil, edit: @escaping @Sendable (String, String) -> String = { $1 }
  ) throws -> OneFaultSuite {
    let catalogue = try Catalogue(folder)
    let untouched = catalogue.validationLibrary()
    let edited = ValidationLibrary(
      definitions: untouched.definitions, requirements: try catalogue.requirements, errata: [],
      read: { name in
        Array(edit(name, String(decoding: try folder.read("Schemas/\(name)"), as: UTF8.self)).utf8)
      })
    return try OneFaultSuite(
      try Corpus(folder, catalogue), library: untouched, judgedBy: edited, operation: operation)
  }

  @Test("every derived document is found for its fault, and only for it", arguments: operations)
  func wholeCorpus(operation: String) throws {
    let result = try Self.suite(operation: operation).result()
    for one in result.cases where one.verdict != .passed { Issue.record("\(one.id): \(one.verdict)\n\(one.detail)") }
    #expect(result.cases.count == result.discovered)
  }

  /// A few of them: `make test` runs the program over all.
  static let operations = ["file-jobs.submit", "queues.update", "error"]

  @Test("the documents have IDs of their own, are the same each time, and start from documents without a finding")
  func identity() throws {
    let suites = try Self.operations.map { try Self.suite(operation: $0) }
    let cases = suites.flatMap(\.cases)
    #expect(Set(cases.map(\.id)).count == cases.count)
    let again = try Self.suite(operation: "error").cases
    #expect(again.map(\.id) == suites.last?.cases.map(\.id))
    #expect(again.map(\.bytes) == suites.last?.cases.map(\.bytes))
    let untouched = cases.filter { $0.id.hasSuffix("/as-it-is") }
    #expect(untouched.count > 10)
    // That scenario names two sources on purpose, to show which one counts; a rule warns of it.
    #expect(
      untouched.filter { !$0.expected.isEmpty }.map(\.id).filter { !$0.contains(".compress-list-outranks.") } == [])
  }

  @Test("no document is derived twice under two names from the same one")
  func distinctBytes() throws {
    for (name, cases) in Dictionary(
      grouping: try Self.suite(operation: "file-jobs.submit").cases,
      by: { $0.id.split(separator: "/").dropFirst().prefix(2).joined(separator: "/") })
    {
      #expect(Set(cases.map(\.bytes)).count == cases.count, "\(name)")
    }
  }

  struct Weakening: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var operation: String
    var file: String
    var old: String
    var new: String
    /// The end of the IDs of the cases that must notice.
    var noticedBy: String

    init(_ name: String, _ operation: String, _ file: String, _ old: String, _ new: String, noticedBy: String) {
      testDescription = name
      self.operation = operation
      self.file = file
      self.old = old
      self.new = new
      self.noticedBy = noticedBy
    }
  }

  @Test(
    "a validator with one check less lets its cases through",
    arguments: [
      Weakening(
        "a state more", "file-jobs.query", "common.xsd", "<xs:enumeration value=\"Submitted\"/>",
        "<xs:enumeration value=\"Submitted\"/><xs:enumeration value=\"Cispec\"/>", noticedBy: "/State/value-unknown"),
      Weakening(
        "identifiers in capitals", "file-jobs.query", "common.xsd", "f[0-9a-f]{32}", "[fF][0-9a-fA-F]{32}",
        noticedBy: "/JobId/value-upper-case"),
      Weakening(
        "a node that need not be there", "file-jobs.query", "file-jobs.xsd",
        "<xs:element name=\"State\" type=\"JobState\">",
        "<xs:element name=\"State\" type=\"JobState\" minOccurs=\"0\">", noticedBy: "/State/dropped"),
      Weakening(
        "user data of any length", "file-jobs.submit", "common.xsd", "<xs:maxLength value=\"1024\"/>", "",
        noticedBy: "/UserData/value-over-long"),
      Weakening(
        "a rule that always holds", "file-jobs.query", "rules/file-jobs.jobs-detail.sch",
        "test=\"not(State = 'Failed') or not(Code = 'Success')\"", "test=\"true()\"", noticedBy: "/State/set-Failed"),
    ])
  func weakened(weakening: Weakening) throws {
    let suite = try Self.suite(operation: weakening.operation) { file, text in
      file == weakening.file ? text.replacing(weakening.old, with: weakening.new) : text
    }
    let failed = try suite.result().cases.filter { $0.verdict == .failed }
    #expect(failed.contains { $0.id.hasSuffix(weakening.noticedBy) })
    #expect(failed.count < suite.cases.count / 4)
  }

  @Test("a validator that finds too much is noticed by documents without a fault")
  func strengthened() throws {
    let suite = try Self.suite(operation: "file-jobs.query") { file, text in
      file == "common.xsd" ? text.replacing("<xs:enumeration value=\"Pause\"/>", with: "") : text
    }
    let failed = try suite.result().cases.filter { $0.verdict == .failed }.map(\.id)
    #expect(failed.contains { $0.hasSuffix("/State/set-Pause") })
  }
}
