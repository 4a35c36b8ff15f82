public import Findings

/// One case for a server: a right request of an operation, what is changed in it, and the answers that are accepted
/// (`Vectors/server`).
public struct ServerCase: Sendable {
  /// What is done to the right request.
  public struct Change: Sendable, Decodable {
    /// How the bytes of the body are sent.
    public enum Framing: String, Sendable, Decodable {
      /// With a true Content-Length, unless the headers say another.
      case length
      case chunked
      /// In chunks, the first of which has no readable size.
      case brokenChunks = "broken-chunks"
      /// The head alone, which asks for leave to send the body.
      case expect
      /// The head, half of the body, and no more.
      case half
    }

    public struct Fill: Sendable, Decodable {
      public var path: String
      public var bytes: Int
    }

    public var method: String?
    public var target: String?
    /// Put behind the target.
    public var query: String?
    /// Set before the request is signed; null takes a field away.
    public var headers: [String: String?]?
    /// Appended after the request is signed, as they are.
    public var unsignedHeaders: [[String]]?
    /// Another document below `Schemas/corpus`.
    public var document: String?
    public var edit: [CorpusBreak.Edit]?
    /// A value of that many letters.
    public var fill: Fill?
    /// The whole body.
    public var body: String?
    /// The whole body, as hexadecimal digits.
    public var bodyHex: String?
    public var sign: Scenario.Signing?
    public var framing: Framing?
    /// The whole request line.
    public var startLine: String?

    /// The right request as it is, or with another target.
    public init(target: String? = nil) { self.target = target }
  }

  /// A request that must succeed before the one of the case.
  public struct Preparation: Sendable, Decodable {
    public var operation: String
    public var change: Change?
    public var until: Scenario.Until?
    /// Where the answer holds the identifier that `{job}` stands for from then on.
    public var bind: String?
    /// Whether the server may refuse it because the job has gone on; the case is skipped then.
    public var refusable: Bool?
  }

  /// The same request several times.
  public struct Repetition: Sendable, Decodable {
    public enum Manner: String, Sendable, Decodable {
      /// One after the other; all answers say the same.
      case again
      /// One after the other on one connection.
      case keepAlive = "keep-alive"
      /// All at once on one connection.
      case pipelined
      /// All at once, each on a connection of its own.
      case concurrent
    }

    public var manner: Manner
    public var count: Int
    /// Jobs are made: each gets an identifier and a UserData of its own, and is found under it.
    public var submits: Bool?
  }

  /// A list that is followed from page to page by its NextToken: it ends, names each job once, in the order of their
  /// creation, and the one that was made before.
  public struct Pages: Sendable, Decodable {
    /// Pages that are asked for at most.
    public var max: Int
  }

  /// What must stand in an accepted answer.
  public struct Expectation: Sendable, Decodable {
    public var path: String
    public var count: Int?
    /// Each element there has one of these texts.
    public var values: [String]?
    /// The accepted statuses for which it holds; those below 300 unless given.
    public var status: [Int]?
  }

  /// An answer that is accepted.
  public struct Answer: Sendable, Equatable, Decodable {
    /// Nil when the server closes without an answer.
    public var status: Int?
    /// The content of Code; nil when there is none or any will do.
    public var code: String?
    /// False for an answer of HTTP itself, whose body is not the service's.
    public var document: Bool?
    /// Why it is right where the documentation leaves it open, or where it says so.
    public var reason: String
  }

  /// A right request of an operation.
  public struct RightRequest: Sendable, Decodable {
    public var method: String
    public var target: String
    public var document: String?
    /// `cos` where the object host is called, else the ci host.
    public var host: String?
  }

  public var id: String
  public var title: String
  public var operation: String
  public var aspect: Scorecard.Aspect
  public var level: Requirement.Level
  public var requirements: [String]
  public var change: Change
  public var before: [Preparation]
  public var until: Scenario.Until?
  public var repetition: Repetition?
  public var pages: Pages?
  public var expect: [Expectation]
  public var accept: [Answer]

