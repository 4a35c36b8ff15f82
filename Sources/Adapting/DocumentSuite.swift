public import CaseLibrary
public import Findings
public import XMLValidation

/// Proves the schemas on the spot: each compiles, and each sample of the pages is judged as its manifest says.
public enum DocumentSuite {
  private enum DocumentCase {
    case schema(kind: DocumentKind, file: String)
    case sample(Sample)
    case repaired(Sample, file: String)

    var id: String {
      switch self {
      case .schema(_, let file): "compile/\(file)"
      case .sample(let sample): "samples/\(sample.id)"
      case .repaired(let sample, _): "repaired/\(sample.id)"
      }
    }
  }

  public static func result(
    catalogue: Catalogue, library: ValidationLibrary, folder: DataFolder, gate: CaseGate = CaseGate()
  ) throws -> SuiteResult {
    let validator = Validator(library: library)
    let schemas = catalogue.definitions.map { DocumentCase.schema(kind: $0.kind, file: $0.schema) }
    let samples = try Sample.all(in: folder).flatMap { sample -> [DocumentCase] in
      [.sample(sample)] + (sample.repaired.map { [.repaired(sample, file: $0)] } ?? [])
    }
    return try gate.suite("schemas", of: schemas + samples, id: \.id) { one in
      switch one {
      case .schema(let kind, _): compile(kind, library, id: one.id)
      case .sample(let sample): try judge(sample, validator, folder, id: one.id)
      case .repaired(let sample, let file): try judge(repaired: file, of: sample, validator, folder, id: one.id)
      }
    }
  }

  private static func compile(_ kind: DocumentKind, _ library: ValidationLibrary, id: String) -> CaseResult {
    do {
      _ = try library.model(of: kind)
      return CaseResult(id: id, verdict: .passed)
    } catch {
      return CaseResult(id: id, verdict: .broken(reason: "\(error)"))
    }
  }

  private static func judge(
    _ sample: Sample, _ validator: Validator, _ folder: DataFolder, id: String
  ) throws -> CaseResult {
    let file = "Schemas/samples/\(sample.file)"
    let check = try validator.check(try folder.read(file), as: sample.kind, file: file)
    let found = check.findings.filter { $0.severity >= .warning }.map {
      "\($0.requirement ?? $0.id) \($0.erratum ?? "-")"
    }
    let expected = sample.expected.findings.map { "\($0.requirement) \($0.erratum ?? "-")" }
    guard check.isValid == sample.expected.valid, found.sorted() == expected.sorted() else {
      return CaseResult(
        id: id, verdict: .failed, findings: check.findings,
        detail:
          "expected: \(expected.sorted().joined(separator: ", "))\nfound:    \(found.sorted().joined(separator: ", "))")
    }
    return CaseResult(id: id, verdict: .passed)
  }

  private static func judge(
    repaired name: String, of sample: Sample, _ validator: Validator, _ folder: DataFolder, id: String
  ) throws -> CaseResult {
    let file = "Schemas/samples/\(name)"
    let findings = try validator.check(try folder.read(file), as: sample.kind, file: file).findings
      .filter { $0.severity >= .warning }
    return CaseResult(id: id, verdict: findings.isEmpty ? .passed : .failed, findings: findings)
  }
}
