public import CaseLibrary
public import HTTPExchange
public import Signing
internal import Synchronization
public import XMLValidation

/// A responder that behaves as the documentation says the service does: every operation of the catalogue, signatures
/// checked, answers in the captured form.
///
/// It has no socket, no timer and no clock of its own: time, objects, keys and randomness are passed in, and the state
/// of a job follows from the time at which somebody asks.
public final class Emulator: Responder, Sendable {
  let configuration: EmulatorConfiguration
  let catalogue: Catalogue
  let bodies: RequestBodies
  let objects: any ObjectStore
  let memory: Mutex<Memory>
  let journal: (any JobJournal)?
  private let routing: Routing
  private let access: Access
  private let lastHost = Mutex<(host: String, bucket: Bucket, service: Bucket.Service)?>(nil)
  let clock: any HTTPExchange.Clock

  struct Memory {
    var identifiers: Identifiers
    var jobs: JobStore
    var queues: QueueStore
    var templates: TemplateStore
    var metadata: ObjectMetadata
    var settled = SettledAnswers()
    var dates = Dates()
  }

  /// What an operation needs to know of the call beside its request.
  struct Call {
    var bucket: Bucket
    var requestID: String
    var now: Double
  }

  /// - Parameter journal: what outlives the program; nil when nothing has to. What it kept before comes with `restore`.
  public init(
    configuration: EmulatorConfiguration = EmulatorConfiguration(), catalogue: Catalogue, library: ValidationLibrary,
    credentials: [Credentials], objects: any ObjectStore, clock: any HTTPExchange.Clock,
    journal: (any JobJournal)? = nil
  ) {
    self.configuration = configuration
    self.catalogue = catalogue
    routing = Routing(catalogue: catalogue, isLenient: configuration.isLenient)
    access = Access(credentials, configuration)
    bodies = RequestBodies(library: library, configuration: configuration)
    self.objects = objects
    self.clock = clock
    self.journal = journal
    memory = Mutex(
      Self.emptyMemory(configuration, seed: configuration.seed, started: clock.now, isTracked: journal != nil))
  }

  private static func emptyMemory(
    _ configuration: EmulatorConfiguration, seed: UInt64, started: Double, isTracked: Bool
  ) -> Memory {
    Memory(
      identifiers: Identifiers(seed: seed),
      jobs: JobStore(
        pendingMax: configuration.pendingJobsMax, finishedMax: configuration.finishedJobsMax,
        concurrency: configuration.concurrency, isTracked: isTracked),
      queues: QueueStore(changedMax: configuration.settingsMax, started: started),
      templates: TemplateStore(templatesMax: configuration.settingsMax),
      metadata: ObjectMetadata(objectsMax: configuration.finishedJobsMax))
  }

  /// Forgets everything and begins anew with another source of identifiers; for an emulator without a journal.
  public func restart(seed: UInt64) {
    precondition(journal == nil, "what a journal holds is not forgotten")
    memory.withLock {
      $0 = Self.emptyMemory(configuration, seed: seed, started: clock.now, isTracked: false)
    }
  }

  public func respond(to request: HTTPRequest) -> HTTPResponse {
    answer(to: request, clockAheadSeconds: 0).response
  }

  /// The answer of a server whose clock is ahead: in Date, and when it judges the signature's time. Jobs keep the true
  /// time.
  func answer(to request: HTTPRequest, clockAheadSeconds skew: Double) -> EmulatedAnswer {
    let now = clock.now
    var answers = newAnswers(now + skew)
    do {
      // What could not be kept before is tried again, and nothing new is begun until that works.
      if let journal, journal.isFailing { try journal.makeDurable() }
      let answer = Result { try self.answer(to: request, with: &answers, now: now, skew: skew) }
      // Whatever the answer tells, of this request or of others, is kept before it is told.
      try journal?.makeDurable()
      return try answer.get()
    } catch let error as ServiceError {
      return EmulatedAnswer(response: failure(error, request, answers))
    } catch {
      return EmulatedAnswer(
        response: failure(ServiceError(.internalError, "The emulator failed: \(error)."), request, answers))
    }
  }

  /// The answer to a body that the server stopped reading because it is too large: 413 InvalidContent.
  public func refusalOfOversizedBody(_ request: HTTPRequest) -> HTTPResponse {
    failure(.oversized(configuration.bodyBytesMax), request, newAnswers(clock.now))
  }

