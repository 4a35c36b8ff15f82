/// The forms of header fields that a pattern cannot tell or that are judged before any schema is read.
public enum HTTPForms {
  /// `<BucketName-APPID>.ci.<Region>.myqcloud.com`, or `tencentcos.cn` at the end; a port may follow.
  public static func isHost(_ host: String, service: String = "ci") -> Bool {
    let parts = host.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2, UInt16(parts[1]) == nil { return false }
    let labels = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard labels.count == 5, labels[1] == service,
      ["myqcloud.com", "tencentcos.cn"].contains("\(labels[3]).\(labels[4])")
    else { return false }
    let bucket = labels[0].split(separator: "-", omittingEmptySubsequences: false)
    return bucket.count >= 2 && labels[0].utf8.allSatisfy(isLabelByte) && !bucket[0].isEmpty
      && bucket.last?.isEmpty == false && bucket.last?.utf8.allSatisfy(isDigit) == true
      && !labels[2].isEmpty && labels[2].utf8.allSatisfy(isLabelByte)
  }

  /// The seven fields of a signature in their documented order.
  static func isSignature(_ value: String) -> Bool {
    let fields = value.split(separator: "&", omittingEmptySubsequences: false).map {
      $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    }
    let names = [
      "q-sign-algorithm", "q-ak", "q-sign-time", "q-key-time", "q-header-list", "q-url-param-list", "q-signature",
    ]
    guard fields.map(\.first) == names, fields.allSatisfy({ $0.count == 2 }) else { return false }
    func isSpan(_ text: String) -> Bool {
      let ends = text.split(separator: ";", omittingEmptySubsequences: false)
      return ends.count == 2 && ends.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }
    }
    return fields[0][1] == "sha1" && !fields[1][1].isEmpty && isSpan(fields[2][1]) && isSpan(fields[3][1])
      && fields[6][1].utf8.count == 40 && fields[6][1].utf8.allSatisfy { isDigit($0) || (0x61...0x66).contains($0) }
  }

  /// An RFC 1123 time in GMT with the weekday that belongs to it.
  static func isDate(_ value: String) -> Bool {
    let words = value.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    let weekdays = ["Sun,", "Mon,", "Tue,", "Wed,", "Thu,", "Fri,", "Sat,"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    guard words.count == 6, words[5] == "GMT", let weekday = weekdays.firstIndex(of: words[0]),
      let day = number(words[1], digits: 2), let month = months.firstIndex(of: words[2]),
      let year = number(words[3], digits: 4), year > 1582
    else { return false }
    let time = words[4].split(separator: ":", omittingEmptySubsequences: false).map { number(String($0), digits: 2) }
    guard time.count == 3, let hour = time[0], let minute = time[1], let second = time[2], hour < 24, minute < 60,
      second <= 60
    else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (1...days[month]).contains(day) else { return false }
    // Sakamoto's rule: Sunday is 0.
    let shifts = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
    let counted = month < 2 ? year - 1 : year
    return (counted + counted / 4 - counted / 100 + counted / 400 + shifts[month] + day) % 7 == weekday
  }

  private static func number(_ text: String, digits: Int) -> Int? {
    text.utf8.count == digits && text.utf8.allSatisfy(isDigit) ? Int(text) : nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func isLabelByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D
  }
}