  /// Whether neither it nor what goes before it can change anything at the service.
  public func onlyReads(_ right: [String: RightRequest]) -> Bool {
    before.isEmpty && ["GET", "HEAD"].contains(change.method ?? right[operation]?.method ?? "")
      && change.startLine == nil
  }
}

/// All cases for servers, with what they share.
public struct ServerCases: Sendable {
  public var cases: [ServerCase]
  public var right: [String: ServerCase.RightRequest]
  public var objects: [Scenario.Object]
  /// The documents that cases and right requests name.
  public var documents: [String: [UInt8]]

  private struct RequestsFile: Decodable {
    var requests: [String: ServerCase.RightRequest]
    var objects: [Scenario.Object]
  }

  private struct AnswersFile: Decodable { var answers: [String: [ServerCase.Answer]] }

  private struct CaseFile: Decodable { var cases: [Entry] }

  private struct Entry: Decodable {
    var id: String
    var title: String
    var operations: [String]
    var aspect: Scorecard.Aspect
    var requirements: [String]
    var change: ServerCase.Change?
    var before: [ServerCase.Preparation]?
    var until: Scenario.Until?
    var repeats: ServerCase.Repetition?
    var pages: ServerCase.Pages?
    var expect: [ServerCase.Expectation]?
    var accept: [String]
  }

  private static let folder = "Vectors/server"

  public init(in folder: DataFolder, _ catalogue: Catalogue) throws {
    func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
      let file = "\(Self.folder)/\(name)"
      return try decodeJSON(Value.self, from: try folder.read(file), file: file)
    }
    let requests = try read(RequestsFile.self, "requests.json")
    right = requests.requests
    objects = requests.objects
    let answers = try read(AnswersFile.self, "answers.json").answers
    let levels = Dictionary(try catalogue.requirements.map { ($0.id, $0.level) }) { first, _ in first }
    cases = []
    documents = [:]
    for name in try Files.tree(of: "\(folder.path)/\(Self.folder)/cases").sorted() where name.hasSuffix(".json") {
      let file = "cases/\(name)"
      for entry in try read(CaseFile.self, file).cases {
        cases += try entry.operations.map { operation in
          try Self.expanded(entry, operation, answers, levels, file: "\(Self.folder)/\(file)")
        }
      }
    }
    for document in right.values.compactMap(\.document) + cases.flatMap(\.documentNames) {
      documents[document] = try folder.read("Schemas/corpus/\(document)")
    }
    try check()
  }

  private static func expanded(
    _ entry: Entry, _ operation: String, _ answers: [String: [ServerCase.Answer]],
    _ levels: [String: Requirement.Level], file: String
  ) throws -> ServerCase {
    let id = "server/\(operation)/\(entry.id)"
    let requirements = entry.requirements.map { $0.replacing("{operation}", with: operation) }
    if let unknown = requirements.first(where: { levels[$0] == nil }) {
      throw DataError(file: file, reason: "\(id) names the requirement '\(unknown)', which is not there")
    }
    let accept = try entry.accept.flatMap { name in
      guard let known = answers[name] else {
        throw DataError(file: file, reason: "\(id) accepts '\(name)', which answers.json does not have")
      }
      return known
    }
    return ServerCase(
      id: id, title: entry.title, operation: operation, aspect: entry.aspect,
      level: requirements.compactMap { levels[$0] }.max() ?? .observed, requirements: requirements,
      change: entry.change ?? ServerCase.Change(), before: entry.before ?? [], until: entry.until,
      repetition: entry.repeats, pages: entry.pages,
      expect: entry.expect ?? [], accept: accept)
  }

  /// That every ID is there once, and every operation has a right request.
  private func check() throws {
    var seen: Set<String> = []
    for one in cases {
      guard seen.insert(one.id).inserted else {
        throw DataError(file: Self.folder, reason: "two cases have the ID '\(one.id)'")
      }
      for operation in [one.operation] + one.before.map(\.operation) where right[operation] == nil {
        throw DataError(file: Self.folder, reason: "\(one.id): requests.json has no right request of \(operation)")
      }
    }
  }
}

extension ServerCase {
  fileprivate var documentNames: [String] {
    ([change] + before.compactMap(\.change)).compactMap(\.document)
  }
}
