internal import Adapting
internal import CaseLibrary
internal import Findings
internal import Reporting
internal import XMLValidation

extension Commands {
  static let corpusCommand = Command(
    name: "corpus", summary: "Derive documents with one fault from every valid one, and prove that each is found.",
    operands: "",
    flags: [
      Flag(
        name: "--operation", value: "ID",
        help: "Only the documents of one operation, or error or callback."),
      Flag(
        name: "--full", value: nil,
        help: "Derive every fault from every document; otherwise each node gets each fault in one document."),
      Flag(name: "--list", value: nil, help: "Print the IDs of the cases and judge none."),
      Flag(
        name: "--write", value: "DIR",
        help: "Write the documents below a folder, with index.jsonl saying what is expected of each; judge none."),
      reportFlag,
    ],
    examples: [
      ("cispec corpus", "every derived document, with a score"),
      ("cispec corpus --write /tmp/corpus", "the documents, for another validator"),
    ],
    run: corpus)

  private static func corpus(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard arguments.operands.isEmpty else {
      throw CommandError(
        .usage, "cispec corpus takes no operands", hint: "For one operation: cispec corpus --operation ID")
    }
    let start = monotonicSeconds()
    let folder = try environment.dataFolder()
    let catalogue = try Catalogue(folder)
    let operation = arguments["--operation"]
    let names = catalogue.operations.map(\.id) + catalogue.documents.keys.sorted()
    if let operation, !names.contains(operation) {
      throw CommandError(
        .usage, "there is no operation '\(operation)'",
        hint: nearestName(to: operation, among: names).map { "Did you mean \($0)?" }
          ?? "It is one of \(names.joined(separator: ", ")).")
    }
    let reports = try ReportFiles(arguments)
    let suite = try OneFaultSuite(
      try Corpus(folder, catalogue), library: catalogue.validationLibrary(), isFull: arguments.has("--full"),
      operation: operation)
    if let target = arguments["--write"] {
      do {
        try suite.write(to: target)
      } catch let error as FileError {
        throw CommandError(.reportNotWritten, error.description)
      }
      environment.output.writeLine(
        "\(suite.cases.count) documents, \(suite.faultCount) of them with a fault, in \(target)")
      return .success
    }
    if arguments.has("--list") {
      for one in suite.cases { environment.output.writeLine(one.id) }
      return .success
    }
    var result = try suite.result()
    result.seconds = monotonicSeconds() - start
    let report = Report(
      kitVersion: version, dataDigest: try folder.digest(), target: "cispec", suites: [result], seconds: result.seconds)
    let text = PlainText(isColoured: environment.isColoured(environment.output))
    let code = try finish(report, reports, environment, coloured: text)
    environment.output.writeLine(OneFaultSuite.score(of: result))
    return code
  }
}
