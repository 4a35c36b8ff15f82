internal import XMLValidation

/// The values of a row by the names of its columns.
struct StateRow {
  let table: StateTable
  private let values: [String: StateValue]

  init(_ table: StateTable, _ values: [StateValue]) throws(StateError) {
    self.table = table
    guard values.count == table.columns.count else {
      throw StateError(table: table, reason: "a row has \(values.count) values, not \(table.columns.count)")
    }
    self.values = Dictionary(uniqueKeysWithValues: zip(table.columns, values))
  }

  /// A change that puts a row, from its values by name; those left out are null.
  static func put(_ table: StateTable, _ values: [String: StateValue]) -> StateChange {
    .put(table, table.columns.map { values[$0] ?? .null })
  }

  func error(_ column: String, _ reason: String) -> StateError {
    var key: String?
    if case .text(let text)? = values[table.columns[0]] { key = text }
    return StateError(table: table, key: key, reason: "the column '\(column)' \(reason)")
  }

  func isNull(_ column: String) -> Bool { values[column] == .null }

  func text(_ column: String) throws(StateError) -> String {
    guard case .text(let text)? = values[column] else { throw error(column, "is no text") }
    return text
  }

  func integer(_ column: String) throws(StateError) -> Int {
    guard case .integer(let number)? = values[column] else { throw error(column, "is no whole number") }
    return Int(number)
  }

  func flag(_ column: String) throws(StateError) -> Bool { try integer(column) != 0 }

  func real(_ column: String) throws(StateError) -> Double {
    guard case .real(let number)? = values[column], number.isFinite else { throw error(column, "is no number") }
    return number
  }

  func bucket() throws(StateError) -> Bucket { Bucket(name: try text("bucket"), region: try text("region")) }

  func tree(_ column: String, _ validator: Validator) throws(StateError) -> ElementTree {
    guard let tree = validator.tree(of: Array(try text(column).utf8)) else { throw error(column, "is no document") }
    return tree
  }
}

extension StateValue {
  static func flag(_ value: Bool) -> StateValue { .integer(value ? 1 : 0) }
  static func text(_ text: String?) -> StateValue { text.map(StateValue.text) ?? .null }
  static func real(_ number: Double?) -> StateValue { number.map(StateValue.real) ?? .null }
}

extension Queue {
  var change: StateChange {
    StateRow.put(
      .queues,
      [
        "id": .text(id), "kind": .text(String(kind.rawValue)), "bucket": .text(bucket.name),
        "region": .text(bucket.region), "name": .text(name), "paused": .flag(isPaused),
        "notify": .text(ElementTree.node("NotifyConfig", notifyConfig).document), "created": .real(created),
        "updated": .real(updated),
      ])
  }

  init(_ row: StateRow, _ validator: Validator) throws(StateError) {
    let letter = try row.text("kind")
    guard letter.count == 1, let first = letter.first, let kind = Kind(rawValue: first) else {
      throw row.error("kind", "is '\(letter)', which is no kind of queue")
    }
    self.init(kind, of: try row.bucket(), id: try row.text("id"), created: try row.real("created"))
    name = try row.text("name")
    isPaused = try row.flag("paused")
    notifyConfig = try row.tree("notify", validator).children
    updated = try row.real("updated")
  }
}

extension Template {
  var change: StateChange {
    StateRow.put(
      .templates,
      [
        "id": .text(id), "bucket": .text(bucket.name), "region": .text(bucket.region),
        "request": .text(request.document), "created": .real(created), "updated": .real(updated),
      ])
  }

  init(_ row: StateRow, _ validator: Validator) throws(StateError) {
    self.init(
      id: try row.text("id"), bucket: try row.bucket(), request: try row.tree("request", validator),
      created: try row.real("created"), updated: try row.real("updated"))
  }
}

extension Job {
  var change: StateChange {
    var values: [String: StateValue] = [
      "id": .text(id), "sequence": .integer(Int64(sequence)), "family": .text(family.rawValue),
      "bucket": .text(bucket.name), "region": .text(bucket.region), "request": .text(request.document),
      "queue": .text(queueID), "created": .real(created), "starts": .real(starts), "ends": .real(ends),
      "queued": .flag(isQueued), "cancelled": .real(cancelled), "held": .real(held), "batch": .text(batchID),
      "made_jobs": .flag(hasMadeJobs), "callback_url": .text(callback?.url),
      "callback_json": .flag(callback?.isJSON == true), "callback_attempts": .integer(Int64(callbackAttempts)),
      "callback_over": .flag(isCallbackOver), "template": .text(template?.request.document),
    ]
    switch work {
    // Work that was under way when the program ended is done anew.
    case .none, .due, .underway: break
    case .done(let result): values["result"] = .text(result.document)
    case .failed(let failure):
      values["failure_code"] = .text(failure.code)
      values["failure_message"] = .text(failure.message)
    }
    return StateRow.put(.jobs, values)
  }

  init(_ row: StateRow, _ validator: Validator) throws(StateError) {
    guard let family = Family(rawValue: try row.text("family")) else {
      throw row.error("family", "is no family of jobs")
    }
    let bucket = try row.bucket()
    let request = try row.tree("request", validator)
    self.init(
      id: try row.text("id"), family: family, bucket: bucket, request: request, created: try row.real("created"),
      starts: try row.real("starts"), ends: try row.real("ends"))
    sequence = try row.integer("sequence")
    isQueued = try row.flag("queued")
    hasMadeJobs = try row.flag("made_jobs")
    callbackAttempts = try row.integer("callback_attempts")
    isCallbackOver = try row.flag("callback_over")
    if !row.isNull("queue") { queueID = try row.text("queue") }
    if !row.isNull("cancelled") { cancelled = try row.real("cancelled") }
    if !row.isNull("held") { held = try row.real("held") }
    if !row.isNull("batch") { batchID = try row.text("batch") }
    if !row.isNull("callback_url") {
      callback = CallbackTarget(url: try row.text("callback_url"), isJSON: try row.flag("callback_json"))
    }
    if !row.isNull("template"), let id = request.text(at: "Operation", "TemplateId") {
      template = Template(
        id: id, bucket: bucket, request: try row.tree("template", validator), created: created, updated: created)
    }
    if !row.isNull("result") {
      work = .done(try row.tree("result", validator))
    } else if !row.isNull("failure_code") {
      work = .failed(JobFailure(code: try row.text("failure_code"), message: try row.text("failure_message")))
    } else if family == .file, let task = FileTask(request, bucket: bucket) {
      work = .due(task)
    }
  }
}
