/// One testable statement of the documentation.
public struct Requirement: Sendable, Equatable {
  public enum Level: String, Sendable, Comparable, CaseIterable {
    /// Stated by the documentation as a condition.
    case must
    /// Stated or implied by the documentation, and contradicted by some of its own samples.
    case should
    /// Seen in captures or in the code of the SDKs, stated nowhere.
    case observed

    public var severity: Severity {
      switch self {
      case .must: .error
      case .should: .warning
      case .observed: .note
      }
    }

    public static func < (one: Level, other: Level) -> Bool { one.severity < other.severity }
  }

  public var id: String
  /// The statement in our own words.
  public var statement: String
  public var level: Level
  public var hint: String?
  /// Document number and title, and the section in it.
  public var source: String
  public var editions: [String]
  public var operations: [String]
  public var errata: [String]
  /// What sort of statement it is: node, value, rule, header, query, path, status, behaviour.
  public var kind: String
  /// How it is proved when no document can break it: header, query, path, scenario, signing, behaviour, documentation.
  public var proof: String?
  /// Why the documentation alone stands for it.
  public var why: String?

  public init(
    id: String, statement: String, level: Level, hint: String? = nil, source: String, editions: [String] = [],
    operations: [String] = [], errata: [String] = [], kind: String = "rule", proof: String? = nil, why: String? = nil
  ) {
    self.kind = kind
    self.proof = proof
    self.why = why
    self.id = id
    self.statement = statement
    self.level = level
    self.hint = hint
    self.source = source
    self.editions = editions
    self.operations = operations
    self.errata = errata
  }
}
