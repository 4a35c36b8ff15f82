internal import XMLValidation

/// An XPath 1.0 expression over plain values: the second engine that expectations of rules come from. It has the part
/// of the language that rules use; anything else is refused, never guessed.
struct PathExpression: Sendable {
  /// An element, or the document when it has no parent and no name.
  final class Node {
    let name: String
    let parent: Node?
    let order: Int
    private(set) var children: [Node] = []
    let stringValue: String

    /// The document around a root element.
    static func document(_ tree: ElementTree) -> Node {
      var order = 0
      return Node(tree: nil, children: [tree], parent: nil, order: &order)
    }

    private init(tree: ElementTree?, children: [ElementTree], parent: Node?, order: inout Int) {
      // A name in a namespace is none that an expression without prefixes means.
      name = tree.map { $0.namespace == nil ? $0.name : "{\($0.namespace ?? "")}\($0.name)" } ?? ""
      self.parent = parent
      self.order = order
      stringValue = tree?.stringValue ?? children.map(\.stringValue).joined()
      order += 1
      for child in children {
        self.children.append(Node(tree: child, children: child.children, parent: self, order: &order))
      }
    }

    /// The names of the elements here and below.
    var names: Set<String> { children.reduce(into: [name]) { $0.formUnion($1.names) } }
    var descendants: [Node] { children.flatMap { [$0] + $0.descendants } }
    var ancestors: [Node] { parent.map { [$0] + $0.ancestors } ?? [] }
  }

  enum Value {
    case nodes([Node])
    case number(Double)
    case string(String)
    case boolean(Bool)

    var boolean: Bool {
      switch self {
      case .nodes(let nodes): !nodes.isEmpty
      case .number(let number): number != 0 && !number.isNaN
      case .string(let string): !string.isEmpty
      case .boolean(let boolean): boolean
      }
    }

    var string: String {
      switch self {
      case .nodes(let nodes): nodes.first?.stringValue ?? ""
      case .number(let number):
        number.isNaN ? "NaN" : number == number.rounded() ? String(Int64(number)) : String(number)
      case .string(let string): string
      case .boolean(let boolean): boolean ? "true" : "false"
      }
    }

    var number: Double {
      switch self {
      case .number(let number): number
      case .boolean(let boolean): boolean ? 1 : 0
      case .string(let string): PathExpression.number(string)
      case .nodes: PathExpression.number(string)
      }
    }
  }

  struct Context {
    var node: Node
    var position = 1
    var size = 1
  }

  private let term: XPathTerm

  init(_ text: String) throws {
    var parser = XPathParser(text)
    term = try parser.expression()
  }

  /// The names of which a selected node has one; nil when that is not plain to see.
  var selectedNames: Set<String>? { Self.selectedNames(of: term) }

  private static func selectedNames(of term: XPathTerm) -> Set<String>? {
    switch term {
    case .binary("|", let one, let other):
      guard let one = selectedNames(of: one), let other = selectedNames(of: other) else { return nil }
      return one.union(other)
    case .path(_, _, let steps):
      guard let last = steps.last, last.test != "*", last.test != "node()" else { return nil }
      return [last.test]
    default: return nil
    }
  }

  func value(at node: Node) -> Value { Self.value(term, Context(node: node)) }

  func nodes(in document: Node) -> [Node] {
    guard case .nodes(let nodes) = value(at: document) else { return [] }
    return nodes
  }

  // MARK: Evaluation

  private static func value(_ term: XPathTerm, _ context: Context) -> Value {
    switch term {
    case .literal(let string): return .string(string)
    case .number(let number): return .number(number)
    case .negative(let inner): return .number(-value(inner, context).number)
    case .call(let name, let arguments): return call(name, arguments, context)
    case .binary(let name, let left, let right): return binary(name, left, right, context)
    case .filter(let inner, let predicates):
      guard case .nodes(let nodes) = value(inner, context) else { return .nodes([]) }
      return .nodes(predicates.reduce(nodes) { filtered($0, by: $1) })
    case .path(let start, let isAbsolute, let steps):
      var nodes: [Node]
      if let start {
        guard case .nodes(let found) = value(start, context) else { return .nodes([]) }
        nodes = found
      } else {
        nodes = [isAbsolute ? context.node.ancestors.last ?? context.node : context.node]
      }
      for step in steps { nodes = taking(step, from: nodes) }
      return .nodes(nodes)
    }
  }

