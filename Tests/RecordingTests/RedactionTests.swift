import Foundation
import FoundationXML
import HTTPExchange
import Recording
import Signing
import Testing

@Suite("Redaction")
struct RedactionTests {
  @Test("the search of these tests finds every planted secret", arguments: Canary.writings)
  func searchWorks(writing: Canary.Writing) {
    for secret in Canary.secrets {
      #expect(Canary.found(in: "<a>\(writing.write(secret))</a>").contains(secret), "\(secret)")
    }
  }

  @Test("no planted secret is in the output", arguments: Canary.Answer.allCases, Canary.writings)
  func canaries(answer: Canary.Answer, writing: Canary.Writing) {
    let planted = Canary.secrets.map(writing.write).joined(separator: " | ")
    let exchange = Canary.exchange(planted, everywhere: true, answer: answer)
    #expect(Canary.found(in: Canary.text(of: exchange)).count == Canary.secrets.count)
    var redaction = Redaction(of: [exchange], known: Canary.known)
    let output = Canary.text(of: redaction.exchanges[0].captured)
    #expect(Canary.found(in: output).isEmpty, "\(output)")
    redaction.scan([("exchange", Array(output.utf8))])
    #expect(redaction.findings.isEmpty, "\(redaction.findings)")
  }

  @Test("a redactor that is blind to one disguise lets secrets through, and this is seen", arguments: Disguise.allCases)
  func mutants(blind: Disguise) {
    let seeing = Set(Disguise.allCases).subtracting([blind])
    var caught = 0
    for writing in Canary.writings where writing.disguise == blind {
      let exchange = Canary.exchange(writing.write(Canary.credentials.secretKey))
      var redaction = Redaction(of: [exchange], known: Canary.known, seeing: seeing)
      let output = Canary.text(of: redaction.exchanges[0].captured)
      #expect(Canary.found(in: output).contains(Canary.credentials.secretKey), "\(writing.name)")
      redaction.scan([("exchange", Array(output.utf8))])
      if !redaction.mayBeWritten { caught += 1 }
    }
    // The scan before writing knows the plain forms of each disguise.
    #expect(caught > 0)
  }

  @Test(
    "a recording is signed again in each of the three ways, with true length and digest", arguments: Delivery.allCases)
  func signedAgain(delivery: Delivery) throws {
    var exchange = Canary.exchange(Canary.bucket)
    exchange.request.headers.remove("Authorization")
    // MD5 of the body openssl dgst -md5 -binary | base64.
    #expect(String(decoding: exchange.request.body, as: UTF8.self) == Self.body)
    exchange.request.headers.set("Content-MD5", Self.bodyMD5)
    var signer = Signer(credentials: Canary.credentials)
    signer.delivery = delivery
    exchange.request = signer.signed(exchange.request, now: 1_700_000_000)
    let redacted = Redaction(of: [exchange], known: Canary.known).exchanges[0]
    #expect(redacted.signing == .valid)
    let request = redacted.captured.request
    #expect(String(decoding: request.body, as: UTF8.self) == Self.redactedBody)
    #expect(request.headers["Content-Length"] == "\(Self.redactedBody.utf8.count)")
    #expect(request.headers["Content-MD5"] == Self.redactedMD5)
    let fake = Identities.substitute(0)
    let outcome = Verifier { $0 == fake.secretID ? fake.secretKey : nil }.outcome(for: request, now: 1_700_000_000)
    guard case .valid(_, delivery) = outcome else {
      Issue.record("\(outcome)")
      return
    }
  }

  private static let body = "<Request><UserData>canary-photos-1256789012</UserData></Request>"
  private static let bodyMD5 = "TMfeidU18aHI3M+dbeQ49Q=="
  private static let redactedBody = "<Request><UserData>test-1234567890</UserData></Request>"
  private static let redactedMD5 = "lgus5V/1ZV0CqmPPqnUr5w=="

