internal import CaseLibrary
internal import Glibc
internal import Synchronization

/// The process groups of the adapters that are running.
///
/// Held from making pipes to closing the child's ends, so that no other child inherits one and keeps it open.
let runningGroups = Mutex<Set<pid_t>>([])

/// What happens to adapters when the program is told to stop (SIGINT, SIGTERM).
public enum Interruption {
  /// From now on such a signal kills every adapter with all that it started, and then ends the program.
  ///
  /// To be called before other threads are made: they inherit that the signals are left to the thread that waits here.
  /// - Parameter end: ends the program; nothing else may be started while it runs.
  public static func killsAdapters(then end: @escaping @Sendable () -> Never) {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGINT)
    unsafe sigaddset(&signals, SIGTERM)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    let waiting = signals
    let thread = startThread {
      var signals = waiting
      var received: Int32 = 0
      unsafe sigwait(&signals, &received)
      runningGroups.withLock { groups in
        for group in groups { kill(-group, SIGKILL) }
        end()
      }
    }
    // With no thread to wait, the signals do what they always did, to this process alone.
    if let thread { pthread_detach(thread) } else { unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil) }
  }
}
