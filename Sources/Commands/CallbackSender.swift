internal import CaseLibrary
internal import Emulator
internal import HTTPExchange
internal import HTTPTransport
internal import Synchronization

/// Delivers the callbacks of finished jobs.
///
/// The documentation names a POST and no answer, time or repeat: any 2xx counts as taken here, and what is not taken is
/// sent twice more.
final class CallbackSender: Sendable {
  /// Which addresses are called.
  enum Reach {
    case none, loopback, any
  }

  private let emulator: Emulator
  private let json: CallbackForm
  private let reach: Reach
  private let talk: Output
  private let pool: WorkerPool<DueCallback, Void>
  private let isStopped: StopFlag

  init(_ emulator: Emulator, json: CallbackForm, reach: Reach, talk: Output) {
    self.emulator = emulator
    self.json = json
    self.reach = reach
    self.talk = talk
    let isStopped = StopFlag()
    self.isStopped = isStopped
    pool = WorkerPool(
      WorkerPool.Bounds(threads: 2, itemsMax: 10_000, bytesMax: 64 << 20),
      makeWorker: {
        {
          callback in
          Self.deliver(callback, reach, isStopped, talk) {
            emulator.noteCallback(of: callback.jobID, attempts: $0, isOver: $1)
          }
        }
      }, deliver: { _ in })
  }

  /// Hands the callbacks that are due to threads of their own.
  func sendDue() {
    let due = emulator.takeDueCallbacks(json: json)
    for callback in due {
      guard reach != .none else {
        emulator.noteCallback(of: callback.jobID, attempts: 0, isOver: true)
        continue
      }
      pool.submit(callback, bytes: 4096)
    }
  }

  /// Ends what is under way, without further tries.
  func stop() {
    isStopped.set()
    pool.finish()
  }

  /// - Parameters:
  ///   - talk: nil for a delivery that nobody is told of.
  ///   - note: told after each try how many there were and whether it was the last.
  static func deliver(
    _ callback: DueCallback, _ reach: Reach, _ isStopped: StopFlag, _ talk: Output?, attempts: Int = 3,
    note: (_ attempts: Int, _ isOver: Bool) -> Void = { _, _ in }
  ) {
    let address: CallbackAddress
    do {
      address = try CallbackAddress(callback.url)
    } catch {
      talk?.writeLine("callback of \(callback.jobID): \(error)")
      note(0, true)
      return
    }
    guard reach == .any || address.endpoint.isLoopback else {
      talk?.writeLine(
        "callback of \(callback.jobID) to \(address.endpoint) left out: it is not on this machine (--allow-callbacks)")
      note(0, true)
      return
    }
    let request = address.request(callback.form.body(of: callback.document), callback.form)
    let client = HTTPClient(endpoint: address.endpoint, limits: CallbackAddress.limits(seconds: 5))
    // What was tried before a restart counts; one try is always left.
    for attempt in min(callback.attempts + 1, attempts)...attempts where !isStopped.isSet {
      var outcome: String
      do {
        let status = try client.respond(to: request).status
        outcome = "\(status)"
        if (200..<300).contains(status) {
          talk?.writeLine("callback of \(callback.jobID) to \(address.endpoint): \(outcome)")
          note(attempt, true)
          return
        }
      } catch {
        outcome = "\(error)"
      }
      talk?.writeLine("callback of \(callback.jobID) to \(address.endpoint): \(outcome), try \(attempt) of \(attempts)")
      note(attempt, attempt == attempts)
      if attempt < attempts { isStopped.wait(seconds: Double(attempt)) }
    }
  }
}

/// Tells threads to come to an end.
final class StopFlag: Sendable {
  private let flag = Mutex(false)

  var isSet: Bool { flag.withLock { $0 } }
  func set() { flag.withLock { $0 = true } }

  /// Returns after that time, or soon after it is set.
  func wait(seconds: Double) {
    let end = monotonicSeconds() + seconds
    while !isSet, monotonicSeconds() < end { SystemClock().sleep(seconds: 0.05) }
  }
}

/// Where callbacks go: an endpoint and the target on it.
struct CallbackAddress {
  var endpoint: Endpoint
  var target: String

  init(_ url: String) throws {
    let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
    let slash = url[start...].firstIndex { $0 == "/" || $0 == "?" } ?? url.endIndex
    endpoint = try Endpoint(parsing: String(url[..<slash]))
    let rest = url[slash...].prefix { $0 != "#" }
    target = RequestOperand.wireForm(rest.hasPrefix("/") ? String(rest) : "/" + rest)
  }

  /// The POST of a callback.
  func request(_ body: [UInt8], _ form: CallbackForm) -> HTTPRequest {
    HTTPRequest(
      method: "POST", target: target,
      headers: [
        "Host": String(endpoint.description.dropFirst(endpoint.scheme.rawValue.count + 3)),
        "Content-Type": form.contentType, "Content-Length": "\(body.count)",
      ], body: body)
  }

  static func limits(seconds: Double) -> TransportLimits {
    TransportLimits(
      connectSeconds: seconds, totalSeconds: seconds, stallSeconds: seconds, bodyBytesMax: 1 << 20)
  }
}
