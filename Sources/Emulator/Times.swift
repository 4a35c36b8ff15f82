/// The forms in which the service writes times. It knows one offset: +0800.
enum Times {
  /// A time that is not set yet (erratum E54).
  static let unset = "-"

  /// Such as `2022-07-18T15:16:43+0800`: no colon in the offset, so no `xs:dateTime` (erratum E55).
  static func job(_ seconds: Double) -> String {
    let parts = Parts(wholeSeconds(seconds) + 8 * 3600)
    return "\(padded(parts.year, 4))-\(padded(parts.month, 2))-\(padded(parts.day, 2))T\(parts.clock)+0800"
  }

  /// The form of the Date header (RFC 1123), always with the weekday that the calendar has (erratum E20).
  static func header(_ seconds: Double) -> String {
    let parts = Parts(wholeSeconds(seconds))
    let weekday = weekdays[parts.weekday]
    return "\(weekday), \(padded(parts.day, 2)) \(months[parts.month - 1]) \(padded(parts.year, 4)) \(parts.clock) GMT"
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

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  /// A count of seconds as a date of the Gregorian calendar.
  private struct Parts {
    var year: Int
    var month: Int
    var day: Int
    var weekday: Int
    var clock: String

    init(_ seconds: Int64) {
      let days = Int(seconds / 86400)
      let second = Int(seconds % 86400)
      clock = "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
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
  }
}
