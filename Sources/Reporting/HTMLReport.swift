public import Findings

/// The report as one page that loads nothing: readable without its script, which only filters and searches.
///
/// What is wrong comes first. The page stays below three megabytes: what does not fit is left to the JSON report, and
/// the page says so.
public enum HTMLReport {
  static let bytesMax = 2_900_000
  static let detailCharactersMax = 20_000

  public static func text(of report: Report) -> String {
    let rows = rows(of: report)
    let total = report.suites.reduce(0) { $0 + $1.reportedCases.count }
    let title = "cispec: \(report.isAsExpected ? "all as expected" : "not as expected")"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src '\(HTMLPage.scriptHash)'; base-uri 'none'; form-action 'none'">
      <title>\(title)</title>
      <style>\(HTMLPage.style)</style>
      </head>
      <body>
      <header>
      <h1>\(report.isAsExpected ? "<span class=\"v passed\">PASS</span>" : "<span class=\"v failed\">FAIL</span>") cispec</h1>
      <p>Judged: <b>\(escaped(report.target))</b>. Kit \(escaped(report.kitVersion)), data <code>\(escaped(String(report.dataDigest.prefix(12))))</code>, \(decimalSeconds(report.seconds)) s.</p>
      </header>
      <main>
      \(overview(of: report))
      \(controls(of: report))
      <section id="cases" aria-label="Cases">
      \(rows.joined(separator: "\n"))
      \(rows.count < total ? "<p class=\"note\">\(total - rows.count) more cases are in the JSON report.</p>" : "")
      </section>
      </main>
      <script>\(HTMLPage.script)</script>
      </body>
      </html>

      """
  }

  // MARK: Overview

  private static func overview(of report: Report) -> String {
    var text = """
      <section class="overview" aria-label="Overview"><table>
      <thead><tr><th scope="col">suite</th><th scope="col">cases</th><th scope="col">passed</th><th scope="col">failed</th><th scope="col">errors</th><th scope="col">skipped</th><th scope="col">time</th><th scope="col"><span class="out">share</span></th></tr></thead>
      <tbody>

      """
    for suite in report.suites {
      let cells = [suite.selected, suite.passed, suite.failed, suite.broken, suite.skipped].map { "<td>\($0)</td>" }
      text += "<tr><th scope=\"row\">\(escaped(suite.name))</th>\(cells.joined())"
      text += "<td>\(decimalSeconds(suite.seconds)) s</td><td>\(bar(of: suite))</td></tr>\n"
    }
    return text + "</tbody></table></section>"
  }

  private static func bar(of suite: SuiteResult) -> String {
    let total = max(1, suite.cases.count)
    var x = 0.0
    let parts = [("failed", suite.failed + suite.broken), ("skipped", suite.skipped), ("passed", suite.passed)]
    let shapes = parts.filter { $0.1 > 0 }.map { name, count in
      let width = (Double(count) * 1200 / Double(total)).rounded() / 10
      defer { x += width }
      return "<rect class=\"\(name)\" x=\"\(x)\" width=\"\(width)\" height=\"8\"/>"
    }
    return "<svg class=\"bar\" viewBox=\"0 0 120 8\" aria-hidden=\"true\">\(shapes.joined())</svg>"
  }

  private static func controls(of report: Report) -> String {
    let cases = report.suites.flatMap(\.reportedCases)
    let boxes = ["failed", "error", "skipped", "passed"].map { word in
      let count = cases.count { $0.verdict.word == word }
      return
        "<label><input type=\"checkbox\" name=\"verdict\" value=\"\(word)\" checked> <span class=\"v \(word)\">\(word)</span> \(count)</label>"
    }
    let options = report.suites.map { "<option>\(escaped($0.name))</option>" }
    return """
      <form id="controls" role="search" hidden>
      <input type="search" id="search" placeholder="Search (press /)" aria-label="Search in cases" autocomplete="off">
      <select id="suite" aria-label="Suite"><option value="">all suites</option>\(options.joined())</select>
      \(boxes.joined(separator: "\n"))
      <button type="button" id="open">Open all shown</button>
      <button type="button" id="theme">Light or dark</button>
      <output id="count" aria-live="polite"></output>
      </form>
      """
  }

  // MARK: Cases

  /// What is wrong, then what was skipped, then what passed: first a bare row for each, then details as long as they
  /// fit.
  private static func rows(of report: Report) -> [String] {
    let requirements = Dictionary(report.requirements.map { ($0.id, $0) }) { first, _ in first }
    let all = report.suites.flatMap { suite in suite.reportedCases.map { (suite.name, $0) } }
    let cases = ["failed", "error", "skipped", "passed"].flatMap { word in all.filter { $0.1.verdict.word == word } }
    var bytes = 0
    var rows: [String] = []
    for (suite, result) in cases {
      let row = row(of: result, suite, details: nil)
      guard bytes + row.utf8.count <= bytesMax else { break }
      bytes += row.utf8.count
      rows.append(row)
    }
    for (index, (suite, result)) in cases.prefix(rows.count).enumerated() where result.hasDetails {
      let details = details(of: result, requirements, report.meanings)
      let full = row(of: result, suite, details: details)
      guard bytes + full.utf8.count - rows[index].utf8.count <= bytesMax else { continue }
      bytes += full.utf8.count - rows[index].utf8.count
      rows[index] = full
    }
    return rows
  }

  private static func row(of result: CaseResult, _ suite: String, details: String?) -> String {
    let word = result.verdict.word
    let attributes = "data-v=\"\(word)\" data-s=\"\(escaped(suite))\""
    let head =
      "<span class=\"v \(word)\">\(word)</span> <code>\(escaped(result.id))</code> <small>\(escaped(suite))</small>"
    let first = reason(result.verdict) ?? result.shownFindings.first?.message
    let line = first.map { " <span class=\"first\">\(escaped(shortened($0, to: 200)))</span>" } ?? ""
    if let details {
      return "<details class=\"case\" \(attributes)><summary>\(head)\(line)</summary>\n\(details)</details>"
    }
    let note = result.hasDetails ? " <small>(more in the JSON report)</small>" : ""
    return "<div class=\"case\" \(attributes)>\(head)\(line)\(note)</div>"
  }

  private static func details(
    of result: CaseResult, _ requirements: [String: Requirement], _ meanings: [String: String]
  ) -> String {
    var text = ""
    for finding in result.findings { text += section(finding, of: result.id, requirements, meanings) }
    if !result.detail.isEmpty {
      let lines = shortened(result.detail, to: detailCharactersMax)
        .split(separator: "\n", omittingEmptySubsequences: false).map { markedLine(String($0)) }
      text += "<pre>\(lines.joined(separator: "\n"))</pre>\n"
    }
    if !result.requirements.isEmpty {
      text +=
        "<p class=\"from\">Requirements: \(result.requirements.map { "<code>\(escaped($0))</code>" }.joined(separator: " "))</p>\n"
    }
    return text
  }

  private static func section(
    _ finding: Finding, of id: String, _ requirements: [String: Requirement], _ meanings: [String: String]
  ) -> String {
    var text = "<article><p><span class=\"v \(finding.severity.rawValue)\">\(finding.severity.rawValue)</span> "
    text += "\(escaped(finding.message))</p>\n"
    let place = [finding.place.file, finding.place.line.map(String.init), finding.place.column.map(String.init)]
      .compactMap { $0 }.joined(separator: ":")
    let places = [place, finding.place.path ?? ""].filter { !$0.isEmpty && $0 != id }
    if !places.isEmpty {
      text += "<p class=\"from\">at \(places.map { "<code>\(escaped($0))</code>" }.joined(separator: " "))</p>\n"
    }
    if let excerpt = finding.excerpt { text += "<pre>\(escaped(excerpt))</pre>\n" }
    if let expected = finding.expected, let actual = finding.actual { text += aligned(expected, actual) }
    if let hint = finding.hint { text += "<p><b>To mend:</b> \(escaped(hint))</p>\n" }
    if let requirement = finding.requirement.flatMap({ requirements[$0] }) {
      text +=
        "<p class=\"from\"><code>\(escaped(requirement.id))</code> (\(requirement.level.rawValue)): \(escaped(requirement.statement)) <cite>\(escaped(requirement.source))</cite></p>\n"
    } else {
      let meaning = meanings[finding.id].map { ": \(escaped($0))" } ?? ""
      text += "<p class=\"from\"><code>\(escaped(finding.requirement ?? finding.id))</code>\(meaning)</p>\n"
    }
    if let erratum = finding.erratum { text += "<p class=\"from\">erratum <code>\(escaped(erratum))</code></p>\n" }
    return text + "</article>\n"
  }

  /// Both values below each other, what differs between their common start and end marked.
  static func aligned(_ expected: String, _ actual: String) -> String {
    let one = Array(shortened(expected, to: detailCharactersMax).unicodeScalars)
    let other = Array(shortened(actual, to: detailCharactersMax).unicodeScalars)
    let start = zip(one, other).prefix { $0 == $1 }.count
    let end = zip(one[start...].reversed(), other[start...].reversed()).prefix { $0 == $1 }.count
    func marked(_ scalars: [Unicode.Scalar]) -> String {
      func part(_ range: Range<Int>) -> String {
        escaped(String(String.UnicodeScalarView(scalars[range])))
      }
      let middle = part(start..<(scalars.count - end))
      return part(0..<start) + (middle.isEmpty ? "<mark>\u{200B}</mark>" : "<mark>\(middle)</mark>")
        + part((scalars.count - end)..<scalars.count)
    }
    let isSame = start == one.count && start == other.count
    let (first, second) = isSame ? (escaped(expected), escaped(actual)) : (marked(one), marked(other))
    return "<dl class=\"aligned\"><dt>expected</dt><dd>\(first)</dd><dt>actual</dt><dd>\(second)</dd></dl>\n"
  }

  /// A line of a difference by its mark.
  private static func markedLine(_ line: String) -> String {
    switch line.first(where: { $0 != " " }) {
    case "-": "<del>\(escaped(line))</del>"
    case "+": "<ins>\(escaped(line))</ins>"
    default: escaped(line)
    }
  }

  /// Text that means itself in content and in attributes, without what turns the direction of writing.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t": result += " "
      default: result.unicodeScalars.append(isObeyed(scalar) ? "\u{FFFD}" : scalar)
      }
    }
    return result
  }
}

extension CaseResult {
  /// Whether the page has more to show than one line.
  fileprivate var hasDetails: Bool {
    !findings.isEmpty || !detail.isEmpty || (!requirements.isEmpty && verdict != .passed)
  }
}
