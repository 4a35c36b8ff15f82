internal import Findings
internal import Synchronization

/// `Schemas/requirements.json`, read once when it is first needed.
final class RequirementsFile: Sendable {
  private static let path = "Schemas/requirements.json"
  private let folder: DataFolder
  private let known = Mutex<[Requirement]?>(nil)

  init(_ folder: DataFolder) { self.folder = folder }

  var requirements: [Requirement] {
    get throws {
      try known.withLock { known in
        if let known { return known }
        let requirements = try read()
        known = requirements
        return requirements
      }
    }
  }

  private struct Content: Decodable {
    var requirements: [Entry]
  }

  private struct Entry: Decodable {
    var id: String
    var statement: String
    var level: String
    var editions: [String]?
    var operations: [String]?
    var hint: String?
    var source: Source
    var errata: [String]?
    var kind: String
    var proof: String?
    var why: String?
  }

  private func read() throws -> [Requirement] {
    try decodeJSON(Content.self, from: try folder.read(Self.path), file: Self.path).requirements.map { entry in
      guard let level = Requirement.Level(rawValue: entry.level) else {
        throw DataError(
          file: Self.path, reason: "the level of \(entry.id) is '\(entry.level)', not must, should or observed")
      }
      return Requirement(
        id: entry.id, statement: entry.statement, level: level, hint: entry.hint, source: entry.source.description,
        editions: entry.editions ?? [], operations: entry.operations ?? [], errata: entry.errata ?? [],
        kind: entry.kind, proof: entry.proof, why: entry.why)
    }
  }
}
