internal import CLibXML2
internal import Findings

/// A file of cross-field rules: ISO Schematron with the XPath 1.0 binding, so that other tools can run it too.
///
/// Read here and evaluated with libxml2's XPath; libxml2's own Schematron is unmaintained and wrong on valid input.
struct RuleFile: Sendable {
  struct Assertion: Sendable {
    /// The requirement's ID.
    var id: String
    var level: Requirement.Level
    /// An XPath expression that is true of a document that keeps the rule.
    var test: String
    /// Text and, in braces of its own, the expressions of `value-of`.
    var message: [MessagePart]
  }

  enum MessagePart: Sendable {
    case text(String)
    case value(String)
  }

  struct Rule: Sendable {
    /// An XPath expression that selects the nodes the rule is about.
    var context: String
    var assertions: [Assertion]
  }

  /// Within one pattern a node is judged by the first rule that selects it.
  struct Pattern: Sendable {
    var rules: [Rule]
  }

  var file: String
  var patterns: [Pattern] = []

  init(file: String, read: (String) throws -> [UInt8]) throws {
    self.file = file
    let document = try unsafe Schema.parse(file, read: read)
    defer { unsafe xmlFreeDoc(document) }
    guard let root = unsafe xmlDocGetRootElement(document), unsafe root.elementName == "schema" else {
      throw SchemaError(file: file, line: 1, reason: "a Schematron file with the root 'schema' is expected")
    }
    var failure: SchemaError?
    func check(_ body: () throws(SchemaError) -> Void) {
      do { try body() } catch { failure = failure ?? error }
    }
    unsafe forEachChild(of: root) { patternNode in
      guard unsafe patternNode.elementName == "pattern" else {
        check { () throws(SchemaError) in try unsafe Self.expectIgnorable(patternNode, file) }
        return
      }
      var pattern = Pattern(rules: [])
      unsafe forEachChild(of: patternNode) { ruleNode in
        guard unsafe ruleNode.elementName == "rule" else {
          check { () throws(SchemaError) in try unsafe Self.expectIgnorable(ruleNode, file) }
          return
        }
        check { () throws(SchemaError) in pattern.rules.append(try unsafe Self.rule(ruleNode, file)) }
      }
      patterns.append(pattern)
    }
    if let failure { throw failure }
  }

  private static func expectIgnorable(_ node: xmlNodePtr, _ file: String) throws(SchemaError) {
    let name = unsafe node.elementName
    guard ["title", "p", "ns", "diagnostics"].contains(name) else {
      throw SchemaError(
        file: file, line: unsafe Int(xmlGetLineNo(node)),
        reason: "'\(name)' is outside the part of Schematron that the kit evaluates: pattern, rule, assert, report")
    }
  }

  private static func rule(_ node: xmlNodePtr, _ file: String) throws(SchemaError) -> Rule {
    let line = unsafe Int(xmlGetLineNo(node))
    guard let context = unsafe node.attribute("context") else {
      throw SchemaError(file: file, line: line, reason: "the rule has no context")
    }
    var rule = Rule(context: selection(ofContext: context), assertions: [])
    var failure: SchemaError?
    unsafe forEachChild(of: node) { child in
      let name = unsafe child.elementName
      guard name == "assert" || name == "report", let test = unsafe child.attribute("test"),
        let id = unsafe child.attribute("id")
      else {
        failure =
          failure ?? SchemaError(file: file, line: line, reason: "an assert or report with id and test is expected")
        return
      }
      guard let level = Requirement.Level(rawValue: unsafe child.attribute("role") ?? "must") else {
        failure =
          failure ?? SchemaError(file: file, line: line, reason: "role of '\(id)' is not must, should or observed")
        return
      }
      rule.assertions.append(
        Assertion(
          id: id, level: level, test: name == "report" ? "not(\(test))" : test, message: unsafe message(of: child)))
    }
    if let failure { throw failure }
    return rule
  }

  /// The expression that selects what a Schematron context pattern matches, anywhere in the document.
  static func selection(ofContext context: String) -> String {
    context.split(separator: "|").map { part in
      let path = part.drop { $0.isWhitespace }
      return path.hasPrefix("/") ? String(path) : "//" + path
    }.joined(separator: " | ")
  }

  private static func message(of node: xmlNodePtr) -> [MessagePart] {
    var parts: [MessagePart] = []
    var child = unsafe node.pointee.children
    while let current = unsafe child {
      if unsafe current.isElement {
        if unsafe current.elementName == "value-of", let select = unsafe current.attribute("select") {
          parts.append(.value(select))
        } else if unsafe current.elementName == "name" {
          parts.append(.value(unsafe "name(\(current.attribute("path") ?? "."))"))
        }
      } else if unsafe current.pointee.type == XML_TEXT_NODE {
        let text = unsafe current.stringValue
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let lead = text.first?.isWhitespace == true && !parts.isEmpty ? " " : ""
        let isLast = unsafe current.pointee.next == nil
        let tail = text.last?.isWhitespace == true && !isLast && !words.isEmpty ? " " : ""
        parts.append(.text(lead + words + tail))
      }
      unsafe child = current.pointee.next
    }
    return parts
  }
}

