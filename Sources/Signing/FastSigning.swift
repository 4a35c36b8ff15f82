internal import HTTPExchange
private import Glibc
private import Synchronization

/// The Authorization of plain requests in one piece of scratch memory: what a client under load calls.
///
/// Handles requests whose target is ASCII after decoding, with at most `entriesMax` parameters and headers and
/// `bytesMax` bytes of them; for any other it gives nil and the stages are taken instead. A test holds both equal.
struct FastSigning {
  static let entriesMax = 48
  static let bytesMax = 2048

  /// One parameter or header in the buffer: `name=value` in its signed form.
  private struct Entry {
    var start: Int32
    var nameEnd: Int32
    var end: Int32
  }

  static func authorization(
    for request: HTTPRequest, credentials: Credentials, keyTime: TimeSpan, signTime: TimeSpan?, keys: KeyCache
  ) -> String? {
    unsafe withAuthorization(
      for: request, credentials: credentials, keyTime: keyTime, signTime: signTime, keys: keys
    ) { unsafe String(decoding: $0, as: UTF8.self) }
  }

  /// Whether a request is signed as the kit's own signer signs it; nil when only the stages can tell.
  static func isSigned(
    _ request: HTTPRequest, as authorization: String, claim: Claim, secretKey: String, keys: KeyCache
  ) -> Bool? {
    unsafe withAuthorization(
      for: request, credentials: Credentials(secretID: claim.secretID, secretKey: secretKey), keyTime: claim.keyTime,
      signTime: claim.keyTime == claim.signTime ? nil : claim.signTime, keys: keys
    ) { own in
      unsafe withBytes(of: authorization) { unsafe Digests.endsInSameDigest(own, UnsafeRawBufferPointer($0)) }
    }
  }

  /// Who an Authorization says has signed, and for which times; read only from the order of fields that SDKs write.
  struct Claim {
    let secretID: String
    let signTime: TimeSpan
    let keyTime: TimeSpan

    init?(_ authorization: String) {
      let claim = unsafe withBytes(of: authorization) { bytes -> (String, TimeSpan, TimeSpan)? in
        var reader = unsafe Reader(bytes)
        guard unsafe reader.take("q-sign-algorithm=sha1&q-ak="), let secretID = unsafe reader.takeName(),
          unsafe reader.take("&q-sign-time="), let signTime = unsafe reader.takeSpan(),
          unsafe reader.take("&q-key-time="), let keyTime = unsafe reader.takeSpan(), unsafe reader.take("&")
        else { return nil }
        return (secretID, signTime, keyTime)
      }
      guard let claim else { return nil }
      (secretID, signTime, keyTime) = claim
    }
  }

  /// Reads an Authorization from left to right.
  @unsafe private struct Reader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { unsafe self.bytes = bytes }

    mutating func take(_ text: StaticString) -> Bool {
      let length = text.utf8CodeUnitCount
      guard unsafe place + length <= bytes.count, let start = unsafe bytes.baseAddress,
        unsafe memcmp(start + place, text.utf8Start, length) == 0
      else { return false }
      unsafe place += length
      return true
    }

    /// Characters that are never percent-encoded, at least one.
    mutating func takeName() -> String? {
      let start = unsafe place
      while unsafe place < bytes.count, unsafe PercentCoding.isUnreserved(bytes[place]) { unsafe place += 1 }
      guard unsafe place > start else { return nil }
      return unsafe String(decoding: bytes[start..<place], as: UTF8.self)
    }

    mutating func takeSpan() -> TimeSpan? {
      guard let start = unsafe takeSeconds(), unsafe take(";"), let end = unsafe takeSeconds() else { return nil }
      return TimeSpan(start: start, end: end)
    }

