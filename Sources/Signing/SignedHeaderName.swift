internal import HTTPExchange
private import Glibc

/// Which headers are signed by default, without making a string of the name.
enum SignedHeaderName {
  /// The names of the common set and all that start with `x-cos-` or `x-ci-`.
  static func isSigned(_ name: String) -> Bool {
    // No name of the set is as long; of a longer one the start decides.
    var letters: InlineArray<24, UInt8> = .init(repeating: 0)
    let count = name.utf8.count
    for (index, byte) in name.utf8.prefix(24).enumerated() { letters[index] = asciiLowercased(byte) }
    return unsafe withUnsafeBytes(of: &letters) { bytes in
      unsafe bytes.baseAddress.map {
        unsafe isSigned(lowercased: $0.assumingMemoryBound(to: UInt8.self), count: count)
      } ?? false
    }
  }

  /// The same for a name in small letters, of which at least 24 bytes can be read whatever its length.
  @inline(__always)
  static func isSigned(lowercased name: UnsafePointer<UInt8>, count: Int) -> Bool {
    switch unsafe (count, name[0]) {
    case (4, _): unsafe matches(name, "host")
    case (5, _): unsafe matches(name, "range")
    case (6, 0x65): unsafe matches(name, "expect")
    case (6, 0x6F): unsafe matches(name, "origin")
    case (7, 0x65): unsafe matches(name, "expires")
    case (8, 0x69): unsafe matches(name, "if-match")
    case (11, 0x63): unsafe matches(name, "content-md5")
    case (12, 0x63): unsafe matches(name, "content-type")
    case (13, 0x63): unsafe matches(name, "cache-control")
    case (13, 0x69): unsafe matches(name, "if-none-match")
    case (14, 0x63): unsafe matches(name, "content-length")
    case (14, 0x70): unsafe matches(name, "pic-operations")
    case (16, 0x63): unsafe matches(name, "content-encoding")
    case (17, 0x69): unsafe matches(name, "if-modified-since")
    case (17, 0x74): unsafe matches(name, "transfer-encoding")
    case (19, 0x63): unsafe matches(name, "content-disposition")
    case (19, 0x69): unsafe matches(name, "if-unmodified-since")
    case (5..., 0x78): unsafe matches(name, "x-ci-") || (count >= 6 && matches(name, "x-cos-"))
    default: false
    }
  }

  @inline(__always)
  private static func matches(_ name: UnsafePointer<UInt8>, _ start: StaticString) -> Bool {
    unsafe memcmp(name, start.utf8Start, start.utf8CodeUnitCount) == 0
  }
}
