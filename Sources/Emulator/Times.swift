/// The forms in which the service writes times. It knows one offset: +0800.
public enum Times {
  /// A time that is not set yet (erratum E54).
  static let unset = "-"

  /// Such as `2022-07-18T15:16:43+0800`: no colon in the offset, so no `xs:dateTime` (erratum E55).
  public static func job(_ seconds: Double) -> String {
    let parts = Parts(wholeSeconds(seconds) + 8 * 3600)
    var text: [UInt8] = []
    text.reserveCapacity(24)
    text.appendDecimal(parts.year, digits: 4)
    text.append(0x2D)
    text.appendDecimal(parts.month, digits: 2)
    text.append(0x2D)
    text.appendDecimal(parts.day, digits: 2)
    text.append(0x54)
    parts.appendClock(to: &text)
    text += "+0800".utf8
    return String(decoding: text, as: UTF8.self)
  }

  /// The form of the Date header (RFC 1123), always with the weekday that the calendar has (erratum E20).
  static func header(_ seconds: Double) -> String {
    let parts = Parts(wholeSeconds(seconds))
    var text: [UInt8] = []
    text.reserveCapacity(29)
    text += weekdays[parts.weekday].utf8
    text += ", ".utf8
    text.appendDecimal(parts.day, digits: 2)
    text.append(0x20)
    text += months[parts.month - 1].utf8
    text.append(0x20)
    text.appendDecimal(parts.year, digits: 4)
    text.append(0x20)
    parts.appendClock(to: &text)
    text += " GMT".utf8
    return String(decoding: text, as: UTF8.self)
  }

  /// The seconds since 1970 of a time with an offset, such as `2022-07-18T15:16:43+0800`, the same with `+08:00` or with
  /// `Z`; nil when it has another form or is no time of the calendar.
  public static func seconds(of text: String) -> Double? {
    var bytes = Array(text.utf8)
    if bytes.count == 25, bytes[22] == 0x3A { bytes.remove(at: 22) }
    return bytes.contains(0x20) ? nil : seconds(ofFilter: String(decoding: bytes, as: UTF8.self))
  }

  /// The seconds since 1970 that a filter of a list means, such as `2022-07-18T15:16:43+0800` or the same with `Z`; nil
  /// when it has another form or is no time of the calendar. A `+` that was sent as it is came as a blank.
  static func seconds(ofFilter text: String) -> Double? {
    let bytes = Array(text.utf8)
    let zone = bytes.count == 20 ? bytes[19] : bytes.count == 24 ? bytes[19] : 0
    func number(_ range: Range<Int>) -> Int? {
      let digits = bytes[range]
      guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      return digits.reduce(0) { $0 * 10 + Int($1) - 0x30 }
    }
    let separators: [(Int, UInt8)] = [(4, 0x2D), (7, 0x2D), (10, 0x54), (13, 0x3A), (16, 0x3A)]
    guard zone != 0, separators.allSatisfy({ bytes[$0.0] == $0.1 }), let year = number(0..<4),
      let month = number(5..<7),
      let day = number(8..<10), let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
    else { return nil }
    var offset = 0
    if bytes.count == 24 {
      guard zone == 0x2B || zone == 0x20 || zone == 0x2D, let hours = number(20..<22), let minutes = number(22..<24)
      else { return nil }
      offset = (hours * 60 + minutes) * (zone == 0x2D ? -60 : 60)
    } else if zone != 0x5A && zone != 0x7A {
      return nil
    }
    return Double(days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset)
  }

  /// The days from 1970-01-01 to a date of the Gregorian calendar.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The second a time lies in; a clock that is out of all bounds counts as its nearest bound.
  static func wholeSeconds(_ seconds: Double) -> Int64 {
    guard seconds.isFinite else { return 0 }
    return Int64(min(max(seconds.rounded(.down), 0), lastSecond))
  }

  /// 9999-12-31T15:59:59Z: the last second whose +0800 year has four digits.
  private static let lastSecond = 253_402_271_999.0
  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// A count of seconds as a date of the Gregorian calendar.
  private struct Parts {
    var year: Int
    var month: Int
    var day: Int
    var weekday: Int
    /// Of the day.
    var second: Int

    init(_ seconds: Int64) {
      let days = Int(seconds / 86400)
      second = Int(seconds % 86400)
      weekday = (days + 4) % 7
      // Years that begin on 1 March put the leap day last; 719,468 days lie between 0000-03-01 and 1970-01-01.
      let shifted = days + 719_468
      let era = shifted / 146_097
      let dayOfEra = shifted % 146_097
      let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
      let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
      let shiftedMonth = (5 * dayOfYear + 2) / 153
      day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
      month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
      year = 400 * era + yearOfEra + (month <= 2 ? 1 : 0)
    }

    /// Such as `15:16:43`.
    func appendClock(to text: inout [UInt8]) {
      text.appendDecimal(second / 3600, digits: 2)
      text.append(0x3A)
      text.appendDecimal(second / 60 % 60, digits: 2)
      text.append(0x3A)
      text.appendDecimal(second % 60, digits: 2)
    }
  }
}

/// The Date header, which stays the same for a second.
struct Dates: Sendable {
  private var last: (second: Int64, text: String)?

  mutating func header(at seconds: Double) -> String {
    let second = Times.wholeSeconds(seconds)
    if let last, last.second == second { return last.text }
    let text = Times.header(seconds)
    last = (second, text)
    return text
  }
}
