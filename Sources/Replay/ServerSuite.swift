public import CaseLibrary
public import Findings
public import HTTPExchange
public import Signing
public import XMLValidation

/// Sends the cases of the server suite to a target and judges its answers. For one thread at a time.
public final class ServerSuite {
  private let requests: ServerRequests
  private let responder: any Responder
  private let wire: (any WireSender)?
  private let clock: any Clock
  private let catalogue: Catalogue
  private let validator: Validator
  private let heads: HTTPValidation
  private let log: ExchangeLog?

  /// - Parameters:
  ///   - cases: the cases and right requests.
  ///   - responder: the target.
  ///   - wire: nil when raw bytes have no way to the target; the cases that need it are skipped.
  ///   - credentials: the key pair that requests are signed with.
  ///   - host: what the Host field says.
  ///   - delivery: what every request gets on its way.
  ///   - clock: tells the time and lets it pass.
  ///   - catalogue: the operations.
  ///   - library: the compiled schemas and rules.
  ///   - log: keeps exchanges; nil keeps none.
  public init(
    cases: ServerCases, responder: any Responder, wire: (any WireSender)?, credentials: Credentials, host: String,
    delivery: RequestDelivery = RequestDelivery(), clock: any Clock, catalogue: Catalogue,
    library: ValidationLibrary, log: ExchangeLog? = nil
  ) throws {
    let options = ValidationOptions()
    validator = Validator(library: library, options: options)
    requests = ServerRequests(
      cases: cases, credentials: credentials, host: host, delivery: delivery, validator: validator)
    self.responder = responder
    self.wire = wire
    self.clock = clock
    self.catalogue = catalogue
    self.log = log
    heads = try HTTPValidation(catalogue, level: .should, edition: options.edition.rawValue)
  }

  /// What an answer turned out to be: one with a status, or none because the server closed.
  private typealias Outcome = (request: HTTPRequest, response: HTTPResponse?)

  /// The verdict on one case.
  public func result(of one: ServerCase) -> CaseResult {
    let start = clock.now
    var result = CaseResult(id: one.id, verdict: .passed, requirements: one.requirements)
    do {
      var values = ServerRequests.Values(now: start)
      if one.change.sign == .tokenUnsigned, requests.credentials.token == nil {
        result.verdict = .skipped(reason: "it is about temporary credentials, and CISPEC_TOKEN is not set")
        return result
      }
      if one.needsWire, wire == nil {
        result.verdict = .skipped(reason: "raw bytes are sent over plain TCP without a proxy only")
        return result
      }
      for step in one.before { try prepare(step, &values) }
      let outcomes = try outcomes(of: one, values)
      result.findings = try outcomes.flatMap { try findings(in: $0, of: one, values) }
      if let pages = one.pages { result.findings += findings(in: outcomes, of: one, pages, values) }
      if let repetition = one.repetition { result.findings += try findings(in: outcomes, of: one, repetition) }
      if result.findings.contains(where: { $0.severity == .error }) {
        result.verdict = .failed
        result.detail = detail(of: one, outcomes)
      }
    } catch let refusal as Refused {
      result.verdict = .skipped(reason: refusal.description)
    } catch let end as RunEnd {
      result.verdict = end.verdict
    } catch {
      result.verdict = .broken(reason: "\(error)")
    }
    result.seconds = clock.now - start
    return result
  }

  /// The bytes that would be sent for a case; identifiers of jobs that are made before it are not known yet.
  public func messages(of one: ServerCase) throws -> [[UInt8]] {
    var values = ServerRequests.Values(job: "<id of what is made before>", now: clock.now)
    var messages = try one.before.map { step in
      let change = step.change ?? ServerCase.Change()
      return requests.bytes(
        of: try requests.request(of: step.operation, change, values, now: clock.now), change)
    }
    for number in 1...(one.repetition?.count ?? 1) {
      values.number = one.repetition == nil ? 0 : number
      messages.append(
        requests.bytes(
          of: try requests.request(of: one.operation, one.change, values, now: clock.now), one.change))
    }
    return messages
  }

  // MARK: Sending

  /// What goes before a case was refused, as it may be: the server has gone on with the job.
  private struct Refused: Error, CustomStringConvertible { var description: String }

