import CaseLibrary
import Findings
import HTTPExchange
import Signing
import Synchronization
import Testing

@testable import Replay

@Suite("Callbacks")
struct CallbackTests {
  /// Gives a request after some looks, as a server does that takes its time.
  final class ScriptedInbox: CallbackInbox, Sendable {
    let address = "http://127.0.0.1:40001/callback"
    private let state: Mutex<(looksLeft: Int, request: HTTPRequest?, isOpen: Bool)>

    init(_ request: HTTPRequest?, after looks: Int = 3) { state = Mutex((looks, request, true)) }

    var isOpen: Bool { state.withLock { $0.isOpen } }

    func next() -> HTTPRequest? {
      state.withLock { state in
        state.looksLeft -= 1
        return state.looksLeft < 0 ? state.request : nil
      }
    }

    func close() { state.withLock { $0.isOpen = false } }
  }

  static func scenario(_ id: String) throws -> RecordedScenario {
    try #require(try RecordedScenario.all(in: Kit.folder).first { $0.scenario.id == id })
  }

  /// The recorded callback as a server sends it to the inbox.
  static func callback(of id: String, _ edits: [(old: String, new: String)] = []) throws -> HTTPRequest {
    var request = try #require(try scenario(id).callbacks["submit"])
    request.target = "/callback"
    for edit in edits {
      let body = String(decoding: request.body, as: UTF8.self)
      try #require(body.contains(edit.old))
      request.body = Array(body.replacingOccurrences(edit.old, edit.new).utf8)
    }
    return request
  }

  static func result(_ id: String, _ callback: HTTPRequest?) throws -> (CaseResult, [HTTPRequest], ScriptedInbox) {
    let (catalogue, library) = try Kit.library()
    let recorded = try scenario(id)
    let responder = ScriptedResponder(recorded.exchanges.map(\.response))
    let inbox = ScriptedInbox(callback)
    let runner = try ScenarioRunner(
      responder: responder, credentials: Credentials(secretID: "id", secretKey: "key"), clock: StillClock(),
      catalogue: catalogue, library: library,
      callbacks: CallbackListening(open: { inbox }, document: { bytes, _ in CallbackDocument(bytes: bytes) }))
    return (try #require(runner.results(of: recorded).first), responder.requests, inbox)
  }

  static let withXML = ["file-jobs/callback-xml", "file-jobs/callback-failed", "jobs/callback-animation"]

  @Test("the recorded callback passes, asked for at the inbox, which is closed afterwards", arguments: withXML)
  func passing(id: String) throws {
    let (result, requests, inbox) = try Self.result(id, try Self.callback(of: id))
    #expect(result.verdict == .passed, "\(result.findings.map(\.message))")
    let request = try #require(requests.first)
    let body = String(decoding: request.body, as: UTF8.self)
    #expect(body.contains("<CallBack>http://127.0.0.1:40001/callback</CallBack>"))
    #expect(request.headers["Content-Length"] == "\(request.body.count)")
    #expect(!inbox.isOpen)
  }

  @Test("every recorded callback has its address in the request, a true length and its job")
  func recorded() throws {
    for recorded in try RecordedScenario.all(in: Kit.folder) {
      for (step, exchange) in zip(recorded.scenario.steps, recorded.exchanges) {
        guard let callback = step.callback else { continue }
        let told = try #require(recorded.callbacks[step.id])
        let request = String(decoding: exchange.request.body, as: UTF8.self)
        #expect(request.contains("<CallBack>\(callback.address)</CallBack>"), "\(recorded.scenario.id)")
        #expect(told.headers["Content-Length"] == "\(told.body.count)", "\(recorded.scenario.id)")
        let answer = String(decoding: exchange.response.body, as: UTF8.self)
        let job = try #require(answer.split(separator: "<JobId>").last?.prefix { $0 != "<" })
        #expect(String(decoding: told.body, as: UTF8.self).contains(job), "\(recorded.scenario.id)")
      }
    }
  }

  static let id = "file-jobs/callback-xml"

  @Test(
    "a wrong document fails, each for its fault",
    arguments: [
      ("<JobId>f", "<JobId>!", "schema.value.form"),
      ("2084</JobId>", "2085</JobId>", "replay.value-changed"),
      ("<EventName>TaskFinish</EventName>", "", "schema.missing-node"),
      ("TaskFinish", "TaskStart", "schema.value.enumeration"),
      ("<State>Success", "<State>Running", "callback.state"),
      ("10bdedc002d1baceeea2e453edd35be1</MD5>", "00bdedc002d1baceeea2e453edd35be1</MD5>", "replay.value-changed"),
      ("This is my data.", "This is your data.", "replay.value-changed"),
      ("</Response>", "", "xml.cut-short"),
    ])
  func wrongDocument(old: String, new: String, finding: String) throws {
    let (result, _, _) = try Self.result(Self.id, try Self.callback(of: Self.id, [(old, new)]))
    #expect(result.verdict == .failed)
    #expect(result.findings.contains { $0.id == finding && $0.severity == .error }, "\(result.findings.map(\.id))")
  }

  @Test("a callback that never comes fails")
  func neverCame() throws {
    let (result, _, inbox) = try Self.result(Self.id, nil)
    #expect(result.verdict == .failed)
    #expect(result.findings.filter { $0.severity == .error }.map(\.id) == ["callback.never-came"])
    #expect(!inbox.isOpen)
  }

  @Test("a wrong head fails", arguments: ["callback.method", "callback.target", "callback.content-type"])
  func wrongHead(finding: String) throws {
    var callback = try Self.callback(of: Self.id)
    switch finding {
    case "callback.method": callback.method = "PUT"
    case "callback.target": callback.target = "/"
    default: callback.headers.remove("Content-Type")
    }
    let (result, _, _) = try Self.result(Self.id, callback)
    #expect(result.findings.filter { $0.severity == .error }.map(\.id) == [finding])
  }

  @Test("without a listener the step is skipped and nothing is sent")
  func noListener() throws {
    let (catalogue, library) = try Kit.library()
    let responder = ScriptedResponder([])
    let runner = try ScenarioRunner(
      responder: responder, credentials: Credentials(secretID: "id", secretKey: "key"), clock: StillClock(),
      catalogue: catalogue, library: library)
    let results = runner.results(of: try Self.scenario(Self.id))
    #expect(results.map(\.verdict.word) == ["skipped"])
    #expect(responder.requests.isEmpty)
  }
}
