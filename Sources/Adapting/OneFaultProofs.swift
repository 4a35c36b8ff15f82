internal import CaseLibrary
internal import Findings
internal import XMLValidation

/// The proofs of requirements: each breaks one of them in a valid document, and nothing else may be found.
struct OneFaultProofs {
  let corpus: Corpus
  let validator: Validator

  /// - Parameter isIncluded: whether the documents of a kind are wanted.
  func cases(where isIncluded: (DocumentKind) -> Bool) throws -> [OneFaultCase] {
    var counts: [String: Int] = [:]
    var cases: [OneFaultCase] = []
    for proof in corpus.breaks {
      guard let document = corpus.document(named: proof.document) else {
        throw problem(proof, "there is no document '\(proof.document)'")
      }
      guard isIncluded(document.kind) else { continue }
      // A second proof of the same requirement tells its document, so that the first keeps its ID.
      let number = counts[proof.requirement, default: 0]
      counts[proof.requirement] = number + 1
      let id = "requirement/\(proof.requirement)" + (number == 0 ? "" : "/\(document.id)")
      let bytes = try edited(document.bytes, proof)
      cases.append(
        OneFaultCase(
          id: cases.contains { $0.id == id } ? "\(id)/\(slug(of: proof))" : id, kind: document.kind,
          bytes: bytes, expected: [],
          requirements: ([proof.requirement] + (proof.also ?? [])).sorted()))
    }
    return cases
  }

  private func slug(of proof: CorpusBreak) -> String {
    proof.edit.map { edit in
      ([edit.op.rawValue] + edit.path.split(separator: "/").suffix(2).map(String.init) + [edit.value, edit.to])
        .compactMap { $0 }.joined(separator: "-")
    }.joined(separator: "+").replacing("/", with: "-").replacing(" ", with: "-")
  }

  private func problem(_ proof: CorpusBreak, _ reason: String) -> DataError {
    DataError(file: "Schemas/corpus/corpus.json", reason: "in the proof of \(proof.requirement), \(reason)")
  }

  private func edited(_ bytes: [UInt8], _ proof: CorpusBreak) throws -> [UInt8] {
    guard let tree = validator.tree(of: bytes) else { throw problem(proof, "the document is not well-formed") }
    do {
      return try CorpusBreak.document(of: tree, edited: proof.edit)
    } catch {
      throw problem(proof, error.description)
    }
  }
}
