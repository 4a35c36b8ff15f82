import Foundation
import HTTPExchange
import HTTPTransport
import Signing
import Synchronization
import TestSupport
import Testing

private let host = "test-1234567890.ci.ap-chongqing.myqcloud.com"
private let credentials = Credentials(secretID: "AKIDtestjudge", secretKey: "fakeSecretForJudge")

private func submitBody(_ extra: String = "") -> String {
  "<Request><Tag>FileHashCode</Tag><Input><Object>input/test.mp4</Object></Input><Operation><FileHashCodeConfig>"
    + "<Type>MD5</Type><AddToHeader>true</AddToHeader></FileHashCodeConfig><UserData>mine</UserData></Operation>\(extra)</Request>"
}

/// A server of the program with the key pair above, and a client that signs.
private final class Judged {
  let server: Program.Server
  let client: HTTPClient
  private let keys = Program.file("AKIDtestjudge:fakeSecretForJudge\n", ".txt")

  init(_ arguments: [String] = [], command: String = "judge") throws {
    server = try Program.Server([command, "--port", "0", "--secret-file", keys] + arguments)
    client = HTTPClient(endpoint: try Endpoint(parsing: "http://127.0.0.1:\(server.port)"))
  }

  deinit {
    if server.process.isRunning { _ = server.stop(SIGKILL) }
    try? FileManager.default.removeItem(atPath: keys)
  }

  func request(_ method: String, _ target: String, _ body: String? = nil, isSigned: Bool = true) -> HTTPRequest {
    var headers: HTTPHeaders = ["Host": host]
    if let body {
      headers.append("Content-Type", "application/xml")
      headers.append("Content-Length", "\(body.utf8.count)")
    }
    let plain = HTTPRequest(method: method, target: target, headers: headers, body: Array((body ?? "").utf8))
    return isSigned ? Signer(credentials: credentials).signed(plain, now: Int64(Date().timeIntervalSince1970)) : plain
  }

  @discardableResult
  func send(_ method: String, _ target: String, _ body: String? = nil, isSigned: Bool = true) throws -> HTTPResponse {
    try client.respond(to: request(method, target, body, isSigned: isSigned))
  }

  /// The answer of one of the program's own paths.
  func own(_ path: String, _ method: String = "GET") throws -> String {
    let response = try client.respond(to: HTTPRequest(method: method, target: path, headers: ["Host": "127.0.0.1"]))
    try #require(response.status == 200)
    return String(decoding: response.body, as: UTF8.self)
  }

  func findings(after method: String = "GET", _ path: String = "/.cispec/findings") throws -> Findings {
    try JSONDecoder().decode(Findings.self, from: Data(try own(path, method).utf8))
  }
}

private struct Findings: Decodable {
  struct Finding: Decodable {
    var id: String
    var requirement: String?
    var severity: String
    var file: String?
    var line: Int?
  }

  var format: Int
  var requests: Int
  var errors: Int
  var warnings: Int
  var expected: Int
  var expectedOpen: [String]
  var findings: [Finding]
}

@Suite("cispec judge")
struct JudgeCommandTests {
  private static let query = "/file_jobs/f93984788066911ed89ed352d4d9d2084"

  @Test("A client that is right passes, and what was expected came")
  func right() throws {
    let report = Program.temporary(".xml")
    defer { try? FileManager.default.removeItem(atPath: report) }
    let judged = try Judged([
      "--expect", "file-jobs/hash-md5-lifecycle", "--until", "2", "--report", "junit=\(report)",
    ])
    let body = submitBody("<CallBack>no</CallBack><CallBackFormat>XML</CallBackFormat>")
    #expect(try judged.send("POST", "/file_jobs", body).status == 200)
    #expect(try judged.findings().expectedOpen == ["file-jobs/hash-md5-lifecycle/result"])
    #expect(try judged.send("GET", Self.query).status == 200)
    let (code, output) = judged.server.finish(stopping: false)
    #expect(code == 0, Comment(rawValue: output + judged.server.errors))
    #expect(output.contains("2 requests: 0 errors, 0 warnings, 0 notes"))
    #expect(judged.server.errors.contains("1 POST /file_jobs 200 file-jobs.submit: ok"))
    let junit = try String(contentsOfFile: report, encoding: .utf8)
    #expect(junit.contains("000001/file-jobs.submit"))
    #expect(junit.contains("file-jobs/hash-md5-lifecycle/result"))
  }

