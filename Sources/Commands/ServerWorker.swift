internal import Adapting
internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import Replay
internal import Signing
internal import XMLValidation

/// The way to a server: over a network, or straight to a responder of this process.
struct ServerAccess {
  var responder: any Responder
  /// Nil when raw bytes have no way to the server.
  var wire: (any WireSender)?
  var credentials: Credentials
  var host: String
  /// The bucket and region of the host when they are not the recorded ones.
  var bucket: (name: String, region: String)?
  var delivery = RequestDelivery()
  var clock: any HTTPExchange.Clock
  /// Nil when the server cannot reach this machine.
  var callbacks: CallbackListening?
}

/// What servers are judged by.
struct ServerData {
  let catalogue: Catalogue
  let library: ValidationLibrary
  let cases: ServerCases
  let answers: RefusalAnswers
  let notes: VectorNotes
  let levels: RequirementLevels

  init(
    catalogue: Catalogue, library: ValidationLibrary, cases: ServerCases, answers: RefusalAnswers, notes: VectorNotes
  ) throws {
    self.catalogue = catalogue
    self.library = library
    self.cases = cases
    self.answers = answers
    self.notes = notes
    levels = try RequirementLevels(catalogue)
  }
}

/// What one thread judges with.
final class ServerWorker {
  private let access: ServerAccess
  private let data: ServerData
  private let scenarios: ScenarioRunner
  private let suite: ServerSuite
  private let log: ExchangeLog?
  private var signatures: (made: Double, cases: [String: TargetCase]) = (-.infinity, [:])

  /// - Parameter log: keeps the exchanges of each case; nil when nobody is to see them.
  init(
    _ access: ServerAccess, _ data: ServerData, review: (any DifferenceReview)? = nil, log: ExchangeLog? = nil
  ) throws {
    self.access = access
    self.data = data
    self.log = log
    scenarios = try ScenarioRunner(
      responder: access.responder, credentials: access.credentials, clock: access.clock, catalogue: data.catalogue,
      library: data.library, delivery: access.delivery, log: log, review: review, callbacks: access.callbacks)
    suite = try ServerSuite(
      cases: data.cases, responder: access.responder, wire: access.wire, credentials: access.credentials,
      host: access.host, delivery: access.delivery, clock: access.clock, catalogue: data.catalogue,
      library: data.library, log: log)
  }

  func entries(of item: ServerItem) -> [Scorecard.Entry] {
    switch item {
    case .scenario(let recorded): return entries(of: placed(recorded))
    case .server(let one, _):
      let entry = Scorecard.Entry(
        result: suite.result(of: one), operation: one.operation, aspect: one.aspect, level: one.level)
      return [entry]
    case .signature(let id, _):
      return [
        Scorecard.Entry(
          result: signature(id), operation: ServerItem.signedOperation, aspect: .signature, level: .must)
      ]
    }
  }

  private func placed(_ recorded: RecordedScenario) -> RecordedScenario {
    guard let bucket = access.bucket else { return recorded }
    return recorded.moved(toBucket: bucket.name, region: bucket.region)
  }

  private func entries(of recorded: RecordedScenario) -> [Scorecard.Entry] {
    zip(recorded.scenario.steps, zip(recorded.exchanges, scenarios.results(of: recorded))).map { step, pair in
      let (exchange, result) = pair
      let aspect: Scorecard.Aspect =
        if (step.sign ?? .valid) != .valid {
          .signature
        } else if exchange.response.status >= 400 {
          .request
        } else {
          step.until != nil || step.operation.hasSuffix(".cancel") ? .states : .answer
        }
      let level = data.levels.level(of: step.requirements ?? [])
      return Scorecard.Entry(result: result, operation: step.operation, aspect: aspect, level: level)
    }
  }

  // MARK: Signatures

  /// Signatures run out, so they are made anew after a while.
  private func signatureCase(_ id: String) -> TargetCase? {
    let now = access.clock.now
    if abs(now - signatures.made) > 60 {
      let made = TargetCases(credentials: access.credentials, host: access.host, now: Int64(now)).all
      signatures = (now, Dictionary(made.map { ($0.id, $0) }) { first, _ in first })
    }
    return signatures.cases[id]
  }

  private func signature(_ id: String) -> CaseResult {
    guard let one = signatureCase(id) else {
      return CaseResult(id: id, verdict: .broken(reason: "there is no such case"))
    }
    do {
      let request = access.delivery.delivered(one.request)
      let answer = try access.responder.respond(to: request)
      log?.keep(request, answer, for: id)
      return TargetCases.result(of: one, answer: answer, allowed: data.answers, notes: data.notes)
    } catch let end as RunEnd {
      return CaseResult(id: id, verdict: end.verdict)
    } catch {
      return CaseResult(id: id, verdict: .broken(reason: "\(error)"))
    }
  }

  // MARK: Dry run

  func messages(of item: ServerItem, _ shown: ServerExchange) throws -> [(id: String, bytes: [UInt8])] {
    switch item {
    case .scenario(let recorded):
      return scenarios.requests(of: placed(recorded)).map { ($0.id, HTTPMessageText.bytes(of: $0.request)) }
    case .server(let one, _): return try suite.messages(of: one).map { (one.id, $0) }
    case .signature(let id, _):
      return signatureCase(id).map {
        [(id, HTTPMessageText.bytes(of: access.delivery.delivered($0.request)))]
      } ?? []
    }
  }
}
