internal import CaseLibrary
internal import Emulator
internal import Findings
internal import XMLValidation

/// The file of `--seed-jobs`; Schemas/seed-jobs.schema.json describes it.
struct SeedJobsFile {
  private let input: JSONInput

  private static let bytesMax = 64 << 20
  private static let operations = ["file-jobs.submit", "jobs.submit", "doc-jobs.submit", "batch-jobs.submit"]
  private static let keys = [
    "operation", "request", "state", "created", "starts", "ends", "id", "bucket", "region", "code", "message", "result",
  ]

  init(_ path: String) throws {
    input = try JSONInput(path, bytesMax: Self.bytesMax)
    try input.checkFormat()
    try check(input.value, has: ["format", "$schema", "bucket", "region", "jobs"])
  }

  /// Adds all jobs in their order, or says which one cannot be.
  func add(to emulator: Emulator) throws {
    for entry in try input.required("jobs", of: input.value, \.array) {
      do {
        try emulator.add(try job(entry))
      } catch let error as SeedJobError {
        throw input.error(
          at: entry[error.key]?.offset ?? entry.offset, "'\(error.key)' \(error.reason)", hint: Self.hint)
      }
    }
  }

  private static let hint = "docs/Emulator.md describes the file."

  private func job(_ entry: JSONValue) throws -> SeedJob {
    try check(entry, has: Self.keys)
    let operation = try input.required("operation", of: entry, \.string)
    guard Self.operations.contains(operation) else {
      throw input.error(
        at: entry["operation"]?.offset ?? entry.offset, "'operation' is '\(operation)', which submits no job",
        hint: nearestName(to: operation, among: Self.operations).map { "Did you mean \($0)?" }
          ?? "It is one of \(Self.operations.joined(separator: ", ")).")
    }
    guard let created = try time("created", of: entry) else {
      throw input.error(at: entry.offset, "'created' is missing here", hint: Self.hint)
    }
    var job = SeedJob(
      operation: operation,
      bucket: Bucket(name: try inherited("bucket", entry), region: try inherited("region", entry)),
      request: try tree(
        "Request", try input.required("request", of: entry) { $0.members == nil ? nil : $0 }),
      state: try input.required("state", of: entry, \.string), created: created)
    job.id = try optional("id", of: entry)
    job.starts = try time("starts", of: entry)
    job.ends = try time("ends", of: entry)
    if let code = try optional("code", of: entry) {
      job.failure = (code, try optional("message", of: entry) ?? "")
    } else if let message = entry["message"] {
      throw input.error(at: message.offset, "'message' stands beside a 'code' alone", hint: Self.hint)
    }
    if let result = entry["result"] {
      guard let members = result.members, members.count == 1, members[0].value.members != nil else {
        throw input.error(at: result.offset, "'result' is an object with one key: the node, such as FileHashCodeResult")
      }
      job.result = try tree(members[0].key, members[0].value)
    }
    return job
  }

  /// Of the job, else of the file.
  private func inherited(_ key: String, _ entry: JSONValue) throws -> String {
    if let own = try optional(key, of: entry) { return own }
    if let common = try optional(key, of: input.value) { return common }
    throw input.error(at: entry.offset, "'\(key)' is missing here and at the top of the file", hint: Self.hint)
  }

  private func optional(_ key: String, of value: JSONValue) throws -> String? {
    value[key] == nil ? nil : try input.required(key, of: value, \.string)
  }

  private func time(_ key: String, of entry: JSONValue) throws -> Double? {
    guard let text = try optional(key, of: entry), let value = entry[key] else { return nil }
    guard let seconds = Times.seconds(of: text) else {
      throw input.error(
        at: value.offset, "'\(key)' is '\(text)', not a time with an offset such as 2022-07-18T15:16:43+0800")
    }
    return seconds
  }

  private func check(_ value: JSONValue, has keys: [String]) throws {
    guard let members = value.members else { throw input.error(at: value.offset, "an object is expected here") }
    for member in members where !keys.contains(member.key) {
      throw input.error(
        at: member.offset, "'\(member.key)' is no key of this object",
        hint: nearestName(to: member.key, among: keys).map { "Did you mean \($0)?" })
    }
  }

  /// A node: its text, an object of the nodes inside, and a list where a node repeats.
  private func tree(_ name: String, _ value: JSONValue) throws -> ElementTree {
    if let text = value.string ?? value.integer.map(String.init) { return ElementTree(name, text: text) }
    guard let members = value.members else {
      throw input.error(at: value.offset, "'\(name)' is a text, a whole number, or an object of the nodes inside")
    }
    let children = try members.flatMap { member in
      try (member.value.array ?? [member.value]).map { try tree(member.key, $0) }
    }
    return ElementTree(name, children: children)
  }
}
