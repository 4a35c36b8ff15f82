internal import XMLValidation

/// Batch jobs echo what they were asked for; the jobs that they would trigger are not made.
extension Job {
  /// No Tag and no QueueId here: both are inside Operation. Without a Type it is a workflow job (erratum E35).
  var batchNodes: [ElementTree] {
    [
      request["Input"] ?? ElementTree("Input"), .leaf("Name", request.text(at: "Name") ?? ""),
      request["Operation"] ?? ElementTree("Operation"), .leaf("Type", request.text(at: "Type") ?? "Workflow"),
    ]
  }
}
