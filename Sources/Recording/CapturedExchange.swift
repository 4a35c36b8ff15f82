public import HTTPExchange

/// A request as it was sent to a server and the answer that came, with all secrets still in them.
public struct CapturedExchange: Sendable, Equatable {
  public var request: HTTPRequest
  public var response: HTTPResponse
  /// When the request was sent, in Unix seconds; nil when the capture does not say.
  public var date: Double?
  /// From the first byte sent to the last byte received.
  public var seconds: Double?

  public init(request: HTTPRequest, response: HTTPResponse, date: Double? = nil, seconds: Double? = nil) {
    self.request = request
    self.response = response
    self.date = date
    self.seconds = seconds
  }

  /// All its texts, one after the other.
  var texts: [[UInt8]] {
    let headers = request.headers.fields + response.headers.fields
    return [Array(request.target.utf8), Array(response.reason.utf8)]
      + headers.flatMap { [Array($0.name.utf8), Array($0.value.utf8)] } + [request.body, response.body]
  }
}
