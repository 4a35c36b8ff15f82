internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import Reporting
internal import Signing

extension Commands {
  static let nowFlag = Flag(
    name: "--now", value: "SECONDS", help: "The time in Unix seconds; the machine's own unless given.")

  private static let explainFlag = Flag(
    name: "--explain", value: nil, help: "Say under each stage why it is as it is, with the source.")

  private static let explainWholeFlag = Flag(
    name: "--explain", value: nil,
    help: "Say under each stage why it is as it is, and show SignKey whole; without it four characters of it.")

  private static let dataFlag = Flag(
    name: "--data", value: "FILE",
    help: "The body of a URL's request (POST then). It is not signed; its Content-Length is.")

  static let signCommand = Command(
    name: "sign", summary: "Sign a request, raw or as a URL with curl-like flags, and show every documented stage.",
    operands: RequestOperand.operands,
    flags: RequestOperand.flags + [
      dataFlag, Secrets.fileFlag,
      Flag(
        name: "--key-time", value: "START;END", help: "The span of the key; now to now + 900 seconds unless given."),
      Flag(name: "--sign-time", value: "START;END", help: "The span of the signature; that of the key unless given."),
      Flag(
        name: "--delivery", value: "WAY", help: "How the signature travels; header unless given.",
        choices: Delivery.allCases.map(\.rawValue)),
      explainFlag,
      Flag(
        name: "--only", value: "STAGE", help: "Write the value of one stage alone, as it is.",
        choices: RequestSignature.stageNames.map(\.name)),
      Flag(name: "--request", value: nil, help: "Write the signed request instead of the stages."),
      nowFlag,
    ],
    examples: [
      ("cispec sign request.http", "all stages, from KeyTime to Authorization"),
      (
        "cispec sign --explain -X PUT -H 'Content-Type: text/plain' 'https://b-1250000000.cos.ap-beijing.myqcloud.com/a b'",
        "the same for a URL, and why each stage is as it is"
      ),
      (
        "curl -H \"Authorization: $(cispec sign --only Authorization \"$URL\")\" \"$URL\"",
        "a request of the API signed and sent"
      ),
      ("cispec sign --request --delivery query request.http", "the request with its signature in the query"),
    ],
    run: sign)

  static let verifyCommand = Command(
    name: "verify", summary: "Check the signature of a request and name the first stage that differs, and why.",
    operands: RequestOperand.operands,
    flags: RequestOperand.flags + [
      Secrets.fileFlag, explainWholeFlag,
      Flag(
        name: "--server-error", value: "FILE",
        help: "The body of the server's 403 with StringToSign and FormatString: what it saw otherwise. Needs no key."),
      nowFlag,
    ],
    examples: [
      ("cispec verify request.http", "whether the signature is right now, and what the server computes"),
      ("cispec verify --now 1557990000 old.http", "the same for a signature of another time"),
      ("cispec verify -X PUT \"$PRESIGNED_URL\"", "the same for a presigned URL"),
      ("cispec verify --server-error answer.xml request.http", "which part of the request the server saw otherwise"),
    ],
    run: verify)

