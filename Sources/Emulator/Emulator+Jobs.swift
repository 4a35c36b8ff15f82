internal import HTTPExchange
internal import XMLValidation

/// Jobs: submit, query, list and cancel.
extension Emulator {
  /// A request with several Operations makes a job of each (CreateMultiMediaJobs).
  func submit(_ request: HTTPRequest, _ operations: [String], _ call: Call) throws -> ElementTree {
    let (operation, root) = try bodies.read(request, operations: operations)
    let requests = Self.single(root)
    let jobs = try withMemory { memory throws(ServiceError) -> [Job] in
      try memory.jobs.checkRoom(for: requests.count, at: call.now)
      var jobs: [Job] = []
      for request in requests {
        let job = newJob(request, Self.family(of: request, operation), call, &memory)
        if let queueID = job.queueID, memory.queues.isPaused(queueID) {
          throw ServiceError(.queuePaused, "The queue \(queueID) is paused.")
        }
        jobs.append(job)
      }
      var added: [Job] = []
      for job in jobs { added.append(try memory.jobs.add(at: call.now) { job }) }
      return added
    }
    return response(
      jobs.map { $0.description(at: call.now) }, unknown: [],
      requestID: operation == "batch-jobs.submit" ? call.requestID : nil)
  }

  /// One request for each Operation, with its Tag where a request for one job has it.
  private static func single(_ root: ElementTree) -> [ElementTree] {
    root.all("Operation").map { operation in
      var operation = operation
      var request = root
      request.children.removeAll { $0.name == "Operation" }
      if root["Name"] == nil, let tag = operation["Tag"] {
        operation.children.removeAll { $0.name == "Tag" }
        request.children.removeAll { $0.name == "Tag" }
        request.children.append(tag)
      }
      request.children.append(operation)
      return request
    }
  }

  static func family(of request: ElementTree, _ operation: String) -> Job.Family {
    switch operation {
    case "batch-jobs.submit": .batch
    case "doc-jobs.submit": .document
    default:
      ["FileHashCode", "FileUncompress", "FileCompress"].contains(request.text(at: "Tag") ?? "") ? .file : .media
    }
  }

  /// The first letter of a job id: that of its family, or for some tags that of the service behind `/jobs`.
  private static func letter(_ family: Job.Family, tag: String?) -> Character {
    switch (family, tag) {
    case (.file, _): "f"
    case (.document, _): "d"
    case (.batch, _): "b"
    case (.media, "PicProcess"): "c"
    case (.media, "Translation"), (.media, "WordsGeneralize"): "a"
    case (.media, "SpeechRecognition"): "s"
    case (.media, _): "j"
    }
  }

  /// A queue that the request names is taken as it is, known or not: pages name queues of buckets that are not here.
  func newJob(
    _ root: ElementTree, _ family: Job.Family, _ call: Call, _ memory: inout Memory, batchID: String? = nil
  ) -> Job {
    let letter = Self.letter(family, tag: root.text(at: "Tag"))
    let given = root.text(at: "QueueId").flatMap { $0.isEmpty ? nil : $0 }
    let kind = root.text(at: "QueueType") == "SpeedTranscoding" ? .speedTranscoding : Queue.Kind(rawValue: letter)
    let queueID = given ?? kind.map { memory.identifiers.queueID(of: $0, in: call.bucket) }
    let starts = call.now + configuration.queueSeconds
    var job = Job(
      id: memory.identifiers.jobID(letter: letter, created: call.now), family: family, bucket: call.bucket,
      request: root, queueID: queueID, created: call.now, starts: starts, ends: starts + configuration.runSeconds)
    job.batchID = batchID
    if family != .batch {
      // One that nobody has changed tells nobody.
      let queue = queueID.flatMap { memory.queues.changedQueue($0, of: call.bucket) }
      job.callback = CallbackTarget(root, queue: queue)
    }
    job.template = root.text(at: "Operation", "TemplateId").flatMap { memory.templates[$0, call.bucket] }
    if family == .file, let task = FileTask(root, bucket: call.bucket) { job.work = .due(task) }
    return job
  }

  func query(_ ids: [String], _ families: [Job.Family], _ call: Call) throws -> WrittenDocument {
    if let answer = settledAnswer(ids, families, call) { return answer }
    guard ids.count <= configuration.queriedIDsMax else {
      throw ServiceError(
        .invalidArgument, "\(ids.count) job ids are asked for; at most \(configuration.queriedIDsMax) are allowed.")
    }
    startBatches(call)
    for id in ids { workIfDue(id, call) }
    let (jobs, time) = withMemory { memory in
      (
        ids.map { memory.jobs.job($0, of: families, in: call.bucket, at: call.now) },
        memory.jobs.stateTime(at: call.now)
      )
    }
    let unknown = zip(ids, jobs).compactMap { $1 == nil ? $0 : nil }
    let requestID = families == [.batch] ? call.requestID : nil
    let answer = WrittenDocument(
      response(jobs.compactMap { $0?.description(at: time) }, unknown: unknown, requestID: requestID))
    if requestID == nil, let job = jobs.first?.flatMap({ $0 }), jobs.count == 1, job.state(at: time).isFinal {
      withMemory { $0.settled.keep(answer, of: job.id) }
    }
    return answer
  }