    private mutating func takeSeconds() -> Int64? {
      let start = unsafe place
      var value: Int64 = 0
      while unsafe place < bytes.count, unsafe place - start < 18, case let digit = unsafe bytes[place] &- 0x30,
        digit < 10
      {
        value = value * 10 + Int64(digit)
        unsafe place += 1
      }
      return unsafe place > start ? value : nil
    }
  }

  private static func withAuthorization<Result>(
    for request: HTTPRequest, credentials: Credentials, keyTime: TimeSpan, signTime: TimeSpan?, keys: KeyCache,
    _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result? {
    var total = request.target.utf8.count
    for field in request.headers.fields { total += field.name.utf8.count + field.value.utf8.count }
    guard total <= bytesMax, request.method.utf8.count <= 32, request.headers.fields.count <= entriesMax / 2
    else { return nil }
    // A byte of a name is written three times as three bytes at most, of a value twice, of the path once as it is;
    // the rest holds what separates them, the times, the SecretId (512 bytes at most) and the digests.
    return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 9 * total + 1536) { memory -> Result? in
      unsafe withUnsafeTemporaryAllocation(of: Entry.self, capacity: entriesMax) { entries -> Result? in
        var writer = unsafe Writer(memory)
        var list = unsafe EntryList(entries)
        guard unsafe list.readParameters(of: request.target, into: &writer) else { return nil }
        let parameterCount = unsafe list.count
        guard unsafe list.readHeaders(request.headers, into: &writer) else { return nil }
        unsafe list.sort(0..<parameterCount, writer)
        unsafe list.sort(parameterCount..<list.count, writer)

        let httpString = unsafe writer.count
        for byte in request.method.utf8 { unsafe writer.append(asciiLowercased(byte)) }
        unsafe writer.append(0x0A)
        guard unsafe writer.appendDecodedPath(of: request.target) else { return nil }
        unsafe writer.append(0x0A)
        unsafe list.writePairs(0..<parameterCount, to: &writer)
        unsafe writer.append(0x0A)
        unsafe list.writePairs(parameterCount..<list.count, to: &writer)
        unsafe writer.append(0x0A)
        let digest = unsafe Digests.sha1(writer.bytes(from: httpString))

        let keyTimeStart = unsafe writer.count
        let key = keys.signKey(credentials.secretKey, keyTime)
        unsafe writer.append(key.keyTime)
        let keyTimeEnd = unsafe writer.count
        let stringToSign = unsafe writer.count
        unsafe writer.append("sha1\n")
        let signTimeStart = unsafe writer.count
        if let signTime { unsafe writer.append(signTime) } else { unsafe writer.append(keyTimeStart..<keyTimeEnd) }
        let signTimeEnd = unsafe writer.count
        unsafe writer.append(0x0A)
        unsafe writer.appendHex(digest)
        unsafe writer.append(0x0A)
        let signature = unsafe key.signKey.digest(of: writer.bytes(from: stringToSign))

        let result = unsafe writer.count
        unsafe writer.append("q-sign-algorithm=sha1&q-ak=")
        guard unsafe writer.appendText(credentials.secretID) else { return nil }
        unsafe writer.append("&q-sign-time=")
        unsafe writer.append(signTimeStart..<signTimeEnd)
        unsafe writer.append("&q-key-time=")
        unsafe writer.append(keyTimeStart..<keyTimeEnd)
        unsafe writer.append("&q-header-list=")
        unsafe list.writeNames(parameterCount..<list.count, to: &writer)
        unsafe writer.append("&q-url-param-list=")
        unsafe list.writeNames(0..<parameterCount, to: &writer)
        unsafe writer.append("&q-signature=")
        unsafe writer.appendHex(signature)
        return unsafe body(writer.bytes(from: result))
      }
    }
  }

  // MARK: Entries

  @unsafe private struct EntryList {
    private let entries: UnsafeMutableBufferPointer<Entry>
    private(set) var count = 0

    init(_ entries: UnsafeMutableBufferPointer<Entry>) { unsafe self.entries = entries }

    /// Whether the query was read: ASCII, and not too many parameters.
    mutating func readParameters(of target: String, into writer: inout Writer) -> Bool {
      var target = target
      return target.withUTF8 { bytes in
        guard var place = unsafe bytes.firstIndex(of: 0x3F) else { return true }
        place += 1
        while place < bytes.count {
          let end = unsafe bytes[place...].firstIndex(of: 0x26) ?? bytes.count
          if place < end {
            guard unsafe count < entriesMax else { return false }
            let equals = unsafe bytes[place..<end].firstIndex(of: 0x3D) ?? end
            let start = unsafe writer.count
            guard unsafe writer.appendRecoded(bytes[place..<equals], lowercased: true) else { return false }
            let nameEnd = unsafe writer.count
            unsafe writer.append(0x3D)
            if equals < end, unsafe !writer.appendRecoded(bytes[(equals + 1)..<end], lowercased: false) { return false }
            unsafe add(start, nameEnd, writer.count)
          }
          place = end + 1
        }
        return true
      }
    }

    mutating func readHeaders(_ headers: HTTPHeaders, into writer: inout Writer) -> Bool {
      for index in headers.fields.indices where SignedHeaderName.isSigned(headers.fields[index].name) {
        guard unsafe count < entriesMax else { return false }
        let start = unsafe writer.count
        unsafe writer.appendEncoded(headers.fields[index].name, lowercased: true)
        let nameEnd = unsafe writer.count
        unsafe writer.append(0x3D)
        unsafe writer.appendEncoded(headers.fields[index].value, lowercased: false)
        unsafe add(start, nameEnd, writer.count)
      }
      return true
    }

    private mutating func add(_ start: Int, _ nameEnd: Int, _ end: Int) {
      unsafe entries.initializeElement(
        at: count, to: Entry(start: Int32(start), nameEnd: Int32(nameEnd), end: Int32(end)))
      unsafe count += 1
    }

    /// Insertion, stable: the lists are short and mostly in order.
    func sort(_ range: Range<Int>, _ writer: borrowing Writer) {
      for index in range.dropFirst() {
        let entry = unsafe entries[index]
        var place = index
        while place > range.lowerBound,
          unsafe writer.precedes(entry.start..<entry.nameEnd, entries[place - 1].start..<entries[place - 1].nameEnd)
        {
          unsafe entries[place] = unsafe entries[place - 1]
          place -= 1
        }
        unsafe entries[place] = entry
      }
    }

    func writePairs(_ range: Range<Int>, to writer: inout Writer) {
      for index in range {
        if index > range.lowerBound { unsafe writer.append(0x26) }
        let entry = unsafe entries[index]
        unsafe writer.append(Int(entry.start)..<Int(entry.end))
      }
    }

    func writeNames(_ range: Range<Int>, to writer: inout Writer) {
      for index in range {
        if index > range.lowerBound { unsafe writer.append(0x3B) }
        let entry = unsafe entries[index]
        unsafe writer.append(Int(entry.start)..<Int(entry.nameEnd))
      }
    }
  }

  // MARK: Writing

  /// Appends to memory that is large enough for everything within the limits above.
  @unsafe private struct Writer {
    private let memory: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ memory: UnsafeMutableBufferPointer<UInt8>) { unsafe self.memory = memory }

    func bytes(from start: Int) -> UnsafeRawBufferPointer {
      unsafe UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[start..<count])
    }

    mutating func append(_ byte: UInt8) {
      unsafe memory[count] = byte
      unsafe count += 1
    }

    mutating func append(_ text: StaticString) {
      unsafe memory.baseAddress?.advanced(by: count).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
      unsafe count += text.utf8CodeUnitCount
    }

    /// Copies what was written before.
    mutating func append(_ range: Range<Int>) {
      guard let start = unsafe memory.baseAddress else { return }
      unsafe (start + count).update(from: start + range.lowerBound, count: range.count)
      unsafe count += range.count
    }

    mutating func appendText(_ text: String) -> Bool {
      var text = text
      return text.withUTF8 { bytes in
        guard bytes.count <= 512, let start = bytes.baseAddress else { return bytes.isEmpty }
        unsafe memory.baseAddress?.advanced(by: count).update(from: start, count: bytes.count)
        unsafe count += bytes.count
        return true
      }
    }

    mutating func append(_ text: KeyCache.SpanText) {
      unsafe withUnsafeBytes(of: text.bytes) { bytes in
        unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(memory)[count...])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<text.count]))
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
      let start = unsafe count
      repeat {
        unsafe append(0x30 + UInt8(magnitude % 10))
        magnitude /= 10
      } while magnitude > 0
      unsafe memory[start..<count].reverse()
    }

    mutating func appendHex(_ digest: Digests.Digest) {
      guard let place = unsafe memory.baseAddress?.advanced(by: count) else { return }
      unsafe withUnsafeBytes(of: digest) { bytes in
        for index in stride(from: 0, to: Digests.byteCount, by: 4) {
          let digits = HexDigits.of(
            unsafe UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self)))
          unsafe UnsafeMutableRawPointer(place + 2 * index).storeBytes(of: digits.littleEndian, as: UInt64.self)
        }
      }
      unsafe count += 2 * Digests.byteCount
    }

    mutating func appendEncoded(_ text: String, lowercased: Bool) {
      let table = unsafe lowercased ? EncodingTable.lowercased.utf8Start : EncodingTable.verbatim.utf8Start
      unsafe withBytes(of: text) { bytes in
        guard var place = unsafe memory.baseAddress?.advanced(by: count) else { return }
        let start = unsafe place
        var index = 0
        while index + 8 <= bytes.count,
          let plain = unsafe EightBytes(UnsafeRawPointer(bytes.baseAddress ?? UnsafePointer(place)) + index)
        {
          unsafe plain.store(to: place, lowercased: lowercased)
          unsafe place += 8
          index += 8
        }
        // Fewer than eight bytes left of a longer text are read once more with the end of what was written: it only moved.
        if index >= 8, unsafe place - start == index, index < bytes.count, bytes.count - index < 8,
          let plain = unsafe EightBytes(UnsafeRawPointer(bytes.baseAddress ?? UnsafePointer(place)) + bytes.count - 8)
        {
          unsafe plain.store(to: start + bytes.count - 8, lowercased: lowercased)
          unsafe count += bytes.count
          return
        }
        while index < bytes.count {
          defer { index += 1 }
          let byte = unsafe bytes[index]
          let own = byte < 0x80 ? unsafe table[Int(byte)] : 0
          if own != 0 {
            unsafe place.pointee = own
            unsafe place += 1
          } else {
            unsafe place[0] = 0x25
            unsafe place[1] = lowercased ? Digests.lowerHexDigit(byte >> 4) : PercentCoding.upperHexDigit(byte >> 4)
            unsafe place[2] = lowercased ? Digests.lowerHexDigit(byte & 15) : PercentCoding.upperHexDigit(byte & 15)
            unsafe place += 3
          }
        }
        unsafe count += place - start
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

    /// Decodes a piece of a query and encodes it in the signed form; false for what is not ASCII.
    mutating func appendRecoded(_ piece: Slice<UnsafeBufferPointer<UInt8>>, lowercased: Bool) -> Bool {
      var place = unsafe piece.startIndex
      while unsafe place < piece.endIndex {
        let (byte, next) = unsafe decodedByte(piece, place)
        guard byte < 0x80 else { return false }
        unsafe appendEncoded(byte, lowercased: lowercased)
        place = next
      }
      return true
    }

    /// The path of a target, decoded; false for what is not ASCII.
    mutating func appendDecodedPath(of target: String) -> Bool {
      var target = target
      return target.withUTF8 { bytes in
        var length = 0
        while length < bytes.count, unsafe bytes[length] != 0x3F {
          let byte = unsafe bytes[length]
          guard byte < 0x80, byte != 0x25, byte != 0x2B else { return unsafe appendDecodedPath(in: bytes) }
          unsafe memory[count + length] = byte
          length += 1
        }
        unsafe count += length
        return true
      }
    }

    private mutating func appendDecodedPath(in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
      let path = unsafe bytes.prefix { $0 != 0x3F }
      var place = unsafe path.startIndex
      while unsafe place < path.endIndex {
        let (byte, next) = unsafe decodedByte(path, place)
        guard byte < 0x80 else { return false }
        unsafe append(byte)
        place = next
      }
      return true
    }

    @inline(__always)
    private func decodedByte(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ place: Int) -> (UInt8, Int) {
      let byte = unsafe bytes[place]
      if byte == 0x2B { return (0x20, place + 1) }
      guard byte == 0x25, unsafe place + 2 < bytes.endIndex, let high = unsafe PercentCoding.hexValue(bytes[place + 1]),
        let low = unsafe PercentCoding.hexValue(bytes[place + 2])
      else { return (byte, place + 1) }
      return (high << 4 | low, place + 3)
    }

    /// Whether one name comes before another, byte by byte.
    borrowing func precedes(_ one: Range<Int32>, _ other: Range<Int32>) -> Bool {
      let shared = min(one.count, other.count)
      for index in 0..<shared {
        let (left, right) = unsafe (memory[Int(one.lowerBound) + index], memory[Int(other.lowerBound) + index])
        if left != right { return left < right }
      }
      return one.count < other.count
    }
  }
}

