internal import CaseLibrary
internal import Emulator
internal import HTTPExchange
internal import HTTPTransport
internal import Replay
internal import Synchronization
internal import WrongServers
internal import XMLValidation

/// The place in which one thread judges one server after the other: no socket, and a clock that moves when somebody
/// waits.
final class MutantSeat: Responder, WireSender, Sendable {
  let clock = SimulatedClock(startingAt: startSeconds)
  static let startSeconds = 1_750_000_000.0
  private let catalogue: Catalogue
  private let library: ValidationLibrary
  private let emulator: Emulator
  private let state: Mutex<State>

  private struct State {
    var server: WrongServer
    var inboxes: [String: [HTTPRequest]] = [:]
    var opened = 0
  }

  init(catalogue: Catalogue, library: ValidationLibrary, objects: MemoryObjectStore) {
    self.catalogue = catalogue
    self.library = library
    emulator = Emulator(
      catalogue: catalogue, library: library, credentials: [Secrets.fake], objects: objects, clock: clock)
    state = Mutex(State(server: Self.server(.faithful, emulator, clock, catalogue, library)))
  }

  /// Begins anew with a server that knows no job yet.
  func seat(_ mutant: ServerMutant, seed: UInt64) {
    clock.move(to: Self.startSeconds)
    emulator.restart(seed: seed)
    let server = Self.server(mutant, emulator, clock, catalogue, library)
    state.withLock { $0 = State(server: server) }
  }

  private static func server(
    _ mutant: ServerMutant, _ emulator: Emulator, _ clock: SimulatedClock, _ catalogue: Catalogue,
    _ library: ValidationLibrary
  ) -> WrongServer {
    WrongServer(
      emulator, making: mutant, credentials: Secrets.fake, clock: clock, catalogue: catalogue, library: library)
  }

  private var server: WrongServer { state.withLock { $0.server } }

  func respond(to request: HTTPRequest) -> HTTPResponse { server.respond(to: request) }

  // MARK: Wire

  /// Whole messages alone; what is about their framing needs a real connection.
  func answers(
    to messages: [[UInt8]], isPipelined: Bool, halfCloses: Bool, withInterim: Bool
  ) throws -> [HTTPResponse] {
    try messages.map { respond(to: try HTTPMessageText.request(parsing: $0)) }
  }

  func answersAtOnce(to messages: [[UInt8]]) -> [Result<HTTPResponse, any Error>] {
    messages.map { message in Result { respond(to: try HTTPMessageText.request(parsing: message)) } }
  }

  // MARK: Callbacks

  /// Inboxes that are filled when they are looked into.
  var callbacks: CallbackListening {
    CallbackListening(
      open: { [self] in SeatInbox(seat: self, endpoint: newEndpoint()) },
      document: { JSONCallback.document(of: $0, file: $1) })
  }

  private func newEndpoint() -> String {
    state.withLock { state in
      state.opened += 1
      return "http://127.0.0.1:\(40_000 + state.opened)"
    }
  }

  /// The oldest callback that came to an endpoint.
  fileprivate func next(at endpoint: String) -> HTTPRequest? {
    let due = server.takeDueCallbacks()
    return state.withLock { state in
      for told in due {
        guard let address = try? CallbackAddress(told.url) else { continue }
        var request = address.request(told.body, .xml)
        request.method = told.method
        request.headers.set("Content-Type", told.contentType)
        state.inboxes[address.endpoint.description, default: []].append(request)
      }
      guard let first = state.inboxes[endpoint]?.first else { return nil }
      state.inboxes[endpoint]?.removeFirst()
      return first
    }
  }
}

private final class SeatInbox: CallbackInbox {
  private let seat: MutantSeat
  private let endpoint: String

  init(seat: MutantSeat, endpoint: String) {
    self.seat = seat
    self.endpoint = endpoint
  }

  var address: String { endpoint + "/callback" }
  func next() -> HTTPRequest? { seat.next(at: endpoint) }
  func close() {}
}
