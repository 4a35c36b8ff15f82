internal import FoundationEssentials
internal import HTTPExchange

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
package func decodeJSON<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8], file: String) throws(DataError)
  -> Value
{
  do {
    return try JSONDecoder().decode(type, from: Data(bytes))
  } catch let error as DecodingError {
    throw DataError(file: file, reason: error.placed)
  } catch {
    throw DataError(file: file, reason: "\(error)")
  }
}
