public import Findings

/// The report as Markdown for a step summary: verdict, table of suites, and what is wrong, up to a bound.
public enum MarkdownReport {
  /// A step summary holds a mebibyte.
  static let casesMax = 100
  static let detailCharactersMax = 4000

  public static func text(of report: Report) -> String {
    var text = "## cispec: \(report.isAsExpected ? "all as expected" : "not as expected")\n\n"
    text +=
      "Judged: \(escaped(report.target)). Kit \(escaped(report.kitVersion)), data \(escaped(String(report.dataDigest.prefix(12)))).\n\n"
    text += "| suite | cases | passed | failed | errors | skipped | time |\n|---|--:|--:|--:|--:|--:|--:|\n"
    for suite in report.suites {
      text +=
        "| \(escaped(suite.name)) | \(suite.selected) | \(suite.passed) | \(suite.failed) | \(suite.broken) | \(suite.skipped) | \(decimalSeconds(suite.seconds)) s |\n"
    }
    let wrong = report.suites.flatMap { suite in
      suite.reportedCases.filter(\.verdict.isWrong).map { (suite.name, $0) }
    }
    for (suite, result) in wrong.prefix(casesMax) { text += section(result, suite) }
    if wrong.count > casesMax { text += "\n… and \(wrong.count - casesMax) more cases; the other reports have them.\n" }
    return text
  }

  private static func section(_ result: CaseResult, _ suite: String) -> String {
    var text =
      "\n<details><summary><b>\(result.verdict.word)</b> <code>\(escaped("\(suite)/\(result.id)"))</code></summary>\n\n"
    for finding in result.shownFindings.prefix(20) {
      text += "- **\(finding.severity.rawValue)** \(escaped(shortened(finding.message, to: 1000)))"
      text += " <code>\(escaped(finding.requirement ?? finding.id))</code>\n"
      if let hint = finding.hint { text += "  <br>\(escaped(shortened(hint, to: 1000)))\n" }
    }
    if result.findings.count > 20 { text += "- … and \(result.findings.count - 20) more\n" }
    if !result.detail.isEmpty {
      let lines = shortened(result.detail, to: detailCharactersMax).split(
        separator: "\n", omittingEmptySubsequences: false)
      text += "\n<pre>\(lines.map { escaped(String($0)) }.joined(separator: "&#10;"))</pre>\n"
    }
    return text + "\n</details>\n"
  }

  /// Text that means itself wherever it stands in Markdown: every character that could be a mark is written as a number.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in oneLine(text).unicodeScalars {
      switch scalar {
      case "&", "<", ">", "|", "*", "_", "`", "[", "]", "\\", "#", "@", "~", "!", "$", ":", "\"":
        result += "&#\(scalar.value);"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
