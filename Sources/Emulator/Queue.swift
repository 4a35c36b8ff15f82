internal import XMLValidation

/// A queue of a bucket. Every bucket has one of each kind; queues are not made, only changed.
struct Queue: Sendable {
  /// The raw value is the first letter of the job ids that go there; `h` for the second queue of media jobs.
  enum Kind: Character, CaseIterable, Sendable {
    case media = "j"
    case speedTranscoding = "h"
    case pictures = "c"
    case intelligence = "a"
    case speech = "s"
    case documents = "d"
    case files = "f"

    /// The path that lists and changes it.
    var path: String {
      switch self {
      case .media, .speedTranscoding: "/queue"
      case .pictures: "/picqueue"
      case .intelligence: "/ai_queue"
      case .speech: "/asrqueue"
      case .documents: "/docqueue"
      case .files: "/file_queue"
      }
    }

    /// The names of the captures; those for speech and files, of which there is none, are made by analogy.
    var name: String {
      switch self {
      case .media: "queue-1"
      case .speedTranscoding: "queue-speed-transcoding-process-1"
      case .pictures: "queue-pic-process-1"
      case .intelligence: "queue-ai-process-1"
      case .speech: "queue-asr-process-1"
      case .documents: "queue-doc-process-1"
      case .files: "queue-file-process-1"
      }
    }

    /// Nil where no page or capture shows the value; the node is left out then.
    var category: String? {
      switch self {
      case .media: "Transcoding"
      case .speedTranscoding: "SpeedTranscoding"
      case .pictures: "PicProcessing"
      case .intelligence: "AIProcess"
      case .documents: "DocProcessing"
      case .speech, .files: nil
      }
    }
  }

  var id: String
  var kind: Kind
  var bucket: Bucket
  var name: String
  var isPaused = false
  var notifyConfig: [ElementTree]
  var created: Double
  var updated: Double

  /// As it is before anybody changes it: active, without callbacks.
  init(_ kind: Kind, of bucket: Bucket, id: String, created: Double) {
    self.id = id
    self.kind = kind
    self.bucket = bucket
    name = kind.name
    notifyConfig = [
      ElementTree("Url"), ElementTree("Event"), ElementTree("Type"), .leaf("State", "Off"),
    ]
    self.created = created
    updated = created
  }

  var state: String { isPaused ? "Paused" : "Active" }

  /// The node `QueueList` of a list, or `Queue` of an update. 10,000 and 10 are the numbers of every capture.
  ///
  /// - Parameter concurrency: how many of its jobs run at once; nil where there is no limit.
  func element(_ name: String, concurrency: Int?) -> ElementTree {
    .node(
      name,
      [
        .leaf("QueueId", id), .leaf("Name", self.name), .leaf("State", state), .node("NotifyConfig", notifyConfig),
        .leaf("MaxSize", "10000"), .leaf("MaxConcurrent", String(concurrency ?? 10)),
        .leaf("CreateTime", Times.job(created)),
        .leaf("UpdateTime", Times.job(updated)), .leaf("BucketId", bucket.name),
      ] + [kind.category.map { .leaf("Category", $0) }].compactMap { $0 })
  }

  /// Takes over what a request for an update gives; what it leaves out stays.
  mutating func update(from request: ElementTree, at now: Double) {
    if let name = request.text(at: "Name") { self.name = name }
    if let state = request.text(at: "State") { isPaused = state == "Paused" }
    if let config = request["NotifyConfig"] { notifyConfig = config.children }
    updated = now
  }
}

/// The queues that somebody has changed; all others are as they were at the start.
struct QueueStore: Sendable {
  private var changed: [String: Queue] = [:]
  private let changedMax: Int
  /// When the emulator was first started.
  private(set) var started: Double
  /// Those that have changed since somebody asked.
  private var touched: [Queue] = []

  init(changedMax: Int, started: Double) {
    self.changedMax = changedMax
    self.started = started
  }

  func queue(_ kind: Queue.Kind, of bucket: Bucket, _ identifiers: Identifiers) -> Queue {
    let id = identifiers.queueID(of: kind, in: bucket)
    return changed[id] ?? Queue(kind, of: bucket, id: id, created: started)
  }

  /// The queue of that id among those of a bucket.
  func queue(_ id: String, in bucket: Bucket, _ identifiers: Identifiers) -> Queue? {
    Queue.Kind.allCases.first { identifiers.queueID(of: $0, in: bucket) == id }
      .map { queue($0, of: bucket, identifiers) }
  }

  /// The queue of that id in a bucket when somebody has changed it.
  func changedQueue(_ id: String, of bucket: Bucket) -> Queue? {
    changed[id].flatMap { $0.bucket == bucket ? $0 : nil }
  }

  func isPaused(_ id: String) -> Bool { changed[id]?.isPaused == true }

  mutating func keep(_ queue: Queue) throws(ServiceError) {
    guard changed[queue.id] != nil || changed.count < changedMax else {
      throw ServiceError(.invalidArgument, "\(changedMax) queues have been changed; no more can be remembered.")
    }
    changed[queue.id] = queue
    touched.append(queue)
  }

  mutating func takeTouched() -> [Queue] {
    defer { touched = [] }
    return touched
  }

  mutating func restore(_ queues: [Queue], started: Double) {
    self.started = started
    changed = Dictionary(queues.map { ($0.id, $0) }) { $1 }
  }
}
