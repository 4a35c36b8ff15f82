import CaseLibrary
import Findings
import HTTPExchange
import Signing
import Testing

@testable import Adapting

@Suite("Mutants")
struct MutantTests {
  static let folder = DataFolder(path: String(#filePath.dropLast("/Tests/AdaptingTests/MutantTests.swift".count)))
  static let signing = (try? SigningVector.all(in: folder)) ?? []
  static let verifying = (try? VerifyingVector.all(in: folder)) ?? []
  static let mutants = Mutants(signing: signing, verifying: verifying)
  static let report = mutants.report

  @Test("the catalogues name the mistakes that the independent generator names")
  func catalogues() throws {
    let kills = try VectorKills(in: Self.folder)
    #expect(SigningMistake.all.map(\.id) == kills.signers)
    #expect(VerifyingMistake.all.map(\.id) == kills.verifiers)
    #expect(SigningMistake.all.count >= 45 && VerifyingMistake.all.count >= 12)
  }

  @Test("each vector kills what the independent generator says it kills")
  func matrix() throws {
    let published = try VectorKills(in: Self.folder).published
    let made = Dictionary(uniqueKeysWithValues: Self.report.cases.map { ($0.id, $0.kills) })
    var expected = published
    for vector in Self.signing { expected[vector.id] = vector.kills ?? expected[vector.id] }
    for vector in Self.verifying { expected[vector.id] = vector.kills }
    #expect(Set(made.keys) == Set(expected.keys))
    for (id, kills) in expected {
      #expect(made[id] == kills, "\(id): \(Set(kills).symmetricDifference(made[id] ?? []))")
    }
  }

  @Test("every mistake of a signer is killed and named", arguments: report.signers.map(\.id))
  func signerIsNamed(id: String) throws {
    let mutant = try #require(Self.report.signers.first { $0.id == id })
    #expect(!mutant.killers.isEmpty)
    #expect(mutant.named == [id])
  }

  @Test("every mistake of a verifier is killed and named", arguments: report.verifiers.map(\.id))
  func verifierIsNamed(id: String) throws {
    let mutant = try #require(Self.report.verifiers.first { $0.id == id })
    #expect(!mutant.killers.isEmpty)
    #expect(mutant.named == [id])
  }

  @Test("every vector kills a mistake or says why it is kept")
  func vectorsAreOfUse() {
    #expect(Self.report.cases.count >= 500)
    #expect(Self.report.shortfalls == [])
  }

  @Test("a mistake whose vectors are gone is reported, and so is one that nothing tells from another")
  func shortfalls() throws {
    let plain = Self.signing.filter { $0.id == "signing/method/get" }
    let poor = Mutants(signing: plain, verifying: []).report
    #expect(poor.shortfalls.contains("no vector kills the signer path-decoded-twice"))
    #expect(poor.shortfalls.contains("no vector kills the verifier signature-ignored"))
    let capitals = try #require(poor.signers.first { $0.id == "method-in-capitals" })
    #expect(capitals.named == ["method-in-capitals", "method-as-given"])
    #expect(poor.shortfalls.contains("the signer method-in-capitals is named method-in-capitals or method-as-given"))
  }

  @Test("with no mistake the signer and the verifier are right")
  func right() throws {
    for vector in Self.signing where vector.agrees && vector.kind == "sign" {
      let input = vector.input
      let signer = MistakenSigner(
        input: KitSigner.signedInput(of: input), target: input.target,
        credentials: Credentials(secretID: input.secretID ?? "", secretKey: input.secretKey ?? ""),
        keyTime: input.keyTime ?? "", signTime: input.signTime ?? input.keyTime ?? "")
      if let signature = vector.published["signature"] {
        #expect(signer.stages(with: nil).signature == signature, "\(vector.id)")
      }
    }
    for vector in Self.verifying where vector.result != .acceptable {
      let verifier = MistakenVerifier(mistake: nil, secrets: vector.secrets, ownHost: "")
      let isAccepted = verifier.accepts(KitVerifier.request(of: vector), now: vector.now)
      #expect(isAccepted == (vector.result == .valid), "\(vector.id)")
    }
  }

  /// The request that a signer with a mistake sends for a vector.
  static func request(of vector: SigningVector, by mistake: SigningMistake?) -> HTTPRequest {
    let input = vector.input
    let signed = KitSigner.signedInput(of: input)
    let signer = MistakenSigner(
      input: signed, target: input.target, credentials: credentials(of: vector), keyTime: input.keyTime ?? "",
      signTime: input.signTime ?? input.keyTime ?? "")
    let query = signed.parameters.map { parameter in
      PercentCoding.encode(parameter.name) + (parameter.value.map { "=" + PercentCoding.encode($0) } ?? "")
    }.joined(separator: "&")
    let target = PercentCoding.encodeKeepingSlashes(signed.path) + (query.isEmpty ? "" : "?" + query)
    var headers = HTTPHeaders(signed.headers)
    headers.append("Authorization", signer.stages(with: mistake).authorization)
    return HTTPRequest(method: signed.method, target: input.target ?? target, headers: headers)
  }

  static func credentials(of vector: SigningVector) -> Credentials {
    Credentials(secretID: vector.input.secretID ?? "", secretKey: vector.input.secretKey ?? "")
  }

  /// What the verifier says of a signer's mistake where it does not name it.
  static let elsewhere = [
    // What is signed, and in which order, the lists say; a Host may be signed without its port.
    "let in": [
      "names-equal-kept-once", "parameters-unlisted", "parameter-with-equals-dropped", "parameter-semicolon-dropped",
      "lists-not-encoded", "unsorted", "sorted-before-encoding", "sorted-by-utf16", "sorted-with-capitals",
      "sorted-as-pairs",
      "digits-sorted-as-numbers", "headers-unlisted", "host-left-out", "token-left-out", "content-type-left-out",
      "capital-headers-left-out", "header-empty-dropped", "host-without-port", "host-default-port-cut",
    ],
    "unreadable": [
      "lists-joined-with-ampersand", "signature-in-capitals", "signature-base64", "authorization-encoded",
      "authorization-blanks",
    ],
    "out of time": ["key-time-milliseconds", "key-time-local", "key-time-duration"],
    "absent: UrlParamList": ["names-lowered-beyond-ascii", "tilde-encoded", "authorization-lists-exchanged"],
  ]

  @Test("the verifier names the mistakes that it does not let in", arguments: report.signers.map(\.id))
  func verifierNames(id: String) throws {
    let mutant = try #require(Self.report.signers.first { $0.id == id })
    let vector = try #require(Self.signing.first { $0.id == mutant.tellingCase ?? mutant.killers[0] })
    let request = Self.request(of: vector, by: SigningMistake.all.first { $0.id == id })
    let secretKey = Self.credentials(of: vector).secretKey
    let now = try #require(TimeSpan(parsing: vector.input.keyTime ?? "")).start
    let verifier = Verifier { _ in secretKey }
    let said =
      switch verifier.outcome(for: request, now: now) {
      case .valid: "let in"
      case .mismatch(_, _, let difference): difference.mistake ?? "absent: " + difference.stage
      case .malformed: "unreadable"
      case .expired, .notYetValid: "out of time"
      case .missing, .unknownSecretID: "not looked at"
      }
    #expect(said == Self.elsewhere.first { $0.value.contains(id) }?.key ?? id, "\(vector.id)")
  }
}
