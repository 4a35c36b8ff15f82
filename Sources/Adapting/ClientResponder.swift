public import HTTPExchange
internal import Synchronization

/// Answers requests with the answers of one case, in order, the last again and again, and keeps the requests.
public final class ClientResponder: Responder {
  private struct State {
    var answers: [HTTPResponse] = []
    var requests: [HTTPRequest] = []
    var count = 0
  }

  /// So many requests of a case are kept.
  private static let requestsMax = 64
  private let state = Mutex(State())

  public init() {}

  /// Starts a case: what came before is forgotten.
  func start(_ answers: [HTTPResponse]) { state.withLock { $0 = State(answers: answers) } }

  /// The requests of the case so far.
  var requests: [HTTPRequest] { state.withLock(\.requests) }

  public func respond(to request: HTTPRequest) -> HTTPResponse {
    state.withLock { state in
      if state.requests.count < Self.requestsMax { state.requests.append(request) }
      state.count += 1
      let place = min(state.count, state.answers.count) - 1
      return place < 0 ? HTTPResponse(status: 500) : state.answers[place]
    }
  }
}
