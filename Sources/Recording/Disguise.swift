internal import HTTPExchange

/// The ways in which a value can stand in a message without being readable at once.
public enum Disguise: String, Sendable, CaseIterable {
  /// `%41`, once or several times.
  case percent
  /// `&#65;`, `&#x41;`, `&amp;`.
  case xml
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

  init(_ message: [UInt8]) {
    bytes = message
    starts = Array(0...message.count)
  }

  private init(bytes: [UInt8], starts: [Int], percentDepth: Int) {
    self.bytes = bytes
    self.starts = starts
    self.percentDepth = percentDepth
  }

  /// How deep escapes in escapes are followed.
  private static let depthMax = 4

  /// The message itself and all that stands behind its escapes, in every order of them.
  static func all(of message: [UInt8], undoing disguises: Set<Disguise>) -> [Layer] {
    var layers = [Layer(message)]
    var newest = layers
    for _ in 0..<depthMax {
      newest = newest.flatMap { layer in
        [Disguise.percent, .xml, .json].filter(disguises.contains).compactMap { layer.undoing($0) }
      }
      layers += newest
      if newest.isEmpty { break }
    }
    return layers
  }

  /// The layer behind one kind of escape; nil when there is no such escape in this one.
  private func undoing(_ disguise: Disguise) -> Layer? {
    var decoded: [UInt8] = []
    var places: [Int] = []
    var place = 0
    var hasEscape = false
    while place < bytes.count {
      let escape: (bytes: [UInt8], length: Int)? =
        switch disguise {
        case .percent: percentEscape(at: place)
        case .xml: xmlEscape(at: place)
        case .json: jsonEscape(at: place)
        case .base64, .hex: nil
        }
      for byte in escape?.bytes ?? [bytes[place]] {
        decoded.append(byte)
        places.append(starts[place])
      }
      hasEscape = hasEscape || escape != nil
      place += escape?.length ?? 1
    }
    guard hasEscape else { return nil }
    return Layer(
      bytes: decoded, starts: places + [starts[bytes.count]],
      percentDepth: percentDepth + (disguise == .percent ? 1 : 0))
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
