internal import CLibXML2
internal import Glibc

/// A quick proof that assertions hold, straight on the parser's tree.
///
/// It understands the part of XPath 1.0 that most rules are made of and says yes only where that is certain. Whatever it
/// cannot prove is left to libxml2's XPath, which alone finds faults: a proof spares work, it never judges. One for each
/// thread, as its names are those of one parser.
@safe final class RuleProof {
  /// A place in `operations`.
  typealias Expression = Int32

  enum Truth { case no, yes, unknown }

  private enum Operation {
    case constant(Bool)
    case or(Expression, Expression)
    case and(Expression, Expression)
    case not(Expression)
    case exists(Path)
    case compareText(TextExpression, TextExpression, isEqual: Bool)
    case compareNumbers(NumberExpression, NumberExpression, Comparison)
    case startsWith(TextExpression, TextExpression)
    case contains(TextExpression, TextExpression)
    case unknown
  }

  private enum Calculation { case sum, difference, product, quotient, remainder }

  private enum Comparison { case equal, unequal, less, lessOrEqual, greater, greaterOrEqual }

  /// Steps from `first` up to `end`, from the node or from the document.
  struct Path {
    var first: Int32
    var end: Int32
    var isAbsolute: Bool
  }

  private enum Axis { case child, parent, node, precedingSibling, followingSibling }

  private struct Step {
    var axis: Axis
    /// The place of its name; negative for any element.
    var name: Int32
  }

  /// A text, or the texts of all nodes of a path: comparing is true when it is for one of them.
  private struct TextExpression {
    var place: Int32
  }

  private enum TextOperation {
    case literal(Int32)
    case path(Path)
    case substring(TextExpression, from: Int, count: Int)
    case translate(TextExpression, Int32, Int32)
    case normalized(TextExpression)
    case before(TextExpression, TextExpression)
  }

  private struct NumberExpression {
    var place: Int32
  }

  private enum NumberOperation {
    case literal(Double)
    case count(Path)
    case length(TextExpression)
    case text(TextExpression)
    case floor(NumberExpression)
    case truth(Expression)
    case calculation(Calculation, NumberExpression, NumberExpression)
  }

