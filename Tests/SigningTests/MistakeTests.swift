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
  static let secretKey = " secret "

  static func signer() -> SwitchedSigner {
    let input = Signer.input(for: request)
    return SwitchedSigner(
      method: request.method, rawPath: request.rawPath, parameters: input.parameters, headers: input.headers,
      secretKey: secretKey, keyTime: keyTime.description, signTime: signTime.description)
  }

  static func signed(_ switches: SigningSwitches) -> HTTPRequest {
    let stages = RequestSignature.stages(
      for: Signer.input(for: request), credentials: Credentials(secretID: "id", secretKey: secretKey),
      keyTime: keyTime, signTime: signTime)
    var signed = request
    signed.headers.append(
      "Authorization",
      Authorization(
        secretID: "id", signTime: signTime.description, keyTime: keyTime.description, headerList: stages.headerList,
        urlParamList: stages.urlParamList, signature: signer().signature(switches)
      ).description)
    return signed
  }

  static let verifier = Verifier(allowsHostWithoutPort: false) { _ in secretKey }

  @Test("with no switch set the signer is right")
  func right() {
    guard case .valid = Self.verifier.outcome(for: Self.signed(SigningSwitches()), now: 1_700_000_200) else {
      Issue.record("a right signature is refused")
      return
    }
  }

  @Test("each mistake is refused and named", arguments: SigningMistake.all.map(\.id))
  func named(id: String) throws {
    let mistake = try #require(SigningMistake.all.first { $0.id == id })
    var switches = SigningSwitches()
    mistake.change(&switches)
    #expect(switches != SigningSwitches())
    let outcome = Self.verifier.outcome(for: Self.signed(switches), now: 1_700_000_200)
    guard case .mismatch(_, _, let difference) = outcome else {
      Issue.record("\(id): \(outcome)")
      return
    }
    #expect(difference.mistake == id)
    #expect(difference.stage == mistake.stage)
  }

  @Test("the catalogue names each mistake once, in the order of the stages")
  func order() {
    let ids = SigningMistake.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    let stages = RequestSignature.stageNames.map(\.name)
    let places = SigningMistake.all.compactMap { stages.firstIndex(of: $0.stage) }
    #expect(places.count == ids.count)
    #expect(places == places.sorted())
  }

  @Test("a signature that nothing explains is said to differ, no more")
  func unexplained() throws {
    var request = Self.signed(SigningSwitches())
    request.headers.set("X-Ci-Z", "changed on the way")
    guard case .mismatch(_, _, let difference) = Self.verifier.outcome(for: request, now: 1_700_000_200) else {
      Issue.record("a changed header is accepted")
      return
    }
    #expect(difference.mistake == nil)
    #expect(difference.stage == "Signature")
  }
}
