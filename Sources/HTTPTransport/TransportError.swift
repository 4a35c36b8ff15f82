/// Why there is no answer.
public struct TransportError: Error, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable, CaseIterable {
    /// Nothing listens there, or the way there is closed.
    case refused
    /// The name of the host has no address.
    case unresolved
    case timedOut
    /// No answer, half a head, or fewer bytes than its Content-Length.
    case closedEarly
    /// Not HTTP, or an answer that contradicts itself about its length.
    case malformed
    /// Beyond a bound of the limits.
    case tooLarge
    case tls
    case other
  }

  public var kind: Kind
  /// A sentence that names the endpoint and says what to look at.
  public var description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
