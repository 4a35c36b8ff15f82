internal import Adapting
internal import CaseLibrary
internal import Findings
internal import Reporting

extension Commands {
  /// `cispec vectors --mutants`: every mistake on every vector. With `--list` what each vector kills as well.
  static func mutants(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
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
