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
    let result = VectorSuite.results(of: [vector], by: KitSigner())[0]
    #expect(result.verdict == .passed, "\(vector.id): \(result.detail)")
  }

  static let verifying = (try? VerifyingVector.all(in: folder)) ?? []

  @Test("the kit's verifier decides every vector for verifiers", arguments: verifying.map(\.id))
  func kitVerifier(id: String) throws {
    let vector = try #require(Self.verifying.first { $0.id == id })
    let result = VectorSuite.results(of: [vector], by: KitVerifier())[0]
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
      let failed = VectorSuite.results(of: Self.verifying, by: Yes(isAccepted: isAccepted)).filter {
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
    let result = VectorSuite.results(of: [vector], by: WrongSigner(stage: stage))[0]
    #expect(result.verdict == .failed)
    #expect(result.findings.first?.message == "\(stage) is not the published one.")
  }

  struct Parrot: SigningImplementation {
    let name = "parrot"
    func values(for vector: SigningVector) throws -> [String: String]? { vector.published }
  }

  @Test("a signer that makes published misprints fails", arguments: vectors.filter { !$0.agrees })
  func misprints(vector: SigningVector) {
    #expect(VectorSuite.results(of: [vector], by: Parrot())[0].verdict == .failed)
  }
}
