/// The bounds of a server.
public struct ServerLimits: Sendable, Equatable {
  /// A longer body is not kept; the request gets the oversize answer.
  public var bodyBytesMax: Int
  public var connectionsMax: Int
  /// How long a connection may stay silent.
  public var idleSeconds: Int
  public var threads: Int
  /// A thread for each connection in place of the others, so that a responder that takes its time holds up nobody else.
  public var hasThreadPerConnection = false
  /// How long `stop()` waits for answers in flight.
  public var drainSeconds: Double

  public init(
    bodyBytesMax: Int = 1 << 20, connectionsMax: Int = 1100, idleSeconds: Int = 30, threads: Int = 2,
    drainSeconds: Double = 5
  ) {
    self.bodyBytesMax = bodyBytesMax
    self.connectionsMax = connectionsMax
    self.idleSeconds = idleSeconds
    self.threads = threads
    self.drainSeconds = drainSeconds
  }

  /// How much of a body beyond the bound is read and thrown away, so that its sender gets to see the answer.
  var discardedBytesMax: Int { 16 << 20 }

  /// The memory of one connection, which holds its request line and header fields.
  var connectionMemoryBytes: Int { 32 << 10 }
}
