internal import HTTPExchange

/// Many patterns that are looked for at once: the time does not grow with their number.
struct PatternIndex: Sendable {
  private let patterns: [[UInt8]]
  private let ignoresCase: Bool
  /// The indices of the patterns by their first eight bytes.
  private let byStart: [UInt64: [Int]]
  /// Patterns of fewer bytes, by the first.
  private let short: [[Int]]
  /// A bit for each hash of a start, so that most places are passed over without a look into the table.
  private let filter: [UInt64]

  private static let startBytes = 8

  /// - Parameter ignoresCase: whether ASCII letters match in either case; the patterns are in small letters then.
  init(_ patterns: [[UInt8]], ignoresCase: Bool) {
    self.patterns = patterns
    self.ignoresCase = ignoresCase
    var byStart: [UInt64: [Int]] = [:]
    var short = [[Int]](repeating: [], count: 256)
    var filter = [UInt64](repeating: 0, count: 1 << 10)
    for (index, pattern) in patterns.enumerated() {
      guard let first = pattern.first else { continue }
      guard pattern.count >= Self.startBytes else {
        short[Int(first)].append(index)
        continue
      }
      let start = pattern.prefix(Self.startBytes).reduce(0) { $0 << 8 | UInt64($1) }
      byStart[start, default: []].append(index)
      let bit = Self.hash(start)
      filter[bit >> 6] |= 1 << UInt64(bit & 63)
    }
    self.byStart = byStart
    self.short = short
    self.filter = filter
  }

  /// Where patterns start in a text, in the order of places; the hits may overlap.
  func hits(in text: [UInt8]) -> [(place: Int, pattern: Int)] {
    guard !patterns.isEmpty else { return [] }
    var hits: [(place: Int, pattern: Int)] = []
    let hasShort = short.contains { !$0.isEmpty }
    var start: UInt64 = 0
    for end in text.indices {
      let byte = ignoresCase ? asciiLowercased(text[end]) : text[end]
      if hasShort {
        for index in short[Int(byte)] where matches(index, text, at: end) { hits.append((end, index)) }
      }
      start = start << 8 | UInt64(byte)
      guard end + 1 >= Self.startBytes else { continue }
      let bit = Self.hash(start)
      guard filter[bit >> 6] & (1 << UInt64(bit & 63)) != 0, let candidates = byStart[start] else { continue }
      let place = end + 1 - Self.startBytes
      for index in candidates where matches(index, text, at: place) { hits.append((place, index)) }
    }
    return hits
  }

  private func matches(_ index: Int, _ text: [UInt8], at place: Int) -> Bool {
    let pattern = patterns[index]
    guard place + pattern.count <= text.count else { return false }
    for offset in pattern.indices {
      let byte = text[place + offset]
      if (ignoresCase ? asciiLowercased(byte) : byte) != pattern[offset] { return false }
    }
    return true
  }

  /// 16 bits.
  private static func hash(_ start: UInt64) -> Int { Int((start &* 0x9E37_79B9_7F4A_7C15) >> 48) }
}
