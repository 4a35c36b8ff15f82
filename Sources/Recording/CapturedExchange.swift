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

  /// Why its messages could not be read again when they were written: a clause for people, nil when they can.
  public var defect: String? {
    if request.method.isEmpty || request.method.utf8.contains(where: { !HeaderPolicy.isTokenByte($0) }) {
      return "the method of the request is no word of HTTP"
    }
    if request.target.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
      return "the URL of the request has a blank or a control character"
    }
    if !(100...599).contains(response.status) { return "the status of the response is \(response.status)" }
    if response.reason.utf8.contains(where: HeaderPolicy.breaksLines) {
      return "the reason of the response has a NUL or a line break"
    }
    for (part, headers) in [("request", request.headers), ("response", response.headers)] {
      for (index, field) in headers.fields.enumerated() {
        let place = "header \(index + 1) of the \(part)"
        if field.name.isEmpty { return "\(place) has an empty name" }
        if field.name.utf8.contains(where: { !HeaderPolicy.isTokenByte($0) }) {
          return "\(place) has a name with a character that names do not have"
        }
        if field.value.utf8.contains(where: HeaderPolicy.breaksLines) {
          return "\(place), \(field.name), has a NUL or a line break in its value"
        }
      }
    }
    return nil
  }

  /// All its texts, one after the other.
  var texts: [[UInt8]] {
    let headers = request.headers.fields + response.headers.fields
    return [Array(request.target.utf8), Array(response.reason.utf8)]
      + headers.flatMap { [Array($0.name.utf8), Array($0.value.utf8)] } + [request.body, response.body]
  }
}
