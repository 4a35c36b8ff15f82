internal import CaseLibrary
internal import Emulator
internal import Findings
internal import HTTPTransport
internal import Reporting
internal import XMLValidation

extension Commands {
  static let judgeCommand = Command(
    name: "judge", summary: "Run the emulator and judge every request that comes: is this client right?", operands: "",
    flags: Serving.flags + [
      Flag(
        name: "--expect", value: "SCENARIO|DIR",
        help:
          "Requests that must be seen, in order: scenarios of Exchanges/, or a recording of your own; may be given again.",
        repeats: true),
      Flag(
        name: "--until", value: "N|idle:SECONDS",
        help:
          "Stop after N requests, or with idle:SECONDS when none came for so long after the first; may be given again.",
        repeats: true),
      Flag(
        name: "--poll-interval", value: "MS",
        help: "Milliseconds that a client waits before it asks for a job again; 1000 unless given, 0 for no limit."),
      editionFlag,
      levelFlag,
      Flag(
        name: "--fail-on", value: "SEVERITY", help: "The lowest severity that makes exit code 1; error unless given.",
        choices: Severity.allCases.reversed().map(\.rawValue)),
      Flag(name: "--quiet", value: nil, help: "No line for each request; the summary alone."),
      reportFlag,
    ],
    examples: [
      (
        "cispec judge --port 8080 --secret-file keys.txt",
        "point a client at the port, stop with Ctrl-C, read the summary"
      ),
      ("cispec judge --until idle:10 --report junit=client.xml", "in CI: stop ten seconds after the last request"),
      ("cispec judge --expect file-jobs/hash-md5-lifecycle --until 2", "a submit and a query must come"),
      ("curl http://127.0.0.1:8080/.cispec/findings", "what was found so far, for assertions in any language"),
      ("curl -X POST http://127.0.0.1:8080/.cispec/reset", "start afresh between two tests; jobs stay"),
    ],
    run: judge)

  private static func judge(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    let signals = TerminationSignals()
    let reports = try ReportFiles(arguments)
    let ends = try arguments.all("--until").map(ListeningEnd.init)
    let settings = try judgeSettings(arguments)
    let folder = try environment.dataFolder()
    let scenarios = try expectedScenarios(arguments.all("--expect"), folder)
    let serving = try Serving(arguments, environment, command: "judge")
    let desk = try JudgeDesk(
      serving, settings, expecting: scenarios,
      text: PlainText(isColoured: environment.isColoured(environment.errors)),
      talk: arguments.has("--quiet") ? nil : environment.errors)
    let talk = reports.talk(environment)
    let server = try serving.listen(ServingResponder(serving, desk: desk), talk: talk)
    let start = monotonicSeconds()
    repeat {
      serving.callbacks.sendDue()
      if ends.contains(where: { $0.hasCome(requests: desk.requests, idleSeconds: desk.idleSeconds) }) { break }
    } while signals.next() == nil
    server.stop()
    serving.callbacks.stop()

    let outcome = desk.outcome
    if let fault = outcome.fault {
      throw CommandError(.internalFault, fault, hint: "This is a fault of cispec itself.")
    }
    guard outcome.record.requests > 0 else {
      throw CommandError(.findings, "no request came, so there is nothing to judge")
    }
    let failOn = arguments["--fail-on"].flatMap(Severity.init) ?? .error
    let seconds = monotonicSeconds() - start
    let report = judgeReport(outcome, failOn, seconds: seconds, data: try folder.digest())
    if outcome.record.dropped > 0 {
      talk.writeLine("\(outcome.record.dropped) more requests were judged and counted; the reports leave them out")
    }
    let text = PlainText(isColoured: environment.isColoured(talk))
    talk.writeLine(
      "\(outcome.record.requests) requests: "
        + Severity.allCases.reversed().map { "\(outcome.record.count($0)) \($0.rawValue)s" }.joined(separator: ", "))
    return try finish(report, reports, environment, coloured: text)
  }

  private static func judgeReport(
    _ outcome: JudgeDesk.Outcome, _ failOn: Severity, seconds: Double, data: String
  ) -> Report {
    let cases = outcome.record.results(failingOn: failOn)
    var suites = [SuiteResult(name: "requests", discovered: cases.count, cases: cases, seconds: seconds)]
    if !outcome.expected.isEmpty {
      suites.append(SuiteResult(name: "expected", discovered: outcome.expected.count, cases: outcome.expected))
    }
    return Report(
      kitVersion: version, dataDigest: data, target: "a client of cispec judge", suites: suites, seconds: seconds)
  }

  private static func judgeSettings(_ arguments: Arguments) throws -> JudgeSettings {
    var settings = JudgeSettings()
    settings.edition = arguments["--edition"].flatMap(ValidationOptions.Edition.init) ?? .y2024
    settings.level = arguments["--level"].flatMap(Requirement.Level.init) ?? .observed
    if let interval = try arguments.integer("--poll-interval", in: 0...3_600_000) {
      settings.pollIntervalSeconds = Double(interval) / 1000
    }
    return settings
  }

  /// In the order in which they are named.
  private static func expectedScenarios(_ names: [String], _ folder: DataFolder) throws -> [RecordedScenario] {
    try names.flatMap { try selectScenarios([$0], in: folder) }
  }
}
