internal import Glibc

/// A file that cannot be read, with what a person can do about it.
public struct FileError: Error, Equatable, CustomStringConvertible {
  public var path: String
  public var reason: String

  public init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  public var description: String { "\(path): \(reason)" }
}

/// Bounded reading of files and folders: the only place where the kit opens them.
public enum Files {
  /// The bytes of a regular file or pipe, at most `bytesMax` of them; more is an error, never a cut.
  public static func read(_ path: String, bytesMax: Int = 64 << 20) throws(FileError) -> [UInt8] {
    let bytes = try readPrefix(path, bytesMax: bytesMax + 1)
    guard bytes.count <= bytesMax else {
      throw FileError(path: path, reason: "is larger than the \(bytesMax) bytes that are read at most")
    }
    return bytes
  }

  /// The first bytes of a regular file or pipe.
  public static func readPrefix(_ path: String, bytesMax: Int) throws(FileError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, reason: reason(of: errno)) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw FileError(path: path, reason: reason(of: errno)) }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw FileError(path: path, reason: "is a folder, not a file") }
    return try readPrefix(
      descriptor: descriptor, name: path, bytesMax: bytesMax, expected: max(0, Int(status.st_size)))
  }

  /// What a descriptor gives until its end, or until there are `bytesMax` bytes.
  public static func readPrefix(
    descriptor: Int32, name: String, bytesMax: Int, expected: Int = 0
  ) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    var room = min(max(expected, 4096), bytesMax)
    while bytes.count < bytesMax {
      var failure: Int32 = 0
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        while count < buffer.count {
          let got = unsafe Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
          if got < 0, errno == EINTR { continue }
          if got < 0 { failure = errno }
          guard got > 0 else { break }
          count += got
          // All that the file had when it was opened: its end need not be asked for.
          if count == expected { break }
        }
      }
      guard failure == 0 else { throw FileError(path: name, reason: reason(of: failure)) }
      let isEnd = piece.count < room || bytes.isEmpty && piece.count == expected
      if bytes.isEmpty { bytes = piece } else { bytes.append(contentsOf: piece) }
      if isEnd { break }
      room = min(1 << 20, bytesMax - bytes.count)
    }
    return bytes
  }

  /// Writes all bytes to a new file beside the target and puts it in its place, so no reader sees half of it. What a link
  /// leads to is replaced, not the link; a pipe or a device takes the bytes itself.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    var status = stat()
    if unsafe stat(path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) {
      return try writeThrough(bytes, to: path)
    }
    let target = real(path) ?? path
    let temporary = target + ".\(getpid()).part"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw unwritable(path, errno) }
    guard writeAll(bytes, to: descriptor), close(descriptor) == 0, unsafe rename(temporary, target) == 0 else {
      let code = errno
      unsafe unlink(temporary)
      throw unwritable(path, code)
    }
  }

  /// Into what is no regular file. A pipe that nobody reads is refused, not waited for.
  private static func writeThrough(_ bytes: [UInt8], to path: String) throws(FileError) {
    let descriptor = unsafe open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw errno == ENXIO ? FileError(path: path, reason: "nobody reads from it") : unwritable(path, errno)
    }
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
    let isWritten = writeAll(bytes, to: descriptor)
    let code = errno
    guard close(descriptor) == 0, isWritten else { throw unwritable(path, code) }
  }

  /// Where a path leads; nil when there is nothing.
  private static func real(_ path: String) -> String? {
    guard let name = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(name) }
    return unsafe String(cString: name)
  }

  private static func unwritable(_ path: String, _ code: Int32) -> FileError {
    guard code == ENOENT else { return FileError(path: path, reason: reason(of: code)) }
    let folder = path.utf8.lastIndex(of: 0x2F).map { String(path[..<$0]) } ?? ""
    let what = folder.isEmpty || exists(folder) ? "it cannot be made there" : "there is no folder '\(folder)'"
    return FileError(path: path, reason: what)
  }

  /// A descriptor that appends to a file, which is made when it is not there. The caller closes it.
  public static func appending(to path: String) throws(FileError) -> Int32 {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(path: path, reason: reason(of: errno)) }
    return descriptor
  }

  /// Whether every byte was taken; errno says why not.
  public static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var start = 0
    while start < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress?.advanced(by: start), $0.count - start)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      start += count
    }
    return true
  }

  public static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The names in a folder in byte order, without those that start with a dot.
  public static func names(in folder: String) throws(FileError) -> [String] {
    try entries(of: folder).map(\.name).sorted(by: precedesInByteOrder)
  }

  /// What the system's listing of a folder tells of a name, for most file systems without a look at it.
  enum EntryKind {
    case file, folder
    /// A link or something else, or the file system does not tell.
    case other
  }

  /// Every file below a folder, relative to it, in byte order; files and folders of the names left out are passed over.
  public static func tree(of folder: String, except left: Set<String> = []) throws(FileError) -> [String] {
    var files: [String] = []
    let entries = try entries(of: folder).sorted { precedesInByteOrder($0.name, $1.name) }
    for (name, kind) in entries where !left.contains(name) {
      if kind == .folder || (kind == .other && isFolder("\(folder)/\(name)")) {
        files += try tree(of: "\(folder)/\(name)").map { "\(name)/\($0)" }
      } else {
        files.append(name)
      }
    }
    return files
  }

  /// The names in a folder in the system's order, without those that start with a dot.
  static func entries(of folder: String) throws(FileError) -> [(name: String, kind: EntryKind)] {
    guard let stream = unsafe opendir(folder) else { throw FileError(path: folder, reason: reason(of: errno)) }
    defer { unsafe closedir(stream) }
    var entries: [(name: String, kind: EntryKind)] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      guard !name.hasPrefix(".") else { continue }
      let type = unsafe Int32(entry.pointee.d_type)
      entries.append((name, type == Int32(DT_DIR) ? .folder : type == Int32(DT_REG) ? .file : .other))
    }
    return entries
  }

  /// Whether one text comes before another, byte by byte.
  static func precedesInByteOrder(_ one: String, _ other: String) -> Bool {
    let isBefore = unsafe one.utf8.withContiguousStorageIfAvailable { one in
      unsafe other.utf8.withContiguousStorageIfAvailable { other in
        guard let left = one.baseAddress, let right = other.baseAddress else { return one.count < other.count }
        let order = unsafe memcmp(left, right, min(one.count, other.count))
        return order == 0 ? one.count < other.count : order < 0
      }
    }
    return (isBefore ?? nil) ?? one.utf8.lexicographicallyPrecedes(other.utf8)
  }

  /// Lends the bytes of each file in turn, read into one piece of memory with as few calls of the system as can be.
  static func forEachFile(
    _ paths: [String], _ body: (_ path: String, _ bytes: UnsafeRawBufferPointer) -> Void
  ) throws(FileError) {
    var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 1)
    defer { unsafe memory.deallocate() }
    for path in paths {
      let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw FileError(path: path, reason: reason(of: errno)) }
      defer { close(descriptor) }
      var count = 0
      while true {
        let got = unsafe Glibc.read(descriptor, memory.baseAddress?.advanced(by: count), memory.count - count)
        if got < 0, errno == EINTR { continue }
        guard got >= 0 else { throw FileError(path: path, reason: reason(of: errno)) }
        count += got
        // A regular file gives less than there is room for only at its end.
        if count < memory.count { break }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * memory.count, alignment: 1)
        unsafe larger.copyMemory(from: UnsafeRawBufferPointer(memory))
        unsafe memory.deallocate()
        unsafe memory = larger
      }
      unsafe body(path, UnsafeRawBufferPointer(rebasing: memory[..<count]))
    }
  }

  /// What went wrong, in words, for an error number of the system.
  public static func reason(of code: Int32) -> String {
    switch code {
    case ENOENT: "there is no such file"
    case EACCES, EPERM: "permission denied"
    case EISDIR: "is a folder, not a file"
    case ENOTDIR: "a part of the path is a file, not a folder"
    case ENOSPC: "no space is left on the device"
    default: unsafe String(cString: strerror(code))
    }
  }
}
