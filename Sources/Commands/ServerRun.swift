internal import Adapting
internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import HTTPTransport
internal import Replay
internal import Signing
internal import XMLValidation

/// One run against a server: sends the items, on several threads when asked for, and judges the answers.
struct ServerRun: Sendable {
  let target: ServerTarget
  let folder: DataFolder
  let catalogue: Catalogue
  let library: ValidationLibrary
  let cases: ServerCases
  let unsupported: UnsupportedOperations
  let answers: RefusalAnswers
  let notes: VectorNotes
  let baseline: BaselineOptions
  let saveFolder: String?
  let output: Output
  let errors: Output
  private let log = ExchangeLog()

  init(
    target: ServerTarget, folder: DataFolder, catalogue: Catalogue, library: ValidationLibrary, cases: ServerCases,
    unsupported: UnsupportedOperations, answers: RefusalAnswers, notes: VectorNotes, baseline: BaselineOptions,
    saveFolder: String?,
    output: Output, errors: Output
  ) {
    self.target = target
    self.folder = folder
    self.catalogue = catalogue
    self.library = library
    self.cases = cases
    self.unsupported = unsupported
    self.answers = answers
    self.notes = notes
    self.baseline = baseline
    self.saveFolder = saveFolder
    self.output = output
    self.errors = errors
  }

  /// An entry of the scorecard and the suite that it belongs to.
  typealias Judged = (suite: String, entry: Scorecard.Entry)

  func entries(of items: [ServerItem], _ tell: (Scorecard.Entry) -> Void) throws -> [Judged] {
    var all: [Judged] = []
    var failure: (any Error)?
    try withoutActuallyEscaping(tell) { tell in
      let pool = WorkerPool<ServerItem, Result<[Judged], any Error>>(
        WorkerPool.Bounds(threads: target.jobs, itemsMax: 64, bytesMax: .max),
        makeWorker: {
          let worker = Result { try makeWorker() }
          return { item in Result { try judged(item, try worker.get()) } }
        },
        deliver: { result in
          switch result {
          case .success(let judged):
            judged.forEach { tell($0.entry) }
            all += judged
          case .failure(let error): failure = failure ?? error
          }
        })
      for item in items { pool.submit(item, bytes: 0) }
      pool.finish()
      if let failure { throw failure }
    }
    return all
  }

  static func suites(of judged: [Judged]) -> [SuiteResult] {
    ["replay", "server", "signature"].compactMap { name in
      let results = judged.filter { $0.suite == name }.map(\.entry.result)
      return results.isEmpty
        ? nil
        : SuiteResult(
          name: name, discovered: results.count, cases: results, seconds: results.reduce(0) { $0 + $1.seconds })
    }
  }

  /// What one thread judges with.
  private func makeWorker() throws -> ServerWorker {
    let access = ServerAccess(
      responder: target.responder(errors), wire: target.wire, credentials: target.credentials, host: target.host,
      bucket: target.bucket, delivery: target.delivery, clock: target.clock, callbacks: target.callbacks)
    return try ServerWorker(
      access, try ServerData(catalogue: catalogue, library: library, cases: cases, answers: answers, notes: notes),
      review: baseline.review, log: log)
  }

  // MARK: One item

  private func judged(_ item: ServerItem, _ worker: ServerWorker) throws -> [Judged] {
    let reason: String? =
      unsupported.reason(for: item.operations)
      ?? (item.isBillable && !target.sendsBillable
        ? "it costs money or changes something on a real service; --allow-billable sends it" : nil)
      ?? target.traffic.exhaustion
    if let reason { return skipped(item, reason) }
    let start = monotonicSeconds()
    var judged: [Judged] = worker.entries(of: item).map { (Self.suite(of: item), $0) }
    let seconds = (monotonicSeconds() - start) / Double(max(1, judged.count))
    for index in judged.indices {
      judged[index].entry.result.seconds = seconds
      try finish(&judged[index].entry.result)
    }
    return judged
  }

  /// A case that the budget ran out in is skipped, not broken; one that failed shows its exchange.
  private func finish(_ result: inout CaseResult) throws {
    let exchanges = log.take(result.id)
    switch result.verdict {
    case .broken(let reason) where reason == target.traffic.exhaustion:
      result.verdict = .skipped(reason: reason)
    case .failed:
      let shown = ServerExchange(target: target)
      let stem = try saveFolder.flatMap { try shown.save(exchanges, of: result.id, in: $0) }
      result.detail += (result.detail.isEmpty ? "" : "\n") + shown.text(of: exchanges, savedAs: stem)
    default: break
    }
  }

  private static func suite(of item: ServerItem) -> String {
    switch item {
    case .scenario: "replay"
    case .server: "server"
    case .signature: "signature"
    }
  }

  private func skipped(_ item: ServerItem, _ reason: String) -> [Judged] {
    zip(item.cases, item.operations).map { one, operation in
      let result = CaseResult(id: one.id, verdict: .skipped(reason: reason), requirements: one.requirements)
      return (
        one.suite, Scorecard.Entry(result: result, operation: operation, aspect: .answer, level: .must)
      )
    }
  }

  // MARK: Dry run

  /// Writes the messages of the items as they would be sent, each below a line with its ID.
  func show(_ items: [ServerItem]) throws -> ExitCode {
    let worker = try makeWorker()
    let shown = ServerExchange(target: target)
    for item in items {
      if let reason = unsupported.reason(for: item.operations) {
        output.writeLine("### \(item.id): not sent, \(reason)")
        continue
      }
      if item.isBillable, !target.sendsBillable {
        output.writeLine("### \(item.id): not sent without --allow-billable")
        continue
      }
      for (id, bytes) in try worker.messages(of: item, shown) {
        output.writeLine("### \(id) to \(target.route.connectTo ?? target.endpoint)")
        output.write(String(decoding: bytes, as: UTF8.self))
        output.writeLine("")
      }
    }
    return .success
  }
}
