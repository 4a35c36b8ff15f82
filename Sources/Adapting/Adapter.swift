internal import CaseLibrary
internal import Glibc
internal import Synchronization

/// An implementation behind the adapter protocol: what it said of itself, and asking it.
public final class Adapter: Sendable {
  public let command: String
  public let limits: AdapterLimits
  public let isStrict: Bool
  /// How many processes are asked at once.
  public let jobs: Int
  public let hello: AdapterHello
  /// From the start of the program to its answer to `hello`.
  public let startSeconds: Double
  private let unusable = Mutex<AdapterUnusable?>(nil)

  /// Why it was given up; nil as long as it is asked.
  public var reasonGivenUp: AdapterUnusable? { unusable.withLock { $0 } }

  /// Starts the adapter once to hear what it is.
  public init(command: String, limits: AdapterLimits = AdapterLimits(), isStrict: Bool = false, jobs: Int = 1) throws {
    let session = AdapterSession(command: command, limits: limits, isStrict: isStrict)
    self.command = command
    self.limits = limits
    self.isStrict = isStrict
    self.jobs = jobs
    hello = try session.start()
    startSeconds = session.startSeconds
    _ = session.finish()
  }

  /// The outcome of each request, in their order. Throws `AdapterUnusable` when it does not start.
  public func outcomes(of requests: [AdapterRequest]) throws -> [AdapterOutcome] {
    let count = max(1, min(jobs, requests.count))
    guard count > 1 else { return try Self.outcomes(of: requests, self) }
    // Each process gets a share that runs through the whole list, so that what is slow is spread.
    let shares = (0..<count).map { first in
      stride(from: first, to: requests.count, by: count).map { requests[$0] }
    }
    let results = try concurrently(shares) { try Self.outcomes(of: $0, self) }
    return requests.indices.map { results[$0 % count][$0 / count] }
  }

  /// Asks one process one request after the other: none is sent before `take` is done with the outcome of the last.
  func ask(_ requests: [AdapterRequest], _ take: (_ place: Int, _ outcome: AdapterOutcome) -> Void) throws {
    var limits = limits
    limits.inFlightMax = 1
    let session = try started(limits)
    end(session, session.outcomes(of: requests, take))
  }

  private func started(_ limits: AdapterLimits) throws -> AdapterSession {
    let session = AdapterSession(command: command, limits: limits, isStrict: isStrict)
    guard try session.start() == hello else {
      throw AdapterUnusable("the adapter says something else of itself at each start")
    }
    return session
  }

  private func end(_ session: AdapterSession, _ reason: AdapterUnusable?) {
    if let reason { unusable.withLock { $0 = $0 ?? reason } }
    _ = session.finish()
  }

  private static func outcomes(of requests: [AdapterRequest], _ adapter: Adapter) throws -> [AdapterOutcome] {
    guard !requests.isEmpty else { return [] }
    let session = try adapter.started(adapter.limits)
    var outcomes: [AdapterOutcome] = []
    outcomes.reserveCapacity(requests.count)
    adapter.end(session, session.outcomes(of: requests) { outcomes.append($1) })
    return outcomes
  }
}

/// Runs a body for each item on a thread of its own; the results in the items' order, or the first error.
private func concurrently<Item: Sendable, Value: Sendable>(
  _ items: [Item], _ body: @escaping @Sendable (Item) throws -> Value
) throws -> [Value] {
  let results = Results<Value>()
  var threads: [pthread_t] = []
  for (index, item) in items.enumerated() {
    let task: @Sendable () -> Void = {
      let result = Result { try body(item) }
      results.values.withLock { $0[index] = result }
    }
    // The system may have no thread to spare: done here instead.
    if let thread = startThread(task) { threads.append(thread) } else { task() }
  }
  for thread in threads { pthread_join(thread, nil) }
  let values = results.values.withLock { $0 }
  return try items.indices.map { index in
    guard let result = values[index] else { throw AdapterUnusable("a thread came to no result") }
    return try result.get()
  }
}

private final class Results<Value: Sendable>: Sendable {
  let values: Mutex<[Int: Result<Value, any Error>]> = Mutex([:])
}
