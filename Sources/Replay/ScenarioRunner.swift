public import CaseLibrary
public import Findings
public import HTTPExchange
public import Signing
public import XMLValidation

/// Sends recorded requests to a target, signed anew, and compares its answers with the recorded ones.
public struct ScenarioRunner {
  private let responder: any Responder
  private let credentials: Credentials
  private let clock: any Clock
  private let catalogue: Catalogue
  private let comparer: AnswerComparer
  private let delivery: RequestDelivery
  private let log: ExchangeLog?
  private let review: (any DifferenceReview)?
  private let callbacks: CallbackListening?
  private var validator: Validator { comparer.validator }

  /// - Parameters:
  ///   - responder: the target.
  ///   - credentials: the key pair that requests are signed with.
  ///   - clock: tells the time and lets it pass.
  ///   - catalogue: the operations.
  ///   - library: the compiled schemas and rules.
  ///   - options: edition and strictness of what is judged.
  ///   - delivery: what every request gets on its way.
  ///   - log: keeps exchanges; nil keeps none.
  ///   - review: makes noise of known differences; nil knows none.
  ///   - callbacks: nil when the target cannot reach this machine; steps that want a callback are skipped then.
  public init(
    responder: any Responder, credentials: Credentials, clock: any Clock, catalogue: Catalogue,
    library: ValidationLibrary, options: ValidationOptions = ValidationOptions(),
    delivery: RequestDelivery = RequestDelivery(), log: ExchangeLog? = nil,
    review: (any DifferenceReview)? = nil, callbacks: CallbackListening? = nil
  ) throws {
    self.responder = responder
    self.credentials = credentials
    self.clock = clock
    self.catalogue = catalogue
    comparer = try AnswerComparer(catalogue: catalogue, library: library, options: options)
    self.delivery = delivery
    self.log = log
    self.review = review
    self.callbacks = callbacks
  }

  /// The signed requests of a scenario as they would be sent, but for identifiers that only answers give.
  public func requests(of recorded: RecordedScenario) -> [(id: String, request: HTTPRequest)] {
    let recorded = recorded.unique(ending: ending)
    return zip(recorded.scenario.steps, recorded.exchanges).map { step, exchange in
      let request = prepared(exchange.request, bindings: Bindings())
      return ("\(recorded.scenario.id)/\(step.id)", delivery.delivered(signed(request, step.sign ?? .valid)))
    }
  }

  /// One result for each step. A step that fails leaves the later ones without the identifiers they need, so they are
  /// reported as skipped.
  public func results(of recorded: RecordedScenario) -> [CaseResult] {
    let recorded = recorded.unique(ending: ending)
    let scenario = recorded.scenario
    if scenario.supported == false {
      return scenario.steps.map {
        CaseResult(
          id: "\(scenario.id)/\($0.id)",
          verdict: .skipped(reason: "the emulator does not perform \($0.operation) yet"),
          requirements: $0.requirements ?? [])
      }
    }
    var bindings = Bindings()
    var end: String?
    return zip(scenario.steps, recorded.exchanges).map { step, exchange in
      let id = "\(scenario.id)/\(step.id)"
      if let end {
        return CaseResult(id: id, verdict: .skipped(reason: end), requirements: step.requirements ?? [])
      }
      let start = clock.now
      var isAlternative = false
      var result = self.result(
        of: step, exchange, callback: recorded.callbacks[step.id], id: id, bindings: &bindings,
        isAlternative: &isAlternative)
      result.seconds = clock.now - start
      result.requirements = step.requirements ?? []
      if result.verdict == .failed, let needs = Self.needs(of: scenario) {
        result.detail += (result.detail.isEmpty ? "" : "\n") + needs
      }
      if let cut = RunEnd(of: result.verdict) {
        end = cut.description
      } else if result.verdict != .passed {
        end = "the step \(step.id) before it did not pass"
      } else if isAlternative {
        end = "the scenario ended with an accepted alternative at \(step.id)"
      }
      return result
    }
  }

