public import Findings
public import XMLValidation

/// Where a statement or a sample is from.
public struct Source: Sendable, Equatable, Codable {
  public var document: String?
  public var repository: String?
  public var title: String?
  public var path: String?
  public var section: String?
  public var capture: String?
  public var note: String?
  /// The program that recorded it, with its version.
  public var recording: String?

  public init(recording: String) { self.recording = recording }

  public var description: String {
    [document, repository, recording, path, title, section.map { "section \($0)" }, capture].compactMap { $0 }
      .joined(separator: ", ")
  }
}

/// One operation of the API: method, path and documents.
public struct Operation: Sendable, Equatable, Decodable {
  public struct AlsoPath: Sendable, Equatable, Decodable {
    public var path: String
    public var edition: String?
    public var erratum: String?
  }

  public struct PathParameter: Sendable, Equatable, Decodable {
    public var name: String
    public var type: String?
    public var separator: String?
    public var max: Int?
    /// Whether the value may hold slashes, as the key of an object does.
    public var slashes: Bool?
    public var requirement: String?
  }

  public struct QueryParameter: Sendable, Equatable, Decodable {
    public var name: String
    public var required: Bool?
    /// Such as `QueueId`, a type of `Schemas/common.xsd`, `integer`, or one of these with ` list` after it.
    public var type: String?
    public var value: String?
    public var values: [String]?
    public var pattern: String?
    public var minimum: Double?
    public var maximum: Double?
    /// What stands between the values of a list.
    public var separator: String?
    /// Whether the parameter tells the operation from others with its method and path.
    public var selects: Bool?
    /// The edition it appeared in, when it is not in the oldest.
    public var since: String?
    public var requirement: String?
  }

  public struct Header: Sendable, Equatable, Decodable {
    public var name: String
    public var required: Bool?
    public var value: String?
    public var pattern: String?
    public var requirement: String?
  }

  public struct Headers: Sendable, Equatable, Decodable {
    public var request: [Header]?
    public var response: [Header]?
  }

  public struct Document: Sendable, Equatable, Decodable {
    public var schema: String
    public var root: String
    public var rules: [String]?
    public var guess: [String]?
    public var guessAll: [[String]]?
  }

  public var id: String
  public var title: String
  public var method: String
  public var path: String
  /// The service in the host's name, such as `cos`; `ci` unless given.
  public var host: String?
  public var alsoPaths: [AlsoPath]?
  public var pathParameters: [PathParameter]?
  public var query: [QueryParameter]?
  public var headers: Headers?
  /// Nil for a request without a body.
  public var request: Document?
  /// Nil for an answer without a body.
  public var response: Document?
  public var success: [Int]
  /// Whether the real service charges for it.
  public var billable: Bool
  public var tags: [String]?
  public var sources: [Source]

  /// Whether a path fits a template, where `<name>` stands for one segment that is not empty.
  static func matches(template: String, path: String) -> Bool {
    let (wanted, given) = (template.utf8.span, path.utf8.span)
    var (place, at) = (0, 0)
    var isSegmentStart = true
    while true {
      if isSegmentStart, place < wanted.count, wanted[place] == 0x3C {
        guard at < given.count, given[at] != 0x2F else { return false }
        while place < wanted.count, wanted[place] != 0x2F { place += 1 }
        while at < given.count, given[at] != 0x2F { at += 1 }
      }
      guard place < wanted.count else { return at == given.count }
      guard at < given.count, given[at] == wanted[place] else { return false }
      isSegmentStart = given[at] == 0x2F
      place += 1
      at += 1
    }
  }
}

/// A contradiction of the documentation and the reading that the kit adopts.
public struct Erratum: Sendable, Equatable, Decodable {
  public struct Recognise: Sendable, Equatable, Decodable {
    public struct Mismatch: Sendable, Equatable, Decodable {
      public var open: String
      public var close: String
    }

    public var unclosed: String?
    public var mismatch: Mismatch?
    public var strayClose: String?
    public var requirement: String?
    public var requirements: [String]?
    public var type: String?
  }

  public var id: String
  public var title: String
  public var `where`: [String]
  public var contradiction: String
  public var reading: String
  public var evidence: String
  public var acts: [String]
  public var actsHow: String
  public var recognise: Recognise?
}

/// The operations, requirements and errata of the kit's data.
public struct Catalogue: Sendable {
  public var operations: [Operation] { didSet { table = OperationTable(operations) } }
  public var documents: [String: Operation.Document]
  /// Read when first asked for: a document that is valid is judged without.
  public var requirements: [Requirement] { get throws { try requirementsFile.requirements } }
  public var errata: [Erratum]
  let folder: DataFolder
  private(set) var table: OperationTable
  private let requirementsFile: RequirementsFile

  public init(_ folder: DataFolder) throws {
    struct OperationsFile: Decodable {
      var operations: [Operation]
      var documents: [String: Operation.Document]
    }
    struct ErrataFile: Decodable { var errata: [Erratum] }

    self.folder = folder
    let operations = try decodeJSON(
      OperationsFile.self, from: try folder.read("Schemas/operations.json"), file: "Schemas/operations.json")
    self.operations = operations.operations
    table = OperationTable(operations.operations)
    documents = operations.documents
    requirementsFile = RequirementsFile(folder)
    errata = try decodeJSON(ErrataFile.self, from: try folder.read("Schemas/errata.json"), file: "Schemas/errata.json")
      .errata
  }

  public func operation(_ id: String) -> Operation? { operations.first { $0.id == id } }

  /// The definitions of all documents, in the order in which a document is compared with them.
  public var definitions: [DocumentDefinition] {
    func definition(_ kind: DocumentKind, _ document: Operation.Document) -> DocumentDefinition {
      DocumentDefinition(
        kind: kind, schema: document.schema, root: document.root, rules: document.rules ?? [],
        guess: document.guess ?? [], guessAll: document.guessAll ?? [])
    }
    let shared = DocumentKind.Part.allCases.compactMap { part in
      documents[part.rawValue].map { definition(DocumentKind(operation: nil, part: part), $0) }
    }
    return shared
      + operations.flatMap { operation in
        [
          operation.request.map { definition(DocumentKind(operation: operation.id, part: .request), $0) },
          operation.response.map { definition(DocumentKind(operation: operation.id, part: .response), $0) },
        ].compactMap { $0 }
      }
  }

  public func validationLibrary() -> ValidationLibrary {
    let folder = folder
    let requirementsFile = requirementsFile
    return ValidationLibrary(
      definitions: definitions, requirements: try requirementsFile.requirements,
      errata: errata.compactMap { erratum in
        erratum.recognise.map {
          ErratumRecognition(
            erratum: erratum.id, unclosed: $0.unclosed, mismatchOpen: $0.mismatch?.open,
            mismatchClose: $0.mismatch?.close, strayClose: $0.strayClose,
            requirements: ($0.requirements ?? []) + [$0.requirement].compactMap { $0 }, type: $0.type)
        }
      },
      read: { try folder.read("Schemas/\($0)") })
  }
}
