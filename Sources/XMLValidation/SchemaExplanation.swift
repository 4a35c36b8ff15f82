internal import CLibXML2
import Findings

/// Turns what libxml2 and the rules report on one document into findings in the words of the API.
@safe final class SchemaExplanation {
  private let library: ValidationLibrary
  private let options: ValidationOptions
  private let definition: DocumentDefinition
  private let model: SchemaModel
  private let file: String?
  private let sourceMap: SourceMap
  private let requirements: [String: Requirement]
  /// The number of each element in document order, taken before anything is pruned.
  private var elementNumbers: [xmlNodePtr: Int] = unsafe [:]
  /// By number: the node, the number of its parent, and its place among siblings of its name (0: it is the only one).
  private var elements: [(node: xmlNodePtr, parent: Int?, position: Int)] = unsafe []
  private var placed: [(number: Int, finding: Finding)] = []
  /// What was reported already: later rounds of validation report the same values again.
  private var seen: Set<String> = []
  private var settled: Set<Int> = []
  private var counts: [Severity: Int] = [:]
  /// The worst of what was left out because there is enough of it already; nil when nothing was.
  private(set) var leftOut: Severity?

  init(
    library: ValidationLibrary, options: ValidationOptions, definition: DocumentDefinition, model: SchemaModel,
    bytes: [UInt8], file: String?, document: borrowing ParsedDocument
  ) throws {
    self.library = library
    self.options = options
    self.definition = definition
    self.model = model
    self.file = file
    sourceMap = SourceMap(bytes)
    requirements = try library.requirements
    if let root = unsafe document.root { unsafe number(root, parent: nil, position: 0) }
  }

  /// In document order; of one element, in the order they were found.
  var findings: [Finding] {
    placed.enumerated().sorted { ($0.element.number, $0.offset) < ($1.element.number, $1.offset) }
      .map(\.element.finding)
  }

  private func number(_ node: xmlNodePtr, parent: Int?, position: Int) {
    let own = unsafe elements.count
    unsafe elementNumbers[node] = own
    unsafe elements.append((node, parent, position))
    var sharers: [String: Int] = [:]
    unsafe forEachChild(of: node) { sharers[unsafe $0.elementName, default: 0] += 1 }
    var positions: [String: Int] = [:]
    unsafe forEachChild(of: node) { child in
      let name = unsafe child.elementName
      positions[name, default: 0] += 1
      unsafe number(child, parent: own, position: sharers[name] == 1 ? 0 : positions[name] ?? 0)
    }
  }

  /// With an index where siblings share the name: `/Response/JobsDetail[2]/State`. Put together for a finding alone:
  /// the paths of all elements together can be far longer than the document.
  private func path(ofElement number: Int) -> String {
    var path = ""
    var next: Int? = number
    while let current = next {
      let (node, parent, position) = unsafe elements[current]
      path = "/\(unsafe node.elementName)\(position > 0 ? "[\(position)]" : "")" + path
      next = parent
    }
    return path
  }

  // MARK: Findings of the schema

  /// Adds a finding for each message and returns the nodes to take out before validating again.
  func add(_ messages: [MessageLog.Message]) -> [xmlNodePtr] {
    var removable: [xmlNodePtr] = unsafe []
    let withFacet = unsafe Set(messages.filter { Facet(code: $0.code) != nil }.compactMap { unsafe $0.node })
    for message in messages where leftOut != .error {
      guard let node = unsafe elementNode(message.node), let number = unsafe elementNumbers[node] else { continue }
      let code = UInt32(truncatingIfNeeded: message.code)
      guard seen.insert("\(number) \(code)").inserted else { continue }
      switch code {
      case XML_SCHEMAV_ELEMENT_CONTENT.rawValue:
        if unsafe addContentFault(node) { unsafe removable.append(node) }
      case XML_SCHEMAV_CVC_ELT_1.rawValue: unsafe addWrongRoot(node)
      case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3.rawValue, XML_SCHEMAV_CVC_COMPLEX_TYPE_2_1.rawValue,
        XML_SCHEMAV_CVC_ELT_3_1.rawValue:
        unsafe addStrayText(node)
      case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1.rawValue, XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2.rawValue,
        XML_SCHEMAV_CVC_TYPE_3_1_1.rawValue:
        unsafe addAttribute(node)
      case XML_SCHEMAV_CVC_TYPE_3_1_2.rawValue:
        unsafe addChildrenOfValue(node)
        // What is left without its children is no value to judge.
        settled.insert(number)
        unsafe forEachChild(of: node) { unsafe removable.append($0) }
      default:
        if settled.contains(number) { continue }
        if let facet = Facet(code: Int(code)) {
          unsafe addValueFault(node, facet)
        } else if unsafe !withFacet.contains(node) {
          unsafe addValueFault(node, .type)
        }
      }
    }
    return unsafe removable
  }

