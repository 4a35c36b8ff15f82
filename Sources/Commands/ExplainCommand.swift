internal import CaseLibrary
internal import Findings
internal import XMLValidation

extension Commands {
  static let explainCommand = Command(
    name: "explain", summary: "Say what a requirement, an erratum, an operation or a kind of finding is.",
    operands: "ID...",
    flags: [],
    examples: [
      ("cispec explain file-jobs.submit.user-data.max-length", "the rule, its source, where it is checked, both twins"),
      ("cispec explain E01", "a contradiction of the documentation and the reading adopted"),
      ("cispec explain schema.unknown-node", "a kind of finding"),
    ],
    run: explain)

  private static func explain(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard !arguments.operands.isEmpty else {
      throw CommandError(.usage, "no ID was named", hint: "IDs stand in brackets at the end of findings.")
    }
    let folder = try environment.dataFolder()
    let catalogue = try Catalogue(folder)
    let coverage = try Coverage(catalogue: catalogue, library: catalogue.validationLibrary(), folder: folder)
    for (index, id) in arguments.operands.enumerated() {
      if index > 0 { environment.output.writeLine("") }
      environment.output.write(try explanation(of: id, catalogue, coverage))
    }
    return .success
  }

  private static func explanation(of id: String, _ catalogue: Catalogue, _ coverage: Coverage) throws -> String {
    if let entry = coverage.entries.first(where: { $0.requirement.id == id }) { return text(of: entry, catalogue) }
    if let erratum = catalogue.errata.first(where: { $0.id == id.uppercased() }) { return text(of: erratum) }
    if let operation = catalogue.operation(id) { return text(of: operation) }
    if let meaning = FindingKinds.meanings.first(where: { $0.id == id })?.meaning {
      return block(id, meaning, [])
    }
    let known =
      catalogue.requirements.map(\.id) + catalogue.errata.map(\.id) + catalogue.operations.map(\.id)
      + FindingKinds.meanings.map(\.id)
    throw CommandError(
      .usage, "nothing has the ID '\(id)'",
      hint: nearestName(to: id, among: known).map { "Did you mean \($0)?" } ?? "cispec coverage lists the requirements."
    )
  }

  private static func text(of entry: Coverage.Entry, _ catalogue: Catalogue) -> String {
    let requirement = entry.requirement
    var rows: [(String, String)] = [
      ("level", "\(requirement.level.rawValue) (\(requirement.level.severity.rawValue) when it is not met)"),
      ("editions", requirement.editions.joined(separator: ", ")),
      ("operations", requirement.operations.joined(separator: ", ")), ("source", requirement.source),
    ]
    if let hint = requirement.hint { rows.append(("to mend", hint)) }
    rows += entry.checks.prefix(6).map { ("checked by", $0) }
    if entry.checks.count > 6 { rows.append(("checked by", "… and \(entry.checks.count - 6) more places")) }
    for twin in entry.twins.prefix(2) {
      rows.append(("kept by", "Schemas/corpus/\(twin.document)"))
      rows.append(("broken when", twin.edit))
    }
    rows += entry.scenarios.prefix(4).map { ("scenario", $0) }
    if let proof = requirement.proof { rows.append(("proof", proof)) }
    if let why = requirement.why { rows.append(("why", why)) }
    for id in requirement.errata {
      if let erratum = catalogue.errata.first(where: { $0.id == id }) {
        rows.append(("erratum", "\(id) \(erratum.title): \(erratum.reading)"))
      }
    }
    return block(requirement.id, requirement.statement, rows)
  }

  private static func text(of erratum: Erratum) -> String {
    block(
      erratum.id, erratum.title,
      erratum.where.map { ("where", $0) } + [
        ("contradicts", erratum.contradiction), ("reading", erratum.reading), ("evidence", erratum.evidence),
        ("acts in", erratum.acts.joined(separator: ", ")), ("how", erratum.actsHow),
      ])
  }

