/// Percent-encoding as the request signature defines it, and the decoding of raw paths and queries.
public enum PercentCoding {
  /// Every byte of the UTF-8 text as `%XX` but `A-Z a-z 0-9 - . _ ~`; hexadecimal digits in capitals.
  ///
  /// Source: Request Signature (436/7778), UrlEncode.
  public static func encode(_ text: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count + 16)
    appendEncoded(text, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A decoded path as it goes on the wire: encoded but for its slashes. The second of two slashes is sent as `%2F`, so
  /// that nothing on the way takes them for one.
  public static func encodePath(_ path: String) -> String {
    var bytes: [UInt8] = []
    for (index, segment) in path.split(separator: "/", omittingEmptySubsequences: false).enumerated() {
      if index > 0 { bytes.append(contentsOf: (bytes.last == 0x2F ? "%2F" : "/").utf8) }
      appendEncoded(String(segment), to: &bytes)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The text encoded but for its slashes.
  public static func encodeKeepingSlashes(_ text: String) -> String {
    text.split(separator: "/", omittingEmptySubsequences: false).map { encode(String($0)) }.joined(separator: "/")
  }

  /// Appends the encoded text to a buffer, without building a string.
  public static func appendEncoded(_ text: String, to bytes: inout [UInt8]) {
    for byte in text.utf8 {
      if isUnreserved(byte) {
        bytes.append(byte)
      } else {
        bytes.append(0x25)
        bytes.append(upperHexDigit(byte >> 4))
        bytes.append(upperHexDigit(byte & 15))
      }
    }
  }

  /// `A-Z a-z 0-9 - . _ ~`.
  @inlinable public static func isUnreserved(_ byte: UInt8) -> Bool {
    // One bit for each character below and from 64: `-.0123456789`, then the letters, `_` and `~`.
    if byte < 64 { return (0x03FF_6000_0000_0000 as UInt64) >> UInt64(byte) & 1 == 1 }
    return byte < 128 && (0x47FF_FFFE_87FF_FFFE as UInt64) >> UInt64(byte & 63) & 1 == 1
  }

  /// The digit 0-9 A-F of a value below 16.
  @inlinable public static func upperHexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }

  /// The text with every well-formed `%XX` turned into its byte, once; a broken escape stays as it is.
  ///
  /// Bytes that are no UTF-8 become U+FFFD.
  public static func decode(_ text: String, plusIsSpace: Bool) -> String { decode(text[...], plusIsSpace: plusIsSpace) }

  public static func decode(_ text: Substring, plusIsSpace: Bool) -> String {
    guard text.utf8.contains(where: { $0 == 0x25 || $0 == 0x2B && plusIsSpace }) else { return String(text) }
    var decoded: [UInt8] = []
    decoded.reserveCapacity(text.utf8.count)
    var rest = text.utf8.makeIterator()
    while let byte = rest.next() {
      if byte == 0x2B, plusIsSpace {
        decoded.append(0x20)
      } else if byte == 0x25 {
        var ahead = rest
        if let high = ahead.next().flatMap(hexValue), let low = ahead.next().flatMap(hexValue) {
          decoded.append(high << 4 | low)
          rest = ahead
        } else {
          decoded.append(byte)
        }
      } else {
        decoded.append(byte)
      }
    }
    return String(decoding: decoded, as: UTF8.self)
  }

  /// The value of a hexadecimal digit of either case.
  @inlinable public static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  /// The parameters of a raw query in their order: split at `&`, then at the first `=`, both sides decoded with `+`
  /// as a space. A parameter without `=` has a nil value; empty pieces between two `&` are left out.
  public static func parameters(ofQuery query: String) -> [Parameter] {
    query.utf8.split(separator: 0x26, omittingEmptySubsequences: true).map { piece in
      guard let equals = piece.firstIndex(of: 0x3D) else {
        return Parameter(name: decode(Substring(piece), plusIsSpace: true), value: nil)
      }
      return Parameter(
        name: decode(Substring(piece[..<equals]), plusIsSpace: true),
        value: decode(Substring(piece[piece.index(after: equals)...]), plusIsSpace: true))
    }
  }
}

/// A query parameter, decoded. No `=` on the wire is a nil value.
public struct Parameter: Sendable, Equatable {
  public var name: String
  public var value: String?

  public init(name: String, value: String?) {
    self.name = name
    self.value = value
  }
}
