public import Findings

/// The findings as workflow commands, which GitHub shows as annotations at their place.
///
/// Ten of each severity and step are shown there; of more findings the last line tells how many were left out.
public enum GitHubReport {
  static let annotationsMax = 10

  public static func text(of report: Report) -> String {
    let all = ReportedFinding.all(in: report).filter { !$0.result.isKnownFailure }
    var text = ""
    for severity in Severity.allCases.reversed() {
      let these = all.filter { $0.finding.severity == severity }
      // The last place is for the number of those that do not fit.
      let shown = these.count > annotationsMax ? annotationsMax - 1 : these.count
      for one in these.prefix(shown) { text += line(of: one) }
      if shown < these.count {
        text += "::\(command(severity)) title=cispec::\(these.count - shown) more; the other reports have them.\n"
      }
    }
    return text
  }

  private static func line(of one: ReportedFinding) -> String {
    var properties: [String] = []
    if let place = one.place, let file = place.file {
      properties.append("file=\(property(file))")
      if let line = place.line { properties.append("line=\(line)") }
      if let column = place.column { properties.append("col=\(column)") }
    }
    properties.append("title=\(property(one.rule))")
    var message = "\(one.suite)/\(one.result.id): \(one.finding.message)"
    if let hint = one.finding.hint { message += "\n\(hint)" }
    return "::\(command(one.finding.severity)) \(properties.joined(separator: ","))::\(data(message))\n"
  }

  private static func command(_ severity: Severity) -> String { severity == .note ? "notice" : severity.rawValue }

  /// The message: what would end the line or start an escape is written as one.
  static func data(_ text: String) -> String { escaped(text, "") }

  /// The value of a property: what would end it, too.
  static func property(_ text: String) -> String { escaped(text, ":,") }

  private static func escaped(_ text: String, _ others: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      case ":" where !others.isEmpty: result += "%3A"
      case "," where !others.isEmpty: result += "%2C"
      default: result.unicodeScalars.append(isObeyed(scalar) ? "\u{FFFD}" : scalar)
      }
    }
    return result
  }
}

/// The findings as GitLab's code quality reads them. A finding without a file is given the path of its case.
public enum GitLabReport {
  public static func text(of report: Report) -> String {
    var json = JSONText()
    var fingerprints = UniqueNames()
    let findings = ReportedFinding.all(in: report).filter { !$0.result.isKnownFailure }
    json.array(findings) { json, one in
      json.object { json in
        json.pair("description", oneLine("\(one.result.id): \(one.finding.message)"))
        json.pair("check_name", one.rule)
        json.pair("fingerprint", fingerprints.name(one.fingerprint, separator: "-"))
        json.pair("severity", severity(one.finding.severity))
        json.key("location")
        json.object { json in
          json.pair("path", path(one.place?.file ?? "\(one.suite)/\(one.result.id)"))
          json.key("lines")
          json.object { $0.pair("begin", one.place?.line ?? 1) }
        }
      }
    }
    return json.text + "\n"
  }

  private static func severity(_ severity: Severity) -> String {
    switch severity {
    case .error: "major"
    case .warning: "minor"
    case .note: "info"
    }
  }

  /// Relative, without `./` in front.
  private static func path(_ file: String) -> String {
    oneLine(file.hasPrefix("./") ? String(file.dropFirst(2)) : file)
  }
}
