internal import CLibXML2
public import Findings

/// Judges documents one after the other; for one thread at a time. Make one for each thread.
public final class Validator {
  let library: ValidationLibrary
  public var options: ValidationOptions
  /// Rules below this level are left out.
  public var level = Requirement.Level.observed
  private let parser = Parser()
  private var prepared: [DocumentKind: Prepared] = [:]

  /// A schema and rules with the contexts that this thread uses them through.
  @safe private final class Prepared {
    let definition: DocumentDefinition
    let schema: Schema
    let rules: CompiledRules
    let context: xmlSchemaValidCtxtPtr
    let messages = MessageLog()

    init(_ definition: DocumentDefinition, _ library: ValidationLibrary) throws {
      self.definition = definition
      schema = try library.schema(definition.schema)
      rules = try CompiledRules(try library.rules(definition))
      guard let context = unsafe schema.withPointer({ unsafe xmlSchemaNewValidCtxt($0) }) else {
        throw SchemaError(file: definition.schema, reason: "libxml2 has no memory for a validation context")
      }
      unsafe self.context = context
      unsafe xmlSchemaSetValidStructuredErrors(context, MessageLog.receive, messages.context)
    }

    deinit { unsafe xmlSchemaFreeValidCtxt(context) }

    private var newerElements: [ValidationOptions.Edition: SoughtElements] = [:]

    func elements(newerThan edition: ValidationOptions.Edition) -> SoughtElements {
      if let known = newerElements[edition] { return known }
      let elements = SoughtElements(schema.model.elements(newerThan: edition.rawValue))
      newerElements[edition] = elements
      return elements
    }
  }

  public init(library: ValidationLibrary, options: ValidationOptions = ValidationOptions()) {
    self.library = library
    self.options = options
  }

  /// Compiles what documents of a kind are judged by, so that the first need not wait for it.
  public func makeReady(for kind: DocumentKind) throws { _ = try prepare(kind) }

  /// The judgement of a document in memory.
  ///
  /// - Parameters:
  ///   - bytes: the document.
  ///   - hint: what is known of it; the rest is told by the document itself.
  ///   - file: the name that findings carry.
  ///   - wantsTree: whether the elements are copied out as values.
  public func check(
    _ bytes: [UInt8], as hint: KindHint, file: String? = nil, wantsTree: Bool = false
  ) throws -> DocumentCheck {
    let outcome = try unsafe bytes.withUnsafeBytes { buffer in
      try unsafe parser.withDocument(buffer, limits: options.limits) { document in
        try check(document, as: hint, bytes: bytes, file: file, wantsTree: wantsTree)
      }
    }
    switch outcome {
    case .success(let check): return check
    case .failure(let failure):
      let finding = ParseExplanation(bytes: bytes, errata: library.errata).finding(for: failure, file: file)
      return DocumentCheck(file: file, kind: hint.kind, isGuessed: false, findings: [finding], tree: nil)
    }
  }

  /// The judgement of a document whose kind is known.
  public func check(
    _ bytes: [UInt8], as kind: DocumentKind, file: String? = nil, wantsTree: Bool = false
  ) throws -> DocumentCheck {
    try check(bytes, as: KindHint(kind: kind), file: file, wantsTree: wantsTree)
  }

  /// The judgement and the elements of a document whose kind its root element decides; no kind, no judgement.
  public func check(
    _ bytes: [UInt8], file: String?, kind kindOf: (_ root: String?) -> DocumentKind?
  ) throws -> DocumentCheck {
    let outcome = try unsafe bytes.withUnsafeBytes { buffer in
      try unsafe parser.withDocument(buffer, limits: options.limits) { document in
        let tree = document.tree()
        let kind = kindOf(tree?.name)
        var found: [Finding] = []
        if let kind { found = try findings(in: document, as: kind, bytes: bytes, file: file) }
        return DocumentCheck(file: file, kind: kind, isGuessed: false, findings: found, tree: tree)
      }
    }
    switch outcome {
    case .success(let check): return check
    case .failure(let failure):
      let kind = kindOf(nil)
      let finding = ParseExplanation(bytes: bytes, errata: library.errata).finding(for: failure, file: file)
      return DocumentCheck(file: file, kind: kind, isGuessed: false, findings: kind == nil ? [] : [finding], tree: nil)
    }
  }

  /// The elements of a document that is not judged, or nil when it is not well-formed.
  public func tree(of bytes: [UInt8]) -> ElementTree? {
    unsafe bytes.withUnsafeBytes { buffer in
      try? unsafe parser.withDocument(buffer, limits: options.limits) { $0.tree() }.get()
    }
  }

  // MARK: Judging

  private func check(
    _ document: borrowing ParsedDocument, as hint: KindHint, bytes: [UInt8], file: String?, wantsTree: Bool
  ) throws -> DocumentCheck {
    let tree = wantsTree ? document.tree() : nil
    guard let found = hint.kind ?? guess(document, hint) else {
      let finding = Finding(
        id: "document.kind-unknown", severity: .error, place: Place(file: file, line: 1, column: 1),
        message: "Nothing in this document tells which operation it belongs to.",
        hint: "Say it with --operation ID and --part request|response|error|callback.")
      return DocumentCheck(file: file, kind: nil, isGuessed: false, findings: [finding], tree: tree)
    }
    let findings = try findings(in: document, as: found, bytes: bytes, file: file)
    return DocumentCheck(file: file, kind: found, isGuessed: hint.kind == nil, findings: findings, tree: tree)
  }

