import HTTPExchange
import Testing

@Suite("Answers on one connection")
struct HTTPAnswerStreamTests {
  private func answers(_ text: String, withInterim: Bool = false, isClosed: Bool = true) -> [String] {
    HTTPAnswerStream.answers(in: Array(text.utf8), withInterim: withInterim, isClosed: isClosed).map {
      "\($0.status) \(String(decoding: $0.body, as: UTF8.self))"
    }
  }

  @Test(
    "each ends where its length, its chunks or the connection end",
    arguments: [
      (
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
        ["200 ab", "404 "]
      ),
      (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\nA: b\r\n\r\n"
          + "HTTP/1.1 204 No\r\n\r\n", ["200 abc", "204 "]
      ),
      ("HTTP/1.1 200 OK\r\n\r\nall of it", ["200 all of it"]),
      ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ["200 "]),
      ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", []),
      ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc", []),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", []),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nab", []),
      ("HTTP/1.1 200 OK\r\nContent-", []), ("SSH-2.0\r\n\r\n", []), ("", []),
    ])
  func ends(text: String, expected: [String]) {
    #expect(answers(text) == expected)
  }

  @Test("an interim answer is one when asked for, and without an end there is none on an open connection")
  func interim() {
    #expect(answers("HTTP/1.1 100 Continue\r\n\r\n", withInterim: true) == ["100 "])
    #expect(answers("HTTP/1.1 200 OK\r\n\r\nso far", isClosed: false) == [])
  }
}
