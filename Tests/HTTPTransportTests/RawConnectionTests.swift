import HTTPTransport
import TestSupport
import Testing

@Suite("RawConnection", .timeLimit(.minutes(1)))
struct RawConnectionTests {
  private static let limits = TransportLimits(
    connectSeconds: 1, totalSeconds: 1, stallSeconds: 0.2, headerBytesMax: 100, bodyBytesMax: 900)

  private func exchange(_ text: String, _ url: String, halfCloses: Bool = false) throws -> String {
    String(
      decoding: try RawConnection.exchange(
        bytes: Array(text.utf8), endpoint: Endpoint(parsing: url), limits: Self.limits, halfCloses: halfCloses),
      as: UTF8.self)
  }

  @Test("bytes go out and come back as they are, in pieces too, until the server closes")
  func verbatim() throws {
    let server = try ScriptedServer([.read, .send("not "), .send("HTTP\0")])
    #expect(try exchange("GET  / \r\n\r\n", server.url) == "not HTTP\0")
    #expect(server.requests() == [["GET  / \r\n\r\n"]])
  }

  @Test("what came is returned when the server says no more")
  func silence() throws {
    let server = try ScriptedServer([.read, .send("some"), .hang])
    #expect(try exchange("\r\n\r\n", server.url) == "some")
  }

  @Test("a half-closed connection ends the server's reading and still brings its answer")
  func halfClosed() throws {
    let server = try ScriptedServer([.hang, .send("heard")])
    #expect(try exchange("no end", server.url, halfCloses: true) == "heard")
  }

  @Test("a server that closes without a word says nothing")
  func wordless() throws {
    let server = try ScriptedServer([.read])
    #expect(try exchange("\r\n\r\n", server.url) == "")
  }

  @Test(
    "silence, too many bytes and a secure endpoint are errors of their kind",
    arguments: [
      ([Step.hang], "http", TransportError.Kind.timedOut), ([.sendEndlessly("aaaa")], "http", .tooLarge),
      ([], "https", .tls),
    ])
  func errors(script: [Step], scheme: String, kind: TransportError.Kind) throws {
    let server = try ScriptedServer(script)
    let url = "\(scheme)://127.0.0.1:\(server.port)"
    let error = #expect(throws: TransportError.self) { try exchange("x", url) }
    #expect(error?.kind == kind)
    #expect(error?.description.contains(url) == true)
  }

  @Test("a port on which nothing listens refuses")
  func refused() throws {
    let url = "http://127.0.0.1:\(try closedPort())"
    let error = #expect(throws: TransportError.self) { try exchange("x", url) }
    #expect(error?.kind == .refused)
  }
}
