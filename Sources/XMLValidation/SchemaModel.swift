internal import CLibXML2

/// What the schemas say of one element, beside its content: the annotation in `xs:appinfo`.
public final class ElementDeclaration: Sendable {
  /// What a node's value means to a comparison. `design` words; docs/Formats.md has the table.
  public enum NodeClass: String, Sendable, CaseIterable {
    case container, constant, echo, assigned, clock, state, result, free
  }

  public let name: String
  /// The name of its simple or complex type; `#n` for one without a name.
  public let type: String
  public let isRequired: Bool
  public let repeats: Bool
  /// Whether the order of a repeated element's occurrences counts.
  public let isSequence: Bool
  /// Whether an answer may lack it although another had it.
  public let mayBeAbsent: Bool
  public let requirement: String?
  public let nodeClass: NodeClass
  public let since: String?
  public let erratum: String?

  init(
    name: String, type: String, isRequired: Bool, repeats: Bool, isSequence: Bool, mayBeAbsent: Bool,
    requirement: String?, nodeClass: NodeClass, since: String?, erratum: String?
  ) {
    self.name = name
    self.type = type
    self.isRequired = isRequired
    self.repeats = repeats
    self.isSequence = isSequence
    self.mayBeAbsent = mayBeAbsent
    self.requirement = requirement
    self.nodeClass = nodeClass
    self.since = since
    self.erratum = erratum
  }
}

/// The element declarations of one schema as values: what `xmlSchemaPtr` holds back from its users.
public struct SchemaModel: Sendable {
  private var childrenByType: [String: [ElementDeclaration]] = [:]
  private var enumerations: [String: [String]] = [:]
  private var documentation: [String: String] = [:]
  /// Named complex types that take any children.
  private var openTypes: Set<String> = []
  /// Complex types whose content is a free choice: rules, not the schema, count their nodes.
  private var choiceTypes: Set<String> = []
  public private(set) var roots: [ElementDeclaration] = []
  private var anonymousTypes = 0

  /// The declaration of the element at a path of names, from the root down.
  public func declaration(at path: some Collection<String>) -> ElementDeclaration? {
    guard var declaration = roots.first(where: { $0.name == path.first }) else { return nil }
    for name in path.dropFirst() {
      guard let child = children(of: declaration).first(where: { $0.name == name }) else { return nil }
      declaration = child
    }
    return declaration
  }

  /// The children an element may have; empty for one with text alone.
  public func children(of declaration: ElementDeclaration) -> [ElementDeclaration] {
    childrenByType[declaration.type] ?? []
  }

  public func allowedValues(of declaration: ElementDeclaration) -> [String] { enumerations[declaration.type] ?? [] }

  /// The form of a simple type in words.
  public func form(of declaration: ElementDeclaration) -> String? { documentation[declaration.type] }

  public func isOpen(_ declaration: ElementDeclaration) -> Bool { openTypes.contains(declaration.type) }

  /// Whether the schema lets any of the children stand any number of times, so that rules have to count them.
  public func isChoice(_ declaration: ElementDeclaration) -> Bool { choiceTypes.contains(declaration.type) }

  /// An element by its own name and that of the element around it.
  public struct NamedChild: Sendable, Hashable {
    public var parent: String
    public var name: String
  }

  /// The elements a document may have that are newer than an edition.
  public func elements(newerThan edition: String) -> Set<NamedChild> {
    var newer: Set<NamedChild> = []
    var visited: Set<String> = []
    var open = roots
    while let declaration = open.popLast() {
      for child in children(of: declaration) {
        if let since = child.since, since > edition {
          newer.insert(NamedChild(parent: declaration.name, name: child.name))
        }
        if visited.insert("\(child.name) \(child.type)").inserted { open.append(child) }
      }
    }
    return newer
  }

  /// Every declaration, for lints.
  public var allDeclarations: [ElementDeclaration] { roots + childrenByType.values.joined() }

  // MARK: Reading

  /// Reads the merged schema document.
  init(schemaRoot: xmlNodePtr) {
    var groups: [String: xmlNodePtr] = unsafe [:]
    unsafe forEachChild(of: schemaRoot) { child in
      if unsafe child.elementName == "group", let name = unsafe child.attribute("name") { unsafe groups[name] = child }
    }
    unsafe forEachChild(of: schemaRoot) { child in
      switch unsafe child.elementName {
      case "element": unsafe roots.append(declaration(child, minimum: "1", groups: groups))
      case "complexType", "simpleType":
        if let name = unsafe child.attribute("name") { unsafe readType(child, name: name, groups: groups) }
      default: break
      }
    }
  }

