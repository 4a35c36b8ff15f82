import Foundation
import Testing

private let keys = [
  "CISPEC_SECRET_ID": "AKIDcispecFakeSecretId0000000000", "CISPEC_SECRET_KEY": "cispecFakeSecretKey0000000000000",
]

/// Every code of the table in docs/Formats.md, by the real program.
@Suite("Exit codes", .serialized)
struct ExitCodeTests {
  @Test(
    "each cause has its code",
    arguments: [
      (0, ["validate", "Schemas/corpus/valid/queues.update.request.minimal.xml"], ""),
      (1, ["validate", "Schemas/samples/pages/hash-query-response-example.xml"], ""),
      (2, ["validate", "--operatoin", "x", "a"], "Did you mean --operation?"),
      (3, ["validate", "no/such/file.xml"], "there is no such file"),
      (3, ["vectors", "--known-failing", "README.md"], "README.md:3"),
      (4, ["vectors", "--adapter", "exit 9"], "exit"), (4, ["smoke", "--adapter", "exit 9"], "exit"),
      (4, ["replay", "file-jobs/query-unknown-id", "--target", "http://127.0.0.1:1"], "refuse"),
      (6, ["vectors", "signing/path", "--report", "tap=no/such/folder/a"], "no/such/folder/a"),
    ] as [(Int32, [String], String)])
  func cause(code: Int32, words: [String], sentence: String) throws {
    let outcome = try Program.run(words, environment: keys, folder: Program.root)
    #expect(outcome.code == code, "\(outcome.output.suffix(500))\(outcome.errors)")
    let text = outcome.output + outcome.errors
    #expect(sentence.isEmpty || text.contains(sentence), "\(text.suffix(500))")
  }

  @Test(
    "data that standard output does not take is a report that was not written", arguments: [["list"], ["--version"]])
  func fullOutput(words: [String]) throws {
    let outcome = try Program.run(words, outputPath: "/dev/full")
    #expect(outcome.code == 6)
    #expect(outcome.errors == "error: standard output: no space is left on the device\n")
  }

  @Test("a crash says that it is a fault of cispec", arguments: [SIGSEGV, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE])
  func crash(signal: Int32) throws {
    let running = try Running(["validate", "-"], environment: ["SWIFT_BACKTRACE": "enable=no"])
    let (code, errors) = running.end(by: signal)
    #expect(code == 5)
    #expect(errors.hasPrefix("error: cispec crashed\nhint: This is a fault of cispec itself"))
  }

  /// Each command that can last, with what it waits for: its standard input, a listener that never answers, an adapter
  /// that never speaks, a client.
  @Test(
    "an interrupt ends every command that lasts",
    arguments: [
      ["validate", "-"], ["validate", "--input", "json-lines", "-"], ["sign", "-"], ["verify", "-"],
      ["compare", "-", "README.md"], ["adapter"], ["corpus", "--full"],
      ["replay", "--target", "TARGET"], ["server", "--target", "TARGET"], ["vectors", "--target", "TARGET"],
      ["callback", "--to", "TARGET"], ["vectors", "--adapter", "sleep 60"], ["client", "--adapter", "sleep 60"],
      ["smoke", "--adapter", "sleep 60"], ["serve", "--port", "0"], ["judge", "--port", "0"],
      ["record", "--upstream", "TARGET", "--out", "OUT"],
    ])
  func interrupt(words: [String]) throws {
    let silent = try Silence()
    let out = Program.temporary()
    let words = words.map { $0 == "TARGET" ? "http://127.0.0.1:\(silent.port)" : $0 == "OUT" ? out : $0 }
    let running = try Running(words, environment: keys)
    let start = Date()
    let (code, errors) = running.end(by: SIGINT)
    // What was recorded before an interrupt is written, and here that is nothing.
    let expected: Int32 = words[0] == "record" || words[0] == "judge" ? 1 : 130
    #expect(code == expected, "\(errors)")
    // It has ended for Foundation when what it started, such as the adapter, has ended too.
    #expect(Date().timeIntervalSince(start) < 10)
    #expect(!FileManager.default.fileExists(atPath: out))
  }
}

/// A listener that takes connections into its queue and never answers.
private final class Silence {
  let port: Int
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var count = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard bind(descriptor, address, count) == 0, listen(descriptor, 64) == 0,
          getsockname(descriptor, address, &count) == 0
        else { return false }
        return true
      }
    }
    try #require(port)
    self.port = Int(UInt16(bigEndian: address.sin_port))
  }

  deinit { close(descriptor) }
}

/// The program while it waits: its standard input stays open and empty.
private final class Running {
  private let process = Process()
  private let input = Pipe()
  private let errorFile = Program.temporary()

  init(_ words: [String], environment: [String: String]) throws {
    process.executableURL = URL(filePath: Program.path)
    process.arguments = words
    process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
    process.currentDirectoryURL = URL(filePath: Program.root)
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    _ = FileManager.default.createFile(atPath: errorFile, contents: nil)
    process.standardError = FileHandle(forWritingAtPath: errorFile)
    // A program started with interrupts ignored keeps to that, and a shell's background is started so.
    signal(SIGINT, SIG_DFL)
    try process.run()
    // It is in its command when it waits for the first time; a command that never waits is at work by then.
    for _ in 0..<400 where !isWaiting { usleep(5000) }
  }

  private var isWaiting: Bool {
    let state = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/wchan", encoding: .utf8)
    return state.map { $0 != "0" && !$0.isEmpty } ?? false
  }

  /// The exit code, or minus the signal that ended it; it is killed after ten seconds.
  func end(by signal: Int32) -> (code: Int32, errors: String) {
    usleep(100_000)
    kill(process.processIdentifier, signal)
    let end = Date() + 10
    while process.isRunning, Date() < end { usleep(5000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    let errors = (try? String(contentsOfFile: errorFile, encoding: .utf8)) ?? ""
    try? FileManager.default.removeItem(atPath: errorFile)
    return (process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus, errors)
  }
}
