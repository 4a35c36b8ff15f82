import Foundation
import HTTPExchange
import HTTPTransport
import Signing
import Synchronization
import Testing

let keptHost = "test-1234567890.ci.ap-chongqing.myqcloud.com"

/// A server of the program whose clock starts at a fixed time, with clients that sign for it.
final class Kept: Sendable {
  static let now = "2022-07-18T15:16:43+0800"
  static let seconds: Int64 = 1_658_128_603
  /// Only asked for its port by several threads.
  nonisolated(unsafe) let server: Program.Server

  init(_ arguments: [String], command: String = "serve") throws {
    server = try Program.Server(
      [command, "--port", "0", "--quiet", "--now", Self.now, "--speed", "0"] + arguments,
      environment: ["CISPEC_SECRET_ID": "AKIDtest", "CISPEC_SECRET_KEY": "fakeSecret"])
  }

  deinit { if server.process.isRunning { _ = server.stop(SIGKILL) } }

  /// A connection for one thread.
  func client() throws -> HTTPClient {
    var limits = TransportLimits()
    limits.totalSeconds = 10
    return HTTPClient(endpoint: try Endpoint(parsing: "http://127.0.0.1:\(server.port)"), limits: limits)
  }

  static func request(
    _ method: String, _ target: String, _ body: String? = nil, host: String = keptHost, at seconds: Int64 = seconds
  ) -> HTTPRequest {
    var headers: HTTPHeaders = ["Host": host]
    if let body {
      headers.append("Content-Type", "application/xml")
      headers.append("Content-Length", "\(body.utf8.count)")
    }
    return Signer(credentials: Credentials(secretID: "AKIDtest", secretKey: "fakeSecret")).signed(
      HTTPRequest(method: method, target: target, headers: headers, body: Array((body ?? "").utf8)), now: seconds)
  }

  func send(
    _ method: String, _ target: String, _ body: String? = nil, host: String = keptHost, at seconds: Int64 = seconds
  ) throws
    -> HTTPResponse
  { try client().respond(to: Self.request(method, target, body, host: host, at: seconds)) }
}

func keptHashBody(_ userData: String) -> String {
  "<Request><Tag>FileHashCode</Tag><Input><Object>input/test.mp4</Object></Input><Operation><FileHashCodeConfig>"
    + "<Type>MD5</Type></FileHashCodeConfig><UserData>\(userData)</UserData></Operation></Request>"
}

extension HTTPResponse {
  /// The first job, as it is written.
  var detail: String? { text.firstMatch(of: /<JobsDetail>.*?<\/JobsDetail>/).map { String($0.output) } }
  var jobID: String? { text.firstMatch(of: /<JobId>([0-9a-z]+)</).map { String($0.output.1) } }
}

@Suite("cispec serve --state")
struct StateCommandTests {
  private let file = Program.temporary(".db")

  private func removeFile() {
    for suffix in ["", "-wal", "-shm", "-journal"] { try? FileManager.default.removeItem(atPath: file + suffix) }
  }

  @Test("Killed at any moment, it has lost no job that a client was told of")
  func kills() throws {
    defer { removeFile() }
    let told = Mutex<[String: String]>([:])
    var random = SystemRandomNumberGenerator()
    let end = Date(timeIntervalSinceNow: 6)
    var rounds = 0
    while rounds < 12, rounds < 3 || Date() < end {
      let kept = try Kept(["--state", file])
      try #require(kept.server.port > 0, Comment(rawValue: kept.server.errors))
      let threads = (0..<4).map { number in
        let thread = Thread {
          guard let client = try? kept.client() else { return }
          var count = 0
          // Until the server is gone.
          while let answer = try? client.respond(
            to: Kept.request("POST", "/file_jobs", keptHashBody("\(number)-\(count)"))),
            answer.status == 200, let id = answer.jobID, let detail = answer.detail
          {
            told.withLock { $0[id] = detail }
            count += 1
          }
        }
        thread.start()
        return thread
      }
      // After some answers, and then at any moment of the next ones.
      let goal = told.withLock { $0.count } + Int.random(in: 1...30, using: &random)
      let latest = Date(timeIntervalSinceNow: 3)
      while told.withLock({ $0.count }) < goal, Date() < latest { usleep(500) }
      usleep(UInt32.random(in: 0..<10_000, using: &random))
      _ = kept.server.stop(SIGKILL)
      while threads.contains(where: { !$0.isFinished }) { usleep(1000) }
      rounds += 1
    }
    let expected = told.withLock { $0 }
    #expect(rounds >= 3)
    #expect(expected.count >= 10, "too few jobs were accepted for the test to say anything")
    let kept = try Kept(["--state", file])
    let client = try kept.client()
    var lost: [String] = []
    for (id, detail) in expected {
      let answer = try client.respond(to: Kept.request("GET", "/file_jobs/\(id)"))
      if answer.detail != detail { lost.append(id) }
    }
    #expect(lost.isEmpty, "\(lost.count) of \(expected.count) jobs are lost or other than told")
  }

