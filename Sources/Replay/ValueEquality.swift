internal import CaseLibrary
internal import Glibc
internal import XMLValidation

/// Whether two texts of a node are the same value.
enum ValueEquality {
  /// The types whose digits are a number. A key, a name or user data made of digits is text: `1` and `1.0` are two objects.
  private static let numbers: Set<String> = [
    "Count", "NonNegativeInteger64", "OptionalInteger", "OptionalNumber", "OptionalWholeNumber", "Percent", "Seconds",
    "Text",
  ]
  private static let times: Set<String> = ["JobTime", "ObjectTime", "UploadTime", "WorkflowTime"]

  /// Numbers are compared by value, times by the moment they name, an Etag with or without its quotes (erratum E12).
  static func isSame(_ one: String, _ other: String, type: String?) -> Bool {
    if isSameText(one, other) { return true }
    guard let type else { return false }
    if numbers.contains(type) { return EchoRule.isSame(one, other) }
    if times.contains(type), let moment = seconds(of: one) { return moment == seconds(of: other) }
    return type == "Etag" && isSameText(unquoted(one), unquoted(other))
  }

  /// Character by character: an accent that is a character of its own makes another key, though it looks the same.
  static func isSameText(_ one: String, _ other: String) -> Bool {
    let (one, other) = (one.utf8.span, other.utf8.span)
    guard one.count == other.count else { return false }
    return unsafe one.withUnsafeBytes { one in
      unsafe other.withUnsafeBytes { other in
        // Without bytes there is no address either.
        guard let left = one.baseAddress, let right = other.baseAddress else { return true }
        return unsafe memcmp(left, right, one.count) == 0
      }
    }
  }

  /// A time that is not set yet: `-`, empty or, in its stead, no node (erratum E54).
  static func isUnset(_ time: String) -> Bool { time.isEmpty || time == "-" }

  /// Seconds since 0001-01-01T00:00:00Z of a time such as `2022-07-18T15:16:43+0800`, `…+08:00` or `…Z`; nil for others.
  static func seconds(of time: String) -> Int? {
    let bytes = Array(time.utf8)
    guard bytes.count >= 20, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] == 0x54 || bytes[10] == 0x20,
      bytes[13] == 0x3A, bytes[16] == 0x3A, let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
      let day = number(bytes[8..<10]), let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]),
      let second = number(bytes[17..<19]), let offset = offset(bytes[19...]), (1...12).contains(month)
    else { return nil }
    let earlier = month <= 2 ? year - 1 : year
    let fromMarch = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    let days = 365 * earlier + earlier / 4 - earlier / 100 + earlier / 400 + fromMarch
    return ((days * 24 + hour) * 60 + minute) * 60 + second - offset
  }

  private static func offset(_ bytes: ArraySlice<UInt8>) -> Int? {
    if bytes.elementsEqual([0x5A]) { return 0 }
    let digits = bytes.dropFirst().filter { $0 != 0x3A }
    guard digits.count == 4, let sign = bytes.first, sign == 0x2B || sign == 0x2D, let hours = number(digits[0..<2]),
      let minutes = number(digits[2..<4])
    else { return nil }
    return (sign == 0x2D ? -60 : 60) * (hours * 60 + minutes)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    digits.allSatisfy { (0x30...0x39).contains($0) } ? digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } : nil
  }

  private static func unquoted(_ text: String) -> String {
    guard text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
    return String(text.dropFirst().dropLast())
  }
}
