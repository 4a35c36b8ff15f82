internal import CaseLibrary
internal import Findings
internal import Reporting
internal import WrongServers
internal import XMLValidation

extension Commands {
  static let mutantsCommand = Command(
    name: "mutants", summary: "Judge wrong implementations, and prove that each is caught by a case about its mistake.",
    operands: "",
    flags: [
      Flag(name: "--select", value: "PATTERN", help: "Only mutants whose ID fits; may be given again.", repeats: true),
      Flag(
        name: "--only", value: "SUITE", help: "Only these mutants; may be given again.", choices: mutantSuiteNames,
        repeats: true),
      Flag(
        name: "--clients", value: "FILE",
        help: "The list of wrong client libraries, such as Tests/Adapters/mutants.json; without it they are left out."),
      Flag(
        name: "--matrix", value: "WHICH",
        help: "How many cases each wrong server is judged by: as many as it takes to name it, or all.",
        choices: ["first", "full"]),
      Flag(
        name: "--runs", value: "N",
        help: "How often the faithful server is judged, each time with other identifiers; 1 unless given."),
      Flag(name: "--faithful", value: nil, help: "Judge the faithful server alone."),
      Flag(name: "--jobs", value: "N", help: "How many threads judge; one a core unless given."),
      Flag(name: "--report", value: "json=FILE", help: "Write the matrix as JSON too, whatever is shown."),
      Flag(name: "--list", value: nil, help: "List the mutants and what each does wrong; judge none."),
      Flag(name: "--verbose", value: nil, help: "A line for every mutant, not only totals and what is wrong."),
      Flag(
        name: "--format", value: "FORMAT", help: "Of the matrix; text unless given.",
        choices: ["text", "json", "markdown"]),
    ],
    examples: [
      ("cispec mutants", "every mutant, and totals by family"),
      ("cispec mutants --select 'server/list/*' --verbose", "one family, a line each"),
      ("cispec mutants --matrix full --format json", "which cases name which mistake, all of them"),
      ("cispec mutants --faithful --runs 100", "the faithful server alone, a hundred times"),
    ],
    run: runMutants)

  private static func runMutants(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard arguments.operands.isEmpty else {
      throw CommandError(.usage, "cispec mutants takes no operands", hint: "For some of them: --select PATTERN")
    }
    let start = monotonicSeconds()
    let patterns = arguments.all("--select")
    let isSelected: @Sendable (String) -> Bool = { id in
      patterns.isEmpty || patterns.contains { FileSearch.fits(id, $0) }
    }
    let clients = try arguments["--clients"].map(ClientMutants.init(file:))
    if arguments.has("--list") {
      let servers = (ServerMutant.all + ServerMutant.harmless).map { ($0.id, $0.does) }
      for (id, does) in servers + (clients?.listed ?? []) where isSelected(id) {
        environment.output.writeLine("\(id)\t\(does)")
      }
      return .success
    }
    let suites = try mutantSuites(arguments, environment, clients, isSelected)
    guard patterns.isEmpty || suites.contains(where: { !$0.mutants.isEmpty || !$0.harmless.isEmpty }) else {
      throw CommandError(.usage, "no mutant fits '\(patterns[0])'", hint: "cispec mutants --list shows the servers.")
    }
    let matrix = MutantMatrix(suites: suites, seconds: monotonicSeconds() - start)
    try write(matrix, to: arguments["--report"])
    switch arguments["--format"] {
    case "json": environment.output.write(JSONReport.text(of: matrix))
    case "markdown": environment.output.write(MarkdownReport.text(of: matrix))
    default:
      environment.output.write(
        PlainText(isColoured: environment.isColoured(environment.output)).text(
          of: matrix, showsAll: arguments.has("--verbose")))
    }
    return matrix.shortfalls.isEmpty ? .success : .findings
  }

  private static func write(_ matrix: MutantMatrix, to report: String?) throws {
    guard let report else { return }
    guard report.hasPrefix("json="), report.utf8.count > 5 else {
      throw CommandError(.usage, "--report is '\(report)', not json=FILE", hint: "Other forms: --format.")
    }
    do {
      try Files.write(Array(JSONReport.text(of: matrix).utf8), to: String(report.dropFirst(5)))
    } catch {
      throw CommandError(.reportNotWritten, "the matrix \(error.description)")
    }
  }

  private static let mutantSuiteNames = ["servers", "signers", "verifiers", "documents", "clients"]

  private static func mutantSuites(
    _ arguments: Arguments, _ environment: Environment, _ clients: ClientMutants?,
    _ isSelected: @escaping @Sendable (String) -> Bool
  ) throws -> [MutantMatrix.Suite] {
    let isFaithfulAlone = arguments.has("--faithful")
    if isFaithfulAlone, let foreign = ["--only", "--select", "--clients"].first(where: arguments.has) {
      throw CommandError(.usage, "--faithful and \(foreign) exclude each other")
    }
    let only = isFaithfulAlone ? ["servers"] : arguments.all("--only")
    func isAsked(_ name: String) -> Bool { only.isEmpty || only.contains(name) }
    let folder = try environment.dataFolder()
    let catalogue = try Catalogue(folder)
    let threads = try arguments.integer("--jobs", in: 1...64) ?? processorCount()
    let isFull = arguments["--matrix"] == "full"
    var suites: [MutantMatrix.Suite] = []
    if isAsked("servers") {
      let tries = arguments.all("--select").contains { $0.hasPrefix("server/control/") }
      let controls = tries ? ServerMutant.controls : []
      let judge = try ServerMutants(
        folder: folder, catalogue: catalogue, library: catalogue.validationLibrary(), isFull: isFull, threads: threads)
      suites.append(
        try judge.suite(
          of: isFaithfulAlone ? [] : (ServerMutant.all + controls).filter { isSelected($0.id) },
          harmless: isFaithfulAlone ? [] : ServerMutant.harmless.filter { isSelected($0.id) },
          runs: try arguments.integer("--runs", in: 1...10_000) ?? 1))
    }
    if isAsked("signers") || isAsked("verifiers") {
      suites += try SigningMutants.suites(folder, isFull: isFull, isSelected).filter { isAsked($0.name) }
    }
    if isAsked("documents") {
      suites.append(try DocumentMutants.suite(folder, catalogue, threads: threads, isSelected))
    }
    if isAsked("clients") {
      suites.append(
        try clients?.suite(folder, catalogue, threads: threads, isSelected)
          ?? MutantMatrix.Suite(name: "clients", mutants: [], skipped: "--clients FILE names them"))
    }
    return suites
  }
}
