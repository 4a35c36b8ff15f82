internal import Emulator
internal import HTTPExchange
internal import Reporting
internal import Synchronization
internal import XMLValidation

/// What a server of this program answers: the emulator with its faults, and below `/.cispec/` what is asked of the program
/// itself. The judge, when there is one, is told of every request.
final class ServingResponder: PeerResponder {
  private let serving: Serving
  private let desk: JudgeDesk?
  private let counts = Mutex(TrafficCounts())

  init(_ serving: Serving, desk: JudgeDesk? = nil) {
    self.serving = serving
    self.desk = desk
  }

  func respond(to request: HTTPRequest) throws -> HTTPResponse {
    try respond(to: request, from: Peer(name: "", isLoopback: false))
  }

  func respond(to request: HTTPRequest, from peer: Peer) throws -> HTTPResponse {
    if request.target.hasPrefix("/.cispec/") { return control(request, isLoopback: peer.isLoopback) }
    let (start, serverTime) = (SystemClock().now, serving.clock.now)
    let (number, effects) = serving.faulty.begin(request)
    do {
      let answer = try serving.faulty.answer(to: request, under: effects)
      note(request, number, .answered(answer.response), start, serverTime, peer, document: answer.document)
      return answer.response
    } catch {
      note(request, number, .broken, start, serverTime, peer)
      throw error
    }
  }

  /// The answer to a body that was not read to its end.
  func refuseOversized(_ request: HTTPRequest) -> HTTPResponse {
    let (start, serverTime) = (SystemClock().now, serving.clock.now)
    let response = serving.emulator.refusalOfOversizedBody(request)
    let (number, _) = serving.faulty.begin(request)
    note(
      request, number, .answered(response), start, serverTime, Peer(name: "", isLoopback: false), isOversized: true)
    return response
  }

  private func note(
    _ request: HTTPRequest, _ number: Int, _ outcome: ObservedRequest.Outcome, _ start: Double,
    _ serverTime: Double, _ peer: Peer,
    document: ElementTree? = nil, isOversized: Bool = false
  ) {
    let end = SystemClock().now
    var response: HTTPResponse?
    if case .answered(let answer) = outcome { response = answer }
    counts.withLock { $0.add(request.method, response?.status, seconds: end - start) }
    serving.log?.write(request, response, start: start, end: end)
    desk?.take(
      ObservedRequest(
        number: number, request: request, outcome: outcome, start: start, end: end, serverTime: serverTime,
        peer: peer.name.isEmpty ? nil : peer.name, answerDocument: document), isOversized: isOversized)
  }

  // MARK: The program's own paths

  private func control(_ request: HTTPRequest, isLoopback: Bool) -> HTTPResponse {
    guard isLoopback else { return text(403, "This is told to programs of the same machine alone.\n") }
    switch (request.method, request.rawPath) {
    case ("GET", "/.cispec/health"):
      return serving.emulator.isFailing ? text(503, "The state file cannot be written.\n") : text(200, "ok\n")
    case ("GET", "/.cispec/metrics"):
      return text(200, counts.withLock { $0.metrics } + (desk?.metrics ?? ""), "text/plain; version=0.0.4")
    case ("GET", "/.cispec/clock"): return time(serving.clock.now)
    case ("POST", "/.cispec/clock"):
      let parameters = request.parameters
      guard parameters.count == 1, let parameter = parameters.first, parameter.name == "advance",
        let seconds = parameter.value.flatMap(Double.init), (0...Self.advanceSecondsMax).contains(seconds)
      else { return text(400, "The query is advance=SECONDS, a number from 0.\n") }
      return time(serving.clock.advance(seconds: seconds))
    case ("GET", "/.cispec/findings"):
      guard let desk else { break }
      return text(200, desk.json, "application/json")
    case ("POST", "/.cispec/reset"):
      guard let desk else { break }
      desk.reset()
      return text(200, desk.json, "application/json")
    default: break
    }
    return text(404, "There is no \(request.method) \(request.rawPath).\n")
  }

  /// A hundred years.
  private static let advanceSecondsMax = 3_155_760_000.0

  private func time(_ seconds: Double) -> HTTPResponse {
    let body = JSONReport.object([
      ("format", .integer(1)), ("now", .string(Times.job(seconds))), ("seconds", .integer(Int(seconds))),
    ])
    return text(200, body + "\n", "application/json")
  }

  private func text(_ status: Int, _ text: String, _ type: String = "text/plain") -> HTTPResponse {
    HTTPResponse(status: status, headers: ["Content-Type": type, "Cache-Control": "no-store"], body: Array(text.utf8))
  }
}

/// How many requests there were, for a scraper of metrics.
struct TrafficCounts {
  private struct Label: Hashable {
    var method: String
    var status: Int
    /// As a scraper reads it.
    var text: String { "method=\"\(method)\",status=\"\(status)\"" }
  }

  private var requests: [Label: Int] = [:]
  private var broken = 0
  private var count = 0
  private var seconds = 0.0

  private static let methods = ["GET", "PUT", "POST", "DELETE", "HEAD"]

  mutating func add(_ method: String, _ status: Int?, seconds: Double) {
    count += 1
    self.seconds += seconds
    guard let status else {
      broken += 1
      return
    }
    // Methods are the client's to choose, so only those of the API have a label of their own.
    let name = Self.methods.contains(method) ? method : "other"
    requests[Label(method: name, status: status), default: 0] += 1
  }

  /// In the text format of Prometheus, version 0.0.4.
  var metrics: String {
    var lines = [
      "# HELP cispec_requests_total Requests answered, by method and status.", "# TYPE cispec_requests_total counter",
    ]
    lines += requests.map { ($0.text, $1) }.sorted { $0.0 < $1.0 }.map { "cispec_requests_total{\($0.0)} \($0.1)" }
    lines += [
      "# HELP cispec_broken_answers_total Answers that were broken off on purpose.",
      "# TYPE cispec_broken_answers_total counter", "cispec_broken_answers_total \(broken)",
      "# HELP cispec_answer_seconds Time from a request to its answer.", "# TYPE cispec_answer_seconds summary",
      "cispec_answer_seconds_sum \(seconds)", "cispec_answer_seconds_count \(count)",
    ]
    return lines.joined(separator: "\n") + "\n"
  }
}
