internal import Findings
internal import HTTPExchange
internal import Signing

/// What is wrong with the signature of a request, in the words of the documented stages.
struct SignatureJudgement: Sendable {
  private let keys: KnownKeys

  init(_ credentials: [Credentials], toleratedSkewSeconds: Int64) {
    keys = KnownKeys(credentials, toleratedSkewSeconds: toleratedSkewSeconds)
  }

  /// Nothing for a signature that is right at that time. No finding holds a key, a signature or a token.
  func findings(in request: HTTPRequest, now: Double) -> [Finding] {
    let seconds = Times.wholeSeconds(now)
    if keys.accept(request, now: seconds) { return [] }
    let line = request.headers.fields.firstIndex { sameName($0.name, "Authorization") }.map { $0 + 2 } ?? 1
    func finding(
      _ id: String, _ message: String, requirement: String? = nil, hint: String? = nil,
      expected: String? = nil, actual: String? = nil
    ) -> [Finding] {
      [
        Finding(
          id: id, requirement: requirement, severity: .error, place: Place(line: line, column: 1),
          message: message, hint: hint, expected: expected, actual: actual)
      ]
    }
    switch keys.verifier.outcome(for: request, now: seconds) {
    case .valid(let authorization, _):
      guard keys.lacksToken(request, secretID: authorization.secretID) else { return [] }
      return finding(
        "signature.token", "The token of the temporary credentials is missing or wrong.",
        requirement: "request-headers.security-token.with-temporary-credentials",
        hint: "Send it as x-ci-security-token.")
    case .missing:
      return finding(
        "signature.missing", "The request carries no signature, neither in a header nor in the query.",
        requirement: "request-headers.authorization.required", expected: "Authorization")
    case .malformed(let reason):
      return finding(
        "signature.malformed", "The signature cannot be read: \(reason).",
        requirement: "request-headers.authorization.form")
    case .unknownSecretID(let authorization):
      return finding(
        "signature.unknown-secret-id", "There is no key pair with the SecretId '\(authorization.secretID)'.",
        hint: "Give the key pair with --secret-file, or sign with one that was given.")
    case .expired(let authorization):
      return finding(
        "signature.expired", "The signature is over: it is \(seconds), after its span \(authorization.signTime).",
        hint: "Is the client's clock right?", expected: "\(seconds)", actual: authorization.signTime)
    case .notYetValid(let authorization):
      return finding(
        "signature.not-yet-valid",
        "The signature is not valid yet: it is \(seconds), before its span \(authorization.signTime).",
        hint: "Is the client's clock right?", expected: "\(seconds)", actual: authorization.signTime)
    case .mismatch(_, _, let difference):
      let isShown = Self.shownStages.contains(difference.stage)
      return finding(
        "signature.mismatch",
        "The signature does not match; the first difference is at \(difference.stage): \(difference.explanation).",
        hint: difference.mistake.map { "The mistake is \($0)." } ?? "cispec verify --explain shows every stage.",
        expected: isShown ? difference.expected : nil, actual: isShown ? difference.actual : nil)
    }
  }

  /// The stages that are no secret and make none.
  private static let shownStages: Set<String> = [
    "KeyTime", "UrlParamList", "HttpParameters", "HeaderList", "HttpHeaders", "HttpString", "StringToSign",
  ]
}
