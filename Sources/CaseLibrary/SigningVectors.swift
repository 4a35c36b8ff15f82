/// One published or generated case of the request signature.
public struct SigningVector: Sendable, Equatable, Decodable {
  public struct Input: Sendable, Equatable, Decodable {
    public var secretID: String?
    public var secretKey: String?
    public var keyTime: String?
    public var signTime: String?
    public var method: String?
    public var path: String?
    /// Name and value; no value when there is no `=`.
    public var params: [[String?]]?
    public var headers: [[String]]?
    public var signedHeaderNames: [String]?
    public var signedParamNames: [String]?
    public var text: String?
    public var characters: String?
    /// The text is encoded but for its slashes.
    public var keepSlash: Bool?
    /// The text is a path, encoded for the wire.
    public var wirePath: Bool?
    public var policyBase64: String?
    public var rtmpString: String?
    public var paramKey: String?
    public var paramValue: String?

    enum CodingKeys: String, CodingKey {
      case secretID = "secret_id"
      case secretKey = "secret_key"
      case keyTime = "key_time"
      case signTime = "sign_time"
      case method, path, params, headers, text, characters
      case signedHeaderNames = "signed_header_names"
      case signedParamNames = "signed_param_names"
      case keepSlash = "keep_slash"
      case wirePath = "wire_path"
      case policyBase64 = "policy_base64"
      case rtmpString = "rtmp_string"
      case paramKey = "param_key"
      case paramValue = "param_value"
    }
  }

  public var id: String
  public var kind: String
  public var input: Input
  /// The stages that were published, by name.
  public var published: [String: String]
  /// Whether the published values follow from the published inputs.
  public var agrees: Bool
  /// Why they do not.
  public var explanation: String?

}

extension SigningVector {
  /// All vectors in `Vectors/signing`, in the order of their files.
  public static func all(in folder: DataFolder) throws -> [SigningVector] {
    struct VectorFile: Decodable { var vectors: [SigningVector] }
    return try Files.names(in: folder.path + "/Vectors/signing").filter { $0.hasSuffix(".json") }.flatMap { name in
      let file = "Vectors/signing/\(name)"
      return try decodeJSON(VectorFile.self, from: try folder.read(file), file: file).vectors
    }
  }
}
