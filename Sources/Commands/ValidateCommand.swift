internal import CaseLibrary
internal import Findings
internal import Glibc
internal import Reporting
internal import XMLValidation

extension Commands {
  static let validateCommand = Command(
    name: "validate", summary: "Check XML documents against the documented schemas and rules.",
    operands: "FILE...  (- is standard input)",
    flags: [
      Flag(name: "--operation", value: "ID", help: "The operation the documents belong to, such as file-jobs.query."),
      Flag(
        name: "--part", value: "PART", help: "The part they play in it.",
        choices: DocumentKind.Part.allCases.map(\.rawValue)),
      Flag(
        name: "--edition", value: "YEAR", help: "The edition of the documentation; 2024 unless given.",
        choices: ValidationOptions.Edition.allCases.map(\.rawValue)),
      Flag(
        name: "--level", value: "LEVEL", help: "The lowest level of rules to apply; observed unless given.",
        choices: Requirement.Level.allCases.map(\.rawValue)),
      Flag(name: "--strict", value: nil, help: "An undocumented node in a response is an error, not a warning."),
      Flag(name: "--format", value: "FORMAT", help: "How findings are written.", choices: ["text", "json"]),
      Flag(name: "--max-bytes", value: "N", help: "Bytes of a document that are read at most; 8388608 unless given."),
      Flag(
        name: "--max-depth", value: "N", help: "Elements inside one another at most; 100 unless given, 256 at most."),
      Flag(name: "--max-elements", value: "N", help: "Elements of a document at most; 500000 unless given."),
      Flag(name: "--max-findings", value: "N", help: "Findings of a document at most; 200 unless given."),
    ],
    examples: [
      ("cispec validate answer.xml", "check a document and say what it was taken for"),
      ("cispec validate --operation file-jobs.submit --part request - < body.xml", "check standard input as a request"),
      ("cispec validate --format json *.xml | jq .requirement", "one finding a line, for programs"),
    ],
    run: validate)

  private static func validate(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard !arguments.operands.isEmpty else {
      throw CommandError(
        .usage, "no document was named", hint: "Name files, or - for standard input: cispec validate answer.xml")
    }
    let catalogue = try Catalogue(try environment.dataFolder())
    let hint = try kindHint(arguments, catalogue)
    let validator = Validator(library: catalogue.validationLibrary(), options: try validationOptions(arguments))
    if let level = arguments["--level"].flatMap(Requirement.Level.init) { validator.level = level }

    var code = ExitCode.success
    for name in arguments.operands {
      let bytes: [UInt8]
      do {
        // One byte more than the limit is enough to know that a document is beyond it.
        bytes = try read(name, bytesMax: validator.options.limits.bytesMax + 1)
      } catch {
        environment.errors.writeLine("error: \(error.description)")
        code = .unreadable
        continue
      }
      let check = try validator.check(bytes, as: hint, file: name == "-" ? "<stdin>" : name)
      show(check, bytes, asJSON: arguments["--format"] == "json", environment)
      if !check.isValid, code == .success { code = .findings }
    }
    return code
  }

  private static func read(_ name: String, bytesMax: Int) throws(FileError) -> [UInt8] {
    if name == "-" { return try Files.readPrefix(descriptor: STDIN_FILENO, name: "<stdin>", bytesMax: bytesMax) }
    return try Files.readPrefix(name, bytesMax: bytesMax)
  }

  private static func show(
    _ check: DocumentCheck, _ bytes: [UInt8], asJSON: Bool, _ environment: Environment
  ) {
    let name = check.file ?? ""
    if asJSON {
      for finding in check.findings { environment.output.writeLine(JSONReport.line(for: finding)) }
      return
    }
    let text = PlainText(isColoured: environment.isColoured(environment.output))
    for finding in check.findings { environment.output.writeLine(text.text(of: finding, in: bytes)) }
    let kind = check.kind.map { "\($0)\(check.isGuessed ? ", told by the document itself" : "")" }
    let verdict = check.isValid ? "valid" : "not valid"
    environment.errors.writeLine("\(name): \(verdict)\(kind.map { " (\($0))" } ?? "")\(counts(check.findings))")
  }

  private static func counts(_ findings: [Finding]) -> String {
    let parts = Severity.allCases.reversed().compactMap { severity -> String? in
      let count = findings.count { $0.severity == severity }
      return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
    }
    return parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
  }

  // MARK: Flags

  private static func kindHint(_ arguments: Arguments, _ catalogue: Catalogue) throws -> KindHint {
    let part = arguments["--part"].flatMap(DocumentKind.Part.init)
    guard let id = arguments["--operation"] else { return KindHint(part: part) }
    guard let operation = catalogue.operation(id) else {
      throw CommandError(
        .usage, "there is no operation '\(id)'",
        hint: nearestName(to: id, among: catalogue.operations.map(\.id)).map { "Did you mean \($0)?" }
          ?? "It is one of \(catalogue.operations.map(\.id).joined(separator: ", ")).")
    }
    if (part == .request && operation.request == nil) || (part == .response && operation.response == nil), let part {
      throw CommandError(.usage, "the \(part.rawValue) of \(id) has no body to validate")
    }
    return KindHint(operation: id, part: part)
  }

  static func validationOptions(_ arguments: Arguments) throws -> ValidationOptions {
    var options = ValidationOptions()
    if let edition = arguments["--edition"].flatMap(ValidationOptions.Edition.init) { options.edition = edition }
    options.isStrict = arguments.has("--strict")
    if let bytes = try arguments.integer("--max-bytes", in: 1...(1 << 31 - 2)) { options.limits.bytesMax = bytes }
    if let depth = try arguments.integer("--max-depth", in: 1...256) { options.limits.depthMax = depth }
    if let elements = try arguments.integer("--max-elements", in: 1...100_000_000) {
      options.limits.elementsMax = elements
    }
    if let findings = try arguments.integer("--max-findings", in: 1...100_000) { options.limits.findingsMax = findings }
    return options
  }
}
