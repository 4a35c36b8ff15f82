internal import CaseLibrary
internal import Glibc

/// Threads that turn items into results. Results are delivered one at a time in the order of their items, and only so
/// much is in work at once that memory stays flat. With one thread there is no other: items are worked on as they come.
///
/// `@unchecked Sendable`: what is shared is only touched under the lock, and `deliver` never runs twice at once.
@safe final class WorkerPool<Item: Sendable, Result: Sendable>: @unchecked Sendable {
  /// What may be between its arrival and its delivery; one item is always let in.
  struct Bounds {
    var threads: Int
    var itemsMax: Int
    var bytesMax: Int
  }

  private let bounds: Bounds
  private let makeWorker: @Sendable () -> (Item) -> Result
  private let deliver: (Result) -> Void
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let hasItem = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let hasRoom = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  private var waiting: [(number: Int, item: Item, bytes: Int)] = []
  private var done: [Int: (result: Result, bytes: Int)] = [:]
  private var submitted = 0
  private var delivered = 0
  private var bytesInWork = 0
  private var idle = 0
  private var isDelivering = false
  private var isClosed = false
  private var threads: [pthread_t] = []
  /// What the thread that hands items in does with them itself.
  private var ownWorker: ((Item) -> Result)?

  /// - Parameters:
  ///   - makeWorker: called once on each thread.
  ///   - deliver: called on any of the threads, never on two at once.
  init(_ bounds: Bounds, makeWorker: @escaping @Sendable () -> (Item) -> Result, deliver: @escaping (Result) -> Void) {
    self.bounds = bounds
    self.makeWorker = makeWorker
    self.deliver = deliver
    unsafe pthread_mutex_init(lock, nil)
    unsafe pthread_cond_init(hasItem, nil)
    unsafe pthread_cond_init(hasRoom, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(hasRoom)
    unsafe pthread_cond_destroy(hasItem)
    unsafe pthread_mutex_destroy(lock)
    unsafe hasRoom.deallocate()
    unsafe hasItem.deallocate()
    unsafe lock.deallocate()
  }

  /// Starts the threads before there is an item, so that they get ready while it is looked for.
  func start() {
    guard bounds.threads > 1 else { return }
    locked { for _ in threads.count..<bounds.threads { startWorker() } }
  }

  /// Hands an item in; waits while too much is in work.
  func submit(_ item: Item, bytes: Int) {
    guard bounds.threads > 1 else {
      let worker = ownWorker ?? makeWorker()
      ownWorker = worker
      deliver(worker(item))
      return
    }
    locked {
      while submitted > delivered,
        submitted - delivered >= bounds.itemsMax || bytesInWork + bytes > bounds.bytesMax
      {
        unsafe pthread_cond_wait(hasRoom, lock)
      }
      waiting.append((submitted, item, bytes))
      submitted += 1
      bytesInWork += bytes
      if idle < waiting.count, threads.count < bounds.threads { startWorker() }
      unsafe pthread_cond_signal(hasItem)
    }
  }

  /// Returns when every result has been delivered and every thread has ended.
  func finish() {
    let running = locked {
      isClosed = true
      unsafe pthread_cond_broadcast(hasItem)
      return threads
    }
    for thread in running { pthread_join(thread, nil) }
  }

  // MARK: Threads

  private func startWorker() {
    guard let thread = startThread({ [self] in work() }) else {
      precondition(!threads.isEmpty, "the system has no thread to spare")
      return
    }
    threads.append(thread)
  }

  private func work() {
    let worker = makeWorker()
    while let (number, item, bytes) = next() {
      let result = worker(item)
      hand(result, number, bytes)
    }
  }

  private func next() -> (number: Int, item: Item, bytes: Int)? {
    locked {
      while waiting.isEmpty {
        if isClosed { return nil }
        idle += 1
        unsafe pthread_cond_wait(hasItem, lock)
        idle -= 1
      }
      return waiting.removeFirst()
    }
  }

  /// Keeps a result until its turn; whoever has the next one delivers it, with all that follow it and are there.
  private func hand(_ result: Result, _ number: Int, _ bytes: Int) {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    done[number] = (result, bytes)
    guard !isDelivering else { return }
    isDelivering = true
    defer { isDelivering = false }
    while let ready = done.removeValue(forKey: delivered) {
      unsafe pthread_mutex_unlock(lock)
      deliver(ready.result)
      unsafe pthread_mutex_lock(lock)
      delivered += 1
      bytesInWork -= ready.bytes
      unsafe pthread_cond_signal(hasRoom)
    }
  }

  private func locked<Value>(_ body: () -> Value) -> Value {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    return body()
  }
}

/// The processors this process may use.
func processorCount() -> Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
