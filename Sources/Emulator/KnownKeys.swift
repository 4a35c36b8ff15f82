internal import HTTPExchange
internal import Signing

/// The key pairs whose signatures count.
struct KnownKeys: Sendable {
  let verifier: Verifier
  private let credentials: [String: Credentials]
  private let hasTokens: Bool

  init(_ credentials: [Credentials], toleratedSkewSeconds: Int64) {
    let known = Dictionary(credentials.map { ($0.secretID, $0) }) { first, _ in first }
    self.credentials = known
    hasTokens = credentials.contains { $0.token != nil }
    verifier = Verifier(toleratedSkewSeconds: toleratedSkewSeconds) { known[$0]?.secretKey }
  }

  /// Whether a request is surely signed as it must be; one with a token is left to the verifier and `lacksToken`.
  func accept(_ request: HTTPRequest, now: Int64) -> Bool { !hasTokens && verifier.accepts(request, now: now) }

  /// Whether a request needs a token and has not the right one. The token comes as a header or a parameter and under one
  /// of two names.
  func lacksToken(_ request: HTTPRequest, secretID: String) -> Bool {
    guard let token = credentials[secretID]?.token else { return false }
    let names = ["x-ci-security-token", "x-cos-security-token"]
    let parameters = request.parameters
    let given =
      names.compactMap { request.headers[$0] } + parameters.filter { names.contains($0.name) }.compactMap(\.value)
    return !given.contains(token)
  }
}
