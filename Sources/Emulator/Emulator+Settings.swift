internal import HTTPExchange
internal import XMLValidation

/// Queues, templates, workflows and objects: everything that is no job.
extension Emulator {
  /// By id, or by page. Ids that are not of the bucket are told as NonExistPIDs, each in a node of its own (the captured
  /// list of 2022-08-10); then there are no page numbers.
  func listQueues(_ request: HTTPRequest, path: String, _ call: Call) throws -> ElementTree {
    let parameters = try parameters(of: request, "queues.list")
    let queues = withMemory { memory in
      Queue.Kind.allCases.filter { $0.path == path }.map {
        memory.queues.queue($0, of: call.bucket, memory.identifiers)
      }
    }
    var chosen = queues.filter { parameters["state"] == nil || parameters["state"] == $0.state }
    let ids = parameters.list("queueIds")
    guard ids.isEmpty else {
      let unknown = ids.filter { id in !queues.contains { $0.id == id } }
      return .node(
        "Response",
        [.leaf("RequestId", call.requestID)]
          + chosen.filter { ids.contains($0.id) }.map {
            $0.element("QueueList", concurrency: configuration.concurrency)
          }
          + unknown.map { .leaf("NonExistPIDs", $0) })
    }
    // Only media queues are of two categories.
    if path == Queue.Kind.media.path, let category = Optional(parameters["category"] ?? "Transcoding"),
      category != "CateAll"
    {
      chosen = chosen.filter { $0.kind.category == category }
    }
    let (number, size) = (parameters.number("pageNumber", default: 1), parameters.number("pageSize", default: 10))
    let page = chosen.enumerated().filter { $0.offset / size == number - 1 }.map(\.element)
    return .node(
      "Response",
      [
        .leaf("TotalCount", String(chosen.count)), .leaf("RequestId", call.requestID),
        .leaf("PageNumber", String(number)), .leaf("PageSize", String(size)),
      ] + page.map { $0.element("QueueList", concurrency: configuration.concurrency) })
  }

  /// Which error an unknown id gives is not documented; ResourceNotFound is the nearest of the table.
  func updateQueue(_ id: String, path: String, _ request: HTTPRequest, _ call: Call) throws -> ElementTree {
    let (_, root) = try bodies.read(request, operations: ["queues.update"])
    if let url = root.text(at: "NotifyConfig", "Url"), PrivateAddress.isOne(url) {
      throw ServiceError(.invalidArgument, "The Url \(url) is a private address.")
    }
    let queue = try withMemory { memory throws(ServiceError) -> Queue in
      guard var queue = memory.queues.queue(id, in: call.bucket, memory.identifiers), queue.kind.path == path else {
        throw ServiceError(.resourceNotFound, "The bucket \(call.bucket.name) has no queue \(id).")
      }
      let wasPaused = queue.isPaused
      queue.update(from: root, at: call.now)
      try memory.queues.keep(queue)
      if queue.isPaused, !wasPaused { memory.jobs.hold(queue: id, at: call.now) }
      if wasPaused, !queue.isPaused { memory.jobs.release(queue: id, at: call.now) }
      return queue
    }
    return .node(
      "Response", [.leaf("RequestId", call.requestID), queue.element("Queue", concurrency: configuration.concurrency)])
  }

  /// A new template, or what the one of that id becomes. The page of the update sends all that a creation does.
  func keepTemplate(_ id: String?, _ request: HTTPRequest, _ call: Call) throws -> ElementTree {
    let (_, root) = try bodies.read(request, operations: [id == nil ? "templates.create" : "templates.update"])
    let template = try withMemory { memory throws(ServiceError) -> Template in
      let old = id.flatMap { memory.templates[$0, call.bucket] }
      if let id, old == nil { throw ServiceError(.resourceNotFound, "There is no template \(id).") }
      let template = Template(
        id: id ?? memory.identifiers.templateID(), bucket: call.bucket, request: root,
        created: old?.created ?? call.now, updated: call.now)
      try memory.templates.keep(template)
      return template
    }
    return .node("Response", [.leaf("RequestId", call.requestID), template.element])
  }

  /// Every workflow id of the right form is taken: workflows are not kept here, and so nothing is run.
  func triggerWorkflow(_ request: HTTPRequest, _ call: Call) throws -> ElementTree {
    guard request.headers["Content-Length"] != nil else {
      throw ServiceError(.missingContentLength, "A POST request needs the header Content-Length.")
    }
    _ = try parameters(of: request, "workflows.trigger")
    let run = withMemory { $0.identifiers.jobID(letter: "i", created: call.now) }
    return .node("Response", [.leaf("RequestId", call.requestID), .leaf("InstanceId", run)])
  }

  /// The hash of an object while the caller waits. The conditions are documented, the codes are the nearest of the list
  /// of COS, whose host answers here.
  func hashObject(_ key: String, _ request: HTTPRequest, _ call: Call) throws -> ElementTree {
    let parameters = try parameters(of: request, "objects.file-hash")
    guard let algorithm = ContentDigest.Algorithm(rawValue: (parameters["type"] ?? "").uppercased()) else {
      throw ServiceError(.invalidArgument, "The parameter type is missing.")
    }
    let hashing = HashRequest(
      bucket: call.bucket, key: key, algorithm: algorithm, addsToHeader: parameters["addtoheader"] == "true")
    do {
      let object = try objects.found(key, in: call.bucket)
      if object.isArchived { throw ServiceError(.invalidObjectState, "The object \(key) is archived.") }
      guard object.size < configuration.synchronousHashBytesLimit else {
        throw ServiceError(.entityTooLarge, "The object \(key) has \(object.size) bytes; submit a job for it.")
      }
      let result = try hashing.result(from: objects, limit: configuration.synchronousHashBytesLimit)
      if hashing.addsToHeader { withMemory { $0.metadata.set(result, of: hashing) } }
      return .node(
        "Response",
        [
          result.element,
          .node(
            "Input",
            [.leaf("Bucket", call.bucket.name), .leaf("Object", key), .leaf("Region", call.bucket.region)]),
        ])
    } catch let failure as JobFailure {
      switch failure.code {
      case "ResourceNotFound": throw ServiceError(.noSuchKey, failure.message)
      case "ResourceAccessDenied": throw ServiceError(.accessDenied, failure.message)
      default: throw ServiceError(.internalError, failure.message)
      }
    }
  }
}
