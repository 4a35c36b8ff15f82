public import HTTPExchange
internal import Synchronization

/// Answers requests with the answers of one case, in order, the last again and again, and keeps the requests.
public final class ClientResponder: Responder {
  private struct State {
    var answers: [ScriptedAnswer] = []
    var requests: [HTTPRequest] = []
    var count = 0
  }

  /// So many requests of a case are kept.
  private static let requestsMax = 64
  private let state = Mutex(State())

  public init() {}

  /// Starts a case: what came before is forgotten.
  func start(_ answers: [ScriptedAnswer]) { state.withLock { $0 = State(answers: answers) } }

  /// The requests of the case so far.
  var requests: [HTTPRequest] { state.withLock(\.requests) }

  public func respond(to request: HTTPRequest) throws -> HTTPResponse {
    let answer: ScriptedAnswer? = state.withLock { state in
      if state.requests.count < Self.requestsMax { state.requests.append(request) }
      state.count += 1
      let place = min(state.count, state.answers.count) - 1
      return place < 0 ? nil : state.answers[place]
    }
    guard let answer else { return HTTPResponse(status: 500) }
    if let broken = answer.broken { throw broken }
    return answer.response
  }
}

/// An answer, and how it fails to arrive; nil when it does.
struct ScriptedAnswer {
  var response: HTTPResponse
  var broken: BrokenAnswer?
}
