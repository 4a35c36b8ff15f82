internal import HTTPExchange
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
    var total = request.target.utf8.count
    for field in request.headers.fields { total += field.name.utf8.count + field.value.utf8.count }
    guard total <= bytesMax, request.method.utf8.count <= 32, request.headers.fields.count <= entriesMax / 2
    else { return nil }
    // A byte of a name is written three times as three bytes at most, of a value twice, of the path once as it is;
    // the rest holds what separates them, the times, the SecretId (512 bytes at most) and the digests.
    return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 9 * total + 1536) { memory in
      unsafe withUnsafeTemporaryAllocation(of: Entry.self, capacity: entriesMax) { entries in
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
        unsafe writer.append(keyTime)
        let keyTimeEnd = unsafe writer.count
        let key = unsafe keys.signKey(credentials.secretKey, keyTime, text: writer.bytes(from: keyTimeStart))
        let stringToSign = unsafe writer.count
        unsafe writer.append("sha1\n")
        let signTimeStart = unsafe writer.count
        if let signTime { unsafe writer.append(signTime) } else { unsafe writer.append(keyTimeStart..<keyTimeEnd) }
        let signTimeEnd = unsafe writer.count
        unsafe writer.append(0x0A)
        unsafe writer.appendHex(digest)
        unsafe writer.append(0x0A)
        let signature = unsafe key.digest(of: writer.bytes(from: stringToSign))

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
        return unsafe String(decoding: writer.bytes(from: result), as: UTF8.self)
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
        for index in 0..<Digests.byteCount {
          let byte = unsafe bytes[index]
          unsafe place[2 * index] = Digests.lowerHexDigit(byte >> 4)
          unsafe place[2 * index + 1] = Digests.lowerHexDigit(byte & 15)
        }
      }
      unsafe count += 2 * Digests.byteCount
    }

    mutating func appendEncoded(_ text: String, lowercased: Bool) {
      let table = unsafe lowercased ? EncodingTable.lowercased.utf8Start : EncodingTable.verbatim.utf8Start
      unsafe withBytes(of: text) { bytes in
        guard var place = unsafe memory.baseAddress?.advanced(by: count) else { return }
        let start = unsafe place
        for index in 0..<bytes.count {
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
      let (left, right) = unsafe (
        memory[Int(one.lowerBound)..<Int(one.upperBound)], memory[Int(other.lowerBound)..<Int(other.upperBound)]
      )
      return unsafe left.lexicographicallyPrecedes(right)
    }
  }
}

/// Lends the bytes of a text without copying the text.
private func withBytes<Result>(of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
  if let result = unsafe text.utf8.withContiguousStorageIfAvailable(body) { return result }
  return unsafe Array(text.utf8).withUnsafeBufferPointer(body)
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
  private struct Known {
    var secretKey: String
    var secret: Digests.HMACKey
    var keyTime: TimeSpan
    var signKey: Digests.HMACKey
  }

  private let known = Mutex<Known?>(nil)

  func signKey(_ secretKey: String, _ keyTime: TimeSpan, text: UnsafeRawBufferPointer) -> Digests.HMACKey {
    known.withLock { known in
      if let known, known.keyTime == keyTime, known.secretKey == secretKey { return known.signKey }
      let secret: Digests.HMACKey
      if let known, known.secretKey == secretKey {
        secret = known.secret
      } else {
        secret = Digests.HMACKey(secretKey.utf8)
      }
      let signKey = unsafe Digests.HMACKey(Digests.hex(secret.digest(of: text)))
      known = Known(secretKey: secretKey, secret: secret, keyTime: keyTime, signKey: signKey)
      return signKey
    }
  }
}

/// Which headers are signed by default, without making a string of the name.
enum SignedHeaderName {
  private static let table: [[StaticString]] = {
    var table = [[StaticString]](repeating: [], count: 32)
    let names: [StaticString] = [
      "cache-control", "content-disposition", "content-encoding", "content-length", "content-md5", "content-type",
      "expect", "expires", "host", "if-match", "if-modified-since", "if-none-match", "if-unmodified-since", "origin",
      "range", "transfer-encoding", "pic-operations",
    ]
    for name in names { table[name.utf8CodeUnitCount].append(name) }
    return table
  }()

  /// The names of the common set and all that start with `x-cos-` or `x-ci-`.
  static func isSigned(_ name: String) -> Bool {
    var name = name
    return name.withUTF8 { bytes in
      if unsafe starts(bytes, with: "x-cos-") || starts(bytes, with: "x-ci-") { return true }
      guard bytes.count < table.count else { return false }
      return table[bytes.count].contains { unsafe starts(bytes, with: $0) }
    }
  }

  private static func starts(_ bytes: UnsafeBufferPointer<UInt8>, with prefix: StaticString) -> Bool {
    guard bytes.count >= prefix.utf8CodeUnitCount else { return false }
    for index in 0..<prefix.utf8CodeUnitCount where unsafe asciiLowercased(bytes[index]) != prefix.utf8Start[index] {
      return false
    }
    return true
  }
}
