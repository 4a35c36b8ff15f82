public import HTTPExchange

/// Checks the signature of a request by rebuilding it from the lists that the signature itself carries.
public struct Verifier: Sendable, CustomReflectable {
  /// The secret key of a SecretId, nil when there is no such key.
  public var secretKey: @Sendable (_ secretID: String) -> String?
  /// How far the start of a signature may lie in the future before it counts as not yet valid.
  public var toleratedSkewSeconds: Int64
  /// Whether a request whose Host has a port may be signed without it: one SDK does so whenever the port is explicit.
  public var allowsHostWithoutPort: Bool
  private let keys = KeyCache()

  /// - Parameters:
  ///   - toleratedSkewSeconds: how far, in seconds, the start of a signature may lie in the future.
  ///   - allowsHostWithoutPort: whether a signature over the host without its port is right too.
  ///   - secretKey: looks up the secret key of a SecretId; called at most once for an outcome.
  public init(
    toleratedSkewSeconds: Int64 = 900, allowsHostWithoutPort: Bool = true,
    secretKey: @escaping @Sendable (String) -> String?
  ) {
    self.secretKey = secretKey
    self.toleratedSkewSeconds = toleratedSkewSeconds
    self.allowsHostWithoutPort = allowsHostWithoutPort
  }

  /// What `dump` shows: no key that was looked up before.
  public var customMirror: Mirror {
    Mirror(
      self,
      children: [
        "toleratedSkewSeconds": toleratedSkewSeconds, "allowsHostWithoutPort": allowsHostWithoutPort,
      ], displayStyle: .struct)
  }

  /// What a signature is found to be.
  public enum Outcome: Sendable, Equatable {
    /// The signature is right, and its time is now.
    case valid(Authorization, Delivery)
    /// No signature in any of the three places.
    case missing
    /// A field is missing, repeated, unknown or not of its form; the reason is a clause for people.
    case malformed(reason: String)
    /// There is no secret key for its SecretId.
    case unknownSecretID(Authorization)
    /// A span starts later than the tolerated skew allows.
    case notYetValid(Authorization)
    /// A span is over, or ends before it starts.
    case expired(Authorization)
    /// The server's own stages, to be shown beside the client's.
    case mismatch(Authorization, RequestSignature.Stages, firstDifference: Difference)
  }

  /// The first documented stage at which the request and its signature part.
  public struct Difference: Sendable, Equatable {
    /// The stage's name in `RequestSignature.stageNames`.
    public var stage: String
    /// The server's value of it.
    public var expected: String
    /// The client's value of it.
    public var actual: String
    /// A clause for people.
    public var explanation: String
    /// The mistake that gives the client's signature, when one of the catalogue does.
    public var mistake: String?
    /// Others of the catalogue that give the same signature of this request, so that another request has to tell.
    public var otherMistakes: [String] = []
    /// The name, encoded, that is listed as signed and not in the request, when that is the difference; `expected` then
    /// is the list without such names.
    public var absentName: String?
  }

  /// The outcome at a time given in Unix seconds. The order of the checks is that of the troubleshooting page: form,
  /// SecretId, time, signature.
  public func outcome(for request: HTTPRequest, now: Int64) -> Outcome {
    let presented: Presented
    do {
      guard let found = try Presented(in: request) else { return .missing }
      presented = found
    } catch {
      return .malformed(reason: error.description)
    }
    let authorization = presented.authorization
    if let reason = Self.malformation(of: authorization) { return .malformed(reason: reason) }
    guard let secretKey = secretKey(authorization.secretID) else { return .unknownSecretID(authorization) }
    // When the two spans differ, both must hold: which one the service goes by is not documented.
    for span in [authorization.keyTime, authorization.signTime].compactMap({ TimeSpan(parsing: $0) }) {
      if now > span.end || span.end <= span.start { return .expired(authorization) }
      if now + toleratedSkewSeconds < span.start { return .notYetValid(authorization) }
    }
    let credentials = Credentials(secretID: authorization.secretID, secretKey: secretKey)
    var candidates = [request]
    if allowsHostWithoutPort, let host = request.headers["Host"], let colon = host.utf8.lastIndex(of: 0x3A),
      host[host.utf8.index(after: colon)...].utf8.allSatisfy({ (0x30...0x39).contains($0) })
    {
      var withoutPort = request
      withoutPort.headers.set("Host", String(host[..<colon]))
      candidates.append(withoutPort)
    }
    var mismatch: Outcome?
    for candidate in candidates {
      let (stages, absent) = presented.stages(of: candidate, credentials: credentials)
      if absent == nil, equalsInConstantTime(stages.signature.utf8, authorization.signature.utf8) {
        return .valid(authorization, presented.delivery)
      }
      if mismatch == nil {
        mismatch = .mismatch(
          authorization, stages,
          firstDifference: absent
            ?? presented.diagnosis(of: request, credentials: credentials, stages: stages))
      }
    }
    return mismatch ?? .missing
  }

