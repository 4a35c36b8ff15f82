import HTTPExchange
@testable import Signing
import Testing

/// A request, a stage of its signature, and what must be said there; written from the signature page, not from output.
private struct Case: CustomTestStringConvertible, Sendable {
  var target: String
  var stage: String
  var text: String
  var source: String
  var method = "GET"
  var headers = ["Host": "h"]
  var keyTime = TimeSpan(start: 1_557_989_151, end: 1_557_996_351)
  var signTime: TimeSpan?
  var delivery = Delivery.header
  var testDescription: String { "\(method) \(target) \(stage): \(text)" }

  init(_ target: String, _ stage: String, _ text: String, _ source: String, _ change: (inout Case) -> Void = { _ in }) {
    (self.target, self.stage, self.text, self.source) = (target, stage, text, source)
    change(&self)
  }

  var notes: [Explanation.Note] {
    var signer = Signer(credentials: Credentials(secretID: "id", secretKey: "fake"), delivery: delivery)
    (signer.keyTime, signer.signTime) = (keyTime, signTime)
    var fields = HTTPHeaders([])
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) { fields.append(name, value) }
    let request = signer.prepared(HTTPRequest(method: method, target: target, headers: fields))
    return Explanation(of: signer.stages(for: request, now: 0), for: request, delivery: delivery).notes[stage] ?? []
  }
}

private func step(_ number: Int) -> String { "Request Signature (436/7778), step \(number)" }
private let urlEncode = "Request Signature (436/7778), UrlEncode"
private let use = "Request Signature (436/7778), use of the signature"

