public import Findings

/// Findings and tables for people, with or without colour.
public struct PlainText: Sendable {
  /// Whether escape sequences for colour are written.
  public var isColoured: Bool

  public init(isColoured: Bool) { self.isColoured = isColoured }

  /// `file:line:column: severity: message [requirement] (erratum)` on one line.
  public static func line(for finding: Finding) -> String { PlainText(isColoured: false).heading(of: finding) }

  /// A finding with its hint and, when the document is given, the line it is about with a caret under the place.
  public func text(of finding: Finding, in document: [UInt8]? = nil) -> String {
    var lines = [heading(of: finding)]
    if let document, let excerpt = excerpt(of: finding.place, in: document) { lines += excerpt }
    if let path = finding.place.path { lines.append("  at: " + safe(path)) }
    if let hint = finding.hint { lines.append("  hint: " + safe(hint)) }
    return lines.joined(separator: "\n")
  }

  private func heading(of finding: Finding) -> String {
    let place = [
      finding.place.file.map(safe), finding.place.line.map(String.init), finding.place.column.map(String.init),
    ]
    .compactMap { $0 }.joined(separator: ":")
    let severity = finding.severity.rawValue
    let label = finding.requirement ?? finding.id
    return (place.isEmpty ? "" : place + ": ") + coloured(severity, severityColour(finding.severity)) + ": "
      + safe(finding.message) + " [" + safe(label) + "]" + (finding.erratum.map { " (erratum \($0))" } ?? "")
  }

  /// The line of a document that a place is on, and a caret under it; nil when it has no such line.
  public func excerpt(of place: Place, in document: [UInt8]) -> [String]? {
    guard let number = place.line, number > 0 else { return nil }
    var line = 1
    var start = document.startIndex
    while line < number {
      guard let end = document[start...].firstIndex(of: 0x0A) else { return nil }
      start = end + 1
      line += 1
    }
    let bytes = document[start...].prefix { $0 != 0x0A && $0 != 0x0D }.prefix(4096)
    let text = String(decoding: bytes, as: UTF8.self)
    let column = place.column ?? 1
    // A long line is shown around the place.
    let scalars = Array(text.unicodeScalars)
    let first = max(0, min(column - 1, scalars.count) - 60)
    let shown = String(String.UnicodeScalarView(scalars[first..<min(scalars.count, first + 100)]))
    let gutter = "  \(number) | "
    let caret = String(repeating: " ", count: gutter.utf8.count + max(0, column - 1 - first)) + "^"
    return [gutter + safe(shown), coloured(caret, "1;31")]
  }

  // MARK: Tables

