internal import HTTPExchange
internal import Signing

/// Decides whether a request is signed as it must be, and by which error it is refused if not.
///
/// The order of the checks is that of the Verifier: form, SecretId, time, signature; then the token.
struct Access: Sendable {
  private let credentials: [String: Credentials]
  private let verifier: Verifier
  /// Which table the refusals are of; object calls follow that of COS.
  var errors: EmulatorConfiguration.SignatureErrors
  private let explains: Bool
  private let hasTokens: Bool

  init(_ credentials: [Credentials], _ configuration: EmulatorConfiguration) {
    let known = Dictionary(credentials.map { ($0.secretID, $0) }) { first, _ in first }
    self.credentials = known
    verifier = Verifier(toleratedSkewSeconds: configuration.toleratedSkewSeconds) { known[$0]?.secretKey }
    errors = configuration.signatureErrors
    explains = configuration.explainsSignatures
    hasTokens = credentials.contains { $0.token != nil }
  }

  func check(_ request: HTTPRequest, now: Double) throws(ServiceError) {
    if !hasTokens, verifier.accepts(request, now: Times.wholeSeconds(now)) { return }
    switch verifier.outcome(for: request, now: Times.wholeSeconds(now)) {
    case .valid(let authorization, _): try checkToken(of: request, secretID: authorization.secretID)
    case .missing: throw refusal(.missingAuthorization, .accessDenied, "The request carries no signature.")
    case .malformed(let reason):
      // Undocumented for COS (what the service says to a malformed Authorization is an open question).
      throw refusal(.invalidAuthorization, .accessDenied, "The signature cannot be read: \(reason).")
    case .unknownSecretID(let authorization):
      throw refusal(.unknownSecretID, .invalidAccessKeyID, "There is no SecretId \(authorization.secretID).")
    case .expired:
      // COS clients look for exactly this sentence before they correct their clock.
      throw errors == .ci
        ? ServiceError(.signatureExpired, "The signature has expired.")
        : ServiceError(.accessDenied, "Request has expired")
    case .notYetValid:
      throw refusal(.signatureExpired, .requestTimeTooSkewed, "The signature is not valid yet.")
    case .mismatch(_, let stages, let difference):
      var message = "The signature does not match: \(difference.stage) differs (\(difference.explanation))."
      if explains { message += " StringToSign: \(stages.stringToSign) FormatString: \(stages.httpString)" }
      throw refusal(.invalidAuthorization, .signatureDoesNotMatch, message)
    }
  }

  /// Temporary credentials count only with their token, which comes as a header or a parameter and under one of two
  /// names. The error is not documented for jobs.
  private func checkToken(of request: HTTPRequest, secretID: String) throws(ServiceError) {
    if Self.lacksToken(request, credentials[secretID]) {
      throw refusal(.invalidAuthorization, .accessDenied, "The token of the temporary credentials is missing or wrong.")
    }
  }

  /// Whether a request needs a token and has not the right one.
  static func lacksToken(_ request: HTTPRequest, _ credentials: Credentials?) -> Bool {
    guard let token = credentials?.token else { return false }
    let names = ["x-ci-security-token", "x-cos-security-token"]
    let parameters = request.rawQuery.map { PercentCoding.parameters(ofQuery: $0) } ?? []
    let given =
      names.compactMap { request.headers[$0] } + parameters.filter { names.contains($0.name) }.compactMap(\.value)
    return !given.contains(token)
  }

  private func refusal(_ ci: ServiceError.Code, _ cos: ServiceError.Code, _ message: String) -> ServiceError {
    ServiceError(errors == .ci ? ci : cos, message)
  }
}
