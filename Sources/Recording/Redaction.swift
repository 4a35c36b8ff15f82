private import CCrypto
public import CaseLibrary
public import Findings
internal import HTTPExchange
internal import Signing

/// Exchanges without the secrets of who recorded them, signed again with a key that is plainly fake.
public struct Redaction: Sendable {
  public struct Exchange: Sendable {
    public var captured: CapturedExchange
    /// How the request was signed, for who sends it again.
    public var signing: Scenario.Signing
  }

  public private(set) var exchanges: [Exchange] = []
  /// Errors among them say why nothing may be written.
  public private(set) var findings: [Finding] = []
  private let identities: Identities
  /// Signatures and keys of spans, which follow from a SecretKey.
  private var derived: [(name: String, value: String)] = []

  public var mayBeWritten: Bool { !findings.contains { $0.severity == .error } }

  /// - Parameters:
  ///   - needsKeys: whether the SecretKey of every signature must be known, so that it can be searched for.
  ///   - disguises: the disguises that are seen through; all of them but in a test of that.
  public init(
    of captured: [CapturedExchange], known: Identities.Known, needsKeys: Bool = true,
    seeing disguises: Set<Disguise> = Set(Disguise.allCases)
  ) {
    for (index, exchange) in captured.enumerated() {
      findings += Self.opaqueParts(of: exchange, number: index + 1)
    }
    // What is too large is not even looked into.
    let captured = captured.contains(where: Self.isTooLarge) ? [] : captured
    identities = Identities(in: captured, known: known)
    for (kind, bytes) in identities.tooShort {
      findings.append(
        Finding(
          id: "redaction.too-short", severity: .error,
          message: "A \(kind) has only \(bytes) bytes: it would be found in words that have nothing to do with it.",
          hint: "Record with another one."))
    }
    if needsKeys, identities.unknownKeys > 0 {
      findings.append(
        Finding(
          id: "redaction.unknown-key", severity: .error,
          message: "\(identities.unknownKeys) SecretIds sign requests whose SecretKey is not known, so it cannot be "
            + "searched for.",
          hint: "Give the key pair, or --without-key when the key cannot be in these exchanges."))
    }
    let replacements = Replacements(identities.replaced, seeing: disguises)
    for exchange in captured {
      exchanges.append(redacted(exchange, replacements, known.credentials, seeing: disguises))
    }
  }

  /// Looks through files that are about to be written, in another way than the one they were redacted in.
  public mutating func scan(_ files: [(name: String, bytes: [UInt8])]) {
    let scan = LeakScan(identities.secrets + derived)
    for (name, bytes) in files {
      for kind in scan.leaks(in: bytes) {
        findings.append(
          Finding(
            id: "redaction.secret-left", severity: .error, place: Place(file: name),
            message: "A \(kind) would still be in it.",
            hint: "Nothing was written. Please report it, with the place in the message, not the value."))
      }
    }
  }

  // MARK: One exchange

  private mutating func redacted(
    _ exchange: CapturedExchange, _ replacements: Replacements, _ keys: [Credentials], seeing disguises: Set<Disguise>
  ) -> Exchange {
    let (signing, spanKey) = Self.signing(of: exchange, keys)
    var captured = Self.replaced(withoutPrivateHeaders(exchange), replacements)
    if let spanKey {
      derived.append(("key of a span", spanKey.original))
      captured = Self.replaced(captured, Replacements([spanKey], seeing: disguises))
    }
    captured.request = Self.framed(captured.request, like: exchange.request)
    captured.response = Self.framed(captured.response, like: exchange.response)
    if let change = newSignature(of: captured.request, signing), change.original != change.substitute {
      derived.append(("signature", change.original))
      captured = Self.replaced(captured, Replacements([change], seeing: disguises))
      captured.response = Self.framed(captured.response, like: exchange.response)
    }
    return Exchange(captured: captured, signing: signing)
  }

  /// Header fields that lose their values have the fakes of these.
  private func withoutPrivateHeaders(_ exchange: CapturedExchange) -> CapturedExchange {
    func headers(_ headers: HTTPHeaders) -> HTTPHeaders {
      HTTPHeaders(
        headers.fields.map { field in
          HeaderPolicy.keepsValue(field)
            ? field : HTTPHeaders.Field(field.name, identities.fake(ofHeader: field.value))
        })
    }
    var result = exchange
    result.request.headers = headers(exchange.request.headers)
    result.response.headers = headers(exchange.response.headers)
    return result
  }

  private static func replaced(_ exchange: CapturedExchange, _ replacements: Replacements) -> CapturedExchange {
    func headers(_ headers: HTTPHeaders) -> HTTPHeaders {
      HTTPHeaders(
        headers.fields.map { HTTPHeaders.Field(replacements.applied(to: $0.name), replacements.applied(to: $0.value)) })
    }
    var result = exchange
    result.request.target = replacements.applied(to: exchange.request.target)
    result.request.headers = headers(exchange.request.headers)
    result.request.body = replacements.applied(to: exchange.request.body)
    result.response.reason = replacements.applied(to: exchange.response.reason)
    result.response.headers = headers(exchange.response.headers)
    result.response.body = replacements.applied(to: exchange.response.body)
    return result
  }

  // MARK: Signatures

