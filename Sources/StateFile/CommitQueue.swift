internal import Emulator
internal import Glibc

/// Changes on their way to the disk. Whoever waits for his own writes those of all others too, so that many requests at
/// once cost one commit.
///
/// `@unchecked Sendable`: what is shared is only touched under the lock.
@safe final class CommitQueue: @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let hasWritten = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var waiting: [StateChange] = []
  /// Calls of `append` so far, and how many of them are on the disk.
  private var appended = 0
  private var durable = 0
  private var isWriting = false
  private var hasFailed = false

  init() {
    unsafe pthread_mutex_init(lock, nil)
    unsafe pthread_cond_init(hasWritten, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(hasWritten)
    unsafe pthread_mutex_destroy(lock)
    unsafe hasWritten.deallocate()
    unsafe lock.deallocate()
  }

  var isFailing: Bool { locked { hasFailed } }

  func append(_ changes: [StateChange]) {
    guard !changes.isEmpty else { return }
    locked {
      waiting += changes
      appended += 1
    }
  }

  /// Returns when all that was appended before is written. `write` is never called twice at once; what it throws goes to
  /// every caller whose changes it had, and these are written again with the next call.
  func flush(_ write: ([StateChange]) throws -> Void) throws {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    let goal = appended
    while durable < goal {
      if isWriting {
        unsafe pthread_cond_wait(hasWritten, lock)
        continue
      }
      let (changes, written) = (waiting, appended)
      waiting = []
      isWriting = true
      unsafe pthread_mutex_unlock(lock)
      let outcome = Result { try write(changes) }
      unsafe pthread_mutex_lock(lock)
      isWriting = false
      switch outcome {
      case .success:
        durable = written
        hasFailed = false
      case .failure:
        waiting = changes + waiting
        hasFailed = true
      }
      unsafe pthread_cond_broadcast(hasWritten)
      try outcome.get()
    }
  }

  private func locked<Value>(_ body: () -> Value) -> Value {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    return body()
  }
}
