public import Findings

/// The report as TAP version 14: one plan over all suites, so that readers of older versions count every case.
public enum TAPReport {
  public static func text(of report: Report) -> String {
    let cases = report.suites.flatMap { suite in suite.reportedCases.map { (suite.name, $0) } }
    var text = "TAP version 14\n1..\(cases.count)\n"
    for (index, one) in cases.enumerated() { text += lines(of: one.1, suite: one.0, number: index + 1) }
    return text
  }

  private static func lines(of result: CaseResult, suite: String, number: Int) -> String {
    let name = "\(number) - \(escaped("\(suite): \(result.id)"))"
    switch result.verdict {
    case .passed: return "ok \(name)\n"
    case .skipped(let reason) where result.isKnownFailure:
      return "not ok \(name) # TODO \(escaped(reason))\n" + diagnostics(of: result)
    case .skipped(let reason): return "ok \(name) # SKIP \(escaped(reason))\n"
    case .failed, .broken: return "not ok \(name)\n" + diagnostics(of: result)
    }
  }

  /// YAML, whose quoted scalars may be those of JSON.
  private static func diagnostics(of result: CaseResult) -> String {
    var lines = ["---", "findings:"]
    for finding in result.shownFindings {
      lines.append("  - \(JSONReport.line(for: finding))")
    }
    if result.shownFindings.isEmpty { lines[1] = "findings: []" }
    if !result.detail.isEmpty { lines.append("detail: \(JSONText.quoted(result.detail))") }
    return (lines + ["..."]).map { "  \($0)\n" }.joined()
  }

  /// A description on one line. Readers of older versions do not know `\#`, and would take what follows for a
  /// directive that excuses a failure: the sign is replaced.
  private static func escaped(_ text: String) -> String {
    oneLine(text).split(separator: "#", omittingEmptySubsequences: false).joined(separator: "\u{FF03}")
      .split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
  }
}