  /// Answers callbacks with the status that is set, and keeps their bodies.
  private final class Receiver: Responder {
    let status = Mutex(500)
    let bodies = Mutex<[String]>([])

    func respond(to request: HTTPRequest) -> HTTPResponse {
      bodies.withLock { $0.append(String(decoding: request.body, as: UTF8.self)) }
      return HTTPResponse(status: status.withLock { $0 })
    }

    func waitForCount(_ count: Int, seconds: Double) -> Bool {
      let end = Date(timeIntervalSinceNow: seconds)
      while bodies.withLock({ $0.count }) < count, Date() < end { usleep(10_000) }
      return bodies.withLock { $0.count } >= count
    }
  }

  @Test("A callback that was not taken before a kill is sent after it, and one that was taken is not sent again")
  func callbacks() throws {
    defer { removeFile() }
    let receiver = Receiver()
    let listening = try HTTPServer(responder: receiver)
    defer { listening.stop() }
    let url = "<CallBack>http://127.0.0.1:\(listening.port)/told</CallBack></Request>"
    var kept = try Kept(["--state", file])
    let answer = try kept.send(
      "POST", "/file_jobs", keptHashBody("x").replacing("</Request>", with: url))
    let id = try #require(answer.jobID, Comment(rawValue: answer.text))
    _ = try kept.client().respond(
      to: HTTPRequest(method: "POST", target: "/.cispec/clock?advance=5", headers: ["Host": "127.0.0.1"]))
    #expect(receiver.waitForCount(1, seconds: 20))
    // It is tried again after a second; the kill comes before.
    _ = kept.server.stop(SIGKILL)
    let before = receiver.bodies.withLock { $0.count }
    receiver.status.withLock { $0 = 200 }
    kept = try Kept(["--state", file])
    #expect(receiver.waitForCount(before + 1, seconds: 20))
    #expect(receiver.bodies.withLock { $0.allSatisfy { $0.contains("<JobId>\(id)</JobId>") } })
    // Told as taken before it is killed again.
    let end = Date(timeIntervalSinceNow: 20)
    while !kept.server.errors.contains("callback of \(id)"), Date() < end { usleep(10_000) }
    usleep(300_000)
    _ = kept.server.stop(SIGKILL)
    kept = try Kept(["--state", file])
    usleep(1_500_000)
    #expect(receiver.bodies.withLock { $0.count } == before + 1)
  }

