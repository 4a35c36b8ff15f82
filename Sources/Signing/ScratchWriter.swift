internal import CCrypto
internal import HTTPExchange

/// Appends to scratch memory. Whoever calls has asked for room before; `slack` bytes more are always there, so that what
/// is short can be copied and padded in whole words.
@unsafe struct ScratchWriter {
  let start: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  private(set) var count = 0

  /// A block and its length for the padding of SHA-1, and the rest of a word that was copied whole.
  private static let slack = 64 + 9 + 16

  init(_ memory: UnsafeMutableBufferPointer<UInt8>) {
    guard let start = memory.baseAddress else { preconditionFailure("scratch memory has no place") }
    unsafe self.start = start
    unsafe capacity = memory.count
  }

  @inline(__always)
  func hasRoom(_ bytes: Int) -> Bool { unsafe count + bytes + Self.slack <= capacity }

  func bytes(from place: Int) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: start + place, count: count - place)
  }

  /// Forgets what was written behind a place.
  mutating func goBack(to place: Int) { unsafe count = place }

  // MARK: As it is

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    unsafe start[count] = byte
    unsafe count += 1
  }

  @inline(__always)
  mutating func append(_ text: StaticString) {
    unsafe (start + count).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    unsafe count += text.utf8CodeUnitCount
  }

  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    if let source = bytes.baseAddress { unsafe (start + count).update(from: source, count: bytes.count) }
    unsafe count += bytes.count
  }

  /// Copies what was written before.
  @inline(__always)
  mutating func append(_ range: Range<Int>) { unsafe append(start + range.lowerBound, range.count) }

  @inline(__always)
  mutating func append(words bytes: UnsafeBufferPointer<UInt8>) {
    if let start = bytes.baseAddress { unsafe append(start, bytes.count) }
  }

  /// Copies memory that can be read in whole words: what they hold too much is written over by what follows.
  @inline(__always)
  mutating func append(_ source: UnsafePointer<UInt8>, _ length: Int) {
    var from = unsafe UnsafeRawPointer(source)
    var to = unsafe UnsafeMutableRawPointer(start + count)
    var left = length
    while left > 0 {
      unsafe to.storeBytes(of: from.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
      unsafe from += 16
      unsafe to += 16
      left -= 16
    }
    unsafe count += length
  }

  @inline(__always)
  mutating func append(_ text: KeyCache.SpanText) {
    let place = unsafe UnsafeMutableRawPointer(start + count)
    unsafe withUnsafeBytes(of: text.bytes) {
      unsafe place.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(place), byteCount: 48)
    }
    unsafe count += text.count
  }

  mutating func append(_ span: TimeSpan) {
    unsafe append(decimal: span.start)
    unsafe append(0x3B)
    unsafe append(decimal: span.end)
  }

  private mutating func append(decimal number: Int64) {
    if number < 0 { unsafe append(0x2D) }
    var magnitude = number.magnitude
    let first = unsafe count
    repeat {
      unsafe append(0x30 + UInt8(magnitude % 10))
      magnitude /= 10
    } while magnitude > 0
    var digits = unsafe UnsafeMutableBufferPointer(start: start + first, count: count - first)
    unsafe digits.reverse()
  }

  mutating func appendHex(_ digest: Digests.Digest) {
    let place = unsafe UnsafeMutableRawPointer(start + count)
    unsafe withUnsafeBytes(of: digest) { bytes in
      for index in stride(from: 0, to: Digests.byteCount, by: 4) {
        let digits = HexDigits.of(
          unsafe UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self)))
        unsafe place.storeBytes(of: digits.littleEndian, toByteOffset: 2 * index, as: UInt64.self)
      }
    }
    unsafe count += 2 * Digests.byteCount
  }

  // MARK: Percent-encoded

  /// A text in its signed form: percent-encoded, as a name also in small letters. Up to three times its bytes.
  @inline(__always)
  mutating func appendEncoded(_ text: UnsafeBufferPointer<UInt8>, lowercased: Bool) {
    guard let start = text.baseAddress else { return }
    var index = 0
    while index < text.count {
      let length = min(16, text.count - index)
      let verbatim = unsafe appendVerbatim(cispec_characters(start + index, length), lowercased: lowercased)
      index += verbatim
      if verbatim < length {
        unsafe appendEncoded(start[index], lowercased: lowercased)
        index += 1
      }
    }
  }

  /// A short ASCII text in small letters.
  @inline(__always)
  mutating func appendLowercased(_ text: UnsafeBufferPointer<UInt8>) {
    guard let start = text.baseAddress else { return }
    for index in stride(from: 0, to: text.count, by: 16) {
      let length = min(16, text.count - index)
      unsafe store(cispec_lowercased(cispec_characters(start + index, length)))
      unsafe count += length
    }
  }

  /// Decodes a name or a value of a query and encodes it in the signed form, up to `&`, as a name up to `=`, or to the end
  /// of the text. The place of what ends it; nil for what is not ASCII.
  @inline(__always)
  mutating func appendRecoded(_ text: StagedText, from first: Int, isName: Bool) -> Int? {
    var index = first
    while true {
      let verbatim = unsafe appendVerbatim(text.characters(at: index), lowercased: isName)
      index += verbatim
      if verbatim == 16 { continue }
      let stop = unsafe text[index]
      if unsafe stop == 0x26 || isName && stop == 0x3D || index >= text.count { return index }
      let (byte, next) = unsafe text.decodedByte(at: index)
      guard byte < 0x80 else { return nil }
      unsafe appendEncoded(byte, lowercased: isName)
      index = next
    }
  }

  /// The path of a target, decoded. The place of the question mark, or the end; nil for what is not ASCII.
  mutating func appendDecodedPath(of target: StagedText) -> Int? {
    var index = 0
    while true {
      let characters = unsafe target.characters(at: index)
      let plain = Int(cispec_path_prefix(characters))
      unsafe store(characters)
      unsafe count += plain
      index += plain
      if plain == 16 { continue }
      if unsafe index >= target.count || target[index] == 0x3F { return index }
      let (byte, next) = unsafe target.decodedByte(at: index)
      guard byte < 0x80, byte > 0 else { return nil }
      unsafe append(byte)
      index = next
    }
  }

  @inline(__always)
  private mutating func appendEncoded(_ byte: UInt8, lowercased: Bool) {
    if PercentCoding.isUnreserved(byte) {
      unsafe append(lowercased ? asciiLowercased(byte) : byte)
      return
    }
    unsafe append(0x25)
    unsafe append(lowercased ? Digests.lowerHexDigit(byte >> 4) : PercentCoding.upperHexDigit(byte >> 4))
    unsafe append(lowercased ? Digests.lowerHexDigit(byte & 15) : PercentCoding.upperHexDigit(byte & 15))
  }

  /// Appends those of the next 16 characters that stay as they are or become small letters; how many.
  @inline(__always)
  private mutating func appendVerbatim(_ characters: cispec_characters, lowercased: Bool) -> Int {
    unsafe store(lowercased ? cispec_lowercased(characters) : characters)
    let verbatim = Int(cispec_unreserved_prefix(characters))
    unsafe count += verbatim
    return verbatim
  }

  @inline(__always)
  private func store(_ characters: cispec_characters) {
    let to = unsafe UnsafeMutableRawPointer(start + count)
    unsafe to.storeBytes(of: characters.first, as: UInt64.self)
    unsafe to.storeBytes(of: characters.second, toByteOffset: 8, as: UInt64.self)
  }
}

