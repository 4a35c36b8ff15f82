public import CaseLibrary
public import HTTPExchange
public import Signing
private import Synchronization
public import XMLValidation

/// A responder that behaves as the documentation says the service does: seven operations on jobs, signatures checked,
/// answers in the captured form.
///
/// It has no socket, no timer and no clock of its own: time, objects, keys and randomness are passed in, and the state
/// of a job follows from the time at which somebody asks.
public final class Emulator: Responder, Sendable {
  private let configuration: EmulatorConfiguration
  private let routing: Routing
  private let access: Access
  private let bodies: RequestBodies
  private let objects: any ObjectStore
  private let clock: any HTTPExchange.Clock
  private let memory: Mutex<Memory>

  private struct Memory {
    var identifiers: Identifiers
    var jobs: JobStore
    var metadata: ObjectMetadata
  }

  public init(
    configuration: EmulatorConfiguration = EmulatorConfiguration(), catalogue: Catalogue, library: ValidationLibrary,
    credentials: [Credentials], objects: any ObjectStore, clock: any HTTPExchange.Clock
  ) {
    self.configuration = configuration
    routing = Routing(catalogue: catalogue, isLenient: configuration.isLenient)
    access = Access(credentials, configuration)
    bodies = RequestBodies(library: library, configuration: configuration)
    self.objects = objects
    self.clock = clock
    memory = Mutex(
      Memory(
        identifiers: Identifiers(seed: configuration.seed),
        jobs: JobStore(pendingMax: configuration.pendingJobsMax, finishedMax: configuration.finishedJobsMax),
        metadata: ObjectMetadata(objectsMax: configuration.finishedJobsMax)))
  }

  public func respond(to request: HTTPRequest) -> HTTPResponse {
    let (answers, now) = newAnswers()
    do {
      return try answer(to: request, with: answers, now: now)
    } catch let error as ServiceError {
      return failure(error, request, answers)
    } catch {
      return failure(ServiceError(.internalError, "The emulator failed: \(error)."), request, answers)
    }
  }

  /// The answer to a body that the server stopped reading because it is too large: 413 InvalidContent.
  public func refusalOfOversizedBody(_ request: HTTPRequest) -> HTTPResponse {
    failure(.oversized(configuration.bodyBytesMax), request, newAnswers().answers)
  }

  /// The `x-cos-meta-…` headers that finished hash jobs have put on an object.
  public func metadata(ofObject key: String, in bucket: Bucket) -> [String: String] {
    memory.withLock { $0.metadata[bucket, key] }
  }

  // MARK: Answering

  private func newAnswers() -> (answers: Answers, now: Double) {
    let now = clock.now
    return (Answers(requestID: memory.withLock { $0.identifiers.requestID(at: now) }, now: now), now)
  }

  private func failure(_ error: ServiceError, _ request: HTTPRequest, _ answers: Answers) -> HTTPResponse {
    answers.failure(error, path: request.rawPath, traceID: memory.withLock { $0.identifiers.traceID() })
  }

  /// Host, signature, path, then content: nothing is told about jobs before the caller is known.
  private func answer(to request: HTTPRequest, with answers: Answers, now: Double) throws -> HTTPResponse {
    let hosts = request.headers.values(of: "Host")
    guard hosts.count == 1, let bucket = Bucket(host: hosts[0]) else {
      throw ServiceError(
        .invalidHost, "The Host '\(hosts.first ?? "")' is not of the form <BucketName-APPID>.ci.<Region>.myqcloud.com.")
    }
    try access.check(request, now: now)
    switch try routing.action(for: request) {
    case .submit(let operations):
      return answers.document(try submit(request, operations, bucket, requestID: answers.requestID, now: now))
    case .query(let ids, let families):
      return answers.document(try query(ids, families, bucket, requestID: answers.requestID, now: now))
    case .cancel(let id):
      try memory.withLock { memory throws(ServiceError) in try memory.jobs.cancel(id, in: bucket, at: now) }
      return answers.empty
    }
  }

