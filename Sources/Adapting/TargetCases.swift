public import CaseLibrary
public import Findings
public import HTTPExchange
public import Signing

/// One request for a server, and whether it may be let in.
public struct TargetCase: Sendable {
  public var id: String
  public var flags: [String]
  public var request: HTTPRequest
  public var result: VerifyingVector.Result
  /// When the request is to be sent; nil for a server with a clock of its own.
  public var now: Int64?

  /// A recorded case, for a server whose clock can be set.
  public init(_ vector: VerifyingVector) {
    id = vector.id
    flags = vector.flags
    request = HTTPRequest(
      method: vector.request.method, target: vector.request.target,
      headers: HTTPHeaders(vector.request.headers.map { HTTPHeaders.Field($0.first ?? "", $0.last ?? "") }))
    result = vector.result
    now = vector.now
  }

  init(_ id: String, _ flags: [String], _ request: HTTPRequest, _ result: VerifyingVector.Result) {
    self.id = id
    self.flags = flags
    self.request = request
    self.result = result
  }
}

/// The cases for verifiers made anew for a server with its own clock and keys: a right request, and what is done to it.
public struct TargetCases {
  private let credentials: Credentials
  private let host: String
  private let now: Int64

  /// - Parameters:
  ///   - host: what the Host field says.
  ///   - now: the server's time in Unix seconds.
  public init(credentials: Credentials, host: String, now: Int64) {
    self.credentials = credentials
    self.host = host
    self.now = now
  }

  /// A request, and the signature it is to carry.
  private struct Draft {
    var request: HTTPRequest
    var fields: [(name: String, value: String)]

    mutating func set(_ field: String, _ change: (String) -> String) {
      fields = fields.map { $0.name == field ? ($0.name, change($0.value)) : $0 }
    }

    func delivered(_ delivery: Delivery) -> HTTPRequest {
      var request = request
      let joint = request.target.contains("?") ? "&" : "?"
      let text = fields.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
      switch delivery {
      case .header: request.headers.append("Authorization", text)
      case .query:
        let query = fields.map { "\($0.name)=\(PercentCoding.encode($0.value))" }.joined(separator: "&")
        request.target += joint + query
      case .sign: request.target += joint + "sign=" + PercentCoding.encode(text)
      }
      return request
    }
  }

  private static let queueID = "p00000000000010008000000000000000"
  /// The parameters beside size: with them the request is one that a server grants when it lets the signature pass.
  private static let others = "queueId=\(queueID)&tag=Animation&states=All"

  private func draft(
    secretKey: String? = nil, start: Int64? = nil, end: Int64? = nil, signsHost: Bool = true, size: String = "10",
    sentAs sent: String = "10"
  ) -> Draft {
    let headers = [HTTPHeaders.Field("Host", host), HTTPHeaders.Field("x-ci-a", "b c")]
    let span = TimeSpan(start: start ?? now - 60, end: end ?? now + 900)
    let stages = RequestSignature.stages(
      for: RequestSignature.Input(
        method: "GET", path: "/jobs",
        parameters: [
          Parameter(name: "size", value: size), Parameter(name: "states", value: "All"),
          Parameter(name: "queueId", value: Self.queueID), Parameter(name: "tag", value: "Animation"),
        ],
        headers: signsHost ? headers : Array(headers.dropFirst())),
      credentials: Credentials(secretID: credentials.secretID, secretKey: secretKey ?? credentials.secretKey),
      keyTime: span)
    let values = [
      "sha1", credentials.secretID, span.description, span.description, stages.headerList, stages.urlParamList,
      stages.signature,
    ]
    let request = HTTPRequest(method: "GET", target: "/jobs?size=\(sent)&\(Self.others)", headers: HTTPHeaders(headers))
    return Draft(request: request, fields: Array(zip(Authorization.fieldNames, values)).map { ($0, $1) })
  }

  /// All cases, each delivery with the same.
  public var all: [TargetCase] {
    Delivery.allCases.flatMap { delivery in
      mutations.map { name, flags, result, change in
        var draft = draft()
        change(&draft)
        return TargetCase("target/\(delivery.rawValue)/\(name)", flags, finished(draft.delivered(delivery)), result)
      }
    } + [TargetCase("target/none", ["malformed"], finished(draft().request), .invalid)]
  }

  private func finished(_ request: HTTPRequest) -> HTTPRequest {
    var request = request
    if let token = credentials.token { request.headers.append("x-ci-security-token", token) }
    return request
  }

  private typealias Mutation = (
    name: String, flags: [String], result: VerifyingVector.Result, change: (inout Draft) -> Void
  )

  private var mutations: [Mutation] { harmless + tampering + fieldChanges + times + missingAndRepeated }

  private var harmless: [Mutation] {
    [
      ("right", ["delivery"], .valid, { _ in }),
      ("harmless/unsigned-header", ["unsigned"], .valid, { $0.request.headers.append("User-Agent", "x") }),
      ("harmless/param-order", ["unsigned"], .valid, { $0.request.target = "/jobs?\(Self.others)&size=10" }),
      ("harmless/param-escaped", ["unsigned"], .valid, { $0.request.target = "/jobs?s%69ze=%31%30&\(Self.others)" }),
      ("harmless/unsigned-param", ["unsigned"], .valid, { $0.request.target += "&orderByTime=Desc" }),
      ("harmless/param-plus-is-space", ["wire"], .valid, { $0 = draft(size: "1 0", sentAs: "1+0") }),
      ("harmless/field-order", ["delivery"], .valid, { $0.fields.reverse() }),
      ("host-unsigned", ["replay"], .acceptable, { $0 = draft(signsHost: false) }),
    ]
  }

