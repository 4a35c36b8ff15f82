internal import Synchronization

/// Values that serve one thread at a time, lent to whoever asks; as many are kept as were ever needed at once.
final class IdlePool<Value>: Sendable {
  /// A value that is in nobody's hands, or in those of one thread; hence the unchecked promise.
  private final class Lent: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
  }

  private let make: @Sendable () throws -> Value
  private let idle: Mutex<[Lent]> = Mutex([])

  /// - Parameter make: called when a value is needed and none is idle.
  init(_ make: @escaping @Sendable () throws -> Value) { self.make = make }

  func lend<Result>(_ body: (Value) throws -> Result) throws -> Result {
    let lent = try idle.withLock { $0.popLast() } ?? Lent(make())
    defer { idle.withLock { $0.append(lent) } }
    return try body(lent.value)
  }
}
