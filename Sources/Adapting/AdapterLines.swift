/// Puts bytes as they come into lines.
public struct AdapterLines: Sendable {
  private let lineBytesMax: Int
  private var rest: [UInt8] = []

  public init(lineBytesMax: Int) { self.lineBytesMax = lineBytesMax }

  /// The lines that are complete with these bytes, without their newlines; nil when one is longer than it may be.
  public mutating func take(_ bytes: [UInt8]) -> [ArraySlice<UInt8>]? {
    rest += bytes
    var lines: [ArraySlice<UInt8>] = []
    var start = rest.startIndex
    while let end = rest[start...].firstIndex(of: 0x0A) {
      lines.append(rest[start..<end])
      start = end + 1
    }
    guard rest.count - start <= lineBytesMax, lines.allSatisfy({ $0.count <= lineBytesMax }) else { return nil }
    rest.removeFirst(start)
    return lines
  }
}
