internal import Adapting
internal import CaseLibrary
internal import Findings
internal import HTTPTransport

/// Wrong client libraries: one adapter that makes the mistake an environment variable names.
///
/// The file is `{"format": 1, "command": …, "variable": …, "mutants": [{"id", "does", "case", "finding"}, …]}`; the
/// command is run by /bin/sh in the folder of the file.
struct ClientMutants: Sendable {
  private struct List: Decodable {
    struct Mutant: Decodable {
      var id: String
      var does: String
      /// The case about the mistake, and the kind or requirement of the finding that names it.
      var `case`: String
      var finding: String
    }

    var format: Int
    var command: String
    var variable: String
    var mutants: [Mutant]
  }

  private let list: List
  private let directory: String

  init(file: String) throws {
    guard Files.exists(file) else { throw CommandError(.unreadable, "\(file): there is no such file") }
    list = try decodeJSON(List.self, from: try Files.read(file, bytesMax: 1 << 20), file: file)
    directory = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
  }

  var listed: [(id: String, does: String)] { list.mutants.map { ("client/" + $0.id, $0.does) } }

  /// Each mutant is asked the case about it; the right client is asked all of these cases.
  func suite(
    _ folder: DataFolder, _ catalogue: Catalogue, threads: Int, _ isSelected: @escaping @Sendable (String) -> Bool
  ) throws -> MutantMatrix.Suite {
    let cases = try ClientCases(in: folder, catalogue)
    let chosen = list.mutants.filter { isSelected("client/" + $0.id) }
    func wanted(_ ids: [String]) throws -> [ClientCase] {
      try ids.map { id in
        guard let one = cases.cases.first(where: { $0.id == id }) else {
          throw CommandError(.unreadable, "the list of wrong clients names the case '\(id)', which is not there")
        }
        return one
      }
    }
    let ids = chosen.map(\.case).reduce(into: [String]()) { ids, id in if !ids.contains(id) { ids.append(id) } }
    let right = try results(of: try wanted(ids), making: nil, cases, catalogue)
    var outcomes: [MutantMatrix.Mutant] = []
    var failure: (any Error)?
    let work = try chosen.map { (mutant: $0, cases: try wanted([$0.case])) }
    let pool = WorkerPool<Int, Result<MutantMatrix.Mutant, any Error>>(
      WorkerPool.Bounds(threads: threads, itemsMax: 64, bytesMax: .max),
      makeWorker: {
        { place in
          Result {
            let mutant = work[place].mutant
            return judged(mutant, try results(of: work[place].cases, making: mutant.id, cases, catalogue))
          }
        }
      },
      deliver: { result in
        switch result {
        case .success(let mutant): outcomes.append(mutant)
        case .failure(let error): failure = failure ?? error
        }
      })
    for place in work.indices { pool.submit(place, bytes: 0) }
    pool.finish()
    if let failure { throw failure }
    let blamed = right.filter { $0.verdict != .passed }.map {
      "\($0.id): \($0.findings.first?.message ?? "no verdict")"
    }
    return MutantMatrix.Suite(
      name: "clients", mutants: outcomes,
      faithful: MutantMatrix.Faithful(runs: 1, cases: right.count, findings: blamed))
  }

  private func judged(_ mutant: List.Mutant, _ results: [CaseResult]) -> MutantMatrix.Mutant {
    var outcome = MutantMatrix.Mutant(
      id: "client/" + mutant.id, family: mutant.case.split(separator: "/").dropFirst().first.map(String.init) ?? "",
      does: mutant.does, expects: ["\(mutant.finding) in \(mutant.case)"])
    for result in results where result.verdict != .passed {
      let isNamed =
        result.verdict == .failed
        && result.findings.contains { finding in
          finding.severity == .error && [finding.id, finding.requirement].contains(mutant.finding)
        }
      if isNamed {
        outcome.killers.append(MutantMatrix.Killer(caseID: result.id, names: [mutant.finding]))
      } else {
        outcome.others.append(result.id)
      }
    }
    return outcome
  }

  private func results(
    of selected: [ClientCase], making mutant: String?, _ cases: ClientCases, _ catalogue: Catalogue
  ) throws -> [CaseResult] {
    guard !selected.isEmpty else { return [] }
    let quoted = "'" + directory.replacing("'", with: "'\\''") + "'"
    let command = "cd \(quoted) && " + (mutant.map { "\(list.variable)=\($0) " } ?? "") + list.command
    let responder = ClientResponder()
    let server = try HTTPServer(responder: responder)
    defer { server.stop() }
    return try Commands.usingAdapter {
      let adapter = try Adapter(command: command, limits: AdapterLimits(answerSeconds: 10, helloSeconds: 30))
      return try ClientSuite(cases, catalogue, adapter: adapter)
        .suites(of: selected, responder: responder, port: server.port).flatMap(\.cases)
    }
  }
}
