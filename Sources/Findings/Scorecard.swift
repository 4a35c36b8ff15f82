/// What a server does right, operation by operation.
public struct Scorecard: Sendable, Equatable {
  /// What a case looks at.
  public enum Aspect: String, Sendable, Decodable, CaseIterable {
    /// Which requests are taken and which refused, and how.
    case request
    case signature
    /// The form and content of answers.
    case answer
    /// What becomes of jobs, queues and templates.
    case states
  }

  /// A case with what the card needs to know of it.
  public struct Entry: Sendable, Equatable {
    public var result: CaseResult
    public var operation: String
    public var aspect: Aspect
    public var level: Requirement.Level

    public init(result: CaseResult, operation: String, aspect: Aspect, level: Requirement.Level) {
      self.result = result
      self.operation = operation
      self.aspect = aspect
      self.level = level
    }

    /// Whether a finding is about the form of the answer, whatever the case looks at.
    private static func isAboutForm(_ finding: Finding) -> Bool {
      ["replay.header-missing", "replay.header-changed"].contains(finding.id)
        || ["xml.", "schema.", "rule.", "document.", "http."].contains { finding.id.hasPrefix($0) }
    }

    /// Whether what the case itself looks at is as it must be; nil when it came to no verdict.
    var isMet: Bool? {
      switch result.verdict {
      case .passed: !result.findings.contains { $0.severity >= level.severity && !Self.isAboutForm($0) }
      case .failed: aspect != .answer && result.findings.allSatisfy { Self.isAboutForm($0) || $0.severity < .error }
      case .skipped, .broken: nil
      }
    }

    /// Whether the answers of the case have the documented form; nil when it came to no verdict.
    var hasForm: Bool? {
      isMet == nil ? nil : !result.findings.contains { $0.severity == .error && Self.isAboutForm($0) }
    }
  }

  public struct Tally: Sendable, Equatable {
    public var met = 0
    public var missed = 0
    /// Not sent, or without a verdict.
    public var open = 0

    public init() {}

    public var asked: Int { met + missed }

    mutating func add(_ isMet: Bool?) {
      switch isMet {
      case true?: met += 1
      case false?: missed += 1
      case nil: open += 1
      }
    }
  }

  public struct Row: Sendable, Equatable {
    public var operation: String
    public var tallies: [Aspect: Tally]
  }

  /// In the order of the operations given.
  public var rows: [Row]
  public var levels: [Requirement.Level: Tally]

  /// - Parameters:
  ///   - entries: the cases with what they look at.
  ///   - operations: their order; those without a case have no row.
  public init(_ entries: [Entry], operations: [String]) {
    var byOperation: [String: [Aspect: Tally]] = [:]
    levels = [:]
    for entry in entries {
      byOperation[entry.operation, default: [:]][entry.aspect, default: Tally()].add(entry.isMet)
      if entry.aspect != .answer, let hasForm = entry.hasForm {
        byOperation[entry.operation, default: [:]][.answer, default: Tally()].add(hasForm)
      }
      levels[entry.level, default: Tally()].add(entry.isMet)
    }
    rows = operations.compactMap { id in byOperation[id].map { Row(operation: id, tallies: $0) } }
  }

  public var total: Tally {
    levels.values.reduce(into: Tally()) { total, tally in
      total.met += tally.met
      total.missed += tally.missed
      total.open += tally.open
    }
  }
}
