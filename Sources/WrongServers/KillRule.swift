public import Findings
internal import HTTPExchange

extension ServerMutant {
  /// Its row of the matrix before any case was run.
  public var unjudged: MutantMatrix.Mutant {
    MutantMatrix.Mutant(id: id, family: family, does: does, expects: names.map(\.description))
  }

  /// A case that fails kills; one of its errors that is about the mistake names it. A case without a verdict names
  /// nothing, and what is only told as a warning or a note kills nothing.
  public func add(_ result: CaseResult, to row: inout MutantMatrix.Mutant) {
    switch result.verdict {
    case .passed, .skipped: return
    case .broken: row.others.append(result.id)
    case .failed:
      let about = result.findings.filter { finding in
        finding.severity == .error && names.contains { $0.fits(finding, of: result.id) }
      }
      guard !about.isEmpty else {
        row.others.append(result.id)
        return
      }
      let words = about.map { $0.requirement ?? $0.id + ($0.place.path.map { " \($0)" } ?? "") }
      row.killers.append(
        MutantMatrix.Killer(
          caseID: result.id, names: words.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }))
    }
  }

  /// Mutants that must not count as caught: they try the rule itself, and are judged only when they are asked for.
  public static let controls: [ServerMutant] = [
    ServerMutant("control/nothing", "makes no mistake, whatever its row says", [.kind("*")], Fault()),
    ServerMutant(
      "control/misnamed", "sends no Date, and is expected to be found for its UserData",
      [.kind("replay.value-changed", at: "*/UserData")]
    ) { $0.response.headers.set("Date", Fault.none) },
  ]
}
