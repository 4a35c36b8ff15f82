/// Which cases a run carries out: those that are wanted, as long as there is time.
public struct CaseGate: Sendable {
  private let wanted: @Sendable (_ id: String, _ suite: String) -> Bool
  private let isOver: @Sendable () -> Bool

  /// - Parameters:
  ///   - isWanted: whether a case of a suite is to be carried out; all unless given.
  ///   - isOver: whether there is no time for another; never unless given.
  public init(
    isWanted: @escaping @Sendable (_ id: String, _ suite: String) -> Bool = { _, _ in true },
    isOver: @escaping @Sendable () -> Bool = { false }
  ) {
    wanted = isWanted
    self.isOver = isOver
  }

  public func isWanted(_ id: String, suite: String) -> Bool { wanted(id, suite) }

  /// Why no further case is begun; nil as long as they may be.
  public var exhaustion: OutOfTime? { isOver() ? OutOfTime() : nil }

  /// The wanted cases of a suite, those that there was no time for skipped.
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
      try exhaustion.map { CaseResult(id: id(one), verdict: $0.verdict) } ?? judge(one)
    }
    return SuiteResult(name: name, discovered: cases.count, selected: wanted.count, cases: results)
  }
}

/// There is no time for a case, or was none to end it.
public struct OutOfTime: Error, Sendable, Equatable, CustomStringConvertible {
  public init() {}

  public var description: String { "the time budget was used up" }
  public var verdict: Verdict { .skipped(reason: description) }
}
