/// An answer that breaks off on the wire: what a responder throws when it plays a faulty network.
public enum BrokenAnswer: Error, Sendable, Equatable {
  /// The connection is reset in place of an answer.
  case reset
  /// The head and that many bytes of the body are sent, then the connection is closed.
  case truncated(HTTPResponse, bodyBytes: Int)
}

/// The other end of a connection to a server.
public struct Peer: Sendable, Equatable {
  /// Address and port, such as `127.0.0.1:40000`; no two open connections have the same.
  public var name: String
  /// Whether it is on this machine.
  public var isLoopback: Bool

  public init(name: String, isLoopback: Bool) {
    self.name = name
    self.isLoopback = isLoopback
  }
}

/// A responder to whom it matters who asks.
public protocol PeerResponder: Responder {
  func respond(to request: HTTPRequest, from peer: Peer) throws -> HTTPResponse
}
