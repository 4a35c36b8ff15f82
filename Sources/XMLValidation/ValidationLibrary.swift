public import Findings
private import Synchronization

/// Everything that documents are judged by: schemas, rules, requirements and errata. Shared by all threads.
public final class ValidationLibrary: Sendable {
  public let definitions: [DocumentDefinition]
  let errata: [ErratumRecognition]
  private let readRequirements: @Sendable () throws -> [Requirement]
  private let knownRequirements = Mutex<[String: Requirement]?>(nil)
  private let read: @Sendable (String) throws -> [UInt8]
  /// Compiled when first asked for, so one document costs one schema.
  private let compiled = Mutex<(schemas: [String: Schema], rules: [String: RuleFile])>(([:], [:]))

  /// - Parameters:
  ///   - definitions: the kinds of documents with their schemas and rules.
  ///   - requirements: asked for once, when the first finding is made.
  ///   - errata: how findings that an erratum is behind are recognised.
  ///   - read: the bytes of a file in `Schemas/`, by its name there.
  public init(
    definitions: [DocumentDefinition], requirements: @escaping @autoclosure @Sendable () throws -> [Requirement],
    errata: [ErratumRecognition], read: @escaping @Sendable (String) throws -> [UInt8]
  ) {
    self.definitions = definitions
    readRequirements = requirements
    self.errata = errata
    self.read = read
  }

  /// By their IDs.
  public var requirements: [String: Requirement] {
    get throws {
      try knownRequirements.withLock { known in
        if let known { return known }
        let requirements = Dictionary(try readRequirements().map { ($0.id, $0) }) { first, _ in first }
        known = requirements
        return requirements
      }
    }
  }

  public func definition(of kind: DocumentKind) -> DocumentDefinition? { definitions.first { $0.kind == kind } }

  /// What the schema of a kind says of each element.
  public func model(of kind: DocumentKind) throws -> SchemaModel? {
    try definition(of: kind).map { try schema($0.schema).model }
  }

  /// Compiles every schema and every rule; throws what is wrong with the first that cannot be.
  public func compileEverything() throws {
    for definition in definitions {
      _ = try schema(definition.schema)
      _ = try CompiledRules(try rules(definition))
    }
  }

  /// One assertion of a rule file, as it is written there.
  public struct Rule: Sendable, Equatable {
    /// The requirement's ID.
    public var id: String
    public var file: String
    /// XPath 1.0: what it is about, and what holds there.
    public var context: String
    public var test: String
  }

  /// All assertions of a definition, in the order of its files.
  public func rules(of definition: DocumentDefinition) throws -> [Rule] {
    try rules(definition).flatMap { file in
      file.patterns.flatMap(\.rules).flatMap { rule in
        rule.assertions.map { Rule(id: $0.id, file: file.file, context: rule.context, test: $0.test) }
      }
    }
  }

  func schema(_ file: String) throws -> Schema {
    try compiled.withLock { compiled in
      if let schema = compiled.schemas[file] { return schema }
      let schema = try Schema(file: file, read: read)
      compiled.schemas[file] = schema
      return schema
    }
  }

  func rules(_ definition: DocumentDefinition) throws -> [RuleFile] {
    try compiled.withLock { compiled in
      try definition.rules.map { file in
        if let rules = compiled.rules[file] { return rules }
        let rules = try RuleFile(file: file, read: read)
        compiled.rules[file] = rules
        return rules
      }
    }
  }
}

/// The judgement of one document.
public struct DocumentCheck: Sendable {
  /// The name that was given for it.
  public var file: String?
  /// Nil when nothing told what the document is.
  public var kind: DocumentKind?
  /// Whether the kind was told by the document itself.
  public var isGuessed: Bool
  /// In document order.
  public var findings: [Finding]
  /// Nil when the document is not well-formed, or when it was not asked for.
  public var tree: ElementTree?

  public var isValid: Bool { !findings.contains { $0.severity == .error } }
}
