import Adapting
import Foundation
import Testing

@Suite("cispec explain and coverage")
struct ExplainTests {
  @Test(
    "an ID of any sort is explained",
    arguments: [
      ("file-jobs.submit.user-data.max-length", "at most 1024"), ("E01", "CallBackFormat is never closed"),
      ("e60", "DocProcess"), ("batch-jobs.cancel", "PUT /inventorytriggerjob/<jobId>"),
      ("schema.unknown-node", "not documented"),
    ])
  func known(id: String, words: String) throws {
    let outcome = try Program.run(["explain", id])
    #expect(outcome.code == 0)
    #expect(outcome.output.contains(words), "\(outcome.output)")
  }

  @Test("every kind of finding that the program makes can be explained")
  func kinds() throws {
    let sources = Program.root + "/Sources"
    let families =
      "adapter|client|document|exchange|har|http|json|json-lines|known-failing|presign|recording|redaction|replay|rule"
      + "|schema|server|signing|xml"
    let pattern = try Regex("\"((?:\(families))\\.[a-z0-9.-]+)\"", as: (Substring, Substring).self)
    // Made of a prefix and the kind of fault, so not to be found as a whole.
    var ids = Set(AdapterFault.Kind.allCases.map { "adapter.\($0.rawValue)" })
    let files = try #require(FileManager.default.enumerator(atPath: sources))
    for case let file as String in files where file.hasSuffix(".swift") && !file.hasSuffix("ExplainCommand.swift") {
      let text = try String(contentsOfFile: sources + "/" + file, encoding: .utf8)
      for match in text.matches(of: pattern) { ids.insert(String(match.1)) }
    }
    #expect(ids.count > 80)
    let outcome = try Program.run(["explain"] + ids.sorted())
    #expect(outcome.code == 0, "\(outcome.errors)")
  }

  @Test("an unknown ID is exit code 2 with the nearest one")
  func unknown() throws {
    let outcome = try Program.run(["explain", "file-jobs.submit.user-data.max-lenght"])
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains("Did you mean file-jobs.submit.user-data.max-length?"))
  }

  @Test("docs/Requirements.md is what the data gives")
  func requirementsPage() throws {
    let page = try String(contentsOfFile: Program.root + "/docs/Requirements.md", encoding: .utf8)
    let generated = try Program.run(["coverage", "--format", "markdown"]).output
    #expect(page == generated, "run: cispec coverage --format markdown > docs/Requirements.md")
  }

  @Test("no requirement is without proof")
  func proofs() throws {
    let outcome = try Program.run(["coverage", "--unproved"])
    #expect(outcome.code == 0, "\(outcome.output.prefix(2000))")
  }
}
