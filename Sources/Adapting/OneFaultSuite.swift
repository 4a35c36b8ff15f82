public import CaseLibrary
public import Findings
internal import FoundationEssentials
public import XMLValidation

/// Documents with exactly one fault, derived from every valid one; exactly the expected findings must come.
public struct OneFaultSuite: Sendable {
  public let cases: [OneFaultCase]
  private let judge: ValidationLibrary
  private let holes: [Hole]

  /// Something in the data that the corpus knows no fault of: a case without a verdict.
  private struct Hole: Sendable {
    var id: String
    var reason: String
  }

  /// - Parameters:
  ///   - library: what the expectations are derived from.
  ///   - judge: what the documents are judged by; the same unless the suite itself is under test.
  ///   - isFull: derives every fault from every document, not only from the first with the node.
  ///   - operation: leaves out the documents of other operations; those all operations share go by their part.
  public init(
    _ corpus: Corpus, library: ValidationLibrary, judgedBy judge: ValidationLibrary? = nil, isFull: Bool = false,
    operation: String? = nil
  ) throws {
    self.judge = judge ?? library
    let validator = Validator(library: library)
    var generators: [DocumentKind: OneFaultGenerator] = [:]
    var holes: [Hole] = []
    var selection = OneFaultSelection(isFull: isFull)
    var cases: [OneFaultCase] = []
    for document in corpus.documents where operation == nil || document.kind.belongs(to: operation) {
      guard let tree = validator.tree(of: document.bytes) else {
        throw DataError(file: document.file, reason: "a document of the corpus is well-formed, this is not")
      }
      let generator = try generators[document.kind] ?? OneFaultGenerator(library: library, kind: document.kind)
      cases += generator.cases(of: document, tree: tree, selection: &selection)
      generators[document.kind] = generator
    }
    for (kind, generator) in generators.sorted(by: { $0.key.path < $1.key.path }) {
      holes += generator.unknownTypes.sorted().map {
        Hole(id: "values/\(kind.path)/\($0)", reason: "no faults of this type are known; OneFaultValues.swift has them")
      }
    }
    let proofs = try OneFaultProofs(corpus: corpus, validator: validator).cases {
      operation == nil || $0.belongs(to: operation)
    }
    self.cases = cases + proofs
    self.holes = holes
  }

  /// How many documents have a fault.
  public var faultCount: Int { cases.count { Self.hasFault($0.id) } }

  /// Whether the case of that ID is a document with a fault, not one that only looks odd.
  public static func hasFault(_ id: String) -> Bool {
    id.hasPrefix(OneFaultCase.faultPrefix) || id.hasPrefix(OneFaultCase.proofPrefix)
  }

  public func result() throws -> SuiteResult {
    let validator = Validator(library: judge)
    let missing = holes.map { CaseResult(id: $0.id, verdict: .broken(reason: $0.reason)) }
    return SuiteResult(
      name: "corpus", discovered: cases.count + missing.count,
      cases: missing + (try cases.map { try Self.judge($0, validator) }))
  }

  /// Judges cases one after the other; for one thread.
  public func makeJudge() -> (OneFaultCase) throws -> CaseResult {
    let validator = Validator(library: judge)
    return { try Self.judge($0, validator) }
  }

  /// The one line that says how well faults are found.
  public static func score(of result: SuiteResult) -> String {
    let faults = result.cases.filter { hasFault($0.id) }
    let found = faults.count { $0.verdict == .passed }
    return "\(found) of \(faults.count) one-fault documents found for their fault"
  }

  static func judge(_ one: OneFaultCase, _ validator: Validator) throws -> CaseResult {
    let check = try validator.check(one.bytes, as: one.kind, file: one.id)
    if let requirements = one.requirements { return judge(one, requirements, check.findings) }
    let found = check.findings.filter { $0.severity >= .warning }.map { ExpectedFinding($0) }.sorted()
    let requirements = one.expected.compactMap(\.requirement)
    if found == one.expected { return CaseResult(id: one.id, verdict: .passed, requirements: requirements) }
    func list(_ findings: [ExpectedFinding]) -> String {
      findings.isEmpty ? "nothing" : findings.map(\.description).joined(separator: ", ")
    }
    return CaseResult(
      id: one.id, verdict: .failed, requirements: requirements, findings: check.findings,
      detail: "expected: \(list(one.expected))\nfound:    \(list(found))")
  }
}

extension OneFaultSuite {
  /// A proof states requirements of any level; notes on others are no matter.
  private static func judge(_ one: OneFaultCase, _ requirements: [String], _ findings: [Finding]) -> CaseResult {
    let found = Set(
      findings.filter { $0.severity >= .warning || requirements.contains($0.requirement ?? "") }
        .map { $0.requirement ?? $0.id })
    if found == Set(requirements) { return CaseResult(id: one.id, verdict: .passed, requirements: requirements) }
    return CaseResult(
      id: one.id, verdict: .failed, requirements: requirements, findings: findings,
      detail:
        "expected: \(requirements.joined(separator: ", "))\nfound:    \(found.sorted().joined(separator: ", "))")
  }
}

extension DocumentKind {
  fileprivate func belongs(to name: String?) -> Bool {
    operation == name || (operation == nil && part.rawValue == name)
  }
}

// MARK: Writing the documents

extension OneFaultSuite {
  private struct IndexEntry: Encodable {
    struct Expected: Encodable {
      var id: String
      var requirement: String?
      var severity: String
    }

    var id: String
    var file: String
    var operation: String?
    var part: String
    var wellFormed: Bool
    var xsdValid: Bool?
    var expected: [Expected]
  }

  /// Writes every document below a folder, and `index.jsonl` with what is expected of each.
  public func write(to folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var index: [UInt8] = []
    var made: Set<String> = []
    for one in cases {
      let file = one.id + ".xml"
      let place = String(one.id[..<(one.id.lastIndex(of: "/") ?? one.id.startIndex)])
      if made.insert(place).inserted { try Files.makeFolder("\(folder)/\(place)") }
      try Files.write(one.bytes, to: "\(folder)/\(file)")
      index += try encoder.encode(
        IndexEntry(
          id: one.id, file: file, operation: one.kind.operation, part: one.kind.part.rawValue,
          wellFormed: one.isWellFormed, xsdValid: one.isXSDValid,
          expected: one.expected.map {
            .init(id: $0.id, requirement: $0.requirement, severity: $0.severity.rawValue)
          }))
      index.append(0x0A)
    }
    try Files.write(index, to: "\(folder)/index.jsonl")
  }
}