  @Test("the same value has the same substitute in every exchange, another value another")
  func consistency() {
    let other = "other-photos-1256789013"
    var second = Canary.exchange(other + " and " + Canary.bucket)
    second.request.headers.set("Host", "\(other).ci.ap-chongqing.myqcloud.com")
    let redaction = Redaction(of: [Canary.exchange("x"), second], known: Canary.known)
    let hosts = redaction.exchanges.map { $0.captured.request.headers["Host"] ?? "" }
    #expect(
      hosts == ["test-1234567890.ci.ap-chongqing.myqcloud.com", "test-1-1234567891.ci.ap-chongqing.myqcloud.com"])
    let body = String(decoding: redaction.exchanges[1].captured.request.body, as: UTF8.self)
    #expect(body.contains("test-1-1234567891 and test-1234567890"), "\(body)")
  }

  @Test("a redacted recording is redacted to itself")
  func idempotence() {
    let once = Redaction(of: [Canary.exchange(Canary.word)], known: Canary.known).exchanges[0].captured
    let known = Identities.Known(credentials: [Identities.substitute(0)])
    #expect(Redaction(of: [once], known: known).exchanges[0].captured == once)
  }

  @Test("a wrong signature stays wrong, a missing one missing")
  func otherSignatures() {
    var wrong = Canary.exchange("x")
    let thief = Credentials(secretID: Canary.credentials.secretID, secretKey: "anotherKeyThatIsNotTheRightOne00")
    wrong.request = Signer(credentials: thief).signed(wrong.request, now: 1_700_000_000)
    var none = Canary.exchange("x")
    none.request.headers.remove("Authorization")
    let redaction = Redaction(of: [wrong, none], known: Canary.known)
    #expect(redaction.exchanges.map(\.signing) == [.wrongKey, .none])
    let fake = Identities.substitute(0)
    let verifier = Verifier { $0 == fake.secretID ? fake.secretKey : nil }
    guard case .mismatch = verifier.outcome(for: redaction.exchanges[0].captured.request, now: 1_700_000_000) else {
      Issue.record("the wrong signature is right now")
      return
    }
  }

  @Test(
    "what nobody can look into is refused",
    arguments: [
      ("gzip", [0x1F, 0x8B, 0x08, 0x00] as [UInt8]), (nil, [0xFF, 0xFE, 0x3C, 0x00]), (nil, [0x3C, 0x00, 0x61, 0x00]),
      (nil, Array("<!DOCTYPE a [<!ENTITY e 'secretsecr'>]><a>&e;et</a>".utf8)),
      (nil, Array("<a>H4sIAAAAAAAAA0vOSMzLTAEAcoS0dgYAAAA=</a>".utf8)),
    ])
  func opaque(coding: String?, body: [UInt8]) {
    var exchange = Canary.exchange("x")
    exchange.response.body = body
    if let coding { exchange.response.headers.set("Content-Encoding", coding) }
    let redaction = Redaction(of: [exchange], known: Canary.known)
    #expect(redaction.findings.map(\.id) == ["redaction.opaque-body"])
    #expect(!redaction.mayBeWritten)
  }

  @Test("a key that is not known, and a secret too short to search for, are refused")
  func unsure() {
    let exchange = Canary.exchange("x")
    let keyless = Redaction(of: [exchange], known: Identities.Known())
    #expect(keyless.findings.map(\.id) == ["redaction.unknown-key"])
    #expect(Redaction(of: [exchange], known: Identities.Known(), needsKeys: false).mayBeWritten)
    let short = Redaction(of: [exchange], known: Identities.Known(credentials: Canary.known.credentials, words: ["Li"]))
    #expect(short.findings.map(\.id) == ["redaction.too-short"])
  }

  @Test("the key of a span, which a gateway may print, is a secret")
  func spanKey() {
    let key = RequestSignature.signKey(
      secretKey: Canary.credentials.secretKey, keyTime: "1699999940;1700000900")
    let exchange = Canary.exchange("SignKey \(key)")
    let output = Canary.text(of: Redaction(of: [exchange], known: Canary.known).exchanges[0].captured)
    #expect(Canary.text(of: exchange).contains(key))
    #expect(!output.contains(key))
  }

  @Test(
    "a header field that the API does not document loses its value, and its secret everywhere",
    arguments: [
      ("Authorization", "Bearer BEARERCANARY0000", "BEARERCANARY0000"),
      (
        "Authorization", "q-sign-algorithm=sha1&q-ak=AKIDcanaryIdOfNobody0123456789ab BEARERCANARY0000",
        "BEARERCANARY0000"
      ),
      // printf 'canaryuser7:canarypass7' | base64
      ("Authorization", "Basic Y2FuYXJ5dXNlcjc6Y2FuYXJ5cGFzczc=", "canarypass7"),
      ("Proxy-Authorization", "Basic Y2FuYXJ5dXNlcjc6Y2FuYXJ5cGFzczc=", "Y2FuYXJ5dXNlcjc6Y2FuYXJ5cGFzczc="),
      ("X-Api-Key", "APIKEYCANARY0000", "APIKEYCANARY0000"), ("X-Auth-Token", "canary.token.1", "canary.token.1"),
      ("X-Internal-Auth", "Bearer canaryInternal1", "canaryInternal1"), ("True-Client-IP", "10.2.3.4", "10.2.3.4"),
      ("X-Real-IP", "1.2.3.4", "1.2.3.4"), ("CF-Connecting-IP", "198.51.100.77", "198.51.100.77"),
      ("X-Forwarded-For", "198.51.100.77, 10.2.3.4", "198.51.100.77"),
      ("Via", "1.1 proxy7.canary.corp (squid)", "proxy7.canary.corp"),
      ("X-Served-By", "cache-canary-7", "cache-canary-7"),
      ("Cookie", "a=1; session=canaryCookie0", "canaryCookie0"),
      ("Set-Cookie", "session=canaryCookie0; Path=/; Max-Age=31536000", "canaryCookie0"),
    ])
  func privateHeaders(name: String, value: String, secret: String) {
    var exchange = Canary.exchange("x")
    // A signature stays beside a second field of the name.
    exchange.request.headers.append(name, value)
    exchange.response.headers.append(name, value)
    exchange.response.body = Array("<a><b>seen: \(secret), 31536000</b></a>".utf8)
    #expect(Canary.text(of: exchange).contains(secret))
    var redaction = Redaction(of: [exchange], known: Canary.known)
    let redacted = redaction.exchanges[0].captured
    let output = Canary.text(of: redacted)
    #expect(!output.contains(secret) && !output.contains(value), "\(output)")
    #expect(output.contains("seen: cispecFakeValue") && output.contains(", 31536000"), "\(output)")
    for headers in [redacted.request.headers, redacted.response.headers] {
      #expect(headers.values(of: name).last?.wholeMatch(of: /cispecFakeValue[0-9]+/) != nil, "\(headers)")
    }
    redaction.scan([("exchange", Array(output.utf8))])
    #expect(redaction.findings.isEmpty, "\(redaction.findings)")
    // The last look knows the secret too, though nothing is redacted.
    redaction.scan([("exchange", Canary.text(of: exchange).utf8.map { $0 })])
    #expect(!redaction.mayBeWritten)
  }

  @Test(
    "fields that tell of networks lose their values, those that the API documents keep them",
    arguments: [
      ("Origin", "https://intranet.example", false), ("Referer", "https://u:pw@host.example/x", false),
      ("X-Request-Start", "t=17", false), ("Accept", "*/*", true), ("x-ci-request-id", "NjQ", true),
      ("Content-Language", "zh", true), ("ETag", "\"0\"", true),
    ])
  func otherHeaders(name: String, value: String, isKept: Bool) {
    var exchange = Canary.exchange("x")
    exchange.response.headers.append(name, value)
    let found = Redaction(of: [exchange], known: Canary.known).exchanges[0].captured.response.headers[name]
    #expect((found == value) == isKept, "\(found ?? "")")
  }

  @Test(
    "the user of a URL goes with the password, and the host when it is private",
    arguments: [
      ("https://u:pw@h.example.com/x", "https://h.example.com/x"),
      ("https://canaryuser:canarypass@gw.canary.corp/x", "https://host1.example.com/x"),
      ("https%3A%2F%2Fu%3Apw%40h.example.com%2Fx", "https%3A%2F%2Fh.example.com%2Fx"),
    ])
  func usersOfURLs(url: String, written: String) {
    var exchange = Canary.exchange("x")
    exchange.response.headers.append("Location", url)
    exchange.response.body = Array("<a>\(url)</a>".utf8)
    let response = Redaction(of: [exchange], known: Identities.Known(credentials: [Canary.credentials]))
      .exchanges[0].captured.response
    #expect(response.headers["Location"] == written)
    #expect(String(decoding: response.body, as: UTF8.self) == "<a>\(written)</a>")
  }

  @Test(
    "accounts and credentials of a query are replaced, there and elsewhere",
    arguments: [("uin", "100012345678"), ("access_token", "canaryQuery1"), ("OwnerUin", "100012345678")])
  func parameters(name: String, value: String) {
    var exchange = Canary.exchange("x")
    exchange.request.target = "/file_jobs?\(name)=\(value)"
    exchange.response.body = Array("<a>\(value)</a>".utf8)
    let redaction = Redaction(of: [exchange], known: Canary.known)
    #expect(!Canary.text(of: redaction.exchanges[0].captured).contains(value))
    #expect(redaction.mayBeWritten)
  }

  @Test("XML that is split by CDATA or a comment stays well formed")
  func markupIsKept() throws {
    let key = Canary.credentials.secretKey
    for text in ["<![CDATA[\(key.prefix(5))]]>\(key.dropFirst(5))", "\(key.prefix(5))<!-- x -->\(key.dropFirst(5))"] {
      let body = Redaction(of: [Canary.exchange("k=\(text).")], known: Canary.known).exchanges[0].captured.request.body
      let document = try XMLDocument(data: Data(body))
      // Foundation counts comments as text.
      let joined = document.rootElement()?.stringValue?.replacing(" x ", with: "")
      #expect(joined == "k=\(Identities.substitute(0).secretKey).")
    }
  }
}
