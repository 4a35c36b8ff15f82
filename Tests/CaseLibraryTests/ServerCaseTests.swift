import CaseLibrary
import Foundation
import Testing

@Suite("The cases for servers")
struct ServerCaseTests {
  private static let folder = DataFolder(
    path: String(#filePath.dropLast("/Tests/CaseLibraryTests/ServerCaseTests.swift".count)))

  @Test("the README and the changelog say how many there are")
  func counts() throws {
    let count = try ServerCases(in: Self.folder, try Catalogue(Self.folder)).cases.count
    #expect(count >= 120)
    for (file, words) in [("README.md", "\(count) cases for servers"), ("CHANGELOG.md", "\(count) cases for servers")] {
      #expect(try String(contentsOfFile: "\(Self.folder.path)/\(file)", encoding: .utf8).contains(words), "\(file)")
    }
  }

  @Test("a case only reads when its method does, and nothing goes before it")
  func onlyReads() throws {
    let all = try ServerCases(in: Self.folder, try Catalogue(Self.folder))
    let reading = all.cases.filter { $0.onlyReads(all.right) }
    #expect(reading.allSatisfy { ["query", "list", "file-hash"].contains($0.operation.split(separator: ".").last) })
    #expect(!reading.contains { $0.id.contains("/states/") || $0.id.contains("method-") })
    #expect(reading.count >= 50)
  }

  @Test(
    "a file of cases that names what is not there is refused, with the case",
    arguments: [
      (#""accept": ["taken"]"#, #""accept": ["takken"]"#, "takken"),
      (#""requirements": ["{operation}.success"]"#, #""requirements": ["no.such"]"#, "no.such"),
      (#""id": "body/empty""#, #""id": "body/right""#, "two cases"),
    ])
  func brokenNames(old: String, new: String, word: String) throws {
    let copy = NSTemporaryDirectory() + "cispec-server-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: copy) }
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
    for name in ["Schemas", "Vectors"] {
      try FileManager.default.copyItem(atPath: "\(Self.folder.path)/\(name)", toPath: "\(copy)/\(name)")
    }
    let file = copy + "/Vectors/server/cases/bodies.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let range = try #require(text.range(of: old))
    try text.replacingCharacters(in: range, with: new).write(toFile: file, atomically: true, encoding: .utf8)
    let folder = DataFolder(path: copy)
    #expect {
      try ServerCases(in: folder, try Catalogue(folder))
    } throws: { "\($0)".contains(word) }
  }
}
