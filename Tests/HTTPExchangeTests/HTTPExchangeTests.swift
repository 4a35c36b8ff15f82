import HTTPExchange
import Testing

@Suite("PercentCoding")
struct PercentCodingTests {
  @Test("every byte but the unreserved is encoded in capitals, the whole of ASCII through")
  func ascii() {
    let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
    for byte in UInt8(0)..<128 {
      let text = String(UnicodeScalar(byte))
      let digits = String(byte, radix: 16, uppercase: true)
      let escaped = "%" + (digits.utf8.count == 1 ? "0" : "") + digits
      #expect(PercentCoding.encode(text) == (unreserved.contains(byte) ? text : escaped))
    }
  }

  @Test("UTF-8 bytes are encoded one by one")
  func utf8() { #expect(PercentCoding.encode("腾a") == "%E8%85%BEa") }

  @Test(
    "escapes are decoded once, broken ones stay",
    arguments: [
      ("/a%2Fb", "/a/b"), ("%252F", "%2F"), ("%e8%85%be", "腾"), ("100%", "100%"), ("%4", "%4"), ("%zz", "%zz"),
      ("a+b", "a b"), ("%2B", "+"),
    ])
  func decoding(text: String, expected: String) { #expect(PercentCoding.decode(text, plusIsSpace: true) == expected) }

  @Test("a plus sign stays where it is no space")
  func plus() { #expect(PercentCoding.decode("a+b", plusIsSpace: false) == "a+b") }

  @Test("encoding is undone by decoding", arguments: ["", "a b+c/d?e=f&g;h", "腾讯云", "\u{0}\u{7F}", "e\u{301}", "👩‍👧"])
  func roundTrip(text: String) { #expect(PercentCoding.decode(PercentCoding.encode(text), plusIsSpace: true) == text) }

  @Test("a query is split at & and at the first =")
  func query() {
    let parameters = PercentCoding.parameters(ofQuery: "acl&a=b=c&&x=%26&=v&e=")
    #expect(
      parameters == [
        Parameter(name: "acl", value: nil), Parameter(name: "a", value: "b=c"), Parameter(name: "x", value: "&"),
        Parameter(name: "", value: "v"), Parameter(name: "e", value: ""),
      ])
  }
}

@Suite("HTTPHeaders")
struct HTTPHeadersTests {
  @Test("names are compared without regard to case")
  func names() {
    var headers: HTTPHeaders = ["Host": "a", "X-A": "1", "x-a": "2"]
    #expect(headers["HOST"] == "a")
    #expect(headers.values(of: "x-A") == ["1", "2"])
    headers.set("x-A", "3")
    #expect(headers.fields.map(\.value) == ["a", "3"])
    headers.remove("host")
    #expect(headers.fields.map(\.name) == ["x-A"])
  }

  @Test("letters outside ASCII are not folded")
  func nonASCII() { #expect(!sameName("é", "É")) }
}

@Suite("HTTPRequest")
struct HTTPRequestTests {
  @Test(
    "the raw path and query are cut at the first question mark",
    arguments: [
      ("/jobs/j1", "/jobs/j1", nil), ("/jobs?a=b?c", "/jobs", "a=b?c"), ("/jobs?", "/jobs", ""),
      ("/a?\u{301}=1", "/a", "\u{301}=1"),
    ])
  func target(target: String, path: String, query: String?) {
    let request = HTTPRequest(method: "GET", target: target)
    #expect(request.rawPath == path)
    #expect(request.rawQuery == query)
  }
}

@Suite("HTTPMessageText")
struct HTTPMessageTextTests {
  @Test("heads with LF and CRLF are read alike, bodies byte for byte", arguments: ["\n", "\r\n"])
  func lineEnds(lineEnd: String) throws {
    let text = ["POST /file_jobs HTTP/1.1", "Host: a.b", "X-A:  b c  ", "", "<a>\r\n</a>\n"].joined(separator: lineEnd)
    let request = try HTTPMessageText.request(parsing: Array(text.utf8))
    #expect(request.method == "POST")
    #expect(request.target == "/file_jobs")
    #expect(request.headers == ["Host": "a.b", "X-A": "b c"])
    #expect(request.body == Array("<a>\r\n</a>\n".utf8))
  }

  @Test("what was written is read back")
  func roundTrip() throws {
    let request = HTTPRequest(method: "PUT", target: "/a?b", headers: ["Host": "h", "A": ""], body: [0, 255, 10])
    #expect(try HTTPMessageText.request(parsing: HTTPMessageText.bytes(of: request)) == request)
    let response = HTTPResponse(status: 404, reason: "Not Found", headers: ["Server": "tencent-ci"], body: [13, 10])
    #expect(try HTTPMessageText.response(parsing: HTTPMessageText.bytes(of: response)) == response)
  }

  @Test(
    "what is no message is an error with its line",
    arguments: [
      ("", 1), ("\n", 1), ("GET /\n\n", 1), ("GET / HTTP/2\n\n", 1), ("GET  / HTTP/1.1\n\n", 1),
      ("GET / HTTP/1.1\nbroken\n\n", 2), ("GET / HTTP/1.1\nA : b\n\n", 2), ("GET / HTTP/1.1\nA: b\n", 3),
      ("GET / HTTP/1.1\nA: \u{0}\n: x\n\n", 3),
    ])
  func malformed(text: String, line: Int) {
    #expect { try HTTPMessageText.request(parsing: Array(text.utf8)) } throws: {
      ($0 as? HTTPMessageError)?.line == line
    }
  }

  @Test("a status is three digits, the first not 0", arguments: ["020", "+20", "-12", "20", "2000", "2x0", "２00"])
  func status(status: String) {
    let text = "HTTP/1.1 \(status) OK\n\n"
    #expect {
      try HTTPMessageText.response(parsing: Array(text.utf8))
    } throws: {
      ($0 as? HTTPMessageError)?.line == 1
    }
  }

  @Test("a mark after a colon, blank or slash changes none of them")
  func combiningMarks() throws {
    let text = "GET /\u{301}a HTTP/1.1\nA:\u{301}b: c\nB: \u{301} \n\n"
    let request = try HTTPMessageText.request(parsing: Array(text.utf8))
    #expect(request.target.unicodeScalars.elementsEqual("/\u{301}a".unicodeScalars))
    #expect(request.headers.fields.map(\.name) == ["A", "B"])
    #expect(request.headers.fields.map { Array($0.value.utf8) } == [[0xCC, 0x81] + Array("b: c".utf8), [0xCC, 0x81]])
  }

  @Test("a head of endless fields is refused")
  func bounded() {
    let text = "GET / HTTP/1.1\n" + String(repeating: "A: b\n", count: 1000)
    #expect(throws: HTTPMessageError.self) { try HTTPMessageText.request(parsing: Array(text.utf8)) }
  }
}
