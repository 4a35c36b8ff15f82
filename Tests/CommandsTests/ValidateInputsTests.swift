import Foundation
import Testing

/// Messages and documents that are right, so that a test changes one thing.
private enum Right {
  static let host = "examplebucket-1250000000.ci.ap-chongqing.myqcloud.com"
  static let authorization =
    "q-sign-algorithm=sha1&q-ak=AKIDxxx&q-sign-time=1658128603;1658132203&q-key-time=1658128603;1658132203"
    + "&q-header-list=host&q-url-param-list=&q-signature=0123456789abcdef0123456789abcdef01234567"
  static let jobID = "f93984788066911ed89ed352d4d9d2084"

  static let hashRequest =
    "<Request><Tag>FileHashCode</Tag><Input><Object>input/test.mp4</Object></Input><Operation>"
    + "<FileHashCodeConfig><Type>MD5</Type><AddToHeader>true</AddToHeader></FileHashCodeConfig>"
    + "<UserData>mine</UserData></Operation></Request>"

  static let hashAnswer =
    "<Response><JobsDetail><Code>Success</Code><Message/><JobId>\(jobID)</JobId><State>Submitted</State>"
    + "<CreationTime>2022-07-18T15:16:43+0800</CreationTime><EndTime>-</EndTime><StartTime>-</StartTime>"
    + "<QueueId>p2911917386e148639319e13c285cc774</QueueId><Tag>FileHashCode</Tag>"
    + "<Input><BucketId>examplebucket-1250000000</BucketId><Object>input/test.mp4</Object>"
    + "<Region>ap-chongqing</Region></Input><Operation><FileHashCodeConfig><Type>MD5</Type>"
    + "<AddToHeader>true</AddToHeader></FileHashCodeConfig><UserData>mine</UserData></Operation></JobsDetail></Response>"

  /// A callback's job as JSON, without its braces.
  static let callbackJob =
    "\"Code\":\"Success\",\"JobId\":\"j93984788066911ed89ed352d4d9d2084\",\"State\":\"Success\","
    + "\"CreationTime\":\"2022-07-18T15:16:43+0800\",\"StartTime\":\"2022-07-18T15:16:44+0800\","
    + "\"EndTime\":\"2022-07-18T15:16:50+0800\",\"QueueId\":\"p2911917386e148639319e13c285cc774\",\"Tag\":\"VideoTag\","
    + "\"Input\":{\"BucketId\":\"examplebucket-1250000000\",\"Object\":\"a.mp4\",\"Region\":\"ap-chongqing\"},"
    + "\"Operation\":{\"VideoTagResult\":null}"

  static func request(
    _ line: String, _ fields: [String: String?] = [:], body: String = "", leavesOut: String? = nil
  ) -> String {
    var all: [(String, String)] = [("Host", host), ("Authorization", authorization)]
    if !body.isEmpty { all += [("Content-Type", "application/xml"), ("Content-Length", "\(body.utf8.count)")] }
    return message(line, all, fields, body)
  }

  static func answer(_ status: String = "200 OK", _ fields: [String: String?] = [:], body: String) -> String {
    message(
      "HTTP/1.1 \(status)",
      [
        ("Content-Type", "application/xml"), ("Content-Length", "\(body.utf8.count)"),
        ("Date", "Mon, 18 Jul 2022 07:16:43 GMT"), ("Server", "tencent-ci"),
        ("x-ci-request-id", "NjJkNTBjN2FfMThhYTk0MGFfYmU1OV80MTU="),
      ], fields, body)
  }

  /// - Parameter changes: fields with another value, or nil for none.
  private static func message(
    _ line: String, _ fields: [(String, String)], _ changes: [String: String?], _ body: String
  ) -> String {
    var all = fields.filter { changes[$0.0] == nil }
    for (name, value) in changes.sorted(by: { $0.key < $1.key }) { if let value { all.append((name, value)) } }
    return line + "\r\n" + all.map { "\($0.0): \($0.1)\r\n" }.joined() + "\r\n" + body
  }

  static func line(_ object: [String: Any]) throws -> String {
    String(decoding: try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]), as: UTF8.self) + "\n"
  }
}

/// A folder of files that is gone after its use.
private struct Folder: ~Copyable {
  let path = Program.temporary()

