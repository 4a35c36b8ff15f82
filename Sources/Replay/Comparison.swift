internal import CaseLibrary
internal import XMLValidation

/// Compares an answer with a recorded one, node by node, as the schema's classes say; never as text.
struct Comparison {
  /// What a node means here: the classes of the schemas, and `ignored` for an override.
  enum Meaning: Equatable {
    case declared(ElementDeclaration.NodeClass)
    case ignored
  }

  /// One line of a diff that a person reads.
  struct Line: Equatable {
    enum Mark: String {
      case same = " "
      case recordedOnly = "-"
      case actualOnly = "+"
      case allowed = "~"
    }

    /// Kept in its parts: most diffs are never read.
    enum Form: Equatable {
      case start(String)
      case end(String)
      case leaf(String, text: String)
      case left
    }

    var mark: Mark
    var depth: Int
    var form: Form
    var note: String = ""
    /// The text of the recorded node, when it differs as it may.
    var recorded: String?

    var text: String {
      let content =
        switch form {
        case .start(let name): "<\(name)>"
        case .end(let name): "</\(name)>"
        case .leaf(let name, let text): "<\(name)>\(Comparison.shown(text))</\(name)>"
        case .left: "…"
        }
      let remark = (recorded.map { "recorded \(Comparison.shown($0)); " } ?? "") + note
      return mark.rawValue + " " + String(repeating: "  ", count: depth) + content
        + (remark.isEmpty ? "" : "   (\(remark))")
    }
  }

  /// A difference of two trees; index paths say where, and an element that one side lacks is told by the one around it.
  struct Found: Equatable {
    var kind: DifferenceClass
    var id: String
    /// As in findings: `/Response/JobsDetail[2]/State`.
    var path: String
    var recordedAt: ElementIndexPath
    var actualAt: ElementIndexPath
    var requirement: String?
    var erratum: String?
    var message: String
    var expected: String?
    var actual: String?
    var proposal: String?
    /// A changed result: what a job makes depends on the target's own objects, so it is told and fails no replay.
    var isSoft = false
  }

  /// Two elements that stand for each other.
  private struct Pair {
    var recorded: ElementTree
    var actual: ElementTree
    var declaration: ElementDeclaration?
  }

  /// Where the pair is that is being compared: one path for all, since most are never shown.
  private struct Place {
    var recorded: ElementIndexPath = []
    var actual: ElementIndexPath = []
    /// The names from the root down, its own included.
    private(set) var names: [String]
    var depth: Int { names.count - 1 }

    init(root: String) {
      names = [root]
      // The documents are hardly deeper.
      names.reserveCapacity(8)
      recorded.reserveCapacity(8)
      actual.reserveCapacity(8)
    }

    mutating func enter(_ name: String, recorded index: Int, actual actualIndex: Int) {
      names.append(name)
      recorded.append(index)
      actual.append(actualIndex)
    }

    mutating func leave() {
      names.removeLast()
      recorded.removeLast()
      actual.removeLast()
    }
  }

  let model: SchemaModel
  let overrides: [Scenario.Override]
  /// The request as it was sent, for the nodes that echo it.
  let request: ElementTree?
  var bindings: Bindings

  private(set) var differences: [Found] = []
  private(set) var lines: [Line] = []
  /// Set while elements are only weighed against one another.
  private var isTrial = false
  /// The root of the actual answer, for the paths of differences.
  private var actualRoot = ElementTree("")
  /// The recorded and actual State of the job that is being compared.
  private var states: (recorded: String?, actual: String?) = (nil, nil)
  private var place = Place(root: "")

  init(model: SchemaModel, overrides: [Scenario.Override], request: ElementTree?, bindings: Bindings) {
    self.model = model
    self.overrides = overrides
    self.request = request
    self.bindings = bindings
  }

