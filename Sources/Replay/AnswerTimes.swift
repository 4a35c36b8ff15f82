private import Glibc

/// The times of answers as seconds since 1970; nil for what has another form.
enum AnswerTimes {
  /// Such as `2022-07-18T15:16:43+0800`.
  static func seconds(ofJobTime text: String) -> Double? {
    let numbers = text.split { !("0"..."9").contains($0) }.compactMap { Int($0) }
    guard text.utf8.count == 24, numbers.count == 7, text.contains("T"), let sign = text.dropFirst(19).first,
      sign == "+" || sign == "-"
    else { return nil }
    let offset = (numbers[6] / 100 * 60 + numbers[6] % 100) * 60
    return seconds(numbers).map { $0 - Double(sign == "-" ? -offset : offset) }
  }

  /// The Date header: such as `Mon, 18 Jul 2022 07:16:43 GMT`.
  static func seconds(ofDate text: String) -> Double? {
    let words = text.split { $0 == " " || $0 == ":" || $0 == "," }.map(String.init)
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    guard words.count == 8, words[7] == "GMT", let month = months.firstIndex(of: words[2]) else { return nil }
    let numbers = [words[3], "\(month + 1)", words[1], words[4], words[5], words[6]].compactMap { Int($0) }
    return numbers.count == 6 ? seconds(numbers) : nil
  }

  /// Of year, month, day, hour, minute and second.
  private static func seconds(_ numbers: [Int]) -> Double? {
    guard numbers.prefix(6).allSatisfy({ (0...9999).contains($0) }) else { return nil }
    var time = unsafe tm()
    unsafe time.tm_year = Int32(numbers[0] - 1900)
    unsafe time.tm_mon = Int32(numbers[1] - 1)
    unsafe time.tm_mday = Int32(numbers[2])
    unsafe time.tm_hour = Int32(numbers[3])
    unsafe time.tm_min = Int32(numbers[4])
    unsafe time.tm_sec = Int32(numbers[5])
    return Double(unsafe timegm(&time))
  }
}
