internal import Adapting
internal import CaseLibrary
internal import Findings
internal import Glibc
internal import HTTPTransport
internal import Reporting

extension Commands {
  static let adapterFlag = Flag(
    name: "--adapter", value: "CMD",
    help: "The command line of a program that speaks Adapters/protocol.md, run by /bin/sh.")

  static let timeoutFlag = Flag(
    name: "--timeout", value: "S", help: "How many seconds an answer may take at most; 10 unless given.")
  static let helloTimeoutFlag = Flag(
    name: "--hello-timeout", value: "S", help: "How many seconds the adapter may take to start; 30 unless given.")

  static func adapterLimits(_ arguments: Arguments, _ expectations: Expectations? = nil) throws -> AdapterLimits {
    let answer = try arguments.integer("--timeout", in: 1...3600) ?? 10
    let hello = try arguments.integer("--hello-timeout", in: 1...3600) ?? 30
    guard let expectations else { return AdapterLimits(answerSeconds: Double(answer), helloSeconds: Double(hello)) }
    var limits = AdapterLimits(
      answerSeconds: Double(answer), helloSeconds: min(Double(hello), expectations.endsAt - monotonicSeconds()))
    limits.endsAt = expectations.endsAt
    return limits
  }

  static let vectorsCommand = Command(
    name: "vectors", summary: "Judge a signer and verifier by the signature vectors, stage by stage.",
    operands: "[ID-PATTERN...]  (all unless named; a path stands for all below it, * for any characters)",
    flags: [
      adapterFlag, VectorsTarget.flag, VectorsTarget.hostFlag, Secrets.fileFlag,
      Flag(
        name: "--jobs", value: "N",
        help: "How many processes of the adapter are asked at once; one a core unless given."),
      timeoutFlag, helloTimeoutFlag,
      Flag(
        name: "--strict-protocol", value: nil,
        help: "Hold every answer to Adapters/protocol.schema.json: no member that it does not know."),
      Flag(name: "--repeat", value: "N", help: "Ask every case so many times; 1 unless given."),
      Flag(name: "--list", value: nil, help: "List the cases with their flags instead of running them."),
      mutantsFlag, mutantsFormatFlag,
      reportFlag,
    ] + Expectations.flags,
    examples: [
      ("cispec vectors", "the kit's own signer and verifier"),
      ("cispec vectors --adapter 'python3 adapter.py'", "an implementation behind the adapter protocol"),
      ("cispec vectors 'signing/path' --adapter './adapter'", "only the cases about paths"),
      ("cispec vectors --target http://127.0.0.1:8080", "the cases for verifiers, made for a server and sent to it"),
      (
        "cispec vectors --adapter './adapter' --known-failing known-failing.txt --report junit=vectors.xml",
        "in a CI, with what is known to fail and a report"
      ),
      ("cispec vectors --mutants", "the wrong signers and verifiers, and how many vectors find each"),
      ("cispec vectors --mutants --list", "the same, and before it what each vector finds"),
    ],
    run: vectors)

  private static func vectors(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    if arguments.has("--mutants") { return try mutants(arguments, environment) }
    guard !arguments.has("--format") else { throw CommandError(.usage, "--format goes with --mutants") }
    let reports = try ReportFiles(arguments)
    let expectations = try Expectations(arguments)
    let start = monotonicSeconds()
    let folder = try environment.dataFolder()
    let selected = try VectorPatterns(arguments.operands)
    let cases = try VectorCases(
      folder, hasPresigning: arguments["--adapter"] != nil, target: arguments["--target"])
    try selected.check(against: cases.listed.map(\.id))
    let gate = expectations.gate(selected.fit)
    if arguments.has("--list") {
      for (suite, id, flags) in cases.listed where gate.isWanted(id, suite: suite) {
        environment.output.writeLine(flags.isEmpty ? id : "\(id)\t\(flags.joined(separator: ","))")
      }
      return .success
    }
    let (target, suites, reasonGivenUp) = try judged(arguments, environment, folder, cases, expectations, gate)
    let report = try expectations.applied(
      to: Report(
        kitVersion: version, dataDigest: try folder.digest(), target: target, suites: suites,
        seconds: monotonicSeconds() - start),
      all: cases.listed.map { ($0.suite, $0.id) }, isPartial: !arguments.operands.isEmpty)
    guard gate.end != nil || suites.contains(where: { $0.skipped < $0.cases.count }) else {
      throw canDoNothing(target, suites)
    }
    reports.talk(environment).writeLine(
      "cispec \(version), data sha256:\(report.dataDigest.prefix(12)), judged: \(target)")
    let code = try finish(
      report, reports, environment, coloured: PlainText(isColoured: environment.isColoured(environment.output)))
    if let reasonGivenUp { throw unusable(reasonGivenUp) }
    return code
  }

