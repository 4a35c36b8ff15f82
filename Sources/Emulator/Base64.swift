/// Base64 with the standard alphabet and padding (RFC 4648, section 4).
func base64(_ bytes: [UInt8]) -> String {
  func digit(_ value: UInt32) -> UInt8 {
    switch value & 63 {
    case 0..<26: UInt8(value & 63) + 0x41
    case 26..<52: UInt8(value & 63) - 26 + 0x61
    case 52..<62: UInt8(value & 63) - 52 + 0x30
    case 62: 0x2B
    default: 0x2F
    }
  }
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let left = bytes.count - start
    let second = left > 1 ? UInt32(bytes[start + 1]) : 0
    let third = left > 2 ? UInt32(bytes[start + 2]) : 0
    let bits = UInt32(bytes[start]) << 16 | second << 8 | third
    text.append(digit(bits >> 18))
    text.append(digit(bits >> 12))
    text.append(left > 1 ? digit(bits >> 6) : 0x3D)
    text.append(left > 2 ? digit(bits) : 0x3D)
  }
  return String(decoding: text, as: UTF8.self)
}
