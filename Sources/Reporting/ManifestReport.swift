public import Findings

/// The cases of each suite with their numbers, to be kept beside the code and held by later runs.
public enum ManifestReport {
  public static func text(of report: Report) -> String {
    let suites = report.suites.map { suite in
      // A line for each case, so that the history of the file tells which one went.
      let cases = suite.cases.map { "        \(JSONText.quoted($0.id))" }.joined(separator: ",\n")
      return """
            \(JSONText.quoted(suite.name)): {
              "discovered": \(suite.discovered),
              "run": \(suite.executed),
              "cases": [\(cases.isEmpty ? "" : "\n\(cases)\n      ")]
            }
        """
    }
    return "{\n  \"format\": 1,\n  \"suites\": {\n\(suites.joined(separator: ",\n"))\n  }\n}\n"
  }
}

/// The report as the JSON that a badge of shields.io is made of.
public enum BadgeReport {
  public static func text(of report: Report) -> String {
    let passed = report.suites.reduce(0) { $0 + $1.passed }
    let wrong = report.suites.reduce(0) { $0 + $1.reportedCases.count { $0.verdict.isWrong } }
    return JSONText.object { json in
      json.pair("schemaVersion", 1)
      json.pair("label", "cispec")
      json.pair("message", report.isAsExpected ? "\(passed) passed" : "\(wrong) of \(wrong + passed) failed")
      json.pair("color", report.isAsExpected ? "brightgreen" : "red")
      if !report.isAsExpected {
        json.key("isError")
        json.value(true)
      }
    } + "\n"
  }
}

extension Verdict {
  var isWrong: Bool {
    switch self {
    case .failed, .broken: true
    case .passed, .skipped: false
    }
  }
}