  init(_ files: [String: String]) throws {
    for (name, text) in files {
      let file = URL(filePath: path + "/" + name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The findings that a run wrote with `--format json`.
private func findings(_ outcome: Program.Outcome) throws -> [[String: Any]] {
  try outcome.output.split(separator: "\n").map {
    try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
  }
}

private func findings(_ text: String, _ arguments: [String]) throws -> [[String: Any]] {
  try findings(try Program.run(["validate", "--format", "json"] + arguments + ["-"], input: Data(text.utf8)))
}

@Suite("cispec validate on JSON Lines")
struct ValidateLinesTests {
  @Test("each line is a document under its id, or under its place", arguments: [1, 3])
  func documents(jobs: Int) throws {
    var text = ""
    var names: [String] = []
    for number in 1...3000 {
      let isRight = number % 7 != 0
      let body = isRight ? Right.hashAnswer : Right.hashAnswer.replacingOccurrences(of: ">Submitted<", with: ">Sent<")
      var object: [String: Any] = ["operation": "file-jobs.submit", "part": "response", "body": body]
      if number % 2 == 0 { object["id"] = "case \(number)" }
      text += try Right.line(object)
      let name = number % 2 == 0 ? "case \(number)" : "<stdin>:\(number)"
      names.append("\(name): \(isRight ? "valid" : "not valid") (response of file-jobs.submit)")
    }
    let outcome = try Program.run(["validate", "--jobs", "\(jobs)", "-"], input: Data(text.utf8))
    #expect(outcome.code == 1)
    var lines = outcome.errors.split(separator: "\n").map { $0.split(separator: ")")[0] + ")" }
    #expect(lines.removeLast().hasPrefix("3000 documents: 2572 valid, 428 not valid"))
    #expect(lines == names.map { $0[...] })
  }

  @Test(
    "a line that holds no document is a finding with its number, and the next is judged",
    arguments: [
      ("{\"body\" 1}", "json-lines.malformed", 9), ("[1]", "json-lines.no-object", 1),
      ("{\"id\":\"a\"}", "json-lines.no-body", 1),
      ("{\"operation\":\"file-jobs.sumbit\",\"body\":\"\"}", "json-lines.operation-unknown", 14),
      ("{\"part\":\"answer\",\"body\":\"\"}", "json-lines.part-unknown", 9),
      ("{\"operation\":\"batch-jobs.cancel\",\"part\":\"request\",\"body\":\"\"}", "json-lines.no-such-document", 41),
      ("{\"id\":\"\\ud800\",\"body\":\"\"}", "json-lines.malformed", 8),
      ("{\"id\":\"\(String(repeating: "x", count: 20_100))\",\"body\":\"\"}", "json-lines.too-long", 1),
      (String(repeating: "[", count: 5000), "json-lines.malformed", 101),
    ])
  func faults(line: String, id: String, column: Int) throws {
    let good = try Right.line(["body": Right.hashRequest])
    let outcome = try Program.run(
      ["validate", "--format", "json", "--max-bytes", "10000", "--input", "json-lines", "-"],
      input: Data((good + line + "\n\n" + good).utf8))
    let found = try findings(outcome)
    #expect(found.count == 1)
    #expect(found.first?["id"] as? String == id)
    #expect(found.first?["line"] as? Int == 2)
    #expect(found.first?["column"] as? Int == column)
    #expect(outcome.errors == "3 documents: 2 valid, 1 not valid\n")
  }

  @Test("a line longer than a piece of the stream is read whole, and the last needs no end")
  func longLines() throws {
    let data = String(repeating: " ", count: 300_000)
    let text =
      try Right.line(["id": "long", "body": Right.hashRequest + data])
      + Right.line(["id": "b", "body": Right.hashRequest])
    let outcome = try Program.run(["validate", "-"], input: Data(text.utf8.dropLast()))
    #expect(outcome.errors.hasSuffix("2 documents: 2 valid, 0 not valid\n"), "\(outcome.output) \(outcome.errors)")
  }

  @Test("a callback may be the body as it is")
  func callback() throws {
    let job = "{\"EventName\":\"TaskFinish\",\"JobsDetail\":[{\(Right.callbackJob)}]}"
    let outcome = try Program.run(
      ["validate", "--input", "json-lines", "-"], input: Data("{\"id\":7,\"body\":\(job)}".utf8))
    #expect(outcome.errors == "7: valid (callback)\n", "\(outcome.output)")
  }

  @Test("a stream without a line is no success")
  func empty() throws {
    #expect(try findings("", ["--input", "json-lines"]).first?["id"] as? String == "json-lines.empty")
  }
}

@Suite("cispec validate on folders and patterns")
struct ValidateFilesTests {
  @Test("a folder is walked in the byte order of its paths, for the suffixes that tell a kind")
  func walk() throws {
    let folder = try Folder([
      "b.xml": Right.hashRequest, "a/z.xml": Right.hashRequest, "a.xml": Right.hashRequest, "B.XML.txt": "no",
      ".hidden.xml": "no", "a/more.jsonl": try Right.line(["id": "line", "body": Right.hashRequest]),
      "a/package.json": "{\"name\":\"x\"}",
    ])
    let outcome = try Program.run(["validate", "."], folder: folder.path)
    let names = outcome.errors.split(separator: "\n").map { $0.split(separator: " ")[0] }
    #expect(names == ["./a.xml:", "line:", "./a/z.xml:", "./b.xml:", "4"])
    #expect(outcome.errors.contains("1 other JSON file left out"))
    #expect(outcome.code == 0)
  }

  @Test(
    "a pattern that the shell left is expanded",
    arguments: [
      ("*.xml", ["a.xml", "b.xml"]), ("?.xml", ["a.xml", "b.xml"]),
      ("**/*.xml", ["a.xml", "b.xml", "d/c.xml", "d/e/f.xml"]),
      ("d/**", ["d/c.xml", "d/e/f.xml"]), ("*/e", ["d/e/f.xml"]), ("d/**/f.xml", ["d/e/f.xml"]), ("[x]*", ["[x]*"]),
    ])
  func patterns(pattern: String, names: [String]) throws {
    let folder = try Folder(
      Dictionary(
        uniqueKeysWithValues: ["a.xml", "b.xml", "d/c.xml", "d/e/f.xml", "[x]*"].map { ($0, Right.hashRequest) }))
    let outcome = try Program.run(["validate", pattern], folder: folder.path)
    let judged = outcome.errors.split(separator: "\n").map { $0.split(separator: ":")[0] }
    #expect(judged.filter { !$0.hasSuffix("documents") } == names.map { $0[...] }, "\(outcome.errors)")
  }

  @Test("a pattern without a file is exit code 3")
  func noMatch() throws {
    let folder = try Folder(["a.xml": Right.hashRequest])
    let outcome = try Program.run(["validate", "*.har"], folder: folder.path)
    #expect(outcome.code == 3)
    #expect(outcome.errors.contains("*.har: no file fits this pattern"))
  }

  @Test("a file that cannot be read stands in its place, and the rest is judged")
  func order() throws {
    let folder = try Folder(["a.xml": Right.hashRequest, "c.xml": "<Request/>"])
    let outcome = try Program.run(["validate", "a.xml", "b.xml", "c.xml"], folder: folder.path)
    #expect(outcome.code == 3)
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[0].hasPrefix("a.xml: valid"))
    #expect(lines[1].hasPrefix("error: b.xml"))
    #expect(lines[2].hasPrefix("c.xml: not valid"))
    #expect(lines[3] == "3 documents: 1 valid, 1 not valid, 1 unreadable")
  }
}

@Suite("cispec validate on HTTP messages")
struct ValidateMessagesTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var message: String
    var id: String
    var requirement: String?
    var line: Int
    var severity = "error"
    var arguments: [String] = []
    var testDescription: String { name }
  }

  @Test(
    "a message that is right has no finding",
    arguments: [
      Right.request("POST /file_jobs HTTP/1.1", body: Right.hashRequest),
      Right.request(
        "POST /file_jobs HTTP/1.1",
        ["Content-Type": "application/xml; charset=utf-8", "Date": "Mon, 18 Jul 2022 07:16:43 GMT", "User-Agent": "x"],
        body: Right.hashRequest),
      Right.request("GET /file_jobs/\(Right.jobID),\(Right.jobID) HTTP/1.1"),
      Right.request("GET /file_jobs/\(Right.jobID)?\(Right.authorization) HTTP/1.1", ["Authorization": nil]),
      Right.request(
        "PUT /inventorytriggerjob/be8f65004eb8511eaaed4f377124a303c?cancel HTTP/1.1", ["Content-Length": "0"]),
      Right.answer(body: Right.hashAnswer),
    ])
  func right(message: String) throws {
    #expect(try findings(message, []).isEmpty)
  }

  static let faults = [
    Case(
      name: "unknown path", message: Right.request("GET /file_job/x HTTP/1.1"), id: "http.unknown-operation", line: 1),
    Case(
      name: "unknown method", message: Right.request("DELETE /file_jobs HTTP/1.1"), id: "http.unknown-operation",
      line: 1),
    Case(
      name: "malformed head", message: "GET /jobs/x HTTP/1.1\r\nHost\r\n\r\n", id: "http.malformed", line: 2),
    Case(
      name: "eleven ids",
      message: Right.request(
        "GET /file_jobs/\(Array(repeating: Right.jobID, count: 11).joined(separator: ",")) HTTP/1.1"),
      id: "http.too-many-values", requirement: "file-jobs.query.path.job-id.at-most-ten", line: 1),
    Case(
      name: "id of another kind",
      message: Right.request("GET /inventorytriggerjob/\(Right.jobID) HTTP/1.1"), id: "http.path-value",
      requirement: "batch-jobs.query.path.job-id", line: 1),
    Case(
      name: "cancellation without cancel",
      message: Right.request(
        "PUT /inventorytriggerjob/be8f65004eb8511eaaed4f377124a303c HTTP/1.1", ["Content-Length": "0"]),
      id: "http.query-missing", requirement: "batch-jobs.cancel.query.cancel", line: 1),
    Case(
      name: "cancel with a value",
      message: Right.request(
        "PUT /inventorytriggerjob/be8f65004eb8511eaaed4f377124a303c?cancel=1 HTTP/1.1", ["Content-Length": "0"]),
      id: "http.query-value", requirement: "batch-jobs.cancel.query.cancel", line: 1),
    Case(
      name: "unknown parameter", message: Right.request("GET /file_jobs/\(Right.jobID)?verbose=1 HTTP/1.1"),
      id: "http.query-unknown", line: 1, severity: "warning"),
    Case(
      name: "no Host", message: Right.request("GET /file_jobs/\(Right.jobID) HTTP/1.1", ["Host": nil]),
      id: "http.header-missing", requirement: "request-headers.host.required", line: 1),
    Case(
      name: "another Host",
      message: Right.request(
        "GET /file_jobs/\(Right.jobID) HTTP/1.1", ["Host": "bucket.cos.ap-chongqing.myqcloud.com"]),
      id: "http.header-value", requirement: "request-headers.host.form", line: 3),
    Case(
      name: "no signature", message: Right.request("GET /file_jobs/\(Right.jobID) HTTP/1.1", ["Authorization": nil]),
      id: "http.header-missing", requirement: "request-headers.authorization.required", line: 1),
    Case(
      name: "signature of another service",
      message: Right.request("GET /file_jobs/\(Right.jobID) HTTP/1.1", ["Authorization": "AWS4-HMAC-SHA256 x"]),
      id: "http.header-value", requirement: "request-headers.authorization.form", line: 3),
    Case(
      name: "wrong length",
      message: Right.request("POST /file_jobs HTTP/1.1", ["Content-Length": "9"], body: Right.hashRequest),
      id: "http.content-length", requirement: "request-headers.content-length.true", line: 5),
    Case(
      name: "wrong digest",
      // The digest of no bytes.
      message: Right.request(
        "POST /file_jobs HTTP/1.1", ["Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="], body: Right.hashRequest),
      id: "http.content-md5", requirement: "request-headers.content-md5.matches", line: 6),
    Case(
      name: "JSON announced",
      message: Right.request("POST /file_jobs HTTP/1.1", ["Content-Type": "application/json"], body: Right.hashRequest),
      id: "http.header-value", requirement: "request-headers.content-type.values", line: 5),
    Case(
      name: "weekday that does not belong",
      message: Right.request("GET /file_jobs/\(Right.jobID) HTTP/1.1", ["Date": "Tue, 18 Jul 2022 07:16:43 GMT"]),
      id: "http.header-value", requirement: "request-headers.date.form", line: 4),
    Case(
      name: "body of a query",
      message: Right.request("GET /file_jobs/\(Right.jobID) HTTP/1.1", body: "<a/>"), id: "http.body-unexpected",
      requirement: "file-jobs.query.no-request-body", line: 1),
    Case(
      name: "no body",
      message: Right.request("POST /file_jobs HTTP/1.1", ["Content-Type": "application/xml", "Content-Length": "0"]),
      id: "http.body-missing", line: 1),
    Case(
      name: "fault in the body",
      message: Right.request(
        "POST /file_jobs HTTP/1.1",
        body: Right.hashRequest.replacingOccurrences(of: "<Operation>", with: "\n<Operation>").replacingOccurrences(
          of: "MD5", with: "MD6")),
      id: "schema.value.enumeration", requirement: "file-jobs.submit.file-hash-code-config.type.values", line: 8),
    Case(
      name: "path of a later edition",
      message: Right.request("POST /jobs HTTP/1.1", body: Right.hashRequest), id: "http.newer-path", line: 1,
      severity: "note"),
    Case(
      name: "another operation than the given",
      message: Right.request("POST /file_jobs HTTP/1.1", body: Right.hashRequest), id: "http.path",
      requirement: "jobs.submit.path", line: 1, arguments: ["--operation", "jobs.submit"]),
    Case(
      name: "answer without request id",
      message: Right.answer("200 OK", ["x-ci-request-id": nil], body: Right.hashAnswer),
      id: "http.header-missing", requirement: "response-headers.x-ci-request-id.required", line: 1),
    Case(
      name: "answer of another server", message: Right.answer("200 OK", ["Server": "nginx"], body: Right.hashAnswer),
      id: "http.header-value", requirement: "response-headers.server.values", line: 6, severity: "warning"),
    Case(
      name: "answer with a wrong length",
      message: Right.answer("200 OK", ["Content-Length": "1"], body: Right.hashAnswer),
      id: "http.content-length", requirement: "response-headers.content-length.true", line: 6),
    Case(
      name: "trace id of a success", message: Right.answer("200 OK", ["x-ci-trace-id": "a"], body: Right.hashAnswer),
      id: "http.header-value", requirement: "response-headers.x-ci-trace-id.only-when-failed", line: 7,
      severity: "warning"),
    Case(
      name: "another success", message: Right.answer("202 Accepted", body: Right.hashAnswer), id: "http.status",
      requirement: "file-jobs.submit.success", line: 1, arguments: ["--operation", "file-jobs.submit"]),
    Case(
      name: "failure whose body is no error", message: Right.answer("404 Not Found", body: "<Response/>"),
      id: "schema.wrong-root", line: 8),
  ]

  @Test("one fault is found with its requirement and line", arguments: faults)
  func fault(_ fault: Case) throws {
    let found = try findings(fault.message, fault.arguments)
    let own = try #require(found.first { $0["id"] as? String == fault.id }, "\(found)")
    if let requirement = fault.requirement { #expect(own["requirement"] as? String == requirement) }
    #expect(own["line"] as? Int == fault.line)
    #expect(own["severity"] as? String == fault.severity)
    #expect(own["file"] as? String == "<stdin>")
  }

  @Test("the answer of an exchange repeats its request")
  func echo() throws {
    let request = Right.request("POST /file_jobs HTTP/1.1", body: Right.hashRequest)
    let folder = try Folder([
      "01-same.request.http": request, "01-same.response.http": Right.answer(body: Right.hashAnswer),
      "02-other.request.http": request,
      "02-other.response.http": Right.answer(
        body: Right.hashAnswer.replacingOccurrences(of: ">mine<", with: ">yours<")),
    ])
    let found = try findings(try Program.run(["validate", "--format", "json", folder.path]))
    #expect(found.count == 1)
    #expect(found.first?["id"] as? String == "exchange.echo")
    #expect(found.first?["requirement"] as? String == "file-jobs.jobs-detail.user-data")
    #expect(found.first?["file"] as? String == folder.path + "/02-other.response.http")
    #expect(found.first?["path"] as? String == "/Response/JobsDetail/Operation/UserData")
    #expect(found.first?["line"] as? Int == 8)
  }

  @Test("a callback that was received is judged in both forms")
  func callback() throws {
    let json =
      "{\"EventName\":\"TaskFinish\",\n\"JobsDetail\":{\(Right.callbackJob.replacingOccurrences(of: "VideoTag\"", with: "VideoTog\""))}}"
    let found = try findings("POST /hook HTTP/1.1\r\nHost: me.example\r\n\r\n" + json, [])
    #expect(
      found.contains { ($0["path"] as? String) == "/Response/JobsDetail/Tag" && $0["line"] as? Int == 5 }, "\(found)")
    let xml = "POST /hook HTTP/1.1\r\nHost: me.example\r\n\r\n<Response><EventName>x</EventName></Response>"
    #expect(try findings(xml, []).contains { $0["requirement"] as? String == "callback.event-name.values" })
  }
}