  /// The answer to a request that is refused whatever it says. Without a code it is that of the table for the status, and
  /// where there is none, as for what gateways say, the body is empty.
  func refusal(of request: HTTPRequest, status: Int, code: String?) -> HTTPResponse {
    newAnswers(clock.now).failure(
      status: status, code: code, path: request.rawPath, traceID: withMemory { $0.identifiers.traceID() })
  }

  /// The `x-cos-meta-…` headers that finished hash jobs have put on an object.
  public func metadata(ofObject key: String, in bucket: Bucket) -> [String: String] {
    withMemory { $0.metadata[bucket, key] }
  }

  /// Runs a body on the memory, alone, and hands what it has changed to the journal.
  func withMemory<Value, Failure: Error>(_ body: (inout Memory) throws(Failure) -> Value) throws(Failure) -> Value {
    try memory.withLock { memory throws(Failure) in
      defer { if let journal { journal.append(memory.takeChanges()) } }
      return try body(&memory)
    }
  }

  // MARK: Answering

  private func newAnswers(_ now: Double) -> Answers {
    withMemory { Answers(requestID: $0.identifiers.requestID(at: now), date: $0.dates.header(at: now)) }
  }

  private func failure(_ error: ServiceError, _ request: HTTPRequest, _ answers: Answers) -> HTTPResponse {
    answers.failure(error, path: request.rawPath, traceID: withMemory { $0.identifiers.traceID() })
  }

  /// Host, signature, path, then content: nothing is told about jobs before the caller is known.
  private func answer(
    to request: HTTPRequest, with answers: inout Answers, now: Double, skew: Double
  ) throws -> EmulatedAnswer {
    let (bucket, service) = try self.bucket(of: request)
    answers.service = service
    var access = access
    if service == .cos { access.errors = .cos }
    try access.check(request, now: now + skew)
    let action = try routing.action(for: request, service: service)
    let call = Call(bucket: bucket, requestID: answers.requestID, now: now)
    let document = try document(for: action, request, call)
    return EmulatedAnswer(response: document.map(answers.document) ?? answers.empty, document: document?.root)
  }

  private func bucket(of request: HTTPRequest) throws(ServiceError) -> (Bucket, Bucket.Service) {
    let hosts = request.headers.values(of: "Host")
    if hosts.count == 1 {
      // A client has one host for all its requests.
      if let last = lastHost.withLock({ $0 }), last.host == hosts[0] { return (last.bucket, last.service) }
      for service in [Bucket.Service.ci, .cos] {
        guard let bucket = Bucket(host: hosts[0], service: service) else { continue }
        lastHost.withLock { $0 = (hosts[0], bucket, service) }
        return (bucket, service)
      }
    }
    throw ServiceError(
      .invalidHost, "The Host '\(hosts.first ?? "")' is not of the form <BucketName-APPID>.ci.<Region>.myqcloud.com.")
  }

  /// Nil for an answer without a body.
  private func document(for action: Action, _ request: HTTPRequest, _ call: Call) throws -> WrittenDocument? {
    let root: ElementTree?
    switch action {
    case .query(let ids, let families): return try query(ids, families, call)
    case .submit(let operations): root = try submit(request, operations, call)
    case .list(let operation, let families): root = try list(request, operation, families, call)
    case .listQueues(let path): root = try listQueues(request, path: path, call)
    case .updateQueue(let id, let path): root = try updateQueue(id, path: path, request, call)
    case .createTemplate: root = try keepTemplate(nil, request, call)
    case .updateTemplate(let id): root = try keepTemplate(id, request, call)
    case .triggerWorkflow: root = try triggerWorkflow(request, call)
    case .hashObject(let key): root = try hashObject(key, request, call)
    case .cancel(let id, let families): root = try cancel(id, families, call)
    }
    return root.map(WrittenDocument.init)
  }

  /// The parameters of a request, held against those of an operation.
  func parameters(of request: HTTPRequest, _ operation: String) throws(ServiceError) -> Parameters {
    guard let operation = catalogue.operation(operation) else {
      throw ServiceError(.notImplemented, "\(operation) is not among the operations.")
    }
    return try Parameters(request, operation)
  }
}
