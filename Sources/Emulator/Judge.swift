public import CaseLibrary
internal import Findings
internal import HTTPExchange
public import Signing
internal import Synchronization
public import XMLValidation

/// Judges requests: signature, start line, query, header fields and body of each, and how it follows those before it. Any
/// number of threads may ask at once; those before a request are those that were judged before.
///
/// It answers nothing and has no clock: what it says follows from the requests, their answers and their times.
public final class Judge: Sendable {
  private let settings: JudgeSettings
  private let requestJudges: IdlePool<RequestJudge>
  private let history: Mutex<RequestHistory>

  public init(
    catalogue: Catalogue, library: ValidationLibrary, credentials: [Credentials], settings: JudgeSettings
  ) throws {
    self.settings = settings
    requestJudges = IdlePool { try RequestJudge(catalogue, library, credentials, settings) }
    history = Mutex(RequestHistory(settings))
    // What is wrong with the data is told now, not with the first request.
    try requestJudges.lend { _ in }
  }

  /// Forgets the requests before.
  public func reset() { history.withLock { $0 = RequestHistory(settings) } }

  /// The verdict on a request. Lines in its findings count from its start line.
  public func judge(_ observed: ObservedRequest) throws -> JudgedRequest {
    var (judged, trace) = try requestJudges.lend { judge in
      let judged = try judge.judge(observed)
      return (judged, judged.operation.map { judge.trace(of: observed, operation: $0) })
    }
    if let trace { judged.findings += history.withLock { $0.findings(for: trace, of: observed.request) } }
    if !judged.findings.isEmpty {
      let name = judged.name
      for index in judged.findings.indices { judged.findings[index].place.file = name }
    }
    return judged
  }
}

/// Judges each request by itself; its findings do not name the request. For one thread at a time.
private final class RequestJudge {
  private let catalogue: Catalogue
  private let http: HTTPValidation
  private let validator: Validator
  private let signatures: SignatureJudgement

  init(
    _ catalogue: Catalogue, _ library: ValidationLibrary, _ credentials: [Credentials], _ settings: JudgeSettings
  ) throws {
    self.catalogue = catalogue
    http = try HTTPValidation(catalogue, level: settings.level, edition: settings.edition.rawValue)
    var options = ValidationOptions()
    options.edition = settings.edition
    options.limits.bytesMax = settings.bodyBytesMax
    validator = Validator(library: library, options: options)
    validator.level = settings.level
    signatures = SignatureJudgement(credentials, toleratedSkewSeconds: settings.toleratedSkewSeconds)
  }

  func judge(_ observed: ObservedRequest) throws -> JudgedRequest {
    let request = observed.request
    var judged = JudgedRequest(observed)
    let place = HTTPValidation.MessagePlace(file: nil, hasLines: true)
    judged.findings = signatures.findings(in: request, now: observed.serverTime)
    let candidates = catalogue.places(for: request)
    guard var chosen = candidates.first else {
      var finding = http.unknownOperation(request, at: place)
      if finding.expected == nil { finding.hint = "See the paths of Schemas/operations.json." }
      judged.findings.append(finding)
      return judged
    }
    var check: DocumentCheck?
    if !request.body.isEmpty {
      check = try self.check(request, among: candidates.map { catalogue.operations[$0] })
      chosen = candidates.first { catalogue.operations[$0].id == check?.kind?.operation } ?? chosen
    }
    // What is wrong with the signature is told by its own findings, in more words.
    let head = try http.findings(in: request, of: catalogue.operations[chosen], at: place, judgesSignature: false)
    if !head.isEmpty {
      judged.findings += head.filter {
        $0.requirement?.hasPrefix("request-headers.authorization") != true
          && !($0.id == "http.query-unknown" && $0.actual == "sign")
      }
    }
    judged.findings += check?.findings ?? []
    judged.operation = catalogue.operations[chosen].id
    judged.body = check?.tree
    return judged
  }

  /// What the requests that follow are judged by.
  func trace(of observed: ObservedRequest, operation: String) -> RequestTrace {
    RequestTrace(
      observed, operation: operation,
      document: observed.answerDocument ?? observed.answer.flatMap { validator.tree(of: $0.body) })
  }

  /// The judgement of a body: when several operations share the path, as the one that the body tells.
  private func check(_ request: HTTPRequest, among candidates: [Operation]) throws -> DocumentCheck? {
    guard let first = candidates.first(where: { $0.request != nil }) else { return nil }
    var check: DocumentCheck?
    if candidates.count > 1 {
      let guessed = try validator.check(request.body, as: KindHint(part: .request), wantsTree: true)
      if candidates.contains(where: { $0.id == guessed.kind?.operation }) { check = guessed }
    }
    var result =
      try check
      ?? validator.check(
        request.body, as: DocumentKind(operation: first.id, part: .request), wantsTree: true)
    let headLines = request.headers.fields.count + 2
    for index in result.findings.indices {
      result.findings[index].place.line = result.findings[index].place.line.map { $0 + headLines }
    }
    return result
  }
}