@Suite("cispec validate on archives")
struct ValidateArchiveTests {
  private func entry(_ method: String, _ url: String, _ body: String, _ answer: String) throws -> [String: Any] {
    [
      "request": [
        "method": method, "url": url,
        "headers": [
          ["name": "Host", "value": URL(string: url)?.host ?? ""],
          ["name": "Authorization", "value": Right.authorization],
          ["name": "Content-Type", "value": "application/xml"],
          ["name": "Content-Length", "value": "\(body.utf8.count)"],
        ],
        "postData": ["mimeType": "application/xml", "text": body],
      ],
      "response": [
        "status": 200, "statusText": "OK",
        "headers": [
          ["name": "Content-Type", "value": "application/xml"],
          ["name": "Content-Length", "value": "\(answer.utf8.count)"],
          ["name": "Date", "value": "Mon, 18 Jul 2022 07:16:43 GMT"], ["name": "Server", "value": "tencent-ci"],
          ["name": "x-ci-request-id", "value": "NjJkNTBjN2FfMThhYTk0MGFfYmU1OV80MTU="],
        ],
        "content": ["size": answer.utf8.count, "text": Data(answer.utf8).base64EncodedString(), "encoding": "base64"],
      ],
    ]
  }

  private func archive(_ entries: [[String: Any]]) throws -> String {
    let log: [String: Any] = ["log": ["version": "1.2", "entries": entries]]
    return String(decoding: try JSONSerialization.data(withJSONObject: log), as: UTF8.self)
  }

