import Foundation
import HTTPExchange
@testable import Signing
import Testing

/// Two bodies of real buckets, quoted in public: a file name with `+`, and a Content-Type that a client library changed.
enum PublishedEcho {
  struct Strings: Decodable {
    var stringToSign: String
    var formatString: String

    enum CodingKeys: String, CodingKey {
      case stringToSign = "string_to_sign"
      case formatString = "format_string"
    }
  }

  private struct Vector: Decodable {
    var id: String
    var published: Strings
  }

  static func read(_ name: String) throws -> Strings {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let data = try Data(contentsOf: root.appending(path: "Vectors/signing/published.json"))
    let file = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let vectors = try #require(file["vectors"] as? [[String: Any]])
    let vector = try #require(vectors.first { $0["id"] as? String == "signing/published/server-echo-\(name)" })
    return try JSONDecoder().decode(Vector.self, from: JSONSerialization.data(withJSONObject: vector)).published
  }
}

/// The request of the second body as its client sent it, but for what a test changes.
private func corsRequest(_ change: (inout HTTPRequest) -> Void = { _ in }) -> HTTPRequest {
  var request = HTTPRequest(
    method: "PUT", target: "/?cors",
    headers: HTTPHeaders([
      HTTPHeaders.Field("Content-Length", "454"), HTTPHeaders.Field("Content-MD5", "DfuiC7IOBwIeiVanWPG/Kg=="),
      HTTPHeaders.Field("Content-Type", "application/xml; charset=utf-8"),
      HTTPHeaders.Field("Date", "Wed, 19 Oct 2022 05:49:28 GMT"),
      HTTPHeaders.Field("Host", "test-app-1251021022.cos.ap-guangzhou.myqcloud.com"),
      HTTPHeaders.Field(
        "Authorization",
        "q-sign-algorithm=sha1&q-ak=AKIDfake&q-sign-time=1666158568;1666218568&q-key-time=1666158568;1666218568"
          + "&q-header-list=content-length;content-md5;content-type;date;host&q-url-param-list=cors"
          + "&q-signature=0000000000000000000000000000000000000000"),
    ]))
  change(&request)
  return request
}

@Suite("ServerEcho")
struct ServerEchoTests {
  typealias Difference = ServerEcho.Difference

  @Test(
    "however a body was quoted, its strings are those published", arguments: ["picgo-638", "cors"],
    ["xml", "references", "crlf", "json", "log", "no last newline"])
  func quoting(name: String, form: String) throws {
    let published = try PublishedEcho.read(name)
    func node(_ name: String, _ text: String) -> String {
      "<\(name)>\(text.replacing("&", with: "&amp;"))</\(name)>"
    }
    let xml =
      "<?xml version='1.0' encoding='utf-8' ?>\n<Error>\n\t<Code>SignatureDoesNotMatch</Code>\n\t"
      + node("StringToSign", published.stringToSign) + "\n\t" + node("FormatString", published.formatString)
      + "\n\t<Resource>/x</Resource>\n</Error>"
    let text: String
    switch form {
    case "references":
      text =
        "<Error>" + node("StringToSign", published.stringToSign).replacing("\n", with: "&#10;")
        + node("FormatString", published.formatString).replacing("\n", with: "&#xA;") + "</Error>"
    case "crlf": text = xml.replacing("\n", with: "\r\n")
    case "json": text = try #require(String(data: JSONEncoder().encode(["body": xml]), encoding: .utf8))
    case "log": text = "2022-10-19 error: status 403, body " + xml.replacing("\n", with: "\\n") + " (giving up)"
    case "no last newline": text = xml.replacing("\n</", with: "</")
    default: text = xml
    }
    let echo = try ServerEcho(parsing: text)
    #expect(echo.stringToSign == published.stringToSign)
    #expect(echo.formatString == published.formatString)
    #expect(echo.isWhole)
  }

