internal import Findings
internal import Reporting

extension Commands {
  static let mergeCommand = Command(
    name: "merge", summary: "Put the JSON reports of a divided run together, and judge the whole.",
    operands: "REPORT.json...",
    flags: [
      reportFlag,
      Flag(
        name: "--manifest", value: "FILE",
        help: "Fail when a suite holds or ran fewer cases than FILE, which --report manifest=FILE writes."),
    ],
    examples: [
      ("cispec merge part-1.json part-2.json --report junit=all.xml", "both parts of run --shard 1/2 and 2/2"),
      ("cispec merge part-*.json --manifest cases.json", "the same, held to the locked number of cases"),
    ],
    run: merge)

  private static func merge(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard let first = arguments.operands.first else {
      throw CommandError(
        .usage, "no report was named", hint: "cispec run --shard 1/2 --report json=part-1.json makes one.")
    }
    let reports = try ReportFiles(arguments)
    let manifest = try arguments["--manifest"].map(Manifest.init)
    var whole = try ReportReading.report(first)
    var shards = [whole.shard]
    for file in arguments.operands.dropFirst() {
      let part = try ReportReading.report(file)
      shards.append(part.shard)
      try whole.add(part, from: file)
    }
    whole.shard = nil
    whole.suites += missing(in: shards)
    if let manifest { whole.suites += manifest.shortfalls(of: whole, isPartial: false) }
    return try finish(
      whole, reports, environment, coloured: PlainText(isColoured: environment.isColoured(environment.output)))
  }

  /// A suite of the parts that are not there.
  private static func missing(in shards: [String?]) -> [SuiteResult] {
    guard let count = shards.lazy.compactMap({ $0?.split(separator: "/").last.flatMap { Int($0) } }).first else {
      return []
    }
    let all: [String] = (1...max(1, min(count, 1000))).map { "\($0)/\(count)" }
    let absent = all.filter { !shards.contains($0) }
    let cases = absent.map { shard in
      let finding = Finding(
        id: "merge.shard-missing", severity: .error, message: "The part \(shard) of the run is not there.",
        hint: "Name its report too; when it has none, that part did not come to its end.")
      return CaseResult(id: shard, verdict: .failed, findings: [finding])
    }
    return cases.isEmpty ? [] : [SuiteResult(name: "merge", discovered: cases.count, cases: cases)]
  }
}

extension SuiteResult {
  /// What every part says is said once; where they differ, the worse counts.
  fileprivate mutating func addJudgements(_ others: [CaseResult]) {
    for other in others {
      guard let index = cases.firstIndex(where: { $0.id == other.id }) else {
        cases.append(other)
        continue
      }
      if cases[index].verdict == .passed { cases[index] = other }
    }
    discovered = cases.count
    selected = cases.count
  }
}

extension Report {
  /// Suites about the run and its lists, which each part may have.
  private static let judgements = [
    "baseline", "known-failing", "known-flaky", "manifest", "time-budget",
  ]

  fileprivate mutating func add(_ part: Report, from file: String) throws {
    guard part.dataDigest == dataDigest, part.kitVersion == kitVersion else {
      throw CommandError(.unreadable, "\(file) is of another version of the kit or of its data than the first report")
    }
    guard part.target == target else {
      throw CommandError(.unreadable, "\(file) judged '\(part.target)', the first report '\(target)'")
    }
    for suite in part.suites {
      guard let index = suites.firstIndex(where: { $0.name == suite.name }) else {
        suites.append(suite)
        continue
      }
      guard !Self.judgements.contains(suite.name) else {
        suites[index].addJudgements(suite.cases)
        continue
      }
      let known = Set(suites[index].cases.map(\.id))
      if let twice = suite.cases.first(where: { known.contains($0.id) }) {
        throw CommandError(.unreadable, "\(file): the case \(suite.name)/\(twice.id) is in an earlier report too")
      }
      suites[index].cases += suite.cases
      suites[index].discovered = max(suites[index].discovered, suite.discovered)
      suites[index].selected += suite.selected
      suites[index].seconds += suite.seconds
    }
    seconds += part.seconds
  }
}
