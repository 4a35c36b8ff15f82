internal import CaseLibrary
internal import Emulator
internal import HTTPExchange
internal import HTTPTransport
internal import Replay
internal import Synchronization
internal import Signing
internal import XMLValidation

/// A clock that moves only when somebody waits: runs against the embedded emulator take no time and are repeatable.
final class SimulatedClock: HTTPExchange.Clock {
  private let time: Mutex<Double>

  init(startingAt seconds: Double) { time = Mutex(seconds) }

  var now: Double { time.withLock { $0 } }

  /// Sets the time, forwards or backwards.
  func move(to seconds: Double) { time.withLock { $0 = seconds } }

  func sleep(seconds: Double) { time.withLock { $0 += max(0, seconds) } }
}

/// A lock that closures can share.
private final class DeliveryLock: Sendable {
  private let mutex = Mutex(())

  func withLock(_ body: () -> Void) { mutex.withLock { _ in body() } }
}

/// The emulator on a real socket of this machine, with a simulated clock and the objects of the scenarios.
struct EmbeddedTarget {
  let clock = SimulatedClock(startingAt: 1_750_000_000)
  let credentials = Secrets.fake
  let client: HTTPClient
  let endpoint: Endpoint
  /// Inboxes that the emulator delivers to when they are looked into.
  let callbacks: CallbackListening
  private let server: HTTPServer

  /// - Parameter seed: of the emulator's identifiers; its own unless given.
  init(
    catalogue: Catalogue, library: ValidationLibrary, scenarios: [RecordedScenario],
    serverObjects: [Scenario.Object] = [], seed: UInt64? = nil
  ) throws {
    var configuration = EmulatorConfiguration()
    if let seed { configuration.seed = seed }
    let objects = Self.objects(of: scenarios, and: serverObjects)
    let emulator = Emulator(
      configuration: configuration, catalogue: catalogue, library: library, credentials: [credentials],
      objects: objects, clock: clock)
    // One delivery at a time: a callback that another thread took is in its inbox when this one looks.
    let delivery = DeliveryLock()
    callbacks = .local {
      delivery.withLock {
        for callback in emulator.takeDueCallbacks(json: .jsonArray) {
          CallbackSender.deliver(callback, .loopback, StopFlag(), nil, attempts: 1)
        }
      }
    }
    // A case that sends half a request may leave it open, and nobody waits for its answer at the end.
    server = try HTTPServer(
      responder: emulator, limits: ServerLimits(drainSeconds: 0),
      oversize: { emulator.refusalOfOversizedBody($0) })
    endpoint = try Endpoint(parsing: "http://127.0.0.1:\(server.port)")
    client = HTTPClient(endpoint: endpoint, limits: TransportLimits())
  }

  func stop() { server.stop() }

  /// What the scenarios and the cases for servers want their buckets to hold.
  static func objects(of scenarios: [RecordedScenario], and serverObjects: [Scenario.Object]) -> MemoryObjectStore {
    var objects = MemoryObjectStore()
    let wanted =
      serverObjects.map { (VectorsTarget.bucketName, $0) }
      + scenarios.map(\.scenario).flatMap { scenario in (scenario.objects ?? []).map { (scenario.bucket, $0) } }
    for (bucket, object) in wanted {
      objects.put(
        Array(object.text.utf8), bucket: bucket, key: object.key, lastModified: 1_749_000_000,
        storageClass: object.storageClass ?? "STANDARD")
    }
    return objects
  }
}
