/// All jobs that are remembered, in bounded memory.
///
/// Jobs end in the order in which they were made, since all of them wait and run for the same time, so two lines are
/// enough to know the oldest of each kind.
struct JobStore: Sendable {
  private var jobs: [String: Job] = [:]
  private var pending = Line<String>()
  private var finished = Line<String>()
  private var cancelledPendingCount = 0
  /// The latest time seen: states never go back when the clock does.
  private var latest = -Double.infinity
  private let pendingMax: Int
  private let finishedMax: Int

  init(pendingMax: Int, finishedMax: Int) {
    self.pendingMax = pendingMax
    self.finishedMax = finishedMax
  }

  var count: Int { jobs.count }

  /// Keeps a new job, or refuses it when too many are waiting or running.
  mutating func add(at now: Double, _ make: () -> Job) throws(ServiceError) -> Job {
    advance(to: now)
    guard pending.count - cancelledPendingCount < pendingMax else {
      throw ServiceError(.queueSaturated, "The queue is full: \(pendingMax) jobs are waiting or running.")
    }
    let job = make()
    jobs[job.id] = job
    pending.append(job.id)
    return job
  }

  /// The job of that id when it is of this bucket and of one of these families. Ids of others are as good as unknown.
  mutating func job(_ id: String, of families: [Job.Family], in bucket: Bucket, at now: Double) -> Job? {
    advance(to: now)
    return jobs[id].flatMap { $0.bucket == bucket && families.contains($0.family) ? $0 : nil }
  }

  /// The time that states are told by.
  mutating func stateTime(at now: Double) -> Double {
    advance(to: now)
    return latest
  }

  /// Only pending jobs can be cancelled (CancelMediaJob). Which error a running or finished job gives, and which an
  /// unknown id, is not documented: InvalidArgument and ResourceNotFound are the nearest of the table.
  mutating func cancel(_ id: String, in bucket: Bucket, at now: Double) throws(ServiceError) {
    guard let job = job(id, of: [.batch], in: bucket, at: now) else {
      throw ServiceError(.resourceNotFound, "There is no job \(id).")
    }
    let state = job.state(at: latest)
    guard state == .submitted else {
      throw ServiceError(
        .invalidArgument, "Only a job in the state Submitted can be cancelled; \(id) is in the state \(state.rawValue)."
      )
    }
    jobs[id]?.cancelled = latest
    cancelledPendingCount += 1
    advance(to: now)
  }

  /// The hashing a job needs by now, given to one caller only.
  mutating func claimHashing(of id: String, at now: Double) -> HashRequest? {
    advance(to: now)
    guard let job = jobs[id], latest >= job.starts, case .hashing(let request) = job.work else { return nil }
    jobs[id]?.work = .underway
    return request
  }

  /// Whether the job is still remembered.
  mutating func endHashing(of id: String, with work: Job.Work) -> Bool {
    guard jobs[id] != nil else { return false }
    jobs[id]?.work = work
    return true
  }

  /// Moves jobs whose time is over to the finished ones and forgets the oldest of these.
  private mutating func advance(to now: Double) {
    latest = max(latest, now)
    while let id = pending.first, let job = jobs[id], job.isOver(at: latest) {
      _ = pending.removeFirst()
      if job.cancelled != nil { cancelledPendingCount -= 1 }
      finished.append(id)
    }
    while finished.count > finishedMax, let oldest = finished.removeFirst() { jobs[oldest] = nil }
  }
}
