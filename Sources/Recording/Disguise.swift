internal import HTTPExchange

/// The ways in which a value can stand in a message without being readable at once.
public enum Disguise: String, Sendable, CaseIterable {
  /// `%41`, once or several times.
  case percent
  /// `&#65;`, `&#x41;`, `&amp;`.
  case xml
  /// `<![CDATA[`, `]]>`, `<!-- -->` and `<? ?>` in the midst of it.
  case markup
  /// `\u0041`, `\/`.
  case json
  /// Either alphabet, with or without padding and line breaks, the value at any place in it.
  case base64
  /// Two digits for each byte, in either case.
  case hex
}

/// The bytes behind some escapes, and where each of them stands in the message.
struct Layer {
  var bytes: [UInt8]
  /// Where the byte of the same index starts in the message; one more for the end.
  var starts: [Int]
  /// How many times percent escapes were undone.
  var percentDepth = 0
  /// The markup of XML that was passed over, as ranges of the message; an edit leaves it in place.
  private var markup: [Range<Int>] = []
  private var message: [UInt8]

  init(_ message: [UInt8]) {
    bytes = message
    self.message = message
    starts = Array(0...message.count)
  }

  /// How deep escapes in escapes are followed.
  private static let depthMax = 4

  /// The message itself and all that stands behind its escapes, in every order of them.
  static func all(of message: [UInt8], undoing disguises: Set<Disguise>) -> [Layer] {
    var layers = [Layer(message)]
    var newest = layers
    for _ in 0..<depthMax {
      newest = newest.flatMap { layer in
        [Disguise.percent, .xml, .markup, .json].filter(disguises.contains).compactMap { layer.undoing($0) }
      }
      layers += newest
      if newest.isEmpty { break }
    }
    return layers
  }

  /// Other bytes for a range of the message; the markup in it goes behind them.
  func edit(_ range: Range<Int>, _ substitute: [UInt8]) -> Edit {
    let kept = markup.filter { range.contains($0.lowerBound) && $0.upperBound <= range.upperBound }
    return Edit(range: range, bytes: kept.reduce(substitute) { $0 + message[$1] })
  }

  /// The layer behind one kind of escape; nil when there is no such escape in this one.
  private func undoing(_ disguise: Disguise) -> Layer? {
    let introducer: UInt8
    switch disguise {
    case .percent: introducer = 0x25
    case .xml: introducer = 0x26
    case .json: introducer = 0x5C
    case .markup: return withoutMarkup()
    case .base64, .hex: return nil
    }
    guard bytes.contains(introducer) else { return nil }
    var layer = self
    layer.bytes.removeAll(keepingCapacity: true)
    layer.starts.removeAll(keepingCapacity: true)
    var place = 0
    while place < bytes.count {
      guard bytes[place] == introducer, let escape = escape(disguise, at: place) else {
        layer.bytes.append(bytes[place])
        layer.starts.append(starts[place])
        place += 1
        continue
      }
      for byte in escape.bytes {
        layer.bytes.append(byte)
        layer.starts.append(starts[place])
      }
      place += escape.length
    }
    guard layer.bytes.count < bytes.count else { return nil }
    layer.starts.append(starts[bytes.count])
    layer.percentDepth += disguise == .percent ? 1 : 0
    return layer
  }

  private func escape(_ disguise: Disguise, at place: Int) -> (bytes: [UInt8], length: Int)? {
    switch disguise {
    case .percent: percentEscape(at: place)
    case .xml: xmlEscape(at: place)
    case .json: jsonEscape(at: place)
    case .markup, .base64, .hex: nil
    }
  }