/// Lends the bytes of a text without copying the text.
private func withBytes<Result>(of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
  if let result = unsafe text.utf8.withContiguousStorageIfAvailable(body) { return result }
  return unsafe Array(text.utf8).withUnsafeBufferPointer(body)
}

/// Eight characters in one word that are all letters, digits or one of `-._~`: they stay as they are.
private struct EightBytes {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highBits: UInt64 = 0x8080_8080_8080_8080
  private let word: UInt64

  /// nil when one of them is percent-encoded.
  @inline(__always)
  init?(_ start: UnsafeRawPointer) {
    word = unsafe start.loadUnaligned(as: UInt64.self)
    guard word & Self.highBits == 0 else { return nil }
    let plain =
      Self.marks(word | 0x20 &* Self.ones, 0x61, 0x7A) | Self.marks(word, 0x30, 0x39) | Self.marks(word, 0x2D, 0x2E)
      | Self.marks(word, 0x5F, 0x5F) | Self.marks(word, 0x7E, 0x7E)
    guard plain == Self.highBits else { return nil }
  }

  /// Eight ASCII characters as small letters, nil when one is not ASCII.
  @inline(__always)
  static func lowercased(_ start: UnsafeRawPointer) -> UInt64? {
    let word = unsafe start.loadUnaligned(as: UInt64.self)
    return word & highBits == 0 ? word | marks(word, 0x41, 0x5A) >> 2 : nil
  }

