internal import CaseLibrary
internal import FoundationEssentials
internal import HTTPExchange
internal import Signing

/// The kit itself as an adapter: the answer to each line, with no state and no effects.
public struct AdapterServer: Sendable {
  private let version: String

  /// - Parameter version: of the kit.
  public init(version: String) { self.version = version }

  private struct Answer: Encodable {
    var id: Int
    var skipped: String?
    var error: String?
    var version: String?
    var protocolVersion: Int?
    var name: String?
    var language: String?
    var commands: [String]?
    var stages: [String: String]?
    var url: String?
    var accepted: Bool?
    var reason: String?

    enum CodingKeys: String, CodingKey {
      case id, skipped, error, version, name, language, commands, stages, url, accepted, reason
      case protocolVersion = "protocol"
    }
  }

  /// The answer to one request, on one line with its newline.
  public func answer(to line: ArraySlice<UInt8>) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let answer = self.answer(parsing: line)
    return Array((try? encoder.encode(answer)) ?? Data()) + [0x0A]
  }

  private func answer(parsing line: ArraySlice<UInt8>) -> Answer {
    guard let members = AdapterValue.object(parsing: line), let id = members["id"]?.integer else {
      return Answer(id: 0, error: "the line is no JSON object with a whole number 'id'")
    }
    guard let command = members["command"]?.text else { return Answer(id: id, error: "there is no 'command'") }
    guard let known = AdapterRequest.Command(rawValue: command), known != .call else {
      return Answer(id: id, skipped: "there is no command '\(command)'")
    }
    do {
      let request = try JSONDecoder().decode(AdapterRequest.self, from: Data(line))
      if let absent = absent(in: request) { return Answer(id: id, error: "\(command) needs '\(absent)'") }
      return try answer(to: request)
    } catch let error as DecodingError {
      return Answer(id: id, error: error.placed)
    } catch {
      return Answer(id: id, error: "\(error)")
    }
  }

  private func answer(to request: AdapterRequest) throws -> Answer {
    switch request.command {
    case .hello:
      guard request.version == 1 else {
        return Answer(id: request.id, error: "version 1 of the protocol is spoken here")
      }
      let commands = AdapterRequest.Command.allCases.filter { $0 != .hello && $0 != .call }
      return Answer(
        id: request.id, version: version, protocolVersion: 1, name: "cispec", language: "Swift",
        commands: commands.map(\.rawValue))
    case .sign: return Answer(id: request.id, stages: try stages(of: request))
    case .presign: return Answer(id: request.id, url: try url(of: request))
    case .verify: return verified(request)
    case .call: return Answer(id: request.id, skipped: "the kit calls no operations")
    case .derive:
      let vector = SigningVector(id: "derive", kind: request.kind ?? "", input: request.input ?? SigningVector.Input())
      guard !KitSigner.requestKinds.contains(vector.kind), let stages = try KitSigner().values(for: vector)
      else { return Answer(id: request.id, skipped: "there is no kind '\(vector.kind)' to derive") }
      return Answer(id: request.id, stages: stages)
    }
  }

  /// The first member that the command needs and that is not there.
  private func absent(in request: AdapterRequest) -> String? {
    let message = request.request
    let isSigning = request.command == .sign || request.command == .presign
    let needed: [(Bool, String, Bool)] = [
      (isSigning || request.command == .verify, "request", message != nil),
      (isSigning, "request.path", message?.path != nil), (isSigning, "request.params", message?.params != nil),
      (isSigning, "credentials", request.credentials != nil), (isSigning, "key_time", request.keyTime != nil),
      (isSigning, "sign_time", request.signTime != nil), (request.command == .presign, "url", request.url != nil),
      (request.command == .verify, "request.target", message?.target != nil),
      (request.command == .verify, "secrets", request.secrets != nil),
      (request.command == .verify, "now", request.now != nil),
      (request.command == .derive, "kind", request.kind != nil),
      (request.command == .derive, "input", request.input != nil),
    ]
    return needed.first { isNeeded, _, isThere in isNeeded && !isThere }?.1
      ?? request.input.flatMap { absent(in: $0, of: request.kind ?? "").map { "input." + $0 } }
  }

  /// The first member that a step of the algorithm needs and that is not there.
  private func absent(in input: SigningVector.Input, of kind: String) -> String? {
    let key = [("secret_key", input.secretKey != nil), ("key_time", input.keyTime != nil)]
    let needed: [String: [(String, Bool)]] = [
      "canonical-list": [("params", input.params != nil || input.headers != nil)], "sign-key": key,
      "urlencode": [("text", input.text != nil)], "urlencode-table": [("characters", input.characters != nil)],
      "url-param-list-in-url": [("params", input.params != nil || input.paramKey != nil)],
      "server-echo": [("format_string", input.formatString != nil), ("key_time", input.keyTime != nil)],
      "post-policy": key + [("policy_base64", input.policyBase64 != nil)],
      "rtmp": key + [("rtmp_string", input.rtmpString != nil)],
    ]
    return needed[kind]?.first { !$0.1 }?.0
  }

  private func input(of request: AdapterRequest) -> SigningVector.Input {
    var input = SigningVector.Input()
    input.method = request.request?.method
    input.path = request.request?.path
    input.params = request.request?.params
    input.headers = request.request?.headers
    input.secretID = request.credentials?.id
    input.secretKey = request.credentials?.key
    input.keyTime = request.keyTime
    input.signTime = request.signTime
    input.signedHeaderNames = request.signedHeaderNames
    input.signedParamNames = request.signedParamNames
    return input
  }

  private func stages(of request: AdapterRequest) throws -> [String: String] {
    var stages = try KitSigner().values(for: SigningVector(id: "sign", kind: "sign", input: input(of: request))) ?? [:]
    // Known to vectors only.
    stages["signature_first_36_hex"] = nil
    return stages
  }

  private func url(of request: AdapterRequest) throws -> String {
    let message = request.request
    let authorization = try Authorization(parsing: try stages(of: request)["authorization"] ?? "")
    let query = (message?.params ?? []).map { pair in
      let name = PercentCoding.encode(pair.first.flatMap { $0 } ?? "")
      guard pair.count > 1, let value = pair[1] else { return name }
      return "\(name)=\(PercentCoding.encode(value))"
    }
    return "\(request.url ?? "")\(PercentCoding.encodePath(message?.path ?? "/"))?"
      + (query + [authorization.query]).joined(separator: "&")
  }

  private func verified(_ request: AdapterRequest) -> Answer {
    let secrets = request.secrets ?? [:]
    let wire = HTTPRequest(
      method: request.request?.method ?? "", target: request.request?.target ?? "",
      headers: HTTPHeaders((request.request?.headers ?? []).map { HTTPHeaders.Field($0.first ?? "", $0.last ?? "") }))
    let outcome = Verifier { secrets[$0] }.outcome(for: wire, now: request.now ?? 0)
    let reason: String? =
      switch outcome {
      case .valid: nil
      case .missing: "no signature"
      case .malformed(let reason): reason
      case .unknownSecretID: "unknown SecretId"
      case .notYetValid: "not yet valid"
      case .expired: "expired"
      case .mismatch(_, _, let difference): "\(difference.stage) differs: \(difference.explanation)"
      }
    return Answer(id: request.id, accepted: reason == nil, reason: reason)
  }
}
