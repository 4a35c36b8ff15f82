internal import Glibc
internal import HTTPExchange
internal import HTTPTransport

extension Commands {
  static let serveCommand = Command(
    name: "serve", summary: "Run the emulator of the service until it is stopped.", operands: "",
    flags: Serving.flags + [Flag(name: "--quiet", value: nil, help: "No line for each request.")],
    examples: [
      ("cispec serve --objects ./media --secret-file keys.txt", "serve jobs over the files in ./media"),
      ("cispec serve --port 0", "take a free port and print it, with a key pair that is plainly fake"),
      ("cispec serve --faults faults.json", "answer some requests late, wrongly or not at all"),
      ("cispec serve --state jobs.db", "go on after a stop or a crash where it ended"),
      (
        "cispec serve --seed-jobs Examples/seed-jobs.json --now 2022-07-18T15:16:43+0800 --speed 0",
        "begin with jobs in every state, at a time that stands: the same answers in every run"
      ),
      ("curl http://127.0.0.1:8080/.cispec/metrics", "what was answered so far; /.cispec/health says that it runs"),
    ],
    run: serve)

  private static func serve(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    // Before any thread is made.
    let signals = TerminationSignals()
    let serving = try Serving(arguments, environment, command: "serve")
    let log = arguments.has("--quiet") ? nil : accessLog(environment.errors)
    let server = try serving.listen(ServingResponder(serving), talk: environment.output, log: log)
    var signal: Int32?
    while signal == nil {
      serving.callbacks.sendDue()
      signal = signals.next()
    }
    environment.errors.writeLine("stopping: answers in flight are finished")
    server.stop()
    serving.callbacks.stop()
    // Stopping it is how this command ends: SIGTERM is a success, an interrupt says that it was one.
    return signal == SIGINT ? .interrupted : .success
  }

  /// A line for each request: never its query or headers, which may hold a signature.
  private static func accessLog(_ output: Output) -> @Sendable (HTTPRequest, HTTPResponse, Double) -> Void {
    { request, response, seconds in
      let id = response.headers["x-ci-request-id"] ?? "-"
      output.writeLine("\(request.method) \(request.rawPath) \(response.status) \(Int(seconds * 1000)) ms \(id)")
    }
  }
}
