internal import Adapting
internal import CaseLibrary
internal import Findings
internal import Glibc
internal import Reporting

extension Commands {
  static let smokeCommand = Command(
    name: "smoke", summary: "Prove an adapter alive: it starts, answers, refuses what it does not know, and ends.",
    operands: "",
    flags: [adapterFlag, timeoutFlag, helloTimeoutFlag],
    examples: [("cispec smoke --adapter 'python3 adapter.py'", "each step with its outcome and the start-up time")],
    run: smoke)

  static let adapterCommand = Command(
    name: "adapter", summary: "Be an adapter: answer the requests of Adapters/protocol.md on standard input.",
    operands: "",
    flags: [],
    examples: [("cispec vectors --adapter 'cispec adapter'", "the kit judges itself through the protocol")],
    run: adapter)

  private static func smoke(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard let command = arguments["--adapter"], arguments.operands.isEmpty else {
      throw CommandError(.usage, "an adapter is to be named: --adapter 'CMD'")
    }
    let folder = try environment.dataFolder()
    let limits = try adapterLimits(arguments)
    endingAdaptersWhenInterrupted()
    let smoke = AdapterSmoke(
      command: command, limits: limits, signing: try SigningVector.all(in: folder),
      verifying: try VerifyingVector.all(in: folder))
    let text = PlainText(isColoured: environment.isColoured(environment.output))
    var isAlive = true
    for step in smoke.steps() {
      isAlive = isAlive && step.isRight
      let label = step.isRight ? text.coloured("ok    ", "32") : text.coloured("FAILED", "1;31")
      environment.output.writeLine("\(label) \(step.name): \(text.shown(step.words))")
    }
    guard isAlive else { throw CommandError(.targetUnusable, "the adapter cannot be used as it is") }
    return .success
  }

  private static func adapter(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard arguments.operands.isEmpty else { throw CommandError(.usage, "cispec adapter takes no operands") }
    let server = AdapterServer(version: version)
    var lines = AdapterLines(lineBytesMax: 1 << 20)
    while true {
      let bytes = try readSome(STDIN_FILENO)
      guard !bytes.isEmpty else { return .success }
      guard let complete = lines.take(bytes) else {
        throw CommandError(.unreadable, "<stdin>: a line is longer than \(1 << 20) bytes")
      }
      let answers = complete.flatMap { server.answer(to: $0) }
      environment.output.write(String(decoding: answers, as: UTF8.self))
    }
  }

  /// What a descriptor has now, waiting for something; empty at its end.
  private static func readSome(_ descriptor: Int32) throws -> [UInt8] {
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
      var got = unsafe read(descriptor, buffer.baseAddress, buffer.count)
      while got < 0, errno == EINTR { got = unsafe read(descriptor, buffer.baseAddress, buffer.count) }
      failure = got < 0 ? errno : 0
      count = max(0, got)
    }
    guard failure == 0 else { throw FileError(path: "<stdin>", reason: Files.reason(of: failure)) }
    return bytes
  }
}
