public import Findings

/// Findings and reports as JSON.
public enum JSONReport {
  /// One finding on one line. Keys: file, line, column, path, id, requirement, severity, message, hint, erratum.
  public static func line(for finding: Finding) -> String {
    JSONText.object { write(finding, to: &$0) }
  }

  /// A value of a line that is not a finding.
  public enum Value: Sendable {
    case string(String?)
    case strings([String])
    case integer(Int?)
    case flag(Bool)
  }

  /// One object on one line, its keys in the order given.
  public static func object(_ pairs: [(key: String, value: Value)]) -> String {
    JSONText.object { json in
      for (key, value) in pairs {
        json.key(key)
        switch value {
        case .string(let string): json.value(string)
        case .integer(let integer): json.value(integer)
        case .strings(let strings): json.array(strings) { $0.value($1) }
        case .flag(let flag): json.value(flag)
        }
      }
    }
  }

  /// The whole report; docs/Formats.md describes it.
  public static func text(of report: Report) -> String {
    JSONText.object { json in
      json.pair("format", 1)
      json.pair("kit", report.kitVersion)
      json.pair("data", report.dataDigest)
      json.pair("target", report.target)
      if let shard = report.shard { json.pair("shard", shard) }
      json.key("asExpected")
      json.value(report.isAsExpected)
      json.key("seconds")
      json.seconds(report.seconds)
      json.key("suites")
      json.array(report.suites) { json, suite in
        json.object { write(suite, to: &$0) }
      }
    } + "\n"
  }

  private static func write(_ suite: SuiteResult, to json: inout JSONText) {
    json.pair("name", suite.name)
    writeCounts(of: suite, to: &json)
    json.key("cases")
    json.array(suite.cases) { json, result in
      json.object { write(result, to: &$0) }
    }
  }

  static func writeCounts(of suite: SuiteResult, to json: inout JSONText) {
    json.pair("discovered", suite.discovered)
    json.pair("selected", suite.selected)
    json.pair("run", suite.cases.count - suite.skipped)
    json.pair("passed", suite.passed)
    json.pair("failed", suite.failed)
    json.pair("errors", suite.broken)
    json.pair("skipped", suite.skipped)
    json.key("seconds")
    json.seconds(suite.seconds)
  }

  static func write(_ result: CaseResult, to json: inout JSONText) {
    json.pair("id", result.id)
    json.pair("verdict", result.verdict.word)
    json.pair("reason", reason(result.verdict))
    if result.isKnownFailure {
      json.key("knownFailure")
      json.value(true)
    }
    if let place = result.place {
      json.pair("file", place.file)
      json.pair("line", place.line)
    }
    json.key("seconds")
    json.seconds(result.seconds)
    json.key("requirements")
    json.array(result.requirements) { $0.value($1) }
    json.key("findings")
    json.array(result.findings) { json, finding in json.object { write(finding, to: &$0) } }
    json.pair("detail", result.detail.isEmpty ? nil : result.detail)
  }

  private static func write(_ finding: Finding, to json: inout JSONText) {
    json.pair("file", finding.place.file)
    json.pair("line", finding.place.line)
    json.pair("column", finding.place.column)
    json.pair("path", finding.place.path)
    json.pair("id", finding.id)
    json.pair("requirement", finding.requirement)
    json.pair("severity", finding.severity.rawValue)
    json.pair("message", finding.message)
    json.pair("hint", finding.hint)
    json.pair("erratum", finding.erratum)
    if finding.expected != nil || finding.actual != nil {
      json.pair("expected", finding.expected)
      json.pair("actual", finding.actual)
    }
    if let excerpt = finding.excerpt { json.pair("excerpt", excerpt) }
  }
}

/// Why a case was not run or came to no verdict.
func reason(_ verdict: Verdict) -> String? {
  switch verdict {
  case .skipped(let reason), .broken(let reason): reason
  case .passed, .failed: nil
  }
}
