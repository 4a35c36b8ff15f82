internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import XMLValidation

/// Messages of HTTP: what stands before the body and the body are judged together.
extension ValidateJudge {
  /// Where a message is from.
  private struct Origin {
    var name: String
    /// The message as text; nil when it comes from an archive, which keeps no lines.
    var text: [UInt8]?

    var place: HTTPValidation.MessagePlace { HTTPValidation.MessagePlace(file: name, hasLines: text != nil) }

    /// The lines before the body.
    func headLines(beforeBody body: [UInt8]) -> Int {
      text.map { $0.prefix($0.count - body.count).count { $0 == 0x0A } } ?? 0
    }
  }

  /// A message that has been judged, with what the other one of the exchange is compared with.
  private struct JudgedMessage {
    var document: JudgedDocument
    var operation: Operation?
    var tree: ElementTree?
  }

  // MARK: Inputs

  /// A message as text; its start line tells whether it is a request.
  func judgeMessage(_ bytes: [UInt8], _ name: String) throws {
    let origin = Origin(name: name, text: bytes)
    do {
      if bytes.starts(with: "HTTP/".utf8) {
        show(try judged(try HTTPMessageText.response(parsing: bytes), to: nil, origin).document)
      } else {
        show(try judged(try HTTPMessageText.request(parsing: bytes), origin).document)
      }
    } catch let error as HTTPMessageError {
      show(malformed(error, origin))
    }
  }

  /// The two messages of an exchange, each a file.
  func judgeExchange(
    request: (bytes: [UInt8], name: String), response: (bytes: [UInt8], name: String)
  ) throws {
    var asked: JudgedMessage?
    let origin = Origin(name: request.name, text: request.bytes)
    do {
      let message = try judged(try HTTPMessageText.request(parsing: request.bytes), origin)
      asked = message
      show(message.document)
    } catch let error as HTTPMessageError {
      show(malformed(error, origin))
    }
    let answerOrigin = Origin(name: response.name, text: response.bytes)
    do {
      show(try judged(try HTTPMessageText.response(parsing: response.bytes), to: asked, answerOrigin).document)
    } catch let error as HTTPMessageError {
      show(malformed(error, answerOrigin))
    }
  }

  /// The exchange of an archive's entry.
  func judgeEntry(_ entry: HTTPArchive.Entry, _ name: String, _ archive: String) throws {
    var asked = try judged(entry.request, Origin(name: "\(name) request", text: nil))
    asked.document.place = Place(file: archive)
    show(asked.document)
    guard let response = entry.response, entry.hasResponseBody else { return }
    var answer = try judged(response, to: asked, Origin(name: "\(name) response", text: nil)).document
    answer.place = Place(file: archive)
    show(answer)
  }

  /// Whether an entry of an archive is an exchange of the API: by the host it was sent to, or by method and path.
  static func belongs(_ entry: HTTPArchive.Entry, _ catalogue: Catalogue) -> Bool {
    if let host = entry.request.headers["Host"], HTTPForms.isHost(host) { return true }
    return !catalogue.operations(for: entry.request).isEmpty
  }

  private func malformed(_ error: HTTPMessageError, _ origin: Origin) -> JudgedDocument {
    let place = Place(file: origin.name, line: error.line, column: 1)
    let finding = Finding(
      id: "http.malformed", severity: .error, place: place, message: "This is no HTTP message: \(error.reason).")
    return JudgedDocument(name: origin.name, findings: [finding], source: origin.text)
  }

  // MARK: Requests

  private func judged(_ request: HTTPRequest, _ origin: Origin) throws -> JudgedMessage {
    let http = try messageValidation()
    let candidates =
      settings.hint.operation.flatMap(catalogue.operation).map { [$0] } ?? catalogue.operations(for: request)
    guard var operation = candidates.first else {
      if let callback = try judgedCallback(request, origin) { return callback }
      let finding = http.unknownOperation(request, at: origin.place)
      return JudgedMessage(document: JudgedDocument(name: origin.name, findings: [finding], source: origin.text))
    }
    var check: DocumentCheck?
    if candidates.count > 1, !request.body.isEmpty {
      // Several operations share the path; the body tells which is meant.
      let guessed = try checked(request.body, as: KindHint(part: .request), origin)
      if let named = candidates.first(where: { $0.id == guessed.kind?.operation }) {
        operation = named
        check = guessed
      }
    }
    if check == nil, operation.request != nil, !request.body.isEmpty {
      check = try checked(
        request.body, as: KindHint(kind: DocumentKind(operation: operation.id, part: .request)), origin)
    }
    let head = try http.findings(in: request, of: operation, at: origin.place)
    return JudgedMessage(
      document: JudgedDocument(
        name: origin.name, kind: DocumentKind(operation: operation.id, part: .request),
        findings: head + (check?.findings ?? []), source: origin.text ?? request.body),
      operation: operation, tree: check?.tree)
  }