  private let operations = Store<Operation>()
  private let texts = Store<TextOperation>()
  private let numbers = Store<NumberOperation>()
  private let steps = Store<Step>()
  private let checks = Store<Check>()
  private let assertions = Store<Expression>()
  /// Bytes that live as long as the proof.
  private let literals = Store<Text>()
  private var names: [String] = []
  /// The names as the parser's dictionary has them, so that they are compared by their address.
  private let addresses = unsafe Store<UnsafePointer<xmlChar>?>()
  private var dictionary: xmlDictPtr?
  private let scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: RuleProof.scratchSize)
  private static let scratchSize = 2048
  /// What changes while an expression is looked at, apart from the class: there each access would be checked.
  private struct State {
    var scratchCount = 0
    /// Nodes that may still be looked at.
    var budget = 0
  }
  private let state = UnsafeMutablePointer<State>.allocate(capacity: 1)

  init() { unsafe state.initialize(to: State()) }

  deinit {
    unsafe scratch.deallocate()
    for place in 0..<literals.count { unsafe literals[Int32(place)].start.deallocate() }
    unsafe state.deallocate()
    if let dictionary = unsafe dictionary { unsafe xmlDictFree(dictionary) }
  }

  // MARK: Proving

  /// Makes ready for a document; at most so many nodes are looked at before everything is unknown.
  func begin(_ document: borrowing ParsedDocument, nodesMax: Int) {
    unsafe state.pointee.budget = nodesMax
    let current = unsafe document.pointer.pointee.dict
    if unsafe current == dictionary, unsafe addresses.count == names.count { return }
    // Held on to, so that no other dictionary can come to lie at the same address.
    if let current = unsafe current { unsafe xmlDictReference(current) }
    if let dictionary = unsafe dictionary { unsafe xmlDictFree(dictionary) }
    unsafe dictionary = current
    unsafe addresses.removeAll()
    for name in names {
      _ = unsafe addresses.append(current.flatMap { unsafe xmlDictLookup($0, name, Int32(name.utf8.count)) })
    }
  }

  /// What is to hold where one path leads: expressions from `first` up to `end` of `assertions`.
  private struct Check {
    var context: Path
    var first: Int32
    var end: Int32
  }

  /// Places in `checks`.
  typealias Plan = Range<Int32>

  /// A plan to prove rules, each with the paths of its context and the expressions that hold there.
  func plan(_ rules: [(contexts: [Path], expressions: [Expression])]) -> Plan {
    let start = Int32(checks.count)
    for rule in rules where !rule.expressions.isEmpty {
      let first = Int32(assertions.count)
      for expression in rule.expressions { _ = assertions.append(expression) }
      for context in rule.contexts {
        _ = checks.append(Check(context: context, first: first, end: Int32(assertions.count)))
      }
    }
    return start..<Int32(checks.count)
  }

  /// Whether all that is planned certainly holds at every node that the contexts select.
  func isProven(_ plan: Plan, in document: borrowing ParsedDocument) -> Bool {
    guard unsafe dictionary != nil else { return false }
    let root = unsafe UnsafeMutableRawPointer(document.pointer).assumingMemoryBound(to: xmlNode.self)
    for place in plan {
      let check = checks[place]
      let isDoubtful = unsafe visit(check.context, from: root) { node in
        for place in check.first..<check.end {
          unsafe state.pointee.scratchCount = 0
          if unsafe truth(of: assertions[place], at: node) != .yes { return true }
        }
        return false
      }
      if isDoubtful || isSpent { return false }
    }
    return true
  }

  private func truth(of expression: Expression, at node: xmlNodePtr) -> Truth {
    switch operations[expression] {
    case .constant(let isTrue): return isTrue ? .yes : .no
    case .or(let one, let other):
      let first = unsafe truth(of: one, at: node)
      if first == .yes { return .yes }
      let second = unsafe truth(of: other, at: node)
      return second == .yes ? .yes : first == .unknown ? .unknown : second
    case .and(let one, let other):
      let first = unsafe truth(of: one, at: node)
      if first == .no { return .no }
      let second = unsafe truth(of: other, at: node)
      return second == .no ? .no : first == .unknown ? .unknown : second
    case .not(let inner):
      switch unsafe truth(of: inner, at: node) {
      case .yes: return .no
      case .no: return .yes
      case .unknown: return .unknown
      }
    case .exists(let path): return unsafe visit(path, from: node) { _ in true } ? .yes : certain(.no)
    case .compareText(let one, let other, let isEqual):
      return unsafe some(one, at: node) { first in
        unsafe some(other, at: node) { second in first == second ? (isEqual ? .yes : .no) : isEqual ? .no : .yes }
      }
    case .compareNumbers(let one, let other, let comparison):
      guard let first = unsafe number(one, at: node), let second = unsafe number(other, at: node) else {
        return .unknown
      }
      return Self.holds(first, comparison, second) ? .yes : .no
    case .startsWith(let one, let other):
      return unsafe withTexts(one, other, at: node) { $0.starts(with: $1) }
    case .contains(let one, let other):
      return unsafe withTexts(one, other, at: node) { $0.contains($1) }
    case .unknown: return .unknown
    }
  }

  private var isSpent: Bool { unsafe state.pointee.budget <= 0 }

  /// Nothing is certain once the budget is spent.
  private func certain(_ truth: Truth) -> Truth { !isSpent ? truth : .unknown }

  private static func holds(_ one: Double, _ comparison: Comparison, _ other: Double) -> Bool {
    switch comparison {
    case .equal: one == other
    case .unequal: one != other
    case .less: one < other
    case .lessOrEqual: one <= other
    case .greater: one > other
    case .greaterOrEqual: one >= other
    }
  }

  // MARK: Nodes

  /// Calls the function with each node that the path leads to, until it says that it has found what it looks for.
  @discardableResult
  private func visit(_ path: Path, from node: xmlNodePtr, _ body: (xmlNodePtr) -> Bool) -> Bool {
    guard path.isAbsolute else { return unsafe visit(path.first, path.end, from: node, body) }
    guard let document = unsafe node.pointee.doc else { return false }
    let root = unsafe UnsafeMutableRawPointer(document).assumingMemoryBound(to: xmlNode.self)
    return unsafe visit(path.first, path.end, from: root, body)
  }

  private func visit(_ index: Int32, _ end: Int32, from node: xmlNodePtr, _ body: (xmlNodePtr) -> Bool) -> Bool {
    guard index < end else { return unsafe body(node) }
    let step = steps[index]
    var next: xmlNodePtr?
    switch step.axis {
    case .node: return unsafe visit(index + 1, end, from: node, body)
    case .parent:
      guard let parent = unsafe node.pointee.parent else { return false }
      return unsafe visit(index + 1, end, from: parent, body)
    case .child: unsafe next = node.pointee.children
    case .precedingSibling: unsafe next = node.pointee.prev
    case .followingSibling: unsafe next = node.pointee.next
    }
    let name = unsafe step.name < 0 ? nil : addresses[step.name]
    while let current = unsafe next {
      unsafe state.pointee.budget -= 1
      if isSpent { return false }
      if unsafe current.pointee.type == XML_ELEMENT_NODE,
        unsafe step.name < 0 || (current.pointee.name == name && current.pointee.ns == nil),
        unsafe visit(index + 1, end, from: current, body)
      {
        return true
      }
      unsafe next = step.axis == .precedingSibling ? current.pointee.prev : current.pointee.next
    }
    return false
  }

  // MARK: Texts

  /// Bytes of a document, of a literal or of the scratch memory.
  @safe private struct Text {
    var start: UnsafePointer<UInt8>
    var count: Int

    static func == (one: Text, other: Text) -> Bool {
      unsafe one.count == other.count && memcmp(one.start, other.start, one.count) == 0
    }

    func starts(with other: Text) -> Bool {
      unsafe count >= other.count && memcmp(start, other.start, other.count) == 0
    }

    func contains(_ other: Text) -> Bool { place(of: other) != nil }

    /// What stands before another text; nothing when that is not in this one.
    func before(_ other: Text) -> Text { unsafe Text(start: start, count: place(of: other) ?? 0) }

    private func place(of other: Text) -> Int? {
      guard other.count <= count else { return nil }
      return (0...(count - other.count)).first { place in
        unsafe memcmp(start + place, other.start, other.count) == 0
      }
    }

    var isASCII: Bool { unsafe UnsafeBufferPointer(start: start, count: count).allSatisfy { $0 < 0x80 } }
  }

  private var empty: Text { unsafe Text(start: UnsafePointer(scratch), count: 0) }

  /// The character data of an element that holds nothing else; nil when it lies in pieces.
  private func text(of node: xmlNodePtr) -> Text? {
    guard unsafe node.pointee.type == XML_ELEMENT_NODE else { return nil }
    guard let child = unsafe node.pointee.children else { return empty }
    guard unsafe child.pointee.next == nil, unsafe child.pointee.type == XML_TEXT_NODE,
      let content = unsafe child.pointee.content
    else { return nil }
    return unsafe Text(
      start: UnsafePointer(content), count: strlen(UnsafeRawPointer(content).assumingMemoryBound(to: CChar.self)))
  }

  /// Whether a comparison holds for a text, or for one of those that a path leads to.
  private func some(_ expression: TextExpression, at node: xmlNodePtr, _ compare: (Text) -> Truth) -> Truth {
    guard case .path(let path) = texts[expression.place] else {
      guard let text = unsafe text(expression, at: node) else { return .unknown }
      return compare(text)
    }
    var isCertain = true
    let isFound = unsafe visit(path, from: node) { found in
      guard let text = unsafe text(of: found) else {
        isCertain = false
        return false
      }
      let truth = compare(text)
      if truth == .unknown { isCertain = false }
      return truth == .yes
    }
    return isFound ? .yes : isCertain ? certain(.no) : .unknown
  }

  private func withTexts(
    _ one: TextExpression, _ other: TextExpression, at node: xmlNodePtr, _ compare: (Text, Text) -> Bool
  ) -> Truth {
    guard let first = unsafe text(one, at: node), let second = unsafe text(other, at: node) else { return .unknown }
    return compare(first, second) ? .yes : .no
  }

  /// The value as one text; that of a path is the text of its first node, or empty. nil when it cannot be told.
  private func text(_ expression: TextExpression, at node: xmlNodePtr) -> Text? {
    switch texts[expression.place] {
    case .literal(let index): return literals[index]
    case .path(let path): return unsafe firstText(path, at: node)
    case .substring(let inner, let from, let count):
      // Characters are counted, so that only where each is one byte can bytes be.
      guard let text = unsafe text(inner, at: node), text.isASCII else { return nil }
      let start = min(from, text.count)
      return unsafe Text(start: text.start + start, count: min(count, text.count - start))
    case .translate(let inner, let from, let to):
      guard let text = unsafe text(inner, at: node) else { return nil }
      return translated(text, literals[from], literals[to])
    case .before(let whole, let part):
      guard let first = unsafe text(whole, at: node), let second = unsafe text(part, at: node) else { return nil }
      return first.before(second)
    case .normalized(let inner):
      guard let text = unsafe text(inner, at: node) else { return nil }
      return normalized(text)
    }
  }

  /// The text of the first node in the order of the document, in which children are visited.
  private func firstText(_ path: Path, at node: xmlNodePtr) -> Text? {
    var first: xmlNodePtr?
    guard
      unsafe visit(
        path, from: node,
        { found in
          unsafe first = found
          return true
        }), let first = unsafe first
    else { return !isSpent ? empty : nil }
    return unsafe text(of: first)
  }

  private func room(_ count: Int) -> UnsafeMutablePointer<UInt8>? {
    guard unsafe state.pointee.scratchCount + count <= Self.scratchSize else { return nil }
    return unsafe scratch + state.pointee.scratchCount
  }

  private func translated(_ text: Text, _ from: Text, _ to: Text) -> Text? {
    guard let room = unsafe room(text.count) else { return nil }
    var count = 0
    for place in 0..<text.count {
      var byte = unsafe text.start[place]
      if let index = (0..<from.count).first(where: { unsafe from.start[$0] == byte }) {
        guard index < to.count else { continue }
        byte = unsafe to.start[index]
      }
      unsafe room[count] = byte
      count += 1
    }
    unsafe state.pointee.scratchCount += count
    return unsafe Text(start: UnsafePointer(room), count: count)
  }

  private func normalized(_ text: Text) -> Text? {
    guard let room = unsafe room(text.count) else { return nil }
    var count = 0
    var isPending = false
    for place in 0..<text.count {
      let byte = unsafe text.start[place]
      if byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
        isPending = count > 0
        continue
      }
      if isPending {
        unsafe room[count] = 0x20
        count += 1
        isPending = false
      }
      unsafe room[count] = byte
      count += 1
    }
    unsafe state.pointee.scratchCount += count
    return unsafe Text(start: UnsafePointer(room), count: count)
  }

  // MARK: Numbers

  private func number(_ expression: NumberExpression, at node: xmlNodePtr) -> Double? {
    switch numbers[expression.place] {
    case .literal(let number): return number
    case .count(let path):
      var count = 0
      unsafe visit(path, from: node) { _ in
        count += 1
        return false
      }
      return !isSpent ? Double(count) : nil
    case .length(let inner):
      guard let text = unsafe text(inner, at: node), text.isASCII else { return nil }
      return Double(text.count)
    case .text(let inner):
      guard let text = unsafe text(inner, at: node) else { return nil }
      return Self.wholeNumber(text)
    case .floor(let inner): return unsafe number(inner, at: node)?.rounded(.down)
    case .truth(let inner):
      switch unsafe truth(of: inner, at: node) {
      case .yes: return 1
      case .no: return 0
      case .unknown: return nil
      }
    case .calculation(let calculation, let one, let other):
      guard let first = unsafe number(one, at: node), let second = unsafe number(other, at: node) else { return nil }
      return Self.result(first, calculation, second)
    }
  }

  /// nil where the result would be infinite or no number.
  private static func result(_ one: Double, _ calculation: Calculation, _ other: Double) -> Double? {
    switch calculation {
    case .sum: one + other
    case .difference: one - other
    case .product: one * other
    case .quotient: other == 0 ? nil : one / other
    case .remainder: other == 0 ? nil : one.truncatingRemainder(dividingBy: other)
    }
  }

  /// The value of up to fifteen digits, which a double holds exactly; nil for all else, not a number included.
  private static func wholeNumber(_ text: Text) -> Double? {
    guard (1...15).contains(text.count) else { return nil }
    var value: Int64 = 0
    for place in 0..<text.count {
      let byte = unsafe text.start[place]
      guard (0x30...0x39).contains(byte) else { return nil }
      value = value * 10 + Int64(byte - 0x30)
    }
    return Double(value)
  }
}

