internal import Findings

/// One case for a client library: an operation with its arguments, the answers it gets, and what must come of it
/// (`Vectors/client`).
public struct ClientCase: Sendable, Decodable {
  /// What the operation is called with, decoded.
  public struct Arguments: Sendable, Equatable, Decodable {
    /// Values of the path by name.
    public var path: [String: String]?
    /// Name and value, without those that the operation always has.
    public var query: [[String?]]?
    /// The request document.
    public var body: String?

    /// None.
    public init() {}
  }

  public struct Answer: Sendable, Decodable {
    public var status: Int
    /// Beside the usual ones or instead of them; null takes one away.
    public var headers: [String: String?]?
    public var body: String?
    /// Instead of `body`: a document below `Schemas/corpus`.
    public var document: String?
    /// How the connection breaks: `reset` in place of an answer, `cut` after some bytes of the body.
    public var breaks: Break?
    /// Of `cut`: how many bytes of the body come, of those that Content-Length announces.
    public var bytes: Int?

    public enum Break: String, Sendable, Decodable {
      case reset, cut
    }
  }

  /// What the library is to make of the answers.
  public enum Expectation: String, Sendable, Decodable {
    /// The document of the last answer, whole.
    case result
    /// A failure with what the Error document says.
    case failure
    /// Either: the documentation leaves it to the library.
    case resultOrFailure = "result-or-failure"
    /// Success without content, as of an answer without a body.
    case empty
    /// Success without content, or a failure.
    case emptyOrFailure = "empty-or-failure"
    /// A failure of any kind: the answer cannot be read.
    case unreadable
  }

  /// What a failure must tell.
  public struct Failure: Sendable, Decodable {
    public var status: Int
    public var code: String?
    public var message: String?
    public var requestID: String?

    enum CodingKeys: String, CodingKey {
      case status, code, message
      case requestID = "request_id"
    }
  }

  /// The half of a call that a case judges.
  public enum Half: String, Sendable, CaseIterable {
    case sent, read
  }

  public var id: String
  public var title: String
  public var operation: String
  public var requirements: [String]
  /// The right ones of the operation unless given.
  public var arguments: Arguments?
  /// Whether the credentials are temporary ones.
  public var token: Bool?
  /// In order; the last is given again to what follows. The right one of the operation unless given.
  public var answers: [Answer]?
  public var expect: Expectation
  public var failure: Failure?
  /// How many requests are right at most; 10 unless given.
  public var requestsMax: Int?

  enum CodingKeys: String, CodingKey {
    case id, title, operation, requirements, arguments, token, answers, expect, failure
    case requestsMax = "requests_max"
  }

  public var half: Half { id.hasPrefix("client/sent/") ? .sent : .read }
}

/// All cases for client libraries, with what they share.
public struct ClientCases: Sendable {
  /// A right call of an operation, and an answer to it.
  public struct Right: Sendable, Decodable {
    public var arguments: ClientCase.Arguments
    public var answer: ClientCase.Answer
    /// What a query parameter stands for when it is left out.
    public var defaults: [String: String]?
  }

  public var cases: [ClientCase]
  public var right: [String: Right]
  /// Documents that answers name.
  public var documents: [String: [UInt8]]

  private struct RightFile: Decodable { var operations: [String: Right] }

  private struct CaseFile: Decodable { var cases: [ClientCase] }

  private static let folder = "Vectors/client"

  public init(in folder: DataFolder, _ catalogue: Catalogue) throws {
    func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
      let file = "\(Self.folder)/\(name)"
      return try decodeJSON(Value.self, from: try folder.read(file), file: file)
    }
    right = try read(RightFile.self, "right.json").operations
    cases = try ClientCase.Half.allCases.flatMap { try read(CaseFile.self, "\($0.rawValue).json").cases }
    documents = [:]
    let answers = cases.flatMap { $0.answers ?? [] } + right.values.map(\.answer)
    for document in answers.compactMap(\.document) where documents[document] == nil {
      documents[document] = try folder.read("Schemas/corpus/\(document)")
    }
    try check(catalogue)
  }

  /// That every ID is there once, and every name in a case means something.
  private func check(_ catalogue: Catalogue) throws {
    func wrong(_ reason: String) -> DataError { DataError(file: Self.folder, reason: reason) }
    let requirements = Set(try catalogue.requirements.map(\.id))
    var seen: Set<String> = []
    for one in cases {
      guard seen.insert(one.id).inserted else { throw wrong("two cases have the ID '\(one.id)'") }
      guard catalogue.operation(one.operation) != nil, right[one.operation] != nil else {
        throw wrong("\(one.id) is about the operation '\(one.operation)', which is not there or has no right call")
      }
      if let unknown = one.requirements.first(where: { !requirements.contains($0) }) {
        throw wrong("\(one.id) names the requirement '\(unknown)', which is not there")
      }
      guard one.answers?.isEmpty != true else { throw wrong("\(one.id) has no answer") }
      guard one.expect != .failure || one.failure != nil else { throw wrong("\(one.id) does not say which failure") }
    }
  }
}
