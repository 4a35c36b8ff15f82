internal import CaseLibrary
internal import Findings
internal import XMLValidation

/// Derives from a valid document those with one fault, each with what must be found: from the schema's declarations,
/// the kind of fault and the stated rules.
final class OneFaultGenerator {
  private let requirements: [String: Requirement]
  let kind: DocumentKind
  let model: SchemaModel
  let rules: StatedRules
  private let ruleIDs: Set<String>
  /// Types whose values nothing is known of: a hole in the corpus.
  private(set) var unknownTypes: Set<String> = []
  private var cases: [OneFaultCase] = []
  private var tree = ElementTree("")
  private var documentName = ""
  private var names: [ElementIndexPath: String] = [:]
  private var declarations: [ElementIndexPath: ElementDeclaration] = [:]
  private var derived = OneFaultSelection(isFull: true)

  init(library: ValidationLibrary, kind: DocumentKind) throws {
    guard let definition = library.definition(of: kind), let model = try library.model(of: kind) else {
      throw SchemaError(file: "operations.json", reason: "there is no schema for the \(kind)")
    }
    requirements = try library.requirements
    self.kind = kind
    self.model = model
    ruleIDs = Set(try library.rules(of: definition).map(\.id))
    rules = try StatedRules(of: definition, library: library)
  }

  /// - Parameter selection: which faults are wanted still; takes note of those that are made.
  func cases(
    of document: CorpusDocument, tree: ElementTree, selection: inout OneFaultSelection
  ) -> [OneFaultCase] {
    swap(&derived, &selection)
    defer { swap(&derived, &selection) }
    self.tree = tree
    documentName = document.name
    cases = []
    names = Dictionary(uniqueKeysWithValues: tree.indexPaths.map { ($0, tree.namedPath($0)) })
    declarations = [:]
    for path in tree.indexPaths {
      declarations[path] =
        path.isEmpty
        ? model.declaration(at: [tree.name])
        : declarations[Array(path.dropLast())].flatMap { outer in
          model.children(of: outer).first { $0.name == tree[at: path]?.name }
        }
    }
    add([], "as-it-is", tree, [])
    for path in tree.indexPaths {
      guard let element = tree[at: path], let declaration = declaration(at: path) else { continue }
      addNodeFaults(path, element, declaration)
      if isContainer(declaration) {
        addContainerFaults(path, element, declaration)
      } else if !model.isOpen(declaration) {
        addValueFaults(path, element, declaration)
      }
    }
    addTextFaults()
    return cases
  }

  // MARK: What is declared

  private func declaration(at path: ElementIndexPath) -> ElementDeclaration? { declarations[path] }

  private func isContainer(_ declaration: ElementDeclaration) -> Bool { !model.children(of: declaration).isEmpty }

  /// The requirement with the aspect if the data states it, else the node's own.
  private func requirement(_ declaration: ElementDeclaration, _ aspect: String) -> String? {
    guard let base = declaration.requirement else { return nil }
    return [base + "." + aspect, base].first { requirements[$0] != nil }
  }

  private var unknownNode: ExpectedFinding {
    // Answers grow; a request with a node that nobody documented is wrong.
    ExpectedFinding("schema.unknown-node", "xml.documented-nodes", kind.part == .request ? .error : .warning)
  }

  /// What falls when the node at a path is no longer there under its name: it is missing if the requirements say so,
  /// neither a rule of its own nor the rules of a free choice say it, and no other has its name.
  private func missing(_ path: ElementIndexPath, _ declaration: ElementDeclaration) -> [ExpectedFinding] {
    guard let outer = self.declaration(at: Array(path.dropLast())), !model.isChoice(outer),
      let base = declaration.requirement, let required = requirements["\(base).required"],
      !ruleIDs.contains(required.id),
      let parent = tree[at: Array(path.dropLast())],
      parent.children.count(where: { $0.name == declaration.name }) == 1
    else { return [] }
    return [ExpectedFinding("schema.missing-node", required.id)]
  }

  // MARK: Adding cases

  private func add(
    _ path: ElementIndexPath, _ fault: String, _ derived: @autoclosure () -> ElementTree,
    _ structural: @autoclosure () -> [ExpectedFinding], marks: [ElementIndexPath: ElementMark] = [:]
  ) {
    guard isWanted(path, fault) else { return }
    let tree = derived()
    append(path, fault, Array(tree.document(marks: marks).utf8), structural() + rules.broken(by: tree))
  }

  private func add(
    _ path: ElementIndexPath, _ fault: String, bytes: @autoclosure () -> [UInt8], _ expected: [ExpectedFinding]
  ) {
    guard isWanted(path, fault) else { return }
    append(path, fault, bytes(), expected)
  }

  private func isWanted(_ path: ElementIndexPath, _ fault: String) -> Bool {
    derived.take(fault, of: declarations[path]?.requirement ?? names[path] ?? "", in: kind)
  }

