import Findings
import Testing

@testable import Reporting

private let finding = Finding(
  id: "schema.missing-node", requirement: "r.required", severity: .error,
  place: Place(file: "a.xml", line: 2, column: 3, path: "/Response"), message: "Say \"it\" <now> & \u{1B}[31m\u{0}.",
  hint: "Do it.", erratum: "E01")

private let report = Report(
  kitVersion: "0", dataDigest: "d", target: "t",
  suites: [
    SuiteResult(
      name: "s\"1", discovered: 5,
      cases: [
        CaseResult(id: "a", verdict: .passed, seconds: 1.23456),
        CaseResult(id: "b", verdict: .failed, findings: [finding], detail: "line\n::error::x"),
        CaseResult(id: "c", verdict: .skipped(reason: "not <here>")),
        CaseResult(id: "d", verdict: .broken(reason: "refused")),
      ])
  ], seconds: 2)

@Suite("JUnitReport")
struct JUnitReportTests {
  let text = JUnitReport.text(of: report)

  @Test("counts hold the shrunken suite as an error of its own")
  func counts() {
    #expect(text.contains("<testsuites name=\"cispec\" tests=\"5\" failures=\"1\" errors=\"2\" time=\"2.000\">"))
    #expect(text.contains("tests=\"5\" failures=\"1\" errors=\"2\" skipped=\"1\" time=\"0.000\">"))
    #expect(text.contains("type=\"suite.shrunken\""))
  }

  @Test("texts from outside cannot break the XML")
  func escaping() {
    #expect(text.contains("Say &quot;it&quot; &lt;now&gt; &amp; \u{FFFD}[31m\u{FFFD}."))
    #expect(!text.unicodeScalars.contains("\u{1B}"))
    #expect(!text.unicodeScalars.contains("\u{0}"))
  }
}

@Suite("JSONReport")
struct JSONReportTests {
  @Test("a finding is one line with the keys in their order")
  func line() {
    #expect(
      JSONReport.line(for: finding)
        == #"{"file":"a.xml","line":2,"column":3,"path":"/Response","id":"schema.missing-node","requirement":"r.required","#
        + #""severity":"error","message":"Say \"it\" <now> & \u001b[31m\u0000.","hint":"Do it.","erratum":"E01"}"#)
  }

  @Test("line separators of Unicode do not end a line")
  func separators() { #expect(JSONText.quoted("a\u{2028}b\n") == "\"a\\u2028b\\n\"") }
}

@Suite("PlainText")
struct PlainTextTests {
  @Test("a finding is shown with its place, the line, a caret, the path and the hint")
  func excerpt() {
    let text = PlainText(isColoured: false).text(of: finding, in: Array("one\n  <two>\n".utf8))
    #expect(
      text == """
        a.xml:2:3: error: Say "it" <now> & \u{FFFD}[31m\u{FFFD}. [r.required] (erratum E01)
          2 |   <two>
                ^
          at: /Response
          hint: Do it.
        """)
  }

  @Test("colour is written only when asked for")
  func colour() {
    #expect(PlainText(isColoured: true).verdict(of: report).contains("\u{1B}[1;31mFAIL"))
    #expect(!PlainText(isColoured: false).verdict(of: report).contains("\u{1B}"))
  }

  @Test("the verdict says what is short")
  func verdict() {
    #expect(
      PlainText(isColoured: false).verdict(of: report)
        == "FAIL: s\"1: 1 failed, 1 came to no verdict, only 4 of 5 cases were run.")
  }
}

@Suite("decimalSeconds")
struct DecimalSecondsTests {
  @Test(
    "three decimals and a point",
    arguments: [(0, "0.000"), (1.2345, "1.235"), (-1, "0.000"), (12, "12.000"), (0.0004, "0.000")] as [(Double, String)]
  )
  func seconds(value: Double, text: String) { #expect(decimalSeconds(value) == text) }
}
