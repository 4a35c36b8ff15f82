internal import Adapting
internal import CaseLibrary
internal import Findings
internal import HTTPTransport
internal import Reporting

extension Commands {
  static let clientCommand = Command(
    name: "client", summary: "Judge a client library: what it sends for each operation, what it makes of each answer.",
    operands: "[ID-PATTERN...]  (all unless named; a path stands for all below it, * for any characters)",
    flags: [
      adapterFlag, timeoutFlag, helloTimeoutFlag,
      Flag(
        name: "--strict-protocol", value: nil,
        help: "Hold every answer to Adapters/protocol.schema.json: no member that it does not know."),
      Flag(name: "--list", value: nil, help: "List the cases with their titles instead of running them."),
      reportFlag,
    ] + Expectations.flags + [Expectations.levelFlag],
    examples: [
      ("cispec client --adapter Adapters/python-cos-sdk/run", "the published Python SDK through its adapter"),
      ("cispec client --adapter './adapter' client/sent", "only what it sends"),
      ("cispec client --adapter './adapter' 'client/read/*/error/*'", "only the errors that it reads"),
      (
        "cispec client --adapter './adapter' --known-failing known.txt --report junit=client.xml",
        "in a CI, with what is known to fail and a report"
      ),
      ("cispec client --list", "the cases, one a line"),
    ],
    run: client)

  private static func client(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    let reports = try ReportFiles(arguments)
    let start = monotonicSeconds()
    let folder = try environment.dataFolder()
    let catalogue = try Catalogue(folder)
    let expectations = try Expectations(arguments, RequirementLevels(catalogue))
    let cases = try ClientCases(in: folder, catalogue)
    let patterns = try VectorPatterns(arguments.operands)
    try patterns.check(against: cases.cases.map(\.id))
    let selected = cases.cases.filter {
      patterns.fit($0.id) && expectations.fit($0.id, suite: $0.half.rawValue, requirements: $0.requirements)
    }
    if arguments.has("--list") {
      for one in selected { environment.output.writeLine("\(one.id)\t\(one.title)") }
      return .success
    }
    guard let command = arguments["--adapter"] else {
      throw CommandError(.usage, "an adapter is to be named: --adapter 'CMD'")
    }
    let limits = try adapterLimits(arguments, expectations)
    let (target, suites, reasonGivenUp) = try usingAdapter {
      let responder = ClientResponder()
      let server = try HTTPServer(responder: responder)
      defer { server.stop() }
      let adapter = try Adapter(command: command, limits: limits, isStrict: arguments.has("--strict-protocol"))
      let suite = try ClientSuite(cases, catalogue, adapter: adapter)
      return (
        "\(adapter.hello.name) \(adapter.hello.version) (\(adapter.hello.language))",
        try suite.suites(of: selected, responder: responder, port: server.port), adapter.reasonGivenUp
      )
    }
    let cut = expectations.gate().end
    guard selected.isEmpty || cut != nil || suites.contains(where: { $0.skipped < $0.cases.count }) else {
      throw canDoNothing(target, suites)
    }
    let report = try expectations.applied(
      to: Report(
        kitVersion: version, dataDigest: try folder.digest(), target: target, suites: suites,
        seconds: monotonicSeconds() - start),
      all: cases.cases.map { ($0.half.rawValue, $0.id) }, isPartial: !arguments.operands.isEmpty)
    reports.talk(environment).writeLine(
      "cispec \(version), data sha256:\(report.dataDigest.prefix(12)), judged: \(target)")
    let code = try finish(
      report, reports, environment, coloured: PlainText(isColoured: environment.isColoured(environment.output)))
    if let reasonGivenUp { throw unusable(reasonGivenUp) }
    return code
  }
}
