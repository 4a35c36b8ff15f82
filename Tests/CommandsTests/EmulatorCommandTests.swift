import Foundation
import HTTPExchange
import HTTPTransport
import Signing
import Testing

@Suite("cispec serve as a product")
struct EmulatorCommandTests {
  private static let example = Program.root + "/Examples/seed-jobs.json"
  private static let exampleHost = "examplebucket-1250000000.ci.ap-chongqing.myqcloud.com"
  private static let queue = "p2242ab62c7c94486915508540933a2c6"

  @Test("The same seed, time and requests give the same answers to the last byte; another seed does not")
  func determinism() throws {
    func answers(_ seed: String) throws -> [HTTPResponse] {
      let kept = try Kept(["--seed", seed])
      var answers: [HTTPResponse] = []
      for number in 0..<3 {
        answers.append(try kept.send("POST", "/file_jobs", keptHashBody("\(number)")))
        let id = answers.last?.jobID ?? ""
        answers.append(try kept.send("GET", "/file_jobs/\(id)"))
        answers.append(try kept.send("GET", "/file_queue"))
        answers.append(try kept.send("GET", "/nothing"))
        answers.append(try kept.send("POST", "/file_jobs", "<Request/>"))
      }
      _ = kept.server.stop()
      return answers
    }
    let first = try answers("5")
    #expect(Set(first.map(\.status)) == [200, 400, 404])
    #expect(first[0].headers["Date"] == "Mon, 18 Jul 2022 07:16:43 GMT")
    #expect(try answers("5") == first)
    #expect(try answers("6") != first)
  }

  @Test("At a speed of N the server's clock runs N times as fast, and signatures are judged by it")
  func speed() throws {
    let server = try Program.Server(
      ["serve", "--port", "0", "--quiet", "--now", Kept.now, "--speed", "100"],
      environment: ["CISPEC_SECRET_ID": "AKIDtest", "CISPEC_SECRET_KEY": "fakeSecret"])
    defer { _ = server.stop() }
    let client = HTTPClient(endpoint: try Endpoint(parsing: "http://127.0.0.1:\(server.port)"))
    func time() throws -> Int {
      let answer = try client.respond(
        to: HTTPRequest(method: "GET", target: "/.cispec/clock", headers: ["Host": "127.0.0.1"]))
      return Int(try #require(answer.text.firstMatch(of: /"seconds":(\d+)/)).output.1) ?? 0
    }
    let (start, first) = (Date(), try time())
    usleep(300_000)
    let (second, passed) = (try time(), Date().timeIntervalSince(start))
    #expect(second - first >= 29)
    #expect(Double(second - first) <= passed * 100 + 2)
    let good = try client.respond(to: Kept.request("POST", "/file_jobs", keptHashBody("x"), at: Int64(second)))
    #expect(good.status == 200, Comment(rawValue: good.text))
    let today = try client.respond(
      to: Kept.request("POST", "/file_jobs", keptHashBody("x"), at: Int64(Date().timeIntervalSince1970)))
    #expect(today.status == 401)
  }

  @Test("The judge judges signatures by the server's clock, and intervals by the real one")
  func judged() throws {
    let kept = try Kept([], command: "judge")
    let id = try #require(try kept.send("POST", "/file_jobs", keptHashBody("x")).jobID)
    _ = try kept.send("GET", "/file_jobs/\(id)")
    usleep(1_100_000)
    // More than the interval of polls on the real clock, nothing on the server's.
    _ = try kept.send("GET", "/file_jobs/\(id)")
    let found = try kept.client().respond(
      to: HTTPRequest(method: "GET", target: "/.cispec/findings", headers: ["Host": "127.0.0.1"])
    ).text
    #expect(!found.contains("signature."), Comment(rawValue: found))
    #expect(!found.contains("sequence.poll-too-fast"), Comment(rawValue: found))
  }

  @Test(
    "What is no time, speed or limit is refused",
    arguments: [
      (["--now", "yesterday"], "--now is 'yesterday'"),
      (["--now", "2022-07-18T15:16:43"], "not a time with an offset"),
      (["--speed", "-1"], "--speed is '-1'"), (["--speed", "nan"], "not a number from 0 to"),
      (["--concurrency", "0"], "--concurrency is '0'"), (["--seed", "-1"], "--seed is '-1'"),
    ])
  func refused(arguments: [String], sentence: String) throws {
    let outcome = try Program.run(["serve", "--port", "0"] + arguments)
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains(sentence), Comment(rawValue: outcome.errors))
  }