// MARK: - Reading expressions

extension RuleProof {
  /// The expression in the form that is proven; what is outside the part that is understood is never true.
  func expression(_ text: String) -> Expression {
    var parser = XPathParser(text)
    guard let term = try? parser.expression() else { return operations.append(.unknown) }
    return truth(term)
  }

  /// The paths of a rule's context; nil when it is more than absolute paths of names.
  func contexts(_ text: String) -> [Path]? {
    var parser = XPathParser(text)
    guard let term = try? parser.expression() else { return nil }
    func paths(_ term: XPathTerm) -> [Path]? {
      if case .binary("|", let one, let other) = term {
        guard let first = paths(one), let second = paths(other) else { return nil }
        return first + second
      }
      guard let path = path(term), path.isAbsolute else { return nil }
      return [path]
    }
    return paths(term)
  }

  private func truth(_ term: XPathTerm) -> Expression {
    switch term {
    case .binary("or", let one, let other): return operations.append(.or(truth(one), truth(other)))
    case .binary("and", let one, let other): return operations.append(.and(truth(one), truth(other)))
    case .call("not", let arguments) where arguments.count == 1: return operations.append(.not(truth(arguments[0])))
    case .call("boolean", let arguments) where arguments.count == 1: return truth(arguments[0])
    case .call("true", _): return operations.append(.constant(true))
    case .call("false", _): return operations.append(.constant(false))
    case .call("starts-with", let arguments) where arguments.count == 2:
      return pair(arguments) { .startsWith($0, $1) }
    case .call("contains", let arguments) where arguments.count == 2: return pair(arguments) { .contains($0, $1) }
    case .binary(let name, let one, let other): return operations.append(comparison(name, one, other))
    case .path:
      guard let path = path(term) else { return operations.append(.unknown) }
      return operations.append(.exists(path))
    default: return operations.append(.unknown)
    }
  }

