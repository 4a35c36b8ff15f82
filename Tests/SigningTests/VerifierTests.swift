import HTTPExchange
import Signing
import Testing

/// The worked example of the 2019 revision: document 436/7778, PUT Object, with its published signature.
private let example = HTTPRequest(
  method: "PUT", target: "/exampleobject%28%E8%85%BE%E8%AE%AF%E4%BA%91%29",
  headers: HTTPHeaders([
    HTTPHeaders.Field("Date", "Thu, 16 May 2019 06:45:51 GMT"),
    HTTPHeaders.Field("Host", "examplebucket-1250000000.cos.ap-beijing.myqcloud.com"),
    HTTPHeaders.Field("Content-Type", "text/plain"), HTTPHeaders.Field("Content-Length", "13"),
    HTTPHeaders.Field("Content-MD5", "mQ/fVh815F3k6TAUm8m0eg=="), HTTPHeaders.Field("x-cos-acl", "private"),
    HTTPHeaders.Field("x-cos-grant-read", "uin=\"100000000011\""), HTTPHeaders.Field("Authorization", authorization),
  ]))

private let authorization =
  "q-sign-algorithm=sha1&q-ak=AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q&q-sign-time=1557989151;1557996351"
  + "&q-key-time=1557989151;1557996351&q-header-list=content-length;content-md5;content-type;date;host;x-cos-acl;"
  + "x-cos-grant-read&q-url-param-list=&q-signature=3b8851a11a569213c17ba8fa7dcf2abec6935172"

private let verifier = Verifier {
  $0 == "AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q" ? "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz" : nil
}
private let inTime: Int64 = 1_557_990_000

extension Verifier.Outcome {
  fileprivate var word: String {
    switch self {
    case .valid(_, let delivery): "valid \(delivery.rawValue)"
    case .missing: "missing"
    case .malformed: "malformed"
    case .unknownSecretID: "unknown id"
    case .notYetValid: "not yet"
    case .expired: "expired"
    case .mismatch(_, _, let difference): "differs at \(difference.stage)"
    }
  }
}

extension Verifier {
  /// The outcome in a word; `accepts` must say the same.
  fileprivate func word(for request: HTTPRequest, now: Int64) -> String {
    let word = outcome(for: request, now: now).word
    #expect(accepts(request, now: now) == word.hasPrefix("valid"))
    return word
  }
}

