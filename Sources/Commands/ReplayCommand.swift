internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import HTTPTransport
internal import Replay
internal import Reporting
internal import Signing
internal import XMLValidation

extension Commands {
  static let replayCommand = Command(
    name: "replay", summary: "Send recorded exchanges to a server and compare its answers.",
    operands: "[SCENARIO|DIR...]  (all unless named; an area stands for all below it, DIR is a recording of your own)",
    flags: [
      Flag(
        name: "--target", value: "URL",
        help: "The server, such as http://127.0.0.1:8080; the embedded emulator unless given."),
      Secrets.fileFlag,
      Flag(
        name: "--allow-billable", value: nil,
        help: "Send requests that cost money to a target that is not on this machine."),
      Flag(
        name: "--timeout", value: "SECONDS", help: "How long an answer may take at most; 30 unless given."),
      Flag(name: "--verbose", value: nil, help: "Show the diff of every step, not only of those that fail."),
    ] + BaselineOptions.flags + [reportFlag] + Expectations.flags + [Expectations.levelFlag],
    examples: [
      ("cispec replay", "every scenario against the embedded emulator"),
      ("cispec replay ./rec --target http://127.0.0.1:8080", "a recording of your own against a server"),
      ("cispec replay file-jobs --target http://127.0.0.1:8080", "the file job scenarios against a server"),
      ("cispec replay --target http://127.0.0.1:8080 --learn-baseline known.json", "what it says of its own, as data"),
      ("cispec replay --target http://127.0.0.1:8080 --baseline known.json", "anything else is told"),
    ],
    run: replay)

  private static func replay(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    let folder = try environment.dataFolder()
    let catalogue = try Catalogue(folder)
    let library = catalogue.validationLibrary()
    let reports = try ReportFiles(arguments)
    let expectations = try Expectations(arguments, RequirementLevels(catalogue))
    let all = try RecordedScenario.all(in: folder)
    let selected = try selectScenarios(arguments.operands, in: folder)
    let scenarios = selected.filter { scenario in
      scenario.scenario.steps.contains {
        expectations.fit(
          "\(scenario.scenario.id)/\($0.id)", suite: "replay", requirements: $0.requirements ?? [])
      }
    }
    let gate = expectations.gate()
    let baseline = try BaselineOptions(arguments)
    if !baseline.learns { Interrupt.endsTheRun() }
    let start = monotonicSeconds()
    let way: ReplayWay
    if let target = arguments["--target"] {
      let endpoint = try Endpoint(parsing: target)
      let seconds = try arguments.integer("--timeout", in: 1...3600).map(Double.init) ?? 30
      let limits = expectations.limits(seconds: seconds)
      way = ReplayWay(
        responder: HTTPClient(endpoint: endpoint, limits: limits, isGivenUp: { gate.end != nil }),
        credentials: try Secrets.one(arguments, environment), clock: SystemClock(), name: endpoint.description,
        sendsBillable: endpoint.isLoopback || arguments.has("--allow-billable"),
        callbacks: endpoint.isLoopback ? .local() : nil)
    } else {
      let target = try EmbeddedTarget(
        catalogue: catalogue, library: library, scenarios: scenarios, seed: expectations.seed)
      way = ReplayWay(
        responder: target.client, credentials: target.credentials, clock: target.clock, name: "embedded emulator",
        sendsBillable: true, callbacks: target.callbacks, embedded: target)
    }
    defer { way.embedded?.stop() }
    let runner = try ScenarioRunner(
      responder: TimedResponder(responder: way.responder, gate: gate), credentials: way.credentials,
      clock: way.clock, catalogue: catalogue, library: library, review: baseline.review, callbacks: way.callbacks)
    let suite = replaySuite(scenarios, runner, sendsBillable: way.sendsBillable, gate)
    baseline.learning { _ = replaySuite(scenarios, runner, sendsBillable: way.sendsBillable, gate) }
    try baseline.write(server: way.name, clock: way.clock, credentials: way.credentials, environment.errors)
    let cases = (all + selected.filter { one in !all.contains { $0.scenario.id == one.scenario.id } }).flatMap { one in
      one.scenario.steps.map { (suite: "replay", id: "\(one.scenario.id)/\($0.id)") }
    }
    var report = try expectations.applied(
      to: Report(
        kitVersion: version, dataDigest: try folder.digest(), target: way.name, suites: [suite],
        seconds: monotonicSeconds() - start),
      all: cases, isPartial: !arguments.operands.isEmpty)
    let text = PlainText(isColoured: environment.isColoured(environment.output))
    let talk = reports.talk(environment)
    for result in report.suites.flatMap(\.cases) {
      talk.writeLine("\(label(result.verdict, text)) \(result.id)")
      if arguments.has("--verbose"), result.verdict == .passed, !result.detail.isEmpty {
        talk.writeLine(result.detail)
      }
    }
    if let kept = baseline.suite(of: all + scenarios, clock: way.clock) { report.suites.append(kept) }
    return try finish(report, reports, environment, coloured: text)
  }

