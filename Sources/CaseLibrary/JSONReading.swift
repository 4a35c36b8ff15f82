internal import FoundationEssentials

/// A data file that is not of its format, with the place in it.
public struct DataError: Error, Equatable, CustomStringConvertible {
  public var file: String
  public var reason: String

  public init(file: String, reason: String) {
    self.file = file
    self.reason = reason
  }

  public var description: String { "\(file): \(reason)" }
}

/// Decodes one JSON file; what is wrong is said with the path of keys to it.
func decodeJSON<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8], file: String) throws(DataError) -> Value {
  do {
    return try JSONDecoder().decode(type, from: Data(bytes))
  } catch let error as DecodingError {
    throw DataError(file: file, reason: describe(error))
  } catch {
    throw DataError(file: file, reason: "\(error)")
  }
}

private func describe(_ error: DecodingError) -> String {
  func path(_ context: DecodingError.Context) -> String {
    let keys = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
    return keys.isEmpty ? "the top" : keys.joined(separator: ".")
  }
  switch error {
  case .keyNotFound(let key, let context): return "at \(path(context)) the key '\(key.stringValue)' is missing"
  case .typeMismatch(let type, let context): return "at \(path(context)) a \(type) is expected"
  case .valueNotFound(let type, let context): return "at \(path(context)) a \(type) is expected, not null"
  case .dataCorrupted(let context): return "at \(path(context)): \(context.debugDescription)"
  @unknown default: return "not of the expected form"
  }
}