  private func append(
    _ path: ElementIndexPath, _ fault: String, _ bytes: [UInt8], _ expected: [ExpectedFinding]
  ) {
    let prefix = expected.isEmpty ? "no-fault/" : OneFaultCase.faultPrefix
    cases.append(
      OneFaultCase(
        id: "\(prefix)\(documentName)/\(names[path] ?? "")/\(fault)", kind: kind, bytes: bytes,
        expected: expected.sorted()))
  }

  private func addUnreadable(
    _ path: ElementIndexPath, _ fault: String, _ id: String, _ bytes: @autoclosure () -> [UInt8]
  ) {
    add(path, fault, bytes: bytes(), [ExpectedFinding(id, "xml.well-formed")])
  }

  // MARK: Faults of a node

  private func addNodeFaults(
    _ path: ElementIndexPath, _ element: ElementTree, _ declaration: ElementDeclaration
  ) {
    add(
      path, "attribute", tree, [ExpectedFinding("schema.attribute", "xml.no-attributes")],
      marks: [path: ElementMark(attributes: " note=\"1\"")])
    let foreign = tree.editing(at: path) { $0 = $0.inNamespace("urn:cispec:foreign") }
    if path.isEmpty {
      add(path, "namespace", foreign, [ExpectedFinding("schema.wrong-root", "xml.no-namespace")])
      for (fault, name) in renamings(of: element.name) {
        add(path, fault, tree.renaming(at: path, to: name), [ExpectedFinding("schema.wrong-root", "xml.root")])
      }
    } else {
      addPlaceFaults(path, element, declaration)
      add(
        path, "namespace", foreign,
        [ExpectedFinding("schema.unknown-node", "xml.no-namespace")] + missing(path, declaration))
    }
    addTagFaults(path, element)
  }

  private func addPlaceFaults(
    _ path: ElementIndexPath, _ element: ElementTree, _ declaration: ElementDeclaration
  ) {
    guard let parent = self.declaration(at: Array(path.dropLast())) else { return }
    add(path, "dropped", tree.dropping(at: path), missing(path, declaration))
    let isTwice = !declaration.repeats && !model.isChoice(parent)
    add(
      path, "twice", tree.duplicating(at: path),
      isTwice ? [ExpectedFinding("schema.repeated-node", requirement(declaration, "once"))] : [])
    let known = Set(model.children(of: parent).map(\.name))
    for (fault, name) in renamings(of: element.name) where !known.contains(name) {
      add(path, fault, tree.renaming(at: path, to: name), [unknownNode] + missing(path, declaration))
    }
    if let index = siblingContainer(for: element.name, of: path) {
      let target = Array(path.dropLast() + [index])
      add(
        path, "moved-into-\(tree[at: target]?.name ?? "")", tree.moving(from: path, into: target),
        [unknownNode] + missing(path, declaration))
    }
    let outer = ElementIndexPath(path.dropLast(2))
    if path.count >= 2, let grandparent = self.declaration(at: outer),
      !model.children(of: grandparent).contains(where: { $0.name == element.name })
    {
      add(path, "moved-out", tree.moving(from: path, into: outer), [unknownNode] + missing(path, declaration))
    }
  }

  private func renamings(of name: String) -> [(fault: String, name: String)] {
    let lower = name.prefix(1).lowercased() + name.dropFirst()
    return [
      ("renamed", name + "X"), ("first-letter-lower-case", lower), ("upper-case", name.uppercased()),
      ("lower-case", name.lowercased()), ("hyphen-in-name", name + "-"),
    ].reduce(into: []) { found, next in
      if next.1 != name, !found.contains(where: { $0.name == next.1 }) { found.append((next.0, next.1)) }
    }
  }

  /// The first container beside a node that has no node of that name and lists what it has.
  private func siblingContainer(for name: String, of path: ElementIndexPath) -> Int? {
    guard let parent = tree[at: Array(path.dropLast())] else { return nil }
    return parent.children.indices.first { index in
      guard index != path.last, let sibling = declaration(at: Array(path.dropLast() + [index])) else { return false }
      let known = model.children(of: sibling)
      return !known.isEmpty && !model.isOpen(sibling) && !known.contains { $0.name == name }
    }
  }

  private func addTagFaults(_ path: ElementIndexPath, _ element: ElementTree) {
    func marked(_ endTag: ElementMark.EndTag) -> [UInt8] {
      Array(tree.document(marks: [path: ElementMark(endTag: endTag)]).utf8)
    }
    // Without its end tag the root runs to the end of the document, anything else into the end tag of its parent.
    let isRoot = path.isEmpty
    let parentName = isRoot ? nil : tree[at: Array(path.dropLast())]?.name
    if parentName != element.name {
      addUnreadable(path, "unclosed", isRoot ? "xml.cut-short" : "xml.tags-do-not-fit", marked(.missing))
      addUnreadable(
        path, "start-tag-for-end-tag", isRoot ? "xml.cut-short" : "xml.tags-do-not-fit", marked(.startAgain))
    }
    addUnreadable(path, "other-end-tag", "xml.tags-do-not-fit", marked(.other(element.name + "X")))
    let lower = element.name.lowercased()
    if lower != element.name {
      addUnreadable(path, "end-tag-lower-case", "xml.tags-do-not-fit", marked(.other(lower)))
    }
  }

