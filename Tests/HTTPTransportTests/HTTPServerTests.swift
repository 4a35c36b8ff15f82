import HTTPExchange
import HTTPTransport
import Synchronization
import TestSupport
import Testing

/// A responder made of a closure that remembers what it was asked.
final class RecordingResponder: Responder {
  private let requests = Mutex<[HTTPRequest]>([])
  private let answer: @Sendable (HTTPRequest) throws -> HTTPResponse

  init(_ answer: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse = { _ in HTTPResponse(status: 200) }) {
    self.answer = answer
  }

  var received: [HTTPRequest] { requests.withLock { $0 } }

  func respond(to request: HTTPRequest) throws -> HTTPResponse {
    requests.withLock { $0.append(request) }
    return try answer(request)
  }
}

@Suite("HTTPServer", .timeLimit(.minutes(1)))
struct HTTPServerTests {
  private static let limits = TransportLimits(connectSeconds: 1, totalSeconds: 2, stallSeconds: 1)

  private func endpoint(_ server: HTTPServer) throws -> Endpoint {
    try Endpoint(parsing: "http://127.0.0.1:\(server.port)")
  }

  private func client(_ server: HTTPServer) throws -> HTTPClient {
    HTTPClient(endpoint: try endpoint(server), limits: Self.limits)
  }

  /// The answer to a request that asks for the connection to be closed.
  private func raw(_ text: String, _ server: HTTPServer) throws -> String {
    String(
      decoding: try RawConnection.exchange(bytes: Array(text.utf8), endpoint: endpoint(server), limits: Self.limits),
      as: UTF8.self)
  }

  @Test("method, raw target, header fields in order and body reach the responder as they were sent")
  func request() throws {
    let responder = RecordingResponder()
    let server = try HTTPServer(responder: responder)
    let request = HTTPRequest(
      method: "PUT", target: "/a/../b%2Fc+d//%e4?x=%7E&cancel&y=a+b%20&=",
      headers: ["z-Last": "1", "hOST": "ci.example.com", "A-first": "a, b", "Z-last": "2", "Content-Length": "5"],
      body: [0, 1, 0x0D, 0x0A, 0xFF])
    _ = try client(server).respond(to: request)
    #expect(responder.received == [request])
  }

