public import Findings

/// The forms that a report can be written in.
public enum ReportFormat: String, CaseIterable, Sendable {
  case junit
  case junitFull = "junit-full"
  case sarif, tap, events, json, markdown, github, gitlab, badge, html, manifest

  /// One clause on who reads it.
  public var meaning: String {
    switch self {
    case .junit: "JUnit XML by the strictest schema, that of Jenkins"
    case .junitFull: "JUnit XML with file, line and output of each case, for GitLab, Buildkite and others"
    case .sarif: "SARIF 2.1.0, for code scanning"
    case .tap: "TAP version 14"
    case .events: "JSON Lines, one event a line"
    case .json: "everything, by Schemas/report.schema.json"
    case .markdown: "Markdown, for a step summary"
    case .github: "annotations of GitHub workflows; github=- writes them where they are read"
    case .gitlab: "GitLab code quality"
    case .badge: "an endpoint of shields.io"
    case .html: "one page that needs nothing beside it"
    case .manifest: "the number of cases of each suite, for --manifest"
    }
  }

  public func text(of report: Report) -> String {
    switch self {
    case .junit: JUnitReport.text(of: report)
    case .junitFull: JUnitReport.text(of: report, isFull: true)
    case .sarif: SARIFReport.text(of: report)
    case .tap: TAPReport.text(of: report)
    case .events: EventReport.text(of: report)
    case .json: JSONReport.text(of: report)
    case .markdown: MarkdownReport.text(of: report)
    case .github: GitHubReport.text(of: report)
    case .gitlab: GitLabReport.text(of: report)
    case .badge: BadgeReport.text(of: report)
    case .html: HTMLReport.text(of: report)
    case .manifest: ManifestReport.text(of: report)
    }
  }
}

extension SuiteResult {
  /// The cases, and when the suite lost some on the way, one that says so.
  var reportedCases: [CaseResult] {
    guard isShrunken else { return cases }
    return cases + [
      CaseResult(
        id: "all cases were run", verdict: .broken(reason: "\(cases.count) of \(selected) cases were run"),
        findings: [
          Finding(
            id: "suite.shrunken", severity: .error, message: "\(cases.count) of \(selected) cases of \(name) were run.")
        ])
    ]
  }
}

extension CaseResult {
  /// What reports show as wrong: the findings, or one that stands for a case that says it in its own words.
  var shownFindings: [Finding] {
    if !findings.isEmpty { return findings }
    switch verdict {
    case .failed:
      return [Finding(id: "case.failed", severity: .error, message: detail.isEmpty ? "The case failed." : detail)]
    case .broken(let reason): return [Finding(id: "case.no-verdict", severity: .error, message: reason)]
    case .passed, .skipped: return []
    }
  }

  /// Where a finding is to be shown: its own place, unless that is no file but the name of the case.
  func shownPlace(of finding: Finding) -> Place? {
    guard let file = finding.place.file, !file.isEmpty else { return place }
    let isNameOfCase = (file == id || file.hasPrefix(id + " ")) && place?.file != file
    if place == nil || !isNameOfCase { return finding.place }
    return place
  }
}

/// The findings of a report with the suite and the case they belong to.
struct ReportedFinding {
  var suite: String
  var result: CaseResult
  var finding: Finding

  static func all(in report: Report) -> [ReportedFinding] {
    report.suites.flatMap { suite in
      suite.reportedCases.flatMap { result in
        result.shownFindings.map { ReportedFinding(suite: suite.name, result: result, finding: $0) }
      }
    }
  }

  /// What the finding is filed under: the requirement, else its kind.
  var rule: String { finding.requirement ?? finding.id }
  var place: Place? { result.shownPlace(of: finding) }

  /// A number that stays the same while case, rule and node do, as 16 hexadecimal digits; FNV-1a, 64 bits.
  var fingerprint: String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in [suite, result.id, rule, finding.place.path ?? ""].joined(separator: "\u{0}").utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}

/// Makes fingerprints that stand several times in a report different, in their order.
struct UniqueNames {
  private var counts: [String: Int] = [:]

  mutating func name(_ name: String, separator: String) -> String {
    counts[name, default: 0] += 1
    let count = counts[name, default: 1]
    return count == 1 ? name : name + separator + String(count)
  }
}

/// Text from outside on one line, without the characters that terminals, editors and readers of lines obey.
func oneLine(_ text: String) -> String {
  String(String.UnicodeScalarView(text.unicodeScalars.map { isObeyed($0) ? "\u{FFFD}" : $0 == "\n" ? " " : $0 }))
}

/// Control characters but the line feed, and those that turn the direction of writing.
package func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "\n": false
  case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{202A}"..."\u{202E}",
    "\u{2066}"..."\u{2069}", "\u{FFFE}", "\u{FFFF}":
    true
  default: false
  }
}

/// At most so many characters of a text, the last of them … when some are left out.
func shortened(_ text: String, to count: Int) -> String {
  text.unicodeScalars.count <= count
    ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(count - 1))) + "…"
}
