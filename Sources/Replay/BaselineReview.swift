public import CaseLibrary
public import Findings
private import Synchronization

/// Looks at the differences of each answer before they count; of several threads.
public protocol DifferenceReview: Sendable {
  /// The differences of the answer to a step, some of them turned into noise.
  func reviewed(_ differences: [Difference], of id: String) -> [Difference]
}

extension Difference {
  /// Whether a baseline may explain it: a value or node that breaks no requirement. Never a violation, never another
  /// status, body or root, and nothing in an answer whose status is another.
  func isExplainable(among all: [Difference]) -> Bool {
    (kind == .changed || kind == .gap) && (path.hasPrefix("/") || path.hasPrefix("headers/"))
      && id != "replay.root-changed" && !all.contains { $0.path == "status" }
  }

  /// The path without the numbers of repeated nodes.
  var plainPath: String {
    path.split(separator: "/", omittingEmptySubsequences: false).map { part in part.prefix { $0 != "[" } }
      .joined(separator: "/")
  }

  /// The actual value as a baseline keeps it.
  var evidence: String? {
    guard let actual, actual.utf8.count > Self.evidenceBytesMax else { return actual }
    return "\(actual.prefix(Self.evidenceBytesMax / 8))… \(actual.utf8.count) bytes"
  }

  var asNoise: Difference {
    var noise = self
    noise.kind = .noise
    noise.severity = .note
    return noise
  }

  private static let evidenceBytesMax = 400
}

/// Turns what a baseline explains into noise, and tells which of its entries have explained nothing.
public final class BaselineJudge: DifferenceReview {
  private struct Seen {
    /// Steps whose answers were compared with recorded ones.
    var compared: Set<String> = []
    /// Which steps each entry has explained something in.
    var explained: [Int: Set<String>] = [:]
  }

  public let baseline: Baseline
  private let seen = Mutex(Seen())

  public init(_ baseline: Baseline) { self.baseline = baseline }

  public func reviewed(_ differences: [Difference], of id: String) -> [Difference] {
    let explaining = differences.map { difference in
      difference.isExplainable(among: differences)
        ? baseline.entries.firstIndex { Self.explains($0, difference, of: id) } : nil
    }
    seen.withLock { seen in
      if !differences.contains(where: { $0.path == "status" }) { seen.compared.insert(id) }
      for index in explaining.compactMap({ $0 }) { seen.explained[index, default: []].insert(id) }
    }
    return zip(differences, explaining).map { difference, entry in entry == nil ? difference : difference.asNoise }
  }

  private static func explains(_ entry: Baseline.Entry, _ difference: Difference, of id: String) -> Bool {
    entry.finding == difference.id && entry.path == difference.plainPath
      && (entry.class != .steady || entry.seen.contains(difference.evidence))
      && entry.cases.contains { FileSearch.fits(id, $0) }
  }

  /// A result for each entry: it fails when it is too old, fits no step, or explained nothing in steps that it fits.
  ///
  /// - Parameters:
  ///   - steps: the IDs of all recorded steps.
  ///   - file: where the baseline is written.
  ///   - today: the day of the run.
  ///   - daysMax: how many days an entry counts.
  public func results(steps: [String], file: String, today: CalendarDay, daysMax: Int) -> [CaseResult] {
    let seen = seen.withLock { $0 }
    var ids: [String: Int] = [:]
    return baseline.entries.enumerated().map { index, entry in
      let name = "baseline/\(entry.finding)/\(entry.path.drop { $0 == "/" })"
      let number = ids[name, default: 0] + 1
      ids[name] = number
      let place = Place(file: file, path: entry.path)
      func finding(_ id: String, _ message: String, _ hint: String) -> Finding {
        Finding(id: id, severity: .error, place: place, message: message, hint: hint)
      }
      var findings: [Finding] = []
      if let learned = CalendarDay(parsing: entry.learned), today.number - learned.number > daysMax {
        findings.append(
          finding(
            "baseline.stale",
            "The entry was learned on \(learned), \(today.number - learned.number) days ago; it counts for \(daysMax).",
            "Learn the baseline anew with --learn-baseline, or allow more with --baseline-days."))
      }
      findings += unused(entry, seen.explained[index] ?? [], seen.compared, steps).map {
        finding("baseline.unused", $0, "Take it out of the baseline, or learn the baseline anew.")
      }
      let isAsked = seen.compared.contains { id in entry.cases.contains { FileSearch.fits(id, $0) } }
      let verdict: Verdict =
        if !findings.isEmpty {
          .failed
        } else {
          isAsked ? .passed : .skipped(reason: "no answer was compared that it is about")
        }
      return CaseResult(
        id: number == 1 ? name : "\(name)/\(number)", verdict: verdict, findings: findings,
        place: Place(file: file))
    }
  }

