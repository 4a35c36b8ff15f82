import CaseLibrary
import Findings
import Testing

@testable import Adapting

@Suite("VectorSuite")
struct VectorSuiteTests {
  static let folder = DataFolder(path: String(#filePath.dropLast("/Tests/AdaptingTests/VectorSuiteTests.swift".count)))
  static let vectors = (try? SigningVector.all(in: folder)) ?? []

  @Test("the published vectors are all there")
  func publishedVectors() throws {
    let published = try SigningVector.all(in: Self.folder).filter { $0.id.hasPrefix("signing/published/") }
    #expect(published.count == 52)
    #expect(published.count { $0.agrees } == 44)
    #expect(published.filter { !$0.agrees }.allSatisfy { $0.explanation?.isEmpty == false })
    #expect(Set(published.map(\.id)).count == published.count)
  }

  @Test("the kit's signer passes every published vector", arguments: vectors)
  func kitSigner(vector: SigningVector) {
    let result = VectorSuite.result(of: vector, by: KitSigner())
    #expect(result.verdict == .passed, "\(vector.id): \(result.detail)")
  }

  @Test("stages are said to agree as far as they are shown")
  func hints() throws {
    let vector = try #require(Self.vectors.first { $0.id == "signing/published/doc-2019-put-object" })
    let right = try #require(try KitSigner().values(for: vector))
    func hint(_ stages: [String], wrong: String) -> String? {
      var values = right.filter { stages.contains($0.key) }
      values[wrong] = "wrong"
      let shown = right.filter { values[$0.key] != nil }
      return VectorSuite.result(of: vector, expected: shown, values: values).findings.first?.hint
    }
    let all = "All stages before it agree; look at what goes into it."
    #expect(hint(Array(right.keys), wrong: "signature") == all)
    #expect(hint(Array(right.keys), wrong: "http_string") == all)
    #expect(
      hint(["authorization", "signature", "header_list"], wrong: "signature")
        == "The stages that it shows agree; show http_string and string_to_sign to see where it parts.")
    #expect(
      hint(["authorization", "signature", "http_string"], wrong: "signature")
        == "The stages that it shows agree; show string_to_sign to see where it parts.")
  }

  static let verifying = (try? VerifyingVector.all(in: folder)) ?? []

  @Test("the kit's verifier decides every vector for verifiers", arguments: verifying.map(\.id))
  func kitVerifier(id: String) throws {
    let vector = try #require(Self.verifying.first { $0.id == id })
    let result = VectorSuite.result(of: vector, by: KitVerifier())
    #expect(result.verdict == .passed, "\(result.detail)")
  }

  struct Yes: VerifyingImplementation {
    let name = "yes"
    let isAccepted: Bool
    func verdict(on vector: VerifyingVector) -> (isAccepted: Bool, words: String) { (isAccepted, "always") }
  }

  @Test("a verifier that lets everything in fails what is invalid, one that lets nothing in what is valid")
  func blindVerifiers() {
    #expect(Self.verifying.count >= 250)
    #expect(Self.verifying.count { $0.result == .invalid } >= 100)
    #expect(Self.verifying.allSatisfy { $0.result != .acceptable || $0.reason?.isEmpty == false })
    for isAccepted in [true, false] {
      let failed = Self.verifying.map({ VectorSuite.result(of: $0, by: Yes(isAccepted: isAccepted)) }).filter {
        $0.verdict == .failed
      }
      #expect(failed.count == Self.verifying.count { $0.result == (isAccepted ? .invalid : .valid) })
    }
  }

  /// A signer with one stage wrong.
  struct WrongSigner: SigningImplementation {
    let name = "wrong"
    let stage: String
    func values(for vector: SigningVector) throws -> [String: String]? {
      var values = try KitSigner().values(for: vector)
      values?[stage]? += "x"
      return values
    }
  }

  @Test(
    "a signer that goes wrong at a stage fails at that stage",
    arguments: ["sign_key", "http_headers", "http_string_sha1", "string_to_sign", "signature", "authorization"])
  func wrongSigner(stage: String) throws {
    let vector = try #require(Self.vectors.first { $0.id.hasSuffix("doc-2019-put-object") })
    let result = VectorSuite.result(of: vector, by: WrongSigner(stage: stage))
    #expect(result.verdict == .failed)
    #expect(result.findings.first?.message == "\(stage) is not the published one.")
  }

  @Test("what the generator made is not called published")
  func unpublished() throws {
    let vector = try #require(Self.vectors.first { $0.id == "signing/method/get" })
    let result = VectorSuite.result(of: vector, by: WrongSigner(stage: "http_string"))
    #expect(result.findings.first?.message == "http_string is not the expected one.")
  }

  /// A signer that brings text into one Unicode normalization form.
  struct Composer: SigningImplementation {
    let name = "composer"
    func values(for vector: SigningVector) throws -> [String: String]? {
      try KitSigner().values(for: vector)?.mapValues {
        $0.replacing("e\u{301}", with: "\u{E9}")
      }
    }
  }

  @Test("stages are compared by their bytes, not as Unicode equivalents")
  func bytes() throws {
    let vector = try #require(Self.vectors.first { $0.id == "signing/path/nfd" })
    #expect(try KitSigner().values(for: vector)?["http_string"]?.contains("/e\u{301}") == true)
    let result = VectorSuite.result(of: vector, by: Composer())
    #expect(result.findings.first?.message == "http_string is not the expected one.")
  }

  /// What an adapter is sent for a vector.
  static func sent(_ id: String, presigned: Bool = false) throws -> AdapterRequest {
    let vector = try #require(vectors.first { $0.id == id })
    let hello = AdapterHello(["name": .text("x"), "commands": .list([.text("sign"), .text("derive")])])
    let judge = AdapterJudge(hello: hello, notes: VectorNotes())
    return (presigned ? judge.presigning(vector) : judge.signing(vector)).request
  }

  @Test("a request to sign has its form on the wire where that matters", arguments: [false, true])
  func wire(presigned: Bool) throws {
    let plus = try #require(try Self.sent("signing/wire/param-plus", presigned: presigned).request)
    #expect(plus.path == "/jobs" && plus.wirePath == "/jobs" && plus.wireQuery == "a=1&k=b+c")
    let path = try #require(try Self.sent("signing/wire/path-lower-hex", presigned: presigned).request)
    #expect(path.path == "/腾 讯" && path.wirePath == "/%e8%85%be%20%e8%ae%af" && path.wireQuery == nil)
    let plain = try #require(try Self.sent("signing/method/get", presigned: presigned).request)
    #expect(plain.wirePath == nil && plain.wireQuery == nil)
  }

  @Test("what a server echoed is sent as the input of the stages after it")
  func echo() throws {
    for vector in Self.vectors where vector.kind == "server-echo" {
      let text = try #require(try Self.sent(vector.id).input?.formatString)
      #expect(text == vector.published["format_string"] && text.hasSuffix("\n"))
    }
  }

  struct Parrot: SigningImplementation {
    let name = "parrot"
    func values(for vector: SigningVector) throws -> [String: String]? { vector.published }
  }

  @Test("a signer that makes published misprints fails", arguments: vectors.filter { !$0.agrees })
  func misprints(vector: SigningVector) {
    #expect(VectorSuite.result(of: vector, by: Parrot()).verdict == .failed)
  }
}