  private func pair(_ terms: [XPathTerm], _ make: (TextExpression, TextExpression) -> Operation) -> Expression {
    guard let one = firstText(terms[0]), let other = firstText(terms[1]) else { return operations.append(.unknown) }
    return operations.append(make(one, other))
  }

  private func comparison(_ name: String, _ one: XPathTerm, _ other: XPathTerm) -> Operation {
    if name == "=" || name == "!=", let first = text(one), let second = text(other) {
      return .compareText(first, second, isEqual: name == "=")
    }
    let comparisons: [String: Comparison] = [
      "=": .equal, "!=": .unequal, "<": .less, "<=": .lessOrEqual, ">": .greater, ">=": .greaterOrEqual,
    ]
    // Several nodes would each be compared; only a path that leads to one at most can be read as its number.
    guard let comparison = comparisons[name], let first = number(one), let second = number(other) else {
      return .unknown
    }
    return .compareNumbers(first, second, comparison)
  }

  private func number(_ term: XPathTerm) -> NumberExpression? {
    switch term {
    case .literal: return nil
    case .number(let number): return NumberExpression(place: numbers.append(.literal(number)))
    case .call("count", let arguments) where arguments.count == 1:
      guard let path = path(arguments[0]) else { return nil }
      return NumberExpression(place: numbers.append(.count(path)))
    case .call("string-length", let arguments) where arguments.count == 1:
      guard let text = firstText(arguments[0]) else { return nil }
      return NumberExpression(place: numbers.append(.length(text)))
    case .call("number", let arguments) where arguments.count == 1:
      guard let text = firstText(arguments[0]) else { return nil }
      return NumberExpression(place: numbers.append(.text(text)))
    case .call("floor", let arguments) where arguments.count == 1:
      guard let inner = number(arguments[0]) else { return nil }
      return NumberExpression(place: numbers.append(.floor(inner)))
    case .binary(let name, let one, let other):
      let calculations: [String: Calculation] = [
        "+": .sum, "-": .difference, "*": .product, "div": .quotient, "mod": .remainder,
      ]
      guard let calculation = calculations[name] else {
        return NumberExpression(place: numbers.append(.truth(truth(term))))
      }
      guard let first = number(one), let second = number(other) else { return nil }
      return NumberExpression(place: numbers.append(.calculation(calculation, first, second)))
    case .call("translate", _), .call("substring", _), .call("normalize-space", _):
      guard let text = text(term) else { return nil }
      return NumberExpression(place: numbers.append(.text(text)))
    default: return nil
    }
  }

