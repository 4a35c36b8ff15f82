import Glibc
import HTTPExchange
import HTTPTransport
import Synchronization
import TestSupport
import Testing

/// What a server says, and what the client makes of it.
struct Refusal: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var script: [Step]
  var kind: TransportError.Kind

  init(_ testDescription: String, _ script: [Step], _ kind: TransportError.Kind) {
    self.testDescription = testDescription
    self.script = script
    self.kind = kind
  }

  static let all = [
    Refusal("closes at once", [], .closedEarly),
    Refusal("closes after the request", [.read], .closedEarly),
    Refusal("closes within the status line", [.read, .send("HTTP/1.1 20")], .closedEarly),
    Refusal("closes within a header field", [.read, .send("HTTP/1.1 200 OK\r\nContent-Ty")], .closedEarly),
    Refusal("closes before the end of the head", [.read, .send("HTTP/1.1 200 OK\r\nA: b\r\n")], .closedEarly),
    Refusal("closes after an interim answer", [.read, .send("HTTP/1.1 100 Continue\r\n\r\n")], .closedEarly),
    Refusal(
      "closes half way through the body", [.read, .send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")],
      .closedEarly),
    Refusal(
      "closes within a chunk",
      [.read, .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n12345")], .closedEarly),
    Refusal(
      "has a chunk whose size is no number",
      [.read, .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n12345\r\n0\r\n\r\n"), .hang],
      .malformed),
    Refusal(
      "goes on after its last chunk",
      [
        .read, .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nHTTP/1.1 500 No\r\n"),
        .hang,
      ],
      .malformed),
    Refusal("says nothing", [.read, .hang], .timedOut),
    Refusal(
      "stops half way through the body",
      [.read, .send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"), .hang], .timedOut),
    Refusal(
      "states two lengths",
      [.read, .send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\n12345")], .malformed),
    Refusal(
      "states a length that is no number", [.read, .send("HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n12345")],
      .malformed),
    Refusal("speaks another protocol", [.read, .send("220 mail.example.com ESMTP\r\n\r\n")], .malformed),
    Refusal(
      "has a line that is no header field", [.read, .send("HTTP/1.1 200 OK\r\nno field\r\nContent-Length: 0\r\n\r\n")],
      .malformed),
    Refusal("never ends its head", [.read, .send("HTTP/1.1 200 OK\r\n"), .sendEndlessly("A: b\r\n")], .tooLarge),
    Refusal(
      "never ends a header field", [.read, .send("HTTP/1.1 200 OK\r\nA: "), .sendEndlessly("aaaaaaaaaaaaaaaa")],
      .tooLarge),
    Refusal("never ends its body", [.read, .send("HTTP/1.1 200 OK\r\n\r\n"), .sendEndlessly("aaaaaaaa")], .tooLarge),
    Refusal(
      "announces and sends a body beyond the limit",
      [.read, .send("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n"), .sendEndlessly("aaaaaaaa")], .tooLarge),
  ]
}

@Suite("HTTPClient", .timeLimit(.minutes(1)))
struct HTTPClientTests {
  private static let limits = TransportLimits(
    connectSeconds: 1, totalSeconds: 0.4, stallSeconds: 1, headerBytesMax: 4096, bodyBytesMax: 1000)

  private func client(_ url: String, totalSeconds: Double = 2) throws -> HTTPClient {
    var limits = Self.limits
    limits.totalSeconds = totalSeconds
    return HTTPClient(endpoint: try Endpoint(parsing: url), limits: limits)
  }

  private let get = HTTPRequest(method: "GET", target: "/", headers: ["Host": "ci.example.com"])

  @Test("an answer that is none is an error of its kind that names the endpoint", arguments: Refusal.all)
  func refusing(refusal: Refusal) throws {
    let server = try ScriptedServer(refusal.script)
    let client = try client(server.url, totalSeconds: refusal.kind == .timedOut ? 0.3 : 2)
    let error = #expect(throws: TransportError.self) { try client.respond(to: get) }
    #expect(error?.kind == refusal.kind)
    #expect(error?.description.contains(server.url) == true)
  }

  @Test("a port on which nothing listens refuses")
  func refused() throws {
    let client = try client("http://127.0.0.1:\(closedPort())")
    let error = #expect(throws: TransportError.self) { try client.respond(to: get) }
    #expect(error?.kind == .refused)
  }

  @Test("a host without an address is unresolved")
  func unresolved() throws {
    // RFC 2606 keeps this name from ever having an address; one with two dots in a row is not even asked for.
    let client = try client("http://no..invalid")
    let error = #expect(throws: TransportError.self) { try client.respond(to: get) }
    #expect(error?.kind == .unresolved)
  }

  @Test("a server without TLS fails as TLS")
  func plainServer() throws {
    let server = try ScriptedServer([.send("HTTP/1.1 400 Bad Request\r\n\r\n"), .hang])
    let client = try client("https://127.0.0.1:\(server.port)")
    let error = #expect(throws: TransportError.self) { try client.respond(to: get) }
    #expect(error?.kind == .tls)
  }

  @Test("status, reason, header fields in order, repeated ones too, and body are those of the wire")
  func answer() throws {
    let server = try ScriptedServer([
      .read,
      .send("HTTP/1.1 404 Not Quite Found\r\nx-B: 1\r\nX-a:  two \r\nx-b: 3\r\nEmpty:\r\nContent-Length: 4\r\n\r\n"),
      .send("\0\r\nz"),
    ])
    let response = try client(server.url).respond(to: get)
    #expect(
      response
        == HTTPResponse(
          status: 404, reason: "Not Quite Found",
          headers: ["x-B": "1", "X-a": "two", "x-b": "3", "Empty": "", "Content-Length": "4"], body: [0, 13, 10, 0x7A]))
  }

  @Test("an interim answer is passed over")
  func interim() throws {
    let server = try ScriptedServer([
      .read, .send("HTTP/1.1 100 Continue\r\nX-Interim: yes\r\n\r\nHTTP/1.1 204 No Content\r\nA: b\r\n\r\n"),
    ])
    let response = try client(server.url).respond(to: get)
    #expect(response == HTTPResponse(status: 204, reason: "No Content", headers: ["A": "b"]))
  }

  @Test("a redirect is an answer like any other")
  func redirect() throws {
    let server = try ScriptedServer(
      [.read, .send("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")])
    let response = try client(server.url).respond(to: get)
    #expect(response.status == 302)
    #expect(response.headers["Location"] == "/elsewhere")
    #expect(server.requests().map(\.count) == [1])
  }

  @Test("chunks are joined, their trailer is no header field")
  func chunked() throws {
    let server = try ScriptedServer([
      .read, .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
      .send("3\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n"),
    ])
    let response = try client(server.url).respond(to: get)
    #expect(response.body == Array("abcde".utf8))
    #expect(response.headers == ["Transfer-Encoding": "chunked"])
  }

  @Test("a compressed body stays compressed")
  func compressed() throws {
    let server = try ScriptedServer(
      [.read, .send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc")])
    #expect(try client(server.url).respond(to: get).body == Array("abc".utf8))
  }

  @Test("an answer to HEAD has no body whatever its length says")
  func head() throws {
    let server = try ScriptedServer([.read, .send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"), .hang])
    let response = try client(server.url).respond(to: HTTPRequest(method: "HEAD", target: "/"))
    #expect(response.body == [])
    #expect(response.headers["Content-Length"] == "10")
  }

  @Test("bytes beyond the stated length spoil this answer and not the next")
  func surplus() throws {
    let server = try ScriptedServer(
      [.read, .send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 500 Wrong\r\n\r\n"), .hang],
      [.read, .send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")])
    let client = try client(server.url)
    let error = #expect(throws: TransportError.self) { try client.respond(to: get) }
    #expect(error?.kind == .malformed)
    #expect(try client.respond(to: get).body == Array("x".utf8))
    #expect(server.requests().map(\.count) == [1, 1])
  }

  @Test("a request is not sent a second time when its kept connection brings no answer")
  func sentOnce() throws {
    let answer = Step.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
    let server = try ScriptedServer([.read, answer, .read], [.read, answer])
    let client = try client(server.url)
    #expect(try client.respond(to: get).body == Array("x".utf8))
    let error = #expect(throws: TransportError.self) { try client.respond(to: get) }
    #expect(error?.kind == .closedEarly)
    #expect(server.requests().joined().count { !$0.isEmpty } == 2)
  }

  @Test("two requests share a connection")
  func keepAlive() throws {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
    let server = try ScriptedServer([.read, .send(answer), .read, .send(answer)])
    let client = try client(server.url)
    for _ in 1...2 { #expect(try client.respond(to: get).body == Array("x".utf8)) }
    #expect(server.requests().map(\.count) == [2])
  }

  @Test("an answer that comes late is waited for asleep, also when the one before came at once")
  func lateAnswer() throws {
    let answer = Step.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    let server = try ScriptedServer([.read, answer, .read, answer, .read, .pause(seconds: 1), answer])
    let client = HTTPClient(endpoint: try Endpoint(parsing: server.url))
    for _ in 0..<2 { _ = try client.respond(to: get) }
    func processorSeconds() -> Double {
      var used = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used)
      return Double(used.tv_sec) + Double(used.tv_nsec) / 1e9
    }
    let before = processorSeconds()
    _ = try client.respond(to: get)
    #expect(processorSeconds() - before < 0.2)
  }

  @Test("an exchange that is given up ends soon, and the next one starts afresh")
  func givenUp() throws {
    let server = try ScriptedServer(
      [.read, .hang], [.read, .send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")])
    let asked = Mutex(0)
    let client = HTTPClient(
      endpoint: try Endpoint(parsing: server.url),
      isGivenUp: {
        asked.withLock {
          $0 += 1
          return $0 == 3
        }
      })
    let start = ContinuousClock.now
    let error = #expect(throws: TransportError.self) { try client.respond(to: get) }
    #expect(error?.description.contains("given up") == true)
    #expect(ContinuousClock.now - start < .seconds(3))
    #expect(try client.respond(to: get).body == Array("x".utf8))
  }

  @Test("nothing of one request or answer is left for the next")
  func reuse() throws {
    let answer = Step.send("HTTP/1.1 200 OK\r\nX-Two: 2\r\nContent-Length: 1\r\n\r\nx")
    let empty = Step.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    let head = Step.send("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n")
    let server = try ScriptedServer([
      .read, answer, .read, empty, .read, head, .read, answer, .read, empty, .read, answer,
    ])
    let client = try client(server.url)
    let requests = [
      HTTPRequest(method: "PUT", target: "/a", headers: ["X-One": "1"], body: [0x61]),
      HTTPRequest(method: "DELETE", target: "/b"), HTTPRequest(method: "HEAD", target: "/c"),
      HTTPRequest(method: "DELETE", target: "/d"), HTTPRequest(method: "POST", target: "/e"),
      HTTPRequest(method: "POST", target: "/f", body: [0x62, 0x63]),
    ]
    let answers = try requests.map { try client.respond(to: $0) }
    #expect(answers.map(\.status) == [200, 404, 200, 200, 404, 200])
    #expect(answers.map(\.body.count) == [1, 0, 0, 1, 0, 1])
    #expect(answers.map { $0.headers["X-Two"] } == ["2", nil, nil, "2", nil, "2"])
    #expect(
      server.requests() == [
        [
          "PUT /a HTTP/1.1\r\nX-One: 1\r\nContent-Length: 1\r\n\r\na", "DELETE /b HTTP/1.1\r\n\r\n",
          "HEAD /c HTTP/1.1\r\n\r\n", "DELETE /d HTTP/1.1\r\n\r\n",
          "POST /e HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
          "POST /f HTTP/1.1\r\nContent-Length: 2\r\n\r\nbc",
        ]
      ])
  }

  @Test("a header field goes on in a line that starts with a blank; blanks around its value are none of it")
  func folded() throws {
    let server = try ScriptedServer([
      .read, .send("HTTP/1.1 200 OK\r\nA: \t one\t \r\n\t two \r\nB:\u{E4}\r\nContent-Length: 0\r\n\r\n"),
    ])
    #expect(try client(server.url).respond(to: get).headers == ["A": "one two", "B": "\u{E4}", "Content-Length": "0"])
  }

  @Test(
    "a request goes out as it is, with a length added only where it has none",
    arguments: [
      (
        HTTPRequest(
          method: "GET", target: "/a/../b%2Fc+d//e?x=%7e&cancel",
          headers: ["b-Second": "2", "hOsT": "ci.example.com", "A-First": "1", "x-empty": "", "B-second": "3"]),
        "GET /a/../b%2Fc+d//e?x=%7e&cancel HTTP/1.1\r\nb-Second: 2\r\nhOsT: ci.example.com\r\nA-First: 1\r\n"
          + "x-empty:\r\nB-second: 3\r\n\r\n"
      ),
      (
        HTTPRequest(
          method: "POST", target: "/jobs",
          headers: ["Content-Type": "application/xml", "Host": "h", "User-Agent": "u", "Accept": "a"],
          body: Array("<x/>".utf8)),
        "POST /jobs HTTP/1.1\r\nContent-Type: application/xml\r\nHost: h\r\nUser-Agent: u\r\nAccept: a\r\n"
          + "Content-Length: 4\r\n\r\n<x/>"
      ),
      (HTTPRequest(method: "POST", target: "/jobs"), "POST /jobs HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
      (HTTPRequest(method: "PUT", target: "/jobs"), "PUT /jobs HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
      (HTTPRequest(method: "DELETE", target: "/jobs"), "DELETE /jobs HTTP/1.1\r\n\r\n"),
      (HTTPRequest(method: "PATCH", target: "*", body: [0x61]), "PATCH * HTTP/1.1\r\nContent-Length: 1\r\n\r\na"),
      (
        HTTPRequest(method: "POST", target: "/", headers: ["content-length": "1", "Host": "h"], body: [0x61]),
        "POST / HTTP/1.1\r\ncontent-length: 1\r\nHost: h\r\n\r\na"
      ),
    ])
  func sending(request: HTTPRequest, wire: String) throws {
    let server = try ScriptedServer([.read, .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")])
    _ = try client(server.url).respond(to: request)
    #expect(server.requests() == [[wire]])
  }

  @Test("a large body is sent at once, without asking for leave")
  func largeBody() throws {
    let server = try ScriptedServer([.read, .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")])
    let body = [UInt8](repeating: 0x61, count: 200_000)
    _ = try client(server.url).respond(to: HTTPRequest(method: "POST", target: "/", body: body))
    let head = "POST / HTTP/1.1\r\nContent-Length: 200000\r\n\r\n"
    #expect(server.requests() == [[head + String(repeating: "a", count: 200_000)]])
  }

  @Test(
    "a HEAD request with a body, or a line break or NUL in a head, is not sent",
    arguments: [
      HTTPRequest(method: "GET", target: "/ HTTP/1.1\r\nX: y"), HTTPRequest(method: "GET\n", target: "/"),
      HTTPRequest(method: "GET", target: "/", headers: ["A": "b\r\nC: d"]),
      HTTPRequest(method: "GET", target: "/", headers: ["A": "b\0"]),
      HTTPRequest(method: "HEAD", target: "/", body: [0x61]),
    ])
  func unsendable(request: HTTPRequest) throws {
    let client = try client("http://127.0.0.1:\(closedPort())")
    let error = #expect(throws: TransportError.self) { try client.respond(to: request) }
    #expect(error?.kind == .other)
  }
}