  @Test("the exchanges of the API are judged, the others are left alone")
  func entries() throws {
    let own = "https://\(Right.host)/file_jobs"
    let text = try archive([
      try entry("GET", "https://example.com/index.html", "", "<html>"),
      try entry("POST", own, Right.hashRequest, Right.hashAnswer),
      try entry("POST", own, Right.hashRequest, Right.hashAnswer.replacingOccurrences(of: ">mine<", with: "><")),
      try entry("POST", "http://127.0.0.1:8080/file_jobs", Right.hashRequest, Right.hashAnswer),
      try entry("GET", "https://\(Right.host)/nothing", "", ""),
    ])
    let folder = try Folder(["a.har": text])
    let outcome = try Program.run(["validate", "--format", "json", "a.har"], folder: folder.path)
    let found = try findings(outcome).map { "\($0["file"] ?? "") \($0["id"] ?? "")" }
    #expect(
      found == [
        "a.har:entry 3 response exchange.echo", "a.har:entry 4 request http.header-value",
        "a.har:entry 5 request http.unknown-operation",
      ], "\(outcome.output)")
    #expect(outcome.errors == "8 documents: 5 valid, 3 not valid\n", "\(outcome.errors)")
  }

  @Test("an archive without an exchange of the API is no success")
  func foreign() throws {
    let text = try archive([try entry("GET", "https://example.com/jobs.html", "", "")])
    #expect(try findings(text, ["--input", "har"]).first?["id"] as? String == "har.no-entry")
    #expect(try findings("{\"log\":1}", []).first?["id"] as? String == "har.malformed")
  }
}