  @Test("What is wrong is told at once, over HTTP and at the end, with the requirement and the line")
  func wrong() throws {
    let judged = try Judged()
    try judged.send("POST", "/file_jobs", submitBody().replacing("<Tag>FileHashCode</Tag>", with: ""))
    try judged.send("GET", Self.query, isSigned: false)
    let found = try judged.findings()
    #expect(found.format == 1)
    #expect(found.requests == 2)
    #expect(found.errors == 2)
    #expect(
      found.findings.map(\.requirement) == [
        "file-jobs.submit.tag.required", "request-headers.authorization.required",
      ])
    #expect(found.findings.map(\.file) == ["request 1 (POST /file_jobs)", "request 2 (GET \(Self.query))"])
    #expect(found.findings.map(\.line) == [7, 1])
    let (code, output) = judged.server.finish()
    #expect(code == 1)
    #expect(output.contains("[file-jobs.submit.tag.required]"))
    #expect(output.contains("2 requests: 2 errors"))
    #expect(judged.server.errors.contains("Request has no Tag"))
  }

  @Test("A reset starts afresh and keeps the jobs")
  func reset() throws {
    let judged = try Judged(["--quiet"])
    let submitted = String(decoding: try judged.send("POST", "/file_jobs", submitBody()).body, as: UTF8.self)
    let id = try #require(submitted.firstMatch(of: /<JobId>([^<]*)</)).1
    try judged.send("GET", Self.query, isSigned: false)
    #expect(try judged.findings().errors == 1)
    let afresh = try judged.findings(after: "POST", "/.cispec/reset")
    #expect(afresh.requests == 0)
    #expect(afresh.findings.isEmpty)
    let answer = try judged.send("GET", "/file_jobs/\(id)")
    #expect(String(decoding: answer.body, as: UTF8.self).contains("<JobId>\(id)</JobId>"))
    #expect(judged.server.finish().code == 0)
  }

  @Test("What was expected and never came fails, and so do warnings when they are to")
  func failures() throws {
    let missing = try Judged(["--quiet", "--expect", "file-jobs/hash-md5-lifecycle"])
    try missing.send("GET", Self.query)
    let (code, output) = missing.server.finish()
    #expect(code == 1)
    #expect(output.contains("No request of file-jobs.submit came for file-jobs/hash-md5-lifecycle/submit"))

    for (flags, expected) in [([], 0), (["--fail-on", "warning"], 1)] as [([String], Int32)] {
      let judged = try Judged(["--quiet"] + flags)
      try judged.send("POST", "/file_jobs", submitBody())
      try judged.send("POST", "/file_jobs", submitBody())
      #expect(try judged.findings().findings.map(\.id) == ["sequence.repeated-submit"])
      #expect(judged.server.finish().code == expected)
    }
  }

  @Test("A judge to which nothing comes has judged nothing; idle time counts from the first request")
  func nothing() throws {
    let silent = try Judged(["--quiet", "--until", "idle:1"])
    usleep(1_300_000)
    #expect(silent.server.process.isRunning)
    #expect(silent.server.finish().code == 1)
    #expect(silent.server.errors.contains("no request came"))
    let judged = try Judged(["--quiet", "--until", "idle:1"])
    try judged.send("GET", Self.query)
    #expect(judged.server.finish(stopping: false).code == 0)
  }

  @Test(
    "What cannot be meant is refused before anything listens",
    arguments: [
      (["--until", "forever"], 2, "neither a number of requests nor idle:SECONDS"),
      (["--until", "0"], 2, "neither a number of requests nor idle:SECONDS"),
      (["--expect", "file-jobs/hash-md5"], 2, "Did you mean"),
      (["--faults", "/dev/null"], 3, "docs/Formats.md"),
      (["--poll-interval", "soon"], 2, "whole number"),
      (["operand"], 2, "takes no operands"),
    ] as [([String], Int32, String)])
  func usage(_ arguments: [String], code: Int32, says: String) throws {
    let outcome = try Program.run(["judge", "--port", "0"] + arguments)
    #expect(outcome.code == code)
    #expect(outcome.errors.contains(says), Comment(rawValue: outcome.errors))
  }

  @Test("Nothing that it writes holds a key or a signature")
  func secrets() throws {
    let report = Program.temporary(".json")
    let log = Program.temporary(".log")
    defer { for file in [report, log] { try? FileManager.default.removeItem(atPath: file) } }
    let judged = try Judged(["--report", "json=\(report)", "--access-log", log])
    var request = judged.request("GET", Self.query)
    let signature = try #require(request.headers["Authorization"]?.firstMatch(of: /q-signature=(.*)/)).1
    request.target += "x"
    _ = try judged.client.respond(to: request)
    _ = try judged.send("GET", "\(Self.query)?q-signature=\(signature)", isSigned: false)
    let (_, output) = judged.server.finish()
    let all =
      try output + judged.server.errors + String(contentsOfFile: report, encoding: .utf8)
      + String(contentsOfFile: log, encoding: .utf8)
    #expect(all.contains("signature.mismatch") && all.contains("\"path\":\"\(Self.query)"))
    #expect(!all.contains(signature))
    #expect(!all.contains("fakeSecretForJudge"))
  }
}