  /// Whether the outcome is `valid`: what a server under load asks. A signature made as the kit's own signer makes it is
  /// compared as a whole; any other takes the way of the stages.
  public func accepts(_ request: HTTPRequest, now: Int64) -> Bool {
    let known = keys.lastSecretID
    if let header = request.headers["Authorization"], let claim = FastSigning.Claim(header, known: known),
      let secretKey = secretKey(claim.secretID), isCurrent(claim.keyTime, now), isCurrent(claim.signTime, now),
      FastSigning.isSigned(request, as: header, claim: claim, secretKey: secretKey, keys: keys) == true
    {
      if claim.secretID != known { keys.lastSecretID = claim.secretID }
      return true
    }
    if case .valid = outcome(for: request, now: now) { return true }
    return false
  }

  private func isCurrent(_ span: TimeSpan, _ now: Int64) -> Bool {
    now <= span.end && span.start < span.end && span.start <= now + toleratedSkewSeconds
  }

  /// The signature that a request carries; nil when it has none that can be read.
  public func authorization(of request: HTTPRequest) -> Authorization? {
    (try? Presented(in: request)).flatMap { $0 }?.authorization
  }

  /// How the signature of a request was delivered; nil when it has none that can be read.
  public func delivery(of request: HTTPRequest) -> Delivery? {
    (try? Presented(in: request)).flatMap { $0 }?.delivery
  }

  /// Every place of a request in which a signature stands, in the order in which they are looked for: the first is judged.
  public static func deliveries(of request: HTTPRequest) -> [Delivery] {
    let parameters = request.parameters
    return request.headers.values(of: "Authorization").filter { !$0.isEmpty }.map { _ in .header }
      + (parameters.contains { Authorization.fieldNames.contains($0.name) } ? [.query] : [])
      + parameters.filter { $0.name == "sign" && (try? Authorization(parsing: $0.value ?? "")) != nil }.map { _ in .sign
      }
  }

  /// The stages as the server computes them from the request and the lists of its signature; nil when it carries none
  /// that can be read, or one of an unknown SecretId.
  public func stages(for request: HTTPRequest) -> RequestSignature.Stages? {
    guard let presented = (try? Presented(in: request)).flatMap({ $0 }),
      let secretKey = secretKey(presented.authorization.secretID)
    else { return nil }
    let credentials = Credentials(secretID: presented.authorization.secretID, secretKey: secretKey)
    return presented.stages(of: request, credentials: credentials).stages
  }

  /// Why an Authorization with all its fields is still not one, nil when it is.
  private static func malformation(of authorization: Authorization) -> String? {
    guard authorization.algorithm == "sha1" else {
      return "q-sign-algorithm is '\(authorization.algorithm)', not 'sha1'"
    }
    for (name, value) in [("q-sign-time", authorization.signTime), ("q-key-time", authorization.keyTime)]
    where TimeSpan(parsing: value) == nil {
      return "\(name) is '\(value)', not two Unix times with a semicolon between"
    }
    guard authorization.signature.utf8.count == 40,
      authorization.signature.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else { return "q-signature is not 40 lower-case hexadecimal digits" }
    return nil
  }
}

/// A signature as it was found in a request.
struct Presented {
  var authorization: Authorization
  var delivery: Delivery
  /// The parameters of the request without those that carry the signature.
  private var parameters: [Parameter]

  /// A signature that is not in the request, whose parameters are all its own.
  init(_ authorization: Authorization, in request: HTTPRequest) {
    self.authorization = authorization
    delivery = .header
    parameters = request.parameters
  }

  /// Nil when the request carries no signature. The header comes first: what the service does with two is open.
  init?(in request: HTTPRequest) throws(AuthorizationError) {
    let all = request.parameters
    if let header = request.headers["Authorization"], !header.isEmpty {
      authorization = try Authorization(parsing: header)
      delivery = .header
      parameters = all
    } else if all.contains(where: { Authorization.fieldNames.contains($0.name) }) {
      let carriers = all.filter { Authorization.fieldNames.contains($0.name) }
      authorization = try Authorization(fields: carriers.map { ($0.name, $0.value ?? "") })
      delivery = .query
      parameters = all.filter { !Authorization.fieldNames.contains($0.name) }
    } else if let sign = all.first(where: { $0.name == "sign" })?.value {
      authorization = try Authorization(parsing: sign)
      delivery = .sign
      parameters = all.filter { $0.name != "sign" }
    } else {
      return nil
    }
  }

