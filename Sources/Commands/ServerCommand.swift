internal import Adapting
internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import Replay
internal import Reporting
internal import Signing
internal import XMLValidation

extension Commands {
  static let serverCommand = Command(
    name: "server", summary: "Judge a server: recorded scenarios, the server suite, wrong signatures, and a scorecard.",
    operands: "[CASE...]  (all unless named; * and ? are expanded, a folder's name stands for all below it)",
    flags: ServerTarget.flags + [
      Flag(
        name: "--unsupported", value: "FILE",
        help: "Operations that the server does not have, a line 'OPERATION # reason' each: skipped, not failed."),
      Flag(name: "--list", value: nil, help: "Write the cases and what each is about, and send nothing."),
      Flag(name: "--dry-run", value: nil, help: "Write what would be sent, byte for byte, and send nothing."),
      Flag(
        name: "--save", value: "DIR",
        help: "Keep the exchanges of cases that fail, with a curl line each that repeats it."),
      Flag(
        name: "--format", value: "FORMAT", help: "Of the scorecard; text unless given.",
        choices: ["text", "json", "markdown"]),
      Flag(name: "--badge", value: "FILE", help: "Write the score as JSON for a badge of shields.io."),
      Flag(name: "--verbose", value: nil, help: "A line for every case, not only for those that fail."),
    ] + BaselineOptions.flags + [reportFlag] + Expectations.flags + [Expectations.levelFlag],
    examples: [
      ("cispec server", "everything against the embedded emulator"),
      ("cispec server --target http://127.0.0.1:8080 --verbose", "a server on this machine, every case shown"),
      ("cispec server 'server/*/body/*' --target http://127.0.0.1:8080", "what it makes of wrong bodies"),
      (
        "cispec server --target https://bucket-1250000000.ci.ap-beijing.myqcloud.com --rate 5",
        "the real service, with what costs nothing"
      ),
      (
        "cispec server --target http://127.0.0.1:8080 --known-failing known.txt --report junit=server.xml",
        "in a CI, with what is known to fail and a report"
      ),
      ("cispec server --dry-run server/jobs.query", "what would be sent"),
    ],
    run: server)

  private static func server(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    let folder = try environment.dataFolder()
    let catalogue = try Catalogue(folder)
    let library = catalogue.validationLibrary()
    let reports = try ReportFiles(arguments)
    if let format = arguments["--format"], format != "text",
      arguments.all("--report").contains(where: { $0.hasSuffix("=-") })
    {
      throw CommandError(.usage, "a report and the scorecard cannot both go to standard output")
    }
    let expectations = try Expectations(arguments, RequirementLevels(catalogue))
    let scenarios = try RecordedScenario.all(in: folder)
    let cases = try ServerCases(in: folder, catalogue)
    let selected = try VectorPatterns(arguments.operands)
    let all = ServerItem.all(scenarios, cases)
    try selected.check(against: all.map(\.id))
    let url = arguments["--target"] ?? "embedded"
    let items = all.filter { item in
      selected.fit(item.id)
        && item.cases.contains { expectations.fit($0.id, suite: $0.suite, requirements: $0.requirements) }
    }
    if arguments.has("--list") {
      for item in items { environment.output.writeLine("\(item.id)  \(item.title)") }
      return .success
    }
    let embedded =
      url == "embedded"
      ? try EmbeddedTarget(
        catalogue: catalogue, library: library, scenarios: scenarios, serverObjects: cases.objects,
        seed: expectations.seed) : nil
    defer { embedded?.stop() }
    let target =
      try embedded.map { try ServerTarget(embedded: $0, arguments, expectations) }
      ?? ServerTarget(arguments, environment, expectations, url: url)
    let run = ServerRun(
      target: target, folder: folder, catalogue: catalogue, library: library, cases: cases,
      unsupported: try UnsupportedOperations(arguments["--unsupported"], catalogue),
      answers: try RefusalAnswers(in: folder),
      notes: try VectorNotes(in: folder), baseline: try BaselineOptions(arguments),
      saveFolder: arguments["--save"], output: environment.output, errors: environment.errors)
    if arguments.has("--dry-run") { return try run.show(items) }
    if !run.baseline.learns { Interrupt.endsTheRun() }
    let everything = all.flatMap { $0.cases.map { ($0.suite, $0.id) } }
    return try judge(items, of: scenarios, run, arguments, reports, environment) { report in
      try expectations.applied(to: report, all: everything, isPartial: !arguments.operands.isEmpty)
    }
  }

