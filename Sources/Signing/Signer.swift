public import HTTPExchange

/// Signs whole requests the way the SDKs do: every parameter, and the headers of the set they have in common.
public struct Signer: Sendable, CustomReflectable {
  /// Whose key signs.
  public var credentials: Credentials
  /// How the signature travels.
  public var delivery: Delivery
  /// How long before the time of signing the span starts.
  public var secondsBefore: Int64
  /// How long after the time of signing the span ends.
  public var secondsAfter: Int64
  /// The span of the key when it is not to follow from the time of signing.
  public var keyTime: TimeSpan?
  /// The span of the signature when it is another than the key's.
  public var signTime: TimeSpan?
  private let keys = KeyCache()

  /// Signs from a minute ago, for clocks that are behind, to fifteen minutes from now, unless told otherwise.
  public init(
    credentials: Credentials, delivery: Delivery = .header, secondsBefore: Int64 = 60, secondsAfter: Int64 = 900
  ) {
    self.credentials = credentials
    self.delivery = delivery
    self.secondsBefore = secondsBefore
    self.secondsAfter = secondsAfter
  }

  /// What `dump` shows: no key, neither the credentials' own nor one that was made of it.
  public var customMirror: Mirror {
    Mirror(self, children: ["credentials": credentials, "delivery": delivery], displayStyle: .struct)
  }

  /// Whether the SDKs sign a header by default: a set they have in common, and all that start with `x-cos-` or `x-ci-`.
  public static func signsByDefault(headerNamed name: String) -> Bool { SignedHeaderName.isSigned(name) }

  /// What is signed of a request.
  public static func input(for request: HTTPRequest) -> RequestSignature.Input {
    RequestSignature.Input(
      method: request.method, path: PercentCoding.decode(request.rawPath, plusIsSpace: true),
      parameters: request.parameters,
      headers: request.headers.fields.filter { signsByDefault(headerNamed: $0.name) })
  }

  /// Every stage of the signature of a request.
  /// - Parameters:
  ///   - request: the request to sign.
  ///   - now: Unix seconds.
  public func stages(for request: HTTPRequest, now: Int64) -> RequestSignature.Stages {
    RequestSignature.stages(
      for: Self.input(for: request), credentials: credentials,
      keyTime: keyTime ?? TimeSpan(start: now - secondsBefore, end: now + secondsAfter), signTime: signTime)
  }

  /// The Authorization alone: the stages' last, without a string for each of the others.
  public func authorization(for request: HTTPRequest, now: Int64) -> String {
    let span = keyTime ?? TimeSpan(start: now - secondsBefore, end: now + secondsAfter)
    return FastSigning.authorization(
      for: request, credentials: credentials, keyTime: span, signTime: signTime, keys: keys)
      ?? stages(for: request, now: now).authorization
  }

  /// The header or parameter of the token: `x-cos-security-token` on hosts of COS, `x-ci-security-token` on others.
  public static func tokenName(forHost host: String?) -> String {
    let labels = (host ?? "").utf8.split(separator: 0x2E).map {
      String(decoding: $0.map(asciiLowercased), as: UTF8.self)
    }
    return labels.contains("cos") ? "x-cos-security-token" : "x-ci-security-token"
  }

  /// The request as it is signed: without another signature, and with the token when it travels in a header, where it
  /// is signed too.
  public func prepared(_ request: HTTPRequest) -> HTTPRequest {
    var request = request
    request.headers.remove("Authorization")
    if delivery == .header, let token = credentials.token {
      request.headers.set(Self.tokenName(forHost: request.headers["Host"]), token)
    }
    return request
  }

  /// The request with its signature, and with the token of temporary credentials when there is one.
  public func signed(_ request: HTTPRequest, now: Int64) -> HTTPRequest {
    var request = prepared(request)
    guard delivery != .header else {
      request.headers.set("Authorization", authorization(for: request, now: now))
      return request
    }
    let stages = stages(for: request, now: now)
    let authorization = Authorization(
      secretID: credentials.secretID, signTime: signTime?.description ?? stages.keyTime, keyTime: stages.keyTime,
      headerList: stages.headerList, urlParamList: stages.urlParamList, signature: stages.signature)
    request.target += request.rawQuery == nil ? "?" : request.rawQuery == "" ? "" : "&"
    request.target += delivery == .query ? authorization.query : authorization.signParameter
    if let token = credentials.token {
      let name = Self.tokenName(forHost: request.headers["Host"])
      request.target += "&\(name)=" + PercentCoding.encode(token)
    }
    return request
  }
}
