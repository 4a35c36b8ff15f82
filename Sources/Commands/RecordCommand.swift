internal import CaseLibrary
internal import Glibc
internal import HTTPExchange
internal import HTTPTransport
internal import Recording
internal import Signing

extension Commands {
  static let recordCommand = Command(
    name: "record", summary: "Pass requests on to a server and write what went to and fro, without secrets.",
    operands: "",
    flags: [
      Flag(
        name: "--upstream", value: "URL", help: "The server to record, such as https://BUCKET.ci.REGION.myqcloud.com."),
      Flag(name: "--port", value: "N", help: "The port to listen on; any that is free unless given."),
      Flag(
        name: "--until", value: "N|idle:S",
        help: "Stop after N requests, or after S seconds without one; else by Ctrl-C or SIGTERM."),
      Flag(name: "--ca", value: "FILE", help: "Certificates to trust in place of the system's."),
      Flag(name: "--timeout", value: "SECONDS", help: "How long an answer may take at most; 30 unless given."),
    ] + RecordingOutput.flags,
    examples: [
      (
        "cispec record --upstream https://photos-1250000000.ci.ap-chongqing.myqcloud.com --out Exchanges/own/hash",
        "let the client send to the port that is printed, then press Ctrl-C"
      ),
      (
        "cispec record --upstream http://127.0.0.1:8080 --out rec --until idle:5",
        "stop by itself when nothing comes any more"
      ),
    ],
    run: record)

  private static func record(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard arguments.operands.isEmpty else { throw CommandError(.usage, "cispec record takes no operands") }
    guard let upstream = arguments["--upstream"] else {
      throw CommandError(.usage, "no server to record was given", hint: "--upstream names it.")
    }
    let endpoint = try Endpoint(parsing: upstream)
    let end = try arguments["--until"].map(ListeningEnd.init)
    let port = try arguments.integer("--port", in: 0...65_535) ?? 0
    let seconds = try arguments.integer("--timeout", in: 1...3600).map(Double.init) ?? 30
    if let file = arguments["--ca"] { _ = try Files.read(file, bytesMax: 16 << 20) }
    // All that can be wrong is found before anything is recorded.
    let output = try RecordingOutput(arguments, environment, recorder: "cispec record \(version)")
    try output.checkFolder()
    // Before any thread is made.
    let signals = TerminationSignals()
    let limits = TransportLimits(connectSeconds: min(10, seconds), totalSeconds: seconds, stallSeconds: seconds)
    let proxy = RecordingProxy(
      upstream: HTTPClient(endpoint: endpoint, limits: limits, route: ClientRoute(caFile: arguments["--ca"])),
      authority: endpoint.authority, credentials: output.known.credentials.first, clock: SystemClock())
    let server = try HTTPServer(responder: proxy, port: UInt16(port), limits: ServerLimits(bodyBytesMax: 16 << 20))
    environment.output.writeLine("listening on http://127.0.0.1:\(server.port)")
    let start = SystemClock().now
    while signals.next() == nil {
      let idle = SystemClock().now - max(start, proxy.lastSeconds)
      if end?.hasCome(requests: proxy.answered, idleSeconds: idle) == true { break }
    }
    server.stop()
    for failure in proxy.failures { environment.errors.writeLine("not recorded: \(failure)") }
    guard !proxy.exchanges.isEmpty else {
      throw CommandError(
        proxy.failures.isEmpty ? .findings : .targetUnusable,
        proxy.failures.isEmpty ? "no request came, so nothing was recorded" : "\(endpoint) answered no request")
    }
    return try output.write(proxy.exchanges, hosts: [endpoint.host])
  }
}
