public import CaseLibrary
public import Findings
internal import HTTPExchange
public import Signing

/// Every mistake of the catalogues, made on every vector: what each vector finds, and which mistake gives what an
/// implementation answered.
public struct Mutants: Sendable {
  private struct SigningRow {
    var vector: SigningVector
    /// By the place of the mistake in the catalogue.
    var authorizations: [String]
    var kills: [Bool]
  }

  private struct VerifyingRow {
    var vector: VerifyingVector
    var answers: [Bool]
    var kills: [Bool]
  }

  private var signing: [SigningRow]
  private var verifying: [VerifyingRow]

  /// The bucket of the vectors, which one mistake takes for the host that was asked.
  private static let ownHost = "test-1250000000.ci.ap-chongqing.myqcloud.com"

  /// Vectors that hold no whole request, or values that do not follow from it, are left out.
  public init(signing vectors: [SigningVector], verifying: [VerifyingVector]) {
    signing = vectors.filter { $0.agrees && KitSigner.requestKinds.contains($0.kind) }.map(Self.row)
    self.verifying = verifying.map(Self.row)
  }

  private static func row(of vector: SigningVector) -> SigningRow {
    let input = vector.input
    let keyTime = input.keyTime ?? ""
    let signer = MistakenSigner(
      input: KitSigner.signedInput(of: input), target: input.target,
      credentials: Credentials(secretID: input.secretID ?? "", secretKey: input.secretKey ?? ""), keyTime: keyTime,
      signTime: input.signTime ?? keyTime)
    let made = SigningMistake.all.map { signer.stages(with: $0) }
    return SigningRow(
      vector: vector, authorizations: made.map(\.authorization), kills: made.map { differs($0, vector.published) })
  }

  /// Whether a stage is not as it is known. Text is compared by its bytes: Swift takes é for é in two forms.
  private static func differs(_ made: RequestSignature.Stages, _ known: [String: String]) -> Bool {
    known.contains { name, value in
      guard let stage = RequestSignature.stagesByName[name] else { return false }
      return !stage(made).utf8.elementsEqual(value.utf8)
    }
  }

  private static func row(of vector: VerifyingVector) -> VerifyingRow {
    let request = KitVerifier.request(of: vector)
    let answers = VerifyingMistake.all.map { mistake in
      MistakenVerifier(mistake: mistake, secrets: vector.secrets, ownHost: ownHost).accepts(request, now: vector.now)
    }
    let kills = answers.map { vector.result != .acceptable && $0 != (vector.result == .valid) }
    return VerifyingRow(vector: vector, answers: answers, kills: kills)
  }

  // MARK: Diagnosis

  /// The mistakes that give all of these Authorizations and no others, by the vectors' IDs.
  public func signers(giving authorizations: [String: String]) -> [SigningMistake] {
    let asked = signing.compactMap { row in authorizations[row.vector.id].map { (row.authorizations, $0) } }
    return SigningMistake.all.indices.filter { place in
      asked.allSatisfy { made, given in made[place].utf8.elementsEqual(given.utf8) }
    }.map { SigningMistake.all[$0] }
  }

  /// The mistakes that give all of these answers, by the vectors' IDs; answers to what is acceptable do not count.
  public func verifiers(answering isAccepted: [String: Bool]) -> [VerifyingMistake] {
    let asked = verifying.filter { $0.vector.result != .acceptable }.compactMap { row in
      isAccepted[row.vector.id].map { (row.answers, $0) }
    }
    return VerifyingMistake.all.indices.filter { place in
      asked.allSatisfy { answers, given in answers[place] == given }
    }.map { VerifyingMistake.all[$0] }
  }

  // MARK: Report

  public var report: MutantReport {
    MutantReport(
      signers: SigningMistake.all.indices.map(signer), verifiers: VerifyingMistake.all.indices.map(verifier),
      cases: signing.map { row in
        MutantReport.Case(
          id: row.vector.id, kills: Self.ids(row.kills, SigningMistake.all.map(\.id)), kept: row.vector.kept)
      }
        + verifying.map { row in
          MutantReport.Case(
            id: row.vector.id, kills: Self.ids(row.kills, VerifyingMistake.all.map(\.id)), kept: row.vector.kept)
        })
  }

  private static func ids(_ kills: [Bool], _ ids: [String]) -> [String] { zip(kills, ids).filter(\.0).map(\.1) }

  private func signer(at place: Int) -> MutantReport.Mutant {
    let mistake = SigningMistake.all[place]
    let killers = signing.filter { $0.kills[place] }
    let answers = Dictionary(uniqueKeysWithValues: signing.map { ($0.vector.id, $0.authorizations[place]) })
    let telling = killers.first { row in row.authorizations.count { $0 == row.authorizations[place] } == 1 }
    return MutantReport.Mutant(
      id: mistake.id, stage: mistake.stage, does: mistake.does, killers: killers.map(\.vector.id),
      named: signers(giving: answers).map(\.id), tellingCase: telling?.vector.id)
  }

  private func verifier(at place: Int) -> MutantReport.Mutant {
    let mistake = VerifyingMistake.all[place]
    let killers = verifying.filter { $0.kills[place] }
    let answers = Dictionary(uniqueKeysWithValues: verifying.map { ($0.vector.id, $0.answers[place]) })
    return MutantReport.Mutant(
      id: mistake.id, stage: mistake.stage, does: mistake.does, killers: killers.map(\.vector.id),
      named: verifiers(answering: answers).map(\.id),
      tellingCase: killers.first { $0.kills.count { $0 } == 1 }?.vector.id)
  }
}
