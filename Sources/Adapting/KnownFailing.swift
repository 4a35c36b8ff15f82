public import CaseLibrary
public import Findings

/// Cases of an implementation that are known to fail: each entry must go on failing, or the list is out of date.
public struct KnownFailing: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    /// The line of the file, from 1.
    public var line: Int
    /// An ID, or one with `*` for any characters and `?` for one.
    public var pattern: String
    public var reason: String
  }

  public var file: String
  public var entries: [Entry]

  /// A pattern a line and behind `#` the reason; empty lines and lines that start with `#` are skipped.
  public init(parsing text: String, file: String) throws(DataError) {
    self.file = file
    entries = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = trimmed(line)
      if line.isEmpty || line.hasPrefix("#") { continue }
      let parts = line.split(separator: "#", maxSplits: 1).map(trimmed)
      guard parts.count == 2, !parts[1].isEmpty, !parts[0].contains(" ") else {
        throw DataError(file: "\(file):\(index + 1)", reason: "a line 'ID-PATTERN # reason' is expected here")
      }
      entries.append(Entry(line: index + 1, pattern: parts[0], reason: parts[1]))
    }
  }

  /// The suites with known failures skipped for their reason, and a suite of what is out of date in the list.
  ///
  /// - Parameter allIDs: of every case there is, whether it was selected or not.
  public func applied(to suites: [SuiteResult], allIDs: some Sequence<String>) -> [SuiteResult] {
    var hasFailed = Set<Int>()
    var hasRun = Set<Int>()
    let judged = suites.map { suite in
      var suite = suite
      suite.cases = suite.cases.map { result in
        guard let entry = entries.first(where: { FileSearch.fits(result.id, $0.pattern) }) else { return result }
        switch result.verdict {
        case .passed:
          hasRun.insert(entry.line)
          return passing(result, entry)
        case .failed, .broken:
          hasRun.insert(entry.line)
          hasFailed.insert(entry.line)
          return CaseResult(id: result.id, verdict: .skipped(reason: "known to fail: \(entry.reason)"))
        case .skipped: return result
        }
      }
      return suite
    }
    let ids = Array(allIDs)
    let ran = Set(suites.flatMap(\.cases).map(\.id))
    let stale = entries.filter { entry in
      if hasRun.contains(entry.line) { return false }
      let meant = ids.filter { FileSearch.fits($0, entry.pattern) }
      // What was not selected this time says nothing about the entry.
      return meant.isEmpty || meant.allSatisfy(ran.contains)
    }
    guard !stale.isEmpty else { return judged }
    return judged + [SuiteResult(name: "known-failing", discovered: stale.count, cases: stale.map(staleResult))]
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
      id: "known-failing.matches-nothing", severity: .error, place: Place(file: file, line: entry.line),
      message: "'\(entry.pattern)' fits no case that was run.", hint: "Take it out of the list or correct it.")
    return CaseResult(id: "\(entry.line)/\(entry.pattern)", verdict: .failed, findings: [finding])
  }
}

/// Without blanks at both ends.
private func trimmed(_ text: some StringProtocol) -> String {
  let isBlank: (Character) -> Bool = { " \t\r".contains($0) }
  return String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
}
