public import Findings

extension PlainText {
  /// The kill matrix: a line for each mistake with the number of vectors that find it and the first three.
  public func text(of report: MutantReport) -> String {
    let groups = [("signers with one mistake", report.signers), ("verifiers with one mistake", report.verifiers)]
    let idWidth = (report.signers + report.verifiers).map(\.id.count).max() ?? 0
    let stageWidth = (report.signers + report.verifiers).map(\.stage.count).max() ?? 0
    var lines: [String] = []
    for (title, mutants) in groups {
      lines.append("\(title): \(mutants.count)")
      for mutant in mutants {
        let mark =
          mutant.killers.isEmpty
          ? coloured("lives  ", "1;31") : mutant.isNamed ? coloured("named  ", "1;32") : coloured("unnamed", "1;31")
        let count = String(mutant.killers.count)
        lines.append(
          "  " + padded(mutant.id, idWidth) + "  " + padded(mutant.stage, stageWidth) + "  " + mark
            + String(repeating: " ", count: max(1, 5 - count.count)) + count + "  "
            + mutant.killers.prefix(3).joined(separator: " "))
      }
      lines.append("")
    }
    let idle = report.cases.filter { $0.kills.isEmpty }
    lines.append("vectors: \(report.cases.count), of which \(idle.count) kill nothing and are kept for a reason")
    return (lines + report.shortfalls.map { coloured("FAIL", "1;31") + ": " + $0 }).joined(separator: "\n") + "\n"
  }

  /// The matrix the other way round: what each vector kills, or why it is kept.
  public func cases(of report: MutantReport) -> String {
    report.cases.map { one in
      one.id + ": " + (one.kills.isEmpty ? "kept: \(one.kept ?? "for no reason")" : one.kills.joined(separator: " "))
        + "\n"
    }.joined()
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

extension JSONReport {
  /// The kill matrix, both ways; docs/Formats.md describes it.
  public static func text(of report: MutantReport) -> String {
    JSONText.object { json in
      json.pair("format", 1)
      json.key("allKilledAndNamed")
      json.value(report.shortfalls.isEmpty)
      for (name, mutants) in [("signers", report.signers), ("verifiers", report.verifiers)] {
        json.key(name)
        json.array(mutants) { json, mutant in
          json.object { write(mutant, to: &$0) }
        }
      }
      json.key("vectors")
      json.array(report.cases) { json, one in
        json.object {
          $0.pair("id", one.id)
          $0.key("kills")
          $0.array(one.kills) { $0.value($1) }
          if let kept = one.kept { $0.pair("kept", kept) }
        }
      }
      json.key("shortfalls")
      json.array(report.shortfalls) { $0.value($1) }
    } + "\n"
  }

  private static func write(_ mutant: MutantReport.Mutant, to json: inout JSONText) {
    json.pair("id", mutant.id)
    json.pair("stage", mutant.stage)
    json.pair("does", mutant.does)
    json.key("killers")
    json.array(mutant.killers) { $0.value($1) }
    json.key("named")
    json.array(mutant.named) { $0.value($1) }
    json.pair("tellingVector", mutant.tellingCase)
  }
}
