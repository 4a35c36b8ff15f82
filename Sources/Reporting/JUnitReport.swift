public import Findings

/// The report as JUnit XML in the dialect that every reader takes: what the strict schema of Jenkins allows, no more.
public enum JUnitReport {
  public static func text(of report: Report) -> String {
    let suites = report.suites
    var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    xml += "<testsuites name=\"cispec\" tests=\"\(suites.reduce(0) { $0 + $1.cases.count })\""
    xml += " failures=\"\(suites.reduce(0) { $0 + $1.failed })\" errors=\"\(suites.reduce(0) { $0 + $1.errors })\""
    xml += " time=\"\(decimalSeconds(report.seconds))\">\n"
    for suite in suites { xml += text(of: suite) }
    return xml + "</testsuites>\n"
  }

  private static func text(of suite: SuiteResult) -> String {
    var xml = "  <testsuite name=\"\(attribute(suite.name))\" tests=\"\(suite.testcases)\""
    xml += " failures=\"\(suite.failed)\" errors=\"\(suite.errors)\" skipped=\"\(suite.skipped)\""
    xml += " time=\"\(decimalSeconds(suite.seconds))\">\n"
    for result in suite.cases { xml += text(of: result, in: suite.name) }
    if suite.isShrunken {
      // A suite that ran less than its data holds is a fault of the run, so it is reported as a case of its own.
      xml += "    <testcase name=\"all cases were run\" classname=\"\(attribute(suite.name))\" time=\"0.000\">\n"
      xml +=
        "      <error message=\"\(suite.cases.count) of \(suite.discovered) cases were run\" type=\"shrunken-suite\"/>\n"
      xml += "    </testcase>\n"
    }
    return xml + "  </testsuite>\n"
  }

  private static func text(of result: CaseResult, in suite: String) -> String {
    let start =
      "    <testcase name=\"\(attribute(result.id))\" classname=\"\(attribute(suite))\" time=\"\(decimalSeconds(result.seconds))\""
    switch result.verdict {
    case .passed: return start + "/>\n"
    case .skipped(let reason): return start + ">\n      <skipped message=\"\(attribute(reason))\"/>\n    </testcase>\n"
    case .broken(let reason):
      return start + ">\n      <error message=\"\(attribute(reason))\" type=\"error\">"
        + content(result.detail) + "</error>\n    </testcase>\n"
    case .failed:
      let first = result.findings.first { $0.severity == .error } ?? result.findings.first
      let message = first?.message ?? result.detail
      let body = result.detail.isEmpty ? result.findings.map(PlainText.line).joined(separator: "\n") : result.detail
      return start + ">\n      <failure message=\"\(attribute(message))\" type=\"\(attribute(first?.id ?? "failed"))\">"
        + content(body) + "</failure>\n    </testcase>\n"
    }
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

  static func attribute(_ text: String) -> String {
    content(text).split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "&quot;")
      .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "&#10;")
  }
}

extension SuiteResult {
  /// With the case that stands for a shrunken suite.
  fileprivate var testcases: Int { cases.count + (isShrunken ? 1 : 0) }
  fileprivate var errors: Int { broken + (isShrunken ? 1 : 0) }
}