  private func prepare(_ step: ServerCase.Preparation, _ values: inout ServerRequests.Values) throws {
    let change = step.change ?? ServerCase.Change()
    let response = try answer(until: step.until) {
      let request = try requests.request(of: step.operation, change, values, now: clock.now)
      return (request, try responder.respond(to: request))
    }.response
    if step.refusable == true, let response, (400..<500).contains(response.status) {
      throw Refused(
        description: "the \(step.operation) before it came too late: \(response.status) "
          + (Self.errorCode(of: response) ?? ""))
    }
    guard let response, response.status < 300 else {
      throw ServerRequests.Unmakeable(
        description: "the case needs a \(step.operation) first, and that is answered with \(response?.status ?? 0) "
          + (response.flatMap(Self.errorCode) ?? ""))
    }
    guard let path = step.bind else { return }
    guard let id = validator.tree(of: response.body)?.elements(at: path).first?.text, !id.isEmpty else {
      throw ServerRequests.Unmakeable(description: "the answer to \(step.operation) has nothing at \(path)")
    }
    values.job = id
  }

  private func answer(until: Scenario.Until?, _ send: () throws -> Outcome) throws -> Outcome {
    var attempt = 1
    while true {
      let outcome = try send()
      guard let until, attempt < until.attempts, let response = outcome.response, response.status < 300,
        let tree = validator.tree(of: response.body),
        !tree.elements(at: until.path).contains(where: { until.in.contains($0.text) })
      else { return outcome }
      attempt += 1
      clock.sleep(seconds: until.intervalSeconds)
    }
  }

  private func outcomes(of one: ServerCase, _ values: ServerRequests.Values) throws -> [Outcome] {
    func request(_ number: Int) throws -> HTTPRequest {
      var values = values
      values.number = number
      return try requests.request(of: one.operation, one.change, values, now: clock.now)
    }
    if let pages = one.pages { return try outcomes(of: one, pages, values) }
    guard let repetition = one.repetition else {
      let outcome = try answer(until: one.until) {
        let request = try request(0)
        return (request, one.needsWire ? try rawAnswer(to: request, one) : try responder.respond(to: request))
      }
      log?.keep(outcome.request, outcome.response, for: one.id)
      return [outcome]
    }
    let all = try (1...repetition.count).map(request)
    let messages = all.map { requests.bytes(of: $0, one.change) }
    let answers: [HTTPResponse?] =
      switch repetition.manner {
      case .again: try all.map { try responder.respond(to: $0) }
      case .concurrent: try wire?.answersAtOnce(to: messages).map { try $0.get() } ?? []
      case .keepAlive, .pipelined:
        try wire?.answers(
          to: messages, isPipelined: repetition.manner == .pipelined, halfCloses: false, withInterim: false) ?? []
      }
    let outcomes = all.enumerated().map { ($1, $0 < answers.count ? answers[$0] : nil) }
    for outcome in outcomes { log?.keep(outcome.0, outcome.1, for: one.id) }
    return outcomes
  }

  private func rawAnswer(to request: HTTPRequest, _ one: ServerCase) throws -> HTTPResponse? {
    let bytes = requests.bytes(of: request, one.change)
    return try wire?.answers(
      to: [bytes], isPipelined: false, halfCloses: one.change.framing == .half,
      withInterim: one.change.framing == .expect
    ).first
  }

  // MARK: Judging

  private func findings(
    in outcome: Outcome, of one: ServerCase, _ values: ServerRequests.Values
  ) throws -> [Finding] {
    guard let accepted = one.accept.first(where: { Self.fits($0, outcome) }) else {
      return [unaccepted(outcome.response, one)]
    }
    guard let response = outcome.response, response.status >= 200, accepted.document != false else { return [] }
    let place = "\(one.id) response"
    var findings = try heads.findings(
      in: response, of: catalogue.operation(one.operation),
      at: HTTPValidation.MessagePlace(file: place, hasLines: false)
    ).filter { $0.severity == .error }
    guard !response.body.isEmpty, outcome.request.method != "HEAD" else { return findings }
    let kind =
      response.status >= 300 ? DocumentKind.error : DocumentKind(operation: one.operation, part: .response)
    guard response.status >= 300 || catalogue.operation(one.operation)?.response != nil else { return findings }
    let check = try validator.check(response.body, as: kind, file: place, wantsTree: true)
    findings += check.findings
    findings += try AnswerRules.requestIDFindings(in: response, check.tree, kind: kind, file: place, validator)
    for expectation in one.expect
    where expectation.status?.contains(response.status) ?? (response.status < 300) {
      findings += self.findings(in: check.tree, expectation, one, values)
    }
    return findings
  }

  private static func fits(_ answer: ServerCase.Answer, _ outcome: Outcome) -> Bool {
    guard let response = outcome.response else { return answer.status == nil }
    guard answer.status == response.status else { return false }
    // An answer to HEAD has no body to name a code in.
    return answer.code == nil || answer.code == errorCode(of: response) || outcome.request.method == "HEAD"
  }

