internal import FoundationEssentials
public import CaseLibrary
public import Findings
public import XMLValidation

/// The comparer held against its own vectors.
public enum ComparisonSuite {
  /// What a vector says of a difference, or what was found.
  private struct Said: Hashable, Comparable, CustomStringConvertible {
    var nodeClass: String
    var path: String
    var description: String { "\(nodeClass) \(path)" }

    static func < (one: Said, other: Said) -> Bool { one.description < other.description }
  }

  public static func result(
    catalogue: Catalogue, library: ValidationLibrary, folder: DataFolder, gate: CaseGate = CaseGate()
  ) throws -> SuiteResult {
    let vectors = try ComparisonVector.all(in: folder)
    let comparer = try AnswerComparer(catalogue: catalogue, library: library)
    return gate.suite("comparison", of: vectors, id: \.id) { result(of: $0, by: comparer) }
  }

  public static func result(of vector: ComparisonVector, by comparer: AnswerComparer) -> CaseResult {
    do {
      let outcome = try outcome(of: vector, by: comparer)
      let shortfalls = shortfalls(vector, outcome)
      return CaseResult(
        id: vector.id, verdict: shortfalls.isEmpty ? .passed : .failed,
        requirements: vector.differences.compactMap(\.requirement),
        detail: shortfalls.isEmpty ? "" : ([vector.reason] + shortfalls + [outcome.shortDiff]).joined(separator: "\n"))
    } catch {
      return CaseResult(id: vector.id, verdict: .broken(reason: "\(error)"))
    }
  }

  private static func outcome(
    of vector: ComparisonVector, by comparer: AnswerComparer
  ) throws -> ComparisonOutcome {
    var bindings = Bindings()
    let hint = KindHint(operation: vector.operation, part: DocumentKind.Part(rawValue: vector.part))
    for pair in vector.earlier ?? [] {
      _ = try comparer.outcome(
        recorded: ComparedAnswer(name: "recorded", text: Array(pair.recorded.utf8)),
        actual: ComparedAnswer(name: "actual", text: Array(pair.actual.utf8)), context: ComparisonContext(hint: hint),
        bindings: &bindings)
    }
    let request = vector.request.flatMap { comparer.tree(of: Array($0.utf8)) }
    return try comparer.outcome(
      recorded: ComparedAnswer(name: "recorded", text: Array(vector.recorded.utf8)),
      actual: ComparedAnswer(name: "actual", text: try actualBytes(vector)),
      context: ComparisonContext(hint: hint, request: request), bindings: &bindings)
  }

  private static func actualBytes(_ vector: ComparisonVector) throws -> [UInt8] {
    if let text = vector.actual { return Array(text.utf8) }
    guard let data = vector.actualBase64.flatMap({ Data(base64Encoded: $0) }) else {
      throw DataError(file: vector.id, reason: "the vector has neither 'actual' nor 'actualBase64' that can be read")
    }
    return Array(data)
  }

  private static func shortfalls(_ vector: ComparisonVector, _ outcome: ComparisonOutcome) -> [String] {
    var sentences: [String] = []
    if outcome.isEqual != vector.equal {
      sentences.append("the answers are \(vector.equal ? "equal" : "not equal"), but the comparer says otherwise")
    }
    var found = outcome.differences.map { Said(nodeClass: $0.kind.rawValue, path: $0.path) }
    for expected in vector.differences {
      let said = Said(nodeClass: expected.class, path: expected.path)
      guard let index = found.firstIndex(of: said) else {
        sentences.append("not found: \(said)")
        continue
      }
      found.remove(at: index)
      let candidates = outcome.differences.filter { $0.kind.rawValue == said.nodeClass && $0.path == said.path }
      if !candidates.contains(where: { matches($0, expected) }) {
        sentences.append("\(said): \(candidates.map(described).joined(separator: "; ")) is not what is expected")
      }
    }
    return sentences + found.sorted().map { "found, but not expected: \($0)" }
  }

  private static func matches(_ difference: Difference, _ expected: ComparisonVector.Expected) -> Bool {
    func isAt(_ place: Place, _ wanted: [Int]?) -> Bool { wanted.map { $0 == [place.line, place.column] } ?? true }
    let proposed = expected.proposedType.map { difference.proposal?.contains(" type=\"\($0)\"") ?? false }
    return (expected.requirement == nil || expected.requirement == difference.requirement) && (proposed ?? true)
      && isAt(difference.recordedPlace, expected.recordedPlace) && isAt(difference.actualPlace, expected.actualPlace)
  }

  private static func described(_ difference: Difference) -> String {
    func place(_ place: Place) -> String { "\(place.line ?? 0):\(place.column ?? 0)" }
    return
      "\(difference.id) [\(difference.requirement ?? "no requirement")] recorded \(place(difference.recordedPlace)), "
      + "actual \(place(difference.actualPlace)): \(difference.message)"
  }
}