  /// How scenarios get to their target.
  private struct ReplayWay {
    var responder: any Responder
    var credentials: Credentials
    var clock: any HTTPExchange.Clock
    var name: String
    var sendsBillable: Bool
    /// Nil for a target that cannot reach this machine.
    var callbacks: CallbackListening?
    var embedded: EmbeddedTarget?
  }

  static func label(_ verdict: Verdict, _ text: PlainText) -> String {
    switch verdict {
    case .passed: text.coloured("ok     ", "32")
    case .failed: text.coloured("FAILED ", "1;31")
    case .broken: text.coloured("ERROR  ", "1;31")
    case .skipped: text.coloured("skipped", "33")
    }
  }

  /// The scenarios with one of the names, or below one of them, and those of folders.
  static func selectScenarios(_ operands: [String], in folder: DataFolder) throws -> [RecordedScenario] {
    let all = try RecordedScenario.all(in: folder)
    func isKnown(_ name: String) -> Bool {
      all.contains { $0.scenario.id == name || $0.scenario.id.hasPrefix(name + "/") }
    }
    let folders = operands.filter { !isKnown($0) && Files.isFolder($0) }
    let own = try folders.flatMap { path in
      let found = try RecordedScenario.all(recordedIn: path)
      guard !found.isEmpty else { throw CommandError(.unreadable, "\(path): there is no scenario.json in it") }
      return found
    }
    let names = operands.filter { !folders.contains($0) }
    return try own + (names.isEmpty && !own.isEmpty ? [] : select(all, names))
  }

  private static func select(_ all: [RecordedScenario], _ names: [String]) throws -> [RecordedScenario] {
    for name in names
    where !all.contains(where: { $0.scenario.id == name || $0.scenario.id.hasPrefix(name + "/") }) {
      throw CommandError(
        .usage, "there is no scenario '\(name)'",
        hint: nearestName(to: name, among: all.map(\.scenario.id)).map { "Did you mean \($0)?" }
          ?? "The folders of Exchanges/ are the scenarios.")
    }
    guard !names.isEmpty else { return all }
    return all.filter { one in names.contains { one.scenario.id == $0 || one.scenario.id.hasPrefix($0 + "/") } }
  }

  static func replaySuite(
    _ scenarios: [RecordedScenario], _ runner: ScenarioRunner, sendsBillable: Bool, _ gate: CaseGate
  ) -> SuiteResult {
    let start = monotonicSeconds()
    let wanted = scenarios.filter { one in
      one.scenario.steps.contains { gate.isWanted("\(one.scenario.id)/\($0.id)", suite: "replay") }
    }
    let cases = wanted.flatMap { recorded in
      if let end = gate.end { return unsent(recorded.scenario, end.verdict) }
      if recorded.scenario.billable, !sendsBillable {
        return unsent(
          recorded.scenario, .skipped(reason: "it costs money on a real service; --allow-billable sends it"))
      }
      return runner.results(of: recorded)
    }
    func count(_ scenarios: [RecordedScenario]) -> Int { scenarios.reduce(0) { $0 + $1.scenario.steps.count } }
    return SuiteResult(
      name: "replay", discovered: count(scenarios), selected: count(wanted), cases: cases,
      seconds: monotonicSeconds() - start)
  }

  /// The steps of a scenario that is not sent.
  static func unsent(_ scenario: Scenario, _ verdict: Verdict) -> [CaseResult] {
    scenario.steps.map {
      CaseResult(id: "\(scenario.id)/\($0.id)", verdict: verdict, requirements: $0.requirements ?? [])
    }
  }
}
