public import HTTPExchange

/// The operations by method and path, put in order once: a request is looked up without a copy of any of them.
struct OperationTable: Sendable {
  private struct Entry: Sendable {
    var method: String
    /// Nil for the host of jobs.
    var host: String?
    var path: String
    var alsoPaths: [String]
    /// The query parameters that tell it from others with its method and path.
    var selecting: [String]
    var isObjectOperation: Bool
  }

  /// An operation that has a request's method and path.
  struct Match {
    /// Its place among the operations.
    var place: Int
    /// Whether the request has all parameters that select it.
    var isSelected: Bool
    /// The smaller, the better it fits.
    var rank: Int
  }

  private let entries: [Entry]

  init(_ operations: [Operation]) {
    entries = operations.map { operation in
      Entry(
        method: operation.method, host: operation.host, path: operation.path,
        alsoPaths: (operation.alsoPaths ?? []).map(\.path),
        selecting: (operation.query ?? []).filter { $0.selects == true }.map(\.name),
        isObjectOperation: operation.isObjectOperation)
    }
  }

  /// In the order of the operations.
  func matches(method: String, path: String, parameters: [Parameter]) -> [Match] {
    var matches: [Match] = []
    // By place: an element that is taken out is a copy of all its texts.
    for place in entries.indices where entries[place].method == method {
      let isObjectOperation = entries[place].isObjectOperation
      let isOwn = Operation.fits(entries[place].path, path, isObjectOperation: isObjectOperation)
      guard
        isOwn
          || entries[place].alsoPaths.contains(where: {
            Operation.fits($0, path, isObjectOperation: isObjectOperation)
          })
      else { continue }
      let isSelected = entries[place].selecting.allSatisfy { name in parameters.contains { $0.name == name } }
      let rank = (isSelected ? 0 : 1000) + (isOwn ? 0 : 100) - entries[place].selecting.count
      matches.append(Match(place: place, isSelected: isSelected, rank: rank))
    }
    return matches
  }

  func isObjectOperation(at place: Int) -> Bool { entries[place].isObjectOperation }

  func isAtHostOfJobs(_ place: Int) -> Bool { entries[place].host == nil }
}

extension Catalogue {
  /// The operations whose method and path a request has, the best first: those whose query it has before the others, and
  /// those whose own path it is before those that may also have it.
  public func operations(for request: HTTPRequest) -> [Operation] { places(for: request).map { operations[$0] } }

  /// The places of these operations among all.
  public func places(for request: HTTPRequest) -> [Int] {
    // Any path may be the key of an object, so there the query alone tells.
    places(method: request.method, path: request.plainPath, parameters: request.parameters) {
      $0.isSelected || !table.isObjectOperation(at: $0.place)
    }
  }

  /// The places of the operations on jobs that a raw path and these parameters stand for, the one with that path of its
  /// own first.
  public func jobOperationPlaces(method: String, path: String, parameters: [Parameter]) -> [Int] {
    places(method: method, path: path, parameters: parameters) { $0.isSelected && table.isAtHostOfJobs($0.place) }
  }

  private func places(
    method: String, path: String, parameters: [Parameter], where isMeant: (OperationTable.Match) -> Bool
  ) -> [Int] {
    let matches = table.matches(method: method, path: path, parameters: parameters).filter(isMeant)
    guard matches.count > 1 else { return matches.map(\.place) }
    return matches.sorted { ($0.rank, $0.place) < ($1.rank, $1.place) }.map(\.place)
  }
}

extension HTTPRequest {
  /// The raw path; an absolute target has its scheme and authority taken off.
  var plainPath: String {
    guard target.utf8.first != 0x2F, let rest = target.split(separator: "://", maxSplits: 1).dropFirst().first else {
      return rawPath
    }
    return String(rest.drop { $0 != "/" }.prefix { $0 != "?" })
  }
}