  /// Compares whole documents; differences and lines tell the outcome.
  mutating func compare(recorded: ElementTree, actual: ElementTree) {
    actualRoot = actual
    lines.reserveCapacity(64)
    place = Place(root: recorded.name)
    let pair = Pair(recorded: recorded, actual: actual, declaration: model.roots.first { $0.name == recorded.name })
    guard recorded.name == actual.name, recorded.namespace == actual.namespace else {
      add(recorded, .recordedOnly, depth: 0)
      add(actual, .actualOnly, depth: 0)
      report(
        .changed, "replay.root-changed", pair.declaration, "The root is \(actual.name), recorded was \(recorded.name).",
        expected: recorded.name, actual: actual.name)
      return
    }
    compare(pair)
  }

  // MARK: Elements

  private mutating func compare(_ pair: Pair) {
    let (recorded, actual) = (pair.recorded, pair.actual)
    if recorded.children.isEmpty, actual.children.isEmpty {
      judgeAttributes(pair)
      compareText(pair)
      return
    }
    let outer = states
    defer { states = outer }
    if let state = recorded["State"], let actualState = actual["State"] { states = (state.text, actualState.text) }
    lines.append(Line(mark: .same, depth: place.depth, form: .start(actual.name)))
    judgeOwnHistory(pair)
    judgeAttributes(pair)
    if !ValueEquality.isSameText(recorded.text, actual.text) {
      settle(.changed, pair, expected: recorded.text, "text beside nodes")
    }
    let declared = children(of: pair.declaration)
    if isAlikeInOrder(recorded, actual) {
      for index in recorded.children.indices { compareTwins(index, of: pair, among: declared) }
    } else {
      var names: [ElementTree] = []
      for child in recorded.children + actual.children
      where !names.contains(where: { isNamed($0, like: child) }) { names.append(child) }
      for name in names { compareChildren(of: pair, named: name, among: declared) }
    }
    lines.append(Line(mark: .same, depth: place.depth, form: .end(actual.name)))
  }

  /// The API's documents have no attributes, so none means anything that a class could excuse.
  private mutating func judgeAttributes(_ pair: Pair) {
    let (recorded, actual) = (pair.recorded.attributes, pair.actual.attributes)
    guard recorded != actual else { return }
    report(
      .changed, "replay.attributes-changed", pair.declaration,
      "\(pair.actual.name) has other attributes than recorded.", expected: shown(recorded), actual: shown(actual))
  }

