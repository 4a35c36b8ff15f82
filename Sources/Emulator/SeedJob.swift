internal import HTTPExchange
public import XMLValidation

/// A job that is there when the emulator starts, in the words of the file of `--seed-jobs`.
public struct SeedJob: Sendable {
  /// The ID of the operation that submits it.
  public var operation: String
  public var bucket: Bucket
  /// The root of its request.
  public var request: ElementTree
  public var state: String
  /// Nil for a new one.
  public var id: String?
  /// In seconds since 1970, the last two nil for what follows from the first.
  public var created: Double
  public var starts: Double?
  public var ends: Double?
  /// Code and Message of the state Failed.
  public var failure: (code: String, message: String)?
  /// The node that the state Success adds to the Operation of a file job.
  public var result: ElementTree?

  public init(operation: String, bucket: Bucket, request: ElementTree, state: String, created: Double) {
    self.operation = operation
    self.bucket = bucket
    self.request = request
    self.state = state
    self.created = created
  }
}

/// Why a job cannot be there: the key that is wrong, as a sentence that goes on from it.
public struct SeedJobError: Error, Equatable {
  public var key: String
  public var reason: String
}

extension Emulator {
  /// Adds a job that was submitted before the emulator started. A job that has ended tells nobody by a callback.
  public func add(_ seed: SeedJob) throws {
    var request = HTTPRequest(method: "POST", target: "/", body: Array(seed.request.document.utf8))
    request.headers.append("Content-Length", String(request.body.count))
    let root: ElementTree
    do {
      root = try bodies.read(request, operations: [seed.operation]).root
    } catch let error as ServiceError {
      throw SeedJobError(key: "request", reason: "is no request of \(seed.operation): \(error.message)")
    }
    let call = Call(bucket: seed.bucket, requestID: "", now: seed.created)
    let now = clock.now
    try withMemory { memory throws(SeedJobError) in
      var job = newJob(root, Self.family(of: root, seed.operation), call, &memory)
      if let id = seed.id {
        guard Self.isJobID(id, like: job.id) else {
          throw SeedJobError(
            key: "id",
            reason: "is '\(id)'; '\(job.id.prefix(1))' and 32 hexadecimal digits in small letters are expected")
        }
        job.id = id
      }
      try seed.apply(to: &job, runSeconds: configuration.runSeconds, now: now)
      try memory.jobs.add(seeded: job, at: now)
    }
  }

  private static func isJobID(_ id: String, like other: String) -> Bool {
    id.utf8.count == 33 && id.first == other.first
      && id.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}

extension SeedJob {
  /// Gives a new job the times of the state, and refuses times that another state would have.
  fileprivate func apply(to job: inout Job, runSeconds: Double, now: Double) throws(SeedJobError) {
    guard let state = Job.State(rawValue: state) else {
      throw SeedJobError(key: "state", reason: "is '\(state)', which is no state of a job")
    }
    guard created <= now else { throw SeedJobError(key: "created", reason: "lies in the future of the server's clock") }
    job.starts = starts ?? job.starts
    job.ends = ends ?? max(job.starts + runSeconds, job.starts)
    guard job.starts >= created else { throw SeedJobError(key: "starts", reason: "is before 'created'") }
    guard job.ends >= job.starts else { throw SeedJobError(key: "ends", reason: "is before 'starts'") }
    switch state {
    case .submitted:
      if starts == nil { job.starts = max(job.starts, now + (job.starts - created)) }
      if ends == nil { job.ends = job.starts + runSeconds }
    case .running:
      if ends == nil { job.ends = max(job.ends, now + runSeconds) }
    case .pause:
      guard job.queueID != nil else { throw SeedJobError(key: "state", reason: "is Pause, and the job is in no queue") }
      job.held = created
    case .cancel: job.cancelled = ends ?? created
    case .success, .failed: break
    }
    job.work = try work(of: job, in: state)
    guard job.state(at: now) == state else {
      throw SeedJobError(
        key: "state",
        reason:
          "is \(state.rawValue), but with these times the job is \(job.state(at: now).rawValue) by the server's clock")
    }
    job.isCallbackOver = state.isFinal
    job.hasMadeJobs = state != .submitted
  }

  private func work(of job: Job, in state: Job.State) throws(SeedJobError) -> Job.Work {
    if let failure {
      guard state == .failed else { throw SeedJobError(key: "code", reason: "is of the state Failed alone") }
      return .failed(JobFailure(code: failure.code, message: failure.message))
    }
    if state == .failed { throw SeedJobError(key: "code", reason: "is missing for the state Failed") }
    if let result {
      guard state == .success, job.family == .file else {
        throw SeedJobError(key: "result", reason: "is of file jobs in the state Success alone; others make their own")
      }
      return .done(result)
    }
    if state == .success, job.family == .file {
      throw SeedJobError(key: "result", reason: "is missing: a file job that has succeeded has one")
    }
    return job.work
  }
}
