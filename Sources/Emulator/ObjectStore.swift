/// Where the emulator finds the objects of its buckets.
public protocol ObjectStore: Sendable {
  /// The object, nil when there is none; throws when it may not be read.
  func object(bucket: String, region: String, key: String) throws -> StoredObject?

  /// The keys that begin with a prefix, in alphabetical order, at most so many.
  func keys(bucket: String, region: String, prefix: String, limit: Int) throws -> [String]
}

extension ObjectStore {
  /// A store that cannot be listed is as good as empty.
  public func keys(bucket: String, region: String, prefix: String, limit: Int) throws -> [String] { [] }
}

/// An object: what is known of it, and a way to its bytes.
public struct StoredObject: Sendable {
  public var size: Int64
  /// In seconds since 1970.
  public var lastModified: Double
  /// With its quotation marks (erratum E12); nil when it is the MD5 of the content and nobody has computed it yet, so
  /// that a file need not be read twice.
  public var etag: String?
  /// Such as `STANDARD`, `ARCHIVE` or `DEEP_ARCHIVE`.
  public var storageClass: String
  /// Hands the bytes over piece by piece, from the first to the last.
  public var read: @Sendable (_ consume: (ArraySlice<UInt8>) -> Void) throws -> Void

  public init(
    size: Int64, lastModified: Double, etag: String?, storageClass: String = "STANDARD",
    read: @escaping @Sendable (_ consume: (ArraySlice<UInt8>) -> Void) throws -> Void
  ) {
    self.size = size
    self.lastModified = lastModified
    self.etag = etag
    self.storageClass = storageClass
    self.read = read
  }

  /// Archived objects are not processed before they are restored (436/53991).
  var isArchived: Bool { storageClass == "ARCHIVE" || storageClass == "DEEP_ARCHIVE" }
}

/// Why an object that a key names is not handed out.
public struct ObjectStoreError: Error, Equatable, CustomStringConvertible {
  public enum Kind: Sendable {
    /// The key leads out of the folder.
    case refused
    /// It is there, but reading failed.
    case unreadable
  }

  public var kind: Kind
  public var description: String

  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
