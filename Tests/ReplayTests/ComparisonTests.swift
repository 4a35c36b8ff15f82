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
  /// Shared, so that a schema is compiled once.
  private static let shared = catalogue?.validationLibrary()

  static func library() throws -> (Catalogue, ValidationLibrary) {
    let catalogue = try #require(catalogue)
    return (catalogue, try #require(shared))
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
  static let vectors = (try? ComparisonVector.all(in: Kit.folder)) ?? []

  @Test("every pair of Vectors/comparison", arguments: vectors)
  func pair(vector: ComparisonVector) throws {
    let (catalogue, library) = try Kit.library()
    let comparer = try AnswerComparer(catalogue: catalogue, library: library)
    let result = ComparisonSuite.result(of: vector, by: comparer)
    #expect(result.verdict == .passed, "\(result.detail)")
  }

  @Test("the vectors are many, and of every class")
  func census() throws {
    #expect(Self.vectors.count >= 120)
    let classes = Set(Self.vectors.flatMap(\.differences).map(\.class))
    #expect(classes == Set(DifferenceClass.allCases.map(\.rawValue)))
    let equal = Self.vectors.count(where: \.equal)
    #expect(equal >= 60)
    let page = String(decoding: try Kit.folder.read("Vectors/README.md"), as: UTF8.self)
    #expect(page.contains("\(Self.vectors.count) pairs of a recorded and an actual answer, \(equal) of them equal"))
    let changes = String(decoding: try Kit.folder.read("CHANGELOG.md"), as: UTF8.self)
    #expect(changes.contains("\(Self.vectors.count) pairs of answers"))
  }

  /// What is wrong in one vector that is changed so that it says something false.
  static func shortfall(_ id: String, _ change: (inout ComparisonVector) -> Void) throws -> String {
    let (catalogue, library) = try Kit.library()
    var vector = try #require(vectors.first { $0.id == id })
    change(&vector)
    let result = ComparisonSuite.result(
      of: vector, by: try AnswerComparer(catalogue: catalogue, library: library))
    #expect(result.verdict == .failed)
    return result.detail
  }

  @Test("a vector that says something false is found out")
  func falseVectors() throws {
    #expect(try Self.shortfall("comparison/states/running-to-submitted") { $0.equal = true }.contains("says otherwise"))
    #expect(
      try Self.shortfall("comparison/states/running-to-submitted") { $0.differences.removeLast() }
        .contains("found, but not expected: noise"))
    #expect(
      try Self.shortfall("comparison/new-nodes/number") { $0.differences[0].proposedType = "JobTime" }
        .contains("is not what is expected"))
    #expect(
      try Self.shortfall("comparison/places/of-a-value") { $0.differences[0].recordedPlace = [1, 1] }
        .contains("is not what is expected"))
    #expect(
      try Self.shortfall("comparison/constants/tag-missing") { $0.differences[0].requirement = "error.root" }
        .contains("is not what is expected"))
  }

  @Test("an override changes what a node means")
  func override() throws {
    let (catalogue, library) = try Kit.library()
    let comparer = try AnswerComparer(catalogue: catalogue, library: library)
    let recorded = job(state: "Success", end: "2022-07-18T15:16:44+0800", operation: Self.result("a"))
    let actual = job(state: "Success", end: "2022-07-18T15:16:44+0800", operation: Self.result("b"))
    func kinds(_ overrides: [Scenario.Override]) throws -> [DifferenceClass] {
      var bindings = Bindings()
      return try comparer.outcome(
        recorded: ComparedAnswer(name: "recorded", document: Array(recorded.utf8)),
        actual: ComparedAnswer(name: "actual", document: Array(actual.utf8)),
        context: ComparisonContext(
          hint: KindHint(operation: "file-jobs.query", part: .response), overrides: overrides),
        bindings: &bindings
      ).differences.map(\.kind)
    }
    let path = "/Response/JobsDetail/Operation/FileHashCodeResult/MD5"
    #expect(try kinds([]) == [.changed])
    #expect(try kinds([Scenario.Override(path: path, class: "ignored", reason: "test")]) == [.noise])
  }

  private static func result(_ digit: String) -> String {
    "<FileHashCodeResult><FileSize>1</FileSize><MD5>\(String(repeating: digit, count: 32))</MD5></FileHashCodeResult>"
  }
}

extension ComparisonVector: CustomTestStringConvertible {
  public var testDescription: String { id }
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
    let runner = try ScenarioRunner(
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
      ("no body", 200, "", "http.body-missing"),
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
