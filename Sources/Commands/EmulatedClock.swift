internal import Emulator
internal import HTTPExchange
internal import Synchronization

/// The clock of a server of this program: that of the machine, or one that starts at a given time and runs at a given
/// speed. Waiting takes real seconds at any speed.
final class EmulatedClock: HTTPExchange.Clock {
  static let flags = [
    Flag(
      name: "--now", value: "TIME",
      help: "The time at which the server's clock starts, such as 2022-07-18T15:16:43+0800; the machine's unless given."
    ),
    Flag(
      name: "--speed", value: "N",
      help: "How many seconds pass on it in one; 1 unless given, 0 lets it stand until POST /.cispec/clock moves it."),
  ]

  let speed: Double
  private let place: Mutex<Place>

  /// Where the clock is when the machine's monotonic clock is at `origin`; without a start the machine's time counts.
  private struct Place {
    var start: Double?
    var origin: Double
  }

  /// - Parameter earliest: what it is never set before: the time that a state file was left at.
  init(_ arguments: Arguments, earliest: Double?) throws {
    speed = try Self.speed(arguments["--speed"])
    var start = try arguments["--now"].map(Self.seconds)
    if speed != 1 { start = start ?? SystemClock().now }
    if let earliest, earliest > start ?? SystemClock().now { start = earliest }
    place = Mutex(Place(start: start, origin: monotonicSeconds()))
  }

  /// Whether it is another clock than the machine's.
  var isOwn: Bool { place.withLock { $0.start != nil } }

  var now: Double { place.withLock { now(at: $0) } }

  func sleep(seconds: Double) { SystemClock().sleep(seconds: seconds) }

  /// Sets it forward, and says what it is then.
  func advance(seconds: Double) -> Double {
    place.withLock { place in
      let now = now(at: place) + max(0, seconds)
      place = Place(start: now, origin: monotonicSeconds())
      return now
    }
  }

  private func now(at place: Place) -> Double {
    guard let start = place.start else { return SystemClock().now }
    return start + (monotonicSeconds() - place.origin) * speed
  }

  private static func speed(_ text: String?) throws -> Double {
    guard let text else { return 1 }
    guard let speed = Double(text), (0...speedMax).contains(speed) else {
      throw CommandError(.usage, "--speed is '\(text)', not a number from 0 to \(Int(speedMax))")
    }
    return speed
  }

  private static let speedMax = 1_000_000.0

  /// Seconds since 1970, from a time with an offset.
  private static func seconds(_ text: String) throws -> Double {
    guard let seconds = Times.seconds(of: text), seconds >= 0 else {
      throw CommandError(
        .usage, "--now is '\(text)', not a time with an offset",
        hint: "Write 2022-07-18T15:16:43+0800 or the same with Z.")
    }
    return seconds
  }
}