  /// Nothing more is looked for: an error may be among what was not found.
  func endSearch() { leftOut = .error }

  /// Says that findings are missing, at the last one there is.
  func addTruncation() {
    guard let leftOut else { return }
    append(
      number: Int.max,
      Finding(
        id: "document.too-many-findings", severity: leftOut,
        place: findings.last?.place ?? Place(file: file, line: 1, column: 1),
        message: "More than \(options.limits.findingsMax) findings: the search ended here.",
        hint: "Mend these first, or raise the limit with --max-findings."))
  }

  /// The node of a message, or the element around it when it is an attribute or text.
  private func elementNode(_ node: xmlNodePtr?) -> xmlNodePtr? {
    guard let node = unsafe node else { return nil }
    return unsafe node.isElement ? node : node.parentElement
  }

  /// Whether the node is one too many and is to be taken out; otherwise something is missing in it.
  private func addContentFault(_ node: xmlNodePtr) -> Bool {
    let names = unsafe node.namePath
    let name = names.last ?? ""
    guard let parent = unsafe node.parentElement, let declaration = model.declaration(at: names.dropLast()) else {
      unsafe addMissing(in: node, names: names)
      return false
    }
    let siblings = model.children(of: declaration)
    let isForeign = unsafe node.pointee.ns != nil
    guard let own = siblings.first(where: { $0.name == name }), !isForeign else {
      unsafe addUnknown(node, parent: declaration, siblings: siblings, isForeign: isForeign)
      return true
    }
    // Where a node may stand again, what does not fit is its content.
    if own.repeats || model.isChoice(declaration) {
      unsafe addMissing(in: node, names: names)
      return false
    }
    var earlier = unsafe parent.firstElement
    while let each = unsafe earlier, unsafe each != node {
      if unsafe each.elementName == name {
        unsafe addRepeated(node, own, parent: declaration)
        return true
      }
      unsafe earlier = each.nextElement
    }
    unsafe addMissing(in: node, names: names)
    return false
  }

  private func addUnknown(
    _ node: xmlNodePtr, parent: ElementDeclaration, siblings: [ElementDeclaration], isForeign: Bool
  ) {
    let name = unsafe node.elementName
    let isGrowth = definition.kind.part != .request && !options.isStrict && !isForeign
    var hint =
      siblings.isEmpty ? "\(parent.name) holds text alone." : "\(parent.name) has: \(list(siblings.map(\.name)))."
    if isForeign {
      hint = "The API's documents have no namespaces: leave xmlns out."
    } else if let near = nearestName(to: name, among: siblings.map(\.name)) {
      hint = "Did you mean \(near)?"
    }
    unsafe append(
      node,
      Finding(
        id: "schema.unknown-node",
        requirement: isForeign
          ? known("xml.no-namespace") ?? known("xml.documented-nodes") : known("xml.documented-nodes"),
        severity: isGrowth ? .warning : .error,
        message: isForeign
          ? "\(name) is in the namespace '\(String(cString: node.pointee.ns.pointee.href))'; \(parent.name) has no such node."
          : "\(name) is not a documented node of \(parent.name).",
        hint: hint, actual: name))
  }

  private func addRepeated(_ node: xmlNodePtr, _ own: ElementDeclaration, parent: ElementDeclaration) {
    unsafe append(
      node,
      requirement(own, aspect: "once"),
      Finding(
        id: "schema.repeated-node", severity: .error, message: "\(own.name) stands more than once in \(parent.name).",
        hint: "The documentation has it once; leave the others out."))
  }

  private func addMissing(in node: xmlNodePtr, names: [String]) {
    guard let declaration = model.declaration(at: names) else { return }
    var present: Set<String> = []
    unsafe forEachChild(of: node) { unsafe present.insert($0.elementName) }
    for child in model.children(of: declaration) where child.isRequired && !present.contains(child.name) {
      unsafe append(
        node,
        requirement(child, aspect: "required"),
        Finding(
          id: "schema.missing-node", severity: .error,
          message: "\(declaration.name) has no \(child.name), which the documentation requires.",
          hint: "Add <\(child.name)> inside <\(declaration.name)>.", expected: child.name))
    }
  }