@Suite("cispec validate on callbacks in JSON")
struct ValidateCallbackTests {
  @Test(
    "JobsDetail is an object or a list of one, in Response or not",
    arguments: [
      "{\"EventName\":\"TaskFinish\",\"JobsDetail\":{\(Right.callbackJob)}}",
      "{\"EventName\":\"TaskFinish\",\"JobsDetail\":[{\(Right.callbackJob)}]}",
      " {\"Response\":{\"JobsDetail\":[{\(Right.callbackJob)}],\"EventName\":\"TaskFinish\"}}\n",
    ])
  func forms(text: String) throws {
    let outcome = try Program.run(["validate", "-"], input: Data(text.utf8))
    #expect(outcome.errors == "<stdin>: valid (callback)\n", "\(outcome.output)")
  }

  @Test(
    "a fault is placed in the JSON",
    arguments: [
      ("{\"EventName\":\"TaskFinish\",\n\"JobsDetail\":{\"State\" \"x\"}}", "json.malformed", 2, 23),
      ("{\"EventName\":\"TaskFinish\",\n  \"Nope\":7}", "schema.unknown-node", 2, 10),
      ("{\"EventName\":\"中\",\"JobsDetail\":[[1]]}", "json.nested-array", 1, 32),
      ("{\"EventName\":\"Finish\",\n\"JobsDetail\":[]}", "schema.value.enumeration", 1, 14),
      ("{\"EventName\":\"TaskFinish\",\"a b\":1}", "json.key", 1, 27),
      ("{\"EventName\":\"\\u0001\"}", "json.character", 1, 14), ("[]", "json.no-object", 1, 1),
    ])
  func places(text: String, id: String, line: Int, column: Int) throws {
    let found = try findings(text, ["--input", "json"])
    let own = try #require(found.first { $0["id"] as? String == id }, "\(found)")
    #expect(own["line"] as? Int == line)
    #expect(own["column"] as? Int == column)
  }

