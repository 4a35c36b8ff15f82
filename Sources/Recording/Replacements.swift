internal import HTTPExchange

/// What stands for what in a recording, and the search for it in any disguise.
///
/// The substitutes consist of `A-Z a-z 0-9 . -` alone: they need no escape wherever they come to stand.
public struct Replacements: Sendable {
  private let pairs: [(original: [UInt8], substitute: [UInt8])]
  /// The indices of the originals that start with a byte.
  private let byFirstByte: [[Int]]
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
    byFirstByte = (0...255).map { byte in
      sorted.indices.filter { sorted[$0].original.first == asciiLowercased(UInt8(byte)) }
    }
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
          let bytes = applied(to: run.decoded, depth: depth - 1)
          if bytes != run.decoded { found.append(run.edit(to: bytes, in: layer)) }
        }
      }
    }
    var chosen: [Edit] = []
    for edit in found.sorted(by: { $0.range.count > $1.range.count })
    where !chosen.contains(where: { $0.range.overlaps(edit.range) }) {
      chosen.append(edit)
    }
    return chosen.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  private func plainEdits(of layer: Layer) -> [Edit] {
    var edits: [Edit] = []
    for place in layer.bytes.indices {
      for index in byFirstByte[Int(layer.bytes[place])] {
        let original = pairs[index].original
        guard place + original.count <= layer.bytes.count,
          zip(layer.bytes[place..<(place + original.count)], original).allSatisfy({ asciiLowercased($0) == $1 })
        else { continue }
        let range = layer.starts[place]..<layer.starts[place + original.count]
        edits.append(Edit(range: range, bytes: pairs[index].substitute))
      }
    }
    return edits
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
