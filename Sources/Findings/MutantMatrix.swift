/// Which wrong implementations the kit catches, by which cases, and whether a finding names what is wrong.
public struct MutantMatrix: Sendable, Equatable {
  /// A case that failed, and its findings that are about the mistake: a requirement, or a kind and where.
  public struct Killer: Sendable, Equatable {
    public var caseID: String
    public var names: [String]

    public init(caseID: String, names: [String]) {
      self.caseID = caseID
      self.names = names
    }
  }

  public enum Outcome: String, Sendable {
    /// A case failed with a finding about the mistake.
    case named
    /// Cases failed, and no finding is about the mistake.
    case unnamed
    /// No case failed.
    case survived
  }

  /// An implementation with one mistake.
  public struct Mutant: Sendable, Equatable {
    public var id: String
    public var family: String
    /// One clause after "the server" and the like.
    public var does: String
    /// What a finding about it looks like.
    public var expects: [String]
    /// The cases that named it: the first, unless all were asked for.
    public var killers: [Killer]
    /// Cases that failed without naming it, as far as they were run.
    public var others: [String]

    public init(
      id: String, family: String, does: String, expects: [String] = [], killers: [Killer] = [], others: [String] = []
    ) {
      self.id = id
      self.family = family
      self.does = does
      self.expects = expects
      self.killers = killers
      self.others = others
    }

    public var outcome: Outcome { killers.isEmpty ? others.isEmpty ? .survived : .unnamed : .named }
  }

  /// The implementation without a mistake, judged by the same cases.
  public struct Faithful: Sendable, Equatable {
    public var runs: Int
    public var cases: Int
    /// One line each; any makes the kills worthless.
    public var findings: [String]

    public init(runs: Int, cases: Int, findings: [String]) {
      self.runs = runs
      self.cases = cases
      self.findings = findings
    }
  }

  /// The wrong implementations of one kind.
  public struct Suite: Sendable, Equatable {
    /// Such as `servers`.
    public var name: String
    public var mutants: [Mutant]
    /// Variants that are right: one that is found is an error of the kit.
    public var harmless: [Mutant]
    /// Nil where the mutants are judged beside the right one, case by case.
    public var faithful: Faithful?
    /// Why it was left out; nil when it was run.
    public var skipped: String?

    public init(
      name: String, mutants: [Mutant], harmless: [Mutant] = [], faithful: Faithful? = nil, skipped: String? = nil
    ) {
      self.name = name
      self.mutants = mutants
      self.harmless = harmless
      self.faithful = faithful
      self.skipped = skipped
    }

    public var families: [String] {
      mutants.reduce(into: []) { names, mutant in
        if !names.contains(mutant.family) { names.append(mutant.family) }
      }
    }

    public func count(_ outcome: Outcome, in family: String? = nil) -> Int {
      mutants.count { $0.outcome == outcome && (family ?? $0.family) == $0.family }
    }
  }

  public var suites: [Suite]
  public var seconds: Double

  public init(suites: [Suite], seconds: Double) {
    self.suites = suites
    self.seconds = seconds
  }

  /// What is wrong with the kit, one sentence each; empty when every mistake is named and nothing right is blamed.
  public var shortfalls: [String] {
    suites.flatMap { suite -> [String] in
      let blamed = (suite.faithful?.findings ?? []).map { "\(suite.name), the faithful one: \($0)" }
      let harmless = suite.harmless.filter { $0.outcome != .survived }.map {
        "\($0.id) is right, and \(($0.killers.map(\.caseID) + $0.others).prefix(3).joined(separator: ", ")) blames it"
      }
      let missed = suite.mutants.filter { $0.outcome != .named }.map { mutant in
        mutant.outcome == .survived
          ? "\(mutant.id) survives: no case notices that it \(mutant.does)"
          : "\(mutant.id) is killed, not named: \(mutant.others.prefix(3).joined(separator: ", ")) failed over something else"
      }
      return blamed + harmless + missed
    }
  }

  /// Such as `182 of 182 wrong servers`.
  public var scores: [String] {
    suites.filter { !$0.mutants.isEmpty }.map { "\($0.count(.named)) of \($0.mutants.count) wrong \($0.name)" }
  }
}
