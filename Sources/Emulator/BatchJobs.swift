internal import XMLValidation

/// A batch job and the jobs that it triggers.
extension Job {
  /// No Tag and no QueueId here: both are inside Operation. Without a Type it is a workflow job (erratum E35).
  var batchNodes: [ElementTree] {
    [
      request["Input"] ?? ElementTree("Input"), .leaf("Name", request.text(at: "Name") ?? ""),
      request["Operation"] ?? ElementTree("Operation"), .leaf("Type", batchType),
    ]
  }

  var batchType: String { request.text(at: "Type") ?? "Workflow" }

  /// The keys that jobs are made for: the object, or those with the prefix that were last changed within the interval.
  /// None for workflows, and for the lists of other sources, which are not read here.
  func batchKeys(in objects: any ObjectStore, limit: Int) -> [String] {
    guard batchType == "Job" else { return [] }
    if let object = request.text(at: "Input", "Object"), !object.isEmpty { return [object] }
    guard let prefix = request.text(at: "Input", "Prefix") else { return [] }
    let keys = (try? objects.keys(bucket: bucket.name, region: bucket.region, prefix: prefix, limit: limit)) ?? []
    func time(_ name: String) -> Double? {
      request.text(at: "Operation", "TimeInterval", name).flatMap { Times.seconds(ofFilter: $0) }
    }
    let (start, end) = (time("Start") ?? -.infinity, time("End") ?? .infinity)
    return keys.filter { key in
      let object = try? objects.object(bucket: bucket.name, region: bucket.region, key: key)
      return object.map { $0.lastModified >= start && $0.lastModified <= end } ?? false
    }
  }

  /// What a batch job has inside Operation and another at its root.
  private static let passedOn = [
    "QueueId", "QueueType", "CallBack", "CallBackFormat", "CallBackType", "CallBackMqConfig", "CallBackKafkaConfig",
  ]

  /// The request of the job for one object, as if somebody had sent it to `/jobs`.
  func batchRequest(for key: String) -> ElementTree {
    let operation = request["Operation"] ?? ElementTree("Operation")
    let shared = ["Output", "UserData", "JobLevel", "FreeTranscode"].flatMap { operation.all($0) }
    return .node(
      "Request",
      [
        .leaf("Tag", operation.text(at: "Tag") ?? ""), .node("Input", [.leaf("Object", key)]),
        .node("Operation", (operation["JobParam"]?.children ?? []) + shared),
      ] + Self.passedOn.flatMap { operation.all($0) })
  }
}
