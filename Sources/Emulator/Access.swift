internal import HTTPExchange
internal import Signing

/// Decides whether a request is signed as it must be, and by which error it is refused if not.
///
/// The order of the checks is that of the Verifier: form, SecretId, time, signature; then the token.
struct Access: Sendable {
  private let keys: KnownKeys
  /// Which table the refusals are of; object calls follow that of COS.
  var errors: EmulatorConfiguration.SignatureErrors
  private let explains: Bool

  init(_ credentials: [Credentials], _ configuration: EmulatorConfiguration) {
    keys = KnownKeys(credentials, toleratedSkewSeconds: configuration.toleratedSkewSeconds)
    errors = configuration.signatureErrors
    explains = configuration.explainsSignatures
  }

  func check(_ request: HTTPRequest, now: Double) throws(ServiceError) {
    let seconds = Times.wholeSeconds(now)
    if keys.accept(request, now: seconds) { return }
    switch keys.verifier.outcome(for: request, now: seconds) {
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

  /// Temporary credentials count only with their token. The error is not documented for jobs.
  private func checkToken(of request: HTTPRequest, secretID: String) throws(ServiceError) {
    if keys.lacksToken(request, secretID: secretID) {
      throw refusal(.invalidAuthorization, .accessDenied, "The token of the temporary credentials is missing or wrong.")
    }
  }

  private func refusal(_ ci: ServiceError.Code, _ cos: ServiceError.Code, _ message: String) -> ServiceError {
    ServiceError(errors == .ci ? ci : cos, message)
  }
}