/// The rules of one document kind with their expressions compiled; for one thread at a time.
@safe final class CompiledRules {
  @safe private struct Assertion {
    var source: RuleFile.Assertion
    var test: xmlXPathCompExprPtr
  }

  @safe private struct Rule {
    var context: xmlXPathCompExprPtr
    /// The last names of the paths of the context; empty when there is one without a plain last name.
    var names: [String]
    var assertions: [Assertion]
    /// For each level, all assertions at it or above as one expression: a node that keeps them costs one evaluation.
    var conjunctions: [Requirement.Level: xmlXPathCompExprPtr]
  }

  @safe struct Violation {
    var assertion: RuleFile.Assertion
    var node: xmlNodePtr
    var message: String
  }

  private var patterns: [[Rule]] = []
  private let proof = RuleProof()
  /// For each level and pattern how the quick proof goes about it.
  private var plans: [Requirement.Level: [RuleProof.Plan?]] = [:]
  /// One for all documents: making one registers every XPath function anew.
  private let context: xmlXPathContextPtr

  init(_ files: [RuleFile]) throws {
    guard let context = unsafe xmlXPathNewContext(nil) else { fatalError("libxml2 has no memory for an XPath context") }
    unsafe self.context = context
    // What it says of an expression that takes too many steps is told by the number of steps; no message is wanted.
    unsafe context.pointee.error = { _, _ in }
    // Values that an expression has done with are kept for the next one.
    unsafe xmlXPathContextSetCache(context, 1, -1, 0)
    for pattern in Self.merged(files) {
      patterns.append(
        try pattern.rules.map { rule in
          unsafe Rule(
            context: try unsafe Self.compile(rule.context, pattern.file),
            names: Self.lastNames(ofContext: rule.context),
            assertions: try rule.assertions.map {
              unsafe Assertion(source: $0, test: try unsafe Self.compile($0.test, pattern.file))
            },
            conjunctions: try unsafe Self.conjunctions(rule, pattern.file))
        })
      for level in Requirement.Level.allCases { plans[level, default: []].append(plan(pattern.rules, level)) }
    }
  }

  /// How a pattern is proven at a level; nil when the context of a rule is not one that the proof understands.
  private func plan(_ rules: [RuleFile.Rule], _ level: Requirement.Level) -> RuleProof.Plan? {
    var readable: [(contexts: [RuleProof.Path], expressions: [RuleProof.Expression])] = []
    for rule in rules {
      guard let contexts = proof.contexts(rule.context) else { return nil }
      readable.append((contexts, rule.assertions.filter { $0.level >= level }.map { proof.expression($0.test) }))
    }
    return proof.plan(readable)
  }

  private static func conjunctions(
    _ rule: RuleFile.Rule, _ file: String
  ) throws -> [Requirement.Level: xmlXPathCompExprPtr] {
    var conjunctions: [Requirement.Level: xmlXPathCompExprPtr] = unsafe [:]
    for level in Requirement.Level.allCases {
      let tests = rule.assertions.filter { $0.level >= level }.map { "(\($0.test))" }
      if !tests.isEmpty { unsafe conjunctions[level] = try unsafe compile(tests.joined(separator: " and "), file) }
    }
    return unsafe conjunctions
  }

  /// The patterns, with those of one rule each and the same context put together: the nodes are looked up once.
  private static func merged(_ files: [RuleFile]) -> [(file: String, rules: [RuleFile.Rule])] {
    var merged: [(file: String, rules: [RuleFile.Rule])] = []
    var places: [String: Int] = [:]
    for file in files {
      for pattern in file.patterns {
        guard pattern.rules.count == 1, let rule = pattern.rules.first else {
          merged.append((file.file, pattern.rules))
          continue
        }
        if let place = places[rule.context] {
          merged[place].rules[0].assertions += rule.assertions
        } else {
          places[rule.context] = merged.count
          merged.append((file.file, [rule]))
        }
      }
    }
    return merged
  }

  deinit {
    unsafe xmlXPathFreeContext(context)
    for rule in patterns.joined() {
      unsafe xmlXPathFreeCompExpr(rule.context)
      unsafe rule.conjunctions.values.forEach { unsafe xmlXPathFreeCompExpr($0) }
      for assertion in rule.assertions { unsafe xmlXPathFreeCompExpr(assertion.test) }
    }
  }

