/// All jobs that are remembered, in bounded memory.
struct JobStore: Sendable {
  private var jobs: [String: Job] = [:]
  /// Jobs that wait or run, by the times at which they start and end; those that a queue holds back are not among them.
  private var pending = TimeQueue()
  private var finished = Line<String>()
  /// Batch jobs in the order in which they start, until the jobs that they trigger are made.
  private var waitingBatches = Line<String>()
  /// Jobs whose end is still to be told.
  private var awaited: Set<String> = []
  private var lanes: QueueLanes
  private var unfinishedCount = 0
  private(set) var lastSequence = 0
  /// The latest time seen: states never go back when the clock does.
  private(set) var latest = -Double.infinity
  private let pendingMax: Int
  private let finishedMax: Int
  /// The jobs that have changed since somebody asked; nil when nobody will.
  private var touched: Set<String>?
  /// Whether a job has started or ended since then.
  private var hasMovedOn = false

  /// - Parameters:
  ///   - concurrency: how many jobs of one queue run at once; nil for no limit.
  ///   - isTracked: whether changes are to be asked for.
  init(pendingMax: Int, finishedMax: Int, concurrency: Int? = nil, isTracked: Bool = false) {
    self.pendingMax = pendingMax
    self.finishedMax = finishedMax
    lanes = QueueLanes(runningMax: concurrency)
    touched = isTracked ? [] : nil
  }

  var count: Int { jobs.count }

  /// What is kept beside the jobs: times to come, jobs in queues, batch jobs not started, callbacks not told.
  var waitingCount: Int { pending.count + lanes.queues.count + waitingBatches.count + awaited.count }

  /// Refuses new jobs when too many are waiting or running.
  mutating func checkRoom(for count: Int, at now: Double) throws(ServiceError) {
    advance(to: now)
    guard unfinishedCount + count <= pendingMax else {
      throw ServiceError(.queueSaturated, "The queue is full: \(pendingMax) jobs are waiting or running.")
    }
  }

  /// Keeps a new job, or refuses it when there is no room.
  mutating func add(at now: Double, _ make: () -> Job) throws(ServiceError) -> Job {
    try checkRoom(for: 1, at: now)
    var job = make()
    lastSequence += 1
    job.sequence = lastSequence
    job.isQueued = lanes.limits(job)
    jobs[job.id] = job
    unfinishedCount += 1
    schedule(job)
    if job.family == .batch { waitingBatches.append(job.id) }
    if job.callback != nil { awaited.insert(job.id) }
    touch(job.id)
    return job
  }

  /// The job of that id when it is of this bucket and of one of these families. Ids of others are as good as unknown.
  mutating func job(_ id: String, of families: [Job.Family], in bucket: Bucket, at now: Double) -> Job? {
    advance(to: now)
    return jobs[id].flatMap { $0.bucket == bucket && families.contains($0.family) ? $0 : nil }
  }

  /// The jobs of a bucket and some families, in no order.
  mutating func jobs(of families: [Job.Family], in bucket: Bucket, at now: Double) -> [Job] {
    advance(to: now)
    return jobs.values.filter { $0.bucket == bucket && families.contains($0.family) }
  }

  /// The time that states are told by.
  mutating func stateTime(at now: Double) -> Double {
    advance(to: now)
    return latest
  }

  /// Only pending jobs can be cancelled (CancelMediaJob). Which error a running or finished job gives, and which an
  /// unknown id, is not documented: InvalidArgument and ResourceNotFound are the nearest of the table.
  mutating func cancel(
    _ id: String, of families: [Job.Family], in bucket: Bucket, at now: Double
  ) throws(ServiceError) {
    guard let job = job(id, of: families, in: bucket, at: now) else {
      throw ServiceError(.resourceNotFound, "There is no job \(id).")
    }
    let state = job.state(at: latest)
    guard state == .submitted || state == .pause else {
      throw ServiceError(
        .invalidArgument, "Only a job that waits can be cancelled; \(id) is in the state \(state.rawValue).")
    }
    jobs[id]?.cancelled = latest
    jobs[id]?.held = nil
    lanes.leave(job)
    touch(id)
    finish(id)
    // What is left of cancelled jobs in the queue of times goes when its time comes, or when there is much of it.
    if pending.count > 3 * unfinishedCount + 64 {
      pending.keep { [jobs] in jobs[$0].map { $0.cancelled == nil } ?? false }
    }
  }

