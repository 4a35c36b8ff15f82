internal import Glibc

/// A TCP connection for bytes that are no well-formed request.
public enum RawConnection {
  /// Sends the bytes and returns all that comes back until the server closes, or until nothing more arrives for
  /// `stallSeconds`; empty when the server closes without a word.
  ///
  /// Throws `timedOut` when nothing at all has come by then, `tooLarge` beyond both byte bounds together. With
  /// `halfCloses` the server learns that no more bytes follow. Plain TCP only: `https` is refused.
  public static func exchange(
    bytes: [UInt8], endpoint: Endpoint, limits: TransportLimits = TransportLimits(), halfCloses: Bool = false
  ) throws(TransportError) -> [UInt8] {
    try exchange(messages: [bytes], endpoint: endpoint, limits: limits, halfCloses: halfCloses) { _, _ in false }
  }

  /// Sends the messages on one connection, each when `isAnswered` says that the one before it is, and returns all that
  /// comes back until the last is answered, too.
  ///
  /// - Parameters:
  ///   - messages: what is sent, one after the other.
  ///   - endpoint: where it is sent.
  ///   - limits: the bounds of times and sizes.
  ///   - halfCloses: whether the sending side is closed after the last message.
  ///   - isAnswered: told how many messages were sent and what has come so far.
  public static func exchange(
    messages: [[UInt8]], endpoint: Endpoint, limits: TransportLimits = TransportLimits(), halfCloses: Bool = false,
    isAnswered: (_ sent: Int, _ received: [UInt8]) -> Bool
  ) throws(TransportError) -> [UInt8] {
    guard endpoint.scheme == .http else {
      throw TransportError(.tls, "\(endpoint): raw bytes are sent over plain TCP only, so name it with http://")
    }
    let start = monotonicSeconds()
    let socket = try connected(to: endpoint, until: start + min(limits.connectSeconds, limits.totalSeconds))
    var conversation = Conversation(
      unsent: [], halfCloses: halfCloses, endpoint: endpoint, limits: limits, end: start + limits.totalSeconds)
    for (index, message) in messages.enumerated() {
      conversation.unsent = message[...]
      while try conversation.step(on: socket) {
        if isAnswered(index + 1, conversation.received) { break }
      }
    }
    return conversation.received
  }

  private static func connected(to endpoint: Endpoint, until end: Double) throws(TransportError) -> Socket {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var addresses: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(endpoint.host, String(endpoint.port), &hints, &addresses) == 0 else {
      throw TransportError(.unresolved, "\(endpoint): the host name has no address; is it spelled right?")
    }
    defer { unsafe freeaddrinfo(addresses) }
    var failure = TransportError(.unresolved, "\(endpoint): the host name has no address; is it spelled right?")
    var candidate = unsafe addresses
    while let address = unsafe candidate {
      do throws(TransportError) {
        return try unsafe connected(to: address.pointee, endpoint, until: end)
      } catch {
        failure = error
      }
      unsafe candidate = address.pointee.ai_next
    }
    throw failure
  }

  private static func connected(
    to address: addrinfo, _ endpoint: Endpoint, until end: Double
  ) throws(TransportError) -> Socket {
    let refusal = TransportError(
      .refused, "\(endpoint) refuses connections: is the server running, and on that port?")
    let socket: Socket
    do throws(Errno) {
      socket = try unsafe Socket(family: address.ai_family, isNonBlocking: true)
    } catch {
      throw TransportError(.other, "\(endpoint): no socket: \(error.text)")
    }
    if unsafe connect(socket.descriptor, address.ai_addr, address.ai_addrlen) == 0 { return socket }
    guard errno == EINPROGRESS else { throw refusal }
    guard wait(for: POLLOUT, on: socket, until: end) != 0 else {
      throw TransportError(.timedOut, "\(endpoint) did not accept a connection in time")
    }
    var number: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    guard unsafe getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &number, &length) == 0, number == 0 else {
      throw refusal
    }
    return socket
  }

  /// The events that came up, 0 when the time was over first.
  fileprivate static func wait(for events: Int32, on socket: borrowing Socket, until end: Double) -> Int16 {
    while true {
      var entry = pollfd(fd: socket.descriptor, events: Int16(events), revents: 0)
      let left = end - monotonicSeconds()
      guard left > 0 else { return 0 }
      let count = unsafe poll(&entry, 1, Int32(min(left, 1_000_000) * 1000) + 1)
      if count > 0 { return entry.revents }
      if count == 0 || errno != EINTR { return 0 }
    }
  }
}

/// What is still to be sent and what has come, of one raw exchange.
private struct Conversation {
  var unsent: ArraySlice<UInt8>
  let halfCloses: Bool
  let endpoint: Endpoint
  let limits: TransportLimits
  let end: Double
  var received: [UInt8] = []
  private var hasHalfClosed = false

  init(unsent: ArraySlice<UInt8>, halfCloses: Bool, endpoint: Endpoint, limits: TransportLimits, end: Double) {
    self.unsent = unsent
    self.halfCloses = halfCloses
    self.endpoint = endpoint
    self.limits = limits
    self.end = end
  }

  /// Sends and reads what can be without waiting longer than the limits allow; false at the end.
  mutating func step(on socket: borrowing Socket) throws(TransportError) -> Bool {
    if unsent.isEmpty, halfCloses, !hasHalfClosed {
      hasHalfClosed = true
      _ = shutdown(socket.descriptor, Int32(SHUT_WR))
    }
    let events = unsent.isEmpty ? POLLIN : POLLIN | POLLOUT
    let ready = RawConnection.wait(
      for: events, on: socket, until: min(end, monotonicSeconds() + limits.stallSeconds))
    guard ready != 0 else {
      guard received.isEmpty else { return false }
      throw TransportError(.timedOut, "\(endpoint) did not answer in time")
    }
    if Int32(ready) & POLLOUT != 0, !unsent.isEmpty { send(on: socket) }
    return Int32(ready) & ~POLLOUT == 0 ? true : try receive(on: socket)
  }

  private mutating func send(on socket: borrowing Socket) {
    let count = unsafe unsent.withUnsafeBytes { bytes in
      unsafe Glibc.send(socket.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    }
    if count >= 0 {
      unsent = unsent.dropFirst(count)
    } else if errno != EAGAIN && errno != EINTR {
      // The server wants no more; what it has said is still to be read.
      unsent = []
    }
  }

  private mutating func receive(on socket: borrowing Socket) throws(TransportError) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(socket.descriptor, $0.baseAddress, $0.count, 0) }
    if count < 0, errno == EAGAIN || errno == EINTR { return true }
    guard count > 0 else { return false }
    received += buffer[..<count]
    guard received.count <= limits.headerBytesMax + limits.bodyBytesMax else {
      throw TransportError(
        .tooLarge, "\(endpoint) sent more than \(limits.headerBytesMax + limits.bodyBytesMax) bytes")
    }
    return true
  }
}
