/// The bounds of one exchange as a client: how long it may take and how much it may bring.
public struct TransportLimits: Sendable, Equatable {
  public var connectSeconds: Double
  /// From the start of the connection to the last byte of the answer.
  public var totalSeconds: Double
  /// How long nothing may arrive; libcurl counts whole seconds, so it is rounded up.
  public var stallSeconds: Double
  /// The status line and the header fields of all heads of one answer together.
  public var headerBytesMax: Int
  public var bodyBytesMax: Int

  public init(
    connectSeconds: Double = 5, totalSeconds: Double = 30, stallSeconds: Double = 10,
    headerBytesMax: Int = 64 << 10, bodyBytesMax: Int = 64 << 20
  ) {
    self.connectSeconds = connectSeconds
    self.totalSeconds = totalSeconds
    self.stallSeconds = stallSeconds
    self.headerBytesMax = headerBytesMax
    self.bodyBytesMax = bodyBytesMax
  }
}
