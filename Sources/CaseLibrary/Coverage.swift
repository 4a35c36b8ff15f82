public import Findings
public import XMLValidation

/// Where each requirement is checked and how it is proved.
public struct Coverage: Sendable {
  public struct Entry: Sendable {
    public var requirement: Requirement
    /// Schema files with the node path, rule files with the test.
    public var checks: [String]
    /// Documents that keep it, with what is done to break it.
    public var twins: [Twin]
    /// Steps of scenarios that name it.
    public var scenarios: [String]
    /// Pages of the documentation that state it.
    public var pages: [String]

    /// A document can break it, and one does; or something else proves it, or the documentation alone stands for it.
    public var isProved: Bool {
      !twins.isEmpty || !scenarios.isEmpty || requirement.proof != nil
    }
  }

  /// A document that keeps a requirement, and the edit that breaks only that.
  public struct Twin: Sendable, Equatable {
    /// Below `Schemas/corpus`.
    public var document: String
    public var edit: String
  }

  public var entries: [Entry]

  public init(catalogue: Catalogue, library: ValidationLibrary, folder: DataFolder) throws {
    let checks = try Self.checks(library)
    let twins = try Self.twins(folder)
    let scenarios = try Self.scenarios(folder)
    let pages = try Self.pages(folder)
    entries = try catalogue.requirements.map { requirement in
      Entry(
        requirement: requirement, checks: checks[requirement.id] ?? [], twins: twins[requirement.id] ?? [],
        scenarios: scenarios[requirement.id] ?? [], pages: pages[requirement.id] ?? [])
    }
  }

  private static func checks(_ library: ValidationLibrary) throws -> [String: [String]] {
    var checks: [String: [String]] = [:]
    func add(_ text: String, to id: String) {
      if checks[id]?.contains(text) != true { checks[id, default: []].append(text) }
    }
    for definition in library.definitions {
      if let model = try library.model(of: definition.kind) {
        for (path, declaration) in model.elements() {
          guard let base = declaration.requirement else { continue }
          let place = "Schemas/\(definition.schema) \(path)"
          add(place, to: base)
          for aspect in ["required", "once", "values", "form", "max-length", "range"] {
            add(place, to: "\(base).\(aspect)")
          }
        }
      }
      for rule in try library.rules(of: definition) {
        add(
          "Schemas/\(rule.file) at \(rule.context): \(rule.test.split(whereSeparator: \.isWhitespace).joined(separator: " "))",
          to: rule.id)
      }
    }
    return checks
  }

  private static func twins(_ folder: DataFolder) throws -> [String: [Twin]] {
    struct CorpusFile: Decodable {
      struct Break: Decodable {
        struct Edit: Decodable {
          var op: String
          var path: String
          var value: String?
          var to: String?
          var xml: String?
        }
        var requirement: String
        var document: String
        var edit: [Edit]
      }
      var breaks: [Break]
    }
    let file = "Schemas/corpus/corpus.json"
    guard Files.exists("\(folder.path)/\(file)") else { return [:] }
    var twins: [String: [Twin]] = [:]
    for entry in try decodeJSON(CorpusFile.self, from: try folder.read(file), file: file).breaks {
      let edit = entry.edit.map { edit in
        switch edit.op {
        case "set": "\(edit.path) is set to '\(shown(edit.value ?? ""))'"
        case "drop": "\(edit.path) is left out"
        case "duplicate": "\(edit.path) stands twice"
        case "rename": "\(edit.path) is named \(edit.to ?? "otherwise")"
        case "insert": "\(shown(edit.xml ?? "")) is put into \(edit.path)"
        default: "\(edit.op) at \(edit.path)"
        }
      }
      twins[entry.requirement, default: []].append(
        Twin(document: entry.document, edit: edit.joined(separator: "; ")))
    }
    return twins
  }

  private static func shown(_ text: String) -> String {
    text.utf8.count <= 60 ? text : String(text.prefix(57)) + "…"
  }

  private static func scenarios(_ folder: DataFolder) throws -> [String: [String]] {
    var steps: [String: [String]] = [:]
    for scenario in try RecordedScenario.all(in: folder).map(\.scenario) where scenario.supported != false {
      for step in scenario.steps {
        for id in step.requirements ?? [] { steps[id, default: []].append("\(scenario.id)/\(step.id)") }
      }
    }
    return steps
  }

  private static func pages(_ folder: DataFolder) throws -> [String: [String]] {
    struct PagesFile: Decodable {
      struct Entry: Decodable {
        var page: String
        var requirements: [String]?
      }
      var entries: [Entry]
    }
    let file = "Schemas/pages.json"
    var pages: [String: [String]] = [:]
    for entry in try decodeJSON(PagesFile.self, from: try folder.read(file), file: file).entries {
      for id in entry.requirements ?? [] where pages[id]?.contains(entry.page) != true {
        pages[id, default: []].append(entry.page)
      }
    }
    return pages
  }
}
