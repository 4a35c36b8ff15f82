internal import Adapting
internal import CaseLibrary
internal import Findings
internal import Glibc

/// What a run is expected to bring: which cases are wanted, which are known to fail, how many there must be.
struct Expectations: Sendable {
  static let flags = [
    Flag(
      name: "--known-failing", value: "FILE",
      help: "Cases that must fail, a line 'ID-PATTERN # reason' each; one that passes or fits nothing is a failure."),
    Flag(
      name: "--known-flaky", value: "FILE",
      help: "Cases that may fail, in the same form; one that fits nothing is a failure."),
    Flag(
      name: "--select", value: "PATTERN", help: "Only cases with this ID or below it; may be given again.",
      repeats: true),
    Flag(
      name: "--skip", value: "PATTERN", help: "No case with this ID or below it; may be given again.", repeats: true),
    Flag(
      name: "--shard", value: "I/N", help: "Only the I-th of N parts of the cases; cispec merge puts reports together."),
    Flag(
      name: "--manifest", value: "FILE",
      help: "Fail when a suite holds or runs fewer cases than FILE, which --report manifest=FILE writes."),
    Flag(name: "--time-budget", value: "SECONDS", help: "Fail when the run takes longer."),
    Flag(
      name: "--seed", value: "N",
      help: "Make the run repeatable: the emulator's identifiers come from N, and reports hold no times."),
  ]

  private var lists: [KnownFailing] = []
  private let selected: [String]
  private let skipped: [String]
  private var shard: (index: UInt64, count: UInt64)?
  private var manifest: Manifest?
  private let budgetSeconds: Int?
  let seed: UInt64?
  private let today: String

  init(_ arguments: Arguments) throws {
    for kind in [KnownFailing.Kind.failing, .flaky] {
      guard let path = arguments["--\(kind.rawValue)"] else { continue }
      guard let text = String(validating: try Files.read(path, bytesMax: 1 << 20), as: UTF8.self) else {
        throw CommandError(.unreadable, "\(path): a list of cases is text in UTF-8")
      }
      lists.append(try KnownFailing(parsing: text, file: path, kind: kind))
    }
    selected = arguments.all("--select")
    skipped = arguments.all("--skip")
    shard = try arguments["--shard"].map(Self.shard)
    manifest = try arguments["--manifest"].map(Manifest.init)
    budgetSeconds = try arguments.integer("--time-budget", in: 1...86_400)
    seed = try arguments.integer("--seed", in: 0...Int.max).map(UInt64.init)
    today = Self.today()
  }

  private static func shard(_ text: String) throws -> (UInt64, UInt64) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { UInt64($0) ?? 0 }
    guard parts.count == 2, parts[0] > 0, parts[0] <= parts[1], parts[1] <= 1000 else {
      throw CommandError(.usage, "--shard is '\(text)', not a part and the number of parts, such as 1/3")
    }
    return (parts[0], parts[1])
  }

  /// The day of the machine in UTC, as `2027-01-31`.
  private static func today() -> String {
    var seconds = time_t(SystemClock().now)
    var parts = unsafe tm()
    unsafe gmtime_r(&seconds, &parts)
    let (year, month, day) = unsafe (parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday)
    func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(year)-\(padded(month))-\(padded(day))"
  }

  // MARK: Selection

  /// Whether fewer cases are wanted than there are.
  var isPartial: Bool { !selected.isEmpty || !skipped.isEmpty || shard != nil }

  /// Whether a case is wanted: by its ID, or with its suite's name before it.
  func fit(_ id: String, suite: String) -> Bool {
    func fits(_ pattern: String) -> Bool {
      [id, "\(suite)/\(id)"].contains { name in
        FileSearch.fits(name, pattern) || name.hasPrefix(pattern.hasSuffix("/") ? pattern : pattern + "/")
      }
    }
    guard selected.isEmpty || selected.contains(where: fits), !skipped.contains(where: fits) else { return false }
    guard let shard else { return true }
    // FNV-1a: the same part on every machine and for every version.
    let hash = "\(suite)/\(id)".utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return (hash >> 16) % shard.count == shard.index - 1
  }

  // MARK: Judgement

  /// The report as the expectations make it.
  ///
  /// - Parameters:
  ///   - allIDs: of every case there is; those of the report unless given.
  ///   - isPartial: whether fewer cases were asked for by other means.
  func applied(to report: Report, allIDs: [String]? = nil, isPartial: Bool = false) throws -> Report {
    var report = report
    let discovered = report.suites
    let ids = allIDs ?? discovered.flatMap { $0.cases.map(\.id) }
    report.suites = discovered.map(wanted)
    guard !self.isPartial || report.suites.contains(where: { !$0.cases.isEmpty }) else {
      let near = selected.first.flatMap { nearestName(to: $0, among: ids) }
      throw CommandError(
        .usage, "no case is left to run", hint: near.map { "Did you mean \($0)?" } ?? "cispec list shows them all.")
    }
    for list in lists { report.suites = list.applied(to: report.suites, allIDs: ids, today: today) }
    if let shard { report.shard = "\(shard.index)/\(shard.count)" }
    if let manifest { report.suites += manifest.shortfalls(of: report, isPartial: isPartial || self.isPartial) }
    if let budgetSeconds { report.suites += overrun(of: report.seconds, budgetSeconds) }
    if seed != nil { report.dropTimes() }
    return report
  }

  private func wanted(_ suite: SuiteResult) -> SuiteResult {
    guard isPartial else { return suite }
    var part = suite
    part.cases = suite.cases.filter { fit($0.id, suite: suite.name) }
    // Cases that were lost on the way stay lost.
    part.selected = part.cases.count + suite.selected - suite.cases.count
    return part
  }

  private func overrun(of seconds: Double, _ budgetSeconds: Int) -> [SuiteResult] {
    guard seconds > Double(budgetSeconds) else { return [] }
    let finding = Finding(
      id: "time-budget.exceeded", severity: .error,
      message: "The run took \(Int(seconds.rounded(.up))) s; it may take \(budgetSeconds) s.")
    return [
      SuiteResult(
        name: "time-budget", discovered: 1, cases: [CaseResult(id: "time", verdict: .failed, findings: [finding])])
    ]
  }
}

extension Report {
  fileprivate mutating func dropTimes() {
    seconds = 0
    for suite in suites.indices {
      suites[suite].seconds = 0
      for index in suites[suite].cases.indices { suites[suite].cases[index].seconds = 0 }
    }
  }
}
