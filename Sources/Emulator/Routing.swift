internal import CaseLibrary
internal import HTTPExchange

/// What a request asks for.
enum Action: Equatable {
  /// One of these operations; the request's Tag tells which.
  case submit(operations: [String])
  case query(ids: [String], families: [Job.Family])
  case cancel(id: String)
}

/// Finds the action of a method and path in the catalogue's operations.
struct Routing: Sendable {
  var catalogue: Catalogue
  var isLenient: Bool

  private static let cancel = "batch-jobs.cancel"

  /// A path without operation is a bad path: 404 InvalidUrl. So is a known path with another method, since the table of
  /// errors has no 405. An operation that the kit knows and the emulator does not perform is 501 NotImplemented.
  func action(for request: HTTPRequest) throws(ServiceError) -> Action {
    let operations = operationIDs(for: request)
    guard !operations.isEmpty else {
      throw ServiceError(.invalidURL, "There is no operation \(request.method) \(request.rawPath).")
    }
    let submits = operations.filter { ["file-jobs.submit", "jobs.submit", "batch-jobs.submit"].contains($0) }
    if !submits.isEmpty { return .submit(operations: submits) }
    // Jobs of either kind are found under the path that both share (erratum E16).
    if operations.contains("jobs.query") { return .query(ids: try ids(in: request), families: [.media, .file]) }
    if operations.contains("file-jobs.query") { return .query(ids: try ids(in: request), families: [.file]) }
    if operations.contains("batch-jobs.query") { return .query(ids: try ids(in: request), families: [.batch]) }
    if operations.contains(Self.cancel) {
      let ids = try ids(in: request)
      guard ids.count == 1 else { throw ServiceError(.invalidArgument, "One job is cancelled at a time.") }
      return .cancel(id: ids[0])
    }
    throw ServiceError(.notImplemented, "\(request.method) \(request.rawPath) is not implemented here.")
  }

  private func operationIDs(for request: HTTPRequest) -> [String] {
    let query = request.rawQuery.map { PercentCoding.parameters(ofQuery: $0) } ?? []
    let pairs = query.map { (name: $0.name, value: $0.value) }
    func matching(_ pairs: [(name: String, value: String?)]) -> [String] {
      catalogue.operations.filter { $0.matches(method: request.method, path: request.rawPath, query: pairs) }.map(\.id)
    }
    let found = matching(pairs)
    guard found.isEmpty, isLenient else { return found }
    // Two SDKs cancel without `?cancel` (erratum E39).
    return matching(pairs + [("cancel", nil)]).filter { $0 == Self.cancel }
  }

  /// The comma-separated ids of the last segment, each once.
  private func ids(in request: HTTPRequest) throws(ServiceError) -> [String] {
    let segment = request.rawPath.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    var seen: Set<String> = []
    let ids = PercentCoding.decode(segment, plusIsSpace: true).split(separator: ",").map(String.init)
      .filter { seen.insert($0).inserted }
    guard !ids.isEmpty else { throw ServiceError(.invalidArgument, "The path names no job id.") }
    return ids
  }
}
