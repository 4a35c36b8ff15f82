/// Which jobs of a queue run and which wait for a place, where only so many of one queue may run at once.
struct QueueLanes: Sendable {
  private struct Lane {
    var running = 0
    var waiting: [String] = []
  }

  /// Nil when there is no limit; then nothing is kept here.
  private let runningMax: Int?
  private var lanes: [String: Lane] = [:]

  init(runningMax: Int?) { self.runningMax = runningMax }

  /// The queues in which a job runs or waits.
  var queues: [String] { Array(lanes.keys) }

  /// Whether a job has to wait for a place at all. Batch jobs are in no queue.
  func limits(_ job: Job) -> Bool { runningMax != nil && job.queueID != nil }

  /// Puts a job that is ready at the end of its queue.
  mutating func wait(_ job: Job) {
    if let queueID = job.queueID { lanes[queueID, default: Lane()].waiting.append(job.id) }
  }

  /// Takes a job that waits out of its queue.
  mutating func leave(_ job: Job) {
    guard job.isQueued else { return }
    change(job.queueID) { $0.waiting.removeAll { $0 == job.id } }
  }

  /// The next job that may run, which takes a place.
  mutating func takeNext(in queueID: String?) -> String? {
    var next: String?
    change(queueID) { [runningMax] lane in
      guard !lane.waiting.isEmpty, lane.running < runningMax ?? .max else { return }
      next = lane.waiting.removeFirst()
      lane.running += 1
    }
    return next
  }

  /// Counts a job that runs already.
  mutating func begin(_ job: Job) {
    if limits(job), let queueID = job.queueID { lanes[queueID, default: Lane()].running += 1 }
  }

  /// Gives back the place of a job.
  mutating func end(_ job: Job) { change(job.queueID) { $0.running -= 1 } }

  /// A queue in which nothing runs or waits is forgotten: clients name queues as they like.
  private mutating func change(_ queueID: String?, _ body: (inout Lane) -> Void) {
    guard let queueID, var lane = lanes.removeValue(forKey: queueID) else { return }
    body(&lane)
    if lane.running > 0 || !lane.waiting.isEmpty { lanes[queueID] = lane }
  }
}
