internal import Adapting
internal import CaseLibrary
internal import Findings
internal import Reporting

extension Commands {
  static let mutantsFlag = Flag(
    name: "--mutants", value: nil,
    help: "Make every mistake of the catalogues on every vector: which vectors find it; with --list what each finds.")
  static let mutantsFormatFlag = Flag(
    name: "--format", value: "FORMAT", help: "How --mutants shows its matrix; text unless given.",
    choices: ["text", "json"])

  /// `cispec vectors --mutants`: every mistake on every vector. With `--list` what each vector kills as well.
  static func mutants(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    let foreign = vectorsCommand.flags.map(\.name).first {
      !["--mutants", "--list", "--format"].contains($0) && arguments.has($0)
    }
    if let foreign { throw CommandError(.usage, "--mutants and \(foreign) exclude each other") }
    guard arguments.operands.isEmpty else {
      throw CommandError(
        .usage, "--mutants takes all vectors, no pattern",
        hint: "cispec vectors --mutants --list has a line for each vector.")
    }
    let folder = try environment.dataFolder()
    let report = Mutants(
      signing: try SigningVector.all(in: folder), verifying: try VerifyingVector.all(in: folder)
    ).report
    if arguments["--format"] == "json" {
      environment.output.write(JSONReport.text(of: report))
    } else {
      let text = PlainText(isColoured: environment.isColoured(environment.output))
      if arguments.has("--list") { environment.output.write(text.cases(of: report)) }
      environment.output.write(text.text(of: report))
    }
    return report.shortfalls.isEmpty ? .success : .findings
  }
}
