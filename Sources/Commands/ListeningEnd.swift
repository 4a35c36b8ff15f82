internal import Glibc

/// When a command that listens stops by itself.
enum ListeningEnd {
  /// After so many requests.
  case requests(Int)
  /// When none came for so many seconds.
  case idle(Double)

  /// Such as `20` or `idle:5`.
  init(parsing text: String) throws {
    if let count = Int(text), count > 0 {
      self = .requests(count)
    } else if text.hasPrefix("idle:"), let seconds = Double(text.dropFirst(5)), seconds > 0, seconds.isFinite {
      self = .idle(seconds)
    } else {
      throw CommandError(
        .usage, "--until is '\(text)', neither a number of requests nor idle:SECONDS", hint: "Such as 20 or idle:5.")
    }
  }

  /// - Parameter idleSeconds: nil while nothing counts as idle.
  func hasCome(requests: Int, idleSeconds: Double?) -> Bool {
    switch self {
    case .requests(let count): requests >= count
    case .idle(let seconds): (idleSeconds ?? 0) >= seconds
    }
  }
}

/// The signals that end a server, received by whoever waits for them.
struct TerminationSignals {
  private let signals: sigset_t

  /// To be made before any thread is, so that only the wait below receives them.
  init() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGINT)
    unsafe sigaddset(&signals, SIGTERM)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    signal(SIGPIPE, SIG_IGN)
    self.signals = signals
  }

  /// The signal that came within a tenth of a second; nil when none did.
  func next() -> Int32? {
    var (signals, tenth) = (signals, timespec(tv_sec: 0, tv_nsec: 100_000_000))
    let received = unsafe sigtimedwait(&signals, nil, &tenth)
    return received > 0 ? received : nil
  }
}
