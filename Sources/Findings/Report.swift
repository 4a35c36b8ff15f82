/// How one case ended.
public enum Verdict: Sendable, Equatable {
  case passed
  /// At least one finding is an error, or the case says what is wrong in its message.
  case failed
  /// Not run, for a reason that the report counts.
  case skipped(reason: String)
  /// The kit or the target could not get as far as a verdict.
  case broken(reason: String)

  public var word: String {
    switch self {
    case .passed: "passed"
    case .failed: "failed"
    case .skipped: "skipped"
    case .broken: "error"
    }
  }
}

/// The outcome of one vector, scenario step, document or schema.
public struct CaseResult: Sendable, Equatable {
  /// A stable path, unique in its suite.
  public var id: String
  public var verdict: Verdict
  public var requirements: [String]
  public var findings: [Finding]
  /// What a person reads first when the case failed; may hold several lines.
  public var detail: String
  public var seconds: Double
  /// Where the case is written, or the document that it judges.
  public var place: Place?
  /// Whether it failed as a list of known failures says; it then counts as skipped and keeps its findings.
  public var isKnownFailure: Bool

  public init(
    id: String, verdict: Verdict, requirements: [String] = [], findings: [Finding] = [], detail: String = "",
    seconds: Double = 0, place: Place? = nil, isKnownFailure: Bool = false
  ) {
    self.id = id
    self.verdict = verdict
    self.requirements = requirements
    self.findings = findings
    self.detail = detail
    self.seconds = seconds
    self.place = place
    self.isKnownFailure = isKnownFailure
  }
}

/// The cases of one kind.
public struct SuiteResult: Sendable, Equatable {
  public var name: String
  /// How many cases the data holds, before selection.
  public var discovered: Int
  /// How many of them were asked for. More than there are results of is a shrunken suite.
  public var selected: Int
  public var cases: [CaseResult]
  public var seconds: Double

  /// - Parameters:
  ///   - name: of the suite.
  ///   - discovered: how many cases the data holds.
  ///   - selected: all that were discovered unless given.
  ///   - cases: the results, in the order of the data.
  ///   - seconds: how long it took.
  public init(name: String, discovered: Int, selected: Int? = nil, cases: [CaseResult], seconds: Double = 0) {
    self.name = name
    self.discovered = discovered
    self.selected = selected ?? discovered
    self.cases = cases
    self.seconds = seconds
  }

  public func count(where matches: (Verdict) -> Bool) -> Int { cases.count { matches($0.verdict) } }
  public var passed: Int { count { $0 == .passed } }
  public var failed: Int { count { $0 == .failed } }
  public var skipped: Int { count { if case .skipped = $0 { true } else { false } } }
  public var broken: Int { count { if case .broken = $0 { true } else { false } } }
  /// Cases that were carried out, those included that failed as is known.
  public var executed: Int { cases.count - skipped + cases.count(where: \.isKnownFailure) }
  /// A suite that lost cases on the way is not a success.
  public var isShrunken: Bool { cases.count < selected }
  public var isAsExpected: Bool { failed == 0 && broken == 0 && !isShrunken }
}

/// Everything one run of the kit found.
public struct Report: Sendable, Equatable {
  public var kitVersion: String
  public var dataDigest: String
  public var target: String
  public var suites: [SuiteResult]
  public var seconds: Double
  /// Which part of a divided run this is, such as `1/3`.
  public var shard: String?
  /// The requirements that findings name, for reports that show them.
  public var requirements: [Requirement] = []
  /// What kinds of finding mean, by their ID.
  public var meanings: [String: String] = [:]

  public init(kitVersion: String, dataDigest: String, target: String, suites: [SuiteResult], seconds: Double) {
    self.kitVersion = kitVersion
    self.dataDigest = dataDigest
    self.target = target
    self.suites = suites
    self.seconds = seconds
  }

  public var isAsExpected: Bool { suites.allSatisfy(\.isAsExpected) }

  /// Whether cases were not reached since the run was interrupted.
  public var isInterrupted: Bool {
    suites.contains { $0.cases.contains { RunEnd(of: $0.verdict) == .interrupted } }
  }

  /// Whether there were cases and none was carried out. A part of a divided run may be so by chance.
  public var hasJudgedNothing: Bool {
    shard == nil && suites.contains { !$0.cases.isEmpty } && suites.allSatisfy { $0.executed == 0 }
  }
}
