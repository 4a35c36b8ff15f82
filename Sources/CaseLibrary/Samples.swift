public import XMLValidation

/// An XML sample of a documentation page as it is printed, with the verdict it must get.
public struct Sample: Sendable, Equatable, Decodable {
  public struct Expected: Sendable, Equatable, Decodable {
    public struct ExpectedFinding: Sendable, Equatable, Decodable {
      public var requirement: String
      public var erratum: String?
      public var severity: String?
    }

    public var valid: Bool
    public var wellFormed: Bool?
    public var findings: [ExpectedFinding]
  }

  public var id: String
  /// Below `Schemas/samples`.
  public var file: String
  public var page: Source
  public var operation: String
  public var part: String
  public var sha256: String
  public var expected: Expected
  /// The smallest repair that makes it valid, below `Schemas/samples`; nil when nothing is wrong with it.
  public var repaired: String?
  public var repairs: [String]?

  public var kind: DocumentKind {
    DocumentKind(operation: operation, part: DocumentKind.Part(rawValue: part) ?? .response)
  }

  public static func all(in folder: DataFolder) throws -> [Sample] {
    struct SamplesFile: Decodable { var samples: [Sample] }
    let file = "Schemas/samples/samples.json"
    return try decodeJSON(SamplesFile.self, from: try folder.read(file), file: file).samples
  }
}
