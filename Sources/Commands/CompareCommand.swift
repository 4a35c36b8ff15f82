internal import CaseLibrary
internal import Findings
internal import Glibc
internal import HTTPExchange
internal import Replay
internal import Reporting
internal import XMLValidation

extension Commands {
  static let compareCommand = Command(
    name: "compare", summary: "Compare a recorded answer with an actual one, as the schemas' classes say.",
    operands: "RECORDED ACTUAL  (XML documents, raw HTTP responses or folders of them; - is standard input)",
    flags: [
      Flag(name: "--operation", value: "ID", help: "The operation they belong to, such as file-jobs.query."),
      Flag(
        name: "--part", value: "PART", help: "The part they play in it; response unless the documents tell.",
        choices: DocumentKind.Part.allCases.map(\.rawValue)),
      Flag(
        name: "--request", value: "FILE",
        help: "The request that ACTUAL answers: nodes that repeat it are held against it, not against RECORDED."),
      editionFlag,
      Flag(name: "--full", value: nil, help: "Show the whole diff, not only what is near a difference."),
      Flag(name: "--quiet", value: nil, help: "Leave noise out."),
      Flag(name: "--format", value: "FORMAT", help: "How differences are written.", choices: ["text", "json"]),
    ],
    examples: [
      ("cispec compare recorded.xml actual.xml", "differences with their class and place, then the diff"),
      ("cispec compare 02-query.response.http answer.http --operation file-jobs.query", "status and header fields too"),
      ("cispec compare recorded/ actual/ --operation jobs.query", "files of the same name, and a count"),
      ("cispec compare --format json old.xml new.xml | jq .class", "one difference a line, for programs"),
    ],
    run: compare)

  private static func compare(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard arguments.operands.count == 2 else {
      throw CommandError(
        .usage, "two answers are compared, not \(arguments.operands.count)",
        hint: "Name both: cispec compare recorded.xml actual.xml")
    }
    guard arguments.operands != ["-", "-"] else { throw CommandError(.usage, "standard input is named twice") }
    let catalogue = try Catalogue(try environment.dataFolder())
    let comparer = try AnswerComparer(
      catalogue: catalogue, library: catalogue.validationLibrary(), options: try validationOptions(arguments))
    let request = try arguments["--request"].map { try requestTree($0, comparer) }
    let context = ComparisonContext(hint: try kindHint(arguments, catalogue), request: request)
    let areFolders = arguments.operands.map(Files.isFolder)
    guard areFolders[0] == areFolders[1] else {
      throw CommandError(.usage, "a folder and a file cannot be compared", hint: "Name two files or two folders.")
    }
    if areFolders[0] { return try compareFolders(arguments, environment, comparer, context) }
    let outcome = try outcome(arguments.operands[0], arguments.operands[1], comparer, context)
    write(outcome, arguments, environment)
    return outcome.isEqual ? .success : .findings
  }

  /// The outcome for two files; what cannot be compared at all is an error.
  private static func outcome(
    _ recordedFile: String, _ actualFile: String, _ comparer: AnswerComparer, _ context: ComparisonContext
  ) throws -> ComparisonOutcome {
    let recorded = try answer(recordedFile)
    let actual = try answer(actualFile)
    var bindings = Bindings()
    let outcome = try comparer.outcome(recorded: recorded, actual: actual, context: context, bindings: &bindings)
    guard outcome.isRecordingReadable else {
      throw CommandError(
        .unreadable, "\(recorded.name) is not a document that can be compared with",
        hint: "See what is wrong with it: cispec validate \(recorded.name)")
    }
    guard outcome.kind != nil || recorded.body.isEmpty else {
      throw CommandError(
        .usage, "nothing in \(recorded.name) tells which document it is", hint: "Say it with --operation ID.")
    }
    return outcome
  }

  /// Compares the files that have the same place below two folders, each pair by itself, and counts; pairs that are
  /// equal are not shown.
  private static func compareFolders(
    _ arguments: Arguments, _ environment: Environment, _ comparer: AnswerComparer, _ context: ComparisonContext
  ) throws -> ExitCode {
    let (recordedFolder, actualFolder) = (arguments.operands[0], arguments.operands[1])
    func isAnswer(_ name: String) -> Bool {
      (name.hasSuffix(".xml") || name.hasSuffix(".http")) && !name.hasSuffix(".request.http")
    }
    let recorded = try Files.tree(of: recordedFolder).filter(isAnswer)
    let actual = Set(try Files.tree(of: actualFolder).filter(isAnswer))
    guard !recorded.isEmpty else {
      throw CommandError(.unreadable, "\(recordedFolder) holds no answer", hint: "Answers end in .xml or .http.")
    }
    var counts = (equal: 0, different: 0, unreadable: 0)
    for name in recorded where actual.contains(name) {
      do {
        let outcome = try outcome("\(recordedFolder)/\(name)", "\(actualFolder)/\(name)", comparer, context)
        if outcome.isEqual { counts.equal += 1 } else { counts.different += 1 }
        if !outcome.isEqual { write(outcome, arguments, environment) }
      } catch let error as CommandError {
        counts.unreadable += 1
        environment.errors.writeLine("error: \(error.sentence)" + (error.hint.map { "\nhint: \($0)" } ?? ""))
      }
    }
    let lost = recorded.filter { !actual.contains($0) }
    let extra = actual.subtracting(recorded).sorted()
    for name in lost { environment.errors.writeLine("\(actualFolder)/\(name): is missing; the recording has it") }
    for name in extra { environment.errors.writeLine("\(recordedFolder)/\(name): is missing; only the other has it") }
    environment.errors.writeLine(
      "\(recorded.count + extra.count) pairs: \(counts.equal) equal, \(counts.different) different, "
        + "\(lost.count + extra.count) without a partner, \(counts.unreadable) unreadable")
    if counts.unreadable > 0 { return .unreadable }
    return counts.equal == recorded.count && extra.isEmpty ? .success : .findings
  }