  /// Another one in each millisecond.
  private var ending: String { String(Int64(clock.now * 1000), radix: 36) }

  private func result(
    of step: Scenario.Step, _ exchange: (request: HTTPRequest, response: HTTPResponse), callback: HTTPRequest?,
    id: String, bindings: inout Bindings, isAlternative: inout Bool
  ) -> CaseResult {
    guard let operation = catalogue.operation(step.operation) else {
      return CaseResult(id: id, verdict: .broken(reason: "operations.json has no operation '\(step.operation)'"))
    }
    if step.callback != nil, callbacks == nil {
      return CaseResult(
        id: id,
        verdict: .skipped(reason: "a server that is not on this machine cannot reach the listener for callbacks"))
    }
    do {
      let awaited = try callback.flatMap { try callbacks?.awaited($0, of: step) }
      defer { awaited?.inbox.close() }
      let request = prepared(exchange.request, bindings: bindings, awaited)
      var findings: [Finding] = []
      if exchange.response.status < 400, operation.request != nil {
        findings += try validator.check(
          request.body, as: DocumentKind(operation: operation.id, part: .request), file: "\(id) request"
        ).findings.filter { $0.severity == .error }
      }
      let response = try answer(to: request, step: step, id: id)
      let recorded = ComparedAnswer(name: "\(id) recorded", response: exchange.response)
      let context = ComparisonContext(
        hint: hint(for: operation), request: comparer.tree(of: request.body), overrides: step.overrides ?? [],
        statuses: step.status)
      if isAcceptedAlternative(response, to: exchange.response, step) {
        isAlternative = true
        findings += try alternativeFindings(in: response, of: operation, name: id)
        return result(id, findings, diff: "")
      }
      var outcome = try comparer.outcome(
        recorded: recorded, actual: ComparedAnswer(name: "\(id) response", response: response), context: context,
        bindings: &bindings)
      bindTimes(of: step, recorded: exchange.response, actual: response, &bindings)
      if let review { outcome.differences = review.reviewed(outcome.differences, of: id) }
      findings += outcome.findings
      findings += try ruleFindings(in: response, of: operation, name: "\(id) response")
      guard let awaited, !findings.contains(where: { $0.severity == .error }) else {
        return result(id, findings, diff: outcome.diff)
      }
      let check = CallbackCheck(awaited: awaited, comparer: comparer, clock: clock, name: "\(id) callback")
      let told = try check.outcome(request: context.request, bindings: &bindings)
      return result(id, findings + told.findings, diff: told.diff)
    } catch let end as RunEnd {
      return CaseResult(id: id, verdict: end.verdict)
    } catch {
      return CaseResult(id: id, verdict: .broken(reason: "\(error)"))
    }
  }

  /// Both as they are and as they stand in a query.
  private func bindTimes(
    of step: Scenario.Step, recorded: HTTPResponse, actual: HTTPResponse, _ bindings: inout Bindings
  ) {
    for path in step.binds ?? [] {
      guard let old = comparer.tree(of: recorded.body)?.elements(at: path).first?.text,
        let new = comparer.tree(of: actual.body)?.elements(at: path).first?.text, old != new
      else { continue }
      _ = bindings.bind(recorded: old, to: new)
      _ = bindings.bind(recorded: old.replacing("+", with: "%2B"), to: new.replacing("+", with: "%2B"))
    }
  }

  /// What only an answer that is live can break.
  private func ruleFindings(in response: HTTPResponse, of operation: Operation, name: String) throws -> [Finding] {
    let kind = response.status >= 300 ? DocumentKind.error : DocumentKind(operation: operation.id, part: .response)
    guard !response.body.isEmpty, response.status >= 300 || operation.response != nil else { return [] }
    let tree = comparer.tree(of: response.body)
    return try AnswerRules.requestIDFindings(in: response, tree, kind: kind, file: name, validator)
      + AnswerRules.creationTimeFindings(in: response, tree, kind: kind, file: name, validator)
  }

