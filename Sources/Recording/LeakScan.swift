internal import HTTPExchange

/// The last look at bytes that are about to be written: it knows nothing of how they were redacted. Each secret is
/// written in every coding and searched for as plain text.
struct LeakScan {
  private let names: [String]
  private let index: PatternIndex
  /// Base64 tells capitals from small letters.
  private let base64Patterns: [(name: String, bytes: [UInt8], value: [UInt8])]
  private let base64Index: PatternIndex

  /// - Parameter secrets: each with the name that a finding may tell.
  init(_ secrets: [(name: String, value: String)]) {
    var patterns: [(name: String, bytes: [UInt8])] = []
    var base64Patterns: [(name: String, bytes: [UInt8], value: [UInt8])] = []
    for (name, value) in secrets {
      let bytes = Array(value.utf8)
      let lowered = bytes.map(asciiLowercased)
      for form in Self.forms(of: bytes) { patterns.append((name, form.map(asciiLowercased))) }
      for variant in [bytes, lowered] where variant == bytes || lowered != bytes {
        for form in Self.base64Forms(of: variant) { base64Patterns.append((name, form, variant)) }
      }
    }
    names = patterns.map(\.name)
    index = PatternIndex(patterns.map(\.bytes), ignoresCase: true)
    self.base64Patterns = base64Patterns
    base64Index = PatternIndex(base64Patterns.map(\.bytes), ignoresCase: false)
  }

  /// The names of the secrets that are still there, as it is or as a reader of XML joins its text.
  func leaks(in output: [UInt8]) -> [String] {
    var found: [String] = []
    for text in [output] + Self.withoutMarkup(output) {
      found += index.hits(in: text).map { names[$0.pattern] }
      for (place, pattern) in base64Index.hits(in: text) {
        let (name, bytes, value) = base64Patterns[pattern]
        if Self.mayHold(value, text, place..<(place + bytes.count)) { found.append(name) }
      }
    }
    return found.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The text without comments, instructions and the delimiters of CDATA; none when there are none.
  private static func withoutMarkup(_ output: [UInt8]) -> [[UInt8]] {
    var kept: [UInt8] = []
    var rest = output[...]
    func skips(_ start: String, to end: String?) -> Bool {
      guard rest.starts(with: start.utf8) else { return false }
      rest = rest.dropFirst(start.utf8.count)
      guard let end, let last = end.utf8.last else { return true }
      var behind = rest
      while let place = behind.firstIndex(of: last) {
        behind = behind[(place + 1)...]
        if rest[..<behind.startIndex].suffix(end.utf8.count).elementsEqual(end.utf8) {
          rest = behind
          break
        }
      }
      return true
    }
    while let byte = rest.first {
      if byte == 0x3C, skips("<!--", to: "-->") || skips("<?", to: "?>") || skips("<![CDATA[", to: nil) { continue }
      if byte == 0x5D, skips("]]>", to: nil) { continue }
      kept.append(byte)
      rest = rest.dropFirst()
    }
    return kept.count < output.count ? [kept] : []
  }

  /// Whether the digits around a hit give the whole secret: its middle alone may be in a substitute too. Digits that
  /// go on behind an escape or a line break leave the doubt.
  private static func mayHold(_ value: [UInt8], _ output: [UInt8], _ hit: Range<Int>) -> Bool {
    func digit(_ byte: UInt8) -> UInt8? { CodedRun.value(of: byte, .base64) }
    let before = output[max(0, hit.lowerBound - 4)..<hit.lowerBound]
    let start = before.count == 4 && before.allSatisfy { digit($0) != nil } ? hit.lowerBound - 4 : hit.lowerBound
    let after = output[hit.upperBound...].prefix(4).prefix { digit($0) != nil }
    let next = output[after.endIndex...].prefix(3)
    let goesOn = next.first == 0x0A || next.first == 0x0D || next.first == 0x5C || next.first == 0x26
    let isEscaped = ["%2B", "%2F", "%25", "%2b", "%2f"].contains { next.elementsEqual($0.utf8) }
    guard after.count == 4 || !(goesOn || isEscaped) else { return true }
    var bits = 0
    var bytes: [UInt8] = []
    for (index, byte) in output[start..<after.endIndex].enumerated() {
      bits = (bits << 6 | Int(digit(byte) ?? 0)) & 0xFFFF
      if index % 4 != 0 { bytes.append(UInt8(bits >> (6 - index % 4 * 2) & 255)) }
    }
    return !occurrences(of: value, in: bytes).isEmpty
  }

  private static func forms(of bytes: [UInt8]) -> [[UInt8]] {
    func each(_ form: (UInt8) -> String) -> [UInt8] { bytes.flatMap { Array(form($0).utf8) } }
    let percent = each { PercentCoding.isUnreserved($0) ? String(UnicodeScalar($0)) : "%" + hexadecimal($0) }
    let allPercent = each { "%" + hexadecimal($0) }
    return [
      bytes, percent, allPercent, percent.flatMap { $0 == 0x25 ? Array("%25".utf8) : [$0] },
      allPercent.flatMap { $0 == 0x25 ? Array("%25".utf8) : [$0] }, each { "&#\($0);" },
      each { "&#x\(hexadecimal($0));" }, each { "\\u00" + hexadecimal($0) }, each { hexadecimal($0) },
    ].reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The digits that the bytes give wherever they start in a group of three, without those that neighbours share.
  private static func base64Forms(of bytes: [UInt8]) -> [[UInt8]] {
    (0..<3).flatMap { shift in
      let padded = [UInt8](repeating: 0, count: shift) + bytes
      let whole = padded.count / 3 * 4
      return [false, true].map { isForURLs in
        let digits = base64(padded, isForURLs: isForURLs, pads: false)
        return Array(digits[(shift == 0 ? 0 : 4)..<max(whole, 4)])
      }
    }.filter { $0.count >= 4 }
  }
}