  /// A table of suites with totals and the verdict of the run.
  public func table(of report: Report) -> String {
    let header = ["suite", "cases", "passed", "failed", "errors", "skipped", "time"]
    var rows = report.suites.map { suite in
      [
        suite.name, "\(suite.selected)", "\(suite.passed)", "\(suite.failed)", "\(suite.broken)", "\(suite.skipped)",
        decimalSeconds(suite.seconds) + " s",
      ]
    }
    func total(_ value: (SuiteResult) -> Int) -> String { "\(report.suites.reduce(0) { $0 + value($1) })" }
    rows.append([
      "total", total(\.selected), total(\.passed), total(\.failed), total(\.broken), total(\.skipped),
      decimalSeconds(report.seconds) + " s",
    ])
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      zip(cells, widths).enumerated().map { index, cell in
        let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
        return index == 0 ? cell.0 + blanks : blanks + cell.0
      }.joined(separator: "  ")
    }
    let rule = String(repeating: "-", count: widths.reduce(0, +) + 2 * (widths.count - 1))
    return ([line(header), rule] + rows.dropLast().map(line) + [rule, line(rows[rows.count - 1])])
      .joined(separator: "\n")
  }

  /// The last word on a run.
  public func verdict(of report: Report) -> String {
    if report.isAsExpected, report.hasJudgedNothing {
      return coloured("FAIL", "1;31") + ": nothing was judged, every case was skipped."
    }
    return report.isAsExpected
      ? coloured("PASS", "1;32") + ": everything is as expected."
      : coloured("FAIL", "1;31") + ": " + shortfalls(report).joined(separator: "; ") + "."
  }

  private func shortfalls(_ report: Report) -> [String] {
    report.suites.filter { !$0.isAsExpected }.map { suite in
      var parts: [String] = []
      if suite.failed > 0 { parts.append("\(suite.failed) failed") }
      if suite.broken > 0 { parts.append("\(suite.broken) came to no verdict") }
      if suite.isShrunken { parts.append("only \(suite.cases.count) of \(suite.selected) cases were run") }
      return "\(suite.name): " + parts.joined(separator: ", ")
    }
  }

  private static let remarksMax = 20

  /// The warnings in cases that passed, each kind once with the first case that has it; empty when there are none.
  public func warnings(of report: Report) -> [String] {
    var found: [(finding: Finding, id: String, count: Int)] = []
    var places: [String: Int] = [:]
    for suite in report.suites {
      for result in suite.cases where result.verdict == .passed {
        for finding in result.findings where finding.severity == .warning {
          let key = [finding.id, finding.requirement ?? "", finding.place.path ?? finding.message].joined(
            separator: "\0")
          if let place = places[key] {
            found[place].count += 1
          } else {
            places[key] = found.count
            found.append((finding, "\(suite.name)/\(result.id)", 1))
          }
        }
      }
    }
    guard !found.isEmpty else { return [] }
    var lines = found.prefix(Self.remarksMax).map { finding, id, count in
      text(of: finding) + "\n  in: " + safe(id) + (count > 1 ? " and \(count - 1) more" : "")
    }
    if found.count > Self.remarksMax { lines.append("and \(found.count - Self.remarksMax) other warnings") }
    return [lines.joined(separator: "\n")]
  }

  /// Why cases were skipped, and how many for each reason; empty when none was.
  public func skips(of report: Report) -> [String] {
    var counts: [(reason: String, count: Int)] = []
    for case .skipped(let reason) in report.suites.flatMap(\.cases).map(\.verdict) {
      if let place = counts.firstIndex(where: { $0.reason == reason }) {
        counts[place].count += 1
      } else {
        counts.append((reason, 1))
      }
    }
    guard !counts.isEmpty else { return [] }
    var lines = counts.prefix(Self.remarksMax).map { "skipped: \($0.count): \(safe($0.reason))" }
    if counts.count > Self.remarksMax { lines.append("and for \(counts.count - Self.remarksMax) other reasons") }
    return [lines.joined(separator: "\n")]
  }

  /// A case that did not pass, with everything a person needs to see why.
  public func text(of result: CaseResult, suite: String) -> String {
    var lines = [coloured(result.verdict.word.uppercased(), "1;31") + " \(suite)/\(safe(result.id))"]
    if let reason = reason(result.verdict) { lines.append("  " + safe(reason)) }
    lines += result.findings.map { "  " + text(of: $0).split(separator: "\n").joined(separator: "\n  ") }
    lines += result.detail.split(separator: "\n").map { "  " + quoted(String($0)) }
    return lines.joined(separator: "\n")
  }

  // MARK: Colour

  private func severityColour(_ severity: Severity) -> String {
    switch severity {
    case .error: "1;31"
    case .warning: "1;33"
    case .note: "1;36"
    }
  }

  public func coloured(_ text: String, _ code: String) -> String {
    isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  /// A text from outside as it may be shown, its lines kept.
  public func shown(_ text: String) -> String {
    text.split(separator: "\n").map { quoted(String($0)) }.joined(separator: "\n  ")
  }

  /// A text from outside as it may be shown on one line.
  public func oneLine(_ text: String) -> String { safe(text) }

  /// A line from outside that starts as no command of a CI does, behind whatever blanks.
  private func quoted(_ line: String) -> String {
    let start = line.drop { $0 == " " }
    return (start.hasPrefix("::") || start.hasPrefix("##[") ? "| " : "") + safe(line)
  }

  /// Text from outside without the characters that a terminal obeys.
  private func safe(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar {
          case "\t": " "
          case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": "\u{FFFD}"
          default: scalar
          }
        }))
  }
}
