/// Header fields in the order and capitals they were given; names are compared without regard to case.
public struct HTTPHeaders: Sendable, Equatable {
  public struct Field: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public var fields: [Field]

  public init(_ fields: [Field] = []) { self.fields = fields }

  /// The first value of a field, nil when it is absent.
  public subscript(name: String) -> String? {
    fields.firstIndex { sameName($0.name, name) }.map { fields[$0].value }
  }

  public func values(of name: String) -> [String] { fields.filter { sameName($0.name, name) }.map(\.value) }

  /// Replaces every field of that name by one, at the place of the first, or appends it.
  public mutating func set(_ name: String, _ value: String) {
    guard let first = fields.firstIndex(where: { sameName($0.name, name) }) else {
      fields.append(Field(name, value))
      return
    }
    fields[first] = Field(name, value)
    fields = fields.enumerated().filter { $0.offset <= first || !sameName($0.element.name, name) }.map(\.element)
  }

  public mutating func append(_ name: String, _ value: String) { fields.append(Field(name, value)) }

  public mutating func remove(_ name: String) { fields.removeAll { sameName($0.name, name) } }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral pairs: (String, String)...) { self.init(pairs.map { Field($0.0, $0.1) }) }
}

/// Whether two header names are the same: ASCII letters without regard to case.
public func sameName(_ one: String, _ other: String) -> Bool {
  guard one.utf8.count == other.utf8.count else { return false }
  // Most servers write a name as it is documented.
  if one == other { return true }
  let (one, other) = (one.utf8, other.utf8)
  let isSame = unsafe one.withContiguousStorageIfAvailable { left in
    unsafe other.withContiguousStorageIfAvailable { right in
      for index in left.indices where unsafe asciiLowercased(left[index]) != asciiLowercased(right[index]) {
        return false
      }
      return true
    }
  }
  return isSame.flatMap { $0 } ?? one.elementsEqual(other) { asciiLowercased($0) == asciiLowercased($1) }
}

/// A letter A to Z as its small form, any other byte as it is.
@inlinable public func asciiLowercased(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
