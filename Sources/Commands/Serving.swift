internal import CaseLibrary
internal import Emulator
internal import Glibc
internal import HTTPExchange
internal import HTTPTransport
internal import Signing
internal import StateFile
internal import XMLValidation

/// The emulator behind a socket, as `serve` and `judge` run it.
struct Serving {
  static let flags =
    [
      Flag(name: "--port", value: "N", help: "The port; 8080 unless given, 0 for any that is free."),
      Flag(name: "--address", value: "IP", help: "The address to listen on; 127.0.0.1 unless given."),
      Flag(
        name: "--objects", value: "DIR",
        help: "A folder whose files are the objects of every bucket; none unless given."),
      Secrets.fileFlag,
      Flag(
        name: "--faults", value: "FILE",
        help: "Which requests are answered late, wrongly or not at all; docs/Formats.md has the keys."),
      Flag(
        name: "--allow-callbacks", value: nil,
        help: "Send callbacks of finished jobs to other machines too; else to addresses of this one alone."),
      Flag(name: "--no-callbacks", value: nil, help: "Send no callbacks."),
      Flag(
        name: "--callback-json", value: "FORM",
        help: "JobsDetail of callbacks in JSON as a list of one (json-array, unless given) or as an object (json).",
        choices: [CallbackForm.jsonArray, .json].map(\.rawValue)),
      Flag(name: "--access-log", value: "FILE", help: "Append a line of JSON for each request."),
      Flag(
        name: "--state", value: "FILE",
        help: "Keep jobs, queues and templates in this file, so that they are there after a restart or a crash."),
      Flag(
        name: "--seed-jobs", value: "FILE",
        help:
          "Jobs that are there at the start, as Schemas/seed-jobs.schema.json says; a state file takes them up once."),
      Flag(
        name: "--seed", value: "N",
        help: "The source of every identifier, from 0; that of the state file, else 1, unless given."),
      Flag(
        name: "--concurrency", value: "N",
        help:
          "How many jobs of one queue run at once, the others being Submitted until one ends; no limit unless given."),
    ] + EmulatedClock.flags

  let address: String
  let port: UInt16
  let catalogue: Catalogue
  let library: ValidationLibrary
  let credentials: [Credentials]
  let clock: EmulatedClock
  let emulator: Emulator
  let faulty: FaultyResponder
  let callbacks: CallbackSender
  let log: AccessLog?
  private let isSlow: Bool
  /// Answers wait until what they tell is on the disk.
  private let isKept: Bool
  private let errors: Output

  init(_ arguments: Arguments, _ environment: Environment, command: String) throws {
    guard arguments.operands.isEmpty else { throw CommandError(.usage, "cispec \(command) takes no operands") }
    port = UInt16(try arguments.integer("--port", in: 0...65_535) ?? 8080)
    address = arguments["--address"] ?? "127.0.0.1"
    catalogue = try Catalogue(try environment.dataFolder())
    library = catalogue.validationLibrary()
    let plan = try Self.faultPlan(arguments["--faults"], catalogue)
    let objects = try Self.objects(arguments["--objects"])
    var credentials = try Secrets.read(arguments, environment)
    if credentials.isEmpty {
      credentials = [Secrets.fake]
      environment.errors.writeLine(
        "no key pair given: requests signed with SecretId \(Secrets.fake.secretID) and SecretKey "
          + "\(Secrets.fake.secretKey) are accepted")
    }
    self.credentials = credentials
    var configuration = EmulatorConfiguration()
    configuration.concurrency = try arguments.integer("--concurrency", in: 1...10_000)
    let state = try ServingState(arguments, &configuration)
    clock = try EmulatedClock(arguments, earliest: state?.clock)
    emulator = Emulator(
      configuration: configuration, catalogue: catalogue, library: library, credentials: credentials,
      objects: objects, clock: clock, journal: state?.file)
    let seeds = try arguments["--seed-jobs"].map { try SeedJobsFile($0) }
    if seeds != nil, state?.saved.isEmpty == false {
      environment.errors.writeLine("--seed-jobs is left out: the state file has been taken up before")
    }
    try state?.restore(to: emulator)
    if state?.saved.isEmpty ?? true { try seeds?.add(to: emulator) }
    // The state and the jobs of the start at once: a kill between the two would leave the jobs out for good.
    try state?.keep(emulator)
    faulty = FaultyResponder(emulator, plan: plan, catalogue: catalogue, clock: clock)
    isSlow = !plan.isEmpty
    isKept = state != nil
    errors = environment.errors
    callbacks = CallbackSender(
      emulator, json: arguments["--callback-json"].flatMap(CallbackForm.init) ?? .jsonArray,
      reach: arguments.has("--no-callbacks") ? .none : arguments.has("--allow-callbacks") ? .any : .loopback,
      talk: environment.errors)
    log = try arguments["--access-log"].map { try AccessLog($0) }
  }

  /// Starts the server and says where it listens.
  func listen(
    _ responder: ServingResponder, talk: Output, log: (@Sendable (HTTPRequest, HTTPResponse, Double) -> Void)? = nil
  ) throws -> HTTPServer {
    var limits = ServerLimits()
    // A delay is to hold up the request it is for and no other.
    limits.hasThreadPerConnection = isSlow
    // Threads that wait for the disk wait together: one commit is for all of them.
    if isKept { limits.threads = 16 }
    limits.connectionsMax = try connections(atMost: limits.connectionsMax)
    let server = try HTTPServer(
      responder: responder, address: address, port: port, limits: limits, oversize: { responder.refuseOversized($0) },
      log: log)
    talk.writeLine("listening on http://\(address):\(server.port)")
    if clock.isOwn { errors.writeLine("its clock starts at \(Times.job(clock.now))") }
    return server
  }

  /// As many connections as the limit of open files allows beside the files of the program itself.
  private func connections(atMost wanted: Int) throws -> Int {
    // Each thread has two or three.
    let own = isKept ? 128 : 64
    let limit = DescriptorLimit.raised(to: wanted + own)
    guard limit > own else {
      throw CommandError(
        .targetUnusable, "the limit of open files is \(limit), which leaves none for connections",
        hint: "Raise it: ulimit -n \(wanted + own).")
    }
    if limit < wanted + own {
      errors.writeLine(
        "the limit of open files is \(limit): \(limit - own) connections at once are served, not \(wanted); "
          + "raise it with ulimit -n \(wanted + own)")
    }
    return min(wanted, limit - own)
  }

  private static func faultPlan(_ path: String?, _ catalogue: Catalogue) throws -> FaultPlan {
    guard let path else { return FaultPlan() }
    do {
      return try FaultPlan(
        parsing: try Files.read(path, bytesMax: 1 << 20), operations: catalogue.operations.map(\.id))
    } catch let error as FaultPlanError {
      throw CommandError(
        .unreadable, "\(path): \(error.description)", hint: "docs/Formats.md describes the file of --faults.")
    }
  }

  private static func objects(_ folder: String?) throws -> any ObjectStore {
    guard let folder else { return MemoryObjectStore() }
    guard Files.isFolder(folder) else { throw CommandError(.unreadable, "\(folder): there is no such folder") }
    return FolderObjectStore(folder: folder)
  }
}