  @Test("a POST without a length is a request without a body")
  func lengthless() throws {
    let responder = RecordingResponder()
    let server = try HTTPServer(responder: responder)
    let answer = try raw("POST /jobs HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", server)
    #expect(answer.hasPrefix("HTTP/1.1 200 "))
    #expect(
      responder.received
        == [HTTPRequest(method: "POST", target: "/jobs", headers: ["Host": "h", "Connection": "close"])])
  }

  @Test("a chunked body reaches the responder whole")
  func chunked() throws {
    let responder = RecordingResponder()
    let server = try HTTPServer(responder: responder)
    _ = try raw(
      "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", server)
    #expect(responder.received.map(\.body) == [Array("abcde".utf8)])
  }

  @Test("status, header fields in order, the responder's Date once, and body are sent")
  func answer() throws {
    let server = try HTTPServer(
      responder: RecordingResponder { _ in
        HTTPResponse(
          status: 451,
          headers: [
            "x-b": "1", "Date": "Thu, 01 Jan 1970 00:00:00 GMT", "X-A": "2", "x-b": "3", "Content-Length": "77",
            "Transfer-Encoding": "chunked",
          ],
          body: [0, 0x0A, 0x7A])
      })
    let response = try client(server).respond(to: HTTPRequest(method: "GET", target: "/"))
    #expect(response.status == 451)
    #expect(response.body == [0, 0x0A, 0x7A])
    #expect(response.headers.values(of: "Date") == ["Thu, 01 Jan 1970 00:00:00 GMT"])
    #expect(response.headers.values(of: "Content-Length") == ["3"])
    #expect(response.headers["Transfer-Encoding"] == nil)
    let own = response.headers.fields.filter { ["x-b", "X-A"].contains($0.name) }
    #expect(HTTPHeaders(own) == ["x-b": "1", "X-A": "2", "x-b": "3"])
  }

  @Test("no Date is sent when the responder gives none")
  func dateless() throws {
    let server = try HTTPServer(responder: RecordingResponder())
    #expect(try client(server).respond(to: HTTPRequest(method: "GET", target: "/")).headers["Date"] == nil)
  }

  @Test("a HEAD request gets the head alone")
  func head() throws {
    let server = try HTTPServer(responder: RecordingResponder { _ in HTTPResponse(status: 200, body: [1, 2, 3]) })
    let answer = try raw("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", server)
    #expect(answer.contains("Content-Length: 3\r\n"))
    #expect(answer.hasSuffix("\r\n\r\n"))
  }

  @Test("a responder's error is answered with 500 and no body")
  func failing() throws {
    struct Failure: Error {}
    let server = try HTTPServer(responder: RecordingResponder { _ in throw Failure() })
    let response = try client(server).respond(to: HTTPRequest(method: "GET", target: "/"))
    #expect(response.status == 500)
    #expect(response.body == [])
  }

  @Test("a header field that cannot be sent makes the answer a 500, and nothing of it is sent")
  func unsendableField() throws {
    let server = try HTTPServer(
      responder: RecordingResponder { _ in HTTPResponse(status: 200, headers: ["A": "b\r\nC: d"]) })
    let response = try client(server).respond(to: HTTPRequest(method: "GET", target: "/"))
    #expect(response.status == 500)
    #expect(response.headers["C"] == nil)
  }

  @Test("a sender that waits for leave to send its body gets it")
  func expectContinue() throws {
    let responder = RecordingResponder()
    let server = try HTTPServer(responder: responder)
    let answer = try raw(
      "PUT / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc", server)
    #expect(answer.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "))
    #expect(responder.received.map(\.body) == [Array("abc".utf8)])
  }

  @Test("two requests on one connection are both answered")
  func keepAlive() throws {
    let server = try HTTPServer(
      responder: RecordingResponder { HTTPResponse(status: 200, body: Array($0.target.utf8)) })
    let answers = try raw(
      "GET /first HTTP/1.1\r\nHost: h\r\n\r\nGET /second HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", server)
    #expect(answers.split(separator: "HTTP/1.1 200 ").count == 2)
    #expect(answers.contains("\r\n\r\n/first"))
    #expect(answers.hasSuffix("\r\n\r\n/second"))
  }

  @Test("a body at the limit is taken, one byte more is not", arguments: [(100, 200), (101, 413), (100_000, 413)])
  func bodyLimit(count: Int, status: Int) throws {
    let responder = RecordingResponder()
    let server = try HTTPServer(responder: responder, limits: ServerLimits(bodyBytesMax: 100))
    let body = [UInt8](repeating: 0x61, count: count)
    let response = try client(server).respond(to: HTTPRequest(method: "POST", target: "/", body: body))
    #expect(response.status == status)
    #expect(responder.received.map(\.body) == (status == 200 ? [body] : []))
    #expect((response.headers["Connection"] == "close") == (status == 413))
  }

  @Test(
    "the answer to a body beyond the limit is the caller's own",
    arguments: [
      "Content-Length: 5\r\n\r\nabcde", "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
      "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", "Content-Length: 99999999999\r\n\r\n",
    ])
  func oversize(rest: String) throws {
    let server = try HTTPServer(
      responder: RecordingResponder(), limits: ServerLimits(bodyBytesMax: 4),
      oversize: { request in HTTPResponse(status: 400, headers: ["X-Target": request.target]) })
    let answer = try raw("PUT /jobs HTTP/1.1\r\nHost: h\r\n" + rest, server)
    #expect(answer.hasPrefix("HTTP/1.1 400 "))
    #expect(answer.contains("X-Target: /jobs\r\n"))
  }

  @Test("bytes that are no HTTP never reach the responder", arguments: ["GET\r\n\r\n", "\u{16}\u{3}\u{1}\r\n\r\n"])
  func malformed(text: String) throws {
    let responder = RecordingResponder()
    let server = try HTTPServer(responder: responder)
    _ = try? RawConnection.exchange(
      bytes: Array(text.utf8), endpoint: endpoint(server), limits: TransportLimits(stallSeconds: 0.2), halfCloses: true)
    #expect(responder.received == [])
  }

  @Test("each answered request is logged with its answer and a time")
  func log() throws {
    let lines = Mutex<[(HTTPRequest, Int, Double)]>([])
    let log: @Sendable (HTTPRequest, HTTPResponse, Double) -> Void = { request, response, seconds in
      lines.withLock { $0.append((request, response.status, seconds)) }
    }
    let server = try HTTPServer(responder: RecordingResponder { _ in HTTPResponse(status: 404) }, log: log)
    _ = try client(server).respond(to: HTTPRequest(method: "GET", target: "/x"))
    server.stop()
    let logged = lines.withLock { $0 }
    #expect(logged.map(\.0.target) == ["/x"])
    #expect(logged.map(\.1) == [404])
    #expect(logged.allSatisfy { (0..<2).contains($0.2) })
  }

  @Test("fifty clients at a time each get their own answers")
  func parallel() throws {
    let server = try HTTPServer(
      responder: RecordingResponder { HTTPResponse(status: 200, body: Array($0.target.utf8) + $0.body) })
    let endpoint = try endpoint(server)
    let right = Mutex(0)
    let isRight: @Sendable (Int) -> Void = { number in
      let client = HTTPClient(endpoint: endpoint, limits: Self.limits)
      for turn in 1...4 {
        let request = HTTPRequest(method: "POST", target: "/\(number)/\(turn)", body: Array("-\(number)".utf8))
        let body = try? client.respond(to: request).body
        if body == Array("/\(number)/\(turn)-\(number)".utf8) { right.withLock { $0 += 1 } }
      }
    }
    let threads = (1...50).map { number in RunningThread { isRight(number) } }
    threads.forEach { $0.join() }
    #expect(right.withLock { $0 } == 200)
  }

  @Test("stop() closes idle connections without waiting for them, and a second time does nothing")
  func stopIdle() throws {
    let server = try HTTPServer(responder: RecordingResponder())
    let client = try client(server)
    _ = try client.respond(to: HTTPRequest(method: "GET", target: "/"))
    let time = ContinuousClock().measure {
      server.stop()
      server.stop()
    }
    #expect(time < .seconds(1))
    let error = #expect(throws: TransportError.self) { try client.respond(to: HTTPRequest(method: "GET", target: "/")) }
    #expect(error?.kind == .refused)
  }

  @Test("stop() lets an answer in flight finish")
  func stopBusy() throws {
    let gate = Gate()
    let server = try HTTPServer(
      responder: RecordingResponder { _ in
        gate.arrive()
        gate.waitUntilOpen()
        return HTTPResponse(status: 200, body: [0x61])
      })
    let client = try client(server)
    let answer = Mutex<HTTPResponse?>(nil)
    let store: @Sendable (HTTPResponse?) -> Void = { response in answer.withLock { $0 = response } }
    let asking = RunningThread { store(try? client.respond(to: HTTPRequest(method: "GET", target: "/"))) }
    gate.waitForArrival()
    let stopping = RunningThread { server.stop() }
    // New connections are refused once stop() has begun; until then they are accepted and closed without a word.
    let endpoint = try endpoint(server)
    let refusal = #expect(throws: TransportError.self) {
      while true {
        _ = try RawConnection.exchange(bytes: [], endpoint: endpoint, limits: Self.limits, halfCloses: true)
      }
    }
    #expect(refusal?.kind == .refused)
    gate.open()
    asking.join()
    stopping.join()
    #expect(answer.withLock { $0?.body } == [0x61])
  }

  @Test("a server that goes out of use frees its port")
  func deinitialised() throws {
    var server: HTTPServer? = try HTTPServer(responder: RecordingResponder())
    let port = try #require(server?.port)
    server = nil
    #expect(try HTTPServer(responder: RecordingResponder(), port: port).port == port)
  }

  @Test("a port in use is named")
  func portInUse() throws {
    let server = try HTTPServer(responder: RecordingResponder())
    let error = #expect(throws: ServerError.self) {
      try HTTPServer(responder: RecordingResponder(), port: server.port)
    }
    #expect(error?.kind == .portInUse)
    #expect(error?.description.contains("127.0.0.1:\(server.port)") == true)
  }

  @Test("an address that cannot be listened on is named", arguments: ["localhost", "", "127.0.0.1:80", "192.0.2.1"])
  func badAddress(address: String) {
    let error = #expect(throws: ServerError.self) { try HTTPServer(responder: RecordingResponder(), address: address) }
    #expect(error?.kind == .badAddress)
    #expect(error?.description.contains(address) == true)
  }
}
