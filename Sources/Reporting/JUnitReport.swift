public import Findings

/// The report as JUnit XML in the dialect that every reader takes: what the strict schema of Jenkins allows, no more.
///
/// The full profile adds what GitLab, Buildkite and others read: file and line of a case, and its output.
public enum JUnitReport {
  public static func text(of report: Report, isFull: Bool = false) -> String {
    let suites = report.suites
    var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    xml += "<testsuites name=\"cispec\" tests=\"\(suites.reduce(0) { $0 + $1.reportedCases.count })\""
    xml += " failures=\"\(suites.reduce(0) { $0 + $1.failed })\" errors=\"\(suites.reduce(0) { $0 + $1.errors })\""
    xml += " time=\"\(decimalSeconds(report.seconds))\">\n"
    for suite in suites { xml += text(of: suite, isFull) }
    return xml + "</testsuites>\n"
  }

  private static func text(of suite: SuiteResult, _ isFull: Bool) -> String {
    var xml = "  <testsuite name=\"\(attribute(suite.name))\" tests=\"\(suite.reportedCases.count)\""
    xml += " failures=\"\(suite.failed)\" errors=\"\(suite.errors)\" skipped=\"\(suite.skipped)\""
    xml += " time=\"\(decimalSeconds(suite.seconds))\">\n"
    var names = UniqueNames()
    for result in suite.reportedCases {
      // GitLab drops a pair of class and name that stands twice.
      let id = names.name(content(result.id), separator: " #")
      xml += text(of: result, id, in: suite.name, isFull)
    }
    return xml + "  </testsuite>\n"
  }

  private static func text(of result: CaseResult, _ id: String, in suite: String, _ isFull: Bool) -> String {
    var start = "    <testcase name=\"\(quoted(id))\" classname=\"\(attribute(suite))\""
    let place = isFull ? result.place ?? result.findings.first.map(\.place) : nil
    if let file = place?.file {
      start += " file=\"\(attribute(file))\""
      if let line = place?.line { start += " line=\"\(line)\"" }
    }
    start += " time=\"\(decimalSeconds(result.seconds))\""
    let inside = outcome(of: result) + (isFull ? output(of: result) : "")
    return inside.isEmpty ? start + "/>\n" : start + ">\n" + inside + "    </testcase>\n"
  }

  /// At most one element that says how the case ended.
  private static func outcome(of result: CaseResult) -> String {
    switch result.verdict {
    case .passed: return ""
    case .skipped(let reason): return "      <skipped message=\"\(attribute(reason))\"/>\n"
    case .broken(let reason):
      let kind = result.findings.first?.id ?? "error"
      return
        "      <error message=\"\(attribute(reason))\" type=\"\(attribute(kind))\">\(content(result.detail))</error>\n"
    case .failed:
      let first = result.findings.first { $0.severity == .error } ?? result.findings.first
      let message = first?.message ?? result.detail
      let body = result.detail.isEmpty ? result.findings.map(PlainText.line).joined(separator: "\n") : result.detail
      return "      <failure message=\"\(attribute(message))\" type=\"\(attribute(first?.id ?? "failed"))\">"
        + content(body) + "</failure>\n"
    }
  }

  private static func output(of result: CaseResult) -> String {
    guard !result.findings.isEmpty else { return "" }
    let text = PlainText(isColoured: false)
    return
      "      <system-out>\(content(result.findings.map { text.text(of: $0) }.joined(separator: "\n")))</system-out>\n"
  }

  /// Character data: what XML cannot carry is left out, so no answer of a server can break the report.
  static func content(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\t", "\n": result.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  static func attribute(_ text: String) -> String { quoted(content(text)) }

  private static func quoted(_ content: String) -> String {
    var result = ""
    for scalar in content.unicodeScalars {
      switch scalar {
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      case "\t": result += "&#9;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension SuiteResult {
  fileprivate var errors: Int { broken + (isShrunken ? 1 : 0) }
}
