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
    let query = request.rawQuery.map { PercentCoding.parameters(ofQuery: $0) } ?? []
    let pairs = query.map { (name: $0.name, value: $0.value) }
    let path = request.rawPath
    func matching(_ pairs: [(name: String, value: String?)]) -> [String] {
      catalogue.operations.indices.compactMap { place in
        let isMeant =
          catalogue.operations[place].host == nil
          && catalogue.operations[place].matches(method: request.method, path: path, query: pairs)
        return isMeant ? catalogue.operations[place].id : nil
      }
    }
    let found = matching(pairs)
    guard found.isEmpty, isLenient else { return found }
    // Two SDKs cancel without `?cancel` (erratum E39).
    return matching(pairs + [("cancel", nil)]).filter(Self.cancels.contains)
  }

  /// The only id of the last segment.
  private func id(in request: HTTPRequest) throws(ServiceError) -> String {
    let ids = try ids(in: request)
    guard ids.count == 1 else { throw ServiceError(.invalidArgument, "The path names more than one id.") }
    return ids[0]
  }

  /// The comma-separated ids of the last segment, each once.
  private func ids(in request: HTTPRequest) throws(ServiceError) -> [String] {
    let segment = request.rawPath.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    var seen: Set<String> = []
    let ids = PercentCoding.decode(segment, plusIsSpace: true).split(separator: ",").map(String.init)
      .filter { seen.insert($0).inserted }
    guard !ids.isEmpty else { throw ServiceError(.invalidArgument, "The path names no id.") }
    return ids
  }
}
