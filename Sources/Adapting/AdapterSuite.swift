public import CaseLibrary
public import Findings
internal import HTTPExchange
internal import Signing

/// Runs the signature vectors against an implementation behind the adapter protocol.
public enum AdapterSuite {
  /// The suites' cases before they are run.
  public struct Selection: Sendable {
    public var signing: [SigningVector]
    /// Vectors for signers whose request is made into a URL.
    public var presigning: [SigningVector]
    public var verifying: [VerifyingVector]

    /// - Parameter gate: says of each case whether it is wanted.
    public init(signing: [SigningVector], verifying: [VerifyingVector], gate: CaseGate) {
      self.signing = signing.filter { gate.isWanted($0.id, suite: "signing") }
      presigning = signing.filter {
        AdapterSuite.isPresigned($0) && gate.isWanted(AdapterSuite.presigningID(of: $0), suite: "presigning")
      }
      self.verifying = verifying.filter { gate.isWanted($0.id, suite: "verifying") }
    }
  }

  /// The ID of the case that makes a URL of a vector's request.
  public static func presigningID(of vector: SigningVector) -> String {
    "presigning" + vector.id.dropFirst("signing".count)
  }

  /// Whether a vector's request can be a URL: generated, with the host that the URL needs.
  public static func isPresigned(_ vector: SigningVector) -> Bool {
    vector.kind == "sign" && !vector.isPublished && host(of: vector) != nil
  }

  /// Throws `AdapterUnusable` when it does not start; what is left of one that is given up is broken.
  public static func suites(
    of selection: Selection, by adapter: Adapter, notes: VectorNotes = VectorNotes(), repeats: Int = 1
  ) throws -> [SuiteResult] {
    let judge = AdapterJudge(hello: adapter.hello, notes: notes)
    let parts: [(name: String, cases: [AdapterCase])] = [
      ("signing", selection.signing.map(judge.signing)),
      ("presigning", selection.presigning.map(judge.presigning)),
      ("verifying", selection.verifying.map(judge.verifying)),
    ]
    let asked = parts.flatMap(\.cases).filter { adapter.hello.commands.contains($0.request.command) }
    let start = monotonicSeconds()
    // The first round counts; more of them only take time, to be measured.
    let rounds = Array(repeating: asked.map(\.request), count: repeats).flatMap { $0 }
    var outcomes = try adapter.outcomes(of: rounds).makeIterator()
    let seconds = monotonicSeconds() - start
    return parts.filter { !$0.cases.isEmpty }.map { name, cases in
      let results = cases.map { one in
        guard adapter.hello.commands.contains(one.request.command), let outcome = outcomes.next() else {
          return CaseResult(
            id: one.id, verdict: .skipped(reason: "\(adapter.hello.name) has no '\(one.request.command.rawValue)'"))
        }
        return one.result(of: outcome)
      }
      // The cases are asked in one go; each suite gets its share of the time.
      let share = Double(cases.count { adapter.hello.commands.contains($0.request.command) })
      return SuiteResult(
        name: name, discovered: cases.count, cases: results, seconds: seconds * share / Double(max(1, asked.count)))
    }
  }

  static func host(of vector: SigningVector) -> String? {
    (vector.input.headers ?? []).first { sameName($0.first ?? "", "host") }?.last
  }
}

/// One case: what is asked, and what is made of an answer.
struct AdapterCase {
  var id: String
  var request: AdapterRequest
  /// The SHOULD-be of a refusal: whether `error` is right for this case.
  var mayRefuse: Bool
  /// Judges an answer that the protocol allows.
  var judge: (_ answer: [String: AdapterValue]) -> CaseResult

  func result(of outcome: AdapterOutcome) -> CaseResult {
    switch outcome {
    case .outOfTime: return CaseResult(id: id, verdict: RunEnd.outOfTime.verdict)
    case .givenUp:
      return CaseResult(id: id, verdict: .broken(reason: "it was not asked: the adapter had failed too often"))
    case .failed(let fault):
      let finding = Finding(
        id: "adapter.\(fault.kind.rawValue)", severity: .error, place: Place(path: id),
        message: "The adapter came to no answer: \(fault.description).")
      let errors = fault.errors.split(separator: "\n").suffix(20).joined(separator: "\n  ")
      return CaseResult(
        id: id, verdict: .failed, findings: [finding],
        detail: errors.isEmpty ? "" : "its standard error ends with:\n  \(errors)")
    case .answer(let answer):
      if let reason = answer["skipped"]?.text { return CaseResult(id: id, verdict: .skipped(reason: reason)) }
      guard let refusal = answer["error"]?.text else { return judge(answer) }
      guard !mayRefuse else { return CaseResult(id: id, verdict: .passed) }
      let finding = Finding(
        id: "adapter.refused", severity: .error, place: Place(path: id),
        message: "The implementation refuses a case that is valid.", actual: refusal)
      return CaseResult(id: id, verdict: .failed, findings: [finding], detail: refusal)
    }
  }
}