  private func result(_ id: String, _ findings: [Finding], diff: String) -> CaseResult {
    let isFine = !findings.contains { $0.severity == .error }
    return CaseResult(id: id, verdict: isFine ? .passed : .failed, findings: findings, detail: isFine ? "" : diff)
  }

  /// What a failed step's scenario takes for granted.
  private static func needs(of scenario: Scenario) -> String? {
    guard let objects = scenario.objects, !objects.isEmpty else { return nil }
    let names = objects.map { $0.key + ($0.storageClass.map { " (\($0))" } ?? "") }
    return "the scenario needs in the bucket, as scenario.json has them: \(names.joined(separator: ", "))"
  }

  private func hint(for operation: Operation) -> KindHint {
    operation.response == nil
      ? KindHint(operation: operation.id)
      : KindHint(kind: DocumentKind(operation: operation.id, part: .response))
  }

  // MARK: Alternatives

  /// Whether the answer is another one than was recorded, and as good where the documentation is silent.
  private func isAcceptedAlternative(
    _ response: HTTPResponse, to recorded: HTTPResponse, _ step: Scenario.Step
  ) -> Bool {
    let code = comparer.tree(of: response.body)?["Code"]?.text
    if response.status == recorded.status, code == comparer.tree(of: recorded.body)?["Code"]?.text { return false }
    return step.alternatives?.contains { $0.status == response.status && ($0.code == nil || $0.code == code) } ?? false
  }

  /// What is wrong with an answer that is compared with nothing.
  private func alternativeFindings(
    in response: HTTPResponse, of operation: Operation, name: String
  ) throws -> [Finding] {
    let place = HTTPValidation.MessagePlace(file: "\(name) response", hasLines: false)
    let findings = try comparer.http.findings(in: response, of: operation, at: place)
    guard !response.body.isEmpty else { return findings }
    let kind = response.status >= 300 ? DocumentKind.error : DocumentKind(operation: operation.id, part: .response)
    return findings + (try validator.check(response.body, as: kind, file: "\(name) response").findings)
  }

  // MARK: Sending

  /// The recorded request with the target's identifiers in it.
  private func prepared(
    _ recorded: HTTPRequest, bindings: Bindings, _ awaited: AwaitedCallback? = nil
  ) -> HTTPRequest {
    var request = recorded
    request.target = bindings.rewrite(request.target)
    if let body = String(validating: request.body, as: UTF8.self) {
      let rewritten = bindings.rewrite(body)
      request.body = Array((awaited?.addressed(rewritten) ?? rewritten).utf8)
    }
    request.headers.remove("Authorization")
    request.headers.remove("Content-Length")
    if !request.body.isEmpty || ["POST", "PUT"].contains(request.method) {
      request.headers.append("Content-Length", "\(request.body.count)")
    }
    return request
  }

  /// The answer, after as many repetitions as the step asks for.
  private func answer(to request: HTTPRequest, step: Scenario.Step, id: String) throws -> HTTPResponse {
    var attempt = 1
    while true {
      let sent = delivery.delivered(signed(request, step.sign ?? .valid))
      let response = try responder.respond(to: sent)
      log?.keep(sent, response, for: id)
      guard let until = step.until, attempt < until.attempts, response.status < 300,
        let tree = comparer.tree(of: response.body),
        !tree.elements(at: until.path).contains(where: { until.in.contains($0.text) })
      else { return response }
      attempt += 1
      clock.sleep(seconds: until.intervalSeconds)
    }
  }

  private func signed(_ request: HTTPRequest, _ signing: Scenario.Signing) -> HTTPRequest {
    RequestSigning(credentials: credentials).signed(request, signing, now: clock.now)
  }
}