@Suite("Explanation")
struct ExplanationTests {
  @Test(
    "each piece has its reason and its source",
    arguments: [
      // The Date header of the documentation's PUT example is Thu, 16 May 2019 06:45:51 GMT.
      Case(
        "/", "KeyTime",
        "Start and end in Unix seconds with one semicolon: 2019-05-16T06:45:51Z to 2019-05-16T08:45:51Z, 7200 seconds.",
        step(1)),
      Case(
        "/", "KeyTime",
        "Start and end in Unix seconds with one semicolon: 2000-02-29T00:00:00Z to 9999-12-31T23:59:59Z, "
          + "252450518399 seconds.", step(1)
      ) { $0.keyTime = TimeSpan(start: 951_782_400, end: 253_402_300_799) },
      Case("/", "KeyTime", "q-sign-time is the same span.", step(1)),
      Case(
        "/", "KeyTime",
        "q-sign-time is 5;6, another span: this one makes SignKey alone, that one stands in StringToSign.",
        step(1)
      ) { $0.signTime = TimeSpan(start: 5, end: 6) },
      Case("/o", "UrlParamList", "Empty: no parameter is signed.", step(3)),
      Case("/o?b=1&a=2", "UrlParamList", "2 parameters are signed.", step(3)),
      Case(
        "/o?b=1&A=2", "UrlParamList",
        "Sorted by the encoded lower-case name, byte by byte; the request has them as b, a.",
        step(3)),
      Case(
        "/o?a=1&b=2", "UrlParamList",
        "Sorted by the encoded lower-case name, byte by byte; the request has them in this order already.", step(3)),
      Case(
        "/o?a%7B=1&ab=2", "UrlParamList", "Sorted before they were encoded they would stand as ab, a{.", step(3)),
      Case(
        "/o?imageMogr2/thumbnail/!50p", "UrlParamList",
        "'imageMogr2/thumbnail/!50p' is listed as 'imagemogr2%2fthumbnail%2f%2150p': / → %2f, ! → %21 (many encoders "
          + "leave it). Letters are lowered after they are encoded, so the hexadecimal digits of a name are small.",
        step(3)),
      Case("/o?Zed=1", "UrlParamList", "'Zed' is listed as 'zed': names are in lower case.", step(3)),
      Case("/o?prefix=a%20b", "HttpParameters", "'prefix': space → %20 (not +).", urlEncode),
      Case("/o?prefix=a/%2f", "HttpParameters", "'prefix': / → %2F.", urlEncode),
      Case("/o?k=%C3%A9", "HttpParameters", "'k': é → %C3%A9 (its bytes in UTF-8).", urlEncode),
      Case("/o?k=a~b", "HttpParameters", "~ stays as it is.", urlEncode),
      Case("/o?acl", "HttpParameters", "'acl' has no =: it is signed as 'acl='.", step(3)),
      Case("/o?acl=", "HttpParameters", "'acl' has an empty value: it is signed as 'acl='.", step(3)),
      Case(
        "/o?k=a+b", "HttpParameters", "A + in the query is read as a space; a plus sign itself is sent as %2B.",
        "403 bodies of the service, quoted in public issues"),
      Case(
        "/", "HeaderList",
        "'User-Agent' is left out: it may be signed but SDKs do not, since it can change on the way; it is not "
          + "protected.", "the headers that the official SDKs sign by default"
      ) { $0.headers["User-Agent"] = "x" },
      Case("/", "HeaderList", "Empty: no header is signed.", step(4)) { $0.headers = [:] },
      Case("/", "HttpHeaders", "'x-cos-a': ; → %3B, = → %3D.", urlEncode) { $0.headers["x-cos-a"] = ";=;" },
      Case("/", "HttpString", "PUT → put: lower case.", step(5)) { $0.method = "PUT" },
      Case("/a-b", "HttpString", "The path is as in the request line: nothing in it is encoded.", step(5)),
      Case(
        "/a%20/%E8%85%BE", "HttpString",
        "The path is signed decoded: /a%20/%E8%85%BE → /a /腾 (%20 → ' ', %E8%85%BE → '腾').", step(5)),
      Case(
        "/a+b", "HttpString", "The path is signed decoded: /a+b → /a b (+ → ' ', so send %2B for a plus).",
        "403 bodies of the service, quoted in public issues"),
      Case(
        "/exampleobject", "HttpString",
        "Four lines (method, path, HttpParameters, HttpHeaders), each ended by a newline, the last one too; "
          + "lines 3 and 4 are empty and keep their newlines.", step(5)
      ) { $0.headers = [:] },
      // get, /exampleobject and two empty lines: 4 + 15 + 1 + 1 bytes.
      Case(
        "/exampleobject", "SHA1(HttpString)",
        "Over all 21 bytes of HttpString in UTF-8, newlines included, in lower-case hexadecimal digits.", step(6)
      ) { $0.headers = [:] },
      Case(
        "/", "StringToSign",
        "The word sha1, q-sign-time (not q-key-time) and the digest, each ended by a newline, the last one too.",
        step(6)
      ) { $0.signTime = TimeSpan(start: 5, end: 6) },
      Case(
        "/", "Signature",
        "HMAC-SHA1 of StringToSign; the key is the text of SignKey, 40 characters, not the 20 bytes it stands for.",
        step(7)),
      Case(
        "/?a/b", "Authorization",
        "In a URL each value is encoded once more: ; becomes %3B and the %2f of a listed name %252f.", use
      ) { $0.delivery = .query },
      Case(
        "/?a", "Authorization",
        "In the parameter sign the whole text is encoded once more: = becomes %3D, & %26, ; %3B.", use
      ) { $0.delivery = .sign },
    ])
  private func notes(of given: Case) {
    #expect(given.notes.contains(Explanation.Note(text: given.text, source: given.source)), "\(given.notes)")
  }

  @Test("nothing is said of what is not there")
  func silence() {
    #expect(
      Case("/o?b=1", "HttpParameters", "", "").notes.map(\.text) == [
        "No value holds anything but A-Z a-z 0-9 - . _ ~, so none is encoded."
      ])
    #expect(!Case("/o?b=1", "UrlParamList", "", "").notes.contains { $0.text.contains("Sorted") })
    #expect(!Case("/a-b", "HttpString", "", "").notes.contains { $0.text.contains("decoded") })
    #expect(!Case("/o?a&b=c~", "Authorization", "", "").notes.contains { $0.text.contains("encoded once more") })
  }

  @Test("a verifier's lists decide what was signed: the second of two, when one is listed, is left out")
  func lists() {
    let request = HTTPRequest(method: "GET", target: "/?a=1&a=2", headers: HTTPHeaders([]))
    let stages = RequestSignature.stages(
      for: RequestSignature.Input(
        method: "GET", path: "/", parameters: [Parameter(name: "a", value: "1")], headers: []),
      credentials: Credentials(secretID: "id", secretKey: "fake"), keyTime: TimeSpan(start: 1, end: 2))
    let notes = Explanation(of: stages, for: request, delivery: .header).notes["UrlParamList"]?.map(\.text)
    #expect(
      notes == [
        "1 parameter is signed.",
        "'a' is left out: the list of the signature does not name it, so it is not protected.",
      ])
  }
}
