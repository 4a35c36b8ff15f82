import CaseLibrary
import Findings
import HTTPExchange
import Signing
import Synchronization
import Testing
import XMLValidation

@testable import Replay

/// The kit's own data, read once.
enum Kit {
  static let folder = DataFolder(path: String(#filePath.dropLast("/Tests/ReplayTests/ComparisonTests.swift".count)))
  static let catalogue = try? Catalogue(folder)

  static func library() throws -> (Catalogue, ValidationLibrary) {
    let catalogue = try #require(catalogue)
    return (catalogue, catalogue.validationLibrary())
  }
}

private func job(
  id: String = "f93984788066911ed89ed352d4d9d2084", state: String = "Submitted", end: String = "-", extra: String = "",
  tag: String = "FileHashCode", type: String = "MD5", operation: String = ""
) -> String {
  """
  <Response><JobsDetail><Code>Success</Code><CreationTime>2022-07-18T15:16:43+0800</CreationTime><EndTime>\(end)</EndTime>\
  <Input><BucketId>test-1234567890</BucketId><Object>input/test.mp4</Object><Region>ap-chongqing</Region></Input>\
  <JobId>\(id)</JobId><Message/><Operation><FileHashCodeConfig><AddToHeader>true</AddToHeader><Type>\(type)</Type>\
  </FileHashCodeConfig>\(operation)</Operation><QueueId>p2911917386e148639319e13c285cc774</QueueId>\
  <StartTime>-</StartTime><State>\(state)</State><Tag>\(tag)</Tag>\(extra)</JobsDetail></Response>
  """
}

@Suite("Comparison")
struct ComparisonTests {
  struct Pair: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var recorded: String
    var actual: String
    var findings: [String]
    var request: String?
    var overrides: [Scenario.Override] = []

    init(_ name: String, _ recorded: String, _ actual: String, _ findings: [String], request: String? = nil) {
      (testDescription, self.recorded, self.actual, self.findings, self.request) =
        (name, recorded, actual, findings, request)
    }
  }

  private static let twin = job().replacingOccurrences("<Message/>", "").replacingOccurrences(
    "<State>", "<Message/><State>")

  static let pairs = [
    Pair("a document and itself", job(), job(), []),
    Pair("children in another order", job(), twin, []),
    Pair("blanks between elements", job(), job().replacingOccurrences("><", ">\n <"), []),
    Pair("another identifier", job(), job(id: "f00000001066911ed89ed352d4d9d2084"), []),
    Pair("a later state", job(), job(state: "Running"), []),
    Pair("an earlier state", job(state: "Running"), job(), ["replay.value-changed"]),
    Pair(
      "another end", job(state: "Success", end: "2022-07-18T15:16:44+0800"),
      job(state: "Failed", end: "2022-07-18T15:16:44+0800"), ["replay.value-changed"]),
    Pair("another constant", job(), job(tag: "FileCompress"), ["replay.value-changed"]),
    Pair("another echo", job(), job(type: "SHA1"), ["replay.value-changed"]),
    Pair(
      "an echo of what was sent", job(), job(type: "SHA1"), [],
      request: "<Request><Operation><FileHashCodeConfig><Type>SHA1</Type></FileHashCodeConfig></Operation></Request>"),
    Pair("a time that is set too early", job(), job(end: "2022-07-18T15:16:44+0800"), ["replay.value-changed"]),
    Pair("an unset time written empty", job(), job().replacingOccurrences("<EndTime>-</EndTime>", "<EndTime/>"), []),
    Pair("an unset time left out", job(), job().replacingOccurrences("<EndTime>-</EndTime>", ""), []),
    Pair("a missing node", job(), job().replacingOccurrences("<Tag>FileHashCode</Tag>", ""), ["replay.node-missing"]),
    Pair("a free text left out", job(), job().replacingOccurrences("<Message/>", ""), []),
    Pair("a free text changed", job(), job().replacingOccurrences("<Message/>", "<Message>success</Message>"), []),
    Pair("a documented node more", job(), job(extra: "<Progress>0</Progress>"), []),
    Pair(
      "a result before the end", job(),
      job(operation: "<FileHashCodeResult><FileSize>1</FileSize></FileHashCodeResult>"), ["replay.node-unexpected"]),
    Pair("another root", job(), job().replacingOccurrences("Response>", "Answer>"), ["replay.root-changed"]),
    Pair(
      "a namespace", job(), job().replacingOccurrences("<Response>", "<Response xmlns='urn:x'>"),
      ["replay.root-changed"]),
    Pair(
      "one unknown id fewer",
      "<Response><NonExistJobIds>fa</NonExistJobIds><NonExistJobIds>fb</NonExistJobIds></Response>",
      "<Response><NonExistJobIds>fa</NonExistJobIds></Response>", ["replay.node-missing"]),
  ]

  @Test("pairs of answers", arguments: pairs)
  func pair(pair: Pair) throws {
    let (_, library) = try Kit.library()
    let validator = Validator(library: library)
    let kind = DocumentKind(operation: "file-jobs.query", part: .response)
    var comparison = Comparison(
      model: try #require(try validator.model(of: kind)), overrides: pair.overrides,
      request: pair.request.flatMap { validator.tree(of: Array($0.utf8)) }, bindings: Bindings(), file: "a")
    comparison.compare(
      recorded: try #require(validator.tree(of: Array(pair.recorded.utf8))),
      actual: try #require(validator.tree(of: Array(pair.actual.utf8))))
    #expect(comparison.findings.map(\.id) == pair.findings, "\(comparison.diff)")
    let marks = Set(comparison.lines.map(\.mark))
    #expect(pair.findings.isEmpty == marks.isDisjoint(with: [.recordedOnly, .actualOnly]))
  }

  @Test("an override changes what a node means")
  func override() throws {
    let (_, library) = try Kit.library()
    let validator = Validator(library: library)
    let model = try #require(try validator.model(of: DocumentKind(operation: "file-jobs.query", part: .response)))
    let path = "/Response/JobsDetail/Tag"
    let overrides = try Self.decodeOverride(path: path, class: "ignored")
    var comparison = Comparison(model: model, overrides: overrides, request: nil, bindings: Bindings(), file: "a")
    comparison.compare(
      recorded: try #require(validator.tree(of: Array(job().utf8))),
      actual: try #require(validator.tree(of: Array(job(tag: "x").utf8))))
    #expect(comparison.findings.isEmpty)
  }

  static func decodeOverride(path: String, class name: String) throws -> [Scenario.Override] {
    [Scenario.Override(path: path, class: name, reason: "test")]
  }
}

@Suite("Bindings")
struct BindingsTests {
  @Test("an identifier stands for one other and no second")
  func injective() {
    var bindings = Bindings()
    let outcomes = [("aaaaaaaa1", "x"), ("aaaaaaaa1", "x"), ("aaaaaaaa1", "y"), ("aaaaaaaa2", "x")].map {
      bindings.bind(recorded: $0, to: $1)
    }
    #expect(outcomes == [true, true, false, false])
    #expect(bindings.rewrite("/jobs/aaaaaaaa1,aaaaaaaa2") == "/jobs/x,aaaaaaaa2")
  }
}

@Suite("JobLifecycle")
struct JobLifecycleTests {
  @Test(
    "a state may be followed by itself and by what comes after it",
    arguments: [
      ("Submitted", "Submitted", true), ("Submitted", "Success", true), ("Submitted", "Cancel", true),
      ("Pause", "Running", true), ("Running", "Cancel", false), ("Running", "Submitted", false),
      ("Success", "Failed", false), ("Cancel", "Running", false),
    ])
  func order(recorded: String, actual: String, isLegal: Bool) {
    #expect(JobLifecycle.mayFollow(recorded, actual) == isLegal)
  }
}

/// Answers from a list, one after the other, and keeps the requests.
final class ScriptedResponder: Responder {
  private let state: Mutex<(answers: [HTTPResponse], requests: [HTTPRequest])>
  init(_ answers: [HTTPResponse]) { state = Mutex((answers, [])) }
  var requests: [HTTPRequest] { state.withLock { $0.requests } }

  struct NothingLeft: Error {}

  func respond(to request: HTTPRequest) throws -> HTTPResponse {
    try state.withLock { state in
      state.requests.append(request)
      guard !state.answers.isEmpty else { throw NothingLeft() }
      return state.answers.count == 1 ? state.answers[0] : state.answers.removeFirst()
    }
  }
}

final class StillClock: HTTPExchange.Clock {
  private let slept = Mutex(0.0)
  var now: Double { 1_700_000_000 + slept.withLock { $0 } }
  func sleep(seconds: Double) { slept.withLock { $0 += seconds } }
}

@Suite("ScenarioRunner")
struct ScenarioRunnerTests {
  static func answer(_ body: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(
      status: status,
      headers: [
        "Content-Type": "application/xml", "Content-Length": "\(body.utf8.count)", "Connection": "keep-alive",
        "Date": "Mon, 18 Jul 2022 07:16:43 GMT", "Server": "tencent-ci",
        "x-ci-request-id": "NjJkNTA3ZGJfMThhYTk0MGFfYmU1OV8x",
      ], body: Array(body.utf8))
  }

  static func run(_ id: String, _ answers: [HTTPResponse]) throws -> ([CaseResult], [HTTPRequest]) {
    let (catalogue, library) = try Kit.library()
    let scenario = try #require(try RecordedScenario.all(in: Kit.folder).first { $0.scenario.id == id })
    let responder = ScriptedResponder(answers)
    let runner = ScenarioRunner(
      responder: responder, credentials: Credentials(secretID: "id", secretKey: "key"), clock: StillClock(),
      catalogue: catalogue, library: library)
    return (runner.results(of: scenario), responder.requests)
  }

  static let unknown = "<Response><NonExistJobIds>f00000000000010008000000000000000</NonExistJobIds></Response>"

  @Test("a right answer passes, and what was sent is signed")
  func passing() throws {
    let (results, requests) = try Self.run("file-jobs/query-unknown-id", [Self.answer(Self.unknown)])
    #expect(results.map(\.verdict) == [.passed], "\(results.first?.findings.map(\.message) ?? [])")
    let verifier = Verifier { _ in "key" }
    let outcome = verifier.outcome(for: try #require(requests.first), now: 1_700_000_000)
    if case .valid = outcome {} else { Issue.record("the request is not signed: \(outcome)") }
  }

  @Test(
    "wrong answers fail, each for its fault",
    arguments: [
      ("status", 500, unknown, "replay.status"),
      ("an undocumented root", 200, "<Answer/>", "schema.wrong-root"),
      ("no body", 200, "", "xml.empty"),
      ("not XML", 200, "{}", "xml.not-xml"),
      ("a job that cannot be", 200, job(), "replay.node-missing"),
    ])
  func failing(name: String, status: Int, body: String, id: String) throws {
    let (results, _) = try Self.run("file-jobs/query-unknown-id", [Self.answer(body, status: status)])
    #expect(results.first?.verdict == .failed)
    #expect(results.first?.findings.contains { $0.id == id } == true, "\(results.first?.findings.map(\.id) ?? [])")
  }

  @Test("a documented header that is missing fails")
  func missingHeader() throws {
    var answer = Self.answer(Self.unknown)
    answer.headers.remove("x-ci-request-id")
    let (results, _) = try Self.run("file-jobs/query-unknown-id", [answer])
    #expect(results.first?.findings.map(\.id) == ["replay.header-missing"])
  }

  @Test("identifiers are bound and rewritten in later requests, which poll until the state is there")
  func correlation() throws {
    let actual = "fabcdef00066911ed89ed352d4d9d2084"
    let userData = "<UserData>This is my data.</UserData>"
    let finished = job(
      id: actual, state: "Success", end: "2022-07-18T15:16:44+0800",
      operation: "<FileHashCodeResult><Etag>&quot;0&quot;</Etag><FileSize>1</FileSize>"
        + "<LastModified>2022-06-27T15:23:11+0800</LastModified><MD5>00000000000000000000000000000000</MD5>"
        + "</FileHashCodeResult>" + userData
    ).replacingOccurrences("<StartTime>-", "<StartTime>2022-07-18T15:16:43+0800")
    let waiting = job(id: actual, operation: userData)
    let answers = [waiting, waiting, job(id: actual, state: "Running", operation: userData), finished]
    let (results, requests) = try Self.run("file-jobs/hash-md5-lifecycle", answers.map { Self.answer($0) })
    #expect(requests.count == 4)
    #expect(requests.dropFirst().allSatisfy { $0.target == "/file_jobs/\(actual)" })
    #expect(results.map(\.verdict) == [.passed, .failed], "\(results[0].findings.map(\.message))")
    // The fixture's digest and size are known, so made-up ones are changed values.
    #expect(
      results[1].findings.filter { $0.severity == .error }.map(\.place.path) == [
        "/Response/JobsDetail/Operation/FileHashCodeResult/MD5",
        "/Response/JobsDetail/Operation/FileHashCodeResult/FileSize",
      ], "\(results[1].findings.map(\.message))")
  }

  @Test("an accepted alternative passes and ends the scenario")
  func alternative() throws {
    let body = """
      <Error><Code>ResourceNotFound</Code><Message>gone</Message><Resource>/file_jobs</Resource>\
      <RequestId>NjJkNTA3ZGJfMThhYTk0MGFfYmU1OV8x</RequestId><TraceId>x</TraceId></Error>
      """
    let (results, _) = try Self.run("file-jobs/missing-object", [Self.answer(body, status: 400)])
    #expect(results.first?.verdict == .passed, "\(results.first?.findings.map(\.message) ?? [])")
    #expect(results.dropFirst().allSatisfy { $0.verdict.word == "skipped" })
    let other = body.replacingOccurrences("ResourceNotFound", "InternalError")
    #expect(try Self.run("file-jobs/missing-object", [Self.answer(other, status: 400)]).0.first?.verdict == .failed)
  }

  @Test("a target that does not answer is no failure of conformance")
  func broken() throws {
    let (results, _) = try Self.run("file-jobs/query-unknown-id", [])
    #expect(results.first?.verdict.word == "error")
  }
}

extension String {
  func replacingOccurrences(_ old: String, _ new: String) -> String {
    split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
  }
}