  /// Sentences about the patterns of an entry that explain nothing.
  private func unused(
    _ entry: Baseline.Entry, _ explained: Set<String>, _ compared: Set<String>, _ steps: [String]
  ) -> [String] {
    var sentences = entry.cases.filter { pattern in !steps.contains { FileSearch.fits($0, pattern) } }
      .map { "No recorded step is called '\($0)'." }
    // What comes and goes may stay away; the age bounds such an entry.
    guard entry.class != .sometimes else { return sentences }
    sentences += entry.cases.filter { pattern in
      compared.contains { FileSearch.fits($0, pattern) } && !explained.contains { FileSearch.fits($0, pattern) }
    }.map { "Nothing differs at \(entry.path) in \($0) as the entry says (\(entry.finding))." }
    return sentences
  }
}

/// Learns a baseline from two runs against the same server. What it can learn counts as noise meanwhile, so that a
/// scenario goes on.
public final class BaselineLearner: DifferenceReview {
  /// For each step whose answer was compared, what may be learned of it.
  private typealias Run = [String: [Difference]]

  private let runs: Mutex<[Run]> = Mutex([[:]])

  public init() {}

  /// What is reviewed from now on belongs to the second run.
  public func beginSecondRun() { runs.withLock { $0.append([:]) } }

  public func reviewed(_ differences: [Difference], of id: String) -> [Difference] {
    let isLearned = differences.map { $0.isExplainable(among: differences) }
    let learned = zip(differences, isLearned).filter(\.1).map(\.0)
    runs.withLock { runs in
      if !differences.contains(where: { $0.path == "status" }) { runs[runs.count - 1][id] = learned }
    }
    return zip(differences, isLearned).map { $1 ? $0.asNoise : $0 }
  }

  /// One kind of difference of one step.
  private struct Node: Hashable, Comparable {
    var path: String
    var finding: String

    static func < (one: Node, other: Node) -> Bool { (one.path, one.finding) < (other.path, other.finding) }
  }

  /// What an entry has of its own.
  private struct Group: Hashable {
    var node: Node
    var entryClass: Baseline.EntryClass
    /// Of a steady one.
    var values: [String?]
  }

  private static let evidenceMax = 6

  /// The entries that explain all that may be explained, in the order of their paths.
  ///
  /// - Parameters:
  ///   - server: the name of the target.
  ///   - day: when it was learned.
  ///   - isSecret: whether a value must not be written down.
  public func baseline(
    server: String, day: CalendarDay, isSecret: (String) -> Bool = { _ in false }
  ) -> Baseline {
    let runs = runs.withLock { $0 }
    guard runs.count == 2 else { return Baseline(entries: []) }
    var cases: [Group: [String]] = [:]
    var evidence: [Group: [String?]] = [:]
    for id in runs[0].keys.sorted() {
      guard let second = runs[1][id], let first = runs[0][id] else { continue }
      let (one, other) = (Self.values(of: first), Self.values(of: second))
      for node in Set(one.keys).union(other.keys).sorted() {
        let values = (one[node] ?? [], other[node] ?? [])
        let all = Self.distinct(values.0 + values.1)
        let hasSecret = all.contains { $0.map(isSecret) ?? false }
        let isSteady = Set(values.0) == Set(values.1) && !hasSecret
        let entryClass: Baseline.EntryClass =
          values.0.isEmpty || values.1.isEmpty ? .sometimes : isSteady ? .steady : .volatile
        let group = Group(node: node, entryClass: entryClass, values: isSteady ? all : [])
        cases[group, default: []].append(id)
        evidence[group] = Self.distinct(
          evidence[group, default: []] + all.map { $0.map { isSecret($0) ? "<redacted>" : $0 } })
      }
    }
    let entries = cases.map { group, ids in
      let seen = evidence[group] ?? []
      return Baseline.Entry(
        path: group.node.path, finding: group.node.finding, class: group.entryClass, cases: ids,
        seen: group.entryClass == .steady ? seen : Array(seen.prefix(Self.evidenceMax)), server: server,
        learned: day.description)
    }
    return Baseline(entries: entries.sorted { Self.order($0) < Self.order($1) })
  }

  private static func order(_ entry: Baseline.Entry) -> (String, String, String, String) {
    (entry.path, entry.finding, entry.class.rawValue, entry.cases[0])
  }

  private static func values(of differences: [Difference]) -> [Node: [String?]] {
    Dictionary(grouping: differences) { Node(path: $0.plainPath, finding: $0.id) }
      .mapValues { $0.map(\.evidence) }
  }

  private static func distinct(_ values: [String?]) -> [String?] {
    values.reduce(into: []) { kept, value in if !kept.contains(value) { kept.append(value) } }
  }
}
