internal import CCrypto

/// A digest that is fed in pieces.
@safe final class ContentDigest {
  enum Algorithm: String, CaseIterable {
    case md5 = "MD5"
    case sha1 = "SHA1"
    case sha256 = "SHA256"
  }

  private let context: OpaquePointer

  /// Nil when libcrypto has no memory or no such algorithm, as MD5 in a FIPS build.
  init?(_ algorithm: Algorithm) {
    guard let context = unsafe EVP_MD_CTX_new() else { return nil }
    unsafe self.context = context
    let type =
      switch algorithm {
      case .md5: unsafe EVP_md5()
      case .sha1: unsafe EVP_sha1()
      case .sha256: unsafe EVP_sha256()
      }
    guard unsafe EVP_DigestInit_ex(context, type, nil) == 1 else { return nil }
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  func update(_ bytes: ArraySlice<UInt8>) {
    unsafe bytes.withUnsafeBytes { _ = unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
  }

  /// The digest of all that was fed; ends the use of this object.
  func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    _ = unsafe digest.withUnsafeMutableBufferPointer { buffer in
      unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, &count)
    }
    return Array(digest[..<Int(count)])
  }

  static func of(_ bytes: some Sequence<UInt8>, _ algorithm: Algorithm) -> [UInt8]? {
    guard let digest = ContentDigest(algorithm) else { return nil }
    digest.update(ArraySlice(bytes))
    return digest.finish()
  }

  static func hex(_ digest: [UInt8]) -> String { digest.map { hexadecimal(UInt64($0), digits: 2) }.joined() }
}
