internal import Glibc

/// How many requests are being answered, and a way of waiting until none is.
///
/// `@unchecked Sendable`: the count is only touched under the lock.
@safe final class OpenRequests: @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let isNone = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var count = 0
  private var draining = false

  init() {
    unsafe pthread_mutex_init(lock, nil)
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(isNone, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(isNone)
    unsafe pthread_mutex_destroy(lock)
    unsafe isNone.deallocate()
    unsafe lock.deallocate()
  }

  /// Connections are to be closed after their next answer.
  var isDraining: Bool { locked { draining } }

  func begin() { locked { count += 1 } }

  func end() {
    locked {
      count -= 1
      if count == 0 { unsafe pthread_cond_broadcast(isNone) }
    }
  }

  /// Returns when no request is open, or after that time.
  func drain(seconds: Double) {
    let end = monotonicSeconds() + seconds
    var time = timespec(tv_sec: Int(end), tv_nsec: Int((end - end.rounded(.down)) * 1e9))
    locked {
      draining = true
      while count > 0 {
        if unsafe pthread_cond_timedwait(isNone, lock, &time) != 0 { return }
      }
    }
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    return body()
  }
}
