private import CaseLibrary
internal import Glibc

/// The files below a folder as the objects of every bucket: a key is a path in it.
///
/// Nothing outside the folder is ever handed out: neither by `..`, nor by an absolute key, nor through a link.
public struct FolderObjectStore: ObjectStore {
  public var folder: String
  /// The storage class of keys that are not `STANDARD`.
  public var storageClasses: [String: String]

  private static let chunkByteCount = 1 << 20

  public init(folder: String, storageClasses: [String: String] = [:]) {
    self.folder = folder
    self.storageClasses = storageClasses
  }

  public func object(bucket: String, region: String, key: String) throws -> StoredObject? {
    guard let path = try resolvedPath(of: key) else { return nil }
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let modified = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    return StoredObject(
      size: Int64(status.st_size), lastModified: modified, etag: nil, storageClass: storageClasses[key] ?? "STANDARD"
    ) { consume in try Self.read(path, key: key, consume) }
  }

  public func keys(bucket: String, region: String, prefix: String, limit: Int) throws -> [String] {
    // Keys that lead out of the folder through a link are not told.
    let keys = try Files.tree(of: folder).filter { $0.hasPrefix(prefix) && (try? resolvedPath(of: $0)) != nil }
    return Array(keys.sorted().prefix(limit))
  }

  /// The path of a key with all links followed; nil when there is nothing.
  private func resolvedPath(of key: String) throws -> String? {
    let segments = key.split(separator: "/", omittingEmptySubsequences: false)
    guard !key.utf8.contains(0), !key.hasPrefix("/"), !segments.contains("..") else {
      throw ObjectStoreError(.refused, "The key leads out of the folder.")
    }
    // A second name for a file, such as ./a or a//b, is not its key.
    guard !segments.contains(""), !segments.contains(".") else { return nil }
    guard let root = Self.realPath(folder) else {
      throw ObjectStoreError(.unreadable, "The folder of the objects cannot be opened.")
    }
    guard let path = Self.realPath("\(folder)/\(key)") else { return nil }
    guard path.hasPrefix(root == "/" ? "/" : root + "/") else {
      throw ObjectStoreError(.refused, "The key leads out of the folder through a link.")
    }
    return path
  }

  private static func realPath(_ path: String) -> String? {
    guard let resolved = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  private static func read(_ path: String, key: String, _ consume: (ArraySlice<UInt8>) -> Void) throws {
    let unreadable = ObjectStoreError(.unreadable, "The object \(key) cannot be read.")
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { throw unreadable }
    defer { close(descriptor) }
    var chunk = [UInt8](repeating: 0, count: chunkByteCount)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw unreadable
      }
      consume(chunk[..<count])
    }
  }
}
