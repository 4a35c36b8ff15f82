internal import CaseLibrary
internal import HTTPExchange
internal import Recording

extension Commands {
  static let importCommand = Command(
    name: "import", summary: "Make a scenario of captured traffic, without secrets.",
    operands: "FILE...  (HAR 1.2, a HAR entry a line, or a flow dump of mitmproxy)",
    flags: RecordingOutput.flags,
    examples: [
      (
        "cispec import capture.har --out Exchanges/own/hash",
        "the exchanges of the API in an archive of a browser or proxy"
      ),
      ("cispec import flows.mitm --out rec --without-key", "what mitmdump -w saved, when the SecretKey is not at hand"),
    ],
    run: runImport)

  static let exportCommand = Command(
    name: "export", summary: "Write scenarios as an HTTP Archive on standard output.",
    operands: "SCENARIO|DIR...",
    flags: [
      Flag(name: "--har", value: nil, help: "As HAR 1.2, which is what it always is for now."),
      Flag(
        name: "--scheme", value: "SCHEME", help: "The scheme of the URLs; https unless given.",
        choices: ["http", "https"]),
    ],
    examples: [
      ("cispec export --har file-jobs > file-jobs.har", "all scenarios of an area in one archive"),
      ("cispec export --har ./rec | cispec validate --input har -", "judge a recording of your own as an archive"),
    ],
    run: export)

  private static func runImport(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard !arguments.operands.isEmpty else { throw CommandError(.usage, "no file was named") }
    let output = try RecordingOutput(arguments, environment, recorder: "cispec import \(version)")
    var exchanges: [CapturedExchange] = []
    for file in arguments.operands { exchanges += try captured(in: file, environment) }
    guard !exchanges.isEmpty else {
      throw CommandError(
        .unreadable, "there is no request with its answer in \(arguments.operands.joined(separator: ", "))")
    }
    return try output.write(exchanges)
  }

  private static func captured(in file: String, _ environment: Environment) throws -> [CapturedExchange] {
    let bytes = try Files.read(file, bytesMax: 256 << 20)
    do {
      if FlowDump.isLikely(bytes[...]) {
        let exchanges = try FlowDump.exchanges(parsing: bytes)
        return try exchanges.enumerated().map { try writable($1, "\(file): flow \($0 + 1)") }
      }
      if file.hasSuffix(".jsonl") || file.hasSuffix(".ndjson") {
        return try exchanges(of: try HTTPArchive(parsingLines: bytes), file, environment)
      }
      return try exchanges(of: try HTTPArchive(parsing: bytes), file, environment)
    } catch let error as HTTPArchiveError {
      throw CommandError(
        .unreadable, "\(file): \(error.reason)",
        hint: error.isOfOtherForm ? "A HAR file is an object with the member 'log'." : nil)
    } catch let error as FlowDumpError {
      throw CommandError(.unreadable, "\(file): \(error.description)")
    }
  }

  private static func exchanges(
    of archive: HTTPArchive, _ file: String, _ environment: Environment
  ) throws -> [CapturedExchange] {
    try archive.entries.compactMap { entry in
      let place = "\(file): entry \(entry.number)"
      guard let response = entry.response, entry.hasResponseBody else {
        environment.errors.writeLine("\(place) has no answer or not its body; it is left out")
        return nil
      }
      for clause in entry.dropped { environment.errors.writeLine("\(place): \(clause); it is taken as not told") }
      return try writable(
        CapturedExchange(request: entry.request, response: response, date: entry.date, seconds: entry.seconds), place)
    }
  }

  /// The exchange, or why it cannot be written as messages that are read again.
  private static func writable(_ exchange: CapturedExchange, _ place: String) throws -> CapturedExchange {
    guard let defect = exchange.defect else { return exchange }
    throw CommandError(
      .unreadable, "\(place): \(defect)", hint: "No message of HTTP is like that: mend the entry, or take it out.")
  }

  private static func export(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard !arguments.operands.isEmpty else {
      throw CommandError(.usage, "no scenario was named", hint: "The folders of Exchanges/ are the scenarios.")
    }
    let scenarios = try selectScenarios(arguments.operands, in: try environment.dataFolder())
    let bytes = try HARWriter.bytes(
      of: scenarios, scheme: arguments["--scheme"] ?? "https", creator: "cispec \(version)")
    environment.output.write(String(decoding: bytes, as: UTF8.self))
    return .success
  }
}
