public import CaseLibrary
internal import FoundationEssentials
internal import HTTPExchange
internal import Signing

/// Anything that signs: the kit itself, or later a program behind the adapter protocol.
public protocol SigningImplementation: Sendable {
  var name: String { get }
  /// The stages it can show for a vector's input, by the names that vectors use; nil when the kind is not supported.
  func values(for vector: SigningVector) throws -> [String: String]?
}

/// The kit's own signer.
public struct KitSigner: SigningImplementation {
  public let name = "cispec"

  public init() {}

  public func values(for vector: SigningVector) throws -> [String: String]? {
    let input = vector.input
    switch vector.kind {
    case _ where Self.requestKinds.contains(vector.kind): return try requestValues(vector)
    case "canonical-list": return listValues(input)
    case "sign-key":
      return ["sign_key": RequestSignature.signKey(secretKey: input.secretKey ?? "", keyTime: input.keyTime ?? "")]
    case "post-policy":
      let policy = Data(base64Encoded: input.policyBase64 ?? "") ?? Data()
      let stages = RequestSignature.formUpload(
        policy: String(decoding: policy, as: UTF8.self), secretKey: input.secretKey ?? "", keyTime: input.keyTime ?? "")
      return ["sign_key": stages.signKey, "string_to_sign": stages.stringToSign, "signature": stages.signature]
    case "rtmp":
      let stages = RequestSignature.stream(
        rtmpString: input.rtmpString ?? "", secretKey: input.secretKey ?? "", keyTime: input.keyTime ?? "")
      return [
        "rtmp_string_sha1": stages.rtmpStringSHA1, "string_to_sign": stages.stringToSign, "signature": stages.signature,
      ]
    case "url-param-list-in-url":
      let parameters = input.paramKey.map { [Parameter(name: $0, value: input.paramValue)] } ?? Self.parameters(input)
      let list = RequestSignature.list(of: parameters).names
      // Published in lower-case hexadecimal digits, which the second encoding itself does not ask for.
      return ["q_url_param_list_in_url": PercentCoding.encode(list).lowercased()]
    case "urlencode":
      let text = input.text ?? ""
      if input.wirePath == true { return ["encoded": PercentCoding.encodePath(text)] }
      return [
        "encoded": input.keepSlash == true ? PercentCoding.encodeKeepingSlashes(text) : PercentCoding.encode(text)
      ]
    case "urlencode-table":
      let characters = (input.characters ?? "").map(String.init)
      return Dictionary(characters.map { ($0, PercentCoding.encode($0)) }) { first, _ in first }
    case "server-echo":
      let formatString = input.formatString ?? ""
      let digest = RequestSignature.sha1(formatString)
      return [
        "format_string": formatString, "http_string_sha1": digest,
        "string_to_sign": RequestSignature.stringToSign(signTime: input.keyTime ?? "", httpStringSHA1: digest),
      ]
    default: return nil
    }
  }

  /// The kinds of vectors that hold a whole request.
  static let requestKinds: Set<String> = ["sign", "sign-masked", "presigned"]

  private func requestValues(_ vector: SigningVector) throws -> [String: String] {
    let input = vector.input
    guard let keyTime = TimeSpan(parsing: input.keyTime ?? ""),
      let signTime = TimeSpan(parsing: input.signTime ?? input.keyTime ?? "")
    else { throw DataError(file: vector.id, reason: "key_time and sign_time are two Unix times each") }
    let stages = RequestSignature.stages(
      for: Self.signedInput(of: input),
      credentials: Credentials(secretID: input.secretID ?? "", secretKey: input.secretKey ?? ""),
      keyTime: keyTime, signTime: signTime)
    return RequestSignature.stagesByName.mapValues { $0(stages) }
  }

  /// What is signed of an input: all, or what the names name, encoded or not.
  static func signedInput(of input: SigningVector.Input) -> RequestSignature.Input {
    func isSelected(_ name: String, in names: [String]?) -> Bool {
      names?.contains { [name.lowercased(), PercentCoding.encode(name).lowercased()].contains($0.lowercased()) } ?? true
    }
    return RequestSignature.Input(
      method: input.method ?? "", path: input.path ?? "",
      parameters: parameters(input).filter { isSelected($0.name, in: input.signedParamNames) },
      headers: headers(input).filter { isSelected($0.name, in: input.signedHeaderNames) })
  }

  private func listValues(_ input: SigningVector.Input) -> [String: String] {
    let list =
      input.headers == nil
      ? RequestSignature.list(of: Self.parameters(input)) : RequestSignature.list(of: Self.headers(input))
    return ["list": list.names, "string": list.pairs]
  }

  static func parameters(_ input: SigningVector.Input) -> [Parameter] {
    (input.params ?? []).map { Parameter(name: $0.first.flatMap { $0 } ?? "", value: $0.count > 1 ? $0[1] : nil) }
  }

  static func headers(_ input: SigningVector.Input) -> [HTTPHeaders.Field] {
    (input.headers ?? []).map { HTTPHeaders.Field($0.first ?? "", $0.count > 1 ? $0[1] : "") }
  }
}

/// Anything that verifies.
public protocol VerifyingImplementation: Sendable {
  var name: String { get }
  /// Whether it lets the request in, and what it says.
  func verdict(on vector: VerifyingVector) throws -> (isAccepted: Bool, words: String)
}

/// The kit's own verifier.
public struct KitVerifier: VerifyingImplementation {
  public let name = "cispec"

  public init() {}

  public func verdict(on vector: VerifyingVector) -> (isAccepted: Bool, words: String) {
    let secrets = vector.secrets
    let verifier = Verifier { secrets[$0] }
    let request = Self.request(of: vector)
    let isAccepted = verifier.accepts(request, now: vector.now)
    return (isAccepted, isAccepted ? "accepted" : "refused: \(verifier.outcome(for: request, now: vector.now))")
  }

  /// The request of a vector as it stands on the wire.
  static func request(of vector: VerifyingVector) -> HTTPRequest {
    HTTPRequest(
      method: vector.request.method, target: vector.request.target,
      headers: HTTPHeaders(vector.request.headers.map { HTTPHeaders.Field($0.first ?? "", $0.last ?? "") }))
  }
}
