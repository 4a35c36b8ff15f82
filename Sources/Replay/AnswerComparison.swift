internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import XMLValidation

/// The comparison of one answer: status, header fields, the document against its schema, the document against the
/// recorded one.
struct AnswerComparison {
  let comparer: AnswerComparer
  let recorded: ComparedAnswer
  let actual: ComparedAnswer
  let context: ComparisonContext
  var bindings: Bindings

  private(set) var outcome = ComparisonOutcome()
  private var validator: Validator { comparer.validator }
  private lazy var recordedTree = comparer.tree(of: recorded.body)
  /// What is found in the actual body, and its elements; it is read once too.
  private var check: DocumentCheck?

  init(
    comparer: AnswerComparer, recorded: ComparedAnswer, actual: ComparedAnswer, context: ComparisonContext,
    bindings: Bindings
  ) {
    self.comparer = comparer
    self.recorded = recorded
    self.actual = actual
    self.context = context
    self.bindings = bindings
  }

  mutating func run() throws {
    outcome.isRecordingReadable = recorded.body.isEmpty ? recorded.message != nil : recordedTree != nil
    outcome.kind = try recordedKind()
    if let was = recorded.message, let answer = actual.message {
      try compareHeads(was, answer)
      guard (context.statuses ?? [was.status]).contains(answer.status) else {
        report(
          .changed, "replay.status", path: "status",
          "The answer is \(answer.status) \(answer.reason), recorded was \(was.status).", expected: "\(was.status)",
          actual: "\(answer.status)")
        outcome.body = String(decoding: actual.body.prefix(4096), as: UTF8.self)
        if !actual.body.isEmpty { try validate() }
        return
      }
    }
    guard !recorded.body.isEmpty || !actual.body.isEmpty else { return }
    guard !actual.body.isEmpty || actual.message == nil else {
      return report(
        .changed, "replay.body", path: "body",
        "The answer has no body; the recorded one has \(recorded.body.count) bytes.",
        expected: String(decoding: recorded.body.prefix(200), as: UTF8.self), actual: "")
    }
    guard !recorded.body.isEmpty else {
      report(
        .changed, "replay.body", path: "body",
        "The answer has a body of \(actual.body.count) bytes; the recorded one is empty.", expected: "",
        actual: String(decoding: actual.body.prefix(200), as: UTF8.self))
      return
    }
    try compareDocuments()
    try validate()
  }

  // MARK: Kinds

  private mutating func recordedKind() throws -> DocumentKind? {
    if let message = recorded.message, message.status >= 300 { return .error }
    if context.hint.part ?? .response == .response, recordedTree?.name == "Error" { return .error }
    if context.hint.kind != nil || recorded.body.isEmpty { return context.hint.kind }
    let hint = recorded.message == nil ? context.hint : KindHint(operation: context.hint.operation, part: .response)
    return try validator.check(recorded.body, as: hint).kind
  }

  /// An answer that tells of an error is judged as one, whatever was recorded.
  private func actualKind(root: String?) -> DocumentKind? {
    if let message = actual.message, message.status >= 300 { return .error }
    if outcome.kind?.part == .response, root == "Error" { return .error }
    return outcome.kind == .error && actual.message != nil ? context.hint.kind : outcome.kind
  }

  // MARK: Heads

  private mutating func compareHeads(_ was: HTTPResponse, _ answer: HTTPResponse) throws {
    let operation = (outcome.kind?.operation ?? context.hint.operation).flatMap(comparer.catalogue.operation)
    let place = HTTPValidation.MessagePlace(file: actual.name, hasLines: true)
    for var finding in try comparer.http.findings(in: answer, of: operation, at: place) {
      let path = headPath(of: finding, in: answer)
      if actual.headLines == nil { finding.place = Place(file: actual.name) }
      if finding.id == "http.header-missing" { finding.id = "replay.header-missing" }
      add(finding, kind: .violation, path: path, recordedPlace: Place(file: recorded.name))
    }
    compareMediaTypes(was, answer)
    for field in answer.headers.fields
    where was.headers[field.name] != field.value
      && !(sameName(field.name, "Content-Type") && was.headers[field.name] != nil)
    {
      reportHeaderNoise(field.name, "differs, as it may", expected: was.headers[field.name], actual: field.value)
    }
    for field in was.headers.fields where answer.headers[field.name] == nil {
      reportHeaderNoise(field.name, "is not there, as it may be", expected: field.value, actual: nil)
    }
  }

  private mutating func reportHeaderNoise(_ name: String, _ what: String, expected: String?, actual: String?) {
    let path = "headers/\(name.lowercased())"
    guard !outcome.differences.contains(where: { $0.path == path }) else { return }
    report(.noise, "replay.header-changed", path: path, "\(name) \(what).", expected: expected, actual: actual)
  }

  private mutating func compareMediaTypes(_ was: HTTPResponse, _ answer: HTTPResponse) {
    guard !answer.body.isEmpty, let recordedType = was.headers["Content-Type"],
      let type = answer.headers["Content-Type"], type != recordedType,
      !outcome.differences.contains(where: { $0.path == "headers/content-type" })
    else { return }
    let isSame = mediaType(type) == mediaType(recordedType)
    report(
      isSame ? .noise : .changed, "replay.header-changed", path: "headers/content-type",
      "Content-Type is '\(type)', not '\(recordedType)'.", expected: recordedType, actual: type)
  }

  private func mediaType(_ value: String) -> String {
    value.split(separator: ";").first.map { $0.filter { $0 != " " }.lowercased() } ?? ""
  }