  /// The element names that a context selects, when it is nothing but paths of names.
  private static func lastNames(ofContext context: String) -> [String] {
    var names: [String] = []
    for path in context.split(separator: "|") {
      let last = path.split(separator: "/").last?.split(whereSeparator: \.isWhitespace).first ?? ""
      guard !last.isEmpty, last.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) }),
        !path.contains("[")
      else { return [] }
      names.append(String(last))
    }
    return names
  }

  /// Whether a name is in the parser's dictionary: one that is not is in no document it has read.
  private static func mayOccur(_ names: [String], _ dictionary: xmlDictPtr?) -> Bool {
    guard let dictionary = unsafe dictionary, !names.isEmpty else { return true }
    return names.contains { unsafe xmlDictExists(dictionary, $0, Int32($0.utf8.count)) != nil }
  }

  private static func compile(_ expression: String, _ file: String) throws -> xmlXPathCompExprPtr {
    let messages = MessageLog()
    let compiled = unsafe withExtendedLifetime(messages) { () -> xmlXPathCompExprPtr? in
      let context = unsafe xmlXPathNewContext(nil)
      defer { unsafe xmlXPathFreeContext(context) }
      unsafe context?.pointee.error = MessageLog.receive
      unsafe context?.pointee.userData = messages.context
      return unsafe xmlXPathCtxtCompile(context, expression)
    }
    guard let compiled = unsafe compiled else {
      throw SchemaError(file: file, reason: "'\(expression)' is not an XPath 1.0 expression")
    }
    return unsafe compiled
  }

  /// The assertions that do not hold, at the level given or above, in the order of the rules; not all of them when
  /// that takes more steps than it may.
  func violations(
    in document: borrowing ParsedDocument, level: Requirement.Level, stepsMax: Int
  ) -> (found: [Violation], isComplete: Bool) {
    guard !patterns.isEmpty else { return ([], true) }
    unsafe context.pointee.doc = document.pointer
    unsafe context.pointee.opLimit = UInt(max(1, stepsMax))
    unsafe context.pointee.opCount = 0
    defer {
      unsafe context.pointee.doc = nil
      unsafe context.pointee.node = nil
    }
    proof.begin(document, nodesMax: stepsMax)
    var violations: [Violation] = []
    let plans = plans[level] ?? []
    for place in patterns.indices {
      if let plan = plans[place], proof.isProven(plan, in: document) { continue }
      let pattern = patterns[place]
      // A list is quicker than a set for the few nodes of a usual document.
      var judged: [xmlNodePtr] = unsafe []
      var manyJudged: Set<xmlNodePtr> = unsafe []
      for rule in pattern {
        let conjunction = unsafe rule.conjunctions[level]
        if unsafe conjunction == nil, pattern.count == 1 { continue }
        if unsafe !Self.mayOccur(rule.names, document.pointer.pointee.dict) { continue }
        unsafe context.pointee.node = nil
        guard let result = unsafe xmlXPathCompiledEval(rule.context, context) else { continue }
        defer { unsafe xmlXPathFreeObject(result) }
        guard let nodes = unsafe result.pointee.nodesetval else { continue }
        for index in 0..<Int(unsafe nodes.pointee.nodeNr) {
          guard unsafe context.pointee.opCount < context.pointee.opLimit else { return (violations, false) }
          guard let node = unsafe nodes.pointee.nodeTab[index] else { continue }
          if pattern.count > 1 {
            if unsafe judged.contains(node) { continue }
            if unsafe manyJudged.contains(node) { continue }
            if unsafe judged.count < 32 { unsafe judged.append(node) } else { unsafe manyJudged.insert(node) }
          }
          unsafe context.pointee.node = node
          guard let conjunction = unsafe conjunction,
            unsafe xmlXPathCompiledEvalToBoolean(conjunction, context) != 1
          else { continue }
          for assertion in rule.assertions where assertion.source.level >= level {
            unsafe context.pointee.node = node
            let outcome = unsafe xmlXPathCompiledEvalToBoolean(assertion.test, context)
            // An expression that was broken off has no value, whatever it returns.
            guard unsafe context.pointee.opCount < context.pointee.opLimit else { return (violations, false) }
            if outcome == 0 {
              unsafe violations.append(
                Violation(
                  assertion: assertion.source, node: node, message: unsafe text(of: assertion.source.message, at: node))
              )
            }
          }
        }
      }
    }
    return unsafe (violations, context.pointee.opCount < context.pointee.opLimit)
  }

  private func text(of parts: [RuleFile.MessagePart], at node: xmlNodePtr) -> String {
    parts.map { part in
      switch part {
      case .text(let text): return text
      case .value(let expression):
        unsafe context.pointee.node = node
        guard let result = unsafe xmlXPathEval(expression, context) else { return "" }
        defer { unsafe xmlXPathFreeObject(result) }
        guard let string = unsafe xmlXPathCastToString(result) else { return "" }
        defer { unsafe cispec_xml_free(string) }
        return unsafe String(cString: string)
      }
    }.joined()
  }
}