  private func unaccepted(_ response: HTTPResponse?, _ one: ServerCase) -> Finding {
    let expected = one.accept.map(Self.words).joined(separator: ", ")
    let actual =
      response.map { "\($0.status) \(Self.errorCode(of: $0) ?? "")".trimmingBlanks } ?? "no answer"
    let isTaken = response.map { $0.status < 300 } ?? false
    let isRefusalExpected = !one.accept.contains { ($0.status ?? 400) < 300 }
    let id = isTaken && isRefusalExpected ? "server.accepted" : "server.wrong-answer"
    let message =
      isTaken && isRefusalExpected
      ? "\(one.title): the request is taken, and must be refused."
      : "\(one.title): the answer is \(actual); \(expected) is right."
    return finding(id, one, message, expected: expected, actual: actual)
  }

  private func findings(
    in tree: ElementTree?, _ expectation: ServerCase.Expectation, _ one: ServerCase, _ values: ServerRequests.Values
  ) -> [Finding] {
    let found = tree?.elements(at: expectation.path).map(\.text) ?? []
    var findings: [Finding] = []
    if let count = expectation.count, found.count != count {
      findings.append(
        finding(
          "server.node-count", one, "\(one.title): the answer has \(found.count) of \(expectation.path), not \(count).",
          expected: "\(count)", actual: "\(found.count)", path: expectation.path))
    }
    if let wanted = expectation.values?.map({ requests.filled($0, values) }),
      let odd = found.first(where: { !wanted.contains($0) })
    {
      findings.append(
        finding(
          "server.node-value", one, "\(one.title): \(expectation.path) is '\(odd.prefix(120))'.",
          expected: wanted.joined(separator: ", "), actual: odd, path: expectation.path))
    }
    return findings
  }

  private func finding(
    _ id: String, _ one: ServerCase, _ message: String, expected: String, actual: String, path: String? = nil
  ) -> Finding {
    Finding(
      id: id, requirement: one.requirements.first, severity: one.level.severity,
      place: Place(file: one.id, path: path), message: message, expected: expected, actual: actual)
  }

  // MARK: Pages

  private static func token(in outcome: Outcome, _ validator: Validator) -> String? {
    let token = outcome.response.flatMap { validator.tree(of: $0.body)?["NextToken"]?.text } ?? ""
    return token.isEmpty ? nil : token
  }

  /// The pages of a list, as long as each names a next one that is new.
  private func outcomes(
    of one: ServerCase, _ pages: ServerCase.Pages, _ values: ServerRequests.Values
  ) throws -> [Outcome] {
    var outcomes: [Outcome] = []
    var tokens: Set<String> = []
    var change = one.change
    while outcomes.count < pages.max {
      let request = try requests.request(of: one.operation, change, values, now: clock.now)
      let outcome: Outcome = (request, try responder.respond(to: request))
      log?.keep(outcome.request, outcome.response, for: one.id)
      outcomes.append(outcome)
      guard let token = Self.token(in: outcome, validator), tokens.insert(token).inserted else { break }
      change.query = (one.change.query.map { $0 + "&" } ?? "") + "nextToken=" + PercentCoding.encode(token)
    }
    return outcomes
  }

  /// Whether the pages come to an end, name each job once and in order, and the one that was made before among them.
  private func findings(
    in outcomes: [Outcome], of one: ServerCase, _ pages: ServerCase.Pages, _ values: ServerRequests.Values
  ) -> [Finding] {
    let jobs = outcomes.map { outcome in
      outcome.response.flatMap { validator.tree(of: $0.body) }?.all("JobsDetail") ?? []
    }
    let ids = jobs.flatMap { $0 }.map { $0.text(at: "JobId") ?? "" }
    var findings: [Finding] = []
    func add(_ id: String, _ message: String, expected: String, actual: String, path: String) {
      findings.append(
        finding(id, one, "\(one.title): \(message)", expected: expected, actual: actual, path: "/Response/\(path)"))
    }
    if let last = outcomes.last, let token = Self.token(in: last, validator),
      jobs.last?.isEmpty == true || outcomes.count < pages.max
    {
      add(
        "server.pages-endless", "the list names a next page for ever.", expected: "a last page without NextToken",
        actual: token, path: "NextToken")
    }
    if let twice = ids.first(where: { id in ids.count { $0 == id } > 1 }) {
      add(
        "server.page-repeats", "job \(twice) is listed twice.", expected: "each job once", actual: twice,
        path: "JobsDetail/JobId")
    }
    if !values.job.isEmpty, outcomes.count < pages.max, !ids.contains(values.job) {
      add(
        "server.job-unlisted", "the job that was just made is on no page.", expected: values.job,
        actual: "\(ids.count) other jobs", path: "JobsDetail/JobId")
    }
    let times = jobs.flatMap { $0 }.compactMap { $0.text(at: "CreationTime").flatMap(AnswerTimes.seconds(ofJobTime:)) }
    let isAscending = (one.change.query ?? "").contains("orderByTime=Asc")
    if zip(times, times.dropFirst()).contains(where: { isAscending ? $0 > $1 : $0 < $1 }) {
      add(
        "server.list-order", "the jobs are not in the order of their creation.",
        expected: isAscending ? "the oldest first" : "the newest first", actual: "another order",
        path: "JobsDetail/CreationTime")
    }
    return findings
  }