  // MARK: Queues

  /// Holds back the jobs of a queue that have not started; running ones go on (the page of the update of a queue).
  mutating func hold(queue id: String, at now: Double) {
    advance(to: now)
    let waiting = jobs.values.filter { $0.queueID == id && $0.state(at: latest) == .submitted }
    for job in waiting {
      jobs[job.id]?.held = latest
      lanes.leave(job)
      touch(job.id)
    }
    let held = Set(waiting.map(\.id))
    pending.keep { !held.contains($0) }
  }

  /// Lets them wait for the rest of their time, then start.
  mutating func release(queue id: String, at now: Double) {
    advance(to: now)
    for job in jobs.values where job.queueID == id {
      guard let held = job.held else { continue }
      var job = job
      job.held = nil
      job.starts += latest - held
      job.ends += latest - held
      jobs[job.id] = job
      schedule(job)
      touch(job.id)
    }
  }

  // MARK: Callbacks

  /// The jobs whose end is still to be told, the oldest first.
  mutating func awaitedJobs(at now: Double) -> [Job] {
    advance(to: now)
    return awaited.compactMap { jobs[$0] }.sorted { $0.sequence < $1.sequence }
  }

  /// Those of them that have ended, given to one caller only.
  mutating func takeAwaited(endedAt now: Double) -> [Job] {
    let ended = awaitedJobs(at: now).filter { $0.state(at: now).isFinal }
    for job in ended { awaited.remove(job.id) }
    return ended
  }

  /// Gives back what was taken and not told.
  mutating func putBackAwaited(_ ids: [String]) { awaited.formUnion(ids.filter { jobs[$0] != nil }) }

  /// Remembers a try to tell the end of a job.
  mutating func noteCallback(of id: String, attempts: Int, isOver: Bool) {
    guard jobs[id] != nil else { return }
    jobs[id]?.callbackAttempts = attempts
    jobs[id]?.isCallbackOver = isOver
    touch(id)
  }

  // MARK: Work

  /// The batch jobs that have started since the last call, given to one caller only.
  mutating func startedBatches(at now: Double) -> [Job] {
    advance(to: now)
    var started: [Job] = []
    while let id = waitingBatches.first, jobs[id].map({ $0.cancelled != nil || $0.starts <= latest }) ?? true {
      if let job = waitingBatches.removeFirst().flatMap({ jobs[$0] }), job.cancelled == nil { started.append(job) }
    }
    return started
  }

  /// Remembers that the jobs of a batch job are made.
  mutating func noteJobsMade(ofBatch id: String) {
    guard jobs[id] != nil else { return }
    jobs[id]?.hasMadeJobs = true
    touch(id)
  }

  /// What a job is to do by now, given to one caller only.
  mutating func claimWork(of id: String, at now: Double) -> FileTask? {
    advance(to: now)
    guard let job = jobs[id], job.isDue(at: latest), case .due(let task) = job.work else { return nil }
    jobs[id]?.work = .underway
    return task
  }

  /// Whether the job is still remembered.
  mutating func endWork(of id: String, with work: Job.Work) -> Bool {
    guard jobs[id] != nil else { return false }
    jobs[id]?.work = work
    touch(id)
    return true
  }

  // MARK: Time

  /// The times at which something happens to a job by itself.
  private mutating func schedule(_ job: Job) {
    if job.starts < job.ends || job.isQueued { pending.append(job.id, at: job.starts, rank: job.sequence) }
    if !job.isQueued { pending.append(job.id, at: job.ends, rank: job.sequence) }
  }