  private func addWrongRoot(_ node: xmlNodePtr) {
    let name = unsafe node.elementName
    let isForeign = unsafe node.pointee.ns != nil
    unsafe append(
      node,
      Finding(
        id: "schema.wrong-root",
        requirement: isForeign && name == definition.root
          ? known("xml.no-namespace") ?? known("xml.root") : known("xml.root"),
        severity: .error,
        message: isForeign && name == definition.root
          ? "The root \(name) is in a namespace; the \(definition.kind) has none."
          : "The root is \(name); the \(definition.kind) has the root \(definition.root).",
        hint: isForeign
          ? "The API's documents have no namespaces: leave xmlns out." : "Check that this is the \(definition.kind).",
        expected: definition.root, actual: name))
  }

  private func addStrayText(_ node: xmlNodePtr) {
    let name = unsafe node.elementName
    unsafe append(
      node,
      Finding(
        id: "schema.stray-text", requirement: known("xml.containers-hold-nodes"), severity: .error,
        message: "\(name) holds text beside its nodes; it is a container.", hint: "Leave the text out."))
  }

  private func addAttribute(_ node: xmlNodePtr) {
    let name = unsafe node.elementName
    unsafe append(
      node,
      Finding(
        id: "schema.attribute", requirement: known("xml.no-attributes"), severity: .error,
        message: "\(name) has an attribute; the API's documents have none.", hint: "Leave the attributes out."))
  }

  private func addChildrenOfValue(_ node: xmlNodePtr) {
    let name = unsafe node.elementName
    let declaration = unsafe model.declaration(at: node.namePath)
    unsafe append(
      node,
      declaration.flatMap { requirement($0, aspect: "form") },
      Finding(
        id: "schema.nodes-in-value", severity: .error, message: "\(name) holds nodes; its value is text.",
        hint: "Write the value as text directly inside <\(name)>."))
  }

  private func addValueFault(_ node: xmlNodePtr, _ facet: Facet) {
    guard let declaration = unsafe model.declaration(at: node.namePath) else { return }
    let value = unsafe node.stringValue
    let requirement = requirement(declaration, aspect: facet.aspect)
    let allowed = model.allowedValues(of: declaration)
    var finding = Finding(
      id: facet.id, severity: .error,
      message: "\(declaration.name) is '\(shown(value))', which is not its documented form.",
      hint: requirement?.hint ?? model.form(of: declaration).map { "Its form: \($0)" }, actual: shown(value))
    switch facet {
    case .enumeration:
      finding.message = "\(declaration.name) is '\(shown(value))'; the documented values are \(list(allowed))."
      if let same = allowed.first(where: { $0.lowercased() == value.lowercased() }) {
        finding.hint = "Write it as \(same): capitals count."
      } else if let near = nearestName(to: value, among: allowed) {
        finding.hint = "Did you mean \(near)?"
      }
      finding.expected = allowed.joined(separator: "|")
    case .length:
      finding.message =
        "\(declaration.name) has \(value.unicodeScalars.count) characters, outside its documented length."
    case .range: finding.message = "\(declaration.name) is '\(shown(value))', outside its documented range."
    case .pattern, .type:
      if value.isEmpty { finding.message = "\(declaration.name) is empty, which is not its documented form." }
    }
    if let erratum = library.errata.first(where: { $0.type != nil && $0.type == declaration.type }) {
      finding.erratum = erratum.erratum
    }
    unsafe append(node, requirement, finding, atValue: true)
  }

  // MARK: Findings of the rules and editions

  func add(_ violation: CompiledRules.Violation) {
    let assertion = violation.assertion
    let requirement = requirements[assertion.id]
    let text = violation.message
    unsafe append(
      violation.node, requirement,
      Finding(
        id: "rule.violated", requirement: assertion.id, severity: assertion.level.severity,
        message: text.isEmpty ? requirement?.statement ?? assertion.id : text, hint: requirement?.hint))
  }

  /// Says that rules were not evaluated: what is not known to hold is no verdict of validity.
  func noteUnfinishedRules(at root: xmlNodePtr) {
    unsafe append(
      root,
      Finding(
        id: "document.rules-unfinished", severity: .error,
        message:
          "The rules take more than \(options.limits.ruleStepsMax) steps on this document: some were not evaluated.",
        hint: "No document of the API is so large; look for a node that is repeated thousands of times."))
  }

