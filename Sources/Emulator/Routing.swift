internal import CaseLibrary
internal import HTTPExchange

/// What a request asks for.
enum Action: Equatable {
  /// One of these operations; the request's Tag tells which.
  case submit(operations: [String])
  case query(ids: [String], families: [Job.Family])
  case list(operation: String, families: [Job.Family])
  case cancel(id: String, families: [Job.Family])
  case listQueues(path: String)
  case updateQueue(id: String, path: String)
  case createTemplate
  case updateTemplate(id: String)
  case triggerWorkflow
  case hashObject(key: String)
}

/// Finds the action of a method and path in the catalogue's operations.
struct Routing: Sendable {
  /// What the emulator does for an operation.
  private enum Role: Sendable {
    case submit
    case query([Job.Family])
    case list([Job.Family])
    case cancel([Job.Family])
    case listQueues, updateQueue, createTemplate, updateTemplate, triggerWorkflow
    case notPerformed

    init(_ operation: String) {
      switch operation {
      case "file-jobs.submit", "jobs.submit", "doc-jobs.submit", "batch-jobs.submit": self = .submit
      case "file-jobs.query": self = .query([.file])
      // Jobs of either kind are found under the path that both share (erratum E16).
      case "jobs.query": self = .query([.media, .file])
      case "doc-jobs.query": self = .query([.document])
      case "batch-jobs.query": self = .query([.batch])
      case "jobs.list": self = .list([.media, .file])
      case "doc-jobs.list": self = .list([.document])
      case "batch-jobs.list": self = .list([.batch])
      case "jobs.cancel": self = .cancel([.media, .file])
      case "batch-jobs.cancel": self = .cancel([.batch])
      case "queues.list": self = .listQueues
      case "queues.update": self = .updateQueue
      case "templates.create": self = .createTemplate
      case "templates.update": self = .updateTemplate
      case "workflows.trigger": self = .triggerWorkflow
      default: self = .notPerformed
      }
    }

    var isSubmit: Bool { if case .submit = self { true } else { false } }
    var isCancel: Bool { if case .cancel = self { true } else { false } }
  }

  private let catalogue: Catalogue
  private let isLenient: Bool
  /// By the place of the operation.
  private let roles: [Role]

  init(catalogue: Catalogue, isLenient: Bool) {
    self.catalogue = catalogue
    self.isLenient = isLenient
    roles = catalogue.operations.map { Role($0.id) }
  }

  /// A path without operation is a bad path: 404 InvalidUrl. So is a known path with another method, since the table of
  /// errors has no 405. An operation that the kit knows and the emulator does not perform is 501 NotImplemented.
  func action(for request: HTTPRequest, service: Bucket.Service = .ci) throws(ServiceError) -> Action {
    if service == .cos { return try objectAction(for: request) }
    let places = operationPlaces(for: request)
    // Where two operations share a path, its own one comes first.
    guard let first = places.first else {
      throw ServiceError(.invalidURL, "There is no operation \(request.method) \(request.rawPath).")
    }
    switch roles[first] {
    case .submit: return .submit(operations: places.filter { roles[$0].isSubmit }.map { catalogue.operations[$0].id })
    case .query(let families): return .query(ids: try ids(in: request), families: families)
    case .list(let families): return .list(operation: catalogue.operations[first].id, families: families)
    case .cancel(let families): return .cancel(id: try id(in: request), families: families)
    case .listQueues: return .listQueues(path: request.rawPath)
    case .updateQueue:
      return .updateQueue(id: try id(in: request), path: "/" + (request.rawPath.split(separator: "/").first ?? ""))
    case .createTemplate: return .createTemplate
    case .updateTemplate: return .updateTemplate(id: try id(in: request))
    case .triggerWorkflow: return .triggerWorkflow
    case .notPerformed:
      throw ServiceError(.notImplemented, "\(request.method) \(request.rawPath) is not implemented here.")
    }
  }

  /// Of all calls on objects only the hash is performed.
  private func objectAction(for request: HTTPRequest) throws(ServiceError) -> Action {
    let query = request.parameters
    guard request.method == "GET", query.contains(where: { $0.name == "ci-process" && $0.value == "filehash" }) else {
      guard operationPlaces(for: request).isEmpty else {
        throw ServiceError(
          .invalidHost, "\(request.method) \(request.rawPath) is a call to the host <BucketName-APPID>.ci.")
      }
      throw ServiceError(.notImplemented, "\(request.method) \(request.rawPath) is not implemented here.")
    }
    let key = PercentCoding.decode(request.rawPath.dropFirst(), plusIsSpace: false)
    guard !key.isEmpty else { throw ServiceError(.invalidArgument, "The path names no object.") }
    return .hashObject(key: key)
  }

  private func operationPlaces(for request: HTTPRequest) -> [Int] {
    let parameters = request.parameters
    func matching(_ parameters: [Parameter]) -> [Int] {
      catalogue.jobOperationPlaces(method: request.method, path: request.rawPath, parameters: parameters)
    }
    let found = matching(parameters)
    guard found.isEmpty, isLenient else { return found }
    // Two SDKs cancel without `?cancel` (erratum E39).
    return matching(parameters + [Parameter(name: "cancel", value: nil)]).filter { roles[$0].isCancel }
  }

  /// The only id of the last segment.
  private func id(in request: HTTPRequest) throws(ServiceError) -> String {
    let ids = try ids(in: request)
    guard ids.count == 1 else { throw ServiceError(.invalidArgument, "The path names more than one id.") }
    return ids[0]
  }

  /// The comma-separated ids of the last segment, each once.
  private func ids(in request: HTTPRequest) throws(ServiceError) -> [String] {
    let path = request.rawPath
    let segment = path.utf8.lastIndex(of: 0x2F).map { path[path.utf8.index(after: $0)...] } ?? path[...]
    let list = PercentCoding.decode(segment, plusIsSpace: true)
    guard list.utf8.contains(0x2C) || list.isEmpty else { return [list] }
    var seen: Set<String> = []
    let ids = list.utf8.split(separator: 0x2C).map { String(Substring($0)) }.filter { seen.insert($0).inserted }
    guard !ids.isEmpty else { throw ServiceError(.invalidArgument, "The path names no id.") }
    return ids
  }
}
