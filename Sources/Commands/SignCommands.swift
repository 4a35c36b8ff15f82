internal import CaseLibrary
internal import Glibc
internal import HTTPExchange
internal import Reporting
internal import Signing

extension Commands {
  private static let nowFlag = Flag(
    name: "--now", value: "SECONDS", help: "The time in Unix seconds; the machine's own unless given.")

  static let signCommand = Command(
    name: "sign", summary: "Sign a raw HTTP request and show every documented stage.",
    operands: "FILE  (- is standard input)",
    flags: [
      Secrets.fileFlag,
      Flag(
        name: "--key-time", value: "START;END", help: "The span of the key; now to now + 900 seconds unless given."),
      Flag(name: "--sign-time", value: "START;END", help: "The span of the signature; that of the key unless given."),
      Flag(
        name: "--delivery", value: "WAY", help: "How the signature travels; header unless given.",
        choices: Delivery.allCases.map(\.rawValue)),
      Flag(name: "--request", value: nil, help: "Write the signed request instead of the stages."),
      nowFlag,
    ],
    examples: [
      ("cispec sign request.http", "all stages, from KeyTime to Authorization"),
      ("cispec sign --request --delivery query request.http", "the request with its signature in the query"),
    ],
    run: sign)

  static let verifyCommand = Command(
    name: "verify", summary: "Check the signature of a raw HTTP request and name the first stage that differs.",
    operands: "FILE  (- is standard input)",
    flags: [Secrets.fileFlag, nowFlag],
    examples: [
      ("cispec verify request.http", "whether the signature is right now, and what the server computes"),
      ("cispec verify --now 1557990000 old.http", "the same for a signature of another time"),
    ],
    run: verify)

  private static func sign(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    let credentials = try Secrets.one(arguments, environment)
    let request = try request(arguments)
    let now = try now(arguments)
    let keyTime = try span("--key-time", arguments) ?? TimeSpan(start: now, end: now + 900)
    var signer = Signer(credentials: credentials)
    signer.delivery = arguments["--delivery"].flatMap(Delivery.init) ?? .header
    signer.keyTime = keyTime
    signer.signTime = try span("--sign-time", arguments)
    if arguments.has("--request") {
      let bytes = HTTPMessageText.bytes(of: signer.signed(request, now: now))
      environment.output.write(String(decoding: bytes, as: UTF8.self))
      return .success
    }
    environment.output.write(text(of: signer.stages(for: request, now: now)))
    return .success
  }

  private static func verify(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    let pairs = try Secrets.read(arguments, environment)
    guard !pairs.isEmpty else {
      _ = try Secrets.one(arguments, environment)
      return .usage
    }
    let request = try request(arguments)
    let now = try now(arguments)
    let keys = Dictionary(pairs.map { ($0.secretID, $0.secretKey) }) { first, _ in first }
    let verifier = Verifier { keys[$0] }
    let outcome = verifier.outcome(for: request, now: now)
    let text = PlainText(isColoured: environment.isColoured(environment.output))
    if case .valid(_, let delivery) = outcome {
      if let stages = verifier.stages(for: request) { environment.output.write(self.text(of: stages)) }
      environment.output.writeLine(
        text.coloured("valid", "1;32") + ": the signature in the \(delivery.rawValue) is right.")
      return .success
    }
    if let stages = verifier.stages(for: request) { environment.output.write(self.text(of: stages)) }
    environment.output.writeLine(text.coloured("not valid", "1;31") + ": " + sentence(outcome, now: now))
    return .findings
  }

  private static func sentence(_ outcome: Verifier.Outcome, now: Int64) -> String {
    switch outcome {
    case .valid: "the signature is right."
    case .missing: "first difference at Authorization: the request carries no signature, neither header nor query."
    case .malformed(let reason): "first difference at Authorization: \(reason)."
    case .unknownSecretID(let authorization): "there is no secret key for the SecretId '\(authorization.secretID)'."
    case .notYetValid(let authorization):
      "first difference at KeyTime: it is \(now), before the span of the signature \(authorization.signTime)."
    case .expired(let authorization):
      "first difference at KeyTime: it is \(now), after the span of the signature \(authorization.signTime) "
        + "(key \(authorization.keyTime))."
    case .mismatch(_, _, let difference):
      "first difference at \(difference.stage): \(difference.explanation).\n  server: \(difference.expected)\n"
        + "  client: \(difference.actual)"
    }
  }

  /// Every stage with its name, newlines made visible.
  private static func text(of stages: RequestSignature.Stages) -> String {
    let width = RequestSignature.stageNames.map(\.name.count).max() ?? 0
    return RequestSignature.stageNames.map { name, value in
      let shown = stages[keyPath: value].split(separator: "\n", omittingEmptySubsequences: false).joined(
        separator: "\\n")
      return name + String(repeating: " ", count: width - name.count) + "  " + shown + "\n"
    }.joined()
  }

  // MARK: Input

  private static func request(_ arguments: Arguments) throws -> HTTPRequest {
    guard arguments.operands.count == 1 else {
      throw CommandError(.usage, "exactly one request is expected", hint: "Name a file, or - for standard input.")
    }
    let name = arguments.operands[0]
    let bytes =
      name == "-"
      ? try Files.readPrefix(descriptor: STDIN_FILENO, name: "<stdin>", bytesMax: 64 << 20) : try Files.read(name)
    do {
      return try HTTPMessageText.request(parsing: bytes)
    } catch {
      throw CommandError(
        .unreadable, "\(name):\(error.line): \(error.reason)",
        hint: "The file holds a request as it goes over the wire: request line, headers, empty line, body.")
    }
  }

  private static func span(_ name: String, _ arguments: Arguments) throws -> TimeSpan? {
    guard let text = arguments[name] else { return nil }
    guard let span = TimeSpan(parsing: text) else {
      throw CommandError(
        .usage, "\(name) is '\(text)', not two Unix times with a semicolon between",
        hint: "Such as 1557989151;1557996351.")
    }
    return span
  }

  private static func now(_ arguments: Arguments) throws -> Int64 {
    try arguments.integer("--now", in: 0...999_999_999_999).map(Int64.init) ?? Int64(SystemClock().now)
  }
}
