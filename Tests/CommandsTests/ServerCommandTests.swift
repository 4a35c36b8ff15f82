import Foundation
import HTTPExchange
import Synchronization
import TestSupport
import Testing

/// The answer to a submit that should have been refused.
private let job =
  "<?xml version=\"1.0\" encoding=\"utf-8\"?><Response><JobsDetail><Code>Success</Code>"
  + "<CreationTime>2022-07-18T15:16:43+0800</CreationTime><EndTime>-</EndTime><Input>"
  + "<BucketId>test-1250000000</BucketId><Object>input/demo.mp4</Object><Region>ap-chongqing</Region></Input>"
  + "<JobId>f93984788066911ed89ed352d4d9d2084</JobId><Message/><Operation><FileHashCodeConfig><AddToHeader>true"
  + "</AddToHeader><Type>MD5</Type></FileHashCodeConfig></Operation><QueueId>p2911917386e148639319e13c285cc774"
  + "</QueueId><StartTime>-</StartTime><State>Submitted</State><Tag>FileHashCode</Tag></JobsDetail></Response>"

private func taken(_ response: HTTPResponse) -> HTTPResponse {
  var copy = response
  copy.status = 200
  copy.body = Array(job.utf8)
  return copy
}

@Suite("cispec server")
struct ServerCommandTests {
  /// One fault in a server that is right otherwise, and the case about it.
  struct Fault: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var caseID: String
    /// The kind of finding that names it.
    var finding: String
    var rewrite: FaultyServer.Rewriting