  private func submit(
    _ request: HTTPRequest, _ operations: [String], _ bucket: Bucket, requestID: String, now: Double
  ) throws -> ElementTree {
    let (operation, root) = try bodies.read(request, operations: operations)
    let family: Job.Family =
      switch operation {
      case "file-jobs.submit": .file
      case "jobs.submit": .media
      default: .batch
      }
    let job = try memory.withLock { memory throws(ServiceError) in
      try memory.jobs.add(at: now) {
        newJob(root, family, bucket, now: now, identifiers: &memory.identifiers)
      }
    }
    return response([job.description(at: now)], unknown: [], requestID: family == .batch ? requestID : nil)
  }

  private func newJob(
    _ root: ElementTree, _ family: Job.Family, _ bucket: Bucket, now: Double, identifiers: inout Identifiers
  ) -> Job {
    let starts = now + configuration.queueSeconds
    let given = root.text(at: "QueueId").flatMap { $0.isEmpty ? nil : $0 }
    var job = Job(
      id: identifiers.jobID(letter: family.letter, created: now), family: family, bucket: bucket, request: root,
      queueID: family == .batch
        ? nil : given ?? identifiers.defaultQueueID(bucket: bucket, letter: family.letter),
      created: now, starts: starts, ends: starts + configuration.runSeconds)
    if family == .file, let hashing = HashRequest(root, bucket: bucket) { job.work = .hashing(hashing) }
    return job
  }

  private func query(
    _ ids: [String], _ families: [Job.Family], _ bucket: Bucket, requestID: String, now: Double
  ) throws -> ElementTree {
    guard ids.count <= configuration.queriedIDsMax else {
      throw ServiceError(
        .invalidArgument, "\(ids.count) job ids are asked for; at most \(configuration.queriedIDsMax) are allowed.")
    }
    for id in ids { hashIfDue(id, families, bucket, now: now) }
    let (descriptions, unknown) = memory.withLock { memory in
      let time = memory.jobs.stateTime(at: now)
      var descriptions: [ElementTree] = []
      var unknown: [String] = []
      for id in ids {
        if let job = memory.jobs.job(id, of: families, in: bucket, at: now) {
          descriptions.append(job.description(at: time))
        } else {
          unknown.append(id)
        }
      }
      return (descriptions, unknown)
    }
    return response(descriptions, unknown: unknown, requestID: families == [.batch] ? requestID : nil)
  }

  /// RequestId is part of the batch answers only: in no capture or page do `/jobs` and `/file_jobs` have one.
  private func response(_ jobs: [ElementTree], unknown: [String], requestID: String?) -> ElementTree {
    .node(
      "Response",
      jobs + unknown.map { .leaf("NonExistJobIds", $0) } + [requestID.map { .leaf("RequestId", $0) }].compactMap { $0 })
  }

  // MARK: Hashing

  /// Hashes the object when the job has started and nobody has done so yet. The store stays open to others meanwhile;
  /// they see the job running.
  private func hashIfDue(_ id: String, _ families: [Job.Family], _ bucket: Bucket, now: Double) {
    let request = memory.withLock { memory -> HashRequest? in
      guard memory.jobs.job(id, of: families, in: bucket, at: now) != nil else { return nil }
      return memory.jobs.claimHashing(of: id, at: now)
    }
    guard let request else { return }
    do throws(JobFailure) {
      let result = try request.result(from: objects, limit: configuration.objectBytesLimit)
      memory.withLock { memory in
        guard memory.jobs.endHashing(of: id, with: .hashed(result)), request.addsToHeader else { return }
        memory.metadata.set(
          "x-cos-meta-\(result.algorithm.rawValue.lowercased())", result.digest, bucket: bucket, key: request.key)
      }
    } catch {
      memory.withLock { _ = $0.jobs.endHashing(of: id, with: .failed(error)) }
    }
  }
}
