/// A state file that cannot be used, with what a person can do about it. The file is left as it is.
public struct StateFileError: Error, Equatable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    /// SQLite is not on this machine.
    case noLibrary
    /// Another program has it.
    case inUse
    /// It is no state of an emulator.
    case foreign
    /// It was written by a later version.
    case newer
    case damaged
    /// It cannot be opened, read or written.
    case unusable
  }

  public var kind: Kind
  public var reason: String
  public var hint: String

  public var description: String { "the state file: \(reason)" }
}
