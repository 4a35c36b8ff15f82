internal import CaseLibrary
internal import Findings
internal import XMLValidation

extension Commands {
  static let editionFlag = Flag(
    name: "--edition", value: "YEAR", help: "The edition of the documentation; 2024 unless given.",
    choices: ValidationOptions.Edition.allCases.map(\.rawValue))
  static let levelFlag = Flag(
    name: "--level", value: "LEVEL", help: "The lowest level of rules to apply; observed unless given.",
    choices: Requirement.Level.allCases.map(\.rawValue))

  static let validateCommand = Command(
    name: "validate", summary: "Check documents and HTTP messages against the documented schemas and rules.",
    operands: "FILE...  (or folders, or patterns with *, ? and **; - is standard input)",
    flags: [
      Flag(
        name: "--input", value: "KIND", help: "What the files hold; auto, by suffix and first bytes, unless given.",
        choices: ["auto"] + InputKind.allCases.map(\.rawValue)),
      Flag(name: "--operation", value: "ID", help: "The operation the documents belong to, such as file-jobs.query."),
      Flag(
        name: "--part", value: "PART", help: "The part they play in it.",
        choices: DocumentKind.Part.allCases.map(\.rawValue)),
      editionFlag,
      levelFlag,
      Flag(name: "--strict", value: nil, help: "An undocumented node in a response is an error, not a warning."),
      Flag(name: "--format", value: "FORMAT", help: "How findings are written.", choices: ["text", "json"]),
      Flag(
        name: "--fail-on", value: "SEVERITY",
        help: "The lowest severity that makes a document not valid; error unless given.",
        choices: Severity.allCases.reversed().map(\.rawValue)),
      Flag(name: "--quiet", value: nil, help: "No line for a valid document."),
      Flag(
        name: "--progress", value: "WHEN",
        help: "Tell how far long work is; auto, when standard error is a terminal, unless given.",
        choices: ValidateTally.Progress.allCases.map(\.rawValue)),
      Flag(name: "--jobs", value: "N", help: "Threads that work at once; one for each processor unless given."),
      Flag(name: "--max-bytes", value: "N", help: "Bytes of a document that are read at most; 8388608 unless given."),
      Flag(
        name: "--max-depth", value: "N", help: "Elements inside one another at most; 100 unless given, 256 at most."),
      Flag(name: "--max-elements", value: "N", help: "Elements of a document at most; 500000 unless given."),
      Flag(name: "--max-findings", value: "N", help: "Findings of a document at most; 200 unless given."),
      reportFlag,
    ],
    examples: [
      ("cispec validate answer.xml", "check a document and say what it was taken for"),
      ("cispec validate --operation file-jobs.submit --part request - < body.xml", "check standard input as a request"),
      ("cispec validate captures/ 'more/**/*.har'", "check every document below a folder and every archive of another"),
      (
        "cispec validate --quiet --fail-on warning - < bodies.jsonl", "check a line of {id, operation, part, body} each"
      ),
      ("cispec validate 01-submit.request.http 01-submit.response.http", "check both messages and that they agree"),
      ("cispec validate captures/ --report sarif=captures.sarif", "findings at line and column, for code scanning"),
      ("cispec validate --format json *.xml | jq .requirement", "one finding a line, for programs"),
    ],
    run: validate)

  private static func validate(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard !arguments.operands.isEmpty else {
      throw CommandError(
        .usage, "no document was named", hint: "Name files, or - for standard input: cispec validate answer.xml")
    }
    guard arguments.operands.count(where: { $0 == "-" }) <= 1 else {
      throw CommandError(.usage, "standard input is named twice")
    }
    let reports = try ReportFiles(arguments)
    let folder = try environment.dataFolder()
    let catalogue = try Catalogue(folder)
    let settings = try validateSettings(arguments, catalogue, environment, keepsResults: !reports.isEmpty)
    let progress = arguments["--progress"].flatMap(ValidateTally.Progress.init) ?? .auto
    let threads = try arguments.integer("--jobs", in: 1...256) ?? processorCount()

    let library = catalogue.validationLibrary()
    let start = monotonicSeconds()
    let tally = ValidateTally(environment, progress, talk: reports.talk(environment))
    let pool = WorkerPool<ValidateItem, JudgedItem>(
      WorkerPool.Bounds(threads: threads, itemsMax: 4 * threads, bytesMax: 32 << 20),
      makeWorker: {
        let judge = ValidateJudge(catalogue, library, settings)
        // What cannot be compiled is told with the first document.
        if let kind = settings.hint.kind { try? judge.validator.makeReady(for: kind) }
        return { judge.judge($0) }
      },
      deliver: tally.add)
    if settings.hint.kind != nil { pool.start() }
    var feed = ValidateFeed(catalogue: catalogue, settings: settings) { pool.submit($0, bytes: $1) }
    feed.run(ValidateInputs(arguments.operands))
    pool.finish()
    tally.finish()
    if let failure = tally.failure { throw failure }
    if !reports.isEmpty {
      let seconds = monotonicSeconds() - start
      let suite = SuiteResult(
        name: "documents", discovered: tally.results.count, cases: tally.results, seconds: seconds)
      try reports.write(
        Report(
          kitVersion: version, dataDigest: try folder.digest(), target: "documents", suites: [suite], seconds: seconds),
        environment)
    }
    return tally.code
  }

  private static func validateSettings(
    _ arguments: Arguments, _ catalogue: Catalogue, _ environment: Environment, keepsResults: Bool
  ) throws -> ValidateSettings {
    ValidateSettings(
      hint: try kindHint(arguments, catalogue), options: try validationOptions(arguments),
      level: arguments["--level"].flatMap(Requirement.Level.init),
      input: arguments["--input"].flatMap { InputKind(rawValue: $0) }, isJSON: arguments["--format"] == "json",
      isColoured: environment.isColoured(environment.output), isQuiet: arguments.has("--quiet"),
      failOn: arguments["--fail-on"].flatMap { Severity(rawValue: $0) } ?? .error,
      keepsResults: keepsResults)
  }

  // MARK: Flags

  static func kindHint(_ arguments: Arguments, _ catalogue: Catalogue) throws -> KindHint {
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