  @Test(
    "what is no JSON is one finding",
    arguments: [
      "", "{", "{\"a\":}", "{\"a\":01}", "{\"a\":1.}", "{\"a\":1e}", "{\"a\":tru}", "{\"a\":\"\\x\"}",
      "{\"a\":\"\\u12\"}",
      "{\"a\":\"\\ud83d\"}", "{\"a\":\"\n\"}", "{\"a\":1,}", "[1,]", "{a:1}", "{} {}", "\"", "-", "{\"a\" 1}", "nul",
    ])
  func malformed(text: String) throws {
    #expect(try findings(text, ["--input", "json"]).map { $0["id"] as? String } == ["json.malformed"])
  }
}

@Suite("cispec validate and its verdict")
struct ValidateVerdictTests {
  @Test(
    "--fail-on says which finding makes a document not valid",
    arguments: [("error", 0, "valid"), ("warning", 1, "not valid"), ("note", 1, "not valid")])
  func failOn(severity: String, code: Int32, verdict: String) throws {
    let answer = Right.hashAnswer.replacingOccurrences(of: "<Tag>", with: "<Novelty>1</Novelty><Tag>")
    let outcome = try Program.run(["validate", "--fail-on", severity, "-"], input: Data(answer.utf8))
    #expect(outcome.code == code)
    #expect(outcome.errors.hasPrefix("<stdin>: \(verdict) (response of"))
  }

