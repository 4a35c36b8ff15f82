import COracle
import Findings
import XMLValidation

/// Any document is judged, alike each time, in words and at a place; and no verdict of the XSD is lost on the way.
///
/// The first byte chooses what the rest is taken for: a definition of the catalogue, or, beyond the last, a guess.
final class ValidateProperty {
  private let definitions: [DocumentDefinition]
  private let library: ValidationLibrary
  private let requirements: [String: Requirement]
  private let validator: Validator
  private let schemas: [UnsafeRawPointer]

  init(_ kit: Kit) {
    library = kit.library
    definitions = library.definitions
    guard let known = try? library.requirements else { stop("the requirements cannot be read") }
    requirements = known
    validator = Validator(library: library)
    schemas = definitions.map { definition in
      guard let schema = oracle_schema("\(kit.root)/Schemas/\(definition.schema)") else {
        stop("\(definition.schema) is no schema")
      }
      return schema
    }
  }

  func hold(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let choice = Int(first) % (definitions.count + 1)
    let document = Array(bytes.dropFirst())
    let hint = choice < definitions.count ? KindHint(kind: definitions[choice].kind) : KindHint()
    let check = judgement(of: document, as: hint, by: validator)
    require(check == judgement(of: document, as: hint, by: validator), "the second judgement is another")
    // Costs a compilation, hence not each time: what an earlier document left behind would show here.
    if document.count % 64 == 1 {
      require(check == judgement(of: document, as: hint, by: Validator(library: library)), "a new validator disagrees")
    }
    let lineMax = 1 + document.count { $0 == 0x0A }
    for finding in check.findings { holdFinding(finding, lineMax: lineMax) }
    holdVerdict(check, document)
    if let tree = check.tree { holdTree(tree) }
  }

  private func judgement(of document: [UInt8], as hint: KindHint, by validator: Validator) -> Judgement {
    do {
      let check = try validator.check(document, as: hint, file: "fuzz.xml", wantsTree: true)
      return Judgement(kind: check.kind, findings: check.findings, tree: check.tree)
    } catch {
      fatalError("a document made the validator throw: \(error)")
    }
  }

  private struct Judgement: Equatable {
    var kind: DocumentKind?
    var findings: [Finding]
    var tree: ElementTree?
  }

  private func holdFinding(_ finding: Finding, lineMax: Int) {
    require(!finding.message.isEmpty, "\(finding.id) has no message")
    require(finding.place.file == "fuzz.xml", "\(finding.id) names no file")
    require((1...lineMax).contains(finding.place.line ?? 0), "\(finding.id) is at line \(finding.place.line ?? 0)")
    require(finding.place.column ?? 1 >= 1, "\(finding.id) is at column \(finding.place.column ?? 1)")
    if let requirement = finding.requirement {
      require(requirements[requirement] != nil, "\(finding.id) names the unknown \(requirement)")
    }
  }

  /// The verdict of libxml2 on the schema's own file: what it refuses must have a finding, what it takes must not have
  /// one of the schema.
  private func holdVerdict(_ check: Judgement, _ document: [UInt8]) {
    guard check.tree != nil, let place = definitions.firstIndex(where: { $0.kind == check.kind }) else { return }
    let verdict = document.withUnsafeBytes {
      oracle_verdict(schemas[place], $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count))
    }
    let ofSchema = check.findings.filter { $0.id.hasPrefix("schema.") && $0.id != "schema.newer-node" }
    require(verdict != -1, "the kit reads what libxml2 does not")
    require(verdict == 1 || !check.findings.isEmpty, "the XSD refuses it and there is no finding")
    require(verdict == 0 || ofSchema.isEmpty, "the XSD takes it, but: \(ofSchema.first?.message ?? "")")
  }

  /// Elements survive being written and read again.
  private func holdTree(_ tree: ElementTree) {
    let again = validator.tree(of: Array(tree.document.utf8))
    require(again.map(Self.plain) == Self.plain(tree), "the tree is another after writing and reading it")
  }

  /// Without what the written form leaves out: lines and namespaces.
  private static func plain(_ tree: ElementTree) -> ElementTree {
    ElementTree(tree.name, text: tree.text, children: tree.children.map(plain))
  }
}
