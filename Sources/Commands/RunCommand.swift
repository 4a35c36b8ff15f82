internal import Adapting
internal import CaseLibrary
internal import Findings
internal import Replay
internal import Reporting
internal import Signing
internal import XMLValidation

extension Commands {
  static let runCommand = Command(
    name: "run", summary: "Run the whole kit: schemas, vectors, then replay and wrong signatures on the emulator.",
    operands: "",
    flags: [reportFlag] + Expectations.flags + [Expectations.levelFlag],
    examples: [
      ("cispec run", "everything, with one table and a verdict"),
      ("cispec run --report html=cispec.html --select replay", "the scenarios alone, with a page of what was found"),
      ("cispec run --report junit=cispec.xml --report json=cispec.json", "the same, with reports for a CI"),
    ],
    run: run)

  private static func run(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard arguments.operands.isEmpty else {
      throw CommandError(
        .usage, "cispec run takes no operands", hint: "To replay one scenario: cispec replay \(arguments.operands[0])")
    }
    let reports = try ReportFiles(arguments)
    let start = monotonicSeconds()
    let folder = try environment.dataFolder()
    let catalogue = try Catalogue(folder)
    let expectations = try Expectations(arguments, RequirementLevels(catalogue))
    Interrupt.endsTheRun()
    let suites = try allSuites(folder, catalogue, seed: expectations.seed, expectations.gate())
    let report = try expectations.applied(
      to: Report(
        kitVersion: version, dataDigest: try folder.digest(), target: "embedded emulator", suites: suites,
        seconds: monotonicSeconds() - start))
    let text = PlainText(isColoured: environment.isColoured(environment.output))
    reports.talk(environment).writeLine(
      "cispec \(version), data sha256:\(report.dataDigest.prefix(12)), target: embedded emulator")
    return try finish(report, reports, environment, coloured: text)
  }

  /// Every suite of the kit, the embedded emulator being the server.
  ///
  /// - Parameters:
  ///   - seed: of the emulator's identifiers; its own unless given.
  ///   - gate: says of each case whether it is carried out.
  static func allSuites(
    _ folder: DataFolder, _ catalogue: Catalogue, seed: UInt64?, _ gate: CaseGate
  ) throws -> [SuiteResult] {
    let library = catalogue.validationLibrary()
    let scenarios = try RecordedScenario.all(in: folder)

    var suites = [
      try timed { try DocumentSuite.result(catalogue: catalogue, library: library, folder: folder, gate: gate) },
      try timed { try vectorSuite(folder, gate) },
      try timed { try ComparisonSuite.result(catalogue: catalogue, library: library, folder: folder, gate: gate) },
    ]
    let target = try EmbeddedTarget(
      catalogue: catalogue, library: library, scenarios: scenarios, seed: seed)
    defer { target.stop() }
    let runner = try ScenarioRunner(
      responder: TimedResponder(responder: target.client, gate: gate), credentials: target.credentials,
      clock: target.clock, catalogue: catalogue, library: library, callbacks: target.callbacks)
    suites.append(replaySuite(scenarios, runner, sendsBillable: true, gate))
    suites.append(
      try VectorsTarget.embedded(
        target, folder, try VerifyingVector.all(in: folder), try VectorNotes(in: folder), gate))
    return suites
  }

  private static func vectorSuite(_ folder: DataFolder, _ gate: CaseGate) throws -> SuiteResult {
    let signing = try SigningVector.all(in: folder).map { vector in
      (id: vector.id, result: { VectorSuite.result(of: vector, by: KitSigner()) })
    }
    let verifying = try VerifyingVector.all(in: folder).map { vector in
      (id: vector.id, result: { VectorSuite.result(of: vector, by: KitVerifier()) })
    }
    return gate.suite("vectors", of: signing + verifying, id: \.id) { $0.result() }
  }

  static func timed(_ suite: () throws -> SuiteResult) rethrows -> SuiteResult {
    let start = monotonicSeconds()
    var result = try suite()
    result.seconds = monotonicSeconds() - start
    return result
  }
}
