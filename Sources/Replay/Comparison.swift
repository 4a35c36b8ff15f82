internal import CaseLibrary
internal import Findings
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

    var mark: Mark
    var depth: Int
    var text: String
    var note: String = ""
  }

  let model: SchemaModel
  let overrides: [Scenario.Override]
  /// The request as it was sent, for the nodes that echo it.
  let request: ElementTree?
  let file: String

  private(set) var findings: [Finding] = []
  private(set) var lines: [Line] = []
  var bindings: Bindings
  /// The recorded and actual State of the job that is being compared.
  private var states: (recorded: String?, actual: String?) = (nil, nil)

  init(
    model: SchemaModel, overrides: [Scenario.Override], request: ElementTree?, bindings: Bindings, file: String
  ) {
    self.model = model
    self.overrides = overrides
    self.request = request
    self.bindings = bindings
    self.file = file
  }

  /// Compares whole documents; findings and lines tell the outcome.
  mutating func compare(recorded: ElementTree, actual: ElementTree) {
    guard recorded.name == actual.name, recorded.namespace == actual.namespace else {
      report(
        "replay.root-changed", path: "/\(recorded.name)", "The root is \(actual.name), recorded was \(recorded.name).",
        expected: recorded.name, actual: actual.name)
      add(recorded, .recordedOnly, depth: 0)
      add(actual, .actualOnly, depth: 0)
      return
    }
    compare(recorded, actual, path: [recorded.name], depth: 0)
  }

  // MARK: Elements

  private mutating func compare(_ recorded: ElementTree, _ actual: ElementTree, path: [String], depth: Int) {
    if recorded.children.isEmpty, actual.children.isEmpty {
      compareText(recorded, actual, path: path, depth: depth)
      return
    }
    let outer = states
    if let state = recorded["State"], let actualState = actual["State"] { states = (state.text, actualState.text) }
    lines.append(Line(mark: .same, depth: depth, text: "<\(actual.name)>"))
    var names: [String] = []
    for child in recorded.children + actual.children where !names.contains(child.name) { names.append(child.name) }
    for name in names {
      compareChildren(recorded.all(name), actual.all(name), path: path + [name], depth: depth + 1)
    }
    lines.append(Line(mark: .same, depth: depth, text: "</\(actual.name)>"))
    states = outer
  }

  private mutating func compareChildren(
    _ recorded: [ElementTree], _ actual: [ElementTree], path: [String], depth: Int
  ) {
    let declaration = model.declaration(at: path)
    if recorded.count == 1, actual.count == 1 {
      compare(recorded[0], actual[0], path: path, depth: depth)
      return
    }
    if declaration?.repeats != true || declaration?.isSequence == true {
      for (one, other) in zip(recorded, actual) { compare(one, other, path: path, depth: depth) }
      for lost in recorded.dropFirst(actual.count) { reportMissing(lost, path: path, depth: depth) }
      for extra in actual.dropFirst(recorded.count) { reportExtra(extra, path: path, depth: depth) }
      return
    }
    // A multiset: each recorded element takes the first actual one that it does not differ from.
    var remaining = actual
    var unmatched: [ElementTree] = []
    for one in recorded {
      if let place = remaining.firstIndex(where: { matches(one, $0, path: path) }) {
        compare(one, remaining.remove(at: place), path: path, depth: depth)
      } else {
        unmatched.append(one)
      }
    }
    for (one, other) in zip(unmatched, remaining) { compare(one, other, path: path, depth: depth) }
    for lost in unmatched.dropFirst(remaining.count) { reportMissing(lost, path: path, depth: depth) }
    for extra in remaining.dropFirst(unmatched.count) { reportExtra(extra, path: path, depth: depth) }
  }

  private func matches(_ recorded: ElementTree, _ actual: ElementTree, path: [String]) -> Bool {
    var trial = self
    trial.findings = []
    trial.compare(recorded, actual, path: path, depth: 0)
    return trial.findings.isEmpty
  }

  private mutating func reportMissing(_ recorded: ElementTree, path: [String], depth: Int) {
    let isAllowed: Bool
    switch meaning(of: path) {
    case .ignored, .declared(.free): isAllowed = true
    case .declared(.result): isAllowed = states.actual != states.recorded
    case .declared(.clock): isAllowed = isUnset(recorded.text) || states.actual != states.recorded
    default: isAllowed = false
    }
    add(recorded, isAllowed ? .allowed : .recordedOnly, depth: depth, note: isAllowed ? "absent, as it may be" : "")
    guard !isAllowed else { return }
    report(
      "replay.node-missing", path: joined(path), "\(recorded.name) is missing; the recording has it.",
      expected: shown(recorded), actual: nil)
  }

  private mutating func reportExtra(_ actual: ElementTree, path: [String], depth: Int) {
    guard let declaration = model.declaration(at: path) else {
      // Not documented either: the validation of the answer says so, once, and with the nearest documented name.
      add(actual, .actualOnly, depth: depth, note: "undocumented")
      return
    }
    let isForbidden = !declaration.repeats && declaration.nodeClass == .result && states.actual != "Success"
    if declaration.repeats || isForbidden {
      add(actual, .actualOnly, depth: depth)
      report(
        "replay.node-unexpected", path: joined(path), "\(actual.name) is there; the recording does not have it.",
        expected: nil, actual: shown(actual))
      return
    }
    add(actual, .allowed, depth: depth, note: "documented, not in the recording")
  }

  // MARK: Values

  private mutating func compareText(_ recorded: ElementTree, _ actual: ElementTree, path: [String], depth: Int) {
    let expected = recorded.text
    let value = actual.text
    switch meaning(of: path) {
    case .ignored, .declared(.free), .declared(.result), .declared(.container):
      allow(recorded, actual, depth: depth, "any value")
    case .declared(.clock):
      let areAlike = isUnset(expected) == isUnset(value) || states.recorded != states.actual
      settle(areAlike, recorded, actual, path: path, depth: depth, expected: expected, "a time")
    case .declared(.assigned):
      let isBound = bindings.bind(recorded: expected, to: value)
      settle(
        isBound, recorded, actual, path: path, depth: depth, expected: bindings[expected] ?? "an identifier of its own",
        "assigned by the service")
    case .declared(.state):
      if recorded.name == "State" {
        let isLegal = JobLifecycle.mayFollow(expected, value)
        settle(isLegal, recorded, actual, path: path, depth: depth, expected: expected, "a later state")
      } else {
        let isEqual = expected == value || states.recorded != states.actual
        settle(isEqual, recorded, actual, path: path, depth: depth, expected: expected, "depends on State")
      }
    case .declared(.echo):
      let sent = request.flatMap { EchoRule.requestNodes(for: path, in: $0).first?.text } ?? expected
      settle(
        EchoRule.isSame(sent, value), recorded, actual, path: path, depth: depth, expected: sent, "echoes the request")
    case .declared(.constant):
      settle(EchoRule.isSame(expected, value), recorded, actual, path: path, depth: depth, expected: expected, "")
    }
  }

  private mutating func settle(
    _ isFine: Bool, _ recorded: ElementTree, _ actual: ElementTree, path: [String], depth: Int, expected: String,
    _ note: String
  ) {
    if isFine {
      allow(recorded, actual, depth: depth, note)
      return
    }
    add(recorded, .recordedOnly, depth: depth)
    add(actual, .actualOnly, depth: depth)
    report(
      "replay.value-changed", path: joined(path),
      "\(actual.name) is '\(shown(actual.text))', not '\(shown(expected))'.",
      expected: expected, actual: actual.text)
  }

  private mutating func allow(_ recorded: ElementTree, _ actual: ElementTree, depth: Int, _ note: String) {
    let isSame = recorded.text == actual.text
    add(
      actual, isSame ? .same : .allowed, depth: depth, note: isSame ? "" : "recorded \(shown(recorded.text)); \(note)")
  }

  private func meaning(of path: [String]) -> Meaning {
    if let override = overrides.last(where: { $0.path == joined(path) }) {
      return ElementDeclaration.NodeClass(rawValue: override.class).map(Meaning.declared) ?? .ignored
    }
    return .declared(model.declaration(at: path)?.nodeClass ?? .constant)
  }

  /// `-`, empty: a time that is not set yet (erratum E54).
  private func isUnset(_ text: String) -> Bool { text.isEmpty || text == "-" }

  // MARK: Reporting

  private mutating func report(_ id: String, path: String, _ message: String, expected: String?, actual: String?) {
    let declaration = model.declaration(at: path.split(separator: "/").map(String.init))
    findings.append(
      Finding(
        id: id, requirement: declaration?.requirement, severity: .error, place: Place(file: file, path: path),
        message: message, erratum: declaration?.erratum, expected: expected, actual: actual))
  }

  private mutating func add(_ element: ElementTree, _ mark: Line.Mark, depth: Int, note: String = "") {
    guard !element.children.isEmpty else {
      lines.append(
        Line(mark: mark, depth: depth, text: "<\(element.name)>\(shown(element.text))</\(element.name)>", note: note))
      return
    }
    lines.append(Line(mark: mark, depth: depth, text: "<\(element.name)>", note: note))
    for child in element.children { add(child, mark, depth: depth + 1) }
    lines.append(Line(mark: mark, depth: depth, text: "</\(element.name)>"))
  }

  private func joined(_ path: [String]) -> String { path.map { "/" + $0 }.joined() }

  private func shown(_ element: ElementTree) -> String {
    element.children.isEmpty ? element.text : "<\(element.name)> with \(element.children.count) nodes"
  }

  private func shown(_ text: String) -> String { text.utf8.count <= 120 ? text : String(text.prefix(117)) + "…" }

  /// The diff: unchanged lines, `-` recorded, `+` actual, `~` different and allowed to be.
  var diff: String {
    lines.map { line in
      line.mark.rawValue + " " + String(repeating: "  ", count: line.depth) + line.text
        + (line.note.isEmpty ? "" : "   (\(line.note))")
    }.joined(separator: "\n")
  }
}

/// The states of a job and which may follow which.
enum JobLifecycle {
  /// Source: the state lists of the job pages; pausing and cancelling by the queue and cancel pages.
  private static let successors: [String: Set<String>] = [
    "Submitted": ["Running", "Pause", "Cancel"],
    "Pause": ["Submitted", "Cancel"],
    "Running": ["Success", "Failed"],
  ]

  /// Whether a job recorded in one state may be found in the other: the same, or one that comes after it.
  static func mayFollow(_ recorded: String, _ actual: String) -> Bool {
    var reached: Set<String> = [recorded]
    var frontier = [recorded]
    while let state = frontier.popLast() {
      for next in successors[state] ?? [] where reached.insert(next).inserted { frontier.append(next) }
    }
    return reached.contains(actual)
  }
}