  /// Starts and ends the jobs whose time has come, in the order of those times.
  private mutating func advance(to now: Double) {
    latest = max(latest, now)
    while let entry = pending.first, entry.time <= latest {
      _ = pending.removeFirst()
      guard let job = jobs[entry.name], job.cancelled == nil else { continue }
      hasMovedOn = true
      if job.isQueued {
        lanes.wait(job)
        startQueued(in: job.queueID, at: entry.time)
      } else if entry.time >= job.ends {
        finish(job.id)
        lanes.end(job)
        startQueued(in: job.queueID, at: entry.time)
      }
    }
  }

  /// Starts as many jobs of a queue as there are places.
  private mutating func startQueued(in queueID: String?, at time: Double) {
    while let id = lanes.takeNext(in: queueID), var job = jobs[id] {
      let delay = max(0, time - job.starts)
      job.starts += delay
      job.ends += delay
      job.isQueued = false
      jobs[id] = job
      pending.append(id, at: job.ends, rank: job.sequence)
      touch(id)
    }
  }

  /// Forgets the oldest finished jobs when there are too many.
  private mutating func finish(_ id: String) {
    unfinishedCount -= 1
    finished.append(id)
    while finished.count > finishedMax, let oldest = finished.removeFirst() {
      jobs[oldest] = nil
      awaited.remove(oldest)
      touch(oldest)
    }
  }

  // MARK: What is kept elsewhere

  private mutating func touch(_ id: String) { _ = touched?.insert(id) }

  /// The jobs that have changed since the last call, with nil for one that was forgotten; nil when nothing has happened.
  mutating func takeTouched() -> [String: Job?]? {
    guard let ids = touched, hasMovedOn || !ids.isEmpty else { return nil }
    touched = []
    hasMovedOn = false
    return Dictionary(uniqueKeysWithValues: ids.map { ($0, jobs[$0]) })
  }

  /// Takes up jobs as they were at a time; the store is empty before. Where more may run at once than did then, the next
  /// ones start at that time.
  mutating func restore(_ restored: [Job], lastSequence: Int, at time: Double) {
    self.lastSequence = lastSequence
    latest = time
    var ended: [(time: Double, sequence: Int, id: String)] = []
    for job in restored.sorted(by: { ($0.starts, $0.sequence) < ($1.starts, $1.sequence) }) {
      if let end = takeUp(job) { ended.append((end, job.sequence, job.id)) }
    }
    for job in ended.sorted(by: { ($0.time, $0.sequence) < ($1.time, $1.sequence) }) { finish(job.id) }
    for queue in lanes.queues { startQueued(in: queue, at: time) }
  }

  /// Adds a job that was submitted before.
  mutating func add(seeded job: Job, at now: Double) throws(SeedJobError) {
    advance(to: now)
    guard jobs[job.id] == nil else { throw SeedJobError(key: "id", reason: "is '\(job.id)', as that of another job") }
    let isFull = job.state(at: latest).isFinal ? finished.count >= finishedMax : unfinishedCount >= pendingMax
    guard !isFull else { throw SeedJobError(key: "state", reason: "is that of more jobs than are remembered") }
    var job = job
    lastSequence += 1
    job.sequence = lastSequence
    job.isQueued = job.state(at: latest) == .submitted && lanes.limits(job)
    if takeUp(job) != nil { finish(job.id) }
    touch(job.id)
  }

  /// Keeps a job with all that follows from its state at the latest time. When it has ended, says when.
  private mutating func takeUp(_ job: Job) -> Double? {
    jobs[job.id] = job
    if job.callback != nil, !job.isCallbackOver { awaited.insert(job.id) }
    if job.family == .batch, !job.hasMadeJobs, job.cancelled == nil { waitingBatches.append(job.id) }
    unfinishedCount += 1
    if let cancelled = job.cancelled { return cancelled }
    guard job.held == nil else { return nil }
    if !job.isQueued, job.ends <= latest { return job.ends }
    if job.isQueued, job.starts <= latest {
      lanes.wait(job)
      return nil
    }
    if !job.isQueued { lanes.begin(job) }
    schedule(job)
    return nil
  }
}