  private static func taking(_ step: XPathStep, from nodes: [Node]) -> [Node] {
    if nodes.count == 1 { return inOrder(taking(step, from: nodes[0])) }
    return inOrder(nodes.flatMap { taking(step, from: $0) })
  }

  private static func taking(_ step: XPathStep, from node: Node) -> [Node] {
    let candidates: [Node]
    switch step.axis {
    case "child": candidates = node.children
    case "parent": candidates = node.parent.map { [$0] } ?? []
    case "self": candidates = [node]
    case "descendant": candidates = node.descendants
    case "descendant-or-self": candidates = [node] + node.descendants
    case "ancestor": candidates = node.ancestors
    case "ancestor-or-self": candidates = [node] + node.ancestors
    case "preceding-sibling": candidates = (node.parent?.children ?? []).filter { $0.order < node.order }.reversed()
    default: candidates = (node.parent?.children ?? []).filter { $0.order > node.order }
    }
    let found = candidates.filter { candidate in
      switch step.test {
      case "node()": true
      case "*": candidate.parent != nil
      default: candidate.name == step.test
      }
    }
    return step.predicates.reduce(found) { filtered($0, by: $1) }
  }

  private static func filtered(_ nodes: [Node], by predicate: XPathTerm) -> [Node] {
    nodes.indices.filter { index in
      let result = value(predicate, Context(node: nodes[index], position: index + 1, size: nodes.count))
      if case .number(let number) = result { return number == Double(index + 1) }
      return result.boolean
    }.map { nodes[$0] }
  }

  private static func inOrder(_ nodes: [Node]) -> [Node] {
    guard nodes.count > 1 else { return nodes }
    var found: [Node] = []
    for node in nodes.sorted(by: { $0.order < $1.order }) where found.last !== node { found.append(node) }
    return found
  }

  private static func binary(_ name: String, _ left: XPathTerm, _ right: XPathTerm, _ context: Context) -> Value {
    switch name {
    case "or": return .boolean(value(left, context).boolean || value(right, context).boolean)
    case "and": return .boolean(value(left, context).boolean && value(right, context).boolean)
    case "|":
      guard case .nodes(let one) = value(left, context), case .nodes(let other) = value(right, context) else {
        return .nodes([])
      }
      return .nodes(inOrder(one + other))
    case "=", "!=", "<", "<=", ">", ">=":
      return .boolean(compare(name, value(left, context), value(right, context)))
    default:
      let one = value(left, context).number
      let other = value(right, context).number
      switch name {
      case "+": return .number(one + other)
      case "-": return .number(one - other)
      case "*": return .number(one * other)
      case "div": return .number(one / other)
      default: return .number(one.truncatingRemainder(dividingBy: other))
      }
    }
  }

  /// A comparison with a set of nodes holds when it holds for one of them.
  private static func compare(_ name: String, _ left: Value, _ right: Value) -> Bool {
    switch (left, right) {
    case (.boolean, _), (_, .boolean):
      if name == "=" || name == "!=" { return (left.boolean == right.boolean) == (name == "=") }
      return compareNumbers(name, left.boolean ? 1 : 0, right.boolean ? 1 : 0)
    case (.nodes(let nodes), _): return nodes.contains { compare(name, value(of: $0, beside: right), right) }
    case (_, .nodes(let nodes)): return nodes.contains { compare(name, left, value(of: $0, beside: left)) }
    case (.string(let one), .string(let other)) where name == "=" || name == "!=":
      return (one == other) == (name == "=")
    default: return compareNumbers(name, left.number, right.number)
    }
  }

  private static func value(of node: Node, beside other: Value) -> Value {
    if case .number = other { return .number(number(node.stringValue)) }
    return .string(node.stringValue)
  }

  private static func compareNumbers(_ name: String, _ left: Double, _ right: Double) -> Bool {
    switch name {
    case "=": left == right
    case "!=": left != right
    case "<": left < right
    case "<=": left <= right
    case ">": left > right
    default: left >= right
    }
  }