  /// `headers/content-length` and the like, read off the line that a finding names.
  private func headPath(of finding: Finding, in answer: HTTPResponse) -> String {
    switch finding.id {
    case "http.status": return "status"
    case "http.body-missing", "http.body-unexpected": return "body"
    case "http.header-missing": return "headers/\((finding.expected ?? "").lowercased())"
    default:
      let index = (finding.place.line ?? 1) - 2
      guard answer.headers.fields.indices.contains(index) else { return "headers" }
      return "headers/\(answer.headers.fields[index].name.lowercased())"
    }
  }

  // MARK: Documents

  private mutating func compareDocuments() throws {
    guard let kind = outcome.kind, let model = try validator.model(of: kind) else {
      guard recorded.body != actual.body else { return }
      return report(
        .changed, "replay.body", path: "body",
        "The bodies differ, and nothing tells which document of the API they are.",
        expected: nil, actual: nil)
    }
    guard let recordedTree else {
      return report(
        .changed, "replay.body", path: "body", "The recorded body cannot be read, so nothing was compared with it.",
        expected: nil, actual: nil)
    }
    guard let actualTree = try actualCheck().tree else { return }
    var comparison = Comparison(
      model: model, overrides: context.overrides, request: context.request, bindings: bindings)
    comparison.compare(recorded: recordedTree, actual: actualTree)
    bindings = comparison.bindings
    outcome.lines = comparison.lines
    guard !comparison.differences.isEmpty else { return }
    let recordedPositions = DocumentPositions(of: recordedTree, in: recorded.body)
    let actualPositions = DocumentPositions(of: actualTree, in: actual.body)
    for found in comparison.differences {
      outcome.differences.append(
        Difference(
          kind: found.kind, id: found.id, path: found.path, requirement: found.requirement, erratum: found.erratum,
          severity: severity(of: found), message: found.message, hint: nil,
          recordedPlace: place(recordedPositions.position(of: found.recordedAt), in: recorded),
          actualPlace: place(actualPositions.position(of: found.actualAt), in: actual), expected: found.expected,
          actual: found.actual, proposal: found.proposal))
    }
  }

  private func severity(of found: Comparison.Found) -> Severity {
    switch found.kind {
    case .noise: .note
    case .gap: .warning
    case .changed: found.isSoft ? .note : .error
    case .violation: .error
    }
  }

  private func place(_ position: (line: Int, column: Int)?, in answer: ComparedAnswer) -> Place {
    Place(file: answer.name, line: position.map { $0.line + (answer.headLines ?? 0) }, column: position?.column)
  }

  private mutating func actualCheck() throws -> DocumentCheck {
    if let check { return check }
    let made = try comparer.check(actual.body, file: actual.name) { actualKind(root: $0) }
    check = made
    return made
  }

  /// Adds what schema and rules say of the actual answer. Where they find a fault, no class of a node excuses it.
  private mutating func validate() throws {
    for var finding in try actualCheck().findings {
      finding.place.line = finding.place.line.map { $0 + (actual.headLines ?? 0) }
      guard finding.severity > .note else {
        outcome.notes.append(finding)
        continue
      }
      var path = finding.place.path ?? "/"
      if finding.id == "schema.missing-node", let name = finding.expected { path += "/" + name }
      let isGap = finding.id == "schema.unknown-node" && finding.severity == .warning
      add(finding, kind: isGap ? .gap : .violation, path: path, recordedPlace: Place(file: recorded.name))
    }
  }

  // MARK: Reporting

  /// Adds a finding about the actual answer; a difference at the same place that is no graver gives way to it.
  private mutating func add(_ finding: Finding, kind: DifferenceClass, path: String, recordedPlace: Place) {
    let isReplaced = { (other: Difference) in
      other.path == path && other.kind <= kind && other.id.hasPrefix("replay.")
    }
    let replaced = outcome.differences.first(where: isReplaced)
    outcome.differences.removeAll(where: isReplaced)
    // The finding about an undocumented node names it; the comparison has what stands in it.
    let value = kind == .gap ? replaced?.actual ?? finding.actual : finding.actual ?? replaced?.actual
    outcome.differences.append(
      Difference(
        kind: kind, id: finding.id, path: path, requirement: finding.requirement, erratum: finding.erratum,
        severity: finding.severity, message: finding.message, hint: finding.hint,
        recordedPlace: replaced?.recordedPlace ?? recordedPlace, actualPlace: finding.place,
        expected: finding.expected ?? replaced?.expected, actual: value,
        proposal: kind == .gap ? replaced?.proposal ?? proposal(at: path) : nil))
  }

  /// For a node that neither the schema nor the comparison has: the recording has it too.
  private func proposal(at path: String) -> String? {
    guard let tree = check?.tree else { return nil }
    let elements = tree.indexPaths(along: path).compactMap { tree[at: $0] }
    return elements.isEmpty ? nil : SchemaProposal.fragment(for: elements)
  }

  private mutating func report(
    _ kind: DifferenceClass, _ id: String, path: String, _ message: String, expected: String?, actual: String?
  ) {
    guard !outcome.differences.contains(where: { $0.path == path && $0.kind > kind }) else { return }
    let severity: Severity = kind == .noise ? .note : .error
    outcome.differences.append(
      Difference(
        kind: kind, id: id, path: path, requirement: nil, erratum: nil, severity: severity, message: message, hint: nil,
        recordedPlace: Place(file: recorded.name), actualPlace: Place(file: self.actual.name), expected: expected,
        actual: actual, proposal: nil))
  }
}