  private func text(_ term: XPathTerm) -> TextExpression? {
    switch term {
    case .literal(let literal): return TextExpression(place: texts.append(.literal(place(ofLiteral: literal))))
    case .path:
      guard let path = path(term) else { return nil }
      return TextExpression(place: texts.append(.path(path)))
    case .call("normalize-space", let arguments) where arguments.count == 1:
      guard let inner = firstText(arguments[0]) else { return nil }
      return TextExpression(place: texts.append(.normalized(inner)))
    case .call("translate", let arguments) where arguments.count == 3:
      guard let inner = firstText(arguments[0]), case .literal(let from) = arguments[1],
        case .literal(let to) = arguments[2],
        (from + to).utf8.allSatisfy({ $0 < 0x80 })
      else { return nil }
      return TextExpression(place: texts.append(.translate(inner, place(ofLiteral: from), place(ofLiteral: to))))
    case .call("substring-before", let arguments) where arguments.count == 2:
      guard let whole = firstText(arguments[0]), let part = firstText(arguments[1]) else { return nil }
      return TextExpression(place: texts.append(.before(whole, part)))
    case .call("substring", let arguments) where arguments.count == 2 || arguments.count == 3:
      guard let inner = firstText(arguments[0]), case .number(let from) = arguments[1], from >= 1,
        from == from.rounded()
      else { return nil }
      var count = Int.max
      if arguments.count == 3 {
        guard case .number(let number) = arguments[2], number >= 0, number == number.rounded(), number < 1e9 else {
          return nil
        }
        count = Int(number)
      }
      guard from < 1e9 else { return nil }
      return TextExpression(place: texts.append(.substring(inner, from: Int(from) - 1, count: count)))
    default: return nil
    }
  }