  /// A callback is a POST to an address of the client's own; only its body tells it.
  private func judgedCallback(_ request: HTTPRequest, _ origin: Origin) throws -> JudgedMessage? {
    guard request.method == "POST", !request.body.isEmpty else { return nil }
    if InputKind.isJSON(request.body[...]) {
      guard JSONCallback.isLikely(request.body[...]) || settings.hint.part == .callback else { return nil }
      var document = try callback(request.body, origin.name)
      document.findings = shifted(document.findings, by: origin.headLines(beforeBody: request.body))
      document.source = origin.text ?? request.body
      return JudgedMessage(document: document)
    }
    let check = try checked(request.body, as: KindHint(), origin)
    guard check.kind == .callback else { return nil }
    return JudgedMessage(
      document: JudgedDocument(
        name: origin.name, kind: .callback, isGuessed: true, findings: check.findings,
        source: origin.text ?? request.body))
  }

  // MARK: Responses

  private func judged(_ response: HTTPResponse, to request: JudgedMessage?, _ origin: Origin) throws -> JudgedMessage {
    let http = try messageValidation()
    var operation = request?.operation ?? settings.hint.operation.flatMap(catalogue.operation)
    var check: DocumentCheck?
    if !response.body.isEmpty {
      if response.status >= 300 {
        check = try checked(response.body, as: KindHint(kind: .error), origin)
      } else if let known = operation {
        if known.response != nil {
          check = try checked(
            response.body, as: KindHint(kind: DocumentKind(operation: known.id, part: .response)), origin)
        }
      } else {
        let guessed = try checked(response.body, as: KindHint(part: .response), origin)
        operation = guessed.kind?.operation.flatMap(catalogue.operation)
        check = guessed
      }
    }
    var findings = try http.findings(in: response, of: operation, at: origin.place) + (check?.findings ?? [])
    if let tree = check?.tree {
      findings += try requestIDs(response, tree, origin)
      if let kind = check?.kind, kind.part == .response, let sent = request?.tree {
        findings += try echoes(of: sent, in: tree, kind, lines: origin.headLines(beforeBody: response.body), origin)
      }
    }
    let kind = check?.kind ?? operation.map { DocumentKind(operation: $0.id, part: .response) }
    return JudgedMessage(
      document: JudgedDocument(
        name: origin.name, kind: kind, isGuessed: check?.isGuessed ?? false, findings: findings,
        source: origin.text ?? response.body),
      operation: operation, tree: check?.tree)
  }

  private func requestIDs(_ response: HTTPResponse, _ tree: ElementTree, _ origin: Origin) throws -> [Finding] {
    let requirement = "response-headers.x-ci-request-id.equals-body"
    guard let header = response.headers["x-ci-request-id"], let id = tree["RequestId"], id.text != header,
      let severity = try severity(of: requirement)
    else { return [] }
    let lines = origin.headLines(beforeBody: response.body)
    return [
      Finding(
        id: "http.request-id", requirement: requirement, severity: severity,
        place: Place(file: origin.name, line: id.line.map { $0 + lines }, path: "/\(tree.name)/RequestId"),
        message: "RequestId is not the one in x-ci-request-id.", expected: header, actual: id.text)
    ]
  }

  // MARK: Echoes

  /// The nodes of an answer that repeat the request and do not say the same.
  private func echoes(
    of request: ElementTree, in response: ElementTree, _ kind: DocumentKind, lines: Int, _ origin: Origin
  ) throws -> [Finding] {
    guard let model = try validator.model(of: kind) else { return [] }
    var findings: [Finding] = []
    func walk(_ element: ElementTree, names: [String], path: String) throws {
      for child in element.children where !child.children.isEmpty {
        try walk(child, names: names + [child.name], path: "\(path)/\(child.name)")
      }
      for child in element.children where child.children.isEmpty {
        let childNames = names + [child.name]
        guard let declaration = model.declaration(at: childNames), declaration.nodeClass == .echo else { continue }
        let sent = EchoRule.requestNodes(for: childNames, in: request)
        guard let first = sent.first, !sent.contains(where: { EchoRule.isSame($0.text, child.text) }) else { continue }
        guard let severity = try declaration.requirement.map(severity) ?? .error else { continue }
        findings.append(
          Finding(
            id: "exchange.echo", requirement: declaration.requirement, severity: severity,
            place: Place(file: origin.name, line: child.line.map { $0 + lines }, path: "\(path)/\(child.name)"),
            message: "\(child.name) is '\(child.text)'; the request said '\(first.text)'.",
            erratum: declaration.erratum, expected: first.text, actual: child.text))
      }
    }
    try walk(response, names: [response.name], path: "/\(response.name)")
    return findings
  }

  /// How bad it is not to keep a requirement; nil when its level is left out.
  private func severity(of requirement: String) throws -> Severity? {
    let level = try messageValidation().level(of: requirement)
    return level >= validator.level ? level.severity : nil
  }

  // MARK: Bodies

  /// The judgement of a body, its lines counted from the start of the message.
  private func checked(_ body: [UInt8], as hint: KindHint, _ origin: Origin) throws -> DocumentCheck {
    var check = try validator.check(body, as: hint, file: origin.name, wantsTree: true)
    check.findings = shifted(check.findings, by: origin.headLines(beforeBody: body))
    return check
  }

  private func shifted(_ findings: [Finding], by lines: Int) -> [Finding] {
    findings.map { finding in
      var moved = finding
      moved.place.line = finding.place.line.map { $0 + lines }
      return moved
    }
  }
}
