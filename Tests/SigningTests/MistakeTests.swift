import HTTPExchange
import Testing

@testable import Signing

@Suite("SigningMistake")
struct MistakeTests {
  /// A request on which every mistake shows: all kinds of characters, empty values, blanks, an order that sorting changes.
  static let request = HTTPRequest(
    method: "PUT", target: "/a%20b%2Fc+d/%E8%85%BE?z=a%20b/c%28%29&Acl&empty=&imageMogr2%2Fthumbnail=%E8%AE%AF",
    headers: ["X-Ci-Z": " a b/c(*) ", "Host": "b-1.ci.r.myqcloud.com:8080", "Content-Type": "text/plain; a=b"])
  static let keyTime = TimeSpan(start: 1_700_000_000, end: 1_700_009_000)
  static let signTime = TimeSpan(start: 1_700_000_100, end: 1_700_000_900)
  static let credentials = Credentials(secretID: "id", secretKey: " secret ")

  /// The request with the Authorization of a signer that makes a mistake, or of a right one.
  static func signed(_ mistake: SigningMistake?) -> HTTPRequest {
    let signer = MistakenSigner(
      input: Signer.input(for: request), target: request.target, credentials: credentials,
      keyTime: keyTime.description, signTime: signTime.description)
    var signed = request
    signed.headers.append("Authorization", signer.stages(with: mistake).authorization)
    return signed
  }

  static let verifier = Verifier(allowsHostWithoutPort: false) { _ in credentials.secretKey }

  @Test("with no mistake the signer is right")
  func right() {
    guard case .valid = Self.verifier.outcome(for: Self.signed(nil), now: 1_700_000_200) else {
      Issue.record("a right signature is refused")
      return
    }
  }

  /// Mistakes that this request shows, and that no verifier forgives.
  static let shown = [
    "key-of-sign-time", "secret-trimmed", "parameters-left-out", "names-in-capitals", "names-not-encoded",
    "parameter-hex-lower", "parameter-not-encoded", "parameter-space-as-plus", "parameter-slash-kept",
    "parameter-mark-kept", "parameter-encoded-twice", "parameter-empty-dropped", "parameter-no-equals",
    "headers-left-out", "host-without-port", "header-hex-lower", "header-not-encoded", "header-space-as-plus",
    "header-slash-kept", "header-mark-kept", "header-encoded-twice", "values-trimmed", "pairs-in-request-order",
    "pairs-reversed", "method-in-capitals", "path-encoded", "path-as-on-wire", "path-plus-kept",
    "http-string-no-newline", "digest-in-capitals", "string-to-sign-key-time", "string-to-sign-no-newline",
    "string-to-sign-no-algorithm", "sign-key-raw", "secret-key-as-sign-key", "lists-in-request-order",
    "sign-key-in-capitals", "headers-by-line", "path-with-query", "http-string-crlf", "digest-left-out",
  ]

  @Test("a mistake is refused and named", arguments: shown)
  func named(id: String) throws {
    let mistake = try #require(SigningMistake.all.first { $0.id == id })
    let outcome = Self.verifier.outcome(for: Self.signed(mistake), now: 1_700_000_200)
    guard case .mismatch(_, _, let difference) = outcome else {
      Issue.record("\(id): \(outcome)")
      return
    }
    #expect(difference.mistake == id)
    #expect(difference.stage == mistake.stage)
  }

  @Test("what is signed and its signature give the mistake", arguments: shown)
  func likely(id: String) throws {
    let signer = MistakenSigner(
      input: Signer.input(for: Self.request), target: Self.request.target, credentials: Self.credentials,
      keyTime: Self.keyTime.description, signTime: Self.signTime.description)
    let mistake = try #require(SigningMistake.all.first { $0.id == id })
    let stages = signer.stages(with: mistake)
    let likely = SigningMistake.fitting(
      for: Signer.input(for: Self.request), target: Self.request.target, secretKey: Self.credentials.secretKey,
      keyTime: Self.keyTime.description, signTime: Self.signTime.description,
      stages: ["signature": stages.signature, "authorization": stages.authorization]
    ).first
    #expect(likely == mistake)
  }