  /// The highest bit of each byte that lies between two; no byte may have it itself.
  @inline(__always)
  private static func marks(_ word: UInt64, _ low: UInt64, _ high: UInt64) -> UInt64 {
    (word &+ (0x80 &- low) &* ones) & ~(word &+ (0x7F &- high) &* ones) & highBits
  }

  @inline(__always)
  func store(to place: UnsafeMutablePointer<UInt8>, lowercased: Bool) {
    let written = lowercased ? word | Self.marks(word, 0x41, 0x5A) >> 2 : word
    unsafe UnsafeMutableRawPointer(place).storeBytes(of: written, as: UInt64.self)
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

/// For each ASCII character the byte it stays as, or NUL when it is percent-encoded.
private enum EncodingTable {
  static let verbatim: StaticString =
    """
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0-.\001\
    23456789\0\0\0\0\0\0\0ABCDEFGHIJKLMNOPQRSTUVWXYZ\0\0\0\0_\0abcdefghijklmnopqrstuvwxyz\0\0\0~\0
    """
  static let lowercased: StaticString =
    """
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0-.\001\
    23456789\0\0\0\0\0\0\0abcdefghijklmnopqrstuvwxyz\0\0\0\0_\0abcdefghijklmnopqrstuvwxyz\0\0\0~\0
    """
}

/// The last SignKey that was made: requests of the same second share it.
final class KeyCache: Sendable {
  /// A KeyTime as it is written; longer ones than this holds take the way of the stages.
  struct SpanText: Sendable {
    var bytes: InlineArray<48, UInt8> = .init(repeating: 0)
    var count = 0

    init(_ span: TimeSpan) {
      for byte in span.description.utf8 where count < 48 {
        bytes[count] = byte
        count += 1
      }
    }
  }

  /// A SignKey ready for use, with what it was made from.
  final class Key: Sendable {
    let keyTime: SpanText
    let signKey: Digests.HMACKey
    fileprivate let span: TimeSpan
    fileprivate let secretKey: String
    fileprivate let secret: Digests.HMACKey

    fileprivate init(_ secretKey: String, _ secret: Digests.HMACKey, _ span: TimeSpan) {
      self.secretKey = secretKey
      self.secret = secret
      self.span = span
      keyTime = SpanText(span)
      signKey = Digests.HMACKey(Digests.hex(secret.digest(of: span.description.utf8)))
    }
  }

  private let known = Mutex<Key?>(nil)

  func signKey(_ secretKey: String, _ keyTime: TimeSpan) -> Key {
    known.withLock { known in
      let isSame = known?.secretKey == secretKey
      if isSame, let known, known.span == keyTime { return known }
      let secret = if isSame, let known { known.secret } else { Digests.HMACKey(secretKey.utf8) }
      let key = Key(secretKey, secret, keyTime)
      known = key
      return key
    }
  }
}

/// Which headers are signed by default, without making a string of the name.
enum SignedHeaderName {
  /// The names of the common set and all that start with `x-cos-` or `x-ci-`.
  static func isSigned(_ name: String) -> Bool {
    unsafe withBytes(of: name) { bytes in
      guard let first = unsafe bytes.first.map(asciiLowercased) else { return false }
      switch (first, bytes.count) {
      case (0x78, _): return unsafe starts(bytes, with: "x-cos-") || starts(bytes, with: "x-ci-")
      case (0x63, 11): return unsafe starts(bytes, with: "content-md5")
      case (0x63, 12): return unsafe starts(bytes, with: "content-type")
      case (0x63, 13): return unsafe starts(bytes, with: "cache-control")
      case (0x63, 14): return unsafe starts(bytes, with: "content-length")
      case (0x63, 16): return unsafe starts(bytes, with: "content-encoding")
      case (0x63, 19): return unsafe starts(bytes, with: "content-disposition")
      case (0x65, 6): return unsafe starts(bytes, with: "expect")
      case (0x65, 7): return unsafe starts(bytes, with: "expires")
      case (0x68, 4): return unsafe starts(bytes, with: "host")
      case (0x69, 8): return unsafe starts(bytes, with: "if-match")
      case (0x69, 13): return unsafe starts(bytes, with: "if-none-match")
      case (0x69, 17): return unsafe starts(bytes, with: "if-modified-since")
      case (0x69, 19): return unsafe starts(bytes, with: "if-unmodified-since")
      case (0x6F, 6): return unsafe starts(bytes, with: "origin")
      case (0x70, 14): return unsafe starts(bytes, with: "pic-operations")
      case (0x72, 5): return unsafe starts(bytes, with: "range")
      case (0x74, 17): return unsafe starts(bytes, with: "transfer-encoding")
      default: return false
      }
    }
  }

  private static func starts(_ bytes: UnsafeBufferPointer<UInt8>, with prefix: StaticString) -> Bool {
    let length = prefix.utf8CodeUnitCount
    guard let start = bytes.baseAddress, bytes.count >= length else { return false }
    var index = 0
    while index + 8 <= length {
      let expected = unsafe UnsafeRawPointer(prefix.utf8Start + index).loadUnaligned(as: UInt64.self)
      guard unsafe EightBytes.lowercased(UnsafeRawPointer(start + index)) == expected else { return false }
      index += 8
    }
    while index < length {
      guard unsafe asciiLowercased(bytes[index]) == prefix.utf8Start[index] else { return false }
      index += 1
    }
    return true
  }
}
