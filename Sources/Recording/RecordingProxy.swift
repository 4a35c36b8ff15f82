public import HTTPExchange
internal import Synchronization
public import Signing

/// Passes requests on to an upstream server and keeps what went to and fro.
///
/// Requests go out as they came but for the fields that concern one connection. A Host of this machine, which is that of
/// the proxy itself, becomes the upstream's, and such a request is signed again when there is a key pair to do it with.
public final class RecordingProxy: Responder {
  /// How much is kept in memory until it is written.
  public static let exchangesMax = 10_000
  public static let bytesMax = 256 << 20

  private struct State {
    var exchanges: [CapturedExchange] = []
    var bytes = 0
    var failures: [String] = []
    var answered = 0
    var lastSeconds: Double
  }

  private let upstream: any Responder
  private let authority: String
  private let credentials: Credentials?
  private let clock: any Clock
  private let state: Mutex<State>

  /// - Parameter authority: the upstream's host, and its port where it is not that of the scheme.
  public init(upstream: any Responder, authority: String, credentials: Credentials?, clock: any Clock) {
    self.upstream = upstream
    self.authority = authority
    self.credentials = credentials
    self.clock = clock
    state = Mutex(State(lastSeconds: clock.now))
  }

  /// What was exchanged, in the order of the requests.
  public var exchanges: [CapturedExchange] {
    state.withLock { $0.exchanges }.sorted { ($0.date ?? 0) < ($1.date ?? 0) }
  }
  /// Why requests got no answer from the upstream.
  public var failures: [String] { state.withLock { $0.failures } }
  /// How many requests were answered, by whomever.
  public var answered: Int { state.withLock { $0.answered } }
  /// When the last one was.
  public var lastSeconds: Double { state.withLock { $0.lastSeconds } }

  public func respond(to request: HTTPRequest) -> HTTPResponse {
    let forwarded = forwarded(request)
    let start = clock.now
    do {
      let response = try upstream.respond(to: forwarded)
      let end = clock.now
      let bytes = forwarded.body.count + response.body.count + forwarded.target.utf8.count
      let isKept = state.withLock { state in
        state.answered += 1
        state.lastSeconds = end
        guard state.exchanges.count < Self.exchangesMax, state.bytes + bytes <= Self.bytesMax else { return false }
        state.bytes += bytes
        state.exchanges.append(
          CapturedExchange(request: forwarded, response: response, date: start, seconds: end - start))
        return true
      }
      return isKept ? response : Self.refusal(507, "the recording is full; stop it to have it written")
    } catch {
      state.withLock { state in
        state.answered += 1
        state.lastSeconds = clock.now
        state.failures.append("\(request.method) \(request.rawPath): \(error)")
      }
      return Self.refusal(502, "no answer from the upstream: \(error)")
    }
  }

  private func forwarded(_ request: HTTPRequest) -> HTTPRequest {
    var forwarded = request
    // A client that knows it speaks to a proxy gives the whole URL.
    if let scheme = request.target.firstRange(of: "://"), !request.target.hasPrefix("/") {
      let rest = request.target[scheme.upperBound...]
      let path = rest.firstIndex { $0 == "/" || $0 == "?" }.map { String(rest[$0...]) } ?? "/"
      forwarded.target = path.hasPrefix("?") ? "/" + path : path
    }
    for name in [
      "Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authorization", "TE", "Trailer", "Upgrade",
      "Expect", "Transfer-Encoding",
    ] { forwarded.headers.remove(name) }
    if request.headers["Transfer-Encoding"] != nil { forwarded.headers.set("Content-Length", "\(request.body.count)") }
    guard let host = request.headers["Host"], !Self.isOfThisMachine(host) else {
      forwarded.headers.set("Host", authority)
      guard let credentials, request.headers["Authorization"] != nil else { return forwarded }
      return Signer(credentials: credentials).signed(forwarded, now: Int64(clock.now))
    }
    return forwarded
  }

  private static func isOfThisMachine(_ host: String) -> Bool {
    host.hasPrefix("127.") || host.hasPrefix("[::1]") || host == "localhost" || host.hasPrefix("localhost:")
  }

  private static func refusal(_ status: Int, _ sentence: String) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["Content-Type": "text/plain"], body: Array("cispec record: \(sentence)\n".utf8))
  }
}