extension cispec_characters {
  /// The first 16 characters, or fewer with zeros behind; nothing outside the text is read.
  @inline(__always)
  init(_ source: UnsafePointer<UInt8>, _ length: Int) {
    let from = unsafe UnsafeRawPointer(source)
    if length >= 8 {
      self.init(
        first: unsafe from.loadUnaligned(as: UInt64.self),
        // Read so that it ends with the text, and moved down by what overlaps.
        second: unsafe from.loadUnaligned(fromByteOffset: length - 8, as: UInt64.self) >> UInt64(8 * (16 - length)))
    } else if length >= 4 {
      let last = unsafe UInt64(from.loadUnaligned(fromByteOffset: length - 4, as: UInt32.self))
      self.init(first: unsafe UInt64(from.loadUnaligned(as: UInt32.self)) | last << UInt64(8 * (length - 4)), second: 0)
    } else if length > 0 {
      let (middle, last) = (length / 2, length - 1)
      let bytes =
        unsafe UInt64(source[0]) | UInt64(source[middle]) << UInt64(8 * middle)
        | UInt64(source[last]) << UInt64(8 * last)
      self.init(first: bytes, second: 0)
    } else {
      self.init(first: 0, second: 0)
    }
  }
}

/// A text that lies in memory with zeros behind it, so that 16 characters can be read from any of its places.
@unsafe struct StagedText {
  private let start: UnsafePointer<UInt8>
  let count: Int

  /// The memory that a text takes beside its own bytes.
  static let slack = 32

  /// Copies a text; nil when the memory is too small for it.
  @inline(__always)
  init?(_ bytes: UnsafeBufferPointer<UInt8>, in memory: UnsafeMutableBufferPointer<UInt8>) {
    guard unsafe bytes.count + Self.slack <= memory.count, let to = memory.baseAddress else { return nil }
    if let from = bytes.baseAddress { unsafe to.update(from: from, count: bytes.count) }
    unsafe UnsafeMutableRawPointer(to + bytes.count).storeBytes(of: SIMD16<UInt8>(), as: SIMD16<UInt8>.self)
    unsafe start = UnsafePointer(to)
    unsafe count = bytes.count
  }

  @inline(__always)
  subscript(index: Int) -> UInt8 { unsafe start[index] }

  @inline(__always)
  func characters(at index: Int) -> cispec_characters {
    let from = unsafe UnsafeRawPointer(start + index)
    return cispec_characters(
      first: unsafe from.loadUnaligned(as: UInt64.self),
      second: unsafe from.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
  }

  /// The byte that a place of a target stands for, and the place behind it.
  @inline(__always)
  func decodedByte(at index: Int) -> (byte: UInt8, next: Int) {
    let byte = unsafe self[index]
    if byte == 0x2B { return (0x20, index + 1) }
    // What is behind the text is no digit.
    guard byte == 0x25, let high = unsafe PercentCoding.hexValue(self[index + 1]),
      let low = unsafe PercentCoding.hexValue(self[index + 2])
    else { return (byte, index + 1) }
    return (high << 4 | low, index + 3)
  }
}

/// The digits of four bytes at once.
private enum HexDigits {
  /// Eight characters, the first in the lowest byte, of four bytes in the same order.
  @inline(__always)
  static func of(_ bytes: UInt32) -> UInt64 {
    var lanes = UInt64(bytes)
    lanes = (lanes | lanes << 16) & 0x0000_FFFF_0000_FFFF
    lanes = (lanes | lanes << 8) & 0x00FF_00FF_00FF_00FF
    let nibbles = (lanes >> 4) & 0x000F_000F_000F_000F | (lanes & 0x000F_000F_000F_000F) << 8
    let letters = ((nibbles &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
    return nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
  }
}
