/// A stretch of base64 or hexadecimal digits in a layer, read from one of its possible starts.
struct CodedRun {
  enum Code {
    case base64, hex

    /// Digits and bytes of one whole group.
    var digits: Int { self == .base64 ? 4 : 2 }
    var bytes: Int { self == .base64 ? 3 : 1 }
    /// Fewer digits than this hide nothing worth finding.
    var digitsMin: Int { self == .base64 ? 8 : 12 }
  }

  var code: Code
  /// The indices of the digits in the layer.
  private var places: [Int]
  /// The index behind the run, its padding included.
  private var end: Int
  private var hasPadding: Bool
  private(set) var decoded: [UInt8]

  /// Every run of the code in a layer, from each digit that may be its first.
  static func all(_ code: Code, in layer: Layer) -> [CodedRun] {
    var runs: [CodedRun] = []
    var place = 0
    while place < layer.bytes.count {
      var places: [Int] = []
      while place < layer.bytes.count {
        let byte = layer.bytes[place]
        if value(of: byte, code) != nil {
          places.append(place)
        } else if places.isEmpty || (byte != 0x0A && byte != 0x0D) {
          break
        }
        place += 1
      }
      var end = (places.last ?? place) + 1
      while code == .base64, end < layer.bytes.count, layer.bytes[end] == 0x3D { end += 1 }
      if places.count >= code.digitsMin {
        for shift in 0..<code.digits {
          runs.append(CodedRun(code, Array(places[shift...]), end: end, in: layer))
        }
      }
      place = max(place, end - 1) + 1
    }
    return runs
  }

  private init(_ code: Code, _ places: [Int], end: Int, in layer: Layer) {
    self.code = code
    self.places = places
    self.end = end
    hasPadding = end > (places.last ?? 0) + 1
    decoded = []
    decoded.reserveCapacity(places.count * code.bytes / code.digits)
    let bitsOfDigit = code == .base64 ? 6 : 4
    var bits: UInt32 = 0
    var count = 0
    for place in places {
      bits = (bits << UInt32(bitsOfDigit) | UInt32(Self.value(of: layer.bytes[place], code) ?? 0)) & 0xFFFF
      count += bitsOfDigit
      if count >= 8 {
        count -= 8
        decoded.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
  }

  /// What to put into the message so that the run decodes to other bytes: only the groups that change, or all from the
  /// first of them on when the length does.
  func edit(to bytes: [UInt8], in layer: Layer) -> Edit {
    let first = zip(decoded, bytes).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
    let firstGroup = first / code.bytes
    var lastByte = bytes.count
    var lastPlace = end
    if bytes.count == decoded.count {
      let last = zip(decoded, bytes).enumerated().reduce(first) { $1.element.0 != $1.element.1 ? $1.offset : $0 }
      lastByte = min((last / code.bytes + 1) * code.bytes, bytes.count)
      let digit = (last / code.bytes + 1) * code.digits
      lastPlace = digit < places.count ? places[digit] : (places.last ?? 0) + 1
    }
    let isWhole = bytes.count != decoded.count
    let digits = encoded(bytes[(firstGroup * code.bytes)..<lastByte], pads: isWhole && hasPadding, in: layer)
    let start = layer.starts[places[firstGroup * code.digits]]
    return layer.edit(start..<layer.starts[lastPlace], escaped(digits, depth: layer.percentDepth))
  }

  private func encoded(_ bytes: ArraySlice<UInt8>, pads: Bool, in layer: Layer) -> [UInt8] {
    let digits = places.map { layer.bytes[$0] }
    if code == .hex {
      let isUpper = digits.contains { (0x41...0x46).contains($0) }
      return bytes.flatMap { Array(hexadecimal($0, isUpper: isUpper).utf8) }
    }
    let isForURLs = digits.contains(0x2D) || digits.contains(0x5F)
    return base64(bytes, isForURLs: isForURLs, pads: pads)
  }

  /// `+`, `/` and `=` escaped as often as the run is.
  private func escaped(_ digits: [UInt8], depth: Int) -> [UInt8] {
    (0..<depth).reduce(digits) { digits, _ in
      digits.flatMap { byte -> [UInt8] in
        [0x2B, 0x2F, 0x3D, 0x25].contains(byte) ? Array("%\(hexadecimal(byte, isUpper: true))".utf8) : [byte]
      }
    }
  }

  static func value(of byte: UInt8, _ code: Code) -> UInt8? {
    switch (byte, code) {
    case (0x30...0x39, .hex): byte - 0x30
    case (0x41...0x46, .hex): byte - 0x37
    case (0x61...0x66, .hex): byte - 0x57
    case (0x41...0x5A, .base64): byte - 0x41
    case (0x61...0x7A, .base64): byte - 0x61 + 26
    case (0x30...0x39, .base64): byte - 0x30 + 52
    case (0x2B, .base64), (0x2D, .base64): 62
    case (0x2F, .base64), (0x5F, .base64): 63
    default: nil
    }
  }
}

/// Other bytes for a range of a message.
struct Edit {
  var range: Range<Int>
  var bytes: [UInt8]
}

/// Two hexadecimal digits.
func hexadecimal(_ byte: UInt8, isUpper: Bool = false) -> String {
  let text = String(byte, radix: 16, uppercase: isUpper)
  return text.utf8.count == 1 ? "0" + text : text
}

/// RFC 4648, sections 4 and 5.
func base64(_ bytes: some Collection<UInt8>, isForURLs: Bool = false, pads: Bool = true) -> [UInt8] {
  let last = isForURLs ? "-_" : "+/"
  let alphabet = Array(("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + last).utf8)
  var text: [UInt8] = []
  var rest = Array(bytes)[...]
  while !rest.isEmpty {
    let group = rest.prefix(3)
    rest = rest.dropFirst(3)
    let bits = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[group.startIndex + $1]) : 0) }
    for place in 0..<4 where place <= group.count || pads {
      text.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : 0x3D)
    }
  }
  return text
}
