internal import Glibc
internal import Synchronization

/// How a signal ends the program: with an exit code of the table, not with the signal.
public enum EndingSignals {
  private static let stackBytes = 64 << 10

  /// To be called first of all. A command that ends in an orderly way takes the interrupt for itself.
  public static func haveExitCodes() {
    // Where a stack that overflowed has its end told.
    var stack = unsafe stack_t(ss_sp: malloc(stackBytes), ss_flags: 0, ss_size: stackBytes)
    unsafe sigaltstack(&stack, nil)
    handle(SIGINT) { _ in _exit(ExitCode.interrupted.rawValue) }
    for signal in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] {
      handle(signal) { _ in
        say("error: cispec crashed\nhint: This is a fault of cispec itself; SWIFT_BACKTRACE=enable=yes shows where.\n")
        _exit(ExitCode.internalFault.rawValue)
      }
    }
  }

  /// Leaves a signal alone that is ignored (as in the background of a shell) or that something else handles: Swift's
  /// backtrace, a sanitizer.
  private static func handle(_ signal: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
    var present = sigaction()
    guard unsafe sigaction(signal, nil, &present) == 0, unsafe present.__sigaction_handler.sa_handler == nil,
      present.sa_flags & SA_SIGINFO == 0
    else { return }
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = handler
    action.sa_flags = SA_ONSTACK
    unsafe sigaction(signal, &action, nil)
    // A program started by a thread that blocks signals (libdispatch's do) inherits that.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, signal)
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}

/// The interrupt of a command that tells what it has found until then.
enum Interrupt {
  private static let isNoted = Atomic(false)

  /// Whether one has come since `endsTheRun`.
  static var hasCome: Bool { isNoted.load(ordering: .relaxed) }

  /// From now on the first interrupt is noted, for whoever asks before each case, and the second ends the program.
  static func endsTheRun() {
    // Made here, since a handler may not make it.
    isNoted.store(false, ordering: .relaxed)
    var present = sigaction()
    // One that is ignored stays so.
    guard unsafe sigaction(SIGINT, nil, &present) == 0, !isIgnored(present) else { return }
    unsafe present.__sigaction_handler.sa_handler = { _ in
      if Interrupt.isNoted.exchange(true, ordering: .relaxed) { _exit(ExitCode.interrupted.rawValue) }
      say("\ninterrupted: what is under way is ended, then the result is told; once more ends at once\n")
    }
    unsafe sigaction(SIGINT, &present, nil)
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }
}

/// Nothing but a call of the system: a handler may do no more.
private func say(_ sentence: StaticString) {
  sentence.withUTF8Buffer { bytes in
    _ = unsafe write(STDERR_FILENO, bytes.baseAddress, bytes.count)
  }
}