  private static func sign(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    let credentials = try Secrets.one(arguments, environment)
    if arguments.has("--only"), let other = ["--request", "--explain"].first(where: arguments.has) {
      throw CommandError(
        .usage, "--only writes one stage as it is, so \(other) has nothing to say", hint: "Give one of the two.")
    }
    let operand = try RequestOperand(arguments)
    let delivery = arguments["--delivery"].flatMap(Delivery.init) ?? .header
    try operand.refuseSignedQuery(for: delivery)
    let request = operand.request
    let now = try now(arguments)
    let keyTime = try span("--key-time", arguments) ?? TimeSpan(start: now, end: now + 900)
    var signer = Signer(credentials: credentials)
    signer.delivery = delivery
    signer.keyTime = keyTime
    signer.signTime = try span("--sign-time", arguments)
    for (name, span) in [("--key-time", signer.keyTime), ("--sign-time", signer.signTime)] {
      guard let span, span.end <= span.start else { continue }
      environment.errors.writeLine(
        "note: \(name) '\(span)' does not end after its start: such a signature is over at once")
    }
    if arguments.has("--request") {
      let bytes = HTTPMessageText.bytes(of: signer.signed(request, now: now))
      environment.output.write(String(decoding: bytes, as: UTF8.self))
      return .success
    }
    let prepared = signer.prepared(request)
    let stages = signer.stages(for: prepared, now: now)
    if let name = arguments["--only"], let stage = RequestSignature.stageNames.first(where: { $0.name == name }) {
      environment.output.writeLine(stages[keyPath: stage.value])
      return .success
    }
    let explanation =
      arguments.has("--explain") ? Explanation(of: stages, for: prepared, delivery: signer.delivery) : nil
    let text = StageText(isColoured: environment.isColoured(environment.output))
    environment.output.write(text.text(of: stages, explanation: explanation))
    return .success
  }

  private static func verify(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    let pairs = try Secrets.read(arguments, environment)
    if arguments["--server-error"] == "-", arguments.operands == ["-"] {
      throw CommandError(.usage, "standard input cannot be both the request and the server's answer")
    }
    // Without a key there is nothing to do but to hold the request against a server's answer.
    if !arguments.has("--server-error") { _ = try Secrets.one(arguments, environment) }
    let request = try RequestOperand(arguments).request
    let now = try now(arguments)
    let keys = Dictionary(pairs.map { ($0.secretID, $0.secretKey) }) { first, _ in first }
    let verifier = Verifier { keys[$0] }
    if let file = arguments["--server-error"] {
      let comparison = try ServerErrorComparison(file: file, request: request, verifier: verifier)
      environment.output.write(comparison.text(isColoured: environment.isColoured(environment.output)))
      return .findings
    }
    let outcome = verifier.outcome(for: request, now: now)
    let text = PlainText(isColoured: environment.isColoured(environment.output))
    if let stages = verifier.stages(for: request) {
      let delivery = verifier.delivery(of: request) ?? .header
      let explanation = arguments.has("--explain") ? Explanation(of: stages, for: request, delivery: delivery) : nil
      var shown = stages
      // Whoever has it can sign anything in its span, and what verify says is pasted into issues.
      if explanation == nil { shown.signKey = stages.signKey.prefix(4) + "…" }
      environment.output.write(
        StageText(isColoured: text.isColoured).text(of: shown, explanation: explanation) + "\n")
    }
    let deliveries = Verifier.deliveries(of: request)
    if let judged = deliveries.first, deliveries.count > 1 {
      let others = deliveries.dropFirst().map(place).joined(separator: " and ")
      environment.errors.writeLine(
        "note: the signature in \(deliveries[1] == judged ? "the first header Authorization" : place(judged)) is judged, "
          + "and there is another in \(others)")
    }
    if case .valid(_, let delivery) = outcome {
      environment.output.writeLine(
        text.coloured("valid", "1;32") + ": the signature in \(place(delivery)) is right.")
      return .success
    }
    environment.output.writeLine(
      text.coloured("not valid", "1;31") + ": " + text.shown(OutcomeText.sentence(outcome, now: now)))
    return .findings
  }

  /// Where a signature stands, for people.
  private static func place(_ delivery: Delivery) -> String {
    switch delivery {
    case .header: "the header"
    case .query: "the query"
    case .sign: "the parameter sign"
    }
  }

  // MARK: Input

  private static func span(_ name: String, _ arguments: Arguments) throws -> TimeSpan? {
    guard let text = arguments[name] else { return nil }
    guard let span = TimeSpan(parsing: text) else {
      throw CommandError(
        .usage, "\(name) is '\(text)', not two Unix times with a semicolon between",
        hint: "Such as 1557989151;1557996351.")
    }
    return span
  }

  static func now(_ arguments: Arguments) throws -> Int64 {
    try arguments.integer("--now", in: 0...999_999_999_999).map(Int64.init) ?? Int64(SystemClock().now)
  }
}