  @Test("Jobs of a file are there at the start, in every state, for queries, lists and pages")
  func seedJobs() throws {
    let kept = try Kept(["--seed-jobs", Self.example])
    try #require(kept.server.port > 0, Comment(rawValue: kept.server.errors))
    func get(_ target: String) throws -> String { try kept.send("GET", target, host: Self.exampleHost).text }
    let hashed = try get("/file_jobs/f00000000000011ee8000000000000001")
    #expect(hashed.contains("<MD5>900150983cd24fb0d6963f7d28e17f72</MD5>"))
    #expect(hashed.contains("<CreationTime>2022-07-18T15:00:00+0800</CreationTime>"))
    #expect(hashed.contains("<EndTime>2022-07-18T15:00:09+0800</EndTime>"))
    let failed = try get("/file_jobs/f00000000000011ee8000000000000002")
    #expect(failed.contains("<Code>ResourceNotFound</Code>"))
    #expect(failed.contains("<Message>There is no such object.</Message>"))
    let list = "/jobs?tag=Animation&queueId=\(Self.queue)"
    let states = try get(list).matches(of: /<State>(\w+)</).map { String($0.output.1) }
    #expect(states == ["Cancel", "Pause", "Submitted", "Running"])
    #expect(try get(list + "&states=Pause").contains("j00000000000011ee8000000000000005"))
    let page = try get(list + "&size=3&orderByTime=Asc")
    let token = try #require(page.firstMatch(of: /<NextToken>(.*?)</)).output.1
    #expect(try get(list + "&size=3&orderByTime=Asc&nextToken=\(token)").contains("j00000000000011ee8000000000000006"))
  }

  @Test("Jobs of a file come into a new state once, and not again when it is taken up")
  func seedJobsOnce() throws {
    let file = Program.temporary(".db")
    defer { for suffix in ["", "-wal"] { try? FileManager.default.removeItem(atPath: file + suffix) } }
    for round in 0..<2 {
      let kept = try Kept(["--seed-jobs", Self.example, "--state", file])
      try #require(kept.server.port > 0, Comment(rawValue: kept.server.errors))
      let list = try kept.send("GET", "/jobs?tag=Animation&queueId=\(Self.queue)", host: Self.exampleHost).text
      #expect(list.matches(of: /<JobsDetail>/).count == 4)
      _ = kept.server.stop(SIGKILL)
      #expect(kept.server.errors.contains("--seed-jobs is left out") == (round == 1))
    }
  }

  /// One edit of a file with one good job on its line 5, and what is said of it.
  private static let jobLines = """
    {"format": 1,
     "bucket": "test-1234567890", "region": "ap-chongqing",
     "jobs": [
      {"operation": "file-jobs.submit",
       "state": "Failed", "code": "X",
       "created": "2022-07-18T15:01:00+0800",
       "request": {"Tag": "FileHashCode", "Input": {"Object": "a"},
        "Operation": {"FileHashCodeConfig": {"Type": "MD5"}}}}
     ]}
    """

  @Test(
    "A wrong entry is refused by file, line and what was expected",
    arguments: [
      ("\"Failed\"", "\"Done\"", 5, "'state' is 'Done', which is no state of a job"),
      ("\"Failed\", \"code\": \"X\"", "\"Success\"", 4, "'result' is missing"),
      ("\"Failed\"", "\"Running\"", 5, "'code' is of the state Failed alone"),
      (", \"code\": \"X\"", "", 4, "'code' is missing for the state Failed"),
      ("2022-07-18T15:01:00+0800", "2032-07-18T15:01:00+0800", 6, "'created' lies in the future"),
      ("2022-07-18T15:01:00+0800", "noon", 6, "'created' is 'noon', not a time with an offset"),
      ("file-jobs.submit", "file-job.submit", 4, "which submits no job"),
      ("\"Type\": \"MD5\"", "\"Typ\": \"MD5\"", 7, "'request' is no request of file-jobs.submit"),
      ("\"state\"", "\"stat\"", 5, "'stat' is no key of this object"),
      ("\"region\": \"ap-chongqing\"", "\"region\": 7", 2, "'region' is of another type"),
      ("\"created\"", "\"id\": \"j1\", \"created\"", 6, "'id' is 'j1'; 'f' and 32 hexadecimal digits"),
      ("\"created\"", "\"ends\": \"2022-07-18T15:00:00+0800\", \"created\"", 6, "'ends' is before 'starts'"),
      ("\"format\": 1", "\"format\": 2", 1, "the format is not 1"),
    ])
  func badSeedJobs(old: String, new: String, line: Int, sentence: String) throws {
    let file = Program.file(Self.jobLines.replacing(old, with: new), ".json")
    defer { try? FileManager.default.removeItem(atPath: file) }
    let outcome = try Program.run(["serve", "--port", "0", "--now", Kept.now, "--seed-jobs", file])
    #expect(outcome.code == 3)
    #expect(outcome.errors.contains("\(file):\(line):"), Comment(rawValue: outcome.errors))
    #expect(outcome.errors.contains(sentence), Comment(rawValue: outcome.errors))
  }

