/// SplitMix64: all the randomness of the emulator, so one seed gives one sequence of answers.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct Randomness: Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mixed(state)
  }

  static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number that depends on a text and a seed alone: FNV-1a over the bytes, mixed.
  static func number(for text: String, seed: UInt64) -> UInt64 {
    mixed(text.utf8.reduce(0xCBF2_9CE4_8422_2325 ^ mixed(seed)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
  }
}

/// A number in lower-case hexadecimal digits, at least so many of them.
func hexadecimal(_ number: UInt64, digits: Int = 1) -> String {
  var bytes: [UInt8] = []
  bytes.appendHexadecimal(number, digits: digits)
  return String(decoding: bytes, as: UTF8.self)
}

extension [UInt8] {
  /// A number in lower-case hexadecimal digits, at least so many of them.
  mutating func appendHexadecimal(_ number: UInt64, digits: Int = 1) {
    let needed = (64 - number.leadingZeroBitCount + 3) / 4
    for place in (0..<Swift.max(needed, digits)).reversed() {
      let digit = place < 16 ? UInt8(number >> (4 * UInt64(place)) & 15) : 0
      append(digit < 10 ? 0x30 + digit : 0x57 + digit)
    }
  }

  /// A number that is not negative in decimal digits, at least so many of them.
  mutating func appendDecimal(_ number: Int, digits: Int) {
    var (place, rest) = (1, number / 10)
    while rest > 0 {
      place += 1
      rest /= 10
    }
    let start = count
    append(contentsOf: repeatElement(0x30, count: Swift.max(place, digits)))
    var (at, left) = (count - 1, number)
    while left > 0, at >= start {
      self[at] = 0x30 + UInt8(left % 10)
      left /= 10
      at -= 1
    }
  }
}
