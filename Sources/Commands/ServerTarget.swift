internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import HTTPTransport
internal import Replay
internal import Signing
internal import Synchronization

/// A server under test: where it is, how to get there, and what it may be sent.
struct ServerTarget: Sendable {
  var name: String
  /// What a client names; for the wire the same unless `--connect-to` says another.
  var endpoint: Endpoint
  var route = ClientRoute()
  var limits: TransportLimits
  var delivery = RequestDelivery()
  var host: String
  /// The bucket and region of the host when it is of the documented form and not the recorded ones.
  var bucket: (name: String, region: String)?
  var credentials: Credentials
  var clock: any HTTPExchange.Clock
  /// Whether requests that may cost money or change something are sent.
  var sendsBillable: Bool
  var jobs: Int
  var retries: Int
  let traffic: TargetTraffic
  /// Nil when it cannot reach this machine.
  var callbacks: CallbackListening?

  /// Sends through libcurl, within the budget and the rate; each worker has its own.
  func responder(_ errors: Output) -> any Responder {
    GovernedResponder(
      client: HTTPClient(
        endpoint: endpoint, limits: limits, route: route, isGivenUp: { [traffic] in traffic.end != nil }),
      traffic: traffic, retries: retries, errors: errors)
  }

  /// Sends raw bytes; nil where only libcurl gets through.
  var wire: (any WireSender)? {
    guard endpoint.scheme == .http, !route.usesProxy else { return nil }
    var quick = limits
    // A connection that stays open and says nothing is what some cases end in.
    quick.stallSeconds = min(limits.stallSeconds, 2)
    return SocketWire(endpoint: route.connectTo ?? endpoint, limits: quick, traffic: traffic)
  }
}

/// Counts and paces the requests of a run.
final class TargetTraffic: Sendable {
  /// The requests that may be sent are used up.
  struct Exhausted: Error, CustomStringConvertible {
    var budget: Int
    var description: String { "the budget of \(budget) requests is used up; --request-budget N allows more" }
  }

  private struct State {
    var sent = 0
    var next = 0.0
  }

  private let budget: Int?
  private let secondsBetween: Double
  private let gate: CaseGate
  private let state = Mutex(State())

  init(budget: Int?, requestsPerSecond: Int?, gate: CaseGate) {
    self.gate = gate
    self.budget = budget
    secondsBetween = requestsPerSecond.map { 1 / Double($0) } ?? 0
  }

  /// Why no further request may be sent; nil as long as one may.
  var exhaustion: String? { end?.description ?? exhausted?.description }

  var end: RunEnd? { gate.end }

  private var exhausted: Exhausted? {
    guard let budget else { return nil }
    return state.withLock { $0.sent >= budget } ? Exhausted(budget: budget) : nil
  }

  var sent: Int { state.withLock { $0.sent } }

  /// Waits until the next request may be sent; throws when there may be none.
  func admit(_ count: Int = 1) throws {
    if let end { throw end }
    let now = monotonicSeconds()
    let start: Double = try state.withLock { state in
      if let budget, state.sent + count > budget {
        state.sent = max(state.sent, budget)
        throw Exhausted(budget: budget)
      }
      state.sent += count
      let start = max(now, state.next)
      state.next = start + secondsBetween * Double(count)
      return start
    }
    SystemClock().sleep(seconds: start - now)
  }
}

/// A client within the budget and the rate, that tries again as often as it may and says so each time.
private struct GovernedResponder: Responder {
  let client: HTTPClient
  let traffic: TargetTraffic
  let retries: Int
  let errors: Output

  func respond(to request: HTTPRequest) throws -> HTTPResponse {
    var attempt = 0
    while true {
      try traffic.admit()
      let reason: String
      do {
        let response = try client.respond(to: request)
        guard attempt < retries, [429, 503].contains(response.status) else { return response }
        reason = "answered with \(response.status)"
      } catch {
        if let end = traffic.end { throw end }
        guard attempt < retries else { throw error }
        reason = "\(error)"
      }
      attempt += 1
      errors.writeLine("retry \(attempt) of \(retries): \(request.method) \(request.target): \(reason)")
      SystemClock().sleep(seconds: 0.2 * Double(attempt))
    }
  }
}

/// Raw bytes over sockets.
private struct SocketWire: WireSender {
  let endpoint: Endpoint
  let limits: TransportLimits
  let traffic: TargetTraffic

  /// How long an answer to half a request is waited for.
  private static let patienceSeconds = 0.5

  func answers(
    to messages: [[UInt8]], isPipelined: Bool, halfCloses: Bool, withInterim: Bool
  ) throws -> [HTTPResponse] {
    try traffic.admit(messages.count)
    let pieces = isPipelined ? [messages.flatMap { $0 }] : messages
    var limits = limits
    if halfCloses { limits.stallSeconds = min(limits.stallSeconds, Self.patienceSeconds) }
    func isAnswered(_ sent: Int, _ received: [UInt8]) -> Bool {
      let wanted = isPipelined ? messages.count : sent
      return HTTPAnswerStream.answers(in: received, withInterim: withInterim, isClosed: false).count >= wanted
    }
    do {
      let received = try RawConnection.exchange(
        messages: pieces, endpoint: endpoint, limits: limits, halfCloses: halfCloses, isAnswered: isAnswered)
      return HTTPAnswerStream.answers(in: received, withInterim: withInterim)
    } catch {
      // A server that waits for the rest has taken nothing yet.
      guard halfCloses, error.kind == .timedOut else {
        if let end = traffic.end { throw end }
        throw error
      }
      return []
    }
  }

  func answersAtOnce(to messages: [[UInt8]]) -> [Result<HTTPResponse, any Error>] {
    var results: [Result<HTTPResponse, any Error>] = []
    let pool = WorkerPool<[UInt8], Result<HTTPResponse, any Error>>(
      WorkerPool.Bounds(threads: messages.count, itemsMax: messages.count, bytesMax: .max),
      makeWorker: {
        { message in
          Result {
            let answers = try answers(to: [message], isPipelined: false, halfCloses: false, withInterim: false)
            guard let first = answers.first else { throw NoAnswer() }
            return first
          }
        }
      }, deliver: { results.append($0) })
    for message in messages { pool.submit(message, bytes: 0) }
    pool.finish()
    return results
  }

  private struct NoAnswer: Error, CustomStringConvertible {
    let description = "one of several connections was closed without an answer"
  }
}