@Suite("Faults and callbacks over the wire")
struct ServingTests {
  private static let query = "/file_jobs/f93984788066911ed89ed352d4d9d2084"

  private func faults(_ text: String) -> String { Program.file("{\"format\": 1, \"faults\": [\(text)]}", ".json") }

  @Test("Faults strike the requests they are for, in serve and in judge", arguments: ["serve", "judge"])
  func faults(command: String) throws {
    let file = faults(
      "{\"kind\": \"reset\", \"requests\": [1]}, {\"kind\": \"truncate\", \"bytes\": 60, \"requests\": [2]},"
        + "{\"kind\": \"status\", \"status\": 429, \"requests\": [3]}, {\"kind\": \"delay\", \"seconds\": 1, \"requests\": [4]}"
    )
    defer { try? FileManager.default.removeItem(atPath: file) }
    let judged = try Judged(["--quiet", "--faults", file], command: command)
    // On a connection that was used before, libcurl would send a request that was reset once more by itself.
    for _ in 1...2 {
      let error = #expect(throws: TransportError.self) { try judged.send("GET", Self.query) }
      #expect(error?.kind == .closedEarly)
    }
    #expect(try judged.send("GET", Self.query).status == 429)
    let start = Date()
    #expect(try judged.send("GET", Self.query).status == 200)
    #expect(Date().timeIntervalSince(start) >= 1)
    #expect(try judged.own("/.cispec/metrics").contains("cispec_broken_answers_total 2\n"))
    if command == "judge" {
      // The burst was answered 429 and the client came back at once.
      #expect(try judged.findings().findings.map(\.id).contains("sequence.retry-too-soon"))
    }
    #expect(judged.server.finish().code == 0)
  }

