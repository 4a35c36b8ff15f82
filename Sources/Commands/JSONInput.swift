internal import CaseLibrary

/// A JSON file given by the user, with the place of what is wrong in it.
struct JSONInput {
  let file: String
  let bytes: [UInt8]
  let value: JSONValue

  init(_ file: String, bytesMax: Int) throws {
    self.file = file
    bytes = try Files.read(file, bytesMax: bytesMax)
    do {
      value = try JSONScanner.value(in: bytes, depthMax: 32, valuesMax: 20_000_000)
    } catch {
      let position = textPosition(of: error.offset, in: bytes)
      throw CommandError(.unreadable, "\(file):\(position.line):\(position.column): \(error.reason)")
    }
  }

  func error(at offset: Int, _ sentence: String, hint: String? = nil) -> CommandError {
    let position = textPosition(of: offset, in: bytes)
    return CommandError(.unreadable, "\(file):\(position.line):\(position.column): \(sentence)", hint: hint)
  }

  /// The value of a key that must be there and of a kind.
  func required<Value>(_ key: String, of value: JSONValue, _ read: (JSONValue) -> Value?) throws -> Value {
    guard let member = value[key] else { throw error(at: value.offset, "'\(key)' is missing here") }
    guard let result = read(member) else {
      throw error(at: member.offset, "'\(key)' is of another type than it should be")
    }
    return result
  }

  /// Format 1 is the only one that is known.
  func checkFormat() throws {
    guard try required("format", of: value, \.integer) == 1 else {
      throw error(at: 0, "the format is not 1, the only one this version reads")
    }
  }
}

extension JSONValue {
  var integer: Int? { if case .literal(let text) = content { Int(text) } else { nil } }
  var number: Double? { if case .literal(let text) = content { Double(text) } else { nil } }
  var flag: Bool? {
    guard case .literal(let text) = content, text == "true" || text == "false" else { return nil }
    return text == "true"
  }
  var array: [JSONValue]? { if case .array(let values) = content { values } else { nil } }
  /// An array of texts alone.
  var strings: [String]? {
    guard let values = array else { return nil }
    let strings = values.compactMap(\.string)
    return strings.count == values.count ? strings : nil
  }
  var members: [JSONMember]? { if case .object(let members) = content { members } else { nil } }
}
