/// Which mistakes a set of cases finds, and what each case is good for.
public struct MutantReport: Sendable, Equatable {
  /// A mistake that was made on purpose.
  public struct Mutant: Sendable, Equatable {
    public var id: String
    public var stage: String
    /// One clause after "the signer" or "the verifier".
    public var does: String
    /// The cases that find it, in their order.
    public var killers: [String]
    /// What the diagnosis says from its answers to all cases: its own ID alone when it is named rightly.
    public var named: [String]
    /// The first case whose answer no other mistake gives; nil when only several cases together tell it apart.
    public var tellingCase: String?

    public init(
      id: String, stage: String, does: String, killers: [String], named: [String], tellingCase: String? = nil
    ) {
      self.id = id
      self.stage = stage
      self.does = does
      self.killers = killers
      self.named = named
      self.tellingCase = tellingCase
    }

    public var isNamed: Bool { named == [id] }
  }

  public struct Case: Sendable, Equatable {
    public var id: String
    /// The mistakes it finds, in the order of the catalogue.
    public var kills: [String]
    /// Why it is kept though it finds none.
    public var kept: String?

    public init(id: String, kills: [String], kept: String?) {
      self.id = id
      self.kills = kills
      self.kept = kept
    }
  }

  public var signers: [Mutant]
  public var verifiers: [Mutant]
  public var cases: [Case]

  public init(signers: [Mutant], verifiers: [Mutant], cases: [Case]) {
    self.signers = signers
    self.verifiers = verifiers
    self.cases = cases
  }

  /// What is wrong with the cases, one sentence each; empty when every mistake is found and named and every case is of
  /// use.
  public var shortfalls: [String] {
    let mutants = signers.map { ("signer", $0) } + verifiers.map { ("verifier", $0) }
    return mutants.filter { $0.1.killers.isEmpty }.map { "no vector kills the \($0.0) \($0.1.id)" }
      + mutants.filter { !$0.1.killers.isEmpty && !$0.1.isNamed }.map { kind, mutant in
        "the \(kind) \(mutant.id) is named \(mutant.named.isEmpty ? "nothing" : mutant.named.joined(separator: " or "))"
      }
      + cases.filter { $0.kills.isEmpty && $0.kept == nil }.map { "\($0.id) kills nothing and says not why it is kept" }
  }
}
