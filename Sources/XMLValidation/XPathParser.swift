/// An expression of XPath 1.0, in the part of the language that rules use.
package indirect enum XPathTerm: Sendable {
  case literal(String)
  case number(Double)
  case call(String, [XPathTerm])
  case binary(String, XPathTerm, XPathTerm)
  case negative(XPathTerm)
  case path(XPathTerm?, isAbsolute: Bool, [XPathStep])
  case filter(XPathTerm, [XPathTerm])
}

package struct XPathStep: Sendable {
  package var axis: String
  /// A name, `*`, or `node()`.
  package var test: String
  package var predicates: [XPathTerm]
}

/// An expression outside the part of XPath 1.0 that is understood.
package struct XPathError: Error, CustomStringConvertible {
  package var description: String
}

/// Reads an XPath 1.0 expression by recursive descent.
package struct XPathParser {
  private static let functions: Set<String> = [
    "last", "position", "count", "name", "local-name", "string", "concat", "starts-with", "contains",
    "substring-before", "substring-after", "substring", "string-length", "normalize-space", "translate", "boolean",
    "not", "true", "false", "number", "sum", "floor", "ceiling", "round",
  ]

  private var tokens: ArraySlice<String>
  private let text: String

  package init(_ text: String) {
    self.text = text
    tokens = Self.tokens(of: text)[...]
  }

  package mutating func expression() throws -> XPathTerm {
    let term = try alternatives(0)
    guard tokens.isEmpty else { throw error("'\(tokens.first ?? "")' is not expected") }
    return term
  }

  private func error(_ reason: String) -> XPathError { XPathError(description: "\(reason) in '\(text)'") }

  // MARK: Tokens

  static func tokens(of text: String) -> [String] {
    var tokens: [String] = []
    var rest = text[...]
    func isName(_ character: Character) -> Bool {
      character.isLetter || character.isNumber || character == "_" || character == "-" || character == "."
    }
    while let first = rest.first {
      if first.isWhitespace {
        rest = rest.dropFirst()
      } else if first == "'" || first == "\"" {
        let body = rest.dropFirst().prefix { $0 != first }
        tokens.append("'" + body)
        rest = rest[body.endIndex...].dropFirst()
      } else if first.isNumber {
        let digits = rest.prefix { $0.isNumber || $0 == "." }
        tokens.append(String(digits))
        rest = rest[digits.endIndex...]
      } else if first.isLetter || first == "_" {
        let name = rest.prefix(while: isName)
        tokens.append(String(name))
        rest = rest[name.endIndex...]
      } else {
        let two = String(rest.prefix(2))
        let token = ["//", "::", "..", "<=", ">=", "!="].contains(two) ? two : String(first)
        tokens.append(token)
        rest = rest.dropFirst(token.count)
      }
    }
    return tokens
  }

  private mutating func take(_ token: String) -> Bool {
    guard tokens.first == token else { return false }
    tokens.removeFirst()
    return true
  }

  private mutating func expect(_ token: String) throws {
    guard take(token) else { throw error("'\(token)' is missing") }
  }

  // MARK: Operators

  /// The binary operators, loosest first.
  private static let levels: [[String]] = [
    ["or"], ["and"], ["=", "!="], ["<", "<=", ">", ">="], ["+", "-"], ["*", "div", "mod"],
  ]

  private mutating func alternatives(_ level: Int) throws -> XPathTerm {
    guard level < Self.levels.count else { return try unary() }
    var left = try alternatives(level + 1)
    while let name = tokens.first, Self.levels[level].contains(name) {
      tokens.removeFirst()
      left = .binary(name, left, try alternatives(level + 1))
    }
    return left
  }

  private mutating func unary() throws -> XPathTerm {
    if take("-") { return .negative(try unary()) }
    var left = try path()
    while take("|") { left = .binary("|", left, try path()) }
    return left
  }

  // MARK: Paths

  private mutating func path() throws -> XPathTerm {
    guard let first = tokens.first else { throw error("the end comes too early") }
    if take("/") {
      guard isStep else { return .path(nil, isAbsolute: true, []) }
      return .path(nil, isAbsolute: true, try steps())
    }
    if take("//") { return .path(nil, isAbsolute: true, [Self.anywhere] + (try steps())) }
    let isPrimary =
      first == "(" || first.hasPrefix("'") || (first.first?.isNumber ?? false)
      || (tokens.dropFirst().first == "(" && Self.functions.contains(first))
    guard isPrimary else { return .path(nil, isAbsolute: false, try steps()) }
    var term = try primary()
    let predicates = try self.predicates()
    if !predicates.isEmpty { term = .filter(term, predicates) }
    if take("/") { return .path(term, isAbsolute: false, try steps()) }
    if take("//") { return .path(term, isAbsolute: false, [Self.anywhere] + (try steps())) }
    return term
  }

  private static let anywhere = XPathStep(axis: "descendant-or-self", test: "node()", predicates: [])

  private var isStep: Bool {
    guard let first = tokens.first?.first else { return false }
    return first.isLetter || "_.*".contains(first)
  }

  private mutating func primary() throws -> XPathTerm {
    let first = tokens.removeFirst()
    if first == "(" {
      let inner = try alternatives(0)
      try expect(")")
      return inner
    }
    if first.hasPrefix("'") { return .literal(String(first.dropFirst())) }
    if let number = Double(first) { return .number(number) }
    try expect("(")
    var arguments: [XPathTerm] = []
    if !take(")") {
      repeat { arguments.append(try alternatives(0)) } while take(",")
      try expect(")")
    }
    return .call(first, arguments)
  }

  private mutating func steps() throws -> [XPathStep] {
    var steps = [try step()]
    while true {
      if take("/") {
        steps.append(try step())
      } else if take("//") {
        steps += [Self.anywhere, try step()]
      } else {
        return steps
      }
    }
  }

  private static let axes: Set<String> = [
    "child", "parent", "self", "descendant", "descendant-or-self", "ancestor", "ancestor-or-self", "preceding-sibling",
    "following-sibling",
  ]

  private mutating func step() throws -> XPathStep {
    if take(".") { return XPathStep(axis: "self", test: "node()", predicates: try predicates()) }
    if take("..") { return XPathStep(axis: "parent", test: "node()", predicates: try predicates()) }
    guard isStep, var test = tokens.popFirst() else { throw error("a step is missing") }
    var axis = "child"
    if take("::") {
      guard Self.axes.contains(test), let next = tokens.popFirst() else { throw error("the axis \(test) is not known") }
      axis = test
      test = next
    }
    if take("(") {
      guard test == "node" else { throw error("\(test)() is not known") }
      try expect(")")
      test = "node()"
    }
    guard tokens.first != ":" else { throw error("prefixes are not known") }
    return XPathStep(axis: axis, test: test, predicates: try predicates())
  }

  private mutating func predicates() throws -> [XPathTerm] {
    var found: [XPathTerm] = []
    while take("[") {
      found.append(try alternatives(0))
      try expect("]")
    }
    return found
  }
}
