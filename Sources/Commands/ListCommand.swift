internal import CaseLibrary
internal import Findings

extension Commands {
  static let listCommand = Command(
    name: "list", summary: "List the IDs of all cases of cispec run, a suite and an ID a line.",
    operands: "",
    flags: Expectations.flags.filter { ["--select", "--skip", "--shard"].contains($0.name) },
    examples: [
      ("cispec list", "every case, as SUITE/ID"),
      ("cispec list --select replay --skip 'replay/queues/*'", "what these patterns choose"),
    ],
    run: list)

  private static func list(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard arguments.operands.isEmpty else {
      throw CommandError(.usage, "cispec list takes no operands", hint: "--select \(arguments.operands[0])")
    }
    let expectations = try Expectations(arguments)
    let folder = try environment.dataFolder()
    // The run itself, without time for any case, so that the list is of what is run.
    let gate = CaseGate(isWanted: { expectations.fit($0, suite: $1) }, ending: { .outOfTime })
    let names = try allSuites(folder, Catalogue(folder), seed: nil, gate).flatMap { suite in
      suite.cases.map(\.id).filter { gate.isWanted($0, suite: suite.name) }.map { "\(suite.name)/\($0)" }
    }
    guard !names.isEmpty else { throw CommandError(.usage, "no case is left", hint: "cispec list shows them all.") }
    environment.output.write(names.map { $0 + "\n" }.joined())
    return .success
  }
}
