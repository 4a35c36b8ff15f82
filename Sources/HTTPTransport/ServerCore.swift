internal import CMicroHTTPD
internal import HTTPExchange

/// What the callbacks of a daemon share. A class because C refers to it; the server keeps it alive.
final class ServerCore: Sendable {
  private let responder: any Responder
  /// The same when it wants to know who asks.
  private let peerResponder: (any PeerResponder)?
  let limits: ServerLimits
  let oversize: @Sendable (HTTPRequest) -> HTTPResponse
  let log: (@Sendable (HTTPRequest, HTTPResponse, Double) -> Void)?
  let openRequests = OpenRequests()

  init(
    responder: any Responder, limits: ServerLimits, oversize: @escaping @Sendable (HTTPRequest) -> HTTPResponse,
    log: (@Sendable (HTTPRequest, HTTPResponse, Double) -> Void)?
  ) {
    self.responder = responder
    peerResponder = responder as? any PeerResponder
    self.limits = limits
    self.oversize = oversize
    self.log = log
  }

  /// Called when the request line is read, with the target before any decoding.
  func begin(target: String) -> IncomingExchange {
    openRequests.begin()
    return IncomingExchange(target: target, bodyBytesMax: limits.bodyBytesMax)
  }

  /// Called when the answer is sent or the connection is gone.
  func end(_ exchange: IncomingExchange) { openRequests.end() }

  /// Called once the header fields are read.
  func takeHead(of exchange: IncomingExchange, method: String, connection: OpaquePointer) -> MHD_Result {
    unsafe exchange.takeHead(method: method, headers: Self.headers(of: connection))
    guard let declared = exchange.declaredBytes, declared > limits.bodyBytesMax else { return .YES }
    // A sender that waits for leave to send gets its answer instead; another one is heard out first, for a connection
    // that is closed on unread bytes loses the answer too.
    let isBeyondHearing = declared - limits.bodyBytesMax > limits.discardedBytesMax
    guard exchange.awaitsContinue || isBeyondHearing else { return .YES }
    return unsafe send(oversize(exchange.request), to: exchange, connection, closes: true)
  }

  /// Called for each piece of the body.
  func takeBody(of exchange: IncomingExchange, _ bytes: UnsafeRawBufferPointer) -> MHD_Result {
    unsafe exchange.takeBody(bytes)
    return exchange.bodyBytes - limits.bodyBytesMax > limits.discardedBytesMax ? .NO : .YES
  }

  /// Called when the request is complete.
  func answer(_ exchange: IncomingExchange, connection: OpaquePointer) -> MHD_Result {
    if exchange.isOversize { return unsafe send(oversize(exchange.request), to: exchange, connection, closes: true) }
    do {
      let response = unsafe try response(to: exchange.request, connection)
      return unsafe send(response, to: exchange, connection, closes: openRequests.isDraining)
    } catch BrokenAnswer.reset {
      unsafe cispec_mhd_reset(connection)
      return .NO
    } catch BrokenAnswer.truncated(let response, let bodyBytes) {
      return unsafe send(response, to: exchange, connection, closes: true, bodyBytes: bodyBytes)
    } catch {
      return unsafe send(HTTPResponse(status: 500), to: exchange, connection, closes: openRequests.isDraining)
    }
  }

  private func response(to request: HTTPRequest, _ connection: OpaquePointer) throws -> HTTPResponse {
    guard let peerResponder else { return try responder.respond(to: request) }
    return try peerResponder.respond(to: request, from: unsafe Self.peer(of: connection))
  }

  /// An address that is not known counts as one of another machine.
  private static func peer(of connection: OpaquePointer) -> Peer {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 80) { text in
      guard let start = text.baseAddress else { return Peer(name: "", isLoopback: false) }
      unsafe start.pointee = 0
      let place = unsafe cispec_mhd_peer(connection, start, text.count)
      return unsafe Peer(name: String(cString: start), isLoopback: place == 1)
    }
  }

  /// - Parameter bodyBytes: after how many bytes of the body it breaks off; nil when all are sent.
  private func send(
    _ response: HTTPResponse, to exchange: IncomingExchange, _ connection: OpaquePointer, closes: Bool,
    bodyBytes: Int? = nil
  ) -> MHD_Result {
    var sent = response
    var outgoing = OutgoingResponse(response, closes: closes, bodyBytes: bodyBytes)
    if !outgoing.isComplete {
      sent = HTTPResponse(status: 500)
      outgoing = OutgoingResponse(sent, closes: true)
    }
    let result = unsafe outgoing.queue(status: sent.status, on: connection)
    log?(exchange.request, sent, monotonicSeconds() - exchange.startSeconds)
    return result
  }

  private static func headers(of connection: OpaquePointer) -> HTTPHeaders {
    var headers = HTTPHeaders()
    unsafe withUnsafeMutablePointer(to: &headers) { pointer in
      _ = unsafe cispec_mhd_get_connection_values_n(
        connection, .HEADER_KIND,
        { context, _, name, nameCount, value, valueCount in
          guard let context = unsafe context else { return .NO }
          unsafe context.assumingMemoryBound(to: HTTPHeaders.self).pointee.append(
            text(name, nameCount), text(value, valueCount))
          return .YES
        }, pointer)
    }
    return headers
  }
}

private func text(_ bytes: UnsafePointer<CChar>?, _ count: Int) -> String {
  unsafe String(decoding: UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count), as: UTF8.self)
}

/// An answer in libmicrohttpd's form.
@safe struct OutgoingResponse: ~Copyable {
  private let handle: OpaquePointer?
  /// All header fields were accepted.
  let isComplete: Bool

  init(_ response: HTTPResponse, closes: Bool, bodyBytes: Int? = nil) {
    let handle = unsafe response.body.withUnsafeBytes { bytes in
      if let bodyBytes {
        return unsafe cispec_mhd_create_truncated_response(bytes.count, bytes.baseAddress, max(0, bodyBytes))
      }
      // The bytes are copied, not written to: C has only no way of saying so.
      return unsafe cispec_mhd_create_response_from_buffer(
        bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
    }
    var isComplete = unsafe handle != nil
    for field in response.headers.fields where !Self.isWrittenByLibrary(field.name) {
      isComplete = unsafe cispec_mhd_add_response_header(handle, field.name, field.value) == .YES && isComplete
    }
    if closes || response.headers["Connection"].map({ sameName($0, "close") }) == true {
      isComplete = unsafe cispec_mhd_add_response_header(handle, "Connection", "close") == .YES && isComplete
    }
    unsafe self.handle = handle
    self.isComplete = isComplete
  }

  deinit { unsafe cispec_mhd_destroy_response(handle) }

  func queue(status: Int, on connection: OpaquePointer) -> MHD_Result {
    unsafe cispec_mhd_queue_response(connection, UInt32(clamping: status), handle)
  }

  private static func isWrittenByLibrary(_ name: String) -> Bool {
    sameName(name, "Content-Length") || sameName(name, "Connection") || sameName(name, "Transfer-Encoding")
  }
}
