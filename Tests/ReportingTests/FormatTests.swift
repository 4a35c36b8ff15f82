import Findings
import Foundation
import Testing

@testable import Reporting

/// Texts that break out of XML, HTML, Markdown, commands of a CI, TAP and terminals.
private let hostile = [
  "]]>", "<script>alert(1)</script>", "::error::x", "\u{1B}[31m", "a\n::error::b", "# TODO later", "\u{85}\u{9B}31m",
  "\u{202E}turned", "--> \u{2028}", "'\"><svg onload=alert(1)>", "| ` * [x](y) @all", "%0A,:", "\u{FFFE}\u{FFFF}\u{0}",
]

private func report(of text: String) -> Report {
  let place = Place(file: text, line: 3, column: 4, path: text)
  let finding = Finding(
    id: text, severity: .warning, place: place, message: text, hint: text, expected: text, actual: text + "x",
    excerpt: text)
  let cases = [
    CaseResult(id: "passed \(text)", verdict: .passed),
    CaseResult(id: "failed \(text)", verdict: .failed, findings: [finding], detail: text),
    CaseResult(id: "words \(text)", verdict: .failed, detail: text),
    CaseResult(id: "skipped \(text)", verdict: .skipped(reason: text)),
    CaseResult(id: "known \(text)", verdict: .skipped(reason: text), findings: [finding], isKnownFailure: true),
    CaseResult(id: "broken \(text)", verdict: .broken(reason: text)),
  ]
  return Report(
    kitVersion: text, dataDigest: text, target: text, suites: [SuiteResult(name: text, discovered: 7, cases: cases)],
    seconds: 1)
}

@Suite("ReportFormat")
struct ReportFormatTests {
  @Test("no text from outside brings a control character into a report", arguments: ReportFormat.allCases, hostile)
  func controls(format: ReportFormat, text: String) {
    let written = format.text(of: report(of: text))
    let bad = written.unicodeScalars.filter { scalar in
      switch scalar {
      case "\n": false
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": true
      default: false
      }
    }
    #expect(bad.isEmpty, "\(bad.map(\.value))")
  }

  @Test("what holds a hostile text has as many lines as what holds a tame one", arguments: hostile)
  func lines(text: String) {
    for format in [ReportFormat.events, .github, .tap, .gitlab, .sarif, .json, .badge, .manifest] {
      let count = format.text(of: report(of: text)).count { $0.isNewline }
      #expect(count == format.text(of: report(of: "tame")).count { $0.isNewline }, "\(format)")
    }
  }

  @Test("JSON is JSON", arguments: [ReportFormat.events, .gitlab, .sarif, .json, .badge, .manifest], hostile)
  func json(format: ReportFormat, text: String) throws {
    let written = format.text(of: report(of: text))
    for line in format == .events ? written.split(separator: "\n").map(String.init) : [written] {
      _ = try JSONSerialization.jsonObject(with: Data(line.utf8), options: .fragmentsAllowed)
    }
  }

  @Test("two runs give the same bytes", arguments: ReportFormat.allCases)
  func repeatable(format: ReportFormat) {
    #expect(format.text(of: report(of: "a")) == format.text(of: report(of: "a")))
  }
}

@Suite("TAPReport")
struct TAPReportTests {
  @Test("a failure stays one whatever its name says, and a known one is to do")
  func lines() {
    let lines = TAPReport.text(of: report(of: "# TODO x")).split(separator: "\n")
    #expect(lines.contains("1..7"))
    #expect(lines.contains("not ok 2 - \u{FF03} TODO x: failed \u{FF03} TODO x"))
    #expect(lines.contains("not ok 5 - \u{FF03} TODO x: known \u{FF03} TODO x # TODO \u{FF03} TODO x"))
  }
}

@Suite("SARIFReport")
struct SARIFReportTests {
  @Test(
    "a file's name becomes a reference that is relative where the name is",
    arguments: [
      ("a b/ü#1.xml", "a%20b/%C3%BC%231.xml"), ("./a.xml", "a.xml"), ("/x/a.xml", "file:///x/a.xml"),
      ("a:b%.xml", "a%3Ab%25.xml"),
    ])
  func uri(file: String, expected: String) { #expect(SARIFReport.uri(of: file) == expected) }

  @Test("a known failure is there and suppressed")
  func suppression() {
    let text = SARIFReport.text(of: report(of: "a"))
    #expect(text.components(separatedBy: "\"suppressions\"").count == 2)
  }

  @Test("no more results than readers take, and a word about the others")
  func limit() {
    let finding = Finding(id: "k", severity: .note, message: "m")
    let result = CaseResult(
      id: "c", verdict: .passed, findings: Array(repeating: finding, count: SARIFReport.resultsMax + 1))
    let text = SARIFReport.text(
      of: Report(
        kitVersion: "", dataDigest: "", target: "", suites: [SuiteResult(name: "s", discovered: 1, cases: [result])],
        seconds: 0))
    #expect(text.contains("25000 of 25001 findings are given"))
    #expect(text.components(separatedBy: "\"ruleIndex\"").count == SARIFReport.resultsMax + 1)
  }
}

@Suite("GitHubReport")
struct GitHubReportTests {
  @Test("of more findings than are shown the last line tells the number")
  func limit() {
    let finding = Finding(id: "k", severity: .error, message: "m")
    let result = CaseResult(id: "c", verdict: .failed, findings: Array(repeating: finding, count: 12))
    let lines = GitHubReport.text(
      of: Report(
        kitVersion: "", dataDigest: "", target: "", suites: [SuiteResult(name: "s", discovered: 1, cases: [result])],
        seconds: 0)
    ).split(separator: "\n")
    #expect(lines.count == 10)
    #expect(lines.last == "::error title=cispec::3 more; the other reports have them.")
  }
}

@Suite("HTMLReport")
struct HTMLReportTests {
  @Test("values are aligned by what they share at both ends")
  func aligned() {
    let text = HTMLReport.aligned("get\n/a b\n", "get\n/a%20b\n")
    #expect(text.contains("<dd>get\n/a<mark> </mark>b\n</dd>"))
    #expect(text.contains("<dd>get\n/a<mark>%20</mark>b\n</dd>"))
  }

  @Test("a page that would be too large keeps a row for each case and leaves details out")
  func bounded() {
    let long = String(repeating: "<&>", count: 3000)
    let cases = (0..<2000).map { CaseResult(id: "c\($0)", verdict: .failed, detail: long) }
    let text = HTMLReport.text(
      of: Report(
        kitVersion: "", dataDigest: "", target: "", suites: [SuiteResult(name: "s", discovered: 2000, cases: cases)],
        seconds: 0))
    #expect(text.utf8.count < 3_000_000)
    #expect(text.components(separatedBy: " data-s=").count == 2001)
    #expect(text.contains("(more in the JSON report)"))
  }
}