  private var tampering: [Mutation] {
    [
      ("tampered/method", ["tampered"], .invalid, { $0.request.method = "POST" }),
      ("tampered/path", ["tampered"], .invalid, { $0.request.target = "/Jobs?size=10&\(Self.others)" }),
      ("tampered/param-value", ["tampered"], .invalid, { $0.request.target = "/jobs?size=11&\(Self.others)" }),
      (
        "tampered/param-missing", ["tampered"], .invalid,
        { $0.request.target = "/jobs?size=10&" + Self.others.replacing("&states=All", with: "") }
      ),
      ("tampered/header-value", ["tampered"], .invalid, { $0.request.headers.set("x-ci-a", "b  c") }),
      ("tampered/header-missing", ["tampered"], .invalid, { $0.request.headers.remove("x-ci-a") }),
      ("tampered/host", ["replay"], .invalid, { $0.request.headers.set("Host", "other" + host) }),
      ("wrong-key", ["wrong-key"], .invalid, { $0 = draft(secretKey: "another") }),
    ]
  }

  private var fieldChanges: [Mutation] {
    let changes: [(String, String, (String) -> String)] = [
      ("algorithm", "q-sign-algorithm", { _ in "sha256" }), ("id-unknown", "q-ak", { _ in "AKIDnobody" }),
      ("sign-time-longer", "q-sign-time", { $0 + "0" }), ("key-time-longer", "q-key-time", { $0 + "0" }),
      ("sign-time-words", "q-sign-time", { _ in "now;later" }), ("header-list-empty", "q-header-list", { _ in "" }),
      ("header-list-longer", "q-header-list", { "date;" + $0 }), ("param-list-empty", "q-url-param-list", { _ in "" }),
      ("signature-other", "q-signature", { String($0.dropLast()) + ($0.hasSuffix("0") ? "1" : "0") }),
      ("signature-cut", "q-signature", { String($0.dropLast()) }), ("signature-empty", "q-signature", { _ in "" }),
      ("signature-longer", "q-signature", { $0 + "0" }),
      ("signature-capitals", "q-signature", { $0.uppercased() }),
      ("param-list-longer", "q-url-param-list", { "nosuch;" + $0 }),
    ]
    return changes.map { name, field, change in
      ("field/\(name)", ["tampered", "malformed"], .invalid, { $0.set(field, change) })
    }
  }

  private var times: [Mutation] {
    [
      ("expired/a-day-ago", ["expired"], .invalid, { $0 = draft(start: now - 90_000, end: now - 86_400) }),
      ("expired/two-minutes-ago", ["expired"], .invalid, { $0 = draft(start: now - 900, end: now - 120) }),
      ("expired/not-yet", ["expired"], .invalid, { $0 = draft(start: now + 86_400, end: now + 90_000) }),
      ("expired/reversed", ["expired"], .invalid, { $0 = draft(start: now + 900, end: now - 60) }),
      ("expired/reversed-soon", ["expired"], .invalid, { $0 = draft(start: now + 600, end: now + 300) }),
    ]
  }

  private var missingAndRepeated: [Mutation] {
    Authorization.fieldNames.flatMap { field -> [Mutation] in
      [
        ("missing/\(field)", ["malformed"], .invalid, { $0.fields.removeAll { $0.name == field } }),
        ("twice/\(field)", ["malformed"], .invalid, { $0.fields += $0.fields.filter { $0.name == field } }),
      ]
    }
  }

  // MARK: Judging

  /// What an answer says of the server that gave it.
  public static func result(
    of one: TargetCase, answer: HTTPResponse, allowed: RefusalAnswers, notes: VectorNotes
  ) -> CaseResult {
    let code = errorCode(of: answer)
    let words = "\(answer.status) \(code ?? "without a code")"
    func failure(_ id: String, _ message: String, expected: String) -> CaseResult {
      let finding = Finding(
        id: id, severity: .error, place: Place(path: one.id), message: message, hint: notes.lesson(of: one.flags),
        expected: expected, actual: words)
      return CaseResult(
        id: one.id, verdict: .failed, findings: [finding], detail: "expected: \(expected)\nactual:   \(words)")
    }
    switch one.result {
    case .acceptable: return CaseResult(id: one.id, verdict: .passed)
    case .valid:
      // A server that does not know the host has not looked at the signature; one that lacks the operation may have.
      let isRefused = [401, 403].contains(answer.status) || answer.status >= 500 && answer.status != 501
      guard !isRefused, code != "InvalidHost" else {
        return failure(
          "signing.right-refused", "A request with a right signature is refused.",
          expected: "neither 401, 403, 5xx (but for 501) nor InvalidHost")
      }
      return CaseResult(id: one.id, verdict: .passed)
    case .invalid:
      let alternatives = allowed.alternatives(for: one.flags)
      // An answer to HEAD has no body to name a code in.
      let isRight = alternatives.contains { allowed in
        allowed.status == answer.status && (allowed.code == nil || allowed.code == code || one.request.method == "HEAD")
      }
      guard !isRight else { return CaseResult(id: one.id, verdict: .passed) }
      let expected = alternatives.map { "\($0.status) \($0.code ?? "")" }.joined(separator: ", ")
      return answer.status < 300
        ? failure("signing.wrong-accepted", "A request with a wrong signature is let in.", expected: expected)
        : failure(
          "signing.wrong-answer", "A wrong signature gets an answer that is not documented.", expected: expected)
    }
  }

  /// The first `Code` of an error body.
  private static func errorCode(of answer: HTTPResponse) -> String? {
    let text = String(decoding: answer.body.prefix(64 << 10), as: UTF8.self)
    guard let start = text.firstRange(of: "<Code>"), let end = text[start.upperBound...].firstRange(of: "</Code>")
    else {
      return nil
    }
    return String(text[start.upperBound..<end.lowerBound])
  }
}