  /// Mistakes that show in the lists alone: the signature is a right one.
  static let inLists = [
    "lists-not-encoded", "lists-joined-with-ampersand", "authorization-lists-exchanged",
  ]

  @Test("a wrong list beside a right signature is named", arguments: inLists)
  func list(id: String) throws {
    let input = Signer.input(for: Self.request)
    let signer = MistakenSigner(
      input: input, target: Self.request.target, credentials: Self.credentials, keyTime: Self.keyTime.description,
      signTime: Self.signTime.description)
    func likely(_ stages: RequestSignature.Stages) -> String? {
      SigningMistake.fitting(
        for: input, target: Self.request.target, secretKey: Self.credentials.secretKey,
        keyTime: Self.keyTime.description, signTime: Self.signTime.description,
        stages: RequestSignature.stagesByName.mapValues { $0(stages) }
      ).first?.id
    }
    let mistake = try #require(SigningMistake.all.first { $0.id == id })
    let (right, wrong) = (signer.stages(with: nil), signer.stages(with: mistake))
    #expect(right.signature == wrong.signature && likely(right) == nil)
    #expect(likely(wrong) == id)
  }

  /// What each signer gives where a more sweeping mistake gives the same, and what is named beside it.
  @Test(
    "of several mistakes that give one signature the least sweeping one is named, and the others too",
    arguments: [
      ("/?a=(1)*!", "parameter-mark-kept", "parameter-not-encoded"),
      ("/?a=b/c", "parameter-slash-kept", "parameter-not-encoded"),
      ("/?%F0%9F%98%80=1&%EF%BD%9E=2", "sorted-by-utf16", "unsorted"),
    ])
  func leastSweeping(target: String, id: String, other: String) throws {
    let request = HTTPRequest(method: "GET", target: target, headers: ["Host": "h"])
    let signer = MistakenSigner(
      input: Signer.input(for: request), target: target, credentials: Self.credentials,
      keyTime: Self.keyTime.description, signTime: Self.signTime.description)
    let made = [id, other].map { id in signer.stages(with: SigningMistake.all.first { $0.id == id }) }
    try #require(made[0] == made[1] && made[0] != signer.stages(with: nil))
    var signed = request
    signed.headers.append("Authorization", made[0].authorization)
    // A verifier goes by the order of the list, so another order is right to it.
    switch Self.verifier.outcome(for: signed, now: 1_700_000_200) {
    case .mismatch(_, _, let difference):
      #expect(difference.mistake == id)
      #expect(difference.otherMistakes.contains(other))
    case let outcome: #expect(id == "sorted-by-utf16", "\(outcome)")
    }
    let fitting = SigningMistake.fitting(
      for: Signer.input(for: request), target: target, secretKey: Self.credentials.secretKey,
      keyTime: Self.keyTime.description, signTime: Self.signTime.description,
      stages: ["signature": made[0].signature])
    #expect(fitting.first?.id == id && fitting.map(\.id).contains(other), "\(fitting.map(\.id))")
  }

  @Test("the catalogue names each mistake once, in the order of the stages")
  func order() {
    let ids = SigningMistake.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(SigningMistake.all.map(\.deviation) == SigningMistake.Deviation.allCases)
    #expect(VerifyingMistake.all.map(\.deviation) == VerifyingMistake.Deviation.allCases)
    let stages = RequestSignature.stageNames.map(\.name)
    let places = SigningMistake.all.compactMap { stages.firstIndex(of: $0.stage) }
    #expect(places.count == ids.count)
    #expect(places == places.sorted())
  }

  @Test("a signature that nothing explains is said to differ, no more")
  func unexplained() throws {
    var request = Self.signed(nil)
    request.headers.set("X-Ci-Z", "changed on the way")
    guard case .mismatch(_, _, let difference) = Self.verifier.outcome(for: request, now: 1_700_000_200) else {
      Issue.record("a changed header is accepted")
      return
    }
    #expect(difference.mistake == nil)
    #expect(difference.stage == "Signature")
  }
}
