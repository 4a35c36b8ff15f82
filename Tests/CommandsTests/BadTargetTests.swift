import Foundation
import TestSupport
import Testing

/// The real program against targets that misbehave: each ends in the right exit code, with a sentence, in bounded time.
@Suite("A target that misbehaves")
struct BadTargetTests {
  static let keys = ["CISPEC_SECRET_ID": "AKIDfake", "CISPEC_SECRET_KEY": "fakeKey"]
  static let body =
    "<Response><NonExistJobIds>f00000000000010008000000000000000</NonExistJobIds></Response>"
  static let fields =
    "Content-Type: application/xml\r\nServer: tencent-ci\r\nDate: Mon, 18 Jul 2022 07:16:43 GMT\r\n"
    + "Connection: keep-alive\r\nx-ci-request-id: NjJkNTA3ZGJfMThhYTk0MGFfYmU1OV8x\r\n"

  static func answer(_ status: String = "200 OK", length: Int? = body.utf8.count, body: String = body) -> String {
    "HTTP/1.1 \(status)\r\n\(fields)" + (length.map { "Content-Length: \($0)\r\n" } ?? "") + "\r\n" + body
  }

  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var script: [Step]
    var code: Int32
    var sentence: String

    init(_ name: String, _ script: [Step], _ code: Int32, _ sentence: String) {
      (testDescription, self.script, self.code, self.sentence) = (name, script, code, sentence)
    }
  }

  static func replay(_ target: String) throws -> Program.Outcome {
    try Program.run(
      ["replay", "file-jobs/query-unknown-id", "--target", target, "--timeout", "1"], environment: keys,
      limitSeconds: 20)
  }

  @Test(
    "every fault has its verdict",
    arguments: [
      Case("answers as recorded", [.read, .send(answer())], 0, "PASS"),
      Case("hangs", [.read, .hang], 4, "did not answer in time"),
      Case(
        "hangs after the head", [.read, .send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), .hang], 4,
        "did not answer in time"),
      Case("closes at once", [], 4, "closed"),
      Case("closes in the head", [.read, .send("HTTP/1.1 200 OK\r\nContent-")], 4, "closed"),
      Case("sends half a body", [.read, .send(answer(length: 500))], 4, "closed"),
      Case("announces too little", [.read, .send(answer(length: 20))], 4, "more bytes"),
      Case(
        "sends half a body of its length", [.read, .send(answer(length: 20, body: String(body.prefix(20))))], 1, "ends"),
      Case("answers twice", [.read, .send(answer() + answer())], 4, "more bytes"),
      Case("announces no body and sends one", [.read, .send(answer(length: 0))], 4, "more bytes"),
      Case(
        "announces a length beyond all integers",
        [.read, .send(answer().replacing("Content-Length: ", with: "Content-Length: 9999999999999999999"))], 4,
        "no length"),
      Case(
        "changes the protocol", [.read, .send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: none\r\n\r\n")], 4, "101"),
      Case("is not HTTP", [.read, .send("SSH-2.0-OpenSSH_9.2\r\n\r\n")], 4, "HTTP"),
      Case("sends an endless head", [.read, .send("HTTP/1.1 200 OK\r\n"), .sendEndlessly("A: b\r\n")], 4, "head"),
      Case(
        "redirects",
        [.read, .send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")], 1, "302"),
      Case("fails", [.read, .send(answer("500 Internal Server Error", body: ""))], 4, "closed"),
      Case("answers an error page", [.read, .send(answer("502 Bad Gateway", length: 6, body: "<html>"))], 1, "502"),
    ])
  func fault(fault: Case) throws {
    let server = try ScriptedServer(fault.script)
    let outcome = try Self.replay(server.url)
    #expect(outcome.code == fault.code, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains(fault.sentence), "\(outcome.output)")
    #expect(outcome.seconds < 10)
  }

  @Test("a port on which nothing listens is exit code 4 at once")
  func refused() throws {
    let outcome = try Self.replay("http://127.0.0.1:\(try closedPort())")
    #expect(outcome.code == 4)
    #expect(outcome.output.contains("refuse"))
    #expect(outcome.seconds < 5)
  }

  @Test("a name that does not exist is exit code 4")
  func unresolved() throws {
    let outcome = try Self.replay("http://no-such-host.invalid")
    #expect(outcome.code == 4)
    #expect(outcome.output.contains("no-such-host.invalid"))
  }

  @Test("a target that is not on this machine gets nothing that costs money")
  func billable() throws {
    let outcome = try Program.run(
      ["replay", "file-jobs/hash-md5-lifecycle", "--target", "http://no-such-host.invalid"], environment: Self.keys)
    #expect(outcome.output.contains("skipped file-jobs/hash-md5-lifecycle/submit"))
    #expect(!outcome.output.contains("resolve"))
  }
}
