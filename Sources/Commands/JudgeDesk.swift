internal import CaseLibrary
internal import Emulator
internal import Findings
internal import HTTPExchange
internal import Reporting
internal import Signing
internal import Synchronization
internal import XMLValidation

/// Where a running judge keeps what it has found; used by all threads of the server.
final class JudgeDesk: Sendable {
  private struct State {
    var record = JudgeRecord()
    var expectation: Expectation
    var fault: String?
    /// When the last request came, on a clock that never goes back; nil before the first.
    var lastRequest: Double?
  }

  private let judge: Judge
  private let scenarios: [RecordedScenario]
  private let library: ValidationLibrary
  private let text: PlainText
  private let talk: Output?
  private let state: Mutex<State>

  /// - Parameter talk: where each request is told at once; nil when none is.
  init(
    _ serving: Serving, _ settings: JudgeSettings, expecting scenarios: [RecordedScenario], text: PlainText,
    talk: Output?
  ) throws {
    judge = try Judge(
      catalogue: serving.catalogue, library: serving.library, credentials: serving.credentials, settings: settings)
    self.scenarios = scenarios
    library = serving.library
    self.text = text
    self.talk = talk
    state = Mutex(State(expectation: Expectation(scenarios, library: library)))
  }

  func take(_ observed: ObservedRequest, isOversized: Bool) {
    let result = Result { isOversized ? .oversized(observed) : try judge.judge(observed) }
    state.withLock { state in
      state.lastRequest = monotonicSeconds()
      switch result {
      case .success(let judged):
        state.record.add(judged)
        state.expectation.observe(judged)
        tell(judged, observed)
      case .failure(let error): state.fault = state.fault ?? "\(error)"
      }
    }
  }

  func reset() {
    state.withLock { state in
      judge.reset()
      state = State(expectation: Expectation(scenarios, library: library), lastRequest: monotonicSeconds())
    }
  }

  private func tell(_ judged: JudgedRequest, _ observed: ObservedRequest) {
    guard let talk else { return }
    var status = "broken off"
    if case .answered(let response) = observed.outcome { status = "\(response.status)" }
    let verdict =
      judged.findings.map(\.severity).max().map { "\(judged.findings.count) × up to \($0.rawValue)" } ?? "ok"
    let head = "\(judged.number) \(judged.method) \(judged.path) \(status) \(judged.operation ?? "-"): \(verdict)"
    let lines = judged.findings.map { "  " + text.text(of: $0).replacing("\n", with: "\n  ") }
    talk.writeLine(([text.oneLine(head)] + lines).joined(separator: "\n"))
  }

  // MARK: What was found

  struct Outcome {
    var record: JudgeRecord
    var expected: [CaseResult]
    var fault: String?
  }

  var outcome: Outcome {
    state.withLock { Outcome(record: $0.record, expected: $0.expectation.results, fault: $0.fault) }
  }

  var requests: Int { state.withLock { $0.record.requests } }

  /// How long no request has come; nil before the first.
  var idleSeconds: Double? { state.withLock { state in state.lastRequest.map { monotonicSeconds() - $0 } } }

  /// The answer of `GET /.cispec/findings`; docs/Formats.md describes it.
  var json: String {
    let outcome = outcome
    let open = outcome.expected.filter { $0.verdict != .passed }
    let findings = (outcome.record.findings + open.flatMap(\.findings)).map { JSONReport.line(for: $0) }
    let counts = JSONReport.object([
      ("format", .integer(1)), ("requests", .integer(outcome.record.requests)),
      ("errors", .integer(outcome.record.count(.error))), ("warnings", .integer(outcome.record.count(.warning))),
      ("notes", .integer(outcome.record.count(.note))), ("requestsDropped", .integer(outcome.record.dropped)),
      ("expected", .integer(outcome.expected.count)), ("expectedOpen", .strings(open.map(\.id))),
    ])
    return String(counts.dropLast()) + ",\"findings\":[" + findings.joined(separator: ",") + "]}\n"
  }

  /// In the text format of Prometheus.
  var metrics: String {
    let record = outcome.record
    return "# HELP cispec_findings_total Findings of the judge, by severity.\n# TYPE cispec_findings_total counter\n"
      + Severity.allCases.map { "cispec_findings_total{severity=\"\($0.rawValue)\"} \(record.count($0))\n" }.joined()
  }
}
