internal import CCrypto

/// Base64 with the standard alphabet and padding (RFC 4648, section 4).
public func base64(_ bytes: [UInt8]) -> String {
  // The last byte is for a NUL.
  var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
  let count = unsafe EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
  return String(decoding: text.prefix(Int(count)), as: UTF8.self)
}
