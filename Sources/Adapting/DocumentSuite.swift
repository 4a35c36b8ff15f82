public import CaseLibrary
public import Findings
public import XMLValidation

/// Proves the schemas on the spot: each compiles, and each sample of the pages is judged as its manifest says.
public enum DocumentSuite {
  public static func result(
    catalogue: Catalogue, library: ValidationLibrary, folder: DataFolder
  ) throws -> SuiteResult {
    let validator = Validator(library: library)
    let samples = try Sample.all(in: folder)
    var cases: [CaseResult] = []
    for definition in catalogue.definitions {
      do {
        _ = try library.model(of: definition.kind)
        cases.append(CaseResult(id: "compile/\(definition.schema)", verdict: .passed))
      } catch {
        cases.append(CaseResult(id: "compile/\(definition.schema)", verdict: .broken(reason: "\(error)")))
      }
    }
    for sample in samples {
      cases.append(try judge(sample, validator, folder))
      if let repaired = sample.repaired { cases.append(try judgeRepaired(sample, repaired, validator, folder)) }
    }
    let repairedCount = samples.count { $0.repaired != nil }
    return SuiteResult(
      name: "schemas", discovered: catalogue.definitions.count + samples.count + repairedCount, cases: cases)
  }

  private static func judge(_ sample: Sample, _ validator: Validator, _ folder: DataFolder) throws -> CaseResult {
    let file = "Schemas/samples/\(sample.file)"
    let check = try validator.check(try folder.read(file), as: sample.kind, file: file)
    let found = check.findings.filter { $0.severity >= .warning }.map {
      "\($0.requirement ?? $0.id) \($0.erratum ?? "-")"
    }
    let expected = sample.expected.findings.map { "\($0.requirement) \($0.erratum ?? "-")" }
    let id = "samples/\(sample.id)"
    guard check.isValid == sample.expected.valid, found.sorted() == expected.sorted() else {
      return CaseResult(
        id: id, verdict: .failed, findings: check.findings,
        detail:
          "expected: \(expected.sorted().joined(separator: ", "))\nfound:    \(found.sorted().joined(separator: ", "))")
    }
    return CaseResult(id: id, verdict: .passed)
  }

  private static func judgeRepaired(
    _ sample: Sample, _ repaired: String, _ validator: Validator, _ folder: DataFolder
  ) throws -> CaseResult {
    let file = "Schemas/samples/\(repaired)"
    let findings = try validator.check(try folder.read(file), as: sample.kind, file: file).findings
      .filter { $0.severity >= .warning }
    return CaseResult(
      id: "repaired/\(sample.id)", verdict: findings.isEmpty ? .passed : .failed, findings: findings)
  }
}
