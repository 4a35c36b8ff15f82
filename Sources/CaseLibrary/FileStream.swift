internal import Glibc

/// A file or pipe that is read piece by piece; closed with its owner unless it was only lent.
public final class FileStream {
  public let name: String
  private let descriptor: Int32
  private let isOwned: Bool
  private var ahead: [UInt8] = []
  private var buffer: [UInt8]

  public init(opening path: String, pieceBytesMax: Int = 64 << 10) throws(FileError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, reason: Files.reason(of: errno)) }
    self.descriptor = descriptor
    name = path
    isOwned = true
    buffer = [UInt8](repeating: 0, count: pieceBytesMax)
  }

  public init(lending descriptor: Int32, name: String, pieceBytesMax: Int = 64 << 10) {
    self.descriptor = descriptor
    self.name = name
    isOwned = false
    buffer = [UInt8](repeating: 0, count: pieceBytesMax)
  }

  deinit { if isOwned { close(descriptor) } }

  /// What is there next, at most one piece; empty at the end.
  public func next() throws(FileError) -> [UInt8] {
    guard ahead.isEmpty else {
      defer { ahead = [] }
      return ahead
    }
    return try readPiece()
  }

  /// The first bytes, which stay to be read; at least `count` of them unless there are no more.
  public func peek(_ count: Int) throws(FileError) -> ArraySlice<UInt8> {
    while ahead.count < count {
      let piece = try readPiece()
      guard !piece.isEmpty else { break }
      ahead += piece
    }
    return ahead.prefix(count)
  }

  /// All that is left, at most `bytesMax` bytes of it.
  public func rest(bytesMax: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < bytesMax {
      let piece = try next()
      guard !piece.isEmpty else { break }
      bytes += piece.prefix(bytesMax - bytes.count)
    }
    return bytes
  }

  private func readPiece() throws(FileError) -> [UInt8] {
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 { return Array(buffer[..<count]) }
      if errno != EINTR { throw FileError(path: name, reason: Files.reason(of: errno)) }
    }
  }
}
