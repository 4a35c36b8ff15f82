/// One published or generated case of the request signature.
public struct SigningVector: Sendable, Equatable, Decodable {
  public struct Input: Sendable, Equatable, Codable {
    public init() {}

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
    /// The HttpString that a server says it made.
    public var formatString: String?
    public var paramKey: String?
    public var paramValue: String?
    /// Path and query of the request line, where their form matters.
    public var target: String?

    enum CodingKeys: String, CodingKey {
      case secretID = "secret_id"
      case secretKey = "secret_key"
      case keyTime = "key_time"
      case signTime = "sign_time"
      case method, path, params, headers, text, characters, target
      case signedHeaderNames = "signed_header_names"
      case signedParamNames = "signed_param_names"
      case keepSlash = "keep_slash"
      case wirePath = "wire_path"
      case policyBase64 = "policy_base64"
      case rtmpString = "rtmp_string"
      case formatString = "format_string"
      case paramKey = "param_key"
      case paramValue = "param_value"
    }
  }

  public var id: String
  public var kind: String
  public var input: Input
  /// The stages that are known, by name.
  public var published: [String: String]
  /// Whether the values follow from the inputs; some published ones do not.
  public var agrees: Bool
  /// Why they do not.
  public var explanation: String?
  /// The mistakes of signers that show in it; published vectors have theirs in `VectorKills`.
  public var kills: [String]?
  /// Why it is kept though it kills none.
  public var kept: String?
  /// What the case is about; `VectorNotes` says what each flag teaches. Published vectors have none.
  public var flags: [String]

  enum CodingKeys: String, CodingKey {
    case id, kind, input, published, expected, agrees, explanation, flags, kills, kept
  }

  /// Whether somebody published its values; the others come from the independent generator.
  public var isPublished: Bool { id.hasPrefix("signing/published/") }

  /// An input without known values.
  public init(id: String, kind: String, input: Input) {
    self.id = id
    self.kind = kind
    self.input = input
    published = [:]
    agrees = true
    flags = []
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(String.self, forKey: .id)
    kind = try container.decode(String.self, forKey: .kind)
    input = try container.decode(Input.self, forKey: .input)
    // Values that somebody published, or that the independent generator computed.
    published =
      try container.decodeIfPresent([String: String].self, forKey: .published)
      ?? container.decode([String: String].self, forKey: .expected)
    // What a server echoes is the input of the stages after it.
    if kind == "server-echo" { input.formatString = published["format_string"] }
    agrees = try container.decodeIfPresent(Bool.self, forKey: .agrees) ?? true
    explanation = try container.decodeIfPresent(String.self, forKey: .explanation)
    flags = try container.decodeIfPresent([String].self, forKey: .flags) ?? []
    kills = try container.decodeIfPresent([String].self, forKey: .kills)
    kept = try container.decodeIfPresent(String.self, forKey: .kept)
  }
}

extension SigningVector {
  /// The published and the generated vectors for signers, in this order.
  public static func all(in folder: DataFolder) throws -> [SigningVector] {
    struct VectorFile: Decodable { var vectors: [SigningVector] }
    return try ["published.json", "sign.json"].flatMap { name in
      let file = "Vectors/signing/\(name)"
      return try decodeJSON(VectorFile.self, from: try folder.read(file), file: file).vectors
    }
  }
}

/// One case for verifiers: a request with a signature, and whether it may be let in.
public struct VerifyingVector: Sendable, Equatable, Decodable {
  public enum Result: String, Sendable, Decodable {
    case valid
    case invalid
    /// Either, for the reason given.
    case acceptable
  }

  public struct Request: Sendable, Equatable, Decodable {
    public var method: String
    public var target: String
    public var headers: [[String]]
  }

  public var id: String
  public var flags: [String]
  public var request: Request
  /// Unix seconds.
  public var now: Int64
  /// SecretKey by SecretId.
  public var secrets: [String: String]
  public var result: Result
  public var reason: String?
  /// The mistakes of verifiers that show in it.
  public var kills: [String]
  /// Why it is kept though it kills none.
  public var kept: String?

  public static func all(in folder: DataFolder) throws -> [VerifyingVector] {
    struct VectorFile: Decodable { var vectors: [VerifyingVector] }
    let file = "Vectors/signing/verify.json"
    return try decodeJSON(VectorFile.self, from: try folder.read(file), file: file).vectors
  }
}

/// What the flags of vectors teach, from the heads of their files.
public struct VectorNotes: Sendable, Equatable {
  public struct Note: Sendable, Equatable, Decodable {
    public var teaches: String
    public var source: String
  }

  public var notes: [String: Note]

  public init(in folder: DataFolder) throws {
    struct NoteFile: Decodable { var notes: [String: Note]? }
    notes = [:]
    for name in ["published.json", "sign.json", "verify.json"] {
      let file = "Vectors/signing/\(name)"
      let found = try decodeJSON(NoteFile.self, from: try folder.read(file), file: file).notes ?? [:]
      notes.merge(found) { first, _ in first }
    }
  }

  public init() { notes = [:] }

  /// What a case teaches, one sentence for each of its flags; nil without any.
  public func lesson(of flags: [String]) -> String? {
    let sentences = flags.compactMap { flag in notes[flag].map { "\($0.teaches) (\($0.source))" } }
    return sentences.isEmpty ? nil : sentences.joined(separator: " ")
  }
}

/// The mistakes by name, and those that published vectors kill, as the generator found them.
public struct VectorKills: Sendable, Equatable, Decodable {
  public var signers: [String]
  public var verifiers: [String]
  /// By the vector's ID.
  public var published: [String: [String]]

  public init(in folder: DataFolder) throws {
    let file = "Vectors/signing/kills.json"
    self = try decodeJSON(VectorKills.self, from: try folder.read(file), file: file)
  }
}