  // MARK: Faults of a container or value

  private func addContainerFaults(
    _ path: ElementIndexPath, _ element: ElementTree, _ declaration: ElementDeclaration
  ) {
    add(
      path, "stray-text", tree.setting(at: path, to: "text"),
      [ExpectedFinding("schema.stray-text", "xml.containers-hold-nodes")])
    if !model.isOpen(declaration) {
      add(path, "unknown-node", tree.inserting(ElementTree("CispecNode", text: "1"), at: path), [unknownNode])
      add(
        path, "unknown-container",
        tree.inserting(ElementTree("CispecNode", children: [ElementTree("State", text: "no")]), at: path),
        [unknownNode])
    }
    if element.children.count > 1 {
      add(path, "other-order", tree.editing(at: path) { $0.children.reverse() }, [])
    }
  }

  private func addValueFaults(
    _ path: ElementIndexPath, _ element: ElementTree, _ declaration: ElementDeclaration
  ) {
    add(
      path, "node-in-value", tree.inserting(ElementTree("CispecNode"), at: path),
      [ExpectedFinding("schema.nodes-in-value", requirement(declaration, "form"))])
    let allowed = model.allowedValues(of: declaration)
    guard let faults = OneFaultValues.faults(ofType: declaration.type, value: element.text, allowed: allowed) else {
      unknownTypes.insert(declaration.type)
      return
    }
    for fault in faults {
      add(
        path, "value-\(fault.name)", tree.setting(at: path, to: fault.value),
        [ExpectedFinding(fault.facet.findingID, requirement(declaration, fault.facet.aspect))])
    }
    for other in OneFaultValues.others(ofType: declaration.type, value: element.text, allowed: allowed) {
      add(path, "set-\(other.name)", tree.setting(at: path, to: other.value), [])
    }
  }

  // MARK: Faults of the text

  private func addTextFaults() {
    let text = tree.document(marks: [:])
    let body = text.dropFirst(text.firstIndex(of: ">").map { text.distance(from: text.startIndex, to: $0) + 1 } ?? 0)
    let startTag = "<\(tree.name)>"
    let endTag = "</\(tree.name)>"
    func bytes(_ text: some StringProtocol) -> [UInt8] { Array(text.utf8) }
    func inRoot(_ piece: String) -> [UInt8] {
      bytes(text.replacing(startTag, with: startTag + piece, maxReplacements: 1))
    }

    addUnreadable([], "empty", "xml.empty", [])
    addUnreadable([], "cut-inside-last-tag", "xml.cut-short", bytes(text.dropLast(1)))
    addUnreadable([], "cut-after-first-tag", "xml.cut-short", bytes(text.prefix(text.count - body.count) + startTag))
    addUnreadable([], "doctype", "xml.doctype", bytes("<!DOCTYPE \(tree.name)>" + body))
    addUnreadable(
      [], "internal-entity", "xml.doctype", bytes("<!DOCTYPE \(tree.name) [<!ENTITY a \"b\">]>" + body))
    addUnreadable([], "nul", "xml.invalid-character", bytes(text.dropLast(endTag.count)) + [0] + bytes(endTag))
    addUnreadable([], "control-character", "xml.invalid-character", inRoot("\u{1}"))
    addUnreadable(
      [], "not-utf-8", "xml.invalid-character", bytes(text.dropLast(endTag.count)) + [0xFF] + bytes(endTag))
    addUnreadable(
      [], "latin-1", "xml.encoding", bytes("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>" + body))
    addUnreadable(
      [], "utf-16", "xml.encoding", [0xFF, 0xFE] + body.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
    addUnreadable([], "unknown-entity", "xml.unknown-entity", inRoot("&nbsp;"))
    addUnreadable([], "bare-ampersand", "xml.not-well-formed", inRoot("a & b"))
    addUnreadable([], "second-root", "xml.not-well-formed", bytes(text + startTag + endTag))
    addUnreadable([], "text-after-root", "xml.not-well-formed", bytes(text + "text"))
    addUnreadable([], "json", "xml.not-xml", bytes("{\"\(tree.name)\":{}}"))
    addUnreadable([], "head-and-body", "xml.not-xml", bytes("HTTP/1.1 200 OK\r\n\r\n" + text))
    add([], "byte-order-mark", bytes: [0xEF, 0xBB, 0xBF] + bytes(text), [])
    add([], "no-declaration", bytes: bytes(body), [])
    add([], "comment", bytes: inRoot("<!-- a > b -->"), [])
    add([], "blanks-and-line-ends", bytes: bytes(text.replacing("><", with: ">\r\n  <")), [])
  }
}
