internal import CCurl
internal import Glibc

/// Runs transfers of libcurl one after the other, as `curl_easy_perform` does, but for how it waits.
///
/// A server on this machine often answers within less time than it takes to put a thread to sleep and to wake it again on
/// another core. So a transfer after such a short one looks again and again for its answer before it goes to sleep, and
/// gives way to other threads each time it looks.
@safe struct Transfers: ~Copyable {
  /// How long an answer is waited for awake: 300 µs from the start of its transfer.
  private static let awakeSeconds = 300e-6

  private let multi: UnsafeMutableRawPointer
  /// The socket of the last transfer when its connection is kept open, else -1. It stays libcurl's.
  private(set) var keptSocket: Int32 = -1
  private var wasShort = false

  /// libcurl is open.
  init() {
    guard let multi = unsafe cispec_curl_multi_init() else {
      preconditionFailure("libcurl has no memory for a transfer")
    }
    unsafe self.multi = multi
  }

  /// After the handles that it ran.
  deinit { unsafe cispec_curl_multi_cleanup(multi) }

  /// - Parameters:
  ///   - handle: what is sent and where the answer goes.
  ///   - isGivenUp: asked now and then while there is nothing to do; true ends the transfer.
  mutating func perform(_ handle: UnsafeMutableRawPointer, isGivenUp: () -> Bool) -> CURLcode {
    guard unsafe cispec_curl_multi_add_handle(multi, handle) == CURLM_OK else { return CURLE_FAILED_INIT }
    defer { unsafe cispec_curl_multi_remove_handle(multi, handle) }
    let start = monotonicSeconds()
    var isAwake = wasShort
    var running: Int32 = 0
    while unsafe cispec_curl_multi_perform(multi, &running) == CURLM_OK {
      guard running > 0 else {
        keptSocket = unsafe cispec_curl_kept_socket(handle)
        wasShort = monotonicSeconds() - start < Self.awakeSeconds
        return unsafe cispec_curl_multi_result(multi)
      }
      if isAwake, awaitBytes(until: start + Self.awakeSeconds) { continue }
      isAwake = false
      if isGivenUp() { return CURLE_ABORTED_BY_CALLBACK }
      // libcurl comes back in time for its own limits.
      guard unsafe cispec_curl_multi_poll(multi, 100) == CURLM_OK else { break }
    }
    return CURLE_OUT_OF_MEMORY
  }

  /// Whether bytes came on the kept connection before that time.
  private func awaitBytes(until end: Double) -> Bool {
    var connection = pollfd(fd: keptSocket, events: Int16(POLLIN), revents: 0)
    while monotonicSeconds() < end {
      if unsafe poll(&connection, 1, 0) != 0 { return connection.revents == Int16(POLLIN) }
      sched_yield()
    }
    return false
  }
}
