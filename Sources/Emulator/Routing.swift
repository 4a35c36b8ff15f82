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
  var catalogue: Catalogue
  var isLenient: Bool

  private static let submits = ["file-jobs.submit", "jobs.submit", "doc-jobs.submit", "batch-jobs.submit"]
  private static let cancels = ["jobs.cancel", "batch-jobs.cancel"]

  /// A path without operation is a bad path: 404 InvalidUrl. So is a known path with another method, since the table of
  /// errors has no 405. An operation that the kit knows and the emulator does not perform is 501 NotImplemented.
  func action(for request: HTTPRequest, service: Bucket.Service = .ci) throws(ServiceError) -> Action {
    if service == .cos { return try objectAction(for: request) }
    let operations = operationIDs(for: request)
    guard let first = operations.first else {
      throw ServiceError(.invalidURL, "There is no operation \(request.method) \(request.rawPath).")
    }
    let submits = operations.filter(Self.submits.contains)
    if !submits.isEmpty { return .submit(operations: submits) }
    // Jobs of either kind are found under the path that both share (erratum E16).
    if operations.contains("jobs.query") { return .query(ids: try ids(in: request), families: [.media, .file]) }
    switch first {
    case "file-jobs.query": return .query(ids: try ids(in: request), families: [.file])
    case "doc-jobs.query": return .query(ids: try ids(in: request), families: [.document])
    case "batch-jobs.query": return .query(ids: try ids(in: request), families: [.batch])
    case "jobs.list": return .list(operation: first, families: [.media, .file])
    case "doc-jobs.list": return .list(operation: first, families: [.document])
    case "batch-jobs.list": return .list(operation: first, families: [.batch])
    case "jobs.cancel": return .cancel(id: try id(in: request), families: [.media, .file])
    case "batch-jobs.cancel": return .cancel(id: try id(in: request), families: [.batch])
    case "queues.list": return .listQueues(path: request.rawPath)
    case "queues.update":
      return .updateQueue(id: try id(in: request), path: "/" + (request.rawPath.split(separator: "/").first ?? ""))
    case "templates.create": return .createTemplate
    case "templates.update": return .updateTemplate(id: try id(in: request))
    case "workflows.trigger": return .triggerWorkflow
    default: throw ServiceError(.notImplemented, "\(request.method) \(request.rawPath) is not implemented here.")
    }
  }

  /// Of all calls on objects only the hash is performed.
  private func objectAction(for request: HTTPRequest) throws(ServiceError) -> Action {
    let query = request.rawQuery.map { PercentCoding.parameters(ofQuery: $0) } ?? []
    guard request.method == "GET", query.contains(where: { $0.name == "ci-process" && $0.value == "filehash" }) else {
      guard operationIDs(for: request).isEmpty else {
        throw ServiceError(
          .invalidHost, "\(request.method) \(request.rawPath) is a call to the host <BucketName-APPID>.ci.")
      }
      throw ServiceError(.notImplemented, "\(request.method) \(request.rawPath) is not implemented here.")
    }
    let key = PercentCoding.decode(request.rawPath.dropFirst(), plusIsSpace: false)
    guard !key.isEmpty else { throw ServiceError(.invalidArgument, "The path names no object.") }
    return .hashObject(key: key)
  }

  private func operationIDs(for request: HTTPRequest) -> [String] {
    let parameters = request.rawQuery.map { PercentCoding.parameters(ofQuery: $0) } ?? []
    func matching(_ parameters: [Parameter]) -> [String] {
      catalogue.jobOperationIDs(method: request.method, path: request.rawPath, parameters: parameters)
    }
    let found = matching(parameters)
    guard found.isEmpty, isLenient else { return found }
    // Two SDKs cancel without `?cancel` (erratum E39).
    return matching(parameters + [Parameter(name: "cancel", value: nil)]).filter(Self.cancels.contains)
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
