import CaseLibrary
import Dispatch
import Findings
import Glibc
import HTTPExchange
import HTTPTransport
import Replay
import Signing
import Synchronization
import XMLValidation

/// What a replayed step costs: sign, send, receive and, unless only sending is asked for, validate and compare.
///
/// `@unchecked Sendable`: one thread uses it at a time.
final class Exchanges: @unchecked Sendable {
  struct Difference: Error {}

  private let client: HTTPClient
  private let signer: Signer
  private let request: HTTPRequest
  private let comparer: AnswerComparer
  private let recorded: ComparedAnswer
  private let context = ComparisonContext(
    hint: KindHint(kind: DocumentKind(operation: "file-jobs.query", part: .response)))

  init(
    _ catalogue: Catalogue, _ library: ValidationLibrary, endpoint: Endpoint, _ request: HTTPRequest,
    _ credentials: Credentials
  ) throws {
    client = HTTPClient(endpoint: endpoint)
    signer = Signer(credentials: credentials)
    self.request = request
    comparer = try AnswerComparer(catalogue: catalogue, library: library)
    recorded = ComparedAnswer(
      name: "recorded", response: try client.respond(to: signer.signed(request, now: Int64(time(nil)))))
  }

  func run(_ count: Int, compares: Bool) throws {
    for _ in 0..<count {
      let response = try client.respond(to: signer.signed(request, now: Int64(time(nil))))
      guard compares else { continue }
      var bindings = Bindings()
      let outcome = try comparer.outcome(
        recorded: recorded, actual: ComparedAnswer(name: "answer", response: response), context: context,
        bindings: &bindings)
      guard outcome.isEqual else { throw Difference() }
    }
  }

  /// The wall time of so many exchanges divided by their number, all connections at work at once.
  static func nanosecondsEach(_ connections: [Exchanges], count: Int, compares: Bool) throws -> Double {
    let share = max(1, count / connections.count)
    try all(connections) { try $0.run(max(1, share / 10), compares: compares) }
    let start = nanoseconds()
    try all(connections) { try $0.run(share, compares: compares) }
    return Double(nanoseconds() - start) / Double(share * connections.count)
  }

  private static func all(_ connections: [Exchanges], _ body: @Sendable (Exchanges) throws -> Void) throws {
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: connections.count) { index in
      do {
        try body(connections[index])
      } catch {
        failure.withLock { $0 = error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
