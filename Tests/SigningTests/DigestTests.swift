import CCrypto
import Testing

@testable import Signing

@Suite("Digests")
struct DigestTests {
  /// libcrypto's own one-shot HMAC.
  static func libcryptoHMAC(_ key: [UInt8], _ message: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: 20)
    var count: UInt32 = 0
    _ = HMAC(EVP_sha1(), key, Int32(key.count), message, message.count, &digest, &count)
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test(
    "HMAC-SHA1 is libcrypto's for keys and messages of every length around a block",
    arguments: [0, 1, 19, 20, 21, 39, 40, 63, 64, 65, 128, 200])
  func hmac(keyLength: Int) {
    let key = (0..<keyLength).map { UInt8(truncatingIfNeeded: $0 * 7 + 3) }
    for length in [0, 1, 55, 56, 63, 64, 65, 119, 1000] {
      let message = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 13 + 1) }
      #expect(
        String(decoding: Digests.hexHMACSHA1(key: key, message: message), as: UTF8.self)
          == Self.libcryptoHMAC(key, message))
    }
  }

  /// FIPS 180-4 examples.
  @Test(
    "SHA-1 gives the published digests",
    arguments: [
      ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
      ),
    ])
  func sha1(text: String, digest: String) { #expect(RequestSignature.sha1(text) == digest) }

  @Test(
    "texts are compared whole", arguments: [("a", "a", true), ("a", "b", false), ("a", "ab", false), ("", "", true)])
  func constantTime(one: String, other: String, isEqual: Bool) {
    #expect(equalsInConstantTime(one.utf8, other.utf8) == isEqual)
  }
}
