public import CaseLibrary
public import Findings
internal import HTTPExchange
internal import Signing
internal import XMLValidation

/// Runs the cases for client libraries against an adapter that has `call`: what it sends is judged as it came over the
/// wire, what it reads against the document that it was answered.
public final class ClientSuite {
  private let cases: ClientCases
  private let catalogue: Catalogue
  private let validator: Validator
  private let wire: ClientWireJudge
  private let adapter: Adapter

  /// The time that signatures are made at and answers are from, in Unix seconds.
  static let now: Int64 = 1_700_000_100
  static let bucket = "test-1250000000"
  static let region = "ap-chongqing"
  static let credentials = Credentials(
    secretID: "AKIDcispecFakeSecretId0000000000", secretKey: "cispecFakeSecretKey0000000000000",
    token: "cispecFakeToken")

  public init(_ cases: ClientCases, _ catalogue: Catalogue, adapter: Adapter) throws {
    self.cases = cases
    self.catalogue = catalogue
    self.adapter = adapter
    var options = ValidationOptions()
    options.edition = .y2025
    validator = Validator(library: catalogue.validationLibrary(), options: options)
    wire = try ClientWireJudge(catalogue, validator, choosesTimes: adapter.hello.chooses.contains(.times))
  }

  /// A suite for each half. Throws `AdapterUnusable` when asking is in vain.
  ///
  /// - Parameters:
  ///   - responder: behind a server that listens on this machine.
  ///   - port: of that server.
  public func suites(
    of selected: [ClientCase], responder: ClientResponder, port: UInt16
  ) throws -> [SuiteResult] {
    guard adapter.hello.commands.contains(.call) else {
      return suites(selected) { one in
        CaseResult(id: one.id, verdict: .skipped(reason: "\(adapter.hello.name) has no 'call'"))
      }
    }
    let scripts = try selected.map(script)
    let requests = try selected.map { try request($0, port: port) }
    var results: [String: CaseResult] = [:]
    var start = monotonicSeconds()
    if let first = scripts.first { responder.start(first) }
    try adapter.ask(requests) { place, outcome in
      let one = selected[place]
      var result = Result { try judged(one, outcome, responder.requests, scripts[place]) }
        .recovered { CaseResult(id: one.id, verdict: .broken(reason: "\($0)")) }
      let now = monotonicSeconds()
      (result.seconds, start) = (now - start, now)
      result.requirements = one.requirements
      results[one.id] = result
      if place + 1 < scripts.count { responder.start(scripts[place + 1]) }
    }
    return suites(selected) { results[$0.id] ?? CaseResult(id: $0.id, verdict: .broken(reason: "it was not asked")) }
  }

  private func suites(_ selected: [ClientCase], _ result: (ClientCase) -> CaseResult) -> [SuiteResult] {
    ClientCase.Half.allCases.compactMap { half in
      let results = selected.filter { $0.half == half }.map(result)
      guard !results.isEmpty else { return nil }
      return SuiteResult(
        name: half.rawValue, discovered: results.count, cases: results,
        seconds: results.reduce(0) { $0 + $1.seconds })
    }
  }

  // MARK: What is asked

  private func arguments(of one: ClientCase) -> ClientCase.Arguments {
    one.arguments ?? cases.right[one.operation]?.arguments ?? ClientCase.Arguments()
  }

  private func request(_ one: ClientCase, port: UInt16) throws -> AdapterRequest {
    let arguments = arguments(of: one)
    let service = catalogue.operation(one.operation)?.host ?? "ci"
    var request = AdapterRequest(.call)
    request.operation = one.operation
    request.arguments = AdapterRequest.CallArguments(
      path: arguments.path ?? [:], query: arguments.query ?? [],
      body: try arguments.body.map { ResultComparison.value(of: try tree(of: Array($0.utf8), one.id)) })
    request.endpoint = AdapterRequest.CallEndpoint(
      host: "\(Self.bucket).\(service).\(Self.region).myqcloud.com", bucket: Self.bucket, region: Self.region,
      connect: "127.0.0.1:\(port)")
    let keys = Self.credentials
    request.credentials = AdapterRequest.KeyPair(
      id: keys.secretID, key: keys.secretKey, token: one.token == true ? keys.token : nil)
    request.now = Self.now
    return request
  }