  private static func answer(_ file: String) throws -> ComparedAnswer {
    do {
      return try ComparedAnswer(name: file == "-" ? "<stdin>" : file, text: try bytes(file))
    } catch let error as HTTPMessageError {
      throw CommandError(.unreadable, "\(file):\(error.line): \(error.reason)")
    }
  }

  /// A file, or standard input as far as one byte more than a document may have.
  private static func bytes(_ file: String) throws -> [UInt8] {
    let bytesMax = 8 << 20
    guard file == "-" else { return try Files.read(file, bytesMax: bytesMax) }
    return try Files.readPrefix(descriptor: STDIN_FILENO, name: "<stdin>", bytesMax: bytesMax + 1)
  }

  /// The elements of a request that is a document alone or a whole message.
  private static func requestTree(_ file: String, _ comparer: AnswerComparer) throws -> ElementTree {
    let bytes = try bytes(file)
    let body =
      bytes.first { ![0x20, 0x0A, 0x0D, 0x09, 0xEF, 0xBB, 0xBF].contains($0) } == 0x3C
      ? bytes : (try? HTTPMessageText.request(parsing: bytes))?.body ?? []
    guard let tree = comparer.tree(of: body) else {
      throw CommandError(.unreadable, "\(file) is neither a document nor a request that holds one")
    }
    return tree
  }

  // MARK: Output

  private static func write(_ outcome: ComparisonOutcome, _ arguments: Arguments, _ environment: Environment) {
    let isQuiet = arguments.has("--quiet")
    let shown = outcome.differences.filter { !isQuiet || $0.kind != .noise }.sorted { $0.kind > $1.kind }
    if arguments["--format"] == "json" {
      for difference in shown { environment.output.writeLine(json(difference)) }
      return
    }
    let text = PlainText(isColoured: environment.isColoured(environment.output))
    for difference in shown { environment.output.writeLine(described(difference, text) + "\n") }
    let diff = arguments.has("--full") ? outcome.diff : outcome.shortDiff
    let isWorthwhile = !diff.isEmpty && (arguments.has("--full") || !shown.isEmpty)
    if isWorthwhile { environment.output.writeLine(coloured(diff, text) + "\n") }
    environment.output.writeLine(summary(of: outcome, text))
  }

  private static func summary(of outcome: ComparisonOutcome, _ text: PlainText) -> String {
    let counts = DifferenceClass.allCases.reversed().compactMap { kind -> String? in
      let count = outcome.differences.count { $0.kind == kind }
      return count == 0 ? nil : "\(count) \(kind.rawValue)"
    }
    let what = outcome.kind.map { "\($0): " } ?? ""
    guard outcome.isEqual else {
      return what + text.coloured("DIFFERENT", "1;31") + ", " + counts.joined(separator: ", ")
    }
    return what + text.coloured("EQUAL", "1;32") + (counts.isEmpty ? "" : ", " + counts.joined(separator: ", "))
  }

  private static func described(_ difference: Difference, _ text: PlainText) -> String {
    let label = difference.requirement ?? difference.id
    let colour = [.violation: "1;31", .gap: "1;33", .changed: "1;35"][difference.kind] ?? "1;36"
    var lines = [
      text.coloured(difference.kind.rawValue, colour) + " \(difference.path) [\(label)]"
        + (difference.erratum.map { " (erratum \($0))" } ?? ""),
      "recorded \(place(difference.recordedPlace)), actual \(place(difference.actualPlace))", difference.message,
    ]
    if let expected = difference.expected { lines.append("expected: \(expected.prefix(400))") }
    if let actual = difference.actual { lines.append("actual:   \(actual.prefix(400))") }
    if let hint = difference.hint { lines.append("hint: \(hint)") }
    if let proposal = difference.proposal { lines.append("proposal for the schema:\n\(proposal)") }
    return lines.enumerated().map { index, line in index == 0 ? line : "  " + text.shown(line) }
      .joined(separator: "\n")
  }

  private static func place(_ place: Place) -> String {
    [place.file ?? "", place.line.map(String.init) ?? "", place.column.map(String.init) ?? ""].filter { !$0.isEmpty }
      .joined(separator: ":")
  }

  private static func coloured(_ diff: String, _ text: PlainText) -> String {
    diff.split(separator: "\n").map { line in
      let colour: String? =
        switch line.first {
        case "-": "31"
        case "+": "32"
        case "~": "36"
        default: nil
        }
      let safe = text.shown(String(line))
      return colour.map { text.coloured(safe, $0) } ?? safe
    }.joined(separator: "\n")
  }

  private static func json(_ difference: Difference) -> String {
    JSONReport.object([
      ("class", .string(difference.kind.rawValue)), ("id", .string(difference.id)), ("path", .string(difference.path)),
      ("requirement", .string(difference.requirement)), ("severity", .string(difference.severity.rawValue)),
      ("message", .string(difference.message)), ("hint", .string(difference.hint)),
      ("erratum", .string(difference.erratum)), ("expected", .string(difference.expected)),
      ("actual", .string(difference.actual)), ("recordedFile", .string(difference.recordedPlace.file)),
      ("recordedLine", .integer(difference.recordedPlace.line)),
      ("recordedColumn", .integer(difference.recordedPlace.column)),
      ("actualFile", .string(difference.actualPlace.file)), ("actualLine", .integer(difference.actualPlace.line)),
      ("actualColumn", .integer(difference.actualPlace.column)), ("proposal", .string(difference.proposal)),
    ])
  }
}
