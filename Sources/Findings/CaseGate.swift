/// Which cases a run carries out: those that are wanted, until the run is to end.
public struct CaseGate: Sendable {
  private let wanted: @Sendable (_ id: String, _ suite: String) -> Bool
  private let ending: @Sendable () -> RunEnd?

  /// - Parameters:
  ///   - isWanted: whether a case of a suite is to be carried out; all unless given.
  ///   - ending: why no further case is to be begun; nil, as it always is unless given, as long as they may be.
  public init(
    isWanted: @escaping @Sendable (_ id: String, _ suite: String) -> Bool = { _, _ in true },
    ending: @escaping @Sendable () -> RunEnd? = { nil }
  ) {
    wanted = isWanted
    self.ending = ending
  }

  public func isWanted(_ id: String, suite: String) -> Bool { wanted(id, suite) }

  /// Why no further case is begun; nil as long as they may be.
  public var end: RunEnd? { ending() }

  /// The wanted cases of a suite, those that were not reached skipped.
  ///
  /// - Parameters:
  ///   - name: of the suite.
  ///   - cases: all that the data holds.
  ///   - id: the ID of a case.
  ///   - judge: carries one case out.
  public func suite<Case>(
    _ name: String, of cases: [Case], id: (Case) -> String, judge: (Case) throws -> CaseResult
  ) rethrows -> SuiteResult {
    let wanted = cases.filter { isWanted(id($0), suite: name) }
    let results = try wanted.map { one in
      try end.map { CaseResult(id: id(one), verdict: $0.verdict) } ?? judge(one)
    }
    return SuiteResult(name: name, discovered: cases.count, selected: wanted.count, cases: results)
  }
}

/// Why a run begins no further case, or could not end one.
public enum RunEnd: Error, Sendable, CaseIterable, CustomStringConvertible {
  case outOfTime, interrupted

  /// What left a case without a verdict; nil when nothing of this kind did.
  public init?(of verdict: Verdict) {
    guard let end = Self.allCases.first(where: { $0.verdict == verdict }) else { return nil }
    self = end
  }

  public var description: String {
    switch self {
    case .outOfTime: "the time budget was used up"
    case .interrupted: "the run was interrupted"
    }
  }

  public var verdict: Verdict { .skipped(reason: description) }
}
