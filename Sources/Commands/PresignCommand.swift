internal import HTTPExchange
internal import Signing

extension Commands {
  static let presignCommand = Command(
    name: "presign", summary: "Make a URL that carries its own signature, for whoever has no key.",
    operands: RequestOperand.operands,
    flags: RequestOperand.flags + [
      Flag(
        name: "--param", value: "NAME=VALUE",
        help: "A parameter to add, as plain text; it is encoded and signed. Without = it has no value.", repeats: true),
      Flag(name: "--expires", value: "SECONDS", help: "How long the URL holds; 900 unless given."),
      Flag(
        name: "--delivery", value: "WAY", help: "The seven q- parameters, or all in the one parameter sign.",
        choices: [Delivery.query.rawValue, Delivery.sign.rawValue]),
      Secrets.fileFlag, nowFlag,
    ],
    examples: [
      (
        "cispec presign --expires 3600 https://b-1250000000.cos.ap-beijing.myqcloud.com/video.mp4",
        "a URL that lets anyone read the object for an hour"
      ),
      (
        "cispec presign -X PUT -H 'Content-Type: text/plain' https://b-1250000000.cos.ap-beijing.myqcloud.com/a.txt",
        "a URL to upload to; whoever uses it sends the same Content-Type"
      ),
      (
        "cispec presign --param ci-process=snapshot --param time=1 https://b-1250000000.cos.ap-beijing.myqcloud.com/v.mp4",
        "a URL of an operation on the object"
      ),
    ],
    run: presign)

  private static func presign(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    var signer = Signer(credentials: try Secrets.one(arguments, environment))
    signer.delivery = arguments["--delivery"].flatMap(Delivery.init) ?? .query
    var operand = try RequestOperand(arguments)
    guard let host = operand.request.headers["Host"], !host.isEmpty else {
      throw CommandError(.unreadable, "the request has no Host header, so there is no URL of it")
    }
    for parameter in arguments.all("--param") {
      guard !parameter.isEmpty else {
        throw CommandError(.usage, "--param is empty", hint: "It is NAME=VALUE, or NAME alone, such as --param acl.")
      }
      let query = operand.request.rawQuery
      operand.request.target += (query == nil ? "?" : query == "" ? "" : "&") + wireForm(parameter)
    }
    try operand.refuseSignedQuery(for: signer.delivery)
    let request = operand.request
    let now = try now(arguments)
    let seconds = try arguments.integer("--expires", in: 1...3_200_000_000) ?? 900
    signer.keyTime = TimeSpan(start: now, end: now + Int64(seconds))
    let others = signer.prepared(request).headers.fields.map(\.name).filter {
      Signer.signsByDefault(headerNamed: $0) && !sameName($0, "Host")
    }
    if !others.isEmpty {
      environment.errors.writeLine(
        "note: whoever uses the URL sends these headers as given: " + others.joined(separator: ", "))
    }
    environment.output.writeLine(operand.origin + signer.signed(request, now: now).target)
    return .success
  }

  /// A parameter given as plain text, as it goes over the wire.
  private static func wireForm(_ text: String) -> String {
    text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { PercentCoding.encode(String($0)) }
      .joined(separator: "=")
  }
}