  @Test("When the file cannot grow every answer is 500 and the health 503, and what was accepted before is there")
  func fullDisk() throws {
    defer { removeFile() }
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    // With the signal ignored a write beyond the limit fails as on a full disk.
    process.arguments = [
      "-c", "trap '' XFSZ; ulimit -f 200; exec \"$0\" serve --port 0 --quiet --now $2 --speed 0 --state \"$1\"",
      Program.path, file, Kept.now,
    ]
    process.environment = ["CISPEC_SECRET_ID": "AKIDtest", "CISPEC_SECRET_KEY": "fakeSecret"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    let port = try #require(line.firstMatch(of: /:(\d+)\n/)).output.1
    let client = HTTPClient(endpoint: try Endpoint(parsing: "http://127.0.0.1:\(port)"))
    func health() throws -> Int {
      try client.respond(
        to: HTTPRequest(method: "GET", target: "/.cispec/health", headers: ["Host": "127.0.0.1"])
      ).status
    }
    #expect(try health() == 200)
    var ids: [String] = []
    var refusal: HTTPResponse?
    for number in 0..<300 {
      let answer = try client.respond(to: Kept.request("POST", "/file_jobs", keptHashBody("\(number)")))
      guard answer.status == 200, let id = answer.jobID else {
        refusal = answer
        break
      }
      ids.append(id)
    }
    #expect(refusal?.status == 500)
    #expect(refusal?.text.contains("<Code>InternalError</Code>") == true)
    #expect(try health() == 503)
    #expect(!ids.isEmpty)
    let query = Kept.request("GET", "/file_jobs/\(ids.first ?? "")")
    #expect(try client.respond(to: query).status == 500)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let kept = try Kept(["--state", file])
    for id in ids { #expect(try kept.send("GET", "/file_jobs/\(id)").detail != nil) }
  }

  @Test("A second server on the file is refused, and what it is refused for is said", arguments: ["serve", "judge"])
  func inUse(command: String) throws {
    defer { removeFile() }
    let kept = try Kept(["--state", file], command: command)
    try #require(kept.server.port > 0, Comment(rawValue: kept.server.errors))
    let outcome = try Program.run(["serve", "--port", "0", "--state", file])
    #expect(outcome.code == 3)
    #expect(outcome.errors.contains("\(file): another program has the file open"))
    #expect(outcome.errors.contains("hint: "))
  }

  @Test("A foreign file is refused and left alone; another seed than that of the file is refused")
  func refused() throws {
    defer { removeFile() }
    try Data("my notes".utf8).write(to: URL(filePath: file))
    let outcome = try Program.run(["serve", "--port", "0", "--state", file])
    #expect(outcome.code == 3)
    #expect(outcome.errors.contains("it is no state file"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "my notes")
    removeFile()
    _ = try Kept(["--state", file, "--seed", "7"]).server.stop()
    let other = try Program.run(["serve", "--port", "0", "--state", file, "--seed", "8"])
    #expect(other.code == 2)
    #expect(other.errors.contains("of the seed 7, not 8"))
  }

  @Test("After a stop and a start lists, pages and queues are byte for byte as before, and the clock goes on")
  func restart() throws {
    defer { removeFile() }
    let queue = "p2242ab62c7c94486915508540933a2c6"
    func told(_ kept: Kept, at seconds: Int64) throws -> [String] {
      var told: [String] = []
      var token = ""
      repeat {
        let answer = try kept.send("GET", "/jobs?tag=Animation&queueId=\(queue)&size=2\(token)", at: seconds)
        try #require(answer.status == 200, Comment(rawValue: answer.text))
        told.append(answer.text)
        token = answer.text.firstMatch(of: /<NextToken>(.*?)</).map { "&nextToken=\($0.output.1)" } ?? ""
      } while !token.isEmpty
      return told
    }
    var before: [String] = []
    let later = Kept.seconds + 100
    do {
      let kept = try Kept(["--state", file])
      for _ in 0..<5 {
        let body =
          "<Request><Tag>Animation</Tag><Input><Object>input/demo.mp4</Object></Input><Operation><Animation><Container>"
          + "<Format>gif</Format></Container></Animation><Output><Region>ap-chongqing</Region>"
          + "<Bucket>test-1234567890</Bucket><Object>o</Object></Output></Operation><QueueId>\(queue)</QueueId></Request>"
        let answer = try kept.send("POST", "/jobs", body)
        try #require(answer.status == 200, Comment(rawValue: answer.text))
      }
      let clock = try kept.client().respond(
        to: HTTPRequest(method: "POST", target: "/.cispec/clock?advance=100", headers: ["Host": "127.0.0.1"]))
      #expect(clock.text.contains("\"now\":\"2022-07-18T15:18:23+0800\""))
      before = try told(kept, at: later)
      #expect(before.count == 3)
      #expect(before[0].contains("<State>Success</State>"))
      #expect(kept.server.stop() == 0)
    }
    let kept = try Kept(["--state", file])
    #expect(try told(kept, at: later) == before)
    _ = kept.server.stop()
    #expect(kept.server.errors.contains("its clock starts at 2022-07-18T15:18:23+0800"))
  }
}