  // MARK: Repetitions

  private func findings(
    in outcomes: [Outcome], of one: ServerCase, _ repetition: ServerCase.Repetition
  ) throws -> [Finding] {
    let trees = outcomes.map { $0.response.flatMap { validator.tree(of: $0.body) } }
    guard repetition.submits == true else {
      // RequestId is each answer's own.
      let said = trees.map { tree in
        tree.map { ElementTree($0.name, children: $0.children.filter { $0.name != "RequestId" }).fragment } ?? ""
      }
      guard let odd = said.first(where: { $0 != said.first }) else { return [] }
      return [
        finding(
          "server.not-repeatable", one, "\(one.title): equal requests get answers that differ.",
          expected: said.first ?? "", actual: odd)
      ]
    }
    let ids = trees.compactMap { $0?.text(at: "JobsDetail", "JobId") }
    if Set(ids).count < ids.count {
      return [
        finding(
          "server.id-twice", one, "\(one.title): two jobs have one identifier.", expected: "\(ids.count) identifiers",
          actual: "\(Set(ids).count)")
      ]
    }
    return try trees.enumerated().flatMap { index, tree in
      try found(tree?.text(at: "JobsDetail", "JobId"), number: index + 1, one)
    }
  }

  /// Whether a job says its own UserData when it is asked for.
  private func found(_ id: String?, number: Int, _ one: ServerCase) throws -> [Finding] {
    guard let id else { return [] }
    let query = one.operation.replacing(".submit", with: ".query")
    let right = requests.cases.right[query]?.target.split(separator: "/").first.map(String.init) ?? ""
    let change = ServerCase.Change(target: "/\(right)/\(id)")
    let response = try responder.respond(to: try requests.request(of: query, change, now: clock.now))
    let tree = validator.tree(of: response.body)
    let data = tree?.text(at: "JobsDetail", "Operation", "UserData")
    guard data == "cispec-\(number)" else {
      return [
        finding(
          "server.wrong-job", one, "\(one.title): job \(id) is not the one that was submitted under it.",
          expected: "UserData cispec-\(number)", actual: data.map { "UserData \($0)" } ?? "status \(response.status)")
      ]
    }
    return []
  }

  // MARK: Showing

  private func detail(of one: ServerCase, _ outcomes: [Outcome]) -> String {
    let reasons = one.accept.map { "accepted: \(Self.words($0)) – \($0.reason)" }
    let answers = outcomes.prefix(3).map { outcome in
      "answered: " + (outcome.response.map { "\($0.status) \(Self.errorCode(of: $0) ?? "")" } ?? "closed")
    }
    return (reasons + answers).joined(separator: "\n")
  }

  private static func words(_ answer: ServerCase.Answer) -> String {
    guard let status = answer.status else { return "closing" }
    return "\(status) \(answer.code ?? "")".trimmingBlanks
  }

  /// The first `Code` of an error body.
  private static func errorCode(of answer: HTTPResponse) -> String? {
    guard answer.status >= 300 else { return nil }
    let text = String(decoding: answer.body.prefix(64 << 10), as: UTF8.self)
    guard let start = text.firstRange(of: "<Code>"), let end = text[start.upperBound...].firstRange(of: "</Code>")
    else { return nil }
    return String(text[start.upperBound..<end.lowerBound])
  }
}

extension ServerCase {
  /// Whether a client library would not send it as it is.
  public var needsWire: Bool {
    if let repetition { return repetition.manner != .again }
    return change.startLine != nil || change.unsignedHeaders != nil || (change.framing ?? .length) != .length
      || change.headers?.keys.contains { $0 == "Content-Length" || $0 == "Host" } == true
  }
}

extension String {
  fileprivate var trimmingBlanks: String { hasSuffix(" ") ? String(dropLast()) : self }
}
