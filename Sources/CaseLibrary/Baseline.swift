internal import FoundationEssentials

/// What one server is known to answer otherwise than recorded without breaking a requirement
/// (`Schemas/baseline.schema.json`).
public struct Baseline: Sendable, Equatable {
  public enum EntryClass: String, Sendable, Codable {
    /// The same in every run: one of the values seen, or the node is missing.
    case steady
    /// In every run, with another value each time.
    case volatile
    /// In some runs only.
    case sometimes
  }

  /// A node or header field, and the steps whose answers differ there.
  public struct Entry: Sendable, Equatable, Codable {
    /// Without the numbers of repeated nodes, such as `/Response/JobsDetail/Trace`, or `headers/<name>`.
    public var path: String
    /// The kind of finding that it explains.
    public var finding: String
    public var `class`: EntryClass
    /// IDs of steps, `*` for any characters and `?` for one.
    public var cases: [String]
    /// The evidence: values of the two runs, null for a node that is missing. Long ones are shortened.
    public var seen: [String?]
    public var server: String
    /// The day, such as `2026-01-31`, in UTC.
    public var learned: String

    public init(
      path: String, finding: String, class name: EntryClass, cases: [String], seen: [String?], server: String,
      learned: String
    ) {
      self.path = path
      self.finding = finding
      self.class = name
      self.cases = cases
      self.seen = seen
      self.server = server
      self.learned = learned
    }
  }

  private struct Document: Codable {
    var format = 1
    var entries: [Entry]
  }

  public var entries: [Entry]

  public init(entries: [Entry]) { self.entries = entries }

  /// Reads what `json` writes.
  public init(parsing bytes: [UInt8], file: String) throws(DataError) {
    let document = try decodeJSON(Document.self, from: bytes, file: file)
    guard document.format == 1 else {
      throw DataError(file: file, reason: "its format is \(document.format); this program reads 1")
    }
    for (index, entry) in document.entries.enumerated() {
      func wrong(_ reason: String) -> DataError { DataError(file: file, reason: "entries[\(index)]: \(reason)") }
      guard !entry.path.isEmpty, !entry.finding.isEmpty else { throw wrong("the path or the finding is empty") }
      guard !entry.cases.isEmpty else { throw wrong("it names no cases") }
      guard CalendarDay(parsing: entry.learned) != nil else {
        throw wrong("'\(entry.learned)' is no day such as 2026-01-31")
      }
    }
    entries = document.entries
  }

  /// The file, keys in the order of the alphabet.
  public func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(Document(entries: entries))) + [0x0A]
  }
}

/// A day of the Gregorian calendar in UTC.
public struct CalendarDay: Sendable, Equatable, CustomStringConvertible {
  /// Since 1970-01-01.
  public var number: Int

  private static let secondsPerDay = 86_400.0

  /// The day of a time in seconds since 1970.
  public init(ofTime seconds: Double) { number = Int((seconds / Self.secondsPerDay).rounded(.down)) }

  /// A day of the form `2026-01-31`, of the years 1970 to 9999; nil when it is none.
  public init?(parsing text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], text.utf8.allSatisfy({ $0 == 0x2D || (0x30...0x39).contains($0) }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), year >= 1970,
      (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    number = Self.number(year, month, day)
    // The 30th of February would be another day.
    guard description == text else { return nil }
  }

  public var description: String {
    var year = 1970 + number / 366
    while Self.number(year + 1, 1, 1) <= number { year += 1 }
    var month = 1
    while month < 12, Self.number(year, month + 1, 1) <= number { month += 1 }
    let day = number - Self.number(year, month, 1) + 1
    func padded(_ number: Int, _ count: Int) -> String {
      let digits = "\(number)"
      return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  private static func number(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let daysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month - 1]
    let past = year - 1
    let daysBeforeYear = past * 365 + past / 4 - past / 100 + past / 400 - 719_162
    return daysBeforeYear + daysBeforeMonth + (isLeap && month > 2 ? 1 : 0) + day - 1
  }
}
