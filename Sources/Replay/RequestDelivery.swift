public import HTTPExchange

/// What is added to a request once it is signed, for the way to the server.
public struct RequestDelivery: Sendable {
  /// Put before the path, and taken off by a gateway before the signature is looked at.
  public var prefix: String
  /// Sent with every request; not signed.
  public var headers: [HTTPHeaders.Field]

  public init(prefix: String = "", headers: [HTTPHeaders.Field] = []) {
    self.prefix = prefix
    self.headers = headers
  }

  public func delivered(_ request: HTTPRequest) -> HTTPRequest {
    var request = request
    request.target = prefix + request.target
    request.headers.fields += headers
    return request
  }
}

/// Sends bytes as they are, past everything that would tidy them up.
public protocol WireSender: Sendable {
  /// The final answers on one connection, interim ones too when asked for. Fewer than messages when the server closes
  /// before, or says no more for the time of the limits.
  ///
  /// - Parameters:
  ///   - messages: what is sent, one after the other.
  ///   - isPipelined: all messages are sent at once; else each when the one before is answered.
  ///   - halfCloses: the server learns that no more bytes follow.
  ///   - withInterim: whether answers with status 1xx are among the result.
  func answers(
    to messages: [[UInt8]], isPipelined: Bool, halfCloses: Bool, withInterim: Bool
  ) throws -> [HTTPResponse]

  /// The answers of as many connections as there are messages, all open at once.
  func answersAtOnce(to messages: [[UInt8]]) -> [Result<HTTPResponse, any Error>]
}
