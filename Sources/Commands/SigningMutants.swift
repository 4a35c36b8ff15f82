internal import Adapting
internal import CaseLibrary
internal import Findings

/// The wrong signers and verifiers of `cispec vectors --mutants` in the form of the matrix.
enum SigningMutants {
  static func suites(_ folder: DataFolder, isFull: Bool, _ isSelected: (String) -> Bool) throws -> [MutantMatrix.Suite]
  {
    let report = Mutants(signing: try SigningVector.all(in: folder), verifying: try VerifyingVector.all(in: folder))
      .report
    return [("signer", report.signers), ("verifier", report.verifiers)].map { kind, mutants in
      MutantMatrix.Suite(
        name: kind + "s",
        mutants: mutants.map { mutant($0, kind, isFull: isFull) }.filter { isSelected($0.id) })
    }
  }

  /// Named when the diagnosis from its answers gives its own ID and no other.
  private static func mutant(_ made: MutantReport.Mutant, _ kind: String, isFull: Bool) -> MutantMatrix.Mutant {
    let cases = isFull ? made.killers : Array([made.tellingCase ?? made.killers.first].compactMap { $0 })
    return MutantMatrix.Mutant(
      id: "\(kind)/\(made.id)", family: made.stage, does: made.does, expects: [made.id],
      killers: made.isNamed ? cases.map { MutantMatrix.Killer(caseID: $0, names: made.named) } : [],
      others: made.isNamed ? [] : cases)
  }
}

/// The documents with one fault in the form of the matrix.
enum DocumentMutants {
  static func suite(
    _ folder: DataFolder, _ catalogue: Catalogue, threads: Int, _ isSelected: (String) -> Bool
  ) throws -> MutantMatrix.Suite {
    let suite = try OneFaultSuite(try Corpus(folder, catalogue), library: catalogue.validationLibrary())
    let results = try judged(suite, threads: threads)
    func mutants(_ isChosen: (String) -> Bool) -> [MutantMatrix.Mutant] {
      results.filter { isChosen($0.id) && isSelected("document/" + $0.id) }.map { result in
        let names = result.requirements
        let isNamed = result.verdict == .passed
        return MutantMatrix.Mutant(
          id: "document/" + result.id, family: family(of: result.id), does: "has one fault", expects: names,
          killers: isNamed ? [MutantMatrix.Killer(caseID: result.id, names: names)] : [],
          others: isNamed || result.findings.isEmpty ? [] : [result.id])
      }
    }
    let harmless = results.filter { !OneFaultSuite.hasFault($0.id) && isSelected("document/" + $0.id) }.map { result in
      MutantMatrix.Mutant(
        id: "document/" + result.id, family: family(of: result.id), does: "has no fault",
        others: result.verdict == .passed ? [] : [result.id])
    }
    return MutantMatrix.Suite(name: "documents", mutants: mutants(OneFaultSuite.hasFault), harmless: harmless)
  }

  /// The documents' kind, such as `jobs.query.response`.
  private static func family(of id: String) -> String {
    let parts = id.split(separator: "/")
    return parts.first == "requirement" ? "requirement" : String(parts.dropFirst().first ?? "")
  }

  private static func judged(_ suite: OneFaultSuite, threads: Int) throws -> [CaseResult] {
    var results: [CaseResult] = []
    var failure: (any Error)?
    let pool = WorkerPool<Range<Int>, Result<[CaseResult], any Error>>(
      WorkerPool.Bounds(threads: threads, itemsMax: 64, bytesMax: .max),
      makeWorker: {
        let judge = suite.makeJudge()
        return { range in Result { try suite.cases[range].map(judge) } }
      },
      deliver: { result in
        switch result {
        case .success(let judged): results += judged
        case .failure(let error): failure = failure ?? error
        }
      })
    for start in stride(from: 0, to: suite.cases.count, by: 256) {
      pool.submit(start..<min(start + 256, suite.cases.count), bytes: 0)
    }
    pool.finish()
    if let failure { throw failure }
    return results
  }
}
