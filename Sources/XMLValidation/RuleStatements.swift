public import Findings

/// An assertion of the rule files as data, for an engine that is not the validator's.
public struct RuleStatement: Sendable, Equatable {
  /// The requirement's ID.
  public var id: String
  public var level: Requirement.Level
  /// An XPath 1.0 expression that is true of a document that keeps the rule.
  public var test: String
}

/// Within one pattern a node is judged by the first group whose context selects it.
public struct RuleGroup: Sendable, Equatable {
  /// An XPath 1.0 expression that selects the nodes.
  public var context: String
  public var statements: [RuleStatement]
}

extension ValidationLibrary {
  /// The rules of a definition, pattern by pattern.
  public func patterns(of definition: DocumentDefinition) throws -> [[RuleGroup]] {
    try rules(definition).flatMap(\.patterns).map { pattern in
      pattern.rules.map { rule in
        RuleGroup(
          context: rule.context,
          statements: rule.assertions.map { RuleStatement(id: $0.id, level: $0.level, test: $0.test) })
      }
    }
  }
}