@Suite("Verifier")
struct VerifierTests {
  @Test("the published example is valid inside its time")
  func published() { #expect(verifier.word(for: example, now: inTime) == "valid header") }

  @Test(
    "time decides before the signature does",
    arguments: [
      (1_557_996_351, "valid header"), (1_557_996_352, "expired"), (1_557_989_151 - 900, "valid header"),
      (1_557_989_151 - 901, "not yet"),
    ] as [(Int64, String)])
  func time(now: Int64, word: String) { #expect(verifier.word(for: example, now: now) == word) }

  struct Tampering: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var word: String
    var change: @Sendable (inout HTTPRequest) -> Void
    init(_ name: String, _ word: String, _ change: @escaping @Sendable (inout HTTPRequest) -> Void) {
      (testDescription, self.word, self.change) = (name, word, change)
    }
  }

  static func replace(_ old: String, _ new: String) -> @Sendable (inout HTTPRequest) -> Void {
    { request in
      let value = request.headers["Authorization"] ?? ""
      request.headers.set(
        "Authorization", value.split(separator: old, omittingEmptySubsequences: false).joined(separator: new))
    }
  }

  @Test(
    "tampering is found and its stage named",
    arguments: [
      Tampering("method", "differs at Signature") { $0.method = "GET" },
      Tampering("path", "differs at Signature") { $0.target = "/other" },
      Tampering("signed header", "differs at Signature") { $0.headers.set("x-cos-acl", "public-read") },
      Tampering("host", "differs at Signature") {
        $0.headers.set("Host", "other-1250000000.cos.ap-beijing.myqcloud.com")
      },
      Tampering("signed header gone", "differs at HeaderList") { $0.headers.remove("x-cos-acl") },
      Tampering("unsigned header", "valid header") { $0.headers.set("User-Agent", "x") },
      Tampering("unsigned parameter", "valid header") { $0.target += "?a=b" },
      Tampering("name in other capitals", "valid header") {
        $0.headers.remove("x-cos-acl")
        $0.headers.append("X-COS-ACL", "private")
      },
      Tampering("no authorization", "missing") { $0.headers.remove("Authorization") },
      Tampering("empty authorization", "missing") { $0.headers.set("Authorization", "") },
      Tampering("unknown id", "unknown id", replace("AKIDQ", "AKIDX")),
      Tampering("other algorithm", "malformed", replace("algorithm=sha1", "algorithm=sha256")),
      Tampering("field missing", "malformed", replace("&q-url-param-list=", "")),
      Tampering("field twice", "malformed", replace("&q-url-param-list=", "&q-url-param-list=&q-ak=x")),
      Tampering("field unknown", "malformed", replace("&q-url-param-list=", "&q-url-param-list=&q-new=x")),
      Tampering(
        "time without end", "malformed", replace("q-sign-time=1557989151;1557996351", "q-sign-time=1557989151")),
      Tampering("time not a number", "malformed", replace("q-sign-time=1557989151", "q-sign-time=x")),
      Tampering("end before start", "expired", replace("1557989151;1557996351", "1557996351;1557989151")),
      Tampering("signature in capitals", "malformed", replace("3b8851a11a", "3B8851A11A")),
      Tampering("signature cut", "malformed", replace("935172", "93517")),
      Tampering("signature other", "differs at Signature", replace("935172", "935173")),
      Tampering(
        "parameter listed that is not there", "differs at UrlParamList", replace("param-list=", "param-list=acl")),
      Tampering("lists exchanged in order", "valid header") {
        let value = $0.headers["Authorization"] ?? ""
        let parts = value.split(separator: "&").map(String.init)
        $0.headers.set("Authorization", (parts[0..<4] + [parts[5], parts[4], parts[6]]).joined(separator: "&"))
      },
    ])
  func tampering(tampering: Tampering) {
    var request = example
    tampering.change(&request)
    #expect(verifier.word(for: request, now: inTime) == tampering.word)
  }

  @Test(
    "a signature holds in each delivery, with and without other parameters", arguments: Delivery.allCases,
    ["", "?cancel", "?a=b%2Fc&imageMogr2%2Fthumbnail%2F%2150p"])
  func deliveries(delivery: Delivery, query: String) {
    let credentials = Credentials(
      secretID: "AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q", secretKey: "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz")
    var request = HTTPRequest(method: "PUT", target: "/jobs/j1" + query, headers: ["Host": "b-1.ci.r.myqcloud.com"])
    request = Signer(credentials: credentials, delivery: delivery).signed(request, now: inTime)
    #expect(verifier.word(for: request, now: inTime) == "valid \(delivery.rawValue)")
    #expect(request.headers["Authorization"] == nil || delivery == .header)
    request.method = "GET"
    #expect(verifier.word(for: request, now: inTime) == "differs at Signature")
  }

  @Test("a list in a URL that was encoded once too few is understood")
  func onceEncodedList() {
    let credentials = Credentials(
      secretID: "AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q", secretKey: "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz")
    var request = HTTPRequest(method: "GET", target: "/a?imageMogr2%2Fthumbnail", headers: ["Host": "h"])
    request = Signer(credentials: credentials, delivery: .query).signed(request, now: inTime)
    request.target = request.target.split(separator: "%252f", omittingEmptySubsequences: false).joined(separator: "%2f")
    #expect(verifier.word(for: request, now: inTime) == "valid query")
  }

  @Test("a host signed without its port is accepted unless that is switched off")
  func hostWithoutPort() {
    let credentials = Credentials(
      secretID: "AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q", secretKey: "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz")
    var request = HTTPRequest(method: "GET", target: "/", headers: ["Host": "127.0.0.1"])
    request = Signer(credentials: credentials).signed(request, now: inTime)
    request.headers.set("Host", "127.0.0.1:8080")
    #expect(verifier.word(for: request, now: inTime) == "valid header")
    var strict = verifier
    strict.allowsHostWithoutPort = false
    #expect(strict.word(for: request, now: inTime) == "differs at HttpHeaders")
  }

  @Test("times of key and signature may differ; both must hold")
  func differingTimes() {
    var signer = Signer(
      credentials: Credentials(
        secretID: "AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q", secretKey: "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz"))
    signer.keyTime = TimeSpan(start: inTime - 1000, end: inTime + 1000)
    signer.signTime = TimeSpan(start: inTime - 10, end: inTime + 10)
    let request = signer.signed(HTTPRequest(method: "GET", target: "/", headers: ["Host": "h"]), now: inTime)
    #expect(verifier.word(for: request, now: inTime) == "valid header")
    #expect(verifier.word(for: request, now: inTime + 11) == "expired")
  }
}

@Suite("Verifier, many parameters")
struct ManyParameterTests {
  private static let credentials = Credentials(secretID: "id", secretKey: "k")

  private static func seconds(_ count: Int, delivery: Delivery, key: String) -> (word: String, seconds: Double) {
    var request = HTTPRequest(
      method: "GET", target: "/?" + (0..<count).map { "p\($0)=v" }.joined(separator: "&"), headers: ["Host": "h"])
    request = Signer(credentials: credentials, delivery: delivery).signed(request, now: 1_000)
    let verifier = Verifier { _ in key }
    var word = ""
    let time = ContinuousClock().measure { word = verifier.outcome(for: request, now: 1_000).word }
    return (word, Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18)
  }