/// Makes cases of vectors for one adapter.
struct AdapterJudge {
  let hello: AdapterHello
  let notes: VectorNotes

  // MARK: Signers

  func signing(_ vector: SigningVector) -> AdapterCase {
    var request: AdapterRequest
    if KitSigner.requestKinds.contains(vector.kind) {
      request = signRequest(.sign, vector)
    } else {
      request = AdapterRequest(.derive)
      request.kind = vector.kind
      request.input = vector.input
    }
    return AdapterCase(id: vector.id, request: request, mayRefuse: !vector.agrees) { answer in
      let stages = answer["stages"]?.texts ?? [:]
      return request.command == .sign
        ? judgeRequest(vector, id: vector.id, stages: stages)
        : judgeShown(vector, id: vector.id, expected: vector.published, values: stages, input: nil)
    }
  }

  private func signRequest(_ command: AdapterRequest.Command, _ vector: SigningVector) -> AdapterRequest {
    let input = vector.input
    var request = AdapterRequest(command)
    request.request = AdapterRequest.Message(
      method: input.method ?? "", path: input.path ?? "", params: input.params ?? [], headers: input.headers ?? [])
    if let wire = input.target?.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init) {
      request.request?.wirePath = wire[0]
      request.request?.wireQuery = wire.count == 2 ? wire[1] : nil
    }
    request.credentials = AdapterRequest.KeyPair(id: input.secretID ?? "", key: input.secretKey ?? "")
    request.keyTime = input.keyTime ?? ""
    request.signTime = input.signTime ?? input.keyTime ?? ""
    request.signedHeaderNames = input.signedHeaderNames
    request.signedParamNames = input.signedParamNames
    request.now = TimeSpan(parsing: request.signTime ?? "")?.start ?? 0
    return request
  }

  /// Judges stages with an Authorization, for what the implementation chose where it chooses.
  private func judgeRequest(_ vector: SigningVector, id: String, stages: [String: String]) -> CaseResult {
    var values = stages
    var input = vector.input
    if let authorization = try? Authorization(parsing: stages["authorization"] ?? "") {
      let shown = [
        "key_time": authorization.keyTime, "url_param_list": authorization.urlParamList,
        "header_list": authorization.headerList, "signature": authorization.signature,
      ]
      values.merge(shown) { stage, _ in stage }
      if let finding = apply(authorization, to: &input, id: id) {
        return CaseResult(id: id, verdict: .failed, findings: [finding])
      }
    }
    if let signature = values["signature"] { values["signature_first_36_hex"] = String(signature.prefix(36)) }
    do {
      var expected = vector.published
      if vector.agrees {
        let made = try KitSigner().values(for: with(vector, input)) ?? [:]
        expected = input == vector.input ? made.merging(vector.published) { $1 } : made
      }
      return judgeShown(vector, id: id, expected: expected, values: values, input: input)
    } catch {
      return CaseResult(id: id, verdict: .broken(reason: "\(error)"))
    }
  }

  private func with(_ vector: SigningVector, _ input: SigningVector.Input) -> SigningVector {
    var vector = vector
    vector.input = input
    return vector
  }

  /// Compares what is shown; nothing else is known of the implementation.
  private func judgeShown(
    _ vector: SigningVector, id: String, expected: [String: String], values: [String: String],
    input: SigningVector.Input?
  ) -> CaseResult {
    let shown = expected.filter { values[$0.key] != nil }
    guard !shown.isEmpty else {
      let names = expected.keys.sorted().joined(separator: ", ")
      return CaseResult(id: id, verdict: .skipped(reason: "it shows none of \(names)"))
    }
    return VectorSuite.result(
      of: vector, id: id, expected: shown, values: values, input: input, lesson: notes.lesson(of: vector.flags))
  }

  // MARK: Choices

  /// Puts what the implementation chose into the input; a choice that it may not make is a finding.
  private func apply(
    _ authorization: Authorization, to input: inout SigningVector.Input, id: String
  ) -> Finding? {
    func finding(_ kind: String, _ message: String, _ hint: String) -> Finding {
      Finding(id: kind, severity: .error, place: Place(path: id), message: message, hint: hint)
    }
    func foreign(_ list: String, among names: [String]) -> String? {
      let own = Set(names.map { PercentCoding.encode($0).lowercased() })
      return self.names(list).first { !own.contains($0.lowercased()) }
    }
    if hello.chooses.contains(.headers) {
      let names = (input.headers ?? []).map { $0.first ?? "" }
      if let name = foreign(authorization.headerList, among: names) {
        return finding(
          "signing.foreign-header", "q-header-list names '\(name)', which the request does not have.",
          "A verifier rebuilds the signature from the request it gets.")
      }
      let listed = self.names(authorization.headerList)
      if names.contains(where: { sameName($0, "host") }), !listed.contains(where: { sameName($0, "host") }) {
        return finding(
          "signing.host-unsigned", "The host is not signed.",
          "Without it the signature holds for every bucket that the key may use.")
      }
      input.signedHeaderNames = listed
    }
    if hello.chooses.contains(.params) {
      if let name = foreign(authorization.urlParamList, among: (input.params ?? []).map { ($0.first ?? "") ?? "" }) {
        return finding(
          "signing.foreign-parameter", "q-url-param-list names '\(name)', which the request does not have.",
          "A verifier rebuilds the signature from the request it gets.")
      }
      input.signedParamNames = names(authorization.urlParamList)
    }
    if hello.chooses.contains(.times) {
      for (name, text) in [("q-key-time", authorization.keyTime), ("q-sign-time", authorization.signTime)]
      where TimeSpan(parsing: text) == nil {
        return finding(
          "signing.times", "\(name) is '\(text)', not two Unix times with a semicolon between.",
          "Such as 1557989151;1557996351.")
      }
      (input.keyTime, input.signTime) = (authorization.keyTime, authorization.signTime)
    }
    return nil
  }

  private func names(_ list: String) -> [String] { list.isEmpty ? [] : list.split(separator: ";").map(String.init) }

  // MARK: URLs

  func presigning(_ vector: SigningVector) -> AdapterCase {
    let id = AdapterSuite.presigningID(of: vector)
    var request = signRequest(.presign, vector)
    let url = "https://" + (AdapterSuite.host(of: vector) ?? "")
    request.url = url
    return AdapterCase(id: id, request: request, mayRefuse: false) { answer in
      do {
        let presigned = try PresignedURL(answer["url"]?.text ?? "", base: url, of: vector.input)
        var stages = answer["stages"]?.texts ?? [:]
        stages["authorization"] = presigned.authorization(
          listing: KitSigner.signedInput(of: vector.input).parameters.map(\.name))
        let result = judgeRequest(vector, id: id, stages: stages)
        guard result.verdict == .passed, let refusal = presigned.refusal(of: vector.input) else { return result }
        let finding = Finding(
          id: "presign.refused", severity: .error, place: Place(path: id),
          message: "The signature is right, but a request of the URL is refused: \(refusal).",
          hint: notes.lesson(of: vector.flags), actual: presigned.target)
        return CaseResult(id: id, verdict: .failed, findings: [finding])
      } catch {
        let finding = Finding(
          id: "presign.url", severity: .error, place: Place(path: id), message: "The URL is wrong: \(error).",
          hint: notes.lesson(of: vector.flags), actual: answer["url"]?.text)
        return CaseResult(id: id, verdict: .failed, findings: [finding], detail: answer["url"]?.text ?? "")
      }
    }
  }

  // MARK: Verifiers

  func verifying(_ vector: VerifyingVector) -> AdapterCase {
    var request = AdapterRequest(.verify)
    request.request = AdapterRequest.Message(
      method: vector.request.method, target: vector.request.target, headers: vector.request.headers)
    request.secrets = vector.secrets
    request.now = vector.now
    return AdapterCase(id: vector.id, request: request, mayRefuse: vector.result != .valid) { answer in
      let isAccepted = answer["accepted"]?.flag ?? false
      let words = isAccepted ? "accepted" : "refused: " + (answer["reason"]?.text ?? "no reason given")
      return VectorSuite.result(
        of: vector, isAccepted: isAccepted, words: words, lesson: notes.lesson(of: vector.flags))
    }
  }
}