  /// How a request was signed, and the key of its span with the one of the substitute.
  private static func signing(
    of exchange: CapturedExchange, _ keys: [Credentials]
  ) -> (signing: Scenario.Signing, spanKey: (original: String, substitute: String)?) {
    let known = Dictionary(keys.map { ($0.secretID, $0.secretKey) }) { first, _ in first }
    let verifier = Verifier { known[$0] }
    let isRefused = exchange.response.status == 403
    let signing: Scenario.Signing
    switch verifier.outcome(for: exchange.request, now: Int64(exchange.date ?? 0)) {
    case .valid: signing = .valid
    case .missing: signing = .none
    case .expired: signing = isRefused ? .expired : .valid
    // Without a date every signature lies in the future.
    case .notYetValid: signing = .valid
    case .mismatch: signing = .wrongKey
    case .unknownSecretID, .malformed:
      let isWrong =
        isRefused && !occurrences(of: Array("SignatureDoesNotMatch".utf8), in: exchange.response.body).isEmpty
      signing = isWrong ? .wrongKey : .valid
    }
    guard let stages = verifier.stages(for: exchange.request) else { return (signing, nil) }
    // Who has the key of a span can sign until the span ends; gateways print it when they explain a refusal.
    let substitute = RequestSignature.signKey(
      secretKey: Identities.substitute(0).secretKey, keyTime: stages.keyTime)
    return (signing, stages.signKey == substitute ? nil : (stages.signKey, substitute))
  }

  /// The signature of a redacted request and the one that it has to have now.
  private func newSignature(
    of request: HTTPRequest, _ signing: Scenario.Signing
  ) -> (original: String, substitute: String)? {
    let keys = identities.substituteKeys
    let verifier = Verifier { id in keys[id].map { signing == .wrongKey ? $0 + "-wrong" : $0 } }
    guard let right = verifier.stages(for: request)?.signature else { return nil }
    // The time does not matter here: only what the signature is and what it should be.
    switch verifier.outcome(for: request, now: 0) {
    case .valid(let found, _), .unknownSecretID(let found), .notYetValid(let found), .expired(let found),
      .mismatch(let found, _, _):
      return (found.signature, right)
    case .missing, .malformed: return nil
    }
  }

  // MARK: Framing

  private static func framed(_ request: HTTPRequest, like original: HTTPRequest) -> HTTPRequest {
    var request = request
    frame(&request.headers, body: request.body, original: (original.headers, original.body))
    return request
  }

  private static func framed(_ response: HTTPResponse, like original: HTTPResponse) -> HTTPResponse {
    var response = response
    frame(&response.headers, body: response.body, original: (original.headers, original.body))
    return response
  }

  /// Length and digest of the body as it is now. A digest that was wrong stays wrong.
  private static func frame(
    _ headers: inout HTTPHeaders, body: [UInt8], original: (headers: HTTPHeaders, body: [UInt8])
  ) {
    if headers["Transfer-Encoding"] != nil {
      headers.remove("Transfer-Encoding")
      headers.set("Content-Length", "\(body.count)")
    } else if original.headers["Content-Length"] == "\(original.body.count)" {
      headers.set("Content-Length", "\(body.count)")
    }
    if let digest = original.headers["Content-MD5"], digest == contentMD5(of: original.body) {
      headers.set("Content-MD5", contentMD5(of: body))
    }
  }

  private static func contentMD5(of bytes: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: 16)
    _ = unsafe bytes.withUnsafeBytes {
      unsafe EVP_Digest($0.baseAddress, $0.count, &digest, nil, EVP_md5(), nil)
    }
    return String(decoding: base64(digest), as: UTF8.self)
  }

  // MARK: What cannot be looked into

  private static func opaqueParts(of exchange: CapturedExchange, number: Int) -> [Finding] {
    let parts = [
      ("request", exchange.request.headers, exchange.request.body),
      ("response", exchange.response.headers, exchange.response.body),
    ]
    return parts.compactMap { name, headers, body in
      guard let reason = opacity(headers, body) else { return nil }
      return Finding(
        id: "redaction.opaque-body", severity: .error, place: Place(file: "exchange \(number) \(name)"),
        message: "The body \(reason), so nobody can be sure what is in it.",
        hint: "Let the client send 'Accept-Encoding: identity', or leave the exchange out.")
    }
  }

  /// What `record` takes, and what is looked into in a few seconds.
  static let bodyBytesMax = 16 << 20

  private static func isTooLarge(_ exchange: CapturedExchange) -> Bool {
    max(exchange.request.body.count, exchange.response.body.count) > bodyBytesMax
  }

  private static func opacity(_ headers: HTTPHeaders, _ body: [UInt8]) -> String? {
    guard !body.isEmpty else { return nil }
    if body.count > bodyBytesMax { return "has \(body.count) bytes, more than the 16 MiB that are looked into" }
    if let coding = headers["Content-Encoding"], !sameName(coding, "identity") { return "is coded as '\(coding)'" }
    if body.contains(0) || String(validating: body, as: UTF8.self) == nil { return "is no text in UTF-8" }
    if !occurrences(of: Array("<!ENTITY".utf8), in: body).isEmpty { return "declares entities of XML" }
    // What a gzip file in base64 starts with.
    if !occurrences(of: Array("H4sI".utf8), in: body).isEmpty { return "holds compressed data in base64" }
    return nil
  }
}