  private static func call(_ name: String, _ arguments: [XPathTerm], _ context: Context) -> Value {
    func argument(_ index: Int) -> Value {
      index < arguments.count ? value(arguments[index], context) : .nodes([context.node])
    }
    func nodes(_ index: Int) -> [Node] { if case .nodes(let nodes) = argument(index) { nodes } else { [] } }
    func string(_ index: Int) -> String { argument(index).string }
    switch name {
    case "last": return .number(Double(context.size))
    case "position": return .number(Double(context.position))
    case "count": return .number(Double(nodes(0).count))
    case "name", "local-name": return .string(nodes(0).first?.name ?? "")
    case "string": return .string(string(0))
    case "concat": return .string(arguments.indices.map(string).joined())
    case "starts-with": return .boolean(string(1).isEmpty || string(0).hasPrefix(string(1)))
    case "contains": return .boolean(string(1).isEmpty || string(0).contains(string(1)))
    case "substring-before":
      let text = string(0)
      return .string(text.firstRange(of: string(1)).map { String(text[..<$0.lowerBound]) } ?? "")
    case "substring-after":
      let text = string(0)
      return .string(text.firstRange(of: string(1)).map { String(text[$0.upperBound...]) } ?? "")
    case "substring":
      let first = argument(1).number.rounded()
      let end = arguments.count > 2 ? first + argument(2).number.rounded() : .infinity
      let kept = string(0).unicodeScalars.enumerated().filter {
        Double($0.offset + 1) >= first && Double($0.offset + 1) < end
      }
      return .string(String(String.UnicodeScalarView(kept.map(\.element))))
    case "string-length": return .number(Double(string(0).unicodeScalars.count))
    case "normalize-space":
      return .string(
        string(0).unicodeScalars.split { " \t\r\n".unicodeScalars.contains($0) }.map { String($0) }.joined(
          separator: " "))
    case "translate":
      let from = Array(string(1).unicodeScalars)
      let target = Array(string(2).unicodeScalars)
      let kept = string(0).unicodeScalars.compactMap { scalar -> Unicode.Scalar? in
        guard let index = from.firstIndex(of: scalar) else { return scalar }
        return index < target.count ? target[index] : nil
      }
      return .string(String(String.UnicodeScalarView(kept)))
    case "boolean": return .boolean(argument(0).boolean)
    case "not": return .boolean(!argument(0).boolean)
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "number": return .number(argument(0).number)
    case "sum": return .number(nodes(0).reduce(0) { $0 + number($1.stringValue) })
    case "floor": return .number(argument(0).number.rounded(.down))
    case "ceiling": return .number(argument(0).number.rounded(.up))
    default: return .number((argument(0).number + 0.5).rounded(.down))
    }
  }

  /// A number as XPath 1.0 reads it; not a number for anything else. An exponent is none of XPath 1.0, but libxml2, and
  /// with it every engine built on it, reads one, so it is read here too.
  static func number(_ text: String) -> Double {
    let blanks = " \t\r\n".unicodeScalars
    let scalars = Array(text.unicodeScalars.drop { blanks.contains($0) })
    let body = scalars[..<((scalars.lastIndex { !blanks.contains($0) } ?? -1) + 1)]
    let digits = body.first == "-" ? body.dropFirst() : body
    let parts = digits.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
    guard let mantissa = parts.first, mantissa.contains(where: isDigit), mantissa.count(where: { $0 == "." }) <= 1,
      mantissa.allSatisfy({ isDigit($0) || $0 == "." }), parts.dropFirst().allSatisfy({ $0.allSatisfy(isDigit) })
    else { return .nan }
    // Swift asks for a digit on either side of the point.
    var padded = "0" + String(String.UnicodeScalarView(mantissa)) + (mantissa.last == "." ? "0" : "")
    if parts.count > 1, !parts[1].isEmpty { padded += "e" + String(String.UnicodeScalarView(parts[1])) }
    return (body.first == "-" ? -1 : 1) * (Double(padded) ?? .nan)
  }
}
