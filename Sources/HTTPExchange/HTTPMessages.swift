/// A request as it stands on the wire: the target is the raw path and query, percent-encoding and all.
public struct HTTPRequest: Sendable, Equatable {
  public var method: String
  /// Such as `/file_jobs/f9398?cancel`: never decoded, never normalised.
  public var target: String
  public var headers: HTTPHeaders
  public var body: [UInt8]

  public init(method: String, target: String, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
  }

  /// The raw path: the target up to the first question mark.
  public var rawPath: String {
    guard let mark = queryMark else { return target }
    return String(target[..<mark])
  }

  /// The raw query: what follows the first question mark; nil when there is none.
  public var rawQuery: String? { queryMark.map { String(target[target.utf8.index(after: $0)...]) } }

  /// The parameters of the raw query in their order, decoded; none without a query.
  public var parameters: [Parameter] { rawQuery.map { PercentCoding.parameters(ofQuery: $0) } ?? [] }

  private var queryMark: String.Index? {
    let bytes = target.utf8.span
    for place in bytes.indices where bytes[place] == 0x3F {
      return target.utf8.index(target.utf8.startIndex, offsetBy: place)
    }
    return nil
  }
}

/// An answer; the body is complete.
public struct HTTPResponse: Sendable, Equatable {
  public var status: Int
  public var reason: String
  public var headers: HTTPHeaders
  public var body: [UInt8]

  public init(status: Int, reason: String = "", headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
    self.status = status
    self.reason = reason
    self.headers = headers
    self.body = body
  }
}

/// Anything that answers a request: the emulator, a real server behind a socket, a test's own closure.
public protocol Responder: Sendable {
  /// The answer, or an error when there is none: refused, timed out, cut short.
  func respond(to request: HTTPRequest) throws -> HTTPResponse
}

/// The time in seconds since 1970, and a way of letting time pass; passed in wherever either is needed.
public protocol Clock: Sendable {
  var now: Double { get }
  /// Waits for that many seconds, or moves a simulated time on.
  func sleep(seconds: Double)
}
