extension DecodingError {
  /// What is wrong in a JSON file, with the path of keys to it, such as `log.entries[0].request`.
  package var placed: String {
    switch self {
    case .keyNotFound(let key, let context):
      return "at \(Self.path(context)) the key '\(key.stringValue)' is missing"
    case .typeMismatch(let type, let context): return "at \(Self.path(context)) \(Self.word(type)) is expected"
    case .valueNotFound(let type, let context):
      return "at \(Self.path(context)) \(Self.word(type)) is expected, not null"
    case .dataCorrupted(let context): return "at \(Self.path(context)): \(context.debugDescription)"
    @unknown default: return "not of the expected form"
    }
  }

  private static func path(_ context: Context) -> String {
    let path = context.codingPath.reduce("") { path, key in
      if let index = key.intValue { return "\(path)[\(index)]" }
      return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
    }
    return path.isEmpty ? "the top" : path
  }

  /// What JSON calls a type of Swift.
  private static func word(_ type: Any.Type) -> String {
    let name = String(describing: type)
    if name.hasPrefix("Dictionary") { return "an object" }
    if name.hasPrefix("Array") || name.hasPrefix("Set") { return "an array" }
    switch name {
    case "String": return "a string"
    case "Bool": return "true or false"
    case "Double", "Float": return "a number"
    case "Int", "Int8", "Int16", "Int32", "Int64", "UInt", "UInt8", "UInt16", "UInt32", "UInt64":
      return "a whole number"
    default: return "another value"
    }
  }
}
