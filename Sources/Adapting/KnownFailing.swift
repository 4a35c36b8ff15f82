public import CaseLibrary
public import Findings

/// Cases that are known to fail, which must go on failing or the list is out of date; or such as fail now and then.
public struct KnownFailing: Sendable, Equatable {
  /// What a list is of; the name is also the first part of its findings' IDs.
  public enum Kind: String, Sendable {
    case failing = "known-failing"
    case flaky = "known-flaky"

    var words: String { self == .failing ? "known to fail" : "known to be flaky" }
  }

  public struct Entry: Sendable, Equatable {
    /// The line of the file, from 1.
    public var line: Int
    /// An ID, or one with `*` for any characters and `?` for one.
    public var pattern: String
    public var reason: String
    /// The last day it holds, as `2027-01-31`; nil when it holds for ever.
    public var until: String?
  }

  public var kind: Kind
  public var file: String
  public var entries: [Entry]

  /// A pattern a line and behind `#` the reason, in which `until 2027-01-31` may stand; empty lines and lines that start
  /// with `#` are skipped.
  public init(parsing text: String, file: String, kind: Kind = .failing) throws(DataError) {
    self.kind = kind
    self.file = file
    entries = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = trimmed(line)
      if line.isEmpty || line.hasPrefix("#") { continue }
      let parts = line.split(separator: "#", maxSplits: 1).map(trimmed)
      guard parts.count == 2, !parts[1].isEmpty, !parts[0].contains(" ") else {
        throw DataError(file: "\(file):\(index + 1)", reason: "a line 'ID-PATTERN # reason' is expected here")
      }
      let words = parts[1].split(separator: " ")
      let until = zip(words, words.dropFirst()).first { $0 == "until" && $1.first?.isNumber == true }.map { String($1) }
      if let until, !Self.isDate(until) {
        throw DataError(file: "\(file):\(index + 1)", reason: "'\(until)' is no date such as 2027-01-31")
      }
      entries.append(Entry(line: index + 1, pattern: parts[0], reason: parts[1], until: until))
    }
  }

  private static func isDate(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
    else { return false }
    return (1...12).contains(Int(parts[1]) ?? 0) && (1...31).contains(Int(parts[2]) ?? 0)
  }

  /// The suites with known failures skipped for their reason, and a suite of what is out of date in the list.
  ///
  /// - Parameters:
  ///   - allIDs: of every case there is, whether it was selected or not.
  ///   - unreached: IDs of cases that there was no time for.
  ///   - today: as `2027-01-31`; an entry whose last day is before it has expired, which is a failure.
  public func applied(
    to suites: [SuiteResult], allIDs: some Sequence<String>, unreached: Set<String> = [], today: String = ""
  ) -> [SuiteResult] {
    var hasFailed = Set<Int>()
    var hasRun = Set<Int>()
    let judged = suites.map { suite in
      var suite = suite
      suite.cases = suite.cases.map { result in
        guard let entry = entries.first(where: { FileSearch.fits(result.id, $0.pattern) }) else { return result }
        switch result.verdict {
        case .passed:
          hasRun.insert(entry.line)
          return kind == .flaky ? result : passing(result, entry)
        case .failed, .broken:
          hasRun.insert(entry.line)
          hasFailed.insert(entry.line)
          var known = result
          known.verdict = .skipped(reason: "\(kind.words): \(entry.reason)")
          known.isKnownFailure = true
          return known
        case .skipped: return result
        }
      }
      return suite
    }
    let ids = Array(allIDs)
    let ran = Set(suites.flatMap(\.cases).map(\.id)).subtracting(unreached)
    let stale = entries.filter { entry in
      if hasRun.contains(entry.line) { return false }
      let meant = ids.filter { FileSearch.fits($0, entry.pattern) }
      // What was not selected this time says nothing about the entry.
      return meant.isEmpty || meant.allSatisfy(ran.contains)
    }
    let expired = entries.filter { $0.until.map { $0 < today } ?? false }
    guard !stale.isEmpty || !expired.isEmpty else { return judged }
    let cases = stale.map(staleResult) + expired.map(expiredResult)
    return judged + [SuiteResult(name: kind.rawValue, discovered: cases.count, cases: cases)]
  }

  private func passing(_ result: CaseResult, _ entry: Entry) -> CaseResult {
    let finding = Finding(
      id: "known-failing.passes", severity: .error, place: Place(file: file, line: entry.line, path: result.id),
      message: "The case is listed as known to fail, but it passes.",
      hint: "Take '\(entry.pattern)' out of the list, or make it fit less.")
    return CaseResult(id: result.id, verdict: .failed, findings: [finding])
  }

  private func staleResult(_ entry: Entry) -> CaseResult {
    let finding = Finding(
      id: "\(kind.rawValue).matches-nothing", severity: .error, place: Place(file: file, line: entry.line),
      message: "'\(entry.pattern)' fits no case that was run.", hint: "Take it out of the list or correct it.")
    return CaseResult(id: "\(entry.line)/\(entry.pattern)", verdict: .failed, findings: [finding])
  }

  private func expiredResult(_ entry: Entry) -> CaseResult {
    let finding = Finding(
      id: "\(kind.rawValue).expired", severity: .error, place: Place(file: file, line: entry.line),
      message: "'\(entry.pattern)' was to hold until \(entry.until ?? "").",
      hint: "Mend what fails, or give the entry another day.")
    return CaseResult(id: "\(entry.line)/expired/\(entry.pattern)", verdict: .failed, findings: [finding])
  }
}

/// Without blanks at both ends.
private func trimmed(_ text: some StringProtocol) -> String {
  let isBlank: (Character) -> Bool = { " \t\r".contains($0) }
  return String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
}
