public import Findings

extension PlainText {
  /// The matrix: a line for each wrong implementation, then totals by family, then what is wrong.
  public func text(of matrix: MutantMatrix, showsAll: Bool) -> String {
    var lines: [String] = []
    for suite in matrix.suites {
      guard suite.skipped == nil else {
        lines += ["wrong \(suite.name): left out, \(suite.skipped ?? "")", ""]
        continue
      }
      if showsAll, suite.mutants.count <= 1000 {
        lines.append("wrong \(suite.name): \(suite.mutants.count)")
        lines += suite.mutants.map { line($0, rightOutcome: .named, in: suite) }
        if !suite.harmless.isEmpty {
          lines.append("harmless \(suite.name): \(suite.harmless.count)")
          lines += suite.harmless.map { line($0, rightOutcome: .survived, in: suite) }
        }
        lines.append("")
      }
      lines += table(of: suite) + [""]
    }
    lines += matrix.shortfalls.map { coloured("FAIL", "1;31") + ": " + $0 }
    if matrix.shortfalls.isEmpty, matrix.scores.isEmpty {
      lines.append(coloured("PASS", "1;32") + ": nothing that is right is blamed.")
    } else if matrix.shortfalls.isEmpty {
      lines.append(coloured("PASS", "1;32") + ": " + matrix.scores.joined(separator: ", ") + " are caught and named.")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func line(
    _ mutant: MutantMatrix.Mutant, rightOutcome: MutantMatrix.Outcome, in suite: MutantMatrix.Suite
  ) -> String {
    let width = (suite.mutants + suite.harmless).map(\.id.count).max() ?? 0
    let mark = coloured(mutant.outcome.rawValue, mutant.outcome == rightOutcome ? "1;32" : "1;31")
    let first = mutant.killers.first.map { "\($0.caseID) [\($0.names.prefix(2).joined(separator: ", "))]" }
    let more = mutant.killers.count > 1 ? " and \(mutant.killers.count - 1) more" : ""
    return "  " + padded(mutant.id, width) + "  " + mark
      + String(repeating: " ", count: 10 - mutant.outcome.rawValue.count) + (first ?? mutant.others.first ?? "") + more
  }

  private func table(of suite: MutantMatrix.Suite) -> [String] {
    let width = max(suite.name.count, suite.families.map(\.count).max() ?? 0, 8)
    func row(_ name: String, _ counts: [String]) -> String {
      padded(name, width) + counts.map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }.joined()
    }
    func counts(_ family: String?) -> [String] {
      let all = MutantMatrix.Outcome.all.map { suite.count($0, in: family) }
      return ([all.reduce(0, +)] + all).map(String.init)
    }
    var lines = [row(suite.name, ["mutants", "named", "unnamed", "survived"])]
    lines += suite.families.map { row($0, counts($0)) }
    if suite.families.count > 1 { lines.append(row("total", counts(nil))) }
    if let faithful = suite.faithful {
      lines.append(
        "the faithful one: \(faithful.cases) cases, \(faithful.runs) \(faithful.runs == 1 ? "run" : "runs"), "
          + "\(faithful.findings.count) findings")
    }
    if !suite.harmless.isEmpty {
      lines.append(
        "harmless variants: \(suite.harmless.count), \(suite.harmless.count { $0.outcome != .survived }) blamed")
    }
    return lines
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

extension MutantMatrix.Outcome {
  fileprivate static let all: [Self] = [.named, .unnamed, .survived]
}

extension JSONReport {
  /// The matrix; docs/Formats.md describes it.
  public static func text(of matrix: MutantMatrix) -> String {
    JSONText.object { json in
      json.pair("format", 1)
      json.key("allCaughtAndNamed")
      json.value(matrix.shortfalls.isEmpty)
      json.key("seconds")
      json.seconds(matrix.seconds)
      json.key("suites")
      json.array(matrix.suites) { json, suite in json.object { write(suite, to: &$0) } }
      json.key("shortfalls")
      json.array(matrix.shortfalls) { $0.value($1) }
    } + "\n"
  }

  /// Of a longer list only what is wrong is written.
  private static let mutantsMax = 1000

  private static func write(_ suite: MutantMatrix.Suite, to json: inout JSONText) {
    json.pair("name", suite.name)
    if let reason = suite.skipped { json.pair("skipped", reason) }
    if let faithful = suite.faithful {
      json.key("faithful")
      json.object {
        $0.pair("runs", faithful.runs)
        $0.pair("cases", faithful.cases)
        $0.key("findings")
        $0.array(faithful.findings) { $0.value($1) }
      }
    }
    json.key("families")
    json.array(suite.families) { json, family in
      json.object { json in
        json.pair("name", family)
        for outcome in MutantMatrix.Outcome.all { json.pair(outcome.rawValue, suite.count(outcome, in: family)) }
      }
    }
    for (name, mutants, right) in [
      ("mutants", suite.mutants, MutantMatrix.Outcome.named), ("harmless", suite.harmless, .survived),
    ] {
      let isLong = mutants.count > mutantsMax
      json.key(name)
      json.array(mutants.filter { !isLong || $0.outcome != right }) { json, mutant in
        json.object { write(mutant, to: &$0) }
      }
    }
  }

  private static func write(_ mutant: MutantMatrix.Mutant, to json: inout JSONText) {
    json.pair("id", mutant.id)
    json.pair("family", mutant.family)
    json.pair("does", mutant.does)
    json.pair("outcome", mutant.outcome.rawValue)
    json.key("expects")
    json.array(mutant.expects) { $0.value($1) }
    json.key("killers")
    json.array(mutant.killers) { json, killer in
      json.object {
        $0.pair("case", killer.caseID)
        $0.key("names")
        $0.array(killer.names) { $0.value($1) }
      }
    }
    json.key("others")
    json.array(mutant.others) { $0.value($1) }
  }
}

extension MarkdownReport {
  /// A table for a README or a step summary: a row for each family, and what is wrong.
  public static func text(of matrix: MutantMatrix) -> String {
    var text = "| wrong | mistakes | caught and named | only caught | survive |\n|---|--:|--:|--:|--:|\n"
    for suite in matrix.suites where suite.skipped == nil {
      let hasFamilies = suite.families.count > 1
      if hasFamilies {
        for family in suite.families { text += row("\(suite.name): \(family)", suite, family) }
      }
      text += row(hasFamilies ? "**\(suite.name)**" : suite.name, suite, nil)
    }
    for suite in matrix.suites {
      if let reason = suite.skipped { text += "\nWrong \(suite.name) were left out: \(escaped(reason)).\n" }
      if let faithful = suite.faithful {
        text +=
          "\nThe right one of \(suite.name): \(faithful.runs) runs of \(faithful.cases) cases, "
          + "\(faithful.findings.count) findings; \(suite.harmless.count) harmless variants, "
          + "\(suite.harmless.count { $0.outcome != .survived }) blamed.\n"
      }
    }
    for shortfall in matrix.shortfalls { text += "\n- \(escaped(shortfall))" }
    return text + (matrix.shortfalls.isEmpty ? "" : "\n")
  }

  private static func row(_ name: String, _ suite: MutantMatrix.Suite, _ family: String?) -> String {
    let counts = MutantMatrix.Outcome.all.map { suite.count($0, in: family) }
    return "| \(name) | \(counts.reduce(0, +)) | \(counts.map(String.init).joined(separator: " | ")) |\n"
  }
}
