/// Base64 with the standard alphabet and padding (RFC 4648, section 4).
func base64(_ bytes: some Sequence<UInt8>) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  var pending: [UInt8] = []
  func appendGroup(_ group: [UInt8]) {
    let bits = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[$1]) : 0) }
    for place in 0..<4 { text.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : 0x3D) }
  }
  for byte in bytes {
    pending.append(byte)
    if pending.count == 3 {
      appendGroup(pending)
      pending.removeAll(keepingCapacity: true)
    }
  }
  if !pending.isEmpty { appendGroup(pending) }
  return String(decoding: text, as: UTF8.self)
}
