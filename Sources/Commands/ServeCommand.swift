internal import CaseLibrary
internal import Emulator
internal import Glibc
internal import HTTPExchange
internal import HTTPTransport
internal import Signing
internal import XMLValidation

extension Commands {
  static let serveCommand = Command(
    name: "serve", summary: "Run the emulator of the service until it is stopped.", operands: "",
    flags: [
      Flag(name: "--port", value: "N", help: "The port; 8080 unless given, 0 for any that is free."),
      Flag(name: "--address", value: "IP", help: "The address to listen on; 127.0.0.1 unless given."),
      Flag(
        name: "--objects", value: "DIR",
        help: "A folder whose files are the objects of every bucket; none unless given."),
      Secrets.fileFlag,
      Flag(name: "--quiet", value: nil, help: "No line for each request."),
    ],
    examples: [
      ("cispec serve --objects ./media --secret-file keys.txt", "serve jobs over the files in ./media"),
      ("cispec serve --port 0", "take a free port and print it, with a key pair that is plainly fake"),
    ],
    run: serve)

  private static func serve(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard arguments.operands.isEmpty else { throw CommandError(.usage, "cispec serve takes no operands") }
    let port = try arguments.integer("--port", in: 0...65_535) ?? 8080
    let catalogue = try Catalogue(try environment.dataFolder())
    let library = catalogue.validationLibrary()
    try library.compileEverything()
    var credentials = try Secrets.read(arguments, environment)
    if credentials.isEmpty {
      credentials = [Secrets.fake]
      environment.errors.writeLine(
        "no key pair given: requests signed with SecretId \(Secrets.fake.secretID) and SecretKey "
          + "\(Secrets.fake.secretKey) are accepted")
    }
    let objects: any ObjectStore
    if let folder = arguments["--objects"] {
      guard Files.isFolder(folder) else { throw CommandError(.unreadable, "\(folder): there is no such folder") }
      objects = FolderObjectStore(folder: folder)
    } else {
      objects = MemoryObjectStore()
    }
    // Blocked before any thread is made, so that only the wait below receives them.
    let signals = blockTerminationSignals()
    let emulator = Emulator(
      configuration: EmulatorConfiguration(), catalogue: catalogue, library: library, credentials: credentials,
      objects: objects, clock: SystemClock())
    let log = arguments.has("--quiet") ? nil : accessLog(environment.errors)
    let server = try HTTPServer(
      responder: emulator, address: arguments["--address"] ?? "127.0.0.1", port: UInt16(port),
      oversize: { emulator.refusalOfOversizedBody($0) }, log: log)
    environment.output.writeLine("listening on http://\(arguments["--address"] ?? "127.0.0.1"):\(server.port)")
    let signal = waitForSignal(signals)
    environment.errors.writeLine("stopping: answers in flight are finished")
    server.stop()
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

  static func blockTerminationSignals() -> sigset_t {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGINT)
    unsafe sigaddset(&signals, SIGTERM)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    signal(SIGPIPE, SIG_IGN)
    return signals
  }

  private static func waitForSignal(_ signals: sigset_t) -> Int32 {
    var signals = signals
    var received: Int32 = 0
    unsafe sigwait(&signals, &received)
    return received
  }
}
