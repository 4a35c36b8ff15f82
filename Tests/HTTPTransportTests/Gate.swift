import Glibc

/// Lets a test hold a responder until it has seen what it wants to see.
final class Gate: @unchecked Sendable {
  // The semaphores synchronise themselves; they stay at one address as C wants it.
  private let arrived = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
  private let opened = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() {
    sem_init(arrived, 0, 0)
    sem_init(opened, 0, 0)
  }

  deinit {
    sem_destroy(arrived)
    sem_destroy(opened)
    arrived.deallocate()
    opened.deallocate()
  }

  func arrive() { sem_post(arrived) }
  func open() { sem_post(opened) }
  func waitForArrival() { wait(arrived) }
  func waitUntilOpen() { wait(opened) }

  /// At most two seconds, so that a failing test ends.
  private func wait(_ semaphore: UnsafeMutablePointer<sem_t>) {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    time.tv_sec += 2
    while sem_timedwait(semaphore, &time) != 0, errno == EINTR {}
  }
}
