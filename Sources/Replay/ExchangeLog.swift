public import HTTPExchange
private import Synchronization

/// The last exchanges of each case, for showing those of the cases that fail.
public final class ExchangeLog: Sendable {
  public struct Exchange: Sendable {
    public var request: HTTPRequest
    /// Nil when the server closed without an answer.
    public var response: HTTPResponse?
  }

  private let exchanges = Mutex<[String: [Exchange]]>([:])
  private static let keptMax = 3

  public init() {}

  public func keep(_ request: HTTPRequest, _ response: HTTPResponse?, for id: String) {
    exchanges.withLock { exchanges in
      let kept = exchanges[id, default: []] + [Exchange(request: request, response: response)]
      exchanges[id] = kept.suffix(Self.keptMax)
    }
  }

  /// What was kept of a case, which is forgotten.
  public func take(_ id: String) -> [Exchange] { exchanges.withLock { $0.removeValue(forKey: id) ?? [] } }
}