  @Test("A request that is delayed holds up no other")
  func delay() throws {
    let file = faults("{\"kind\": \"delay\", \"seconds\": 3, \"requests\": [1]}")
    defer { try? FileManager.default.removeItem(atPath: file) }
    let judged = try Judged(["--quiet", "--faults", file], command: "serve")
    let late = HTTPClient(endpoint: judged.client.endpoint)
    let request = judged.request("GET", Self.query)
    let slow = RunningThread { _ = try? late.respond(to: request) }
    usleep(300_000)
    let start = Date()
    for _ in 0..<4 { #expect(try judged.send("GET", Self.query).status == 200) }
    #expect(Date().timeIntervalSince(start) < 2)
    slow.join()
    _ = judged.server.stop()
  }

  @Test("Health, metrics and the access log tell of the requests")
  func observability() throws {
    let log = Program.temporary(".log")
    defer { try? FileManager.default.removeItem(atPath: log) }
    let judged = try Judged(["--quiet", "--access-log", log], command: "serve")
    #expect(try judged.own("/.cispec/health") == "ok\n")
    try judged.send("GET", Self.query)
    try judged.send("POST", "/file_jobs", "")
    let metrics = try judged.own("/.cispec/metrics")
    #expect(metrics.contains("cispec_requests_total{method=\"GET\",status=\"200\"} 1\n"))
    #expect(metrics.contains("cispec_requests_total{method=\"POST\",status=\"400\"} 1\n"))
    #expect(metrics.contains("cispec_answer_seconds_count 2\n"))
    let findings = HTTPRequest(method: "GET", target: "/.cispec/findings", headers: ["Host": "localhost"])
    #expect(try judged.client.respond(to: findings).status == 404)
    _ = judged.server.stop()
    struct Line: Decodable {
      var method: String
      var path: String
      var status: Int?
      var host: String
      var requestId: String?
    }
    let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    #expect(lines.map(\.method) == ["GET", "POST"])
    #expect(lines.map(\.status) == [200, 400])
    #expect(lines.allSatisfy { $0.host == host && $0.requestId != nil })
  }

  /// Keeps what it is sent and answers from a list of statuses, the last one again and again.
  final class Receiver: Responder {
    let requests = Mutex<[HTTPRequest]>([])
    private let statuses: [Int]

    init(_ statuses: [Int]) { self.statuses = statuses }

    func respond(to request: HTTPRequest) throws -> HTTPResponse {
      requests.withLock { requests in
        requests.append(request)
        return HTTPResponse(status: statuses[min(requests.count, statuses.count) - 1])
      }
    }

    func wait(for count: Int, seconds: Double = 10) -> [HTTPRequest] {
      let end = Date().addingTimeInterval(seconds)
      while Date() < end, requests.withLock({ $0.count < count }) { usleep(20_000) }
      return requests.withLock { $0 }
    }
  }

  @Test("A finished job is told to its address, and told again until it is taken")
  func callbacks() throws {
    let receiver = Receiver([500, 200])
    let server = try HTTPServer(responder: receiver)
    let judged = try Judged(["--quiet"], command: "serve")
    let submitted = try judged.send(
      "POST", "/file_jobs",
      submitBody(
        "<CallBack>http://127.0.0.1:\(server.port)/ci?a=b</CallBack><CallBackFormat>JSON</CallBackFormat>"))
    let id = try #require(String(decoding: submitted.body, as: UTF8.self).firstMatch(of: /<JobId>([^<]*)</)).1
    let requests = receiver.wait(for: 2)
    #expect(requests.map(\.target) == ["/ci?a=b", "/ci?a=b"])
    #expect(requests.allSatisfy { $0.method == "POST" && $0.headers["Content-Type"] == "application/json" })
    let callback = Program.file(Data(requests.last?.body ?? []), ".json")
    defer { try? FileManager.default.removeItem(atPath: callback) }
    let judgement = try Program.run(["validate", "--fail-on", "warning", callback])
    #expect(judgement.code == 0, Comment(rawValue: judgement.output))
    let body = String(decoding: requests.last?.body ?? [], as: UTF8.self)
    #expect(body.hasPrefix("{\"EventName\":\"TaskFinish\",\"JobsDetail\":[{"))
    #expect(body.contains("\"JobId\":\"\(id)\"") && body.contains("\"State\":\"Failed\""))
    _ = judged.server.stop()
    #expect(receiver.wait(for: 3, seconds: 0.1).count == 2)
    server.stop()
  }

  @Test("An address elsewhere is left out unless it is allowed")
  func elsewhere() throws {
    let judged = try Judged(["--quiet"], command: "serve")
    try judged.send("POST", "/file_jobs", submitBody("<CallBack>http://192.0.2.1/ci</CallBack>"))
    usleep(2_600_000)
    _ = judged.server.stop()
    #expect(judged.server.errors.contains("left out: it is not on this machine"))
  }
}

@Suite("cispec callback")
struct CallbackCommandTests {
  @Test("Every documented callback is sent in all three forms, and each is one that validate takes")
  func all() throws {
    let receiver = ServingTests.Receiver([204])
    let server = try HTTPServer(responder: receiver)
    let outcome = try Program.run(["callback", "--to", "http://127.0.0.1:\(server.port)/x", "--quiet"])
    #expect(outcome.code == 0, Comment(rawValue: outcome.output + outcome.errors))
    let list = try Program.run(["callback", "--list"]).output.split(separator: "\n")
    #expect(list.count >= 49)
    let requests = receiver.requests.withLock { $0 }
    #expect(requests.count == 3 * list.count)
    let folder = Program.temporary()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (number, request) in requests.enumerated() {
      let suffix = request.headers["Content-Type"] == "application/xml" ? "xml" : "json"
      try Data(request.body).write(to: URL(filePath: "\(folder)/\(number).\(suffix)"))
    }
    let judgement = try Program.run(["validate", "--edition", "2025", "--quiet", folder])
    #expect(judgement.code == 0, Comment(rawValue: judgement.output))
    server.stop()
  }

  @Test("A receiver that refuses, hangs or is not there is told from one that takes them")
  func receivers() throws {
    let refusing = try HTTPServer(responder: ServingTests.Receiver([500]))
    let kind = ["--kind", "filehashcode", "--form", "json"]
    let refused = try Program.run(["callback", "--to", "http://127.0.0.1:\(refusing.port)/"] + kind)
    #expect(refused.code == 1)
    #expect(refused.output.contains("answered 500"))
    refusing.stop()

    let hanging = try ScriptedServer([.read, .hang])
    let hung = try Program.run(["callback", "--to", hanging.url, "--timeout", "1"] + kind)
    #expect(hung.code == 1)
    #expect(hung.output.contains("callback.no-answer"))

    let gone = try Program.run(["callback", "--to", "http://127.0.0.1:\(try closedPort())"] + kind)
    #expect(gone.code == 4)
  }

  @Test(
    "What cannot be meant is refused",
    arguments: [
      ([], 2, "--to"), (["--to", "ftp://x"], 2, "http://"), (["--to", "http://192.0.2.1/"], 2, "--allow-callbacks"),
      (["--to", "http://127.0.0.1:1", "--kind", "filehashcod"], 2, "Did you mean filehashcode?"),
    ] as [([String], Int32, String)])
  func usage(_ arguments: [String], code: Int32, says: String) throws {
    let outcome = try Program.run(["callback"] + arguments)
    #expect(outcome.code == code)
    #expect(outcome.errors.contains(says), Comment(rawValue: outcome.errors))
  }
}
