internal import Findings
internal import XMLValidation

/// The rules of a kind of document, evaluated by an engine that is not the validator's.
struct StatedRules {
  private struct Group {
    var context: Int
    var statements: [(id: String, severity: Severity, test: PathExpression)]
  }

  /// Each context once: rules share them.
  private var contexts: [(expression: PathExpression, names: Set<String>?)] = []
  private var patterns: [[Group]] = []

  init(of definition: DocumentDefinition, library: ValidationLibrary) throws {
    var places: [String: Int] = [:]
    for pattern in try library.patterns(of: definition) {
      var groups: [Group] = []
      for group in pattern {
        let place = places[group.context] ?? contexts.count
        if place == contexts.count {
          let expression = try PathExpression(group.context)
          contexts.append((expression, expression.selectedNames))
          places[group.context] = place
        }
        groups.append(
          Group(
            context: place,
            statements: try group.statements.map { ($0.id, $0.level.severity, try PathExpression($0.test)) }))
      }
      patterns.append(groups)
    }
  }

  /// The findings of the rules that do not hold, errors and warnings.
  func broken(by tree: ElementTree) -> [ExpectedFinding] {
    let document = PathExpression.Node.document(tree)
    let names = document.names
    let selected = contexts.map { context in
      context.names?.isDisjoint(with: names) == true ? [] : context.expression.nodes(in: document)
    }
    var found: [ExpectedFinding] = []
    for pattern in patterns {
      var judged: Set<Int> = []
      for group in pattern {
        for node in selected[group.context] where judged.insert(node.order).inserted {
          for statement in group.statements
          where statement.severity >= .warning && !statement.test.value(at: node).boolean {
            found.append(ExpectedFinding("rule.violated", statement.id, statement.severity))
          }
        }
      }
    }
    return found
  }
}