  /// The value as one text: that of a path is the text of its first node, which siblings visited backwards do not give.
  private func firstText(_ term: XPathTerm) -> TextExpression? {
    guard let text = text(term) else { return nil }
    guard case .path(let path) = texts[text.place] else { return text }
    let isForward = !(path.first..<path.end).contains { steps[$0].axis == .precedingSibling }
    return isForward ? text : nil
  }

  private func path(_ term: XPathTerm) -> Path? {
    guard case .path(nil, let isAbsolute, let found) = term else { return nil }
    var own: [Step] = []
    for step in found {
      guard step.predicates.isEmpty else { return nil }
      switch (step.axis, step.test) {
      case ("self", "node()"): continue
      case ("parent", "node()"): own.append(Step(axis: .parent, name: -1))
      case ("child", "*"): own.append(Step(axis: .child, name: -1))
      case ("child", let name) where name != "node()": own.append(Step(axis: .child, name: place(ofName: name)))
      case ("preceding-sibling", let name) where name != "node()" && name != "*":
        own.append(Step(axis: .precedingSibling, name: place(ofName: name)))
      case ("following-sibling", let name) where name != "node()" && name != "*":
        own.append(Step(axis: .followingSibling, name: place(ofName: name)))
      default: return nil
      }
    }
    let first = Int32(steps.count)
    for step in own { _ = steps.append(step) }
    return Path(first: first, end: Int32(steps.count), isAbsolute: isAbsolute)
  }

  private func place(ofName name: String) -> Int32 {
    if let known = names.firstIndex(of: name) { return Int32(known) }
    names.append(name)
    return Int32(names.count - 1)
  }

  private func place(ofLiteral literal: String) -> Int32 {
    let bytes = Array(literal.utf8)
    let start = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
    for (place, byte) in bytes.enumerated() { unsafe start[place] = byte }
    return unsafe literals.append(Text(start: UnsafePointer(start), count: bytes.count))
  }
}

/// A growing list whose elements are read by their place without further ado: what changes lies outside the object that
/// owns it, where each access would be checked.
@safe private struct Store<Element>: ~Copyable {
  @safe private struct State {
    var elements = UnsafeMutablePointer<Element>.allocate(capacity: 16)
    var capacity = 16
    var count = 0
  }

  private let state = UnsafeMutablePointer<State>.allocate(capacity: 1)

  init() { unsafe state.initialize(to: State()) }

  deinit {
    removeAll()
    unsafe state.pointee.elements.deallocate()
    unsafe state.deallocate()
  }

  var count: Int { unsafe state.pointee.count }

  subscript(place: Int32) -> Element { unsafe state.pointee.elements[Int(place)] }

  func append(_ element: Element) -> Int32 {
    if unsafe state.pointee.count == state.pointee.capacity {
      let longer = UnsafeMutablePointer<Element>.allocate(capacity: unsafe state.pointee.capacity * 2)
      unsafe longer.moveInitialize(from: state.pointee.elements, count: state.pointee.count)
      unsafe state.pointee.elements.deallocate()
      unsafe state.pointee.elements = longer
      unsafe state.pointee.capacity *= 2
    }
    unsafe (state.pointee.elements + state.pointee.count).initialize(to: element)
    unsafe state.pointee.count += 1
    return Int32(unsafe state.pointee.count - 1)
  }

  func removeAll() {
    unsafe state.pointee.elements.deinitialize(count: state.pointee.count)
    unsafe state.pointee.count = 0
  }
}
