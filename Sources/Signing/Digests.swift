internal import CCrypto

/// SHA-1 and HMAC-SHA1 on libcrypto's block functions.
///
/// The one-shot `HMAC` of OpenSSL 3 looks its algorithm up on every call, which costs more than the digest itself;
/// docs/decisions/0003 has the figures.
enum Digests {
  static let byteCount = 20
  private static let blockByteCount = 64

  /// The SHA-1 of the bytes, as 40 lower-case hexadecimal digits.
  static func hexSHA1(_ message: some Collection<UInt8>) -> [UInt8] { hex(sha1(message)) }

  static func sha1(_ message: some Collection<UInt8>) -> Digest {
    var state = SHA_CTX()
    unsafe SHA1_Init(&state)
    update(&state, message)
    return finish(&state)
  }

  /// The HMAC-SHA1 (RFC 2104) of the message, as 40 lower-case hexadecimal digits.
  static func hexHMACSHA1(key: some Collection<UInt8>, message: some Collection<UInt8>) -> [UInt8] {
    HMACKey(key).hexDigest(of: message)
  }

  /// The two SHA-1 states of an HMAC key after its padding block: computed once for a key that signs many messages.
  struct HMACKey: Sendable {
    private var inner = SHA_CTX()
    private var outer = SHA_CTX()

    init(_ key: some Collection<UInt8>) {
      var block = [UInt8](repeating: 0, count: blockByteCount)
      if key.count > blockByteCount {
        var state = SHA_CTX()
        unsafe SHA1_Init(&state)
        update(&state, key)
        unsafe withUnsafeBytes(of: finish(&state)) { digest in
          unsafe block.replaceSubrange(0..<byteCount, with: digest)
        }
      } else {
        block.replaceSubrange(0..<key.count, with: key)
      }
      for index in block.indices { block[index] ^= 0x36 }
      unsafe SHA1_Init(&inner)
      update(&inner, block)
      for index in block.indices { block[index] ^= 0x36 ^ 0x5C }
      unsafe SHA1_Init(&outer)
      update(&outer, block)
    }

    func hexDigest(of message: some Collection<UInt8>) -> [UInt8] { hex(digest(of: message)) }

    func digest(of message: some Collection<UInt8>) -> Digest {
      var state = inner
      update(&state, message)
      let innerDigest = finish(&state)
      state = outer
      unsafe withUnsafeBytes(of: innerDigest) { _ = unsafe SHA1_Update(&state, $0.baseAddress, $0.count) }
      return finish(&state)
    }
  }

  /// The 20 bytes of a digest.
  typealias Digest = (UInt64, UInt64, UInt32)

  private static func update(_ state: inout SHA_CTX, _ bytes: some Collection<UInt8>) {
    let done: Void? = bytes.withContiguousStorageIfAvailable { buffer in
      _ = unsafe SHA1_Update(&state, buffer.baseAddress, buffer.count)
    }
    if done == nil { unsafe Array(bytes).withUnsafeBytes { _ = unsafe SHA1_Update(&state, $0.baseAddress, $0.count) } }
  }

  private static func finish(_ state: inout SHA_CTX) -> Digest {
    var digest: Digest = (0, 0, 0)
    unsafe withUnsafeMutableBytes(of: &digest) { bytes in
      _ = unsafe SHA1_Final(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), &state)
    }
    return digest
  }

  static func hex(_ digest: Digest) -> [UInt8] {
    unsafe withUnsafeBytes(of: digest) { bytes in
      unsafe [UInt8](unsafeUninitializedCapacity: 2 * byteCount) { buffer, count in
        for index in 0..<byteCount {
          unsafe buffer[2 * index] = lowerHexDigit(unsafe bytes[index] >> 4)
          unsafe buffer[2 * index + 1] = lowerHexDigit(unsafe bytes[index] & 15)
        }
        count = 2 * byteCount
      }
    }
  }

  static func lowerHexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}

/// Whether two texts are equal, in a time that depends on their lengths alone.
func equalsInConstantTime(_ one: some Collection<UInt8>, _ other: some Collection<UInt8>) -> Bool {
  guard one.count == other.count else { return false }
  return zip(one, other).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
}