  /// What was answered before when one job is asked for that had ended by then and is still remembered.
  private func settledAnswer(_ ids: [String], _ families: [Job.Family], _ call: Call) -> WrittenDocument? {
    guard ids.count == 1, families != [.batch] else { return nil }
    return withMemory { memory in
      guard let answer = memory.settled[ids[0]],
        memory.jobs.job(ids[0], of: families, in: call.bucket, at: call.now) != nil
      else { return nil }
      return answer
    }
  }

  func cancel(_ id: String, _ families: [Job.Family], _ call: Call) throws -> ElementTree? {
    try withMemory { memory throws(ServiceError) in
      try memory.jobs.cancel(id, of: families, in: call.bucket, at: call.now)
    }
    return nil
  }

  /// A page of the jobs that pass the filters.
  func list(
    _ request: HTTPRequest, _ operation: String, _ families: [Job.Family], _ call: Call
  ) throws -> ElementTree {
    let filter = try JobFilter(try parameters(of: request, operation))
    startBatches(call)
    let due = withMemory { memory in
      memory.jobs.jobs(of: families, in: call.bucket, at: call.now).filter { $0.isDue(at: call.now) }.map(\.id)
    }
    for id in due { workIfDue(id, call) }
    let (page, time) = withMemory { memory in
      let time = memory.jobs.stateTime(at: call.now)
      return (filter.page(of: memory.jobs.jobs(of: families, in: call.bucket, at: call.now), at: time), time)
    }
    return .node(
      "Response",
      page.jobs.map { $0.description(at: time) }
        + [
          page.nextToken.map { .leaf("NextToken", $0) },
          families == [.batch] ? .leaf("RequestId", call.requestID) : nil,
        ].compactMap { $0 })
  }

  /// RequestId is part of the batch answers only: in no capture or page do `/jobs`, `/file_jobs` and `/doc_jobs` have one.
  private func response(_ jobs: [ElementTree], unknown: [String], requestID: String?) -> ElementTree {
    .node(
      "Response",
      jobs + unknown.map { .leaf("NonExistJobIds", $0) } + [requestID.map { .leaf("RequestId", $0) }].compactMap { $0 })
  }

  // MARK: Work

  /// Makes the jobs of the batch jobs that have started by now. They are as old as their batch job's start.
  func startBatches(_ call: Call) {
    for batch in withMemory({ $0.jobs.startedBatches(at: call.now) }) {
      let call = Call(bucket: batch.bucket, requestID: call.requestID, now: batch.starts)
      let requests = batch.batchKeys(in: objects, limit: configuration.batchObjectsMax).map(batch.batchRequest)
      withMemory { memory in
        for request in requests {
          let job = newJob(request, Self.family(of: request, ""), call, &memory, batchID: batch.id)
          // What finds no room is not made; a batch job has no way to tell.
          guard (try? memory.jobs.add(at: call.now, { job })) != nil else { break }
        }
        // Only with the jobs: were it remembered before, they would be lost when the program is killed here.
        memory.jobs.noteJobsMade(ofBatch: batch.id)
      }
    }
  }

  /// Reads the objects of a job that has started, unless somebody has done so. The store stays open to others meanwhile;
  /// they see the job running.
  func workIfDue(_ id: String, _ call: Call) {
    let task = withMemory { memory -> FileTask? in
      guard memory.jobs.job(id, of: [.file], in: call.bucket, at: call.now) != nil else { return nil }
      return memory.jobs.claimWork(of: id, at: call.now)
    }
    guard let task else { return }
    do throws(JobFailure) {
      switch task {
      case .hash(let request): try hash(request, id)
      case .uncompress(let request): end(id, .done(try request.result(from: objects)))
      case .compress(let request): end(id, .done(try request.result(from: objects)))
      }
    } catch {
      end(id, .failed(error))
    }
  }

  private func end(_ id: String, _ work: Job.Work) { withMemory { _ = $0.jobs.endWork(of: id, with: work) } }

  private func hash(_ request: HashRequest, _ id: String) throws(JobFailure) {
    let result = try request.result(from: objects, limit: configuration.objectBytesLimit)
    withMemory { memory in
      guard memory.jobs.endWork(of: id, with: .done(result.element)), request.addsToHeader else { return }
      memory.metadata.set(result, of: request)
    }
  }
}
