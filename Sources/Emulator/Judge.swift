public import CaseLibrary
internal import Findings
internal import HTTPExchange
public import Signing
public import XMLValidation

/// Judges requests one after the other: signature, start line, query, header fields and body of each, and how it follows
/// those before it. For one thread at a time.
///
/// It answers nothing and has no clock: what it says follows from the requests, their answers and their times.
public final class Judge {
  private let catalogue: Catalogue
  private let settings: JudgeSettings
  private let http: HTTPValidation
  private let validator: Validator
  private let signatures: SignatureJudgement
  private var history: RequestHistory

  public init(
    catalogue: Catalogue, library: ValidationLibrary, credentials: [Credentials], settings: JudgeSettings
  ) throws {
    self.catalogue = catalogue
    self.settings = settings
    http = try HTTPValidation(catalogue, level: settings.level, edition: settings.edition.rawValue)
    var options = ValidationOptions()
    options.edition = settings.edition
    options.limits.bytesMax = settings.bodyBytesMax
    validator = Validator(library: library, options: options)
    validator.level = settings.level
    signatures = SignatureJudgement(credentials, toleratedSkewSeconds: settings.toleratedSkewSeconds)
    history = RequestHistory(settings)
  }

  /// Forgets the requests before.
  public func reset() { history = RequestHistory(settings) }

  /// The verdict on a request. Lines in its findings count from its start line.
  public func judge(_ observed: ObservedRequest) throws -> JudgedRequest {
    let request = observed.request
    var judged = JudgedRequest(observed)
    let place = HTTPValidation.MessagePlace(file: judged.name, hasLines: true)
    judged.findings = signatures.findings(in: request, now: observed.serverTime, file: judged.name)
    let candidates = catalogue.operations(for: request)
    guard var operation = candidates.first else {
      var finding = http.unknownOperation(request, at: place)
      if finding.expected == nil { finding.hint = "See the paths of Schemas/operations.json." }
      judged.findings.append(finding)
      return judged
    }
    var check: DocumentCheck?
    if !request.body.isEmpty {
      check = try self.check(request, among: candidates, file: judged.name)
      operation = candidates.first { $0.id == check?.kind?.operation } ?? operation
    }
    // What is wrong with the signature is told by its own findings, in more words.
    judged.findings += try http.findings(in: request, of: operation, at: place, judgesSignature: false).filter {
      $0.requirement?.hasPrefix("request-headers.authorization") != true
        && !($0.id == "http.query-unknown" && $0.actual == "sign")
    }
    judged.findings += check?.findings ?? []
    judged.operation = operation.id
    judged.body = check?.tree
    let answer = observed.answer.flatMap { validator.tree(of: $0.body) }
    judged.findings += history.findings(for: observed, operation: operation.id, answer: answer, file: judged.name)
    return judged
  }

  /// The judgement of a body: when several operations share the path, as the one that the body tells.
  private func check(
    _ request: HTTPRequest, among candidates: [Operation], file: String
  ) throws -> DocumentCheck? {
    guard let first = candidates.first(where: { $0.request != nil }) else { return nil }
    var check: DocumentCheck?
    if candidates.count > 1 {
      let guessed = try validator.check(request.body, as: KindHint(part: .request), file: file, wantsTree: true)
      if candidates.contains(where: { $0.id == guessed.kind?.operation }) { check = guessed }
    }
    var result =
      try check
      ?? validator.check(
        request.body, as: DocumentKind(operation: first.id, part: .request), file: file, wantsTree: true)
    let headLines = request.headers.fields.count + 2
    for index in result.findings.indices {
      result.findings[index].place.line = result.findings[index].place.line.map { $0 + headLines }
    }
    return result
  }
}