  /// What to say of an adapter that skips every case.
  static func canDoNothing(_ target: String, _ suites: [SuiteResult]) -> CommandError {
    let cases = suites.flatMap(\.cases)
    let reasons = Set(
      cases.compactMap { if case .skipped(let reason) = $0.verdict { reason } else { nil } }
    ).sorted()
    let shown = reasons.prefix(3).joined(separator: "; ")
    return CommandError(
      .targetUnusable, "\(target) skips all of the \(cases.count) cases: \(shown)",
      hint: "Its answer to hello lists the commands it has; cispec smoke shows them.")
  }

  static func unusable(_ reason: AdapterUnusable) -> CommandError {
    CommandError(.targetUnusable, reason.description, hint: "cispec smoke --adapter 'CMD' asks it step by step.")
  }

  /// What is judged, by name, its suites, and why an adapter was given up.
  private static func judged(
    _ arguments: Arguments, _ environment: Environment, _ folder: DataFolder, _ cases: VectorCases,
    _ expectations: Expectations, _ gate: CaseGate
  ) throws -> (target: String, suites: [SuiteResult], reasonGivenUp: AdapterUnusable?) {
    let repeats = try arguments.integer("--repeat", in: 1...1000) ?? 1
    if let target = arguments["--target"] {
      guard arguments["--adapter"] == nil else {
        throw CommandError(.usage, "--adapter and --target exclude each other")
      }
      guard target != "embedded" else {
        guard repeats == 1 else { throw repeatMisplaced }
        return ("embedded emulator", try VectorsTarget.embedded(folder, cases, gate), nil)
      }
      let endpoint = try Endpoint(parsing: target)
      let seconds = try arguments.integer("--timeout", in: 1...3600) ?? 10
      let credentials = try Secrets.one(arguments, environment)
      let suites = try repeated(repeats) {
        try VectorsTarget.server(
          endpoint, credentials: credentials, host: arguments["--host"], seconds: Double(seconds), folder, cases,
          expectations, gate)
      }
      return (endpoint.description, suites, nil)
    }
    guard let command = arguments["--adapter"] else {
      guard repeats == 1 else { throw repeatMisplaced }
      return ("the kit itself", ownSuites(cases, gate), nil)
    }
    let limits = try adapterLimits(arguments, expectations)
    let jobs = try arguments.integer("--jobs", in: 1...64) ?? processorCount()
    let selection = AdapterSuite.Selection(signing: cases.signing, verifying: cases.verifying, gate: gate)
    return try usingAdapter {
      let adapter = try Adapter(
        command: command, limits: limits, isStrict: arguments.has("--strict-protocol"), jobs: jobs)
      let start = monotonicSeconds()
      let suites = try AdapterSuite.suites(of: selection, by: adapter, notes: cases.notes, repeats: repeats)
      if repeats > 1 {
        let count = suites.reduce(0) { $0 + $1.cases.count - $1.skipped } * repeats
        let rate = Int(Double(count) / (monotonicSeconds() - start))
        environment.errors.writeLine("\(count) cases were asked and judged, \(rate) a second")
      }
      return (
        "\(adapter.hello.name) \(adapter.hello.version) (\(adapter.hello.language))", suites, adapter.reasonGivenUp
      )
    }
  }

