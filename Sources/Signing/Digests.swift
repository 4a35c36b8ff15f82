internal import CCrypto
private import Glibc

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
    unsafe withBytes(of: message) { unsafe finish(initial, $0, after: 0) }
  }

  /// The HMAC-SHA1 (RFC 2104) of the message, as 40 lower-case hexadecimal digits.
  static func hexHMACSHA1(key: some Collection<UInt8>, message: some Collection<UInt8>) -> [UInt8] {
    HMACKey(key).hexDigest(of: message)
  }

  /// The two SHA-1 states of an HMAC key after its padding block: computed once for a key that signs many messages.
  struct HMACKey: Sendable {
    private let inner: State
    private let outer: State

    init(_ key: some Collection<UInt8>) {
      var block = [UInt8](repeating: 0, count: blockByteCount)
      if key.count > blockByteCount {
        unsafe withUnsafeBytes(of: sha1(key)) { unsafe block.replaceSubrange(0..<byteCount, with: $0) }
      } else {
        block.replaceSubrange(0..<key.count, with: key)
      }
      for index in block.indices { block[index] ^= 0x36 }
      inner = unsafe block.withUnsafeBytes { unsafe afterBlock(initial, $0.baseAddress) }
      for index in block.indices { block[index] ^= 0x36 ^ 0x5C }
      outer = unsafe block.withUnsafeBytes { unsafe afterBlock(initial, $0.baseAddress) }
    }

    func hexDigest(of message: some Collection<UInt8>) -> [UInt8] { hex(digest(of: message)) }

    func digest(of message: some Collection<UInt8>) -> Digest {
      let innerDigest = unsafe withBytes(of: message) { unsafe finish(inner, $0, after: blockByteCount) }
      return outerDigest(of: innerDigest)
    }

    /// The same for a message that has 72 bytes of room behind it, into which its padding is written.
    @unsafe func digest(padding message: UnsafeMutablePointer<UInt8>, count: Int) -> Digest {
      outerDigest(of: unsafe finish(inner, padding: message, count, after: blockByteCount))
    }

    /// The inner digest fills one block with its padding.
    @inline(__always)
    private func outerDigest(of inner: Digest) -> Digest {
      let bitCount = UInt64((blockByteCount + byteCount) * 8)
      let block = (
        inner.0, inner.1, UInt64(inner.2) | 0x80 << 32, 0 as UInt64, 0 as UInt64, 0 as UInt64, 0 as UInt64,
        bitCount.bigEndian
      )
      return unsafe withUnsafeBytes(of: block) { unsafe Digests.digest(of: afterBlock(outer, $0.baseAddress)) }
    }
  }

  /// The 20 bytes of a digest, as they lie in memory.
  typealias Digest = (UInt64, UInt64, UInt32)

  /// The five words of SHA-1 between two blocks.
  private struct State: Sendable {
    var words: (UInt32, UInt32, UInt32, UInt32, UInt32)
  }

  /// FIPS 180-4, section 5.3.1.
  private static let initial = State(words: (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0))

  private static func withBytes<Result>(
    of message: some Collection<UInt8>, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    if let result = message.withContiguousStorageIfAvailable({ unsafe body(UnsafeRawBufferPointer($0)) }) {
      return result
    }
    return unsafe Array(message).withUnsafeBytes(body)
  }

  private static func afterBlock(_ state: State, _ block: UnsafeRawPointer?) -> State {
    unsafe withContext(state) { unsafe SHA1_Transform($0, block?.assumingMemoryBound(to: UInt8.self)) }
  }

  private static func withContext(_ state: State, _ body: (UnsafeMutablePointer<SHA_CTX>) -> Void) -> State {
    var context = SHA_CTX()
    (context.h0, context.h1, context.h2, context.h3, context.h4) = state.words
    unsafe body(&context)
    return State(words: (context.h0, context.h1, context.h2, context.h3, context.h4))
  }

  /// The digest of a message of which so many bytes are in the state already. libcrypto's own `SHA1_Final` wipes and
  /// copies more than this.
  private static func finish(_ state: State, _ rest: UnsafeRawBufferPointer, after done: Int) -> Digest {
    let whole = rest.count / blockByteCount * blockByteCount
    let left = rest.count - whole
    let afterWhole = whole == 0 ? state : unsafe withContext(state) { unsafe SHA1_Update($0, rest.baseAddress, whole) }
    return unsafe withUnsafeTemporaryAllocation(byteCount: 2 * blockByteCount, alignment: 8) { tail in
      unsafe tail.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[whole...]))
      guard let start = tail.baseAddress else { preconditionFailure("temporary memory has no place") }
      return unsafe finish(
        afterWhole, padding: start.assumingMemoryBound(to: UInt8.self), left, after: done + whole)
    }
  }

  // MARK: With the padding behind the message

  /// The SHA-1 of a message that has 72 bytes of room behind it, into which its padding is written.
  @unsafe static func sha1(padding message: UnsafeMutablePointer<UInt8>, count: Int) -> Digest {
    unsafe finish(initial, padding: message, count, after: 0)
  }

  /// The digest of a message of which so many bytes are in the state already: the rest of it, the bit 1, zeros, and its
  /// length in bits (FIPS 180-4, section 5.1.1).
  @inline(__always)
  private static func finish(
    _ state: State, padding message: UnsafeMutablePointer<UInt8>, _ count: Int, after done: Int
  ) -> Digest {
    let padded = (count + 9 + blockByteCount - 1) & ~(blockByteCount - 1)
    unsafe message[count] = 0x80
    // A whole block of zeros: what is too much of them has room, and the length comes last.
    unsafe UnsafeMutableRawPointer(message + count + 1).storeBytes(of: SIMD64<UInt8>(), as: SIMD64<UInt8>.self)
    unsafe UnsafeMutableRawPointer(message + padded - 8)
      .storeBytes(of: UInt64((done + count) * 8).bigEndian, as: UInt64.self)
    return unsafe digest(of: withContext(state) { unsafe SHA1_Update($0, message, padded) })
  }

  private static func digest(of state: State) -> Digest {
    let (a, b, c, d, e) = state.words
    func pair(_ first: UInt32, _ second: UInt32) -> UInt64 {
      UInt64(first.bigEndian) | UInt64(second.bigEndian) << 32
    }
    return (pair(a, b), pair(c, d), e.bigEndian)
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

extension Digests {
  /// Whether two pieces of memory are equal. Their last 40 bytes, the hexadecimal digest, are compared in constant time;
  /// what stands before is no secret.
  static func endsInSameDigest(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
    let before = one.count - 2 * byteCount
    guard before >= 0, one.count == other.count, let left = one.baseAddress,
      let right = other.baseAddress, unsafe memcmp(left, right, before) == 0
    else { return false }
    return unsafe CRYPTO_memcmp(left + before, right + before, 2 * byteCount) == 0
  }
}

/// Whether two texts are equal, in a time that depends on their lengths alone.
func equalsInConstantTime(_ one: some Collection<UInt8>, _ other: some Collection<UInt8>) -> Bool {
  guard one.count == other.count else { return false }
  return zip(one, other).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
}
