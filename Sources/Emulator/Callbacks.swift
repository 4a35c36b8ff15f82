internal import HTTPExchange
public import XMLValidation

/// The body of a callback: XML, or JSON with JobsDetail as an object or as a list of one (erratum E43).
public enum CallbackForm: String, Sendable, CaseIterable {
  case xml
  case json
  case jsonArray = "json-array"

  public var contentType: String { self == .xml ? "application/xml" : "application/json" }

  /// The document `Response` with EventName and JobsDetail in this form.
  public func body(of document: ElementTree) -> [UInt8] {
    self == .xml
      ? document.documentBytes : Array(CallbackJSON.text(of: document, listsJobs: self == .jsonArray).utf8)
  }
}

/// A callback that is due: a POST to an address of the client's own.
public struct DueCallback: Sendable, Equatable {
  public var jobID: String
  public var url: String
  /// How often it was tried before the emulator was started anew.
  public var attempts = 0
  public var form: CallbackForm
  public var document: ElementTree
}

/// Where the end of a job is told.
struct CallbackTarget: Sendable, Equatable {
  var url: String
  var isJSON: Bool

  /// What the request says outranks the queue's settings; `no` silences them (erratum E51). Message queues are not
  /// served here.
  init?(_ request: ElementTree, queue: Queue?) {
    if let url = request.text(at: "CallBack"), !url.isEmpty {
      guard url != "no", (request.text(at: "CallBackType") ?? "Url") == "Url" else { return nil }
      self.init(url: url, isJSON: request.text(at: "CallBackFormat") == "JSON")
      return
    }
    guard let settings = queue?.notifyConfig else { return nil }
    func value(_ name: String) -> String? { settings.first { $0.name == name }?.text }
    guard value("State") == "On", let url = value("Url"), !url.isEmpty, (value("Type") ?? "Url") == "Url",
      (value("Event") ?? "").split(separator: ",").contains("TaskFinish")
    else { return nil }
    self.init(url: url, isJSON: value("ResultFormat") == "JSON")
  }

  init(url: String, isJSON: Bool) {
    self.url = url
    self.isJSON = isJSON
  }
}

extension Emulator {
  /// The callbacks of the jobs that have ended since the last call, each given once. A cancelled job has none.
  ///
  /// Nothing is given before the journal has kept that the jobs have ended.
  ///
  /// - Parameter json: the form for those who ask for JSON.
  public func takeDueCallbacks(json: CallbackForm) -> [DueCallback] {
    startBatches(Call(bucket: Bucket(name: "", region: ""), requestID: "", now: clock.now))
    for job in withMemory({ $0.jobs.awaitedJobs(at: clock.now) }) where job.isDue(at: clock.now) {
      workIfDue(job.id, Call(bucket: job.bucket, requestID: "", now: clock.now))
    }
    let (jobs, time) = withMemory { memory in
      let time = memory.jobs.stateTime(at: clock.now)
      return (memory.jobs.takeAwaited(endedAt: time), time)
    }
    guard !jobs.isEmpty else { return [] }
    do {
      try journal?.makeDurable()
    } catch {
      withMemory { $0.jobs.putBackAwaited(jobs.map(\.id)) }
      return []
    }
    return jobs.compactMap { job in
      guard let target = job.callback, job.state(at: time) != .cancel else { return nil }
      let document = ElementTree.node(
        "Response", [.leaf("EventName", "TaskFinish"), job.description(at: time)])
      return DueCallback(
        jobID: job.id, url: target.url, attempts: job.callbackAttempts, form: target.isJSON ? json : .xml,
        document: document)
    }
  }

  /// Remembers that a callback was tried so often, and whether it was the last time. What is not over is given again
  /// when the emulator is started anew from its state.
  public func noteCallback(of jobID: String, attempts: Int, isOver: Bool) {
    withMemory { $0.jobs.noteCallback(of: jobID, attempts: attempts, isOver: isOver) }
    // When this cannot be kept the callback comes once more after a start anew, which receivers have to bear.
    try? journal?.makeDurable()
  }
}

/// A document as JSON in the captured form: every scalar a text, what is empty left out, a list where a node repeats.
enum CallbackJSON {
  /// The children of the root, which has no name in JSON.
  static func text(of document: ElementTree, listsJobs: Bool) -> String { object(document, listsJobs) }

  private static func object(_ element: ElementTree, _ listsJobs: Bool) -> String {
    var names: [String] = []
    for child in element.children where !names.contains(child.name) { names.append(child.name) }
    let members = names.compactMap { name -> String? in
      let values = element.all(name).compactMap { value($0, listsJobs) }
      guard let first = values.first else { return nil }
      let isList = values.count > 1 || listsJobs && name == "JobsDetail"
      return quoted(name) + ":" + (isList ? "[" + values.joined(separator: ",") + "]" : first)
    }
    return "{" + members.joined(separator: ",") + "}"
  }

  /// Nil for what is empty.
  private static func value(_ element: ElementTree, _ listsJobs: Bool) -> String? {
    if element.children.isEmpty { return element.text.isEmpty ? nil : quoted(element.text) }
    return object(element, listsJobs)
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..."\u{1F}": result += "\\u" + hexadecimal(UInt64(scalar.value), digits: 4)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