  @Test(
    "a text without the two nodes, or with others in them, is refused with the reason",
    arguments: [
      ("", "no node StringToSign"), ("<StringToSign>sha1\n1;2\nx\n</StringToSign>", "no node FormatString"),
      ("<StringToSign>sha1\n1;2\nx\n", "no node StringToSign"),
      ("<StringToSign>x</StringToSign><FormatString>get\n/\n\n\n</FormatString>", "StringToSign has not the three"),
      (
        "<StringToSign>sha1\n1;2\nx\n</StringToSign><FormatString>get</FormatString>", "FormatString has not the four"
      ),
    ])
  func refusal(text: String, reason: String) {
    let error = #expect(throws: ServerEchoError.self) { try ServerEcho(parsing: text) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  struct Change: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var expected: [Difference]
    var change: @Sendable (inout HTTPRequest) -> Void
    init(_ name: String, _ expected: [Difference], _ change: @escaping @Sendable (inout HTTPRequest) -> Void) {
      (testDescription, self.expected, self.change) = (name, expected, change)
    }
  }

  @Test(
    "what the server saw otherwise is named, and nothing else",
    arguments: [
      Change("the same", []) { _ in },
      Change("no signature", []) { $0.headers.remove("Authorization") },
      Change("method", [Difference(input: .method, sent: "post", seen: "put")]) { $0.method = "POST" },
      Change("path", [Difference(input: .path, sent: "/a", seen: "/")]) { $0.target = "/a?cors" },
      Change("parameter value", [Difference(input: .parameter, name: "cors", sent: "1", seen: "")]) {
        $0.target = "/?cors=1"
      },
      Change("parameter the server does not have", [Difference(input: .parameter, name: "acl", sent: "", seen: nil)]) {
        $0.target = "/?cors&acl"
        let value = $0.headers["Authorization"] ?? ""
        $0.headers.set("Authorization", value.replacing("q-url-param-list=", with: "q-url-param-list=acl;"))
      },
      Change("parameter not sent", [Difference(input: .parameter, name: "cors", sent: nil, seen: "")]) {
        $0.target = "/"
      },
      // What became of the real request: the library wrote a character set into the type that had been signed.
      Change(
        "header",
        [
          Difference(
            input: .header, name: "content-type", sent: "application%2Fxml",
            seen: "application%2Fxml%3B%20charset%3Dutf-8")
        ]
      ) { $0.headers.set("Content-Type", "application/xml") },
      Change(
        "time", [Difference(input: .time, name: "q-sign-time", sent: "1;2", seen: "1666158568;1666218568")]
      ) {
        let value = $0.headers["Authorization"] ?? ""
        $0.headers.set("Authorization", value.replacing("sign-time=1666158568;1666218568", with: "sign-time=1;2"))
      },
    ])
  func differences(given: Change) throws {
    let published = try PublishedEcho.read("cors")
    let echo = ServerEcho(stringToSign: published.stringToSign, formatString: published.formatString)
    #expect(try echo.differences(from: corsRequest(given.change)) == given.expected)
  }

  @Test("a + in the path of the real request is named as the cause")
  func plus() throws {
    let published = try PublishedEcho.read("picgo-638")
    let echo = ServerEcho(stringToSign: published.stringToSign, formatString: published.formatString)
    let request = HTTPRequest(
      method: "PUT", target: "/imagesresume-zh+en_%E9%A1%B5%E9%9D%A2_1.png",
      headers: HTTPHeaders([HTTPHeaders.Field("Host", "o2-1258123310.cos.ap-beijing.myqcloud.com")]))
    let found = try echo.differences(from: request)
    #expect(found.map(\.input) == [.path])
    #expect(found.first?.sent == "/imagesresume-zh+en_页面_1.png")
    #expect(found.first?.seen == "/imagesresume-zh en_页面_1.png")
    #expect(found.first?.remark?.contains("%2B") == true)
  }

  @Test("a FormatString that quoting has changed is told by its digest")
  func changed() throws {
    let published = try PublishedEcho.read("cors")
    let format = published.formatString.replacing("454", with: "455")
    #expect(!ServerEcho(stringToSign: published.stringToSign, formatString: format).isWhole)
  }
}