  private static let repeatMisplaced = CommandError(
    .usage, "--repeat goes with --adapter or the URL of a --target")

  /// The suites of so many runs in one: a case passes when it passed in each, else its first other result stands.
  private static func repeated(_ count: Int, _ run: () throws -> [SuiteResult]) throws -> [SuiteResult] {
    var suites = try run()
    for _ in 1..<count {
      for (index, suite) in try run().enumerated() {
        for (place, result) in suite.cases.enumerated() where suites[index].cases[place].verdict == .passed {
          suites[index].cases[place] = result
        }
        suites[index].seconds += suite.seconds
      }
    }
    return suites
  }

  /// Runs a body that talks to an adapter; one that is of no use is a target that cannot be used.
  ///
  /// A thread that is there before, such as a server's, would take the interrupt: make none outside of the body.
  static func usingAdapter<Value>(_ body: () throws -> Value) throws -> Value {
    endingAdaptersWhenInterrupted()
    do {
      return try body()
    } catch let error as AdapterUnusable {
      throw unusable(error)
    }
  }

  /// Leaves nothing of an adapter running when the program is interrupted.
  static func endingAdaptersWhenInterrupted() {
    Interruption.killsAdapters { _exit(ExitCode.interrupted.rawValue) }
  }

  private static func ownSuites(_ cases: VectorCases, _ gate: CaseGate) -> [SuiteResult] {
    [
      timed { gate.suite("signing", of: cases.signing, id: \.id) { VectorSuite.result(of: $0, by: KitSigner()) } },
      timed {
        gate.suite("verifying", of: cases.verifying, id: \.id) { VectorSuite.result(of: $0, by: KitVerifier()) }
      },
    ].filter { !$0.cases.isEmpty }
  }
}

/// All cases of the data.
struct VectorCases {
  let signing: [SigningVector]
  let verifying: [VerifyingVector]
  let notes: VectorNotes
  private let hasPresigning: Bool
  private let target: String?

  /// - Parameter hasPresigning: whether URLs are asked for, which only adapters are.
  init(_ folder: DataFolder, hasPresigning: Bool, target: String?) throws {
    signing = try SigningVector.all(in: folder)
    verifying = try VerifyingVector.all(in: folder)
    notes = try VectorNotes(in: folder)
    self.hasPresigning = hasPresigning
    self.target = target
  }

  var listed: [(suite: String, id: String, flags: [String])] {
    // A server with a clock of its own gets none of the recorded times.
    if let target {
      return ((target == "embedded" ? verifying.map { ($0.id, $0.flags) } : []) + VectorsTarget.madeIDs)
        .map { ("target", $0, $1) }
    }
    let urls = hasPresigning ? signing.filter(AdapterSuite.isPresigned) : []
    return signing.map { ("signing", $0.id, $0.flags) }
      + urls.map { ("presigning", AdapterSuite.presigningID(of: $0), $0.flags) }
      + verifying.map { ("verifying", $0.id, $0.flags) }
  }
}

/// The cases that the command line asks for.
struct VectorPatterns: Sendable {
  private let patterns: [String]

  init(_ patterns: [String]) throws { self.patterns = patterns }

  func fit(_ id: String) -> Bool { patterns.isEmpty || patterns.contains { fits(id, $0) } }

  private func fits(_ id: String, _ pattern: String) -> Bool {
    FileSearch.fits(id, pattern) || id.hasPrefix(pattern.hasSuffix("/") ? pattern : pattern + "/")
  }

  /// A pattern that fits nothing is a slip of the hand.
  func check(against ids: [String]) throws {
    for pattern in patterns where !ids.contains(where: { fits($0, pattern) }) {
      throw CommandError(
        .usage, "there is no case '\(pattern)'",
        hint: nearestName(to: pattern, among: ids).map { "Did you mean \($0)?" }
          ?? "--list shows them all.")
    }
  }
}