  /// Eight times as many take eight times as long; it was 64 times when each name was looked for among all.
  @Test(
    "the time grows with the number of parameters, not with its square", arguments: Delivery.allCases, ["k", "wrong"])
  func linear(delivery: Delivery, key: String) {
    let few = Self.seconds(4_000, delivery: delivery, key: key)
    let many = Self.seconds(32_000, delivery: delivery, key: key)
    for made in [few, many] {
      #expect(made.word == (key == "k" ? "valid \(delivery.rawValue)" : "differs at Signature"))
    }
    // A wrong signature of the shorter request is held against the known mistakes, of the longer one not.
    #expect(many.seconds < 30 * few.seconds + 0.1, "\(few.seconds) s and \(many.seconds) s")
  }

  @Test("a request too long for the diagnosis says so; a shorter one is diagnosed")
  func diagnosis() throws {
    for (count, isTried) in [(100, true), (20_000, false)] {
      let target = "/?" + (0..<count).map { "p\($0)=(" }.joined(separator: "&")
      var request = HTTPRequest(method: "GET", target: target, headers: ["Host": "h"])
      request = Signer(credentials: Self.credentials).signed(request, now: 1_000)
      request.headers.set("Host", "other")
      guard case .mismatch(_, _, let difference) = Verifier(secretKey: { _ in "k" }).outcome(for: request, now: 1_000)
      else {
        Issue.record("a changed host is let in")
        return
      }
      #expect(difference.explanation.contains("were not tried") != isTried, "\(difference.explanation)")
    }
  }

  @Test("names that come several times are taken in their order, and each once")
  func repeated() {
    let verifier = Verifier { _ in "k" }
    var request = HTTPRequest(method: "GET", target: "/?a=2&b=3&a=1&%C3%A9=4&=5", headers: ["Host": "h"])
    request = Signer(credentials: Self.credentials).signed(request, now: 1_000)
    #expect(verifier.word(for: request, now: 1_000) == "valid header")
    let parameters = verifier.stages(for: request)?.httpParameters
    #expect(parameters == "=5&%c3%a9=4&a=2&a=1&b=3")
    var once = request
    once.target = "/?a=2&b=3&%C3%A9=4&=5"
    #expect(verifier.word(for: once, now: 1_000) == "differs at UrlParamList")
  }
}

@Suite("Signer")
struct SignerTests {
  @Test(
    "the Authorization alone is the last of the stages",
    arguments: [
      "/", "/a%2Fb?x=1&acl", "/jobs?imageMogr2%2Fthumbnail", "/a+b%20%zz%4?b=2&a=%e8%85&&=v&c=d=e&A=+", "/腾?x=讯",
      "/%E8%85%BE%ff?B=%c3%89&b=1", "/?" + String(repeating: "p=v&", count: 60),
      "/" + String(repeating: "x", count: 4000),
    ])
  func authorization(target: String) {
    let signer = Signer(credentials: Credentials(secretID: "id", secretKey: String(repeating: "k", count: 70)))
    let request = HTTPRequest(method: "Put", target: target, headers: ["Host": "h", "X-Ci-A": "b c", "Accept": "x"])
    #expect(signer.authorization(for: request, now: 5) == signer.stages(for: request, now: 5).authorization)
    #expect(signer.stages(for: request, now: 5).headerList == "host;x-ci-a")
  }

  /// Pieces of a word are encoded eight characters at a time: an escape may stand in each place of each.
  @Test("a value of any length with an escape anywhere is signed alike by both ways", arguments: 0..<40)
  func escapes(length: Int) {
    let signer = Signer(credentials: Credentials(secretID: "id", secretKey: "k"))
    for place in 0..<max(1, length) {
      var value = (0..<length).map { "aB3-_~.z"[String.Index(utf16Offset: $0 % 8, in: "aB3-_~.z")] }
      if length > 0 { value[place] = place % 2 == 0 ? "=" : "é" }
      let text = String(value)
      let request = HTTPRequest(
        method: "GET", target: "/?p" + PercentCoding.encode(text) + "=" + PercentCoding.encode(text),
        headers: HTTPHeaders([HTTPHeaders.Field("x-ci-" + text, text), HTTPHeaders.Field("Host", text)]))
      #expect(signer.authorization(for: request, now: 5) == signer.stages(for: request, now: 5).authorization)
    }
  }

