internal import HTTPExchange

/// What stands for what in a recording, and the search for it in any disguise.
///
/// The substitutes consist of `A-Z a-z 0-9 . -` alone: they need no escape wherever they come to stand.
public struct Replacements: Sendable {
  private let pairs: [(original: [UInt8], substitute: [UInt8])]
  private let index: PatternIndex
  /// The disguises that are seen through; all of them but in a test of that.
  private let disguises: Set<Disguise>

  public init(
    _ pairs: [(original: String, substitute: String)], seeing disguises: Set<Disguise> = Set(Disguise.allCases)
  ) {
    self.disguises = disguises
    // The longest first: an APPID is also the end of a bucket.
    let sorted: [(original: [UInt8], substitute: [UInt8])] =
      pairs
      .filter { $0.original != $0.substitute && !$0.original.isEmpty }
      .map { (original: $0.original.utf8.map(asciiLowercased), substitute: Array($0.substitute.utf8)) }
      .sorted { $0.original.count > $1.original.count }
    index = PatternIndex(sorted.map(\.original), ignoresCase: true)
    self.pairs = sorted
  }

  public func applied(to text: String) -> String { String(decoding: applied(to: Array(text.utf8)), as: UTF8.self) }

  public func applied(to message: [UInt8]) -> [UInt8] { applied(to: message, depth: 2) }

  /// - Parameter depth: how many codings inside each other are followed.
  private func applied(to message: [UInt8], depth: Int) -> [UInt8] {
    guard !pairs.isEmpty else { return message }
    var result = message
    // Edits that overlap are made one after the other.
    for _ in 0..<8 {
      let edits = edits(of: result, depth: depth)
      guard !edits.isEmpty else { break }
      for edit in edits.reversed() { result.replaceSubrange(edit.range, with: edit.bytes) }
    }
    return result
  }

  /// Edits in their order that do not overlap.
  private func edits(of message: [UInt8], depth: Int) -> [Edit] {
    var found: [Edit] = []
    for layer in Layer.all(of: message, undoing: disguises) {
      found += plainEdits(of: layer)
      guard depth > 0 else { continue }
      for (code, disguise) in [(CodedRun.Code.base64, Disguise.base64), (.hex, .hex)] where disguises.contains(disguise)
      {
        for run in CodedRun.all(code, in: layer) {
          guard !isOfNoInterest(run.decoded) else { continue }
          let bytes = applied(to: run.decoded, depth: depth - 1)
          if bytes != run.decoded { found.append(run.edit(to: bytes, in: layer)) }
        }
      }
    }
    return Self.apart(found)
  }

  /// Those of the edits that do not overlap, the longer ones first, in their order.
  private static func apart(_ edits: [Edit]) -> [Edit] {
    let sorted = edits.sorted {
      ($0.range.lowerBound, $1.range.upperBound) < ($1.range.lowerBound, $0.range.upperBound)
    }
    var chosen: [Edit] = []
    for edit in sorted {
      guard let last = chosen.last, last.range.overlaps(edit.range) else {
        chosen.append(edit)
        continue
      }
      // What is left out now is found again in the next round.
      if edit.range.count > last.range.count { chosen[chosen.count - 1] = edit }
    }
    return chosen
  }

  private func plainEdits(of layer: Layer) -> [Edit] {
    index.hits(in: layer.bytes).map { place, pattern in
      let pair = pairs[pattern]
      return layer.edit(layer.starts[place]..<layer.starts[place + pair.original.count], pair.substitute)
    }
  }

  /// Whether nothing can stand in decoded bytes, not even behind a further coding.
  private func isOfNoInterest(_ bytes: [UInt8]) -> Bool {
    var digits = (base64: 0, hex: 0)
    for byte in bytes {
      if [0x25, 0x26, 0x3C, 0x5C].contains(byte) { return false }
      digits.base64 = CodedRun.value(of: byte, .base64) == nil ? 0 : digits.base64 + 1
      digits.hex = CodedRun.value(of: byte, .hex) == nil ? 0 : digits.hex + 1
      if digits.base64 >= CodedRun.Code.base64.digitsMin || digits.hex >= CodedRun.Code.hex.digitsMin { return false }
    }
    return index.hits(in: bytes).isEmpty
  }
}

/// Where a pattern starts in a text; hits do not overlap.
func occurrences(of pattern: [UInt8], in text: [UInt8]) -> [Int] {
  guard let first = pattern.first, text.count >= pattern.count else { return [] }
  var places: [Int] = []
  var place = 0
  while place + pattern.count <= text.count {
    if text[place] == first, text[place..<(place + pattern.count)].elementsEqual(pattern) {
      places.append(place)
      place += pattern.count
    } else {
      place += 1
    }
  }
  return places
}
