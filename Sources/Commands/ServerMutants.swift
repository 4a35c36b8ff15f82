internal import CaseLibrary
internal import Emulator
internal import Findings
internal import HTTPExchange
internal import Replay
internal import WrongServers
internal import XMLValidation

/// Judges wrong servers by the scenarios, the server suite and the signatures, each case on a server of its own.
struct ServerMutants: Sendable {
  private let catalogue: Catalogue
  private let library: ValidationLibrary
  private let objects: MemoryObjectStore
  private let cases: ServerCases
  private let answers: RefusalAnswers
  private let notes: VectorNotes
  private let items: [Item]
  /// Every case for each mutant, not only as many as it takes.
  let isFull: Bool
  let threads: Int

  /// A case, and the requirements that it says it is about.
  private struct Item: Sendable {
    var item: ServerItem
    var caseIDs: [String]
    var requirements: [String]
  }

  /// - Parameter items: those whose framing needs a connection are left out.
  init(
    folder: DataFolder, catalogue: Catalogue, library: ValidationLibrary, isFull: Bool, threads: Int
  ) throws {
    self.catalogue = catalogue
    self.library = library
    self.isFull = isFull
    self.threads = threads
    cases = try ServerCases(in: folder, catalogue)
    answers = try RefusalAnswers(in: folder)
    notes = try VectorNotes(in: folder)
    let scenarios = try RecordedScenario.all(in: folder)
    objects = EmbeddedTarget.objects(of: scenarios, and: cases.objects)
    items = ServerItem.all(scenarios, cases).filter(Self.needsNoConnection).map { item in
      let requirements: [String] =
        switch item {
        case .scenario(let recorded): recorded.scenario.steps.flatMap { $0.requirements ?? [] }
        case .server(let one, _): one.requirements
        case .signature: []
        }
      return Item(item: item, caseIDs: item.cases.map(\.id), requirements: requirements)
    }
  }

  private static func needsNoConnection(_ item: ServerItem) -> Bool {
    guard case .server(let one, _) = item else { return true }
    let isFraming =
      one.change.startLine != nil || one.change.unsignedHeaders != nil || (one.change.framing ?? .length) != .length
      || one.change.headers?.keys.contains("Content-Length") == true
    return !isFraming
  }

  // MARK: Running

  /// What one thread works on: a mutant with all it takes, or the faithful server with one seed.
  private enum Task: Sendable {
    case mutant(ServerMutant)
    case faithful(seed: UInt64)
  }

  private enum Done: Sendable {
    case mutant(MutantMatrix.Mutant)
    case faithful([String])
  }

  /// - Parameter runs: how often the faithful server is judged, each time with other identifiers.
  func suite(
    of mutants: [ServerMutant], harmless: [ServerMutant], runs: Int
  ) throws -> MutantMatrix.Suite {
    var suite = MutantMatrix.Suite(
      name: "servers", mutants: [], faithful: MutantMatrix.Faithful(runs: runs, cases: caseCount, findings: []))
    let ids = Set(harmless.map(\.id))
    var failure: (any Error)?
    let pool = WorkerPool<Task, Result<Done, any Error>>(
      WorkerPool.Bounds(threads: threads, itemsMax: 64, bytesMax: .max),
      makeWorker: {
        let seat = MutantSeat(catalogue: catalogue, library: library, objects: objects)
        let worker = Result { try makeWorker(in: seat) }
        return { task in Result { try done(task, seat, try worker.get()) } }
      },
      deliver: { result in
        switch result {
        case .success(.mutant(let mutant)):
          if ids.contains(mutant.id) { suite.harmless.append(mutant) } else { suite.mutants.append(mutant) }
        case .success(.faithful(let findings)): suite.faithful?.findings += findings
        case .failure(let error): failure = failure ?? error
        }
      })
    for run in 0..<runs { pool.submit(.faithful(seed: UInt64(run) + 1), bytes: 0) }
    for mutant in mutants + harmless { pool.submit(.mutant(mutant), bytes: 0) }
    pool.finish()
    if let failure { throw failure }
    return suite
  }

  private var caseCount: Int { items.reduce(0) { $0 + $1.caseIDs.count } }

  private func makeWorker(in seat: MutantSeat) throws -> ServerWorker {
    let access = ServerAccess(
      responder: seat, wire: seat, credentials: Secrets.fake, host: VectorsTarget.bucketHost, clock: seat.clock,
      callbacks: seat.callbacks)
    return try ServerWorker(
      access, try ServerData(catalogue: catalogue, library: library, cases: cases, answers: answers, notes: notes))
  }

  private func done(_ task: Task, _ seat: MutantSeat, _ worker: ServerWorker) throws -> Done {
    switch task {
    case .mutant(let mutant): .mutant(judged(mutant, seat, worker))
    case .faithful(let seed): .faithful(findings(on: seed, seat, worker))
    }
  }

  /// Every finding that fails a case, and every case without a verdict.
  private func findings(on seed: UInt64, _ seat: MutantSeat, _ worker: ServerWorker) -> [String] {
    items.flatMap { item -> [String] in
      seat.seat(.faithful, seed: seed)
      return worker.entries(of: item.item).flatMap { entry -> [String] in
        let found = entry.result.findings.filter { $0.severity == .error }.map {
          "\(entry.result.id), seed \(seed): \($0.message) [\($0.requirement ?? $0.id)]"
        }
        guard case .broken(let reason) = entry.result.verdict else { return found }
        return found + ["\(entry.result.id), seed \(seed): \(reason)"]
      }
    }
  }

  // MARK: One mutant

  private func judged(_ mutant: ServerMutant, _ seat: MutantSeat, _ worker: ServerWorker) -> MutantMatrix.Mutant {
    var outcome = mutant.unjudged
    for item in ordered(for: mutant) {
      seat.seat(mutant, seed: 1)
      for entry in worker.entries(of: item.item) {
        mutant.add(entry.result, to: &outcome)
      }
      if !isFull, !outcome.killers.isEmpty { break }
    }
    return outcome
  }

  /// First the cases that say they are about what the mutant gets wrong.
  private func ordered(for mutant: ServerMutant) -> [Item] {
    func isAbout(_ item: Item) -> Bool {
      mutant.names.contains { pattern in
        if let wanted = pattern.caseID, !item.caseIDs.contains(where: { FileSearch.fits($0, wanted) }) { return false }
        guard let wanted = pattern.requirement else { return pattern.caseID != nil }
        return item.requirements.contains { FileSearch.fits($0, wanted) }
      }
    }
    return items.filter(isAbout) + items.filter { !isAbout($0) }
  }
}
