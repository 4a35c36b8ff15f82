internal import Adapting
internal import CaseLibrary
internal import Findings
internal import Glibc
internal import HTTPExchange
internal import HTTPTransport

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
    Flag(
      name: "--time-budget", value: "SECONDS",
      help: "Begin nothing after so many seconds; cases that are not reached are skipped, and the run fails."),
    Flag(
      name: "--allow-incomplete", value: nil,
      help: "With --time-budget: cases that are not reached do not fail the run, as long as one was."),
    Flag(
      name: "--seed", value: "N",
      help: "Make the run repeatable: the emulator's identifiers come from N, and reports hold no times."),
  ]

  /// For the commands whose cases have requirements.
  static let levelFlag = Flag(
    name: "--level", value: "LEVEL", help: "Only cases about a requirement of this level or above; all unless given.",
    choices: Requirement.Level.allCases.map(\.rawValue))

  private var lists: [KnownFailing] = []
  private let selected: [String]
  private let skipped: [String]
  private var shard: (index: UInt64, count: UInt64)?
  private var manifest: Manifest?
  private let level: Requirement.Level
  private let levels: RequirementLevels
  private let budgetSeconds: Int?
  private let allowsIncomplete: Bool
  /// When the time budget ends, on the clock that never goes back.
  let endsAt: Double
  let seed: UInt64?
  private let today: String

  /// - Parameter levels: of the cases' requirements, for a command that has `levelFlag`.
  init(_ arguments: Arguments, _ levels: RequirementLevels = RequirementLevels()) throws {
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
    level = arguments["--level"].flatMap(Requirement.Level.init) ?? .observed
    self.levels = levels
    budgetSeconds = try arguments.integer("--time-budget", in: 1...86_400)
    endsAt = budgetSeconds.map { monotonicSeconds() + Double($0) } ?? .infinity
    allowsIncomplete = arguments.has("--allow-incomplete")
    guard !allowsIncomplete || budgetSeconds != nil else {
      throw CommandError(.usage, "--allow-incomplete goes with --time-budget")
    }
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
  var isPartial: Bool { !selected.isEmpty || !skipped.isEmpty || shard != nil || level > .observed }

  /// What the suites ask before each case.
  ///
  /// - Parameter isWanted: whether a case is asked for by other means too.
  func gate(_ isWanted: @escaping @Sendable (_ id: String) -> Bool = { _ in true }) -> CaseGate {
    let endsAt = endsAt
    return CaseGate(
      isWanted: { isWanted($0) && fit($0, suite: $1) },
      ending: {
        Interrupt.hasCome ? .interrupted : endsAt.isFinite && monotonicSeconds() >= endsAt ? .outOfTime : nil
      })
  }

  /// The bounds of a client that waits so many seconds at most, shortened to what the whole run may take.
  func limits(seconds: Double) -> TransportLimits {
    let seconds = min(seconds, budgetSeconds.map(Double.init) ?? .infinity)
    return TransportLimits(connectSeconds: min(5, seconds), totalSeconds: seconds, stallSeconds: seconds)
  }

  /// Whether a case is wanted: by its ID, or with its suite's name before it, and by what it is about.
  func fit(_ id: String, suite: String, requirements: [String] = []) -> Bool {
    guard levels.level(of: requirements) >= level else { return false }
    func fits(_ pattern: String) -> Bool {
      [id, "\(suite)/\(id)"].contains { name in
        FileSearch.fits(name, pattern) || name.hasPrefix(pattern.hasSuffix("/") ? pattern : pattern + "/")
      }
    }
    guard selected.isEmpty || selected.contains(where: fits), !skipped.contains(where: fits) else { return false }
    guard let shard else { return true }
    // The steps of a scenario need each other, so they stay together.
    let unit = suite == "replay" ? id.split(separator: "/").dropLast().joined(separator: "/") : id
    // FNV-1a: the same part on every machine and for every version.
    let hash = "\(suite)/\(unit)".utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return (hash >> 16) % shard.count == shard.index - 1
  }

  // MARK: Judgement

  /// The report as the expectations make it.
  ///
  /// - Parameters:
  ///   - all: every case there is; those of the report unless given.
  ///   - isPartial: whether fewer cases were asked for by other means.
  func applied(
    to report: Report, all: [(suite: String, id: String)]? = nil, isPartial: Bool = false
  ) throws -> Report {
    var report = report
    let ids = all?.map(\.id) ?? report.suites.flatMap { $0.cases.map(\.id) }
    report.suites = report.suites.map(wanted)
    if let all {
      let counts = Dictionary(grouping: all, by: \.suite).mapValues(\.count)
      for index in report.suites.indices {
        report.suites[index].discovered = counts[report.suites[index].name] ?? report.suites[index].discovered
      }
    }
    guard !self.isPartial || report.suites.contains(where: { !$0.cases.isEmpty }) else {
      let near = selected.first.flatMap { nearestName(to: $0, among: ids) }
      throw CommandError(
        .usage, "no case is left to run", hint: near.map { "Did you mean \($0)?" } ?? "cispec list shows them all.")
    }
    let cases = report.suites.flatMap(\.cases)
    let unreached = Set(cases.filter { RunEnd(of: $0.verdict) != nil }.map(\.id))
    let isInterrupted = report.isInterrupted
    for list in lists {
      report.suites = list.applied(to: report.suites, allIDs: ids, unreached: unreached, today: today)
    }
    if let shard { report.shard = "\(shard.index)/\(shard.count)" }
    let mayBeIncomplete = allowsIncomplete && !unreached.isEmpty && unreached.count < cases.count
    if let manifest {
      report.suites += manifest.shortfalls(
        of: report, isPartial: isPartial || self.isPartial || mayBeIncomplete || isInterrupted)
    }
    if isInterrupted {
      report.suites.append(Self.interruption(unreached: unreached.count, of: cases.count))
    } else if let budgetSeconds, !mayBeIncomplete {
      report.suites += overrun(of: report.seconds, budgetSeconds, unreached: unreached.count, of: cases.count)
    }
    if seed != nil { report.dropTimes() }
    return report
  }

  private func wanted(_ suite: SuiteResult) -> SuiteResult {
    guard isPartial else { return suite }
    var part = suite
    part.cases = suite.cases.filter { fit($0.id, suite: suite.name, requirements: $0.requirements) }
    // Cases that were lost on the way stay lost.
    part.selected = part.cases.count + suite.selected - suite.cases.count
    return part
  }

  private static func interruption(unreached: Int, of count: Int) -> SuiteResult {
    let finding = Finding(
      id: "run.interrupted", severity: .error,
      message: "\(unreached) of \(count) cases were not reached before the run was interrupted.")
    return SuiteResult(
      name: "interrupt", discovered: 1, cases: [CaseResult(id: "run", verdict: .failed, findings: [finding])])
  }

  private func overrun(of seconds: Double, _ budgetSeconds: Int, unreached: Int, of count: Int) -> [SuiteResult] {
    guard unreached > 0 || seconds > Double(budgetSeconds) else { return [] }
    let finding = Finding(
      id: "time-budget.exceeded", severity: .error,
      message: unreached > 0
        ? "\(unreached) of \(count) cases were not reached in \(budgetSeconds) s."
        : "The run took \(Int(seconds.rounded(.up))) s; it may take \(budgetSeconds) s.",
      hint: "Give it more time, or divide it: --shard I/N on several machines, then cispec merge.")
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
