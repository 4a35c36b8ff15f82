import Foundation
import Testing

@Suite("docs/Security.md")
struct SecurityPageTests {
  @Test("each test that the page names is there, and each threat names one")
  func names() throws {
    let page = try String(contentsOfFile: Program.root + "/docs/Security.md", encoding: .utf8)
    var tests: Set<String> = []
    let files = try #require(FileManager.default.enumerator(atPath: Program.root + "/Tests"))
    let swiftName = try Regex(#"@Test\(\s*"((?:[^"\\]|\\.)*)""#, as: (Substring, Substring).self)
    let pythonName = try Regex(#"def (test_[a-z0-9_]+)\("#, as: (Substring, Substring).self)
    for case let file as String in files where file.hasSuffix(".swift") || file.hasSuffix(".py") {
      let text = try String(contentsOfFile: "\(Program.root)/Tests/\(file)", encoding: .utf8)
      let matches = file.hasSuffix(".py") ? text.matches(of: pythonName) : text.matches(of: swiftName)
      tests.formUnion(matches.map { String($0.1) })
    }
    #expect(tests.count > 300)
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| threat") }
    #expect(rows.count > 20)
    for row in rows {
      let cell = try #require(row.split(separator: "|").last { !$0.allSatisfy { $0 == " " } })
      let named = cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
        .filter { $0.offset % 2 == 1 }.map { String($0.element) }
      #expect(!named.isEmpty, "no test is named in: \(row)")
      for name in named { #expect(tests.contains(name), "there is no test '\(name)'") }
    }
  }
}