  private static func text(of operation: Operation) -> String {
    var rows = [("request", "\(operation.method) \(operation.path)")]
    rows += (operation.alsoPaths ?? []).map { ("also", "\($0.path)\($0.edition.map { " since \($0)" } ?? "")") }
    rows += (operation.query ?? []).map { ("query", $0.name + ($0.required == true ? " (required)" : "")) }
    if let schema = operation.request?.schema { rows.append(("request body", "Schemas/\(schema)")) }
    if let schema = operation.response?.schema { rows.append(("answer", "Schemas/\(schema)")) }
    rows.append(("costs money", operation.billable ? "yes" : "no"))
    rows += operation.sources.map { ("source", $0.description) }
    return block(operation.id, operation.title, rows)
  }

  private static func block(_ id: String, _ statement: String, _ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.count).max() ?? 0
    let lines = rows.filter { !$0.1.isEmpty }.map { name, value in
      "  " + name + String(repeating: " ", count: width - name.count + 2) + value
    }
    return ([id, "  " + statement] + (lines.isEmpty ? [] : [""]) + lines).joined(separator: "\n") + "\n"
  }
}

/// The kinds of finding and what each means.
enum FindingKinds {
  static let meanings: [(id: String, meaning: String)] = [
    ("xml.empty", "The document has no bytes."),
    ("xml.not-xml", "The document does not start as XML does."),
    ("xml.not-well-formed", "The document breaks a rule of XML itself."),
    ("xml.tags-do-not-fit", "A start tag and the end tag in its place have different names."),
    ("xml.cut-short", "The document ends before its root element does."),
    ("xml.invalid-character", "The document holds a NUL byte, or bytes that are no UTF-8."),
    ("xml.unknown-entity", "An entity is used that XML itself does not define."),
    ("xml.encoding", "The document is not in UTF-8."),
    ("xml.doctype", "The document has a DOCTYPE, which the kit does not read."),
    ("xml.too-large", "The document is larger than the limit."),
    ("xml.too-deep", "Elements are nested deeper than the limit."),
    ("xml.too-many-elements", "The document has more elements than the limit."),
    ("document.kind-unknown", "Nothing tells which operation the document belongs to."),
    ("document.too-many-findings", "The search ended at the limit of findings."),
    ("schema.wrong-root", "The root element is not that of the document's kind."),
    ("schema.missing-node", "A required node is not there."),
    ("schema.unknown-node", "A node is not documented where it stands."),
    ("schema.repeated-node", "A node stands more often than it may."),
    ("schema.stray-text", "A container holds text beside its nodes."),
    ("schema.attribute", "A node has an attribute; the API has none."),
    ("schema.nodes-in-value", "A value holds nodes."),
    ("schema.value.enumeration", "A value is none of the documented ones."),
    ("schema.value.form", "A value has another form than the documented one."),
    ("schema.value.length", "A value is longer or shorter than documented."),
    ("schema.value.range", "A number is outside its documented range."),
    ("schema.value.type", "A value is of another type, such as a word where a number belongs."),
    ("schema.newer-node", "A node is documented only since a later edition than the chosen one."),
    ("rule.violated", "A rule over several nodes is broken."),
    ("replay.status", "The answer has another status than the recorded one."),
    ("replay.body", "The answer has a body and the recorded one has none."),
    ("replay.header-missing", "A documented header field is missing."),
    ("replay.header-changed", "A header field has another value than the recorded one."),
    ("replay.root-changed", "The root of the answer is another than the recorded one."),
    ("replay.node-missing", "A node of the recorded answer is missing."),
    ("replay.node-unexpected", "A node is there that the recorded answer does not have, and must not be."),
    ("replay.value-changed", "A node that must equal the recorded one, or the request's, does not."),
    ("signing.stage-differs", "A stage of the signature is not the published one."),
    ("signing.wrong-accepted", "A verifier lets in a request whose signature is wrong."),
    ("signing.right-refused", "A verifier refuses a request whose signature is right."),
    ("signing.reproduces-a-misprint", "An implementation makes published values that cannot be right."),
  ]
}
