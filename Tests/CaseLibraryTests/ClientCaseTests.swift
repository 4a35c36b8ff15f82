import CaseLibrary
import Foundation
import Testing
import XMLValidation

@Suite("The cases for client libraries")
struct ClientCaseTests {
  private static let folder = DataFolder(
    path: String(#filePath.dropLast("/Tests/CaseLibraryTests/ClientCaseTests.swift".count)))

  @Test("every body that a library is given is valid")
  func bodies() throws {
    let catalogue = try Catalogue(Self.folder)
    let cases = try ClientCases(in: Self.folder, catalogue)
    var options = ValidationOptions()
    options.edition = .y2025
    let validator = Validator(library: catalogue.validationLibrary(), options: options)
    var count = 0
    for one in cases.cases {
      guard let body = one.arguments?.body else { continue }
      let kind = DocumentKind(operation: one.operation, part: .request)
      let check = try validator.check(Array(body.utf8), as: kind)
      #expect(check.isValid, "\(one.id): \(check.findings)")
      count += 1
    }
    #expect(count > 150)
  }

  @Test("a result is expected only of an answer that can be read, and each operation has cases of both halves")
  func answers() throws {
    let catalogue = try Catalogue(Self.folder)
    let cases = try ClientCases(in: Self.folder, catalogue)
    let validator = Validator(library: catalogue.validationLibrary())
    for one in cases.cases where one.half == .read {
      let answer = try #require(one.answers?.last)
      let bytes = answer.document.flatMap { cases.documents[$0] } ?? Array((answer.body ?? "").utf8)
      let tree = validator.tree(of: bytes)
      if one.expect == .result { #expect(answer.status == 200 && tree?.name == "Response", "\(one.id)") }
      let arrives = answer.status == 200 && answer.breaks == nil
      if one.expect == .unreadable, arrives { #expect(tree?.name != "Response", "\(one.id)") }
      if let code = one.failure?.code, one.expect == .failure, answer.status != 200 {
        #expect(tree?.text(at: "Code") == code, "\(one.id)")
      }
    }
    for half in ClientCase.Half.allCases {
      let operations = Set(cases.cases.filter { $0.half == half }.map(\.operation))
      #expect(operations == Set(catalogue.operations.map(\.id)))
    }
  }

  @Test(
    "a file that names what is not there is refused, with the case",
    arguments: [
      (#""operation": "jobs.list""#, #""operation": "jobs.lists""#, "jobs.lists"),
      (#""jobs.list.query.size""#, #""jobs.list.query.sizes""#, "jobs.list.query.sizes"),
      (#""client/sent/jobs.list/only-size""#, #""client/sent/jobs.list/only-states""#, "two cases"),
    ])
  func brokenNames(old: String, new: String, word: String) throws {
    let copy = NSTemporaryDirectory() + "cispec-client-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: copy) }
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
    for name in ["Schemas", "Vectors"] {
      try FileManager.default.copyItem(atPath: "\(Self.folder.path)/\(name)", toPath: "\(copy)/\(name)")
    }
    let file = "\(copy)/Vectors/client/sent.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(text.contains(old))
    try text.replacingOccurrences(of: old, with: new).write(toFile: file, atomically: true, encoding: .utf8)
    let folder = DataFolder(path: copy)
    let error = #expect(throws: DataError.self) { _ = try ClientCases(in: folder, try Catalogue(folder)) }
    #expect(error?.description.contains(word) == true, "\(String(describing: error))")
  }
}