  @Test("--quiet leaves out the lines of valid documents alone")
  func quiet() throws {
    let folder = try Folder(["a.xml": Right.hashRequest, "b.xml": "<Request/>"])
    let outcome = try Program.run(["validate", "--quiet", "a.xml", "b.xml"], folder: folder.path)
    #expect(!outcome.errors.contains("a.xml"))
    #expect(outcome.errors.contains("b.xml: not valid"))
    #expect(outcome.errors.hasSuffix("2 documents: 1 valid, 1 not valid\n"))
    #expect(try Program.run(["validate", "--quiet", "a.xml"], folder: folder.path).errors.isEmpty)
  }

  @Test(
    "wrong usage is exit code 2",
    arguments: [
      (["--input", "yaml", "a"], "is no value of --input"), (["--jobs", "0", "a"], "whole number from 1"),
      (["--fail-on", "worse", "a"], "no value of --fail-on"), (["-", "-"], "named twice"),
      (["--progress", "no", "a"], "no value of --progress"),
    ])
  func usage(arguments: [String], words: String) throws {
    let outcome = try Program.run(["validate"] + arguments)
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test("--input goes before suffix and first bytes")
  func input() throws {
    let folder = try Folder([
      "a.json": Right.hashRequest, "b.xml": try Right.line(["id": "line", "body": Right.hashRequest]),
    ])
    #expect(try Program.run(["validate", "--input", "xml", "a.json"], folder: folder.path).code == 0)
    #expect(
      try Program.run(["validate", "--input", "json-lines", "b.xml"], folder: folder.path).errors.hasPrefix(
        "line: valid"))
    #expect(try Program.run(["validate", "a.json"], folder: folder.path).code == 1)
  }
}
