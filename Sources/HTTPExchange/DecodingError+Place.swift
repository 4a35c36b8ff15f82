extension DecodingError {
  /// What is wrong in a JSON file, with the path of keys to it.
  package var placed: String {
    func path(_ context: DecodingError.Context) -> String {
      let keys = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
      return keys.isEmpty ? "the top" : keys.joined(separator: ".")
    }
    switch self {
    case .keyNotFound(let key, let context): return "at \(path(context)) the key '\(key.stringValue)' is missing"
    case .typeMismatch(let type, let context): return "at \(path(context)) a \(type) is expected"
    case .valueNotFound(let type, let context): return "at \(path(context)) a \(type) is expected, not null"
    case .dataCorrupted(let context): return "at \(path(context)): \(context.debugDescription)"
    @unknown default: return "not of the expected form"
    }
  }
}
