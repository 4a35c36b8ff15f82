public import CaseLibrary
public import Findings

/// Runs signature vectors against an implementation, stage by stage in the documentation's order.
public enum VectorSuite {
  /// The names of the stages in vectors, in the order of the documentation.
  static let stageOrder = [
    "key_time", "sign_key", "url_param_list", "http_parameters", "header_list", "http_headers", "list", "string",
    "http_string",
    "rtmp_string_sha1", "http_string_sha1", "string_to_sign", "signature", "signature_first_36_hex", "authorization",
  ]

  public static func results(
    of vectors: [SigningVector], by implementation: any SigningImplementation
  ) -> [CaseResult] {
    vectors.map { result(of: $0, by: implementation) }
  }

  /// Runs vectors for verifiers: what is valid must be let in, what is invalid must not.
  public static func results(
    of vectors: [VerifyingVector], by implementation: any VerifyingImplementation
  ) -> [CaseResult] {
    vectors.map { vector in
      do {
        let (isAccepted, words) = try implementation.verdict(on: vector)
        let isRight = vector.result == .acceptable || isAccepted == (vector.result == .valid)
        if isRight { return CaseResult(id: vector.id, verdict: .passed) }
        let finding = Finding(
          id: isAccepted ? "signing.wrong-accepted" : "signing.right-refused", severity: .error,
          place: Place(path: vector.id),
          message: isAccepted
            ? "A request with a wrong signature is let in." : "A request with a right signature is refused.",
          hint: "Flags: \(vector.flags.joined(separator: ", ")).", expected: vector.result.rawValue, actual: words)
        return CaseResult(id: vector.id, verdict: .failed, findings: [finding], detail: words)
      } catch {
        return CaseResult(id: vector.id, verdict: .broken(reason: "\(error)"))
      }
    }
  }

  static func result(of vector: SigningVector, by implementation: any SigningImplementation) -> CaseResult {
    let values: [String: String]
    do {
      guard let produced = try implementation.values(for: vector) else {
        return CaseResult(id: vector.id, verdict: .skipped(reason: "\(implementation.name) has no '\(vector.kind)'"))
      }
      values = produced
    } catch {
      return CaseResult(id: vector.id, verdict: .broken(reason: "\(error)"))
    }
    let difference = firstDifference(between: vector.published, and: values)
    if vector.agrees {
      guard let difference else { return CaseResult(id: vector.id, verdict: .passed) }
      return CaseResult(
        id: vector.id, verdict: .failed, findings: [difference.finding(vector)], detail: difference.text)
    }
    // Published values that do not follow from their inputs: a signer that makes them is wrong.
    guard difference == nil else { return CaseResult(id: vector.id, verdict: .passed) }
    let finding = Finding(
      id: "signing.reproduces-a-misprint", severity: .error, place: Place(path: vector.id),
      message: "The implementation makes the published values, which do not follow from the published inputs.",
      hint: vector.explanation)
    return CaseResult(id: vector.id, verdict: .failed, findings: [finding], detail: finding.message)
  }

  struct Difference {
    var stage: String
    var expected: String
    var actual: String

    var text: String { "first difference at \(stage)\n  expected: \(shown(expected))\n  actual:   \(shown(actual))" }

    func finding(_ vector: SigningVector) -> Finding {
      Finding(
        id: "signing.stage-differs", severity: .error, place: Place(path: vector.id),
        message: "\(stage) is not the published one.", hint: "All stages before it agree; look at what goes into it.",
        expected: expected, actual: actual)
    }

    private func shown(_ text: String) -> String {
      text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "⏎")
    }
  }

  /// The first stage whose value is not the published one; a stage that is not shown counts as different.
  static func firstDifference(between published: [String: String], and values: [String: String]) -> Difference? {
    let rank = Dictionary(uniqueKeysWithValues: stageOrder.enumerated().map { ($1, $0) })
    let names = published.keys.sorted { (rank[$0] ?? Int.max, $0) < (rank[$1] ?? Int.max, $1) }
    for name in names where values[name] != published[name] {
      return Difference(stage: name, expected: published[name] ?? "", actual: values[name] ?? "(not shown)")
    }
    return nil
  }
}