    init(_ name: String, _ caseID: String, _ finding: String, _ rewrite: @escaping FaultyServer.Rewriting) {
      (testDescription, self.caseID, self.finding, self.rewrite) = (name, "server/" + caseID, finding, rewrite)
    }
  }

  static let faults = [
    Fault("takes an empty body", "file-jobs.submit/body/empty", "server.accepted") {
      $1.status == 400 && $0.body.isEmpty ? taken($1) : $1
    },
    Fault("takes a body that is no XML", "jobs.submit/body/text", "server.accepted") {
      $1.text.contains("InvalidContent") ? taken($1) : $1
    },
    Fault("does not look at Content-MD5", "file-jobs.submit/transfer/content-md5-of-another-body", "server.accepted") {
      $0.headers["Content-MD5"] != nil ? taken($1) : $1
    },
    Fault("fails over a large body", "batch-jobs.submit/body/oversized", "server.wrong-answer") {
      $1.status == 413 ? $1.turned(into: 500, "InternalError") : $1
    },
    Fault(
      "takes a hash type that is none", "file-jobs.submit/nodes/file-jobs.submit.file-hash-code-config.type.values",
      "server.accepted"
    ) {
      $1.text.contains("InvalidArgument") ? taken($1) : $1
    },
    Fault("answers 400 to a wrong path", "jobs.query/routing/path-unknown", "server.wrong-answer") {
      $1.status == 404 ? $1.turned(into: 400, "InvalidArgument") : $1
    },
    Fault("lets any host in", "file-jobs.query/routing/host-foreign-domain", "server.wrong-answer") {
      $1.text.contains("InvalidHost") ? $1.turned(into: 404, "InvalidUrl") : $1
    },
    Fault("gives one id to all jobs", "file-jobs.submit/states/submits-concurrent", "server.id-twice") {
      $1.replacing(/<JobId>[^<]*<\/JobId>/, with: "<JobId>f93984788066911ed89ed352d4d9d2084</JobId>")
    },
    Fault("mixes jobs up", "jobs.submit/states/submits-keep-alive", "server.wrong-job") {
      $0.method == "GET" ? $1.replacing(/cispec-2/, with: "cispec-3") : $1
    },
    Fault("leaves an unknown id out", "file-jobs.query/ids/two-unknown", "server.node-count") {
      $1.replacing(/<NonExistJobIds>f00000000000010008000000000000001<\/NonExistJobIds>/, with: "")
    },
    Fault("takes eleven ids", "file-jobs.query/ids/eleven", "server.accepted") {
      $1.text.contains("InvalidArgument") ? taken($1) : $1
    },
    Fault("lets an unsigned request in", "jobs.query/signature/none", "server.accepted") {
      $1.status == 401 ? taken($1) : $1
    },
    Fault("says a wrong code to an old signature", "file-jobs.query/signature/expired", "server.wrong-answer") {
      $1.text.contains("SignatureExpired") ? $1.turned(into: 401, "SecretidNotExist") : $1
    },
    Fault("gives a result with the submission", "file-jobs.submit/states/no-result-yet", "server.node-count") {
      $1.replacing(
        /<\/FileHashCodeConfig>/,
        with:
          "</FileHashCodeConfig><FileHashCodeResult><MD5>0fe771ba515b0525552f59290a50c0ef</MD5></FileHashCodeResult>")
    },
    Fault("forgets UserData", "file-jobs.submit/states/echo", "server.node-count") {
      $1.replacing(/<UserData>[^<]*<\/UserData>/, with: "")
    },
    Fault("cancels what has ended", "batch-jobs.cancel/states/cancel-finished", "server.accepted") {
      var answer = $1
      if $0.method == "PUT" { (answer.status, answer.body) = (200, []) }
      return answer
    },
    Fault("cancels a media job that has ended", "jobs.cancel/states/cancel-finished", "server.accepted") {
      var answer = $1
      if $0.method == "PUT" { (answer.status, answer.body) = (200, []) }
      return answer
    },
    Fault(
      "takes a state that no queue has", "queues.update/nodes/queues.update.state.values", "server.accepted"
    ) {
      $1.text.contains("InvalidArgument") ? taken($1) : $1
    },
    Fault("pauses a queue that is to be active", "queues.update/states/echo", "server.node-value") {
      $1.replacing(/<State>Active</, with: "<State>Paused<")
    },
    Fault("lets two templates have one name", "templates.create/states/name-taken", "server.accepted") {
      $1.status == 400 ? taken($1) : $1
    },
    Fault("gives a changed template another id", "templates.update/states/update", "server.node-value") {
      $0.method == "PUT"
        ? $1.replacing(/<TemplateId>[^<]*/, with: "<TemplateId>t1f16e1dfbdc994105b31292d45710642a") : $1
    },
    Fault("runs a workflow on no object", "workflows.trigger/lists/no-object", "server.accepted") {
      $1.status == 400 ? taken($1) : $1
    },
    Fault("gives a digest that was not asked for", "objects.file-hash/answer/sha1", "server.node-count") {
      $1.replacing(/<\/SHA1>/, with: "</SHA1><MD5>0fe771ba515b0525552f59290a50c0ef</MD5>")
    },
    Fault("answers for an object that is not there", "objects.file-hash/ids/unknown", "server.wrong-answer") {
      $1.status == 404 ? $1.turned(into: 500, "InternalError") : $1
    },
    Fault("has no request id", "jobs.query/ids/unknown", "http.header-missing") {
      var answer = $1
      answer.headers.remove("x-ci-request-id")
      return answer
    },
    Fault("answers errors in HTML", "file-jobs.submit/body/blank", "server.wrong-answer") {
      var answer = $1
      if answer.status >= 400 { answer.body = Array("<html>Bad Request</html>".utf8) }
      return answer
    },
    Fault("leaves the message of errors out", "file-jobs.submit/body/cut-short", "schema.missing-node") {
      $1.replacing(/<Message>[^<]*<\/Message>/, with: "")
    },
  ]

  static func run(_ server: FaultyServer, _ arguments: [String]) throws -> Program.Outcome {
    try Program.run(["server", "--target", server.url] + arguments, environment: FaultyServer.keys, limitSeconds: 60)
  }

  @Test("a fault of a server is found by the case about it, which a right server passes", arguments: faults)
  func fault(fault: Fault) throws {
    let report = Program.temporary(".json")
    defer { try? FileManager.default.removeItem(atPath: report) }
    let right = try FaultyServer()
    let passing = try Self.run(right, [fault.caseID])
    right.stop()
    #expect(passing.code == 0, "\(passing.output)\(passing.errors)")
    let server = try FaultyServer(fault.rewrite)
    let outcome = try Self.run(server, [fault.caseID, "--report", "json=\(report)"])
    server.stop()
    #expect(outcome.code == 1, "\(outcome.output)\(outcome.errors)")
    let text = try String(contentsOfFile: report, encoding: .utf8)
    #expect(text.contains("\"id\":\"\(fault.finding)"), "\(text)")
  }

  @Test("what a cancel that came too late leaves open is skipped, not an error", arguments: ["batch-jobs", "jobs"])
  func lateCancel(family: String) throws {
    let server = try FaultyServer { request, response in
      var answer = request.method == "PUT" ? response.turned(into: 400, "InvalidArgument") : response
      if request.method == "PUT" {
        answer.body = Array(
          ("<Error><Code>InvalidArgument</Code><Message>It runs.</Message><RequestId>r</RequestId>"
            + "<TraceId>t</TraceId></Error>").utf8)
      }
      return answer
    }
    defer { server.stop() }
    let cases = ["state-after-cancel"].map { "server/\(family).query/states/\($0)" }
    // One that is judged beside them: a run of skipped cases alone fails.
    let judged = "server/\(family).query/ids/unknown"
    let outcome = try Self.run(server, cases + ["server/\(family).cancel/states/cancel-twice", judged, "--verbose"])
    #expect(outcome.code == 0, "\(outcome.output)")
    #expect(outcome.output.contains("skipped server/\(family).query/states/state-after-cancel"))
    #expect(outcome.output.contains("skipped server/\(family).cancel/states/cancel-twice"))
  }

  @Test("the embedded emulator passes the whole suite, which has at least 120 cases")
  func embedded() throws {
    let outcome = try Program.run(["server"], limitSeconds: 90)
    #expect(outcome.code == 0, "\(outcome.output.suffix(3000))")
    let row = try #require(outcome.output.split(separator: "\n").first { $0.hasPrefix("server ") })
    let numbers = row.split(separator: " ").compactMap { Int($0) }
    // The four about temporary credentials need some.
    #expect(numbers[0] >= 120 && numbers[0] == numbers[1] + 4, "\(row)")
    #expect(numbers.prefix(5).suffix(3) == [0, 0, 4], "\(row)")
    #expect(outcome.output.contains("request parsing"))
  }

  @Test("a run in which every case is skipped fails, and says why each was")
  func nothingJudged() throws {
    for arguments in [
      ["replay", "file-jobs/hash-sha1", "--target", "http://bucket-1250000000.invalid"],
      ["server", "server/file-jobs.submit/body", "--target", "http://bucket-1250000000.invalid"],
    ] {
      let outcome = try Program.run(arguments, environment: FaultyServer.keys)
      #expect(outcome.code == 4, "\(outcome.output)")
      #expect(outcome.output.contains("nothing was judged, every case was skipped"), "\(outcome.output)")
      #expect(outcome.output.contains("it costs money"), "\(outcome.output)")
    }
  }

  @Test("a run whose only case fails as it is known to has judged it")
  func knownFailureAlone() throws {
    let list = Program.temporary()
    defer { try? FileManager.default.removeItem(atPath: list) }
    try "server/jobs.query/routing/path-unknown # a teapot\n".write(toFile: list, atomically: true, encoding: .utf8)
    let server = try FaultyServer { $1.status == 404 ? $1.turned(into: 418, "Teapot") : $1 }
    defer { server.stop() }
    let outcome = try Program.run(
      ["server", "server/jobs.query/routing/path-unknown", "--target", server.url, "--known-failing", list],
      environment: FaultyServer.keys)
    #expect(outcome.code == 0 && outcome.output.contains("PASS"), "\(outcome.output)\(outcome.errors)")
  }

  @Test(
    "an interrupt ends a run with all that it has found, in its reports too; exit code 130",
    arguments: [["server", "--rate", "40"], ["server", "--rate", "40", "--jobs", "2"], ["replay"]])
  func interrupted(words: [String]) throws {
    // The replay has no rate, so its server takes its time.
    let server = try FaultyServer { _, answer in
      if words == ["replay"] { usleep(25_000) }
      return answer
    }
    defer { server.stop() }
    let report = Program.temporary()
    defer { try? FileManager.default.removeItem(atPath: report) }
    let running = try Program.Server(
      words + ["--target", server.url, "--report", "json=\(report)"], environment: FaultyServer.keys, awaitsLine: false)
    usleep(1_500_000)
    kill(running.process.processIdentifier, SIGINT)
    let start = Date()
    let (code, output) = running.finish(stopping: false)
    #expect(code == 130)
    #expect(Date().timeIntervalSince(start) < 8)
    #expect(output.contains("were not reached before the run was interrupted."), "\(output.suffix(500))")
    #expect(output.contains("FAIL: interrupt: 1 failed."))
    let text = try String(contentsOfFile: report, encoding: .utf8)
    #expect(text.contains("\"passed\""))
    #expect(text.contains("the run was interrupted"))
  }

  @Test("an undocumented node is told although the cases pass, with what a schema would say of it")
  func gap() throws {
    let server = try FaultyServer {
      guard $1.status == 200, let text = String(validating: $1.body, as: UTF8.self) else { return $1 }
      var answer = $1
      answer.body = Array(text.replacingOccurrences(of: "</Tag>", with: "</Tag><GatewayTrace>t</GatewayTrace>").utf8)
      answer.headers.set("Content-Length", "\(answer.body.count)")
      return answer
    }
    defer { server.stop() }
    let outcome = try Program.run(
      ["replay", "file-jobs/query-unknown-id", "file-jobs/hash-md5-lifecycle", "--target", server.url],
      environment: FaultyServer.keys)
    #expect(outcome.output.contains("warning: "), "\(outcome.output)")
    #expect(outcome.output.contains("GatewayTrace"), "\(outcome.output)")
    #expect(outcome.output.contains("  in: replay/file-jobs/hash-md5-lifecycle/"), "\(outcome.output)")
  }

  @Test("an answer in a coding that nobody asked for is told as such")
  func contentEncoding() throws {
    let server = try FaultyServer {
      var answer = $1
      answer.headers.set("Content-Encoding", "gzip")
      return answer
    }
    defer { server.stop() }
    let outcome = try Program.run(
      ["server", "server/file-jobs.query/ids/unknown", "--target", server.url], environment: FaultyServer.keys)
    #expect(outcome.code == 1 && outcome.output.contains("said to be in the coding 'gzip'"), "\(outcome.output)")
  }

  @Test("a failing case shows its exchange and a command that repeats it, and no secret")
  func exchange() throws {
    let folder = Program.temporary()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let server = try FaultyServer(prefix: "/ci") { $1.status == 404 ? $1.turned(into: 418, "Teapot") : $1 }
    defer { server.stop() }
    var environment = FaultyServer.keys
    environment["CISPEC_TOKEN"] = "canary-token"
    let outcome = try Program.run(
      [
        "server", "server/jobs.query/routing/path-unknown", "--target", server.url + "/ci", "--save", folder,
        "--header", "X-Gate: canary-header", "--connect-to", "127.0.0.1:\(server.port)",
      ], environment: environment)
    #expect(outcome.code == 1)
    for part in [
      "--- sent", "GET /ci/nothing HTTP/1.1", "--- answered", "418", "curl -i", "x-ci-security-token",
      "$(cispec sign --only Authorization '\(folder)/",
    ] {
      #expect(outcome.output.contains(part), "\(part)\n\(outcome.output)")
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(files.count == 4, "\(files)")
    let saved = try files.map { try String(contentsOfFile: folder + "/" + $0, encoding: .utf8) }.joined()
    for text in [outcome.output, outcome.errors, saved] {
      for secret in ["canary", FaultyServer.keys["CISPEC_SECRET_KEY"] ?? ""] { #expect(!text.contains(secret)) }
      #expect(text.firstMatch(of: /q-signature=[0-9a-f]{40}/) == nil)
    }
  }

  @Test("a path in the URL goes before every path, and another address may be connected to")
  func prefix() throws {
    let server = try FaultyServer(prefix: "/gate/way")
    defer { server.stop() }
    let cases = [
      "server/file-jobs.query/ids", "replay/file-jobs/query-unknown-id",
      "replay/file-jobs/submit-with-queue-and-callback",
      "target/header/right",
    ]
    let outcome = try Program.run(
      [
        "server", "--target", "http://bucket-1300000000.ci.ap-beijing.myqcloud.com/gate/way/", "--connect-to",
        "127.0.0.1:\(server.port)",
      ] + cases, environment: FaultyServer.keys, limitSeconds: 60)
    #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
  }

  @Test("an operation that is declared unsupported is skipped with its reason, and nothing else is")
  func unsupported() throws {
    let file = Program.file("# what we lack\nbatch-jobs.* # no batches here\n", ".txt")
    let wrong = Program.file("bach-jobs.submit # a slip\n", ".txt")
    defer { for file in [file, wrong] { try? FileManager.default.removeItem(atPath: file) } }
    let server = try FaultyServer { $0.target.hasPrefix("/inventory") ? $1.turned(into: 501, "NotImplemented") : $1 }
    defer { server.stop() }
    let cases = ["server/*/signature/none"]
    #expect(try Self.run(server, cases).code == 1)
    let outcome = try Self.run(server, cases + ["--unsupported", file, "--verbose"])
    #expect(outcome.code == 0, "\(outcome.output)")
    #expect(outcome.output.contains("skipped server/batch-jobs.query/signature/none"))
    #expect(outcome.output.contains("ok      server/jobs.query/signature/none"))
    let slip = try Self.run(server, ["--unsupported", wrong])
    #expect(slip.code == 3)
    #expect(slip.errors.contains("Did you mean batch-jobs.submit?"))
  }

  @Test(
    "a failure that is known passes, one that is mended or names nothing fails; cases are selected before they are sent"
  )
  func known() throws {
    let known = Program.file("server/batch-jobs.*/signature/none # no batches here\n", ".txt")
    let mended = Program.file("server/jobs.query/signature/none # long ago\n", ".txt")
    defer { for file in [known, mended] { try? FileManager.default.removeItem(atPath: file) } }
    let server = try FaultyServer { $0.target.hasPrefix("/inventory") ? $1.turned(into: 501, "NotImplemented") : $1 }
    defer { server.stop() }
    let some = ["--select", "server/*/signature/none"]
    #expect(try Self.run(server, some).code == 1)
    let outcome = try Self.run(server, some + ["--known-failing", known])
    #expect(outcome.code == 0, "\(outcome.output)")
    #expect(!outcome.output.contains("replay"))
    #expect(try Self.run(server, some + ["--known-failing", mended]).code == 1)
    let others = try Self.run(server, some + ["--skip", "server/batch-jobs.*"])
    #expect(others.code == 0, "\(others.output)")
  }

  @Test("the budget ends a run, what is left over is skipped")
  func budget() throws {
    let server = try FaultyServer()
    defer { server.stop() }
    let outcome = try Self.run(
      server, ["server/*/signature/none", "--request-budget", "3", "--format", "json", "--jobs", "2"])
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("\"open\":"))
    let table = outcome.errors.split(separator: "\n").first { $0.hasPrefix("server ") } ?? ""
    #expect(table.split(separator: " ").compactMap { Int($0) }.prefix(5) == [19, 3, 0, 0, 16], "\(outcome.errors)")
  }

  @Test("a retry is told each time, and there is none unless asked for")
  func retries() throws {
    let count = Mutex(0)
    let server = try FaultyServer { _, response in
      count.withLock { count in
        count += 1
        return count % 2 == 1 ? response.turned(into: 503, "ServiceUnavailable") : response
      }
    }
    defer { server.stop() }
    let one = ["server/jobs.query/signature/none"]
    let retried = try Self.run(server, one + ["--retries", "2"])
    #expect(retried.code == 0)
    #expect(retried.errors.contains("retry 1 of 2: GET /jobs/"))
    #expect(count.withLock { $0 } == 2)
    #expect(try Self.run(server, one).code == 1)
  }

  @Test("a rate holds requests back")
  func rate() throws {
    let server = try FaultyServer()
    defer { server.stop() }
    let outcome = try Self.run(server, ["server/*/signature/none", "--rate", "10"])
    #expect(outcome.code == 0)
    #expect(outcome.seconds >= 0.6)
  }

  @Test("a target elsewhere gets only what reads, unless more is allowed; a dry run shows it and sends nothing")
  func elsewhere() throws {
    let target = ["--target", "http://bucket-1300000000.ci.ap-beijing.myqcloud.com"]
    let some = ["server/jobs.submit/body/right", "server/jobs.query/ids/unknown", "replay/file-jobs/query-unknown-id"]
    let dry = try Program.run(
      ["server", "--dry-run"] + target + some, environment: FaultyServer.keys, limitSeconds: 10)
    #expect(dry.code == 0, "\(dry.errors)")
    #expect(dry.output.contains("### server/jobs.submit/body/right: not sent without --allow-billable"))
    #expect(dry.output.contains("GET /jobs/j00000000000010008000000000000000 HTTP/1.1\r\n"))
    #expect(dry.output.contains("Host: bucket-1300000000.ci.ap-beijing.myqcloud.com\r\n"))
    #expect(dry.output.contains("q-signature="))
    let allowed = try Program.run(
      ["server", "--dry-run", "--allow-billable"] + target + some, environment: FaultyServer.keys, limitSeconds: 10)
    #expect(allowed.output.contains("POST /jobs HTTP/1.1\r\n"))
    #expect(allowed.output.contains("<Tag>Animation</Tag>"))
  }

  @Test("the scorecard comes as text, JSON, Markdown and badge")
  func formats() throws {
    let badge = Program.temporary(".json")
    defer { try? FileManager.default.removeItem(atPath: badge) }
    let some = ["server/*/signature/none", "--badge", badge]
    let json = try Program.run(["server", "--format", "json"] + some)
    let card = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let levels = try #require(card["levels"] as? [String: [String: Int]])
    #expect(levels["must"] == ["met": 19, "missed": 0, "open": 0])
    #expect((card["operations"] as? [[String: Any]])?.count == 19)
    let markdown = try Program.run(["server", "--format", "markdown"] + some)
    #expect(markdown.output.contains("| jobs.query | – | 1/1 | 1/1 | – |"), "\(markdown.output)")
    let shield = try #require(
      try JSONSerialization.jsonObject(with: try Data(contentsOf: URL(filePath: badge))) as? [String: Any])
    #expect(shield["schemaVersion"] as? Int == 1)
    #expect(shield["message"] as? String == "19/19")
    #expect(shield["color"] as? String == "brightgreen")
    #expect(try Program.run(["server", "server/*/signature/none", "--badge", "/no/such/folder/x"]).code == 6)
  }

  @Test(
    "wrong usage is exit code 2, with a sentence",
    arguments: [
      (["server/jobs.query/ids/unknwon"], "Did you mean server/jobs.query/ids/unknown?"),
      (["--target", "http://h/?x"], "--target"), (["--connect-to", "127.0.0.1:1"], "--target URL"),
      (["--target", "http://127.0.0.1:1", "--connect-to", "nowhere"], "HOST:PORT"),
      (["--target", "http://127.0.0.1:1", "--header", "nonsense"], "NAME: VALUE"),
      (["--target", "http://127.0.0.1:1", "--jobs", "0"], "--jobs"),
    ])
  func usage(arguments: [String], sentence: String) throws {
    let outcome = try Program.run(["server"] + arguments, environment: FaultyServer.keys, limitSeconds: 10)
    #expect(outcome.code == 2, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.errors.contains(sentence), "\(outcome.errors)")
  }

  @Test("a server that is not there is exit code 4")
  func gone() throws {
    let port = try closedPort()
    let outcome = try Program.run(
      ["server", "server/jobs.query/signature", "--target", "http://127.0.0.1:\(port)"], environment: FaultyServer.keys,
      limitSeconds: 20)
    #expect(outcome.code == 4, "\(outcome.output)")
    #expect(outcome.output.contains("refuses connections"))
  }
}
