internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import Signing
internal import XMLValidation

/// Judges the requests that a client library sent for one call.
struct ClientWireJudge {
  private let catalogue: Catalogue
  private let validator: Validator
  private let http: HTTPValidation
  private let choosesTimes: Bool
  private let verifier = Verifier(allowsHostWithoutPort: false) {
    $0 == ClientSuite.credentials.secretID ? ClientSuite.credentials.secretKey : nil
  }

  init(_ catalogue: Catalogue, _ validator: Validator, choosesTimes: Bool) throws {
    self.catalogue = catalogue
    self.validator = validator
    self.choosesTimes = choosesTimes
    http = try HTTPValidation(catalogue, level: .should, edition: "2025")
  }

  static func nothingSent(_ place: Place) -> Finding {
    Finding(id: "client.nothing-sent", severity: .error, place: place, message: "The library sent no request.")
  }

  /// - Parameter defaults: what a parameter stands for when it is left out; sending just that is no fault.
  func findings(
    in requests: [HTTPRequest], of one: ClientCase, _ arguments: ClientCase.Arguments, _ defaults: [String: String]
  ) throws -> [Finding] {
    let place = Place(path: one.id)
    guard let operation = catalogue.operation(one.operation) else { return [] }
    guard let request = requests.first else { return [Self.nothingSent(place)] }
    var findings = try http.findings(in: request, of: operation, at: .init(file: one.id, hasLines: false))
    findings += self.path(request, operation, arguments, place) + host(request, operation, place)
    findings += query(request, operation, arguments, defaults, place)
    findings += try body(request, operation, arguments, place)
    findings += signature(request, one, operation, place)
    return findings
  }

  // MARK: Request line

  private func path(
    _ request: HTTPRequest, _ operation: Operation, _ arguments: ClientCase.Arguments, _ place: Place
  ) -> [Finding] {
    let actual = PercentCoding.decode(request.rawPath, plusIsSpace: false)
    let templates = [operation.path] + (operation.alsoPaths ?? []).map(\.path)
    let paths = templates.map { template in
      (arguments.path ?? [:]).reduce(template) { $0.replacing("<\($1.key)>", with: $1.value) }
    }
    guard !paths.contains(actual) else { return [] }
    return [
      finding("client.path", place, "The path is not the one of the call.", expected: paths[0], actual: actual)
    ]
  }

  private func host(_ request: HTTPRequest, _ operation: Operation, _ place: Place) -> [Finding] {
    let expected = "\(ClientSuite.bucket).\(operation.host ?? "ci").\(ClientSuite.region).myqcloud.com"
    guard let actual = request.headers["Host"], actual != expected else { return [] }
    return [finding("client.host", place, "Host is not the one of the call.", expected: expected, actual: actual)]
  }

  private func query(
    _ request: HTTPRequest, _ operation: Operation, _ arguments: ClientCase.Arguments, _ defaults: [String: String],
    _ place: Place
  ) -> [Finding] {
    var wanted = (arguments.query ?? []).map { (name: ($0.first ?? "") ?? "", value: ($0.last ?? "") ?? "") }
    for fixed in operation.query ?? [] where fixed.required == true {
      if let value = fixed.value { wanted.append((fixed.name, value)) }
    }
    var findings: [Finding] = []
    var left = request.parameters
    for (name, value) in wanted {
      guard let index = left.firstIndex(where: { $0.name == name }) else {
        findings.append(
          finding("client.parameter-lost", place, "The query lacks \(name), which was given.", expected: value))
        continue
      }
      let actual = left.remove(at: index).value ?? ""
      if actual != value {
        findings.append(
          finding(
            "client.parameter-changed", place, "The query has another \(name) than was given.", expected: value,
            actual: actual))
      }
    }
    for extra in left where !(extra.name.hasPrefix("q-") || extra.name == "x-ci-security-token") {
      let isDefault = extra.value == defaults[extra.name]
      findings.append(
        Finding(
          id: "client.parameter-invented", severity: isDefault ? .note : .error, place: place,
          message: "The query has \(extra.name), which was not given"
            + (isDefault ? "; it says what its absence says." : "."),
          actual: extra.value ?? ""))
    }
    return findings
  }

  // MARK: Body

  private func body(
    _ request: HTTPRequest, _ operation: Operation, _ arguments: ClientCase.Arguments, _ place: Place
  ) throws -> [Finding] {
    guard let given = arguments.body else {
      guard !request.body.isEmpty else { return [] }
      return [
        finding(
          "client.body-unexpected", place, "The request of \(operation.id) has no body.",
          actual: "\(request.body.count) bytes")
      ]
    }
    let check = try validator.check(
      request.body, as: DocumentKind(operation: operation.id, part: .request), file: nil, wantsTree: true)
    guard let sent = check.tree, let wanted = validator.tree(of: Array(given.utf8)) else { return check.findings }
    let differences = ResultComparison.differences(
      of: ResultComparison.value(of: sent), from: wanted, convention: ResultConvention(), emptyIsNothing: false)
    return check.findings
      + differences.map { difference in
        let (id, message) =
          switch difference.kind {
          case .lost: ("client.argument-lost", "It was given, and the request does not have it.")
          case .invented: ("client.argument-invented", "The request has it, and it was not given.")
          case .changed: ("client.argument-changed", "The request has another value than was given.")
          }
        return finding(
          id, place, "\(difference.path): \(message)", expected: difference.expected, actual: difference.actual)
      }
  }

  // MARK: Signature

  private func signature(
    _ request: HTTPRequest, _ one: ClientCase, _ operation: Operation, _ place: Place
  ) -> [Finding] {
    var findings: [Finding] = []
    let tokenName = operation.host == "cos" ? "x-cos-security-token" : "x-ci-security-token"
    if one.token == true, request.headers[tokenName] != ClientSuite.credentials.token {
      findings.append(
        finding(
          "client.token-missing", place, "\(tokenName) does not have the token of the temporary credentials.",
          expected: tokenName))
    }
    let authorization = verifier.authorization(of: request)
    let chosen = authorization.flatMap { TimeSpan(parsing: $0.signTime)?.start }
    let now = choosesTimes ? chosen ?? ClientSuite.now : ClientSuite.now
    if let reason = Self.reason(of: verifier.outcome(for: request, now: now)) {
      findings.append(
        finding(
          "client.signature", place, "The signature is refused: \(reason).", actual: request.headers["Authorization"])
      )
    } else if let authorization, !authorization.headerList.split(separator: ";").contains("host") {
      findings.append(finding("signing.host-unsigned", place, "The host is not signed."))
    }
    return findings
  }

  private static func reason(of outcome: Verifier.Outcome) -> String? {
    switch outcome {
    case .valid: nil
    case .missing: "there is none"
    case .malformed(let reason): reason
    case .unknownSecretID: "its SecretId is not the one that was given"
    case .notYetValid: "its time has not come"
    case .expired: "its time is over"
    case .mismatch(_, _, let difference):
      "\(difference.stage) is not as the server makes it, \(difference.explanation)"
    }
  }

  private func finding(
    _ id: String, _ place: Place, _ message: String, expected: String? = nil, actual: String? = nil
  ) -> Finding {
    Finding(id: id, severity: .error, place: place, message: message, expected: expected, actual: actual)
  }
}
