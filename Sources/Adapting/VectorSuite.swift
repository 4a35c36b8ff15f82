public import CaseLibrary
public import Findings
internal import Signing

/// Runs signature vectors against an implementation, stage by stage in the documentation's order.
public enum VectorSuite {
  /// The names of the stages in vectors, in the order of the documentation.
  static let stageOrder = [
    "key_time", "sign_key", "url_param_list", "http_parameters", "header_list", "http_headers", "list", "string",
    "http_string",
    "rtmp_string_sha1", "http_string_sha1", "string_to_sign", "signature", "signature_first_36_hex", "authorization",
  ]

  /// Runs a vector for verifiers: what is valid must be let in, what is invalid must not.
  public static func result(
    of vector: VerifyingVector, by implementation: any VerifyingImplementation
  ) -> CaseResult {
    do {
      let (isAccepted, words) = try implementation.verdict(on: vector)
      return result(of: vector, isAccepted: isAccepted, words: words)
    } catch {
      return CaseResult(id: vector.id, verdict: .broken(reason: "\(error)"))
    }
  }

  static func result(
    of vector: VerifyingVector, isAccepted: Bool, words: String, lesson: String? = nil
  ) -> CaseResult {
    let isRight = vector.result == .acceptable || isAccepted == (vector.result == .valid)
    if isRight { return CaseResult(id: vector.id, verdict: .passed) }
    let finding = Finding(
      id: isAccepted ? "signing.wrong-accepted" : "signing.right-refused", severity: .error,
      place: Place(path: vector.id),
      message: isAccepted
        ? "A request with a wrong signature is let in." : "A request with a right signature is refused.",
      hint: lesson ?? "Flags: \(vector.flags.joined(separator: ", ")).", expected: vector.result.rawValue, actual: words
    )
    return CaseResult(id: vector.id, verdict: .failed, findings: [finding], detail: words)
  }

  /// Runs a vector for signers: the stages that it has values for must be made.
  public static func result(
    of vector: SigningVector, by implementation: any SigningImplementation
  ) -> CaseResult {
    do {
      guard let values = try implementation.values(for: vector) else {
        return CaseResult(id: vector.id, verdict: .skipped(reason: "\(implementation.name) has no '\(vector.kind)'"))
      }
      return result(of: vector, expected: vector.published, values: values)
    } catch {
      return CaseResult(id: vector.id, verdict: .broken(reason: "\(error)"))
    }
  }

  /// Judges the values made for a vector.
  ///
  /// - Parameters:
  ///   - id: of the case, when it is not the vector's own.
  ///   - input: what was signed, when the implementation chose it.
  ///   - lesson: what the case teaches, shown when it fails.
  static func result(
    of vector: SigningVector, id: String? = nil, expected: [String: String], values: [String: String],
    input: SigningVector.Input? = nil, lesson: String? = nil
  ) -> CaseResult {
    let id = id ?? vector.id
    let difference = firstDifference(between: expected, and: values)
    if vector.agrees {
      guard let difference else { return CaseResult(id: id, verdict: .passed) }
      let mistakes = fittingMistakes(in: input ?? vector.input, values: values)
      // An adapter's own choices make other values than the published ones expected.
      let isPublished = vector.isPublished && vector.published[difference.stage] == difference.expected
      return CaseResult(
        id: id, verdict: .failed,
        findings: [difference.finding(id, isPublished: isPublished, lesson: lesson, shown: values)],
        detail: difference.text(mistakes: mistakes))
    }
    // Published values that do not follow from their inputs: a signer that makes them is wrong.
    guard difference == nil else { return CaseResult(id: id, verdict: .passed) }
    let finding = Finding(
      id: "signing.reproduces-a-misprint", severity: .error, place: Place(path: id),
      message: "The implementation makes the published values, which do not follow from the published inputs.",
      hint: vector.explanation)
    return CaseResult(id: id, verdict: .failed, findings: [finding], detail: finding.message)
  }

  struct Difference {
    var stage: String
    var expected: String
    var actual: String?

    func text(mistakes: [SigningMistake]) -> String {
      var lines = ["first difference at \(stage)"]
      lines += actual.map { TextDifference(expected: expected, actual: $0).lines } ?? ["  it is not shown"]
      if let mistake = mistakes.first {
        lines.append("  likely mistake: \(mistake.id): the signer \(mistake.does)")
        let others = mistakes.dropFirst().map(\.id)
        if !others.isEmpty { lines.append("  or as likely:   \(others.joined(separator: ", "))") }
      }
      return lines.joined(separator: "\n")
    }

    /// - Parameter isPublished: whether somebody published the value that is expected.
    /// - Parameter shown: the stages that the implementation shows.
    func finding(_ id: String, isPublished: Bool, lesson: String?, shown: [String: String]) -> Finding {
      Finding(
        id: "signing.stage-differs", severity: .error, place: Place(path: id),
        message: "\(stage) is not the \(isPublished ? "published" : "expected") one.",
        hint: lesson ?? hint(shown),
        expected: expected, actual: actual ?? "(not shown)")
    }

    /// What the stages before this one say, as far as they are shown.
    private func hint(_ shown: [String: String]) -> String {
      let ofRequest = ["http_string", "string_to_sign", "signature", "signature_first_36_hex", "authorization"]
      let before = min(ofRequest.firstIndex(of: stage) ?? 0, 2)
      let hidden = ofRequest[..<before].filter { shown[$0] == nil }
      // Vectors that are no requests have lists or a digest of their own.
      guard !hidden.isEmpty, shown["authorization"] != nil else {
        return "All stages before it agree; look at what goes into it."
      }
      return "The stages that it shows agree; show \(hidden.joined(separator: " and ")) to see where it parts."
    }
  }

  /// The first stage whose value is not the expected one; a stage that is not shown counts as different.
  static func firstDifference(between published: [String: String], and values: [String: String]) -> Difference? {
    let rank = Dictionary(uniqueKeysWithValues: stageOrder.enumerated().map { ($1, $0) })
    let names = published.keys.sorted { (rank[$0] ?? Int.max, $0) < (rank[$1] ?? Int.max, $1) }
    for name in names {
      let difference = Difference(stage: name, expected: published[name] ?? "", actual: values[name])
      // By the bytes: Swift takes texts for equal that differ in their Unicode normalization form alone.
      if let actual = difference.actual, actual.utf8.elementsEqual(difference.expected.utf8) { continue }
      if name == "authorization", isSameAuthorization(difference) { continue }
      return difference
    }
    return nil
  }

  /// Whether two Authorizations have the same fields; their order is free.
  private static func isSameAuthorization(_ difference: Difference) -> Bool {
    func fields(_ text: String) -> [[UInt8]] {
      text.utf8.split(separator: 0x26, omittingEmptySubsequences: false).map(Array.init)
        .sorted { $0.lexicographicallyPrecedes($1) }
    }
    return difference.actual.map { fields($0) == fields(difference.expected) } ?? false
  }

  /// The catalogue's mistakes that give what was made of an input, the likely one first.
  static func fittingMistakes(in input: SigningVector.Input, values: [String: String]) -> [SigningMistake] {
    guard values["signature"] != nil, input.method != nil, let keyTime = input.keyTime else { return [] }
    return SigningMistake.fitting(
      for: KitSigner.signedInput(of: input), target: input.target, secretKey: input.secretKey ?? "", keyTime: keyTime,
      signTime: input.signTime ?? keyTime, stages: values)
  }
}