  private static func judge(
    _ items: [ServerItem], of scenarios: [RecordedScenario], _ run: ServerRun, _ arguments: Arguments,
    _ reports: ReportFiles, _ environment: Environment, expecting: (Report) throws -> Report
  ) throws -> ExitCode {
    let text = PlainText(isColoured: environment.isColoured(environment.output))
    let isForPeople = (arguments["--format"] ?? "text") == "text"
    let progress = isForPeople ? reports.talk(environment) : environment.errors
    let start = monotonicSeconds()
    let entries = try run.entries(of: items) { entry in
      if arguments.has("--verbose") {
        progress.writeLine("\(label(entry.result.verdict, text)) \(entry.result.id)")
      }
    }
    let target = run.target
    try run.baseline.learning { _ = try run.entries(of: items.filter(\.isScenario)) { _ in } }
    try run.baseline.write(
      server: target.name, clock: target.clock, credentials: target.credentials, environment.errors)
    let kept = run.baseline.suite(of: scenarios, clock: target.clock)
    var report = try expecting(
      Report(
        kitVersion: version, dataDigest: try run.folder.digest(), target: target.name,
        suites: ServerRun.suites(of: entries), seconds: monotonicSeconds() - start))
    report.suites += [kept].compactMap { $0 }
    let card = Scorecard(entries.map(\.entry), operations: run.catalogue.operations.map(\.id))
    switch arguments["--format"] {
    case "json": environment.output.write(ScorecardText.json(of: card, report: report))
    case "markdown": environment.output.write(ScorecardText.markdown(of: card, report: report))
    default: progress.write(ScorecardText.text(of: card))
    }
    if let file = arguments["--badge"] {
      do {
        try Files.write(Array(ScorecardText.badge(of: card).utf8), to: file)
      } catch {
        throw CommandError(.reportNotWritten, "the badge \(error.description)")
      }
    }
    guard !isForPeople else { return try finish(report, reports, environment, coloured: text) }
    var shown = environment
    shown.output = environment.errors
    return try finish(report, reports, shown, coloured: text)
  }
}

/// One thing to send and judge: a scenario, a case of the server suite, or a signature.
enum ServerItem: Sendable {
  case scenario(RecordedScenario)
  case server(ServerCase, onlyReads: Bool)
  /// The ID of a case of `TargetCases`; those are made when they are sent, since signatures run out.
  case signature(id: String, flags: [String])

  static func all(_ scenarios: [RecordedScenario], _ cases: ServerCases) -> [ServerItem] {
    scenarios.map(ServerItem.scenario) + cases.cases.map { .server($0, onlyReads: $0.onlyReads(cases.right)) }
      + VectorsTarget.madeIDs.map { .signature(id: $0.id, flags: $0.flags) }
  }

  /// The operation that the signature cases send.
  static let signedOperation = "jobs.list"

  var id: String {
    switch self {
    case .scenario(let recorded): "replay/\(recorded.scenario.id)"
    case .server(let one, _): one.id
    case .signature(let id, _): id
    }
  }

  /// The cases it makes in a report, each with its suite; a scenario makes one for each step.
  var cases: [(suite: String, id: String, requirements: [String])] {
    switch self {
    case .scenario(let recorded):
      recorded.scenario.steps.map { ("replay", "\(recorded.scenario.id)/\($0.id)", $0.requirements ?? []) }
    case .server(let one, _): [("server", one.id, one.requirements)]
    case .signature(let id, _): [("signature", id, [])]
    }
  }

  var isScenario: Bool {
    if case .scenario = self { true } else { false }
  }

  var title: String {
    switch self {
    case .scenario(let recorded): recorded.scenario.title
    case .server(let one, _): one.title
    case .signature(_, let flags): "A signature: \(flags.joined(separator: ", "))."
    }
  }

  var operations: [String] {
    switch self {
    case .scenario(let recorded): recorded.scenario.steps.map(\.operation)
    case .server(let one, _): [one.operation] + one.before.map(\.operation)
    case .signature: [Self.signedOperation]
    }
  }

  /// Whether a real service may charge for it, or is changed by it.
  var isBillable: Bool {
    switch self {
    case .scenario(let recorded): recorded.scenario.billable
    case .server(_, let onlyReads): !onlyReads
    case .signature(let id, _): id.hasSuffix("tampered/method")
    }
  }
}