  /// The longest target and headers that every mistake of the catalogue is made on.
  private static let diagnosedBytesMax = 65_536

  /// The first stage at which a known mistake gives the client's signature; else no more than that it differs.
  func diagnosis(
    of request: HTTPRequest, credentials: Credentials, stages: RequestSignature.Stages
  ) -> Verifier.Difference {
    let length =
      request.target.utf8.count + request.headers.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    guard length <= Self.diagnosedBytesMax else {
      return Verifier.Difference(
        stage: "Signature", expected: stages.signature, actual: authorization.signature,
        explanation: "the known mistakes were not tried: the target and headers have \(length) bytes, and at most "
          + "\(Self.diagnosedBytesMax) are gone through for each")
    }
    let carriers: [String] =
      switch delivery {
      case .header: []
      case .query: Authorization.fieldNames
      case .sign: ["sign"]
      }
    let signer = MistakenSigner(
      request: request, authorization: authorization, credentials: credentials, isCarrier: carriers.contains)
    let fitting = SigningMistake.fitting(by: signer, for: authorization)
    if let mistake = fitting.first {
      let (made, right) = (signer.stages(with: mistake), stages)
      let place = RequestSignature.stageNames.first { $0.name == mistake.stage }?.value
      let isThere = place.map { right[keyPath: $0] != made[keyPath: $0] } ?? false
      return Verifier.Difference(
        stage: mistake.stage, expected: isThere ? right[keyPath: place ?? \.signature] : stages.signature,
        actual: isThere ? made[keyPath: place ?? \.signature] : authorization.signature,
        explanation: "the signature is that of a signer that \(mistake.does)", mistake: mistake.id,
        otherMistakes: fitting.dropFirst().map(\.id))
    }
    return Verifier.Difference(
      stage: "Signature", expected: stages.signature, actual: authorization.signature,
      explanation: "no single known mistake gives it: a value, the path, the method or the secret key is another")
  }

  /// The stages rebuilt from the request in the order of the lists, and the first listed name that it does not hold.
  func stages(
    of request: HTTPRequest, credentials: Credentials
  ) -> (stages: RequestSignature.Stages, absent: Verifier.Difference?) {
    let (signedParameters, absentParameter) = Self.select(
      authorization.urlParamList, from: parameters.map { ($0.name, $0.value ?? "") })
    let (signedHeaders, absentHeader) = Self.select(
      authorization.headerList, from: request.headers.fields.map { ($0.name, $0.value) })
    let stages = RequestSignature.stages(
      method: request.method, path: PercentCoding.decode(request.rawPath, plusIsSpace: true),
      parameters: signedParameters, headers: signedHeaders, credentials: credentials,
      keyTime: authorization.keyTime, signTime: authorization.signTime)
    func difference(_ stage: String, _ held: String, _ list: String, _ name: String) -> Verifier.Difference {
      Verifier.Difference(
        stage: stage, expected: held, actual: list, explanation: "'\(name)' is signed and not in the request",
        absentName: name)
    }
    let absent =
      absentParameter.map { difference("UrlParamList", stages.urlParamList, authorization.urlParamList, $0) }
      ?? absentHeader.map { difference("HeaderList", stages.headerList, authorization.headerList, $0) }
    return (stages, absent)
  }

  /// The pairs named by a list, in its order, and the first name that is not there.
  ///
  /// A name is compared encoded and in small letters. One that arrives with its encoding lost (lists in a URL are
  /// encoded once by some clients and twice by others) is encoded before it is looked for.
  private static func select(
    _ list: String, from pairs: [(name: String, value: String)]
  ) -> (CanonicalList, absent: String?) {
    guard !list.isEmpty else { return (CanonicalList(names: [], pairs: []), nil) }
    let encoded = pairs.map { PercentCoding.encode($0.name).lowercased() }
    var places = PlacesByName(encoded)
    var names: [UInt8] = []
    var joined: [UInt8] = []
    var absent: String?
    var isFirst = true
    for listed in list.utf8.split(separator: 0x3B, omittingEmptySubsequences: false) {
      // Letters beyond ASCII keep their case: the name was lowered when it was encoded.
      let name = String(decoding: listed.map(asciiLowercased), as: UTF8.self)
      guard let place = places.take(name) ?? places.take(PercentCoding.encode(name).lowercased()) else {
        absent = absent ?? name
        continue
      }
      if !isFirst {
        names.append(0x3B)
        joined.append(0x26)
      }
      isFirst = false
      names.append(contentsOf: encoded[place].utf8)
      joined.append(contentsOf: encoded[place].utf8)
      joined.append(0x3D)
      PercentCoding.appendEncoded(pairs[place].value, to: &joined)
    }
    return (CanonicalList(names: names, pairs: joined), absent)
  }
}
