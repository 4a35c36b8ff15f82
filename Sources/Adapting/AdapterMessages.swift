public import CaseLibrary
internal import FoundationEssentials

/// One request of the adapter protocol (Adapters/protocol.md); what a command does not have is nil.
public struct AdapterRequest: Sendable, Equatable, Codable {
  public enum Command: String, Sendable, CaseIterable, Codable {
    case hello, sign, presign, verify, derive, call
  }

  /// A request to sign (`path`, `params`, decoded) or to verify (`target`, as on the wire).
  public struct Message: Sendable, Equatable, Codable {
    public var method: String
    public var path: String?
    /// Name and value; null when there is no `=`.
    public var params: [[String?]]?
    public var target: String?
    public var headers: [[String]]
    /// Path and query as in the request line, where their form matters.
    public var wirePath: String?
    public var wireQuery: String?

    enum CodingKeys: String, CodingKey {
      case method, path, params, target, headers
      case wirePath = "wire_path"
      case wireQuery = "wire_query"
    }
  }

  public struct KeyPair: Sendable, Equatable, Codable {
    public var id: String
    public var key: String
    /// Of temporary credentials; only `call` has one.
    public var token: String?

    enum CodingKeys: String, CodingKey {
      case token
      case id = "secret_id"
      case key = "secret_key"
    }
  }

  /// What an operation of the API is called with, decoded and in the names of its documents.
  public struct CallArguments: Sendable, Equatable, Codable {
    /// Values of the path by name, such as `jobId`.
    public var path: [String: String]
    /// Name and value, without those that the operation always has.
    public var query: [[String?]]
    /// The nodes inside the root of the request document; nil when it has none.
    public var body: AdapterValue?
  }

  /// Where a call is to go: the service's host, and the address that stands for it.
  public struct CallEndpoint: Sendable, Equatable, Codable {
    public var scheme = "http"
    /// The Host of the request, and the host that is signed.
    public var host: String
    public var bucket: String
    public var region: String
    /// Host and port to connect to.
    public var connect: String
  }

  public var id = 0
  public var command: Command
  /// Of `hello`.
  public var version: Int?
  public var request: Message?
  /// Of `presign`: scheme and host.
  public var url: String?
  public var credentials: KeyPair?
  public var keyTime: String?
  public var signTime: String?
  public var signedHeaderNames: [String]?
  public var signedParamNames: [String]?
  /// SecretKey by SecretId.
  public var secrets: [String: String]?
  /// Unix seconds.
  public var now: Int64?
  /// Of `derive`: a kind of published vector.
  public var kind: String?
  public var input: SigningVector.Input?
  /// Of `call`: an ID of Schemas/operations.json.
  public var operation: String?
  public var arguments: CallArguments?
  public var endpoint: CallEndpoint?

  enum CodingKeys: String, CodingKey {
    case id, command, request, url, credentials, secrets, now, kind, input, operation, arguments, endpoint
    case version = "protocol"
    case keyTime = "key_time"
    case signTime = "sign_time"
    case signedHeaderNames = "signed_header_names"
    case signedParamNames = "signed_param_names"
  }

  public init(_ command: Command) { self.command = command }

  /// The request on one line, ended by a newline.
  func line(id: Int) throws -> [UInt8] {
    var request = self
    request.id = id
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(request)) + [0x0A]
  }
}

/// A JSON value of an answer. Numbers keep no more than whether they are whole.
public indirect enum AdapterValue: Sendable, Equatable, Codable {
  case text(String)
  case flag(Bool)
  case integer(Int)
  case number(Double)
  case list([AdapterValue])
  case object([String: AdapterValue])
  case null

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let object = try? container.decode([String: AdapterValue].self) {
      self = .object(object)
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let integer = try? container.decode(Int.self) {
      self = .integer(integer)
    } else if let list = try? container.decode([AdapterValue].self) {
      self = .list(list)
    } else {
      self = .number(try container.decode(Double.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .flag(let flag): try container.encode(flag)
    case .integer(let integer): try container.encode(integer)
    case .number(let number): try container.encode(number)
    case .list(let list): try container.encode(list)
    case .object(let members): try container.encode(members)
    case .null: try container.encodeNil()
    }
  }

  /// The object of one line; nil when the line is no JSON object.
  static func object(parsing line: ArraySlice<UInt8>) -> [String: AdapterValue]? {
    guard case .object(let members) = try? JSONDecoder().decode(AdapterValue.self, from: Data(line)) else { return nil }
    return members
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }
  var integer: Int? { if case .integer(let integer) = self { integer } else { nil } }
  var list: [AdapterValue]? { if case .list(let list) = self { list } else { nil } }
  var object: [String: AdapterValue]? { if case .object(let members) = self { members } else { nil } }
  /// The texts of an object of texts.
  var texts: [String: String]? {
    guard let members = object else { return nil }
    let texts = members.compactMapValues(\.text)
    return texts.count == members.count ? texts : nil
  }
}

/// What an adapter says of itself.
public struct AdapterHello: Sendable, Equatable {
  /// What an implementation decides itself.
  public enum Choice: String, Sendable, CaseIterable {
    case headers, params, times, delivery
  }

  public var name: String
  public var version: String
  public var language: String
  public var commands: Set<AdapterRequest.Command>
  public var chooses: Set<Choice>
  /// How its results show a document.
  public var reads: ResultConvention

  /// - Parameter answer: held to the rules of the protocol already.
  init(_ answer: [String: AdapterValue]) {
    name = answer["name"]?.text ?? ""
    version = answer["version"]?.text ?? ""
    language = answer["language"]?.text ?? ""
    commands = Set((answer["commands"]?.list ?? []).compactMap { $0.text.flatMap(AdapterRequest.Command.init) })
    chooses = Set((answer["chooses"]?.list ?? []).compactMap { $0.text.flatMap(Choice.init) })
    reads = ResultConvention(answer["reads"]?.texts ?? [:])
  }
}

/// What came of one request.
public enum AdapterOutcome: Sendable, Equatable {
  case answer([String: AdapterValue])
  case failed(AdapterFault)
  /// The run's time was over before there was one.
  case outOfTime
  /// It was not asked: the adapter had failed too often.
  case givenUp(AdapterUnusable)
}

/// A way of not answering, which is a result of the case that was being asked.
public struct AdapterFault: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable, CaseIterable {
    /// It ended while an answer was awaited, with an exit code other than 0 or by a signal.
    case crashed
    /// It ended with exit code 0 while an answer was awaited.
    case endedEarly = "ended-early"
    case timedOut = "timed-out"
    /// A line that is no JSON object in UTF-8.
    case garbage
    case wrongID = "wrong-id"
    case lineTooLong = "line-too-long"
    /// An answer that is none of those the protocol has for the command.
    case againstProtocol = "against-protocol"
  }

  public var kind: Kind
  public var description: String
  /// The end of what it wrote on standard error.
  public var errors = ""
}

/// An adapter that is of no use: it does not start, never says hello, or fails on everything.
public struct AdapterUnusable: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String

  init(_ description: String, errors: String = "") {
    self.description = description + (errors.isEmpty ? "" : "; its standard error ends with:\n\(errors)")
  }
}