  private func tree(of bytes: [UInt8], _ id: String) throws -> ElementTree {
    guard let tree = validator.tree(of: bytes) else {
      throw DataError(file: "Vectors/client", reason: "\(id): a document that it needs is not well-formed")
    }
    return tree
  }

  private func script(_ one: ClientCase) throws -> [ScriptedAnswer] {
    guard let answers = one.answers ?? cases.right[one.operation].map({ [$0.answer] }) else { return [] }
    let isObject = catalogue.operation(one.operation)?.host == "cos"
    return answers.map { answer in
      let body = answer.document.flatMap { cases.documents[$0] } ?? Array((answer.body ?? "").utf8)
      let prefix = isObject ? "cos" : "ci"
      var headers: HTTPHeaders = [
        "Date": "Tue, 14 Nov 2023 22:15:00 GMT", "Server": "tencent-\(prefix)",
        "x-\(prefix)-request-id": "NjU1M2YxNjRfMThhYTk0MGFfYmU1OV8zZjc=",
      ]
      if !body.isEmpty { headers.set("Content-Type", "application/xml") }
      for (name, value) in answer.headers ?? [:] {
        if let value { headers.set(name, value) } else { headers.remove(name) }
      }
      let response = HTTPResponse(status: answer.status, headers: headers, body: body)
      let broken: BrokenAnswer? =
        switch answer.breaks {
        case .reset: .reset
        case .cut: .truncated(response, bodyBytes: answer.bytes ?? 0)
        case nil: nil
        }
      return ScriptedAnswer(response: response, broken: broken)
    }
  }

  // MARK: What came of it

  private func judged(
    _ one: ClientCase, _ outcome: AdapterOutcome, _ requests: [HTTPRequest], _ script: [ScriptedAnswer]
  ) throws -> CaseResult {
    let plain = AdapterCase(id: one.id, request: AdapterRequest(.call), mayRefuse: false) { _ in
      CaseResult(id: one.id, verdict: .passed)
    }
    guard case .answer(let answer) = outcome, answer["skipped"] == nil, answer["error"] == nil else {
      return plain.result(of: outcome)
    }
    let place = Place(path: one.id)
    var findings: [Finding]
    switch one.half {
    case .sent:
      findings = try wire.findings(
        in: requests, of: one, arguments(of: one), cases.right[one.operation]?.defaults ?? [:])
      if requests.isEmpty { findings += failureNote(answer, place) }
    case .read:
      let judge = ClientReadingJudge(convention: adapter.hello.reads, place: place)
      findings = judge.repetition(of: requests, most: one.requestsMax ?? 10)
      if requests.isEmpty {
        findings.append(ClientWireJudge.nothingSent(place))
        findings += failureNote(answer, place)
      } else {
        let last = script[min(requests.count, script.count) - 1].response
        findings += judge.findings(in: answer, of: one, last: last, document: validator.tree(of: last.body))
      }
    }
    let isWrong = findings.contains { $0.severity == .error }
    return CaseResult(
      id: one.id, verdict: isWrong ? .failed : .passed, findings: findings,
      detail: isWrong && one.half == .sent ? requests.prefix(3).map(\.target).joined(separator: "\n") : "")
  }

  /// Why a library that sent nothing says so.
  private func failureNote(_ answer: [String: AdapterValue], _ place: Place) -> [Finding] {
    guard let failure = answer["failure"] else { return [] }
    return [
      Finding(
        id: "client.failure", severity: .note, place: place, message: "The library reports a failure.",
        actual: failure.excerpt)
    ]
  }
}

extension Result {
  /// The value, or what is made of the error.
  fileprivate func recovered(_ body: (Failure) -> Success) -> Success {
    switch self {
    case .success(let value): value
    case .failure(let error): body(error)
    }
  }
}
