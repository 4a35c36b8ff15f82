private import XMLValidation

/// Which jobs a list is about, and which part of them.
///
/// The filters of the pages of `/jobs`, `/doc_jobs` and `/inventorytriggerjob`; those that a path does not have are
/// absent. Times are bounds that belong to the interval, which is not documented.
struct JobFilter {
  private var tag: String?
  private var queueID: String?
  private var states: Set<String>
  private var start: Double
  private var end: Double
  private var batchID: String?
  private var workflowID: String?
  private var object: String?
  private var type: String?
  private var id: String?
  private var name: String?
  private var isAscending: Bool
  private var size: Int
  private var place: Place?

  /// A place in the order of jobs, after which a page begins. It stays valid when the job there is forgotten.
  private struct Place: Comparable {
    /// Microseconds since 1970.
    var created: Int64
    var sequence: Int

    init(_ job: Job) {
      created = Int64((job.created * 1_000_000).rounded())
      sequence = job.sequence
    }

    /// From its text: the digits of both, with a hyphen between.
    init?(_ text: String) {
      let parts = text.split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count == 2, let created = Int64(parts[0]), let sequence = Int(parts[1]) else { return nil }
      (self.created, self.sequence) = (created, sequence)
    }

    var text: String { "\(created)-\(sequence)" }

    static func < (one: Place, other: Place) -> Bool {
      (one.created, one.sequence) < (other.created, other.sequence)
    }
  }

  init(_ parameters: Parameters) throws(ServiceError) {
    tag = parameters["tag"]
    queueID = parameters["queueId"]
    let states = Set(parameters.list("states"))
    self.states = states.contains("All") ? [] : states
    start = parameters.time("startCreationTime") ?? -.infinity
    end = parameters.time("endCreationTime") ?? .infinity
    batchID = parameters["inventoryTriggerJobId"]
    workflowID = parameters["workflowId"]
    object = parameters["inputObject"]
    type = parameters["type"]
    id = parameters["jobId"]
    name = parameters["name"]
    isAscending = parameters["orderByTime"] == "Asc"
    size = parameters.number("size", default: 10)
    place = parameters["nextToken"].flatMap { Place($0) }
    // The token is opaque (erratum E56); which error a wrong one gives is not documented.
    if let token = parameters["nextToken"], place == nil {
      throw ServiceError(.invalidArgument, "The parameter nextToken is '\(token)', which no list has given.")
    }
  }

  /// The next jobs in the order of their creation, and the token of the page after them; nil after the last.
  func page(of jobs: [Job], at now: Double) -> (jobs: [Job], nextToken: String?) {
    let chosen = jobs.filter { passes($0, at: now) }.map { (place: Place($0), job: $0) }
      .filter { entry in place.map { isAscending ? entry.place > $0 : entry.place < $0 } ?? true }
      .sorted { isAscending ? $0.place < $1.place : $0.place > $1.place }
    let page = chosen.prefix(size)
    return (page.map(\.job), chosen.count > size ? page.last?.place.text : nil)
  }

  private func passes(_ job: Job, at now: Double) -> Bool {
    func isAsked(_ wanted: String?, _ given: String?) -> Bool { wanted == nil || wanted == given }
    let second = Double(Times.wholeSeconds(job.created))
    return isAsked(tag, job.tag) && isAsked(queueID, job.queueID) && isAsked(id, job.id)
      && isAsked(batchID, job.batchID)
      && isAsked(object, job.request.text(at: "Input", "Object")) && isAsked(name, job.request.text(at: "Name"))
      && (job.family != .batch || isAsked(type, job.batchType)) && hasWorkflow(job)
      && (states.isEmpty || states.contains(job.state(at: now).rawValue)) && second >= start && second <= end
  }

  /// Batch jobs name their workflows; no other job comes from one here.
  private func hasWorkflow(_ job: Job) -> Bool {
    guard let workflowID else { return true }
    let ids = job.family == .batch ? job.request.text(at: "Operation", "WorkflowIds") : nil
    return ids?.split(separator: ",").contains { $0 == workflowID } ?? false
  }
}
