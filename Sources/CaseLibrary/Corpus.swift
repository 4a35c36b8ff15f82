internal import Glibc
internal import HTTPExchange
public import XMLValidation

/// A valid document that others are derived from.
public struct CorpusDocument: Sendable {
  /// A stable name without slashes.
  public var id: String
  /// The file it is from, for people.
  public var file: String
  public var kind: DocumentKind
  public var bytes: [UInt8]

  public init(id: String, file: String, kind: DocumentKind, bytes: [UInt8]) {
    self.id = id
    self.file = file
    self.kind = kind
    self.bytes = bytes
  }
}

/// A proof of one requirement: edits that break it, and nothing else, in a valid document.
public struct CorpusBreak: Sendable, Decodable {
  public struct Edit: Sendable, Decodable {
    public enum Operation: String, Sendable, Decodable {
      case set, drop, duplicate, rename, insert
    }

    public var op: Operation
    public var path: String
    public var value: String?
    public var to: String?
    public var xml: String?
  }

  public var requirement: String
  /// The file of the document below `Schemas/corpus`.
  public var document: String
  public var edit: [Edit]
  /// Requirements that fall with it and cannot be kept apart.
  public var also: [String]?
}

/// Every valid document of the data, and the proofs of requirements.
public struct Corpus: Sendable {
  public var documents: [CorpusDocument]
  public var breaks: [CorpusBreak]

  private struct Manifest: Decodable {
    struct Entry: Decodable {
      var file: String
      var operation: String?
      var part: String
    }

    var documents: [Entry]
    var breaks: [CorpusBreak]
  }

  public init(_ folder: DataFolder, _ catalogue: Catalogue) throws {
    documents = []
    breaks = []
    try addManifest(folder)
    try addSamples(folder)
    try addExchanges(folder, catalogue)
    if let twice = Dictionary(grouping: documents, by: \.name).first(where: { $0.value.count > 1 }) {
      throw DataError(file: "Schemas/corpus", reason: "two documents have the name '\(twice.key)'")
    }
  }

  private mutating func addManifest(_ folder: DataFolder) throws {
    let file = "Schemas/corpus/corpus.json"
    guard Files.exists("\(folder.path)/\(file)") else { return }
    let manifest = try decodeJSON(Manifest.self, from: try folder.read(file), file: file)
    for entry in manifest.documents {
      guard let part = DocumentKind.Part(rawValue: entry.part) else {
        throw DataError(file: file, reason: "'\(entry.part)' is no part of an operation")
      }
      let stem = Self.stem(of: entry.file)
      documents.append(
        CorpusDocument(
          id: stem, file: Self.place(of: entry.file), kind: DocumentKind(operation: entry.operation, part: part),
          bytes: try folder.read("Schemas/corpus/\(Self.place(of: entry.file))")))
    }
    breaks = manifest.breaks
  }

  /// Where a file of the manifest is below `Schemas/corpus`.
  static func place(of file: String) -> String { file.hasPrefix("valid/") ? file : "valid/\(file)" }

  private static func stem(of file: String) -> String {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    return name.hasSuffix(".xml") ? String(name.dropLast(4)) : name
  }

  /// The document a break names.
  public func document(named file: String) -> CorpusDocument? {
    documents.first { $0.file == Self.place(of: file) || $0.id == Self.stem(of: file) }
  }

  private mutating func addSamples(_ folder: DataFolder) throws {
    for sample in try Sample.all(in: folder) {
      let file: String
      if let repaired = sample.repaired {
        file = repaired
      } else if sample.expected.valid, sample.expected.findings.isEmpty {
        file = sample.file
      } else {
        continue
      }
      documents.append(
        CorpusDocument(
          id: "samples.\(sample.id)", file: file, kind: sample.kind, bytes: try folder.read("Schemas/samples/\(file)")))
    }
  }

  /// The bodies of the recordings. A request that was refused is no valid document.
  private mutating func addExchanges(_ folder: DataFolder, _ catalogue: Catalogue) throws {
    for recorded in try RecordedScenario.all(in: folder) where recorded.scenario.supported != false {
      for (step, exchange) in zip(recorded.scenario.steps, recorded.exchanges) {
        guard let operation = catalogue.operation(step.operation) else { continue }
        let id = "exchanges.\(recorded.scenario.id.replacing("/", with: ".")).\(step.id)"
        let isAccepted = operation.success.contains(exchange.response.status)
        let place = "Exchanges/\(recorded.scenario.id)"
        if isAccepted, operation.request != nil, !exchange.request.body.isEmpty {
          documents.append(
            CorpusDocument(
              id: id, file: "\(place)/\(step.request)", kind: DocumentKind(operation: operation.id, part: .request),
              bytes: exchange.request.body))
        }
        guard !exchange.response.body.isEmpty, !isAccepted || operation.response != nil else { continue }
        documents.append(
          CorpusDocument(
            id: id, file: "\(place)/\(step.response)",
            kind: isAccepted ? DocumentKind(operation: operation.id, part: .response) : .error,
            bytes: exchange.response.body))
      }
    }
  }
}

extension CorpusDocument {
  /// Its kind and name, as IDs of cases carry them.
  public var name: String { "\(kind.path)/\(id)" }
}

extension DocumentKind {
  /// Such as `file-jobs.submit.request`; the part alone for a document that all operations share.
  public var path: String { operation.map { "\($0).\(part.rawValue)" } ?? part.rawValue }
}

extension Files {
  /// Makes a folder and those above it that are not there yet.
  public static func makeFolder(_ path: String) throws(FileError) {
    guard !isFolder(path) else { return }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try makeFolder(String(path[..<slash])) }
    guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else {
      throw FileError(path: path, reason: reason(of: errno))
    }
  }
}