  private mutating func readType(_ node: xmlNodePtr, name: String, groups: [String: xmlNodePtr]) {
    if let text = unsafe documentation(of: node) { documentation[name] = text }
    guard unsafe node.elementName == "complexType" else {
      unsafe readEnumerations(node, type: name)
      return
    }
    childrenByType[name] = []
    unsafe readContent(of: node, type: name, isOptional: false, groups: groups)
  }

  private mutating func readContent(
    of node: xmlNodePtr, type: String, isOptional: Bool, groups: [String: xmlNodePtr]
  ) {
    unsafe forEachChild(of: node) { child in
      let lowest = unsafe child.attribute("minOccurs")
      let zero = isOptional || lowest == "0"
      switch unsafe child.elementName {
      case "element":
        let minimum = zero ? "0" : lowest ?? "1"
        unsafe childrenByType[type, default: []].append(
          declaration(child, minimum: minimum, groups: groups))
      case "any": openTypes.insert(type)
      case "choice":
        choiceTypes.insert(type)
        unsafe readContent(of: child, type: type, isOptional: true, groups: groups)
      case "all", "sequence", "complexContent", "extension":
        if let base = unsafe child.attribute("base") { childrenByType[type, default: []] += childrenByType[base] ?? [] }
        unsafe readContent(of: child, type: type, isOptional: zero, groups: groups)
      case "group":
        if let reference = unsafe child.attribute("ref").flatMap({ unsafe groups[$0] }) {
          unsafe readContent(of: reference, type: type, isOptional: zero, groups: groups)
        }
      default: break
      }
    }
  }

  private mutating func declaration(
    _ node: xmlNodePtr, minimum: String, groups: [String: xmlNodePtr]
  ) -> ElementDeclaration {
    var type = unsafe node.attribute("type") ?? ""
    unsafe forEachChild(of: node) { child in
      guard unsafe ["complexType", "simpleType"].contains(child.elementName) else { return }
      anonymousTypes += 1
      type = "#\(anonymousTypes)"
      unsafe readType(child, name: type, groups: groups)
    }
    let note = unsafe annotation(of: node)
    let highest = unsafe node.attribute("maxOccurs")
    func value(_ name: String) -> String? { unsafe note.flatMap { unsafe $0.attribute(name) } }
    return ElementDeclaration(
      name: unsafe node.attribute("name") ?? "", type: type, isRequired: minimum != "0",
      // An order-free container is a choice that repeats, so only the annotation tells which of its nodes really do.
      repeats: value("repeats") != nil || !["0", "1", nil].contains(highest),
      isSequence: value("repeats") == "sequence", mayBeAbsent: value("absent") == "allowed",
      requirement: value("requirement"),
      nodeClass: value("class").flatMap(ElementDeclaration.NodeClass.init) ?? .free, since: value("since"),
      erratum: value("erratum"))
  }

  private mutating func readEnumerations(_ node: xmlNodePtr, type: String) {
    unsafe forEachChild(of: node) { child in
      switch unsafe child.elementName {
      case "enumeration":
        if let value = unsafe child.attribute("value") { enumerations[type, default: []].append(value) }
      case "restriction", "union", "simpleType":
        for member in unsafe (child.attribute("memberTypes") ?? "").split(separator: " ") {
          enumerations[type, default: []] += enumerations[String(member)] ?? []
        }
        unsafe readEnumerations(child, type: type)
      default: break
      }
    }
  }

  /// The kit's own element in `xs:annotation/xs:appinfo`.
  private func annotation(of node: xmlNodePtr) -> xmlNodePtr? {
    var found: xmlNodePtr?
    unsafe forEachChild(of: node) { child in
      guard unsafe child.elementName == "annotation" else { return }
      unsafe forEachChild(of: child) { info in
        if unsafe info.elementName == "appinfo" { unsafe found = info.firstElement ?? found }
      }
    }
    return unsafe found
  }

  private func documentation(of node: xmlNodePtr) -> String? {
    var text: String?
    unsafe forEachChild(of: node) { child in
      guard unsafe child.elementName == "annotation" else { return }
      unsafe forEachChild(of: child) { info in
        if unsafe info.elementName == "documentation" {
          text = unsafe info.stringValue.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
      }
    }
    return text
  }
}

/// Calls a function with every child element.
func forEachChild(of node: xmlNodePtr, _ body: (xmlNodePtr) -> Void) {
  var child = unsafe node.firstElement
  while let current = unsafe child {
    unsafe body(current)
    unsafe child = current.nextElement
  }
}
