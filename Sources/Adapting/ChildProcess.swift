internal import Glibc
internal import Synchronization

/// A program that runs beside the kit, in a process group of its own, with pipes for its three streams. Whoever owns it
/// ends it: what is still running of the group is killed and the child reaped when the value goes.
struct ChildProcess: ~Copyable {
  /// How a process ended.
  enum End: Sendable, Equatable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    var description: String {
      switch self {
      // How a shell reports that a signal ended what it ran.
      case .exited(let code) where (129...192).contains(code): "signal \(code - 128) ended it (exit code \(code))"
      case .exited(let code): "it ended with exit code \(code)"
      case .signalled(let number): "signal \(number) ended it"
      }
    }
  }

  /// What is ready, of the three pipes.
  struct Ready {
    var input = false
    var output = false
    var errors = false
  }

  private let identifier: pid_t
  private var input: Int32
  private let output: Int32
  private var errors: Int32

  /// Starts a command line under `/bin/sh`. It sees the environment but for the variables that hold keys.
  init(command: String) throws(AdapterUnusable) {
    // A child that has gone shows as EPIPE where its input is written.
    signal(SIGPIPE, SIG_IGN)
    let started = try runningGroups.withLock { groups throws(AdapterUnusable) in
      let started = try Self.start(command)
      groups.insert(started.identifier)
      return started
    }
    identifier = started.identifier
    input = started.streams[0]
    output = started.streams[1]
    errors = started.streams[2]
  }

  deinit {
    if input >= 0 { close(input) }
    close(output)
    if errors >= 0 { close(errors) }
    Self.kill(identifier)
  }

  private static func start(_ command: String) throws(AdapterUnusable) -> (identifier: pid_t, streams: [Int32]) {
    var pipes: [Int32] = []
    for _ in 0..<3 {
      var pair: [Int32] = [-1, -1]
      guard unsafe pipe(&pair) == 0 else {
        for descriptor in pipes { close(descriptor) }
        throw AdapterUnusable("no pipe for the adapter: \(text(of: errno))")
      }
      pipes += pair
    }
    for descriptor in pipes { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    let ours = [pipes[1], pipes[2], pipes[4]]
    let theirs = [pipes[0], pipes[3], pipes[5]]
    for descriptor in ours { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
    let result = spawn(command, streams: theirs)
    for descriptor in theirs { close(descriptor) }
    guard result.code == 0 else {
      for descriptor in ours { close(descriptor) }
      throw AdapterUnusable("the adapter '\(command)' cannot be started: \(text(of: result.code))")
    }
    return (result.identifier, ours)
  }

  private static func spawn(_ command: String, streams: [Int32]) -> (code: Int32, identifier: pid_t) {
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    for (number, descriptor) in streams.enumerated() {
      unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
    }
    var defaults = sigset_t()
    unsafe sigemptyset(&defaults)
    unsafe sigaddset(&defaults, SIGPIPE)
    unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
    // The child must not inherit that the kit waits for signals elsewhere.
    var blocked = sigset_t()
    unsafe sigemptyset(&blocked)
    unsafe posix_spawnattr_setsigmask(&attributes, &blocked)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    var words: [UnsafeMutablePointer<CChar>?] = unsafe []
    for word in ["/bin/sh", "-c", command] { unsafe words.append(strdup(word)) }
    unsafe words.append(nil)
    var variables: [UnsafeMutablePointer<CChar>?] = unsafe []
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let name = unsafe String(cString: text)
      if !keyVariables.contains(where: { name.hasPrefix($0 + "=") }) { unsafe variables.append(text) }
      unsafe entry = entry.successor()
    }
    unsafe variables.append(nil)
    defer { for index in unsafe words.indices { unsafe free(words[index]) } }
    var identifier: pid_t = 0
    let code = unsafe posix_spawn(&identifier, "/bin/sh", &actions, &attributes, &words, &variables)
    return (code, identifier)
  }

  private static let keyVariables = ["CISPEC_SECRET_ID", "CISPEC_SECRET_KEY", "CISPEC_TOKEN"]

  // MARK: Streams

  /// Waits until a pipe is ready, at most that many seconds; nothing is ready when the time is over.
  func wait(seconds: Double, toWrite: Bool) -> Ready {
    var entries = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0), pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
      pollfd(fd: toWrite ? input : -1, events: Int16(POLLOUT), revents: 0),
    ]
    let milliseconds = Int32(min(max(0, seconds), 100_000) * 1000) + 1
    guard unsafe poll(&entries, nfds_t(entries.count), milliseconds) > 0 else { return Ready() }
    return Ready(input: entries[2].revents != 0, output: entries[0].revents != 0, errors: entries[1].revents != 0)
  }

  /// How many of the bytes were taken; nil when nobody reads any more.
  func write(_ bytes: ArraySlice<UInt8>) -> Int? {
    let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(input, $0.baseAddress, $0.count) }
    if count >= 0 { return count }
    return errno == EAGAIN || errno == EINTR ? 0 : nil
  }

  mutating func closeInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  /// Appends what there is of the standard output; false at its end.
  func readOutput(into bytes: inout [UInt8]) -> Bool { Self.read(output, into: &bytes) }

  /// Appends what there is of the standard error.
  mutating func readErrors(into bytes: inout [UInt8]) {
    guard errors >= 0, !Self.read(errors, into: &bytes) else { return }
    close(errors)
    errors = -1
  }

  private static func read(_ descriptor: Int32, into bytes: inout [UInt8]) -> Bool {
    var failure: Int32 = 0
    var count = 0
    let piece = unsafe [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, filled in
      count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      failure = errno
      filled = max(0, count)
    }
    bytes += piece
    return count > 0 || (count < 0 && (failure == EAGAIN || failure == EINTR))
  }

  // MARK: The end

  /// How it ended, when it does within that many seconds. It stays to be reaped, so that its group keeps its number.
  func end(withinSeconds seconds: Double) -> End? {
    let deadline = monotonicSeconds() + seconds
    while true {
      var status = unsafe siginfo_t()
      let result = unsafe waitid(P_PID, id_t(identifier), &status, WEXITED | WNOHANG | WNOWAIT)
      if result == 0, unsafe status._sifields._sigchld.si_pid == identifier {
        let code = unsafe status._sifields._sigchld.si_status
        return unsafe status.si_code == Int32(CLD_EXITED) ? .exited(code) : .signalled(code)
      }
      guard monotonicSeconds() < deadline else { return nil }
      usleep(1000)
    }
  }

  /// Kills what is left of the group and reaps the child.
  private static func kill(_ identifier: pid_t) {
    runningGroups.withLock { groups in
      groups.remove(identifier)
      _ = Glibc.kill(-identifier, SIGKILL)
    }
    while waitpid(identifier, nil, 0) < 0, errno == EINTR {}
  }

  private static func text(of code: Int32) -> String { unsafe String(cString: strerror(code)) }
}

/// Seconds on a clock that never goes back.
func monotonicSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
