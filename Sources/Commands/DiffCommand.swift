internal import Findings
internal import Reporting

extension Commands {
  static let diffCommand = Command(
    name: "diff", summary: "Say what got worse and what got better from one JSON report to another.",
    operands: "OLD.json NEW.json",
    flags: [Flag(name: "--format", value: "FORMAT", help: "How it is written.", choices: ["text", "json"])],
    examples: [
      ("cispec diff main.json branch.json", "exit code 1 when a case got worse"),
      ("cispec diff main.json branch.json --format json", "a change a line, for programs"),
    ],
    run: diff)

  /// How good an outcome is; a case that is not there is as bad as one that was not run.
  private static func rank(_ result: CaseResult?) -> Int {
    switch result?.verdict {
    case .passed: 2
    case .skipped where result?.isKnownFailure == true: 0
    case .skipped, nil: 1
    case .failed, .broken: 0
    }
  }

  private static func word(_ result: CaseResult?) -> String {
    guard let result else { return "absent" }
    return result.isKnownFailure ? "failed as known" : result.verdict.word
  }

  private static func diff(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard arguments.operands.count == 2 else {
      throw CommandError(.usage, "two reports are compared: OLD.json NEW.json")
    }
    let (old, new) = (
      try ReportReading.report(arguments.operands[0]), try ReportReading.report(arguments.operands[1])
    )
    let before = cases(of: old)
    let after = cases(of: new)
    let text = PlainText(isColoured: environment.isColoured(environment.output))
    var (worse, better) = (0, 0)
    for id in Set(before.keys).union(after.keys).sorted() {
      let (from, to) = (before[id], after[id])
      guard rank(from) != rank(to) else { continue }
      // A new case that was not run took nothing away.
      let isWorse = rank(to) < rank(from)
      if isWorse { worse += 1 } else { better += 1 }
      let label = isWorse ? "worse" : "better"
      if arguments["--format"] == "json" {
        environment.output.writeLine(
          JSONReport.object([
            ("change", .string(label)), ("case", .string(id)), ("old", .string(word(from))), ("new", .string(word(to))),
            ("message", .string(to?.findings.first?.message)),
          ]))
      } else {
        let message = (isWorse ? to?.findings.first?.message : nil).map { ": " + text.oneLine($0) } ?? ""
        environment.output.writeLine(
          "\(text.coloured(label, isWorse ? "1;31" : "32")) \(text.oneLine(id)): \(word(from)) → \(word(to))\(message)")
      }
    }
    environment.errors.writeLine(
      "\(worse) worse, \(better) better, of \(Set(before.keys).union(after.keys).count) cases")
    return worse > 0 ? .findings : .success
  }

  /// By suite and ID.
  private static func cases(of report: Report) -> [String: CaseResult] {
    Dictionary(report.suites.flatMap { suite in suite.cases.map { ("\(suite.name)/\($0.id)", $0) } }) { first, _ in
      first
    }
  }
}