  private func findings(
    in document: borrowing ParsedDocument, as kind: DocumentKind, bytes: [UInt8], file: String?
  ) throws -> [Finding] {
    let prepared = try prepare(kind)
    prepared.messages.clear()
    let isSchemaValid = unsafe xmlSchemaValidateDoc(prepared.context, document.pointer) == 0
    let stepsMax = options.limits.ruleStepsMax + options.limits.ruleStepsPerElementMax * document.elementCount
    let (violations, hasAllViolations) = prepared.rules.violations(in: document, level: level, stepsMax: stepsMax)
    let hasNewer = prepared.elements(newerThan: options.edition).occur(in: document)
    if isSchemaValid, violations.isEmpty, hasAllViolations, !hasNewer { return [] }

    let explanation = try SchemaExplanation(
      library: library, options: options, definition: prepared.definition, model: prepared.schema.model, bytes: bytes,
      file: file, document: document)
    if hasNewer { explanation.noteNewerNodes(in: document) }
    for violation in violations { explanation.add(violation) }
    if !hasAllViolations, let root = unsafe document.root { unsafe explanation.noteUnfinishedRules(at: root) }
    if !isSchemaValid { explainSchemaErrors(of: document, prepared, explanation) }
    explanation.addTruncation()
    return explanation.findings
  }

  /// libxml2 stops at the first child that does not fit, so what was reported is taken out of the tree and the rest
  /// is validated again: every independent fault comes to light, in a bounded number of rounds.
  private func explainSchemaErrors(
    of document: borrowing ParsedDocument, _ prepared: Prepared, _ explanation: SchemaExplanation
  ) {
    var pruned: [xmlNodePtr] = unsafe []
    defer { unsafe pruned.forEach { unsafe xmlFreeNode($0) } }
    while true {
      let removable = unsafe explanation.add(prepared.messages.messages)
      // Each round validates all that is left, so a flood of warnings ends the search too.
      if let leftOut = explanation.leftOut, leftOut > .note {
        explanation.endSearch()
        return
      }
      guard unsafe !removable.isEmpty else { return }
      unsafe removable.forEach { unsafe xmlUnlinkNode($0) }
      unsafe pruned.append(contentsOf: removable)
      prepared.messages.clear()
      guard unsafe xmlSchemaValidateDoc(prepared.context, document.pointer) != 0 else { return }
    }
  }

  private func prepare(_ kind: DocumentKind) throws -> Prepared {
    if let known = prepared[kind] { return known }
    guard let definition = library.definition(of: kind) else {
      throw SchemaError(file: "operations.json", reason: "there is no schema for the \(kind)")
    }
    let fresh = try Prepared(definition, library)
    prepared[kind] = fresh
    return fresh
  }

  // MARK: Guessing

  /// The one definition that fits: the only one of its operation or part, else the first whose guesses match.
  private func guess(_ document: borrowing ParsedDocument, _ hint: KindHint) -> DocumentKind? {
    guard let root = unsafe document.root else { return nil }
    let name = unsafe root.elementName
    let fitting = library.definitions.filter { definition in
      (hint.operation == nil || definition.kind.operation == hint.operation || definition.kind.operation == nil)
        && (hint.part == nil || definition.kind.part == hint.part)
    }
    if hint.part != nil || hint.operation != nil {
      let candidates = fitting.filter { $0.kind.operation == hint.operation || $0.kind.part == hint.part }
      if candidates.count == 1 { return candidates[0].kind }
      let own = candidates.filter { $0.root == name && $0.kind.operation == hint.operation }
      if own.count == 1 { return own[0].kind }
    }
    let rooted = fitting.filter { $0.root == name }
    func isSure(_ definition: DocumentDefinition) -> Bool {
      definition.guessAll.contains { $0.allSatisfy { unsafe Self.matches($0, root) } }
    }
    func isLikely(_ definition: DocumentDefinition) -> Bool {
      definition.guess.contains { unsafe Self.matches($0, root) }
    }
    return (rooted.first(where: isSure) ?? rooted.first(where: isLikely))?.kind
  }

  /// Whether a path such as `/Response/JobsDetail/Tag=Animation` leads to an element, with that text when it has one.
  private static func matches(_ path: String, _ root: xmlNodePtr) -> Bool {
    let parts = path.split(separator: "=", maxSplits: 1)
    var nodes = unsafe [root]
    for name in parts[0].split(separator: "/").dropFirst() {
      unsafe nodes = nodes.flatMap { node in
        var found: [xmlNodePtr] = unsafe []
        unsafe forEachChild(of: node) { if unsafe $0.elementName == name { unsafe found.append($0) } }
        return unsafe found
      }
    }
    guard parts.count == 2 else { return unsafe !nodes.isEmpty }
    return unsafe nodes.contains { unsafe $0.stringValue == parts[1] }
  }
}

extension Validator {
  /// What the schema of a kind says of each element.
  public func model(of kind: DocumentKind) throws -> SchemaModel? {
    if let known = prepared[kind] { return known.schema.model }
    return try library.model(of: kind)
  }
}
