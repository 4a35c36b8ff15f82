public import CaseLibrary
public import Findings
internal import HTTPExchange
public import XMLValidation

/// What must be seen: the requests of scenarios in their order, told apart by operation and by what their bodies hold.
///
/// Of a body every node must be there that the recorded one has, and those of the class `constant` must say the same; other
/// values are the client's own. Requests that no scenario has are left alone.
public struct Expectation {
  private struct Step {
    var id: String
    var operation: String
    var requirements: [String]
    var title: String
    var body: ElementTree?
    var parameterNames: Set<String>
    /// The request that it was, once it was seen.
    var seenAs: Int?
    var findings: [Finding] = []
  }

  private var steps: [Step] = []
  private let library: ValidationLibrary
  private var last = -1

  public init(_ scenarios: [RecordedScenario], library: ValidationLibrary) {
    self.library = library
    let validator = Validator(library: library)
    for recorded in scenarios {
      for (step, exchange) in zip(recorded.scenario.steps, recorded.exchanges) {
        let request = exchange.request
        let query = request.parameters
        steps.append(
          Step(
            id: "\(recorded.scenario.id)/\(step.id)", operation: step.operation, requirements: step.requirements ?? [],
            title: "\(request.method) \(request.rawPath)", body: validator.tree(of: request.body),
            parameterNames: Set(query.map(\.name))))
      }
    }
  }

  /// Takes a request for one of the steps, if it is one.
  public mutating func observe(_ request: JudgedRequest) {
    guard let operation = request.operation else { return }
    let open = steps.indices.filter { steps[$0].operation == operation && steps[$0].seenAs == nil }
    let place = open.first { $0 > last } ?? open.first
    guard let place else { return }
    // Of several steps of one operation it is the first whose constants it has.
    let ahead = open.filter { ($0 > last) == (place > last) }
    let chosen = ahead.first { differences(of: request, from: steps[$0]).isEmpty } ?? place
    steps[chosen].seenAs = request.number
    steps[chosen].findings = differences(of: request, from: steps[chosen])
    if chosen < last {
      steps[chosen].findings.append(
        Finding(
          id: "expect.out-of-order", severity: .error, place: Place(file: request.name, line: 1, column: 1),
          message: "\(steps[chosen].id) came after \(steps[last].id), which the scenario has later."))
    }
    last = max(last, chosen)
  }

  /// A case for each step: what never came, or came in another form, has findings.
  public var results: [CaseResult] {
    steps.map { step in
      var findings = step.findings
      if step.seenAs == nil {
        findings = [
          Finding(
            id: "expect.never-came", severity: .error,
            message: "No request of \(step.operation) came for \(step.id) (\(step.title)).", expected: step.operation)
        ]
      }
      return CaseResult(
        id: step.id, verdict: findings.isEmpty ? .passed : .failed, requirements: step.requirements, findings: findings,
        detail: step.seenAs.map { "seen as request \($0)" } ?? "")
    }
  }

  // MARK: Comparing

  private func differences(of request: JudgedRequest, from step: Step) -> [Finding] {
    var findings: [Finding] = []
    func report(_ id: String, _ message: String, path: String? = nil, expected: String?, actual: String? = nil) {
      findings.append(
        Finding(
          id: id, severity: .error, place: Place(file: request.name, path: path), message: message,
          expected: expected, actual: actual))
    }
    for name in step.parameterNames.sorted() where !request.parameterNames.contains(name) {
      report(
        "expect.query-missing", "\(step.id) has the query parameter \(name); this request has not.", expected: name)
    }
    guard let expected = step.body else { return findings }
    guard let actual = request.body else {
      report(
        "expect.node-missing", "\(step.id) has a body; this request has none that can be read.", expected: "Request")
      return findings
    }
    let model = try? library.model(of: DocumentKind(operation: step.operation, part: .request))
    func compare(_ expected: ElementTree, _ actual: ElementTree, _ names: [String]) {
      let path = "/" + names.joined(separator: "/")
      if expected.children.isEmpty, model?.declaration(at: names)?.nodeClass == .constant, expected.text != actual.text
      {
        report(
          "expect.value-changed", "\(expected.name) is '\(actual.text)'; \(step.id) has '\(expected.text)'.",
          path: path,
          expected: expected.text, actual: actual.text)
      }
      for name in Self.names(of: expected) {
        let (wanted, given) = (expected.all(name), actual.all(name))
        if given.count < wanted.count {
          report(
            "expect.node-missing",
            "\(expected.name) has \(given.count == 0 ? "no" : "\(given.count)") \(name); \(step.id) has \(wanted.count).",
            path: path, expected: name)
        }
        for (one, other) in zip(wanted, given) { compare(one, other, names + [name]) }
      }
    }
    compare(expected, actual, [expected.name])
    return findings
  }

  /// The names of the children, each once.
  private static func names(of element: ElementTree) -> [String] {
    var seen: Set<String> = []
    return element.children.map(\.name).filter { seen.insert($0).inserted }
  }
}