  /// Nodes that the chosen edition does not have yet.
  func noteNewerNodes(in document: borrowing ParsedDocument) {
    func visit(_ node: xmlNodePtr) {
      if let declaration = unsafe model.declaration(at: node.namePath),
        let since = declaration.since, since > options.edition.rawValue
      {
        unsafe append(
          node, declaration.requirement.flatMap { requirements[$0] },
          Finding(
            id: "schema.newer-node", severity: .note,
            message:
              "\(declaration.name) is documented since the \(since) edition; this is checked against \(options.edition.rawValue).",
            hint: "Choose --edition \(since) when the service is that new.", erratum: declaration.erratum))
      }
      unsafe forEachChild(of: node) { unsafe visit($0) }
    }
    if let root = unsafe document.root { unsafe visit(root) }
  }

  // MARK: Placing

  private func append(_ node: xmlNodePtr, _ finding: Finding) { unsafe append(node, nil, finding) }

  private func append(_ node: xmlNodePtr, _ requirement: Requirement?, _ finding: Finding, atValue: Bool = false) {
    guard let number = unsafe elementNumbers[node] else { return }
    // Bounded for each severity by itself, so that notes never crowd out an error.
    guard counts[finding.severity, default: 0] < options.limits.findingsMax else {
      leftOut = max(leftOut ?? .note, finding.severity)
      return
    }
    counts[finding.severity, default: 0] += 1
    var finding = finding
    let position = atValue ? sourceMap.position(ofValueIn: number) : sourceMap.position(ofElement: number)
    finding.place = unsafe Place(
      file: file, line: position?.line ?? Int(xmlGetLineNo(node)), column: position?.column,
      path: path(ofElement: number))
    finding.requirement = finding.requirement ?? requirement?.id
    finding.erratum = finding.erratum ?? erratum(of: finding.requirement)
    append(number: number, finding)
  }

  private func append(number: Int, _ finding: Finding) { placed.append((number, finding)) }

  private func erratum(of requirement: String?) -> String? {
    guard let requirement else { return nil }
    return library.errata.first { $0.requirements.contains(requirement) }?.erratum
  }

  private func requirement(_ declaration: ElementDeclaration, aspect: String) -> Requirement? {
    guard let base = declaration.requirement else { return nil }
    return requirements["\(base).\(aspect)"] ?? requirements[base]
  }

  private func known(_ id: String) -> String? { requirements[id] == nil ? nil : id }

  /// A value as a message shows it: cut where it is long.
  private func shown(_ value: String) -> String {
    value.unicodeScalars.count <= 80 ? value : String(String.UnicodeScalarView(value.unicodeScalars.prefix(77))) + "…"
  }

  private func list(_ names: [String]) -> String {
    names.count <= 24 ? names.joined(separator: ", ") : names.prefix(24).joined(separator: ", ") + ", …"
  }
}

/// The part of a simple type that a value misses.
private enum Facet {
  case enumeration, pattern, length, range, type

  init?(code: Int) {
    switch UInt32(truncatingIfNeeded: code) {
    case XML_SCHEMAV_CVC_ENUMERATION_VALID.rawValue: self = .enumeration
    case XML_SCHEMAV_CVC_PATTERN_VALID.rawValue: self = .pattern
    case XML_SCHEMAV_CVC_LENGTH_VALID.rawValue, XML_SCHEMAV_CVC_MINLENGTH_VALID.rawValue,
      XML_SCHEMAV_CVC_MAXLENGTH_VALID.rawValue:
      self = .length
    case XML_SCHEMAV_CVC_MININCLUSIVE_VALID.rawValue, XML_SCHEMAV_CVC_MAXINCLUSIVE_VALID.rawValue,
      XML_SCHEMAV_CVC_MINEXCLUSIVE_VALID.rawValue, XML_SCHEMAV_CVC_MAXEXCLUSIVE_VALID.rawValue:
      self = .range
    default: return nil
    }
  }

  var id: String {
    switch self {
    case .enumeration: "schema.value.enumeration"
    case .pattern: "schema.value.form"
    case .length: "schema.value.length"
    case .range: "schema.value.range"
    case .type: "schema.value.type"
    }
  }

  /// The last part of the requirement's ID.
  var aspect: String {
    switch self {
    case .enumeration: "values"
    case .pattern, .type: "form"
    case .length: "max-length"
    case .range: "range"
    }
  }
}
