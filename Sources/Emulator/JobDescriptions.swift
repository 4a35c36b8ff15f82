internal import XMLValidation

/// The JobsDetail of a job: the nodes that the documentation names, in alphabetical order.
extension Job {
  func description(at now: Double) -> ElementTree {
    let state = state(at: now)
    var children: [ElementTree] = [
      .leaf("Code", failure(in: state)?.code ?? "Success"), .leaf("CreationTime", Times.job(created)),
      .leaf("EndTime", endTime(in: state)), .leaf("JobId", id), .leaf("Message", failure(in: state)?.message ?? ""),
      .leaf("StartTime", state == .submitted || cancelled != nil ? Times.unset : Times.job(starts)),
      .leaf("State", state.rawValue),
    ]
    switch family {
    case .batch: children += batchNodes
    case .file, .media:
      children += [describedInput, describedOperation(in: state), .leaf("Tag", request.text(at: "Tag") ?? "")]
      if let queueID { children.append(.leaf("QueueId", queueID)) }
    }
    return ElementTree.node("JobsDetail", children).sorted
  }

  /// Code and Message mean something only in the state Failed (erratum E10).
  private func failure(in state: State) -> JobFailure? {
    if state == .failed, case .failed(let failure) = work { failure } else { nil }
  }

  /// Unset before the end (erratum E07).
  private func endTime(in state: State) -> String {
    guard state.isFinal else { return Times.unset }
    return Times.job(cancelled ?? ends)
  }

  /// What the request said, with the bucket and region of its Host (errata E04, E05).
  private var describedInput: ElementTree {
    let given = (request["Input"]?.children ?? []).filter { !["Bucket", "BucketId", "Region"].contains($0.name) }
    return .node("Input", given + [.leaf("BucketId", bucket.name), .leaf("Region", bucket.region)])
  }

  private func describedOperation(in state: State) -> ElementTree {
    var children = request["Operation"]?.children ?? []
    if let template = request.text(at: "Operation", "TemplateId") {
      children.append(.leaf("TemplateName", "template-\(template.suffix(8))"))
    }
    // Results come with the state Success only (erratum E11).
    if state == .success {
      if case .hashed(let result) = work { children.append(result.element) }
      if family == .media { children += AnimationOutcome(self).elements }
    }
    return .node("Operation", children)
  }
}
