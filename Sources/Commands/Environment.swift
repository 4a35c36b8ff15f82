internal import CaseLibrary
internal import Glibc
internal import HTTPExchange

/// Everything of the outside world that a command may use, passed in so that a test can pass its own.
public struct Environment: Sendable {
  public var variables: [String: String]
  public var output: Output
  public var errors: Output
  public var executable: String?

  public init(variables: [String: String], output: Output, errors: Output, executable: String?) {
    self.variables = variables
    self.output = output
    self.errors = errors
    self.executable = executable
  }

  /// The process's own.
  public static func ofProcess() -> Environment {
    var variables: [String: String] = [:]
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let pair = unsafe String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
      unsafe entry = entry.successor()
    }
    return Environment(
      variables: variables, output: Output(descriptor: STDOUT_FILENO), errors: Output(descriptor: STDERR_FILENO),
      executable: DataFolder.runningExecutable())
  }

  func dataFolder() throws -> DataFolder {
    try DataFolder.find(environment: variables, executable: executable)
  }

  /// Whether text may be coloured: NO_COLOR forbids it, then FORCE_COLOR or CLICOLOR_FORCE ask for it, else it is for
  /// terminals that can.
  func isColoured(_ output: Output) -> Bool {
    func isSet(_ name: String) -> Bool { !(variables[name] ?? "").isEmpty }
    if isSet("NO_COLOR") { return false }
    if isSet("FORCE_COLOR") || isSet("CLICOLOR_FORCE") { return true }
    return output.isTerminal && variables["TERM"] != "dumb"
  }
}

/// A stream to write text to.
public struct Output: Sendable {
  private let descriptor: Int32
  public let isTerminal: Bool

  public init(descriptor: Int32) {
    self.descriptor = descriptor
    isTerminal = isatty(descriptor) == 1
  }

  /// Writes the text: as it is where a program may read it, tamed where people or a CI do. A reader that has gone away
  /// (`cispec … | head`) ends the program as it ends others, and data that cannot be written is a report that is not;
  /// without standard error the program goes on in silence.
  public func write(_ text: String) {
    let text =
      descriptor == STDERR_FILENO ? TameText.forLog(text) : isTerminal ? TameText.forTerminal(text) : text
    guard !Files.writeAll(Array(text.utf8), to: descriptor) else { return }
    let code = errno
    if code == EPIPE { exit(128 + SIGPIPE) }
    guard descriptor != STDERR_FILENO else { return }
    Output(descriptor: STDERR_FILENO).writeLine("error: standard output: \(Files.reason(of: code))")
    exit(ExitCode.reportNotWritten.rawValue)
  }

  public func writeLine(_ text: String) { write(text + "\n") }
}

/// The time of the machine.
struct SystemClock: HTTPExchange.Clock {
  var now: Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  func sleep(seconds: Double) {
    guard seconds > 0 else { return }
    var left = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
    var remaining = timespec()
    while unsafe nanosleep(&left, &remaining) != 0, errno == EINTR { left = remaining }
  }
}

/// Seconds on a clock that never goes back, for measuring.
func monotonicSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
