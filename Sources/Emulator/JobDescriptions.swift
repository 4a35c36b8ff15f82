internal import XMLValidation

/// The JobsDetail of a job: the nodes that the documentation names, in alphabetical order.
extension Job {
  func description(at now: Double) -> ElementTree {
    let state = state(at: now)
    let hasStarted = state != .submitted && state != .pause && cancelled == nil
    var children: [ElementTree] = []
    children.reserveCapacity(12)
    children += [
      .leaf("Code", failure(in: state)?.code ?? "Success"), .leaf("CreationTime", Times.job(created)),
      .leaf("EndTime", endTime(in: state)),
    ]
    if family != .batch, let describedInput { children.append(describedInput) }
    children += [.leaf("JobId", id), .leaf("Message", message(in: state))]
    if family != .batch {
      children.append(describedOperation(in: state))
      if let queueID { children.append(.leaf("QueueId", queueID)) }
    }
    children += [
      .leaf("StartTime", hasStarted ? Times.job(starts) : Times.unset), .leaf("State", state.rawValue),
    ]
    if family == .batch { children += batchNodes } else { children.append(.leaf("Tag", tag)) }
    // Most are in order by now.
    return ElementTree.node("JobsDetail", children).sorted
  }

  /// Code and Message mean something only in the state Failed (erratum E10).
  private func failure(in state: State) -> JobFailure? {
    if state == .failed, case .failed(let failure) = work { failure } else { nil }
  }

  private func message(in state: State) -> String {
    if let failure = failure(in: state) { return failure.message }
    return state == .success && family == .media ? MediaOutcome.message(of: tag) : ""
  }

  /// Unset before the end (erratum E07).
  private func endTime(in state: State) -> String {
    guard state.isFinal else { return Times.unset }
    return Times.job(cancelled ?? ends)
  }

  /// What the request said, with the bucket and region of its Host (errata E04, E05); nil for jobs without an object.
  private var describedInput: ElementTree? {
    guard let input = request["Input"] else { return nil }
    guard let object = input.text(at: "Object") ?? input.text(at: "Url") else { return nil }
    return .node("Input", [.leaf("Object", object), .leaf("BucketId", bucket.name), .leaf("Region", bucket.region)])
  }

  private func describedOperation(in state: State) -> ElementTree {
    let operation = request["Operation"] ?? ElementTree("Operation")
    var children = family == .document ? DocumentJobs.echoed(operation) : operation.children
    if let id = operation.text(at: "TemplateId") {
      children.append(.leaf("TemplateName", template?.name ?? "template-\(id.suffix(8))"))
    }
    // Results come with the state Success only (erratum E11).
    if state == .success {
      if case .done(let result) = work { children.append(result) }
      if family == .media { children = MediaOutcome(self).completed(children) }
      if family == .document { children += DocumentJobs.results(of: self) }
    }
    return .node("Operation", children)
  }
}