  /// The text as a reader of XML joins it: CDATA sections opened, comments and instructions passed over.
  private func withoutMarkup() -> Layer? {
    let spans = Self.markup(of: bytes)
    guard !spans.isEmpty else { return nil }
    var layer = self
    layer.bytes.removeAll(keepingCapacity: true)
    layer.starts.removeAll(keepingCapacity: true)
    var place = 0
    for span in spans {
      layer.bytes += bytes[place..<span.lowerBound]
      layer.starts += starts[place..<span.lowerBound]
      layer.markup.append(starts[span.lowerBound]..<starts[span.upperBound])
      place = span.upperBound
    }
    layer.bytes += bytes[place...]
    layer.starts += starts[place...]
    layer.markup.sort { $0.lowerBound < $1.lowerBound }
    return layer
  }

  /// The delimiters of CDATA sections, whole comments and whole instructions; what is never ended is none.
  private static func markup(of bytes: [UInt8]) -> [Range<Int>] {
    let forms = [("<![CDATA[", "]]>", false), ("<!--", "-->", true), ("<?", "?>", true)].map {
      (start: Array($0.0.utf8), end: Array($0.1.utf8), isWhole: $0.2)
    }
    func stands(_ pattern: [UInt8], at place: Int) -> Bool {
      place + pattern.count <= bytes.count
        && pattern.indices.allSatisfy { bytes[place + $0] == pattern[$0] }
    }
    var ends: [[UInt8]: Bool] = [:]
    var spans: [Range<Int>] = []
    var place = 0
    while place < bytes.count {
      guard bytes[place] == 0x3C, let form = forms.first(where: { stands($0.start, at: place) }),
        ends[form.end] != false
      else {
        place += 1
        continue
      }
      var end = place + form.start.count
      while end < bytes.count, !stands(form.end, at: end) { end += 1 }
      guard end < bytes.count else {
        // None further on has an end either.
        ends[form.end] = false
        place += 1
        continue
      }
      if form.isWhole {
        spans.append(place..<(end + form.end.count))
      } else {
        spans += [place..<(place + form.start.count), end..<(end + form.end.count)]
      }
      place = end + form.end.count
    }
    return spans
  }

  private func percentEscape(at place: Int) -> (bytes: [UInt8], length: Int)? {
    guard bytes[place] == 0x25, place + 2 < bytes.count, let high = PercentCoding.hexValue(bytes[place + 1]),
      let low = PercentCoding.hexValue(bytes[place + 2])
    else { return nil }
    return ([high << 4 | low], 3)
  }

  private func xmlEscape(at place: Int) -> (bytes: [UInt8], length: Int)? {
    guard bytes[place] == 0x26, let end = bytes[place...].prefix(12).firstIndex(of: 0x3B) else { return nil }
    let name = bytes[(place + 1)..<end]
    let length = end - place + 1
    if let known = Self.entities.first(where: { name.elementsEqual($0.name.utf8) }) { return ([known.byte], length) }
    guard name.first == 0x23 else { return nil }
    let isHex = name.dropFirst().first == 0x78 || name.dropFirst().first == 0x58
    let digits = String(decoding: name.dropFirst(isHex ? 2 : 1), as: UTF8.self)
    guard let code = UInt32(digits, radix: isHex ? 16 : 10), let scalar = Unicode.Scalar(code) else { return nil }
    return (Array(String(scalar).utf8), length)
  }

  private static let entities: [(name: String, byte: UInt8)] = [
    ("amp", 0x26), ("lt", 0x3C), ("gt", 0x3E), ("quot", 0x22), ("apos", 0x27),
  ]

  private func jsonEscape(at place: Int) -> (bytes: [UInt8], length: Int)? {
    guard bytes[place] == 0x5C, place + 1 < bytes.count else { return nil }
    switch bytes[place + 1] {
    case 0x22, 0x2F, 0x5C: return ([bytes[place + 1]], 2)
    case 0x6E: return ([0x0A], 2)
    case 0x72: return ([0x0D], 2)
    case 0x74: return ([0x09], 2)
    case 0x75 where place + 5 < bytes.count:
      let digits = String(decoding: bytes[(place + 2)...(place + 5)], as: UTF8.self)
      guard let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code) else { return nil }
      return (Array(String(scalar).utf8), 6)
    default: return nil
    }
  }
}