  @Test("A thousand connections are open at once, and each gets its answer", arguments: [false, true])
  func connections(isKept: Bool) throws {
    let file = Program.temporary(".db")
    defer { for suffix in ["", "-wal"] { try? FileManager.default.removeItem(atPath: file + suffix) } }
    _ = DescriptorLimit.raised(to: 1300)
    let kept = try Kept(isKept ? ["--state", file] : [])
    let request = HTTPMessageText.bytes(of: Kept.request("GET", "/file_queue"))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(kept.server.port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let start = Date()
    var sockets: [Int32] = []
    defer { for socket in sockets { close(socket) } }
    for _ in 0..<1000 {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      try #require(descriptor >= 0, "the limit of open files is too low for this test")
      sockets.append(descriptor)
      var limit = timeval(tv_sec: 20, tv_usec: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
      let connected = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      try #require(connected == 0)
    }
    // Two rounds: after the first all are open and known to the server.
    for _ in 0..<2 {
      for socket in sockets { try #require(write(socket, request, request.count) == request.count) }
      for socket in sockets {
        var answer = [UInt8](repeating: 0, count: 8192)
        let count = read(socket, &answer, answer.count)
        try #require(count > 0, "a connection was closed or got nothing")
        #expect(answer.starts(with: "HTTP/1.1 200".utf8))
      }
    }
    #expect(Date().timeIntervalSince(start) < 60)
  }

  @Test("With too few open files fewer connections are served, and with next to none nothing is, with a reason")
  func fewDescriptors() throws {
    func run(_ limit: Int) throws -> (code: Int32, errors: String) {
      let process = Process()
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = ["-c", "ulimit -n \(limit); exec \"$0\" serve --port 0 --quiet", Program.path]
      let (output, errors) = (Pipe(), Pipe())
      process.standardOutput = output
      process.standardError = errors
      try process.run()
      // A line when it listens, or the end.
      _ = output.fileHandleForReading.availableData
      if process.isRunning { kill(process.processIdentifier, SIGTERM) }
      process.waitUntilExit()
      return (
        process.terminationStatus, String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      )
    }
    let few = try run(200)
    #expect(few.code == 0)
    #expect(few.errors.contains("the limit of open files is 200: 136 connections at once are served, not 1100"))
    let none = try run(60)
    #expect(none.code == 4)
    #expect(none.errors.contains("hint: Raise it: ulimit -n 1164"), Comment(rawValue: none.errors))
  }

  @Test("A job of one bucket is unknown in another, and a key pair that was not given is refused")
  func buckets() throws {
    let keys = Program.file("AKIDone:fakeSecretOne\nAKIDtwo:fakeSecretTwo\n", ".txt")
    defer { try? FileManager.default.removeItem(atPath: keys) }
    let server = try Program.Server(["serve", "--port", "0", "--quiet", "--secret-file", keys])
    defer { _ = server.stop() }
    let client = HTTPClient(endpoint: try Endpoint(parsing: "http://127.0.0.1:\(server.port)"))
    func send(_ key: (String, String), _ host: String, _ method: String, _ target: String, _ body: String? = nil) throws
      -> HTTPResponse
    {
      var headers: HTTPHeaders = ["Host": host]
      if let body {
        headers.append("Content-Type", "application/xml")
        headers.append("Content-Length", "\(body.utf8.count)")
      }
      return try client.respond(
        to: Signer(credentials: Credentials(secretID: key.0, secretKey: key.1)).signed(
          HTTPRequest(method: method, target: target, headers: headers, body: Array((body ?? "").utf8)),
          now: Int64(Date().timeIntervalSince1970)))
    }
    let (one, two) = (("AKIDone", "fakeSecretOne"), ("AKIDtwo", "fakeSecretTwo"))
    let other = "other-1234567890.ci.ap-chongqing.myqcloud.com"
    let id = try #require(try send(one, keptHost, "POST", "/file_jobs", keptHashBody("x")).jobID)
    #expect(try send(two, keptHost, "GET", "/file_jobs/\(id)").detail != nil)
    for host in [other, "test-1234567890.ci.ap-beijing.myqcloud.com"] {
      let answer = try send(one, host, "GET", "/file_jobs/\(id)")
      #expect(answer.detail == nil)
      #expect(answer.text.contains("<NonExistJobIds>\(id)</NonExistJobIds>"))
    }
    let stranger = try send(("AKIDthree", "fakeSecretThree"), keptHost, "GET", "/file_jobs/\(id)")
    #expect(stranger.status == 401)
    let mixed = try send(("AKIDone", "fakeSecretTwo"), keptHost, "GET", "/file_jobs/\(id)")
    #expect(mixed.status == 401)
    let queues = try [keptHost, other].map {
      try #require(try send(one, $0, "GET", "/file_queue").text.firstMatch(of: /<QueueId>(.*?)</)).output.1
    }
    #expect(queues[0] != queues[1])
  }
}
