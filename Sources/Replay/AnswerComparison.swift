internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import XMLValidation

/// The comparison of one answer: status, header fields, the document against its schema, the document against the
/// recorded one.
struct AnswerComparison {
  let step: Scenario.Step
  let operation: Operation
  let request: HTTPRequest
  let recorded: HTTPResponse
  let actual: HTTPResponse
  var bindings: Bindings
  let validator: Validator
  let name: String

  private(set) var findings: [Finding] = []
  private(set) var diff = ""
  /// Set when the answer is not the recorded one but as good.
  private(set) var isAlternative = false

  init(
    step: Scenario.Step, operation: Operation, request: HTTPRequest, recorded: HTTPResponse, actual: HTTPResponse,
    bindings: Bindings, validator: Validator, name: String
  ) throws {
    self.step = step
    self.operation = operation
    self.request = request
    self.recorded = recorded
    self.actual = actual
    self.bindings = bindings
    self.validator = validator
    self.name = name
  }

  mutating func run() throws {
    let kind = actual.status >= 300 ? DocumentKind.error : DocumentKind(operation: operation.id, part: .response)
    compareHeaders()
    if matchesAlternative {
      isAlternative = true
      if !actual.body.isEmpty { try validate(as: kind) }
      return
    }
    guard (step.status ?? [recorded.status]).contains(actual.status) else {
      report(
        "replay.status", "The answer is \(actual.status) \(actual.reason), recorded was \(recorded.status).",
        expected: "\(recorded.status)", actual: "\(actual.status)")
      diff = String(decoding: actual.body.prefix(4096), as: UTF8.self)
      return
    }
    guard !recorded.body.isEmpty || !actual.body.isEmpty else { return }
    guard !recorded.body.isEmpty else {
      report(
        "replay.body", "The answer has a body of \(actual.body.count) bytes; the recorded one is empty.", expected: "",
        actual: String(decoding: actual.body.prefix(200), as: UTF8.self))
      return
    }
    try validate(as: kind)
    try compareDocuments(as: kind)
  }

  /// Whether the answer is another one than was recorded, and as good where the documentation is silent.
  private var matchesAlternative: Bool {
    let code = validator.tree(of: actual.body)?["Code"]?.text
    if actual.status == recorded.status, code == validator.tree(of: recorded.body)?["Code"]?.text { return false }
    return step.alternatives?.contains { $0.status == actual.status && ($0.code == nil || $0.code == code) } ?? false
  }

  // MARK: Headers

  private mutating func compareHeaders() {
    for header in operation.headers?.response ?? [] where header.required == true {
      if actual.headers[header.name] == nil, !(actual.body.isEmpty && sameName(header.name, "Content-Type")) {
        report(
          "replay.header-missing", requirement: header.requirement, "The answer has no \(header.name).",
          expected: header.name, actual: nil)
      }
    }
    guard !actual.body.isEmpty, let expected = recorded.headers["Content-Type"].map(mediaType) else { return }
    let found = mediaType(actual.headers["Content-Type"] ?? "")
    if found != expected {
      report(
        "replay.header-changed", "Content-Type is '\(found)', not '\(expected)'.", expected: expected, actual: found)
    }
  }

  private func mediaType(_ value: String) -> String {
    value.split(separator: ";").first.map { $0.filter { $0 != " " }.lowercased() } ?? ""
  }

  // MARK: Documents

  private mutating func validate(as kind: DocumentKind) throws {
    findings += try validator.check(actual.body, as: kind, file: "\(name) response").findings
  }

  private mutating func compareDocuments(as kind: DocumentKind) throws {
    guard let recordedTree = validator.tree(of: recorded.body), let actualTree = validator.tree(of: actual.body),
      let model = try validator.model(of: kind)
    else { return }
    var comparison = Comparison(
      model: model, overrides: step.overrides ?? [], request: validator.tree(of: request.body), bindings: bindings,
      file: "\(name) response")
    comparison.compare(recorded: recordedTree, actual: actualTree)
    bindings = comparison.bindings
    findings += comparison.findings
    diff = comparison.diff
  }

  private mutating func report(
    _ id: String, requirement: String? = nil, _ message: String, expected: String?, actual: String?
  ) {
    findings.append(
      Finding(
        id: id, requirement: requirement, severity: .error, place: Place(file: "\(name) response"), message: message,
        expected: expected, actual: actual))
  }
}
