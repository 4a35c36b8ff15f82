/// Why a server cannot start.
public struct ServerError: Error, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable, CaseIterable {
    case portInUse
    case permissionDenied
    /// Not an address, or not one of this machine.
    case badAddress
    case other
  }

  public var kind: Kind
  /// A sentence that names address and port and says what to do.
  public var description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  init(_ errno: Errno, listeningOn place: String, codes: (inUse: Int32, denied: Int32, elsewhere: Int32)) {
    switch errno.number {
    case codes.inUse:
      self.init(.portInUse, "cannot listen on \(place): another program does already; take another port, or 0 for any")
    case codes.denied:
      self.init(.permissionDenied, "cannot listen on \(place): not permitted; take a port from 1024 on, or 0 for any")
    case codes.elsewhere:
      self.init(.badAddress, "cannot listen on \(place): that address is not one of this machine")
    default:
      self.init(.other, "cannot listen on \(place): \(errno.text)")
    }
  }
}