  /// What is kept of the request before must not be taken for another field: each differs from the first in its own way.
  @Test("requests that one signer signs in turn are signed alike by both ways, and accepted", arguments: [true, false])
  func inTurn(sameSecond: Bool) {
    let first: [HTTPHeaders.Field] = [
      .init("Host", "h.example:80"), .init("Content-Type", "application/xml"), .init("X-Ci-A", "é "),
      .init("Accept", "*"),
    ]
    var lists = [first, first.reversed(), first + first, [], Array(first.dropFirst()), first]
    for index in first.indices {
      for change in [0, 1, 2, 3] {
        var fields = first
        switch change {
        case 0: fields[index].value += "x"
        case 1: fields[index].value = ""
        case 2: fields[index].name += "-b"
        default: fields.remove(at: index)
        }
        lists.append(fields)
      }
    }
    lists.append(first + [.init("x-ci-long", String(repeating: "l", count: 3000))])
    lists.append((0..<60).map { .init("x-ci-\($0)", "v") })
    let signer = Signer(credentials: Credentials(secretID: "id", secretKey: "k"))
    let verifier = Verifier { $0 == "id" ? "k" : nil }
    for (number, fields) in (lists + lists).enumerated() {
      let now = 1_700_000_000 + (sameSecond ? 0 : Int64(number))
      let request = HTTPRequest(method: "GET", target: "/", headers: HTTPHeaders(fields))
      let expected = signer.stages(for: request, now: now)
      #expect(signer.authorization(for: request, now: now) == expected.authorization, "\(fields)")
      #expect(verifier.accepts(signer.signed(request, now: now), now: now), "\(fields)")
      var altered = signer.signed(request, now: now)
      if let host = altered.headers["Host"] { altered.headers.set("Host", host + "0") }
      #expect(verifier.accepts(altered, now: now) == (altered.headers["Host"] == nil), "\(fields)")
    }
  }

  @Test("only ASCII letters of a method are lower-cased, by both ways of signing")
  func methodOutsideASCII() {
    let signer = Signer(credentials: Credentials(secretID: "id", secretKey: "k"))
    let request = HTTPRequest(method: "\u{15E}PUT", target: "/")
    let stages = signer.stages(for: request, now: 5)
    #expect(stages.httpString == "\u{15E}put\n/\n\n\n")
    #expect(signer.authorization(for: request, now: 5) == stages.authorization)
  }

  @Test("the largest request that is signed in scratch memory, all of it to be encoded, fits", arguments: [0, 1, 2])
  func largest(shape: Int) {
    let signer = Signer(credentials: Credentials(secretID: String(repeating: "i", count: 512), secretKey: "k"))
    var request = HTTPRequest(method: String(repeating: "M", count: 32), target: "/")
    switch shape {
    case 0: request.headers.append("x-ci-a", String(repeating: "é", count: 1000))
    case 1: request.target += "?" + String(repeating: "(", count: 2000)
    default:
      for index in 0..<24 {
        request.headers.append("x-ci-\(index)((((((((((((((((((", String(repeating: "/", count: 50))
      }
    }
    #expect(signer.authorization(for: request, now: 5) == signer.stages(for: request, now: 5).authorization)
  }
}

@Suite("Secrets")
struct SecretTests {
  @Test("a secret key is in no description")
  func redaction() {
    let credentials = Credentials(secretID: "id", secretKey: "canary-key")
    var dumped = ""
    dump(credentials, to: &dumped)
    for text in ["\(credentials)", String(reflecting: credentials), dumped] { #expect(!text.contains("canary-key")) }
  }

  @Test("nor is it, or the SignKey made of it, in what is shown of a signer, a verifier and its outcome")
  func users() {
    let signer = Signer(credentials: Credentials(secretID: "id", secretKey: "canary-key", token: "canary-token"))
    let request = HTTPRequest(method: "GET", target: "/", headers: HTTPHeaders([HTTPHeaders.Field("Host", "h")]))
    let signed = signer.signed(request, now: 1_000)
    let verifier = Verifier { $0 == "id" ? "canary-key" : nil }
    let outcome = verifier.outcome(for: signed, now: 1_000)
    #expect(outcome.word == "valid header" && verifier.accepts(signed, now: 1_000))
    for value in [signer, verifier, outcome] as [Any] {
      var dumped = ""
      dump(value, to: &dumped)
      for text in ["\(value)", String(reflecting: value), dumped] {
        #expect(!text.contains("canary-key") && !text.contains("canary-token"), "\(text)")
      }
    }
  }
}

@Suite("TimeSpan")
struct TimeSpanTests {
  @Test(
    "only two plain numbers are a span",
    arguments: ["", "1", "1;", ";1", "1;2;3", " 1;2", "1;-2", "1;2.0", "1,2", "1;1234567890123456789"])
  func malformed(text: String) { #expect(TimeSpan(parsing: text) == nil) }
}
