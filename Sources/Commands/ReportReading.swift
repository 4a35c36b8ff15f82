internal import Findings

/// Reads what `--report json=FILE` writes.
struct ReportReading {
  static let bytesMax = 512 << 20
  private let input: JSONInput

  static func report(_ file: String) throws -> Report {
    let reading = ReportReading(input: try JSONInput(file, bytesMax: bytesMax))
    try reading.input.checkFormat()
    return try reading.report(reading.input.value)
  }

  private func report(_ value: JSONValue) throws -> Report {
    var report = Report(
      kitVersion: try input.required("kit", of: value, \.string),
      dataDigest: try input.required("data", of: value, \.string),
      target: try input.required("target", of: value, \.string),
      suites: try input.required("suites", of: value, \.array).map(suite),
      seconds: try input.required("seconds", of: value, \.number))
    report.shard = value["shard"]?.string
    return report
  }

  private func suite(_ value: JSONValue) throws -> SuiteResult {
    SuiteResult(
      name: try input.required("name", of: value, \.string),
      discovered: try input.required("discovered", of: value, \.integer),
      selected: try input.required("selected", of: value, \.integer),
      cases: try input.required("cases", of: value, \.array).map(result),
      seconds: try input.required("seconds", of: value, \.number))
  }

  private func result(_ value: JSONValue) throws -> CaseResult {
    CaseResult(
      id: try input.required("id", of: value, \.string), verdict: try verdict(of: value),
      requirements: try input.required("requirements", of: value, \.array).compactMap(\.string),
      findings: try input.required("findings", of: value, \.array).map(finding), detail: value["detail"]?.string ?? "",
      seconds: try input.required("seconds", of: value, \.number),
      place: value["file"]?.string.map { Place(file: $0, line: value["line"]?.integer) },
      isKnownFailure: value["knownFailure"]?.flag ?? false)
  }

  private func verdict(of value: JSONValue) throws -> Verdict {
    let reason = value["reason"]?.string ?? ""
    switch try input.required("verdict", of: value, \.string) {
    case "passed": return .passed
    case "failed": return .failed
    case "skipped": return .skipped(reason: reason)
    case "error": return .broken(reason: reason)
    default: throw input.error(at: value.offset, "the verdict is none of passed, failed, skipped and error")
    }
  }

  private func finding(_ value: JSONValue) throws -> Finding {
    let severity = try input.required("severity", of: value) { $0.string.flatMap(Severity.init) }
    return Finding(
      id: try input.required("id", of: value, \.string), requirement: value["requirement"]?.string,
      severity: severity,
      place: Place(
        file: value["file"]?.string, line: value["line"]?.integer, column: value["column"]?.integer,
        path: value["path"]?.string),
      message: try input.required("message", of: value, \.string), hint: value["hint"]?.string,
      erratum: value["erratum"]?.string, expected: value["expected"]?.string, actual: value["actual"]?.string,
      excerpt: value["excerpt"]?.string)
  }
}
