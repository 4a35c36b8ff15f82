public import HTTPExchange
internal import Synchronization

/// A server that passes each request to a responder, target and header fields as they came.
///
/// The responder is called on the server's threads, several at a time. Its status, header fields and body are sent;
/// Content-Length, Connection and Transfer-Encoding are the server's own (`Connection: close` is heeded), and so is the
/// reason phrase, which follows from the status. There is no Date but the responder's. An error of the responder is
/// answered with 500 and no body. Requests that are no HTTP are refused before they reach the responder.
public final class HTTPServer: Sendable {
  /// The port it listens on; never 0.
  public let port: UInt16
  private let core: ServerCore
  private let daemon: Mutex<Daemon?>

  /// Listens on an IPv4 or IPv6 address; port 0 stands for any that is free.
  ///
  /// A body beyond the limit is not kept: `oversize` makes the answer from the request with the kept part of its body,
  /// and the connection is closed. `log` gets each request with its answer and the seconds it took.
  public init(
    responder: any Responder, address: String = "127.0.0.1", port: UInt16 = 0, limits: ServerLimits = ServerLimits(),
    oversize: (@Sendable (HTTPRequest) -> HTTPResponse)? = nil,
    log: (@Sendable (HTTPRequest, HTTPResponse, Double) -> Void)? = nil
  ) throws(ServerError) {
    let bodyBytesMax = limits.bodyBytesMax
    core = ServerCore(
      responder: responder, limits: limits,
      oversize: oversize ?? { _ in Self.plainOversizeAnswer(bodyBytesMax) }, log: log)
    if let reason = Daemon.unusable {
      throw ServerError(
        .other,
        "nothing can be served without libmicrohttpd (Debian's libmicrohttpd12, brew's libmicrohttpd): \(reason)")
    }
    let socket = try Socket.listening(on: address, port: port)
    self.port = socket.port
    guard let daemon = Daemon(core: core, listening: socket) else {
      throw ServerError(.other, "cannot serve on \(address): no thread or no memory is left for it")
    }
    self.daemon = Mutex(daemon)
  }

  // Explicit, so that the daemon is gone before what its callbacks refer to.
  deinit { stop() }

  /// Accepts nothing more, waits for answers in flight up to `drainSeconds`, then closes every connection.
  ///
  /// Further calls do nothing. A responder must not call it: it would wait for itself.
  public func stop() {
    daemon.withLock { daemon in
      guard let running = daemon.take() else { return }
      running.stopListening()
      core.openRequests.drain(seconds: core.limits.drainSeconds)
    }
  }

  private static func plainOversizeAnswer(_ bodyBytesMax: Int) -> HTTPResponse {
    HTTPResponse(
      status: 413, headers: ["Content-Type": "text/plain"],
      body: Array("The request body is larger than \(bodyBytesMax) bytes.\n".utf8))
  }
}