  private func shown(_ attributes: [String: String]) -> String {
    attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(shown($0.value))\"" }.joined(separator: " ")
  }

  private func isNamed(_ one: ElementTree, like other: ElementTree) -> Bool {
    // Nearly all names of siblings differ in their lengths.
    one.name.utf8.count == other.name.utf8.count && one.name == other.name && one.namespace == other.namespace
  }

  /// Whether both hold children of the same names in the same order, none twice: the ordinary case.
  private func isAlikeInOrder(_ recorded: ElementTree, _ actual: ElementTree) -> Bool {
    guard recorded.children.count == actual.children.count else { return false }
    for index in recorded.children.indices {
      guard isNamed(recorded.children[index], like: actual.children[index]) else { return false }
      for earlier in 0..<index where isNamed(recorded.children[earlier], like: recorded.children[index]) {
        return false
      }
    }
    return true
  }

  /// A schema declares nothing in a namespace.
  private func declaration(of element: ElementTree, among declared: [ElementDeclaration]) -> ElementDeclaration? {
    guard element.namespace == nil else { return nil }
    let length = element.name.utf8.count
    return declared.first { $0.name.utf8.count == length && $0.name == element.name }
  }

  private func children(of declaration: ElementDeclaration?) -> [ElementDeclaration] {
    guard let declaration else { return [] }
    return model.children(of: declaration)
  }

  private mutating func compareTwins(_ index: Int, of parent: Pair, among declared: [ElementDeclaration]) {
    let recorded = parent.recorded.children[index]
    let pair = Pair(
      recorded: recorded, actual: parent.actual.children[index], declaration: declaration(of: recorded, among: declared)
    )
    place.enter(recorded.name, recorded: index, actual: index)
    compare(pair)
    place.leave()
  }

  private func indices(of element: ElementTree, named name: ElementTree) -> [Int] {
    element.children.indices.filter { isNamed(element.children[$0], like: name) }
  }

  private mutating func compareChildren(
    of parent: Pair, named name: ElementTree, among declared: [ElementDeclaration]
  ) {
    let recorded = indices(of: parent.recorded, named: name)
    let actual = indices(of: parent.actual, named: name)
    let declaration = declaration(of: name, among: declared)
    func compareOccurrences(_ one: Int, _ other: Int, by comparison: inout Self) {
      comparison.place.enter(name.name, recorded: recorded[one], actual: actual[other])
      comparison.compare(
        Pair(
          recorded: parent.recorded.children[recorded[one]], actual: parent.actual.children[actual[other]],
          declaration: declaration))
      comparison.place.leave()
    }
    let isMultiset = declaration?.repeats == true && declaration?.isSequence == false
    let matches =
      isMultiset && (recorded.count > 1 || actual.count > 1)
      ? multisetMatches(recorded.count, actual.count) { cost(of: compareOccurrences, $0, $1) }
      : (0..<min(recorded.count, actual.count)).map { (recorded: $0, actual: $0) }
    for match in matches { compareOccurrences(match.recorded, match.actual, by: &self) }
    let isRecordedMatched = Set(matches.map(\.recorded))
    let isActualMatched = Set(matches.map(\.actual))
    for (number, index) in recorded.enumerated() where !isRecordedMatched.contains(number) {
      judgeMissing(index, declaration, in: parent)
    }
    let occurrences = actual.map { parent.actual.children[$0] }
    for (number, index) in actual.enumerated() where !isActualMatched.contains(number) {
      judgeExtra(index, declaration, in: parent, occurrences: occurrences)
    }
  }

  // MARK: Multisets

  /// Up to so many comparisons of elements with one another; beyond, they are taken in their order.
  private static let trialsMax = 1024

  /// Pairs so that as few elements as can be differ by more than noise, whatever their order.
  private func multisetMatches(
    _ recordedCount: Int, _ actualCount: Int, _ cost: (Int, Int) -> Int
  ) -> [(recorded: Int, actual: Int)] {
    let inOrder = (0..<min(recordedCount, actualCount)).map { (recorded: $0, actual: $0) }
    if recordedCount == actualCount, inOrder.allSatisfy({ cost($0.recorded, $0.actual) < Self.costOfChange }) {
      return inOrder
    }
    guard recordedCount * actualCount <= Self.trialsMax else { return inOrder }
    let costs = (0..<recordedCount).map { one in (0..<actualCount).map { cost(one, $0) } }
    var partner = [Int?](repeating: nil, count: actualCount)
    // Of several that are as like, the one at the same place.
    func isNearer(_ left: Int, _ right: Int, to one: Int) -> Bool {
      (costs[one][left], abs(left - one)) < (costs[one][right], abs(right - one))
    }
    func place(_ one: Int, _ tried: inout Set<Int>) -> Bool {
      let fitting = (0..<actualCount).filter { costs[one][$0] < Self.costOfChange }.sorted { isNearer($0, $1, to: one) }
      for other in fitting where tried.insert(other).inserted {
        guard let holder = partner[other] else {
          partner[other] = one
          return true
        }
        if place(holder, &tried) {
          partner[other] = one
          return true
        }
      }
      return false
    }
    var unmatched: [Int] = []
    for one in 0..<recordedCount {
      var tried: Set<Int> = []
      if !place(one, &tried) { unmatched.append(one) }
    }
    for one in unmatched {
      let free = (0..<actualCount).filter { partner[$0] == nil }
      guard let nearest = free.min(by: { isNearer($0, $1, to: one) }) else { break }
      partner[nearest] = one
    }
    return partner.enumerated().compactMap { other, one in one.map { (recorded: $0, actual: other) } }
      .sorted { $0.recorded < $1.recorded }
  }

  private static let costOfChange = 1000

  /// How far two elements differ: noise counts little, whatever else counts much.
  private func cost(of compare: (Int, Int, inout Self) -> Void, _ one: Int, _ other: Int) -> Int {
    var trial = self
    trial.differences = []
    trial.lines = []
    trial.isTrial = true
    compare(one, other, &trial)
    return trial.differences.reduce(0) { sum, difference in
      sum + (difference.kind == .noise ? 1 : difference.kind == .violation ? 2 * Self.costOfChange : Self.costOfChange)
    }
  }

  // MARK: Nodes that one side lacks

  private mutating func judgeMissing(_ index: Int, _ declaration: ElementDeclaration?, in parent: Pair) {
    let lost = parent.recorded.children[index]
    let kind = kindOfMissing(lost, declaration, path: place.names + [lost.name])
    add(
      lost, kind == .noise ? .allowed : .recordedOnly, depth: place.depth + 1,
      note: kind == .noise ? "absent, as it may be" : "")
    differences.append(
      Found(
        kind: kind, id: "replay.node-missing", path: shownPath(place.actual) + "/" + lost.name,
        recordedAt: place.recorded + [index], actualAt: place.actual, requirement: declaration?.requirement,
        erratum: declaration?.erratum, message: "\(lost.name) is missing; the recording has it.",
        expected: shown(lost), actual: nil))
  }

  private func kindOfMissing(
    _ lost: ElementTree, _ declaration: ElementDeclaration?, path: [String]
  ) -> DifferenceClass {
    switch meaning(of: declaration, path) {
    case .ignored, .declared(.free): return .noise
    case .declared(.clock):
      return ValueEquality.isUnset(lost.text) || states.actual != states.recorded ? .noise : .changed
    case .declared(.result):
      if states.actual != states.recorded || declaration?.mayBeAbsent == true { return .noise }
      return lost.children.isEmpty ? .changed : .violation
    case .declared(.state): return states.actual != states.recorded ? .noise : .changed
    case .declared(.echo):
      if declaration?.repeats == true { return .violation }
      guard let request else { return lost.text.isEmpty ? .noise : .violation }
      let sent = EchoRule.requestNodes(for: path, in: request).first?.text ?? ""
      if !sent.isEmpty { return .violation }
      return lost.text.isEmpty ? .noise : .changed
    case .declared(.container):
      if declaration?.repeats == true { return .changed }
      let known = children(of: declaration)
      return lost.children.map { child in
        kindOfMissing(child, known.first { $0.name == child.name }, path: path + [child.name])
      }.max() ?? .noise
    case .declared(.assigned), .declared(.constant): return .changed
    }
  }

  private mutating func judgeExtra(
    _ index: Int, _ declaration: ElementDeclaration?, in parent: Pair, occurrences: [ElementTree]
  ) {
    let extra = parent.actual.children[index]
    guard let declaration else {
      add(extra, .actualOnly, depth: place.depth + 1, note: "undocumented")
      reportExtra(extra, at: index, nil, .gap, proposal: SchemaProposal.fragment(for: occurrences))
      return
    }
    let kind = kindOfExtra(extra, declaration, path: place.names + [extra.name])
    let note = kind == .noise ? "documented, not in the recording" : ""
    add(extra, kind == .noise ? .allowed : .actualOnly, depth: place.depth + 1, note: note)
    reportExtra(extra, at: index, declaration, kind, proposal: nil)
  }

  private func kindOfExtra(
    _ extra: ElementTree, _ declaration: ElementDeclaration, path: [String]
  ) -> DifferenceClass {
    if declaration.repeats { return .changed }
    if declaration.nodeClass == .result { return states.actual == "Success" ? .noise : .violation }
    if declaration.nodeClass == .echo, let request {
      let sent = EchoRule.requestNodes(for: path, in: request)
      let repeatsOne = sent.contains { ValueEquality.isSame($0.text, extra.text, type: declaration.type) }
      return sent.isEmpty || repeatsOne ? .noise : .violation
    }
    return .noise
  }

  private mutating func reportExtra(
    _ extra: ElementTree, at index: Int, _ declaration: ElementDeclaration?, _ kind: DifferenceClass, proposal: String?
  ) {
    let actualAt = place.actual + [index]
    differences.append(
      Found(
        kind: kind, id: "replay.node-unexpected", path: shownPath(actualAt), recordedAt: place.recorded,
        actualAt: actualAt, requirement: declaration?.requirement, erratum: declaration?.erratum,
        message: kind == .gap
          ? "\(extra.name) is not documented, and the recording does not have it."
          : "\(extra.name) is there; the recording does not have it.",
        expected: nil, actual: shown(extra), proposal: proposal))
  }

  // MARK: Values

  private mutating func compareText(_ pair: Pair) {
    let expected = pair.recorded.text
    let value = pair.actual.text
    let type = pair.declaration?.type
    let areStatesEqual = states.recorded == states.actual
    switch meaning(of: pair.declaration, place.names) {
    case .ignored: settle(.noise, pair, expected: expected, "not compared here")
    case .declared(.free): settle(.noise, pair, expected: expected, "any text")
    case .declared(.result):
      let isSame = ValueEquality.isSame(expected, value, type: type)
      settle(isSame ? .noise : .changed, pair, expected: expected, "the same value", isSoft: true)
    case .declared(.clock):
      let areAlike = ValueEquality.isUnset(expected) == ValueEquality.isUnset(value) || !areStatesEqual
      settle(areAlike ? .noise : .changed, pair, expected: expected, "a time")
    case .declared(.assigned):
      let isBound = bindings.bind(recorded: expected, to: value)
      let kind: DifferenceClass = isBound ? .noise : pair.actual.name == "JobId" ? .violation : .changed
      settle(kind, pair, expected: bindings[expected] ?? "an identifier of its own", "assigned by the service")
    case .declared(.state):
      if pair.recorded.name == "State" {
        let isLegal = JobLifecycle.mayFollow(expected, value)
        settle(isLegal ? .noise : .violation, pair, expected: expected, "a later state")
      } else {
        // A running job's progress is another at every look.
        let isFine =
          ValueEquality.isSame(expected, value, type: type) || !areStatesEqual
          || (pair.recorded.name == "Progress" && states.actual == "Running")
        settle(isFine ? .noise : .changed, pair, expected: expected, "depends on State")
      }
    case .declared(.echo):
      let sent = request.flatMap { sentText(for: pair, in: $0) } ?? bindings.rewrite(expected)
      let isSame = ValueEquality.isSame(sent, value, type: type)
      settle(isSame ? .noise : .violation, pair, expected: sent, "echoes the request")
    case .declared(.constant), .declared(.container):
      let isSame = ValueEquality.isSame(bindings.rewrite(expected), value, type: type)
      settle(isSame ? .noise : .changed, pair, expected: expected, "the same value")
    }
  }

  /// What the request says of a node; of several, the one that comes back.
  private func sentText(for pair: Pair, in request: ElementTree) -> String? {
    let sent = EchoRule.requestNodes(for: place.names, in: request)
    let type = pair.declaration?.type
    return (sent.first { ValueEquality.isSame($0.text, pair.actual.text, type: type) } ?? sent.first)?.text
  }

  /// A job that the target showed in one state cannot be in an earlier one later, and its times stay what they were.
  private mutating func judgeOwnHistory(_ pair: Pair) {
    guard let job = pair.actual["JobId"]?.text else { return }
    var history = bindings[historyOf: job]
    defer { bindings[historyOf: job] = history }
    for index in pair.actual.children.indices {
      let child = pair.actual.children[index]
      switch child.name {
      case "State":
        guard let earlier = history.note(state: child.text), !JobLifecycle.mayFollow(earlier, child.text)
        else { continue }
        reportHistory("replay.state", index, of: pair, earlier: earlier)
      case "CreationTime", "StartTime", "EndTime":
        guard let earlier = history.note(time: child.text, child.name), earlier != child.text else {
          continue
        }
        reportHistory("replay.time-changed", index, of: pair, earlier: earlier)
      default: break
      }
    }
  }

  private mutating func reportHistory(_ id: String, _ index: Int, of pair: Pair, earlier: String) {
    let child = pair.actual.children[index]
    let declaration = children(of: pair.declaration).first { $0.name == child.name }
    let actualAt = place.actual + [index]
    differences.append(
      Found(
        kind: .violation, id: id, path: shownPath(actualAt), recordedAt: place.recorded, actualAt: actualAt,
        requirement: declaration?.requirement,
        message: "\(child.name) is \(shown(child.text)); the target's answer before said \(shown(earlier)).",
        expected: earlier, actual: child.text))
  }

  /// Notes the outcome for a pair: noise is reported when the texts differ, everything else always.
  private mutating func settle(
    _ kind: DifferenceClass, _ pair: Pair, expected: String, _ note: String, isSoft: Bool = false
  ) {
    if kind == .noise {
      let isSame = ValueEquality.isSameText(pair.recorded.text, pair.actual.text)
      add(
        pair.actual, isSame ? .same : .allowed, depth: place.depth, note: isSame ? "" : note,
        recorded: isSame ? nil : pair.recorded.text)
      guard !isSame else { return }
      report(
        .noise, "replay.value-changed", pair.declaration, "\(pair.actual.name) differs, as it may: \(note).",
        expected: expected, actual: pair.actual.text)
      return
    }
    add(pair.recorded, .recordedOnly, depth: place.depth)
    add(pair.actual, .actualOnly, depth: place.depth)
    report(
      kind, "replay.value-changed", pair.declaration,
      "\(pair.actual.name) is '\(shown(pair.actual.text))', not '\(shown(expected))'.",
      expected: expected, actual: pair.actual.text, isSoft: isSoft)
  }

  private func meaning(of declaration: ElementDeclaration?, _ path: [String]) -> Meaning {
    if !overrides.isEmpty {
      let joined = path.map { "/" + $0 }.joined()
      if let override = overrides.last(where: { $0.path == joined }) {
        return ElementDeclaration.NodeClass(rawValue: override.class).map(Meaning.declared) ?? .ignored
      }
    }
    return .declared(declaration?.nodeClass ?? .constant)
  }

  // MARK: Reporting

  private mutating func report(
    _ kind: DifferenceClass, _ id: String, _ declaration: ElementDeclaration?, _ message: String, expected: String?,
    actual: String?, isSoft: Bool = false
  ) {
    differences.append(
      Found(
        kind: kind, id: id, path: shownPath(place.actual), recordedAt: place.recorded, actualAt: place.actual,
        requirement: declaration?.requirement, erratum: declaration?.erratum, message: message,
        expected: expected, actual: actual, isSoft: isSoft))
  }

  private mutating func add(
    _ element: ElementTree, _ mark: Line.Mark, depth: Int, note: String = "", recorded: String? = nil
  ) {
    guard !isTrial else { return }
    guard !element.children.isEmpty else {
      lines.append(
        Line(
          mark: mark, depth: depth, form: .leaf(element.name, text: element.text), note: note, recorded: recorded))
      return
    }
    lines.append(Line(mark: mark, depth: depth, form: .start(element.name), note: note))
    for child in element.children { add(child, mark, depth: depth + 1) }
    lines.append(Line(mark: mark, depth: depth, form: .end(element.name)))
  }

  private func shownPath(_ place: ElementIndexPath) -> String { isTrial ? "" : "/" + actualRoot.namedPath(place) }

  private func shown(_ element: ElementTree) -> String {
    element.children.isEmpty ? element.text : "<\(element.name)> with \(element.children.count) nodes"
  }

  private func shown(_ text: String) -> String { Self.shown(text) }

  fileprivate static func shown(_ text: String) -> String {
    text.utf8.count <= 120 ? text : String(text.prefix(117)) + "…"
  }
}

extension [Comparison.Line] {
  /// The diff: unchanged lines, `-` recorded, `+` actual, `~` different and allowed to be.
  var diff: String { map(\.text).joined(separator: "\n") }

  /// The diff without the lines that are far from any difference.
  var shortDiff: String {
    let near = indices.map { index in
      self[Swift.max(0, index - 2)...Swift.min(count - 1, index + 2)].contains { $0.mark != .same }
    }
    var shortened: Self = []
    for (line, isNear) in zip(self, near) {
      if isNear {
        shortened.append(line)
      } else if shortened.last?.form != .left {
        shortened.append(Comparison.Line(mark: .same, depth: line.depth, form: .left))
      }
    }
    return shortened.diff
  }
}
