/// A pair of answers and what a comparison of them has to say.
public struct ComparisonVector: Sendable, Equatable, Decodable {
  /// One difference that has to be found.
  public struct Expected: Sendable, Equatable, Decodable {
    /// `violation`, `gap`, `changed` or `noise`.
    public var `class`: String
    /// The node in the actual answer, as in findings; `status`, `headers/date` or `body` outside the document.
    public var path: String
    /// The requirement that is named; not judged unless given.
    public var requirement: String?
    /// Line and column in either answer; not judged unless given.
    public var recordedPlace: [Int]?
    public var actualPlace: [Int]?
    /// The type in the element declaration that is proposed for a gap.
    public var proposedType: String?
  }

  /// Answers that were compared before and left their identifiers and states.
  public struct Earlier: Sendable, Equatable, Decodable {
    public var recorded: String
    public var actual: String
  }

  public var id: String
  /// Why the two are the same or not.
  public var reason: String
  /// The page, capture or known fault of a tool that it comes from.
  public var source: String
  public var operation: String
  public var part: String
  /// The body of the request as it was sent to the target.
  public var request: String?
  public var earlier: [Earlier]?
  public var recorded: String
  /// Either the text or, for one that is not UTF-8, its bytes in base64.
  public var actual: String?
  public var actualBase64: String?
  /// Whether nothing but noise differs.
  public var equal: Bool
  /// All differences, noise included, in any order.
  public var differences: [Expected]
}

extension ComparisonVector {
  private struct File: Decodable {
    var vectors: [ComparisonVector]
  }

  /// The vectors of all files in `Vectors/comparison`, in their order.
  public static func all(in folder: DataFolder) throws -> [ComparisonVector] {
    let place = "Vectors/comparison"
    return try Files.names(in: "\(folder.path)/\(place)").filter {
      $0.hasSuffix(".json") && !$0.hasSuffix(".schema.json")
    }
    .flatMap { name in
      try decodeJSON(File.self, from: try folder.read("\(place)/\(name)"), file: "\(place)/\(name)").vectors
    }
  }
}
