/// A JSON value with the offset of its first byte.
struct JSONValue {
  enum Content {
    case object([JSONMember])
    case array([JSONValue])
    case string([UInt8])
    /// A number, `true` or `false` as it is written.
    case literal(String)
    case null
  }

  var offset: Int
  var content: Content

  /// The value of a key in an object; the last one when it is given twice, as most readers have it.
  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = content else { return nil }
    return members.last { $0.key == key }?.value
  }

  var string: String? {
    if case .string(let bytes) = content { String(decoding: bytes, as: UTF8.self) } else { nil }
  }
}

struct JSONMember {
  var key: String
  var offset: Int
  var value: JSONValue
}

/// Why a text is not JSON, at an offset.
struct JSONScanError: Error {
  var offset: Int
  var reason: String
}

/// Reads JSON (RFC 8259) with its places; bounded in depth and number of values.
struct JSONScanner {
  private let bytes: [UInt8]
  private var place: Int
  private let depthMax: Int
  private var valuesLeft: Int

  static func value(in bytes: [UInt8], depthMax: Int, valuesMax: Int) throws(JSONScanError) -> JSONValue {
    // Strings are then known to be UTF-8 wherever they are cut at quotation marks.
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw JSONScanError(offset: 0, reason: "the text is not UTF-8")
    }
    var scanner = JSONScanner(bytes, depthMax: depthMax, valuesMax: valuesMax)
    let value = try scanner.value(depth: 1)
    scanner.skipBlanks()
    guard scanner.place == bytes.count else {
      throw JSONScanError(offset: scanner.place, reason: "nothing is expected after the value")
    }
    return value
  }

  private init(_ bytes: [UInt8], depthMax: Int, valuesMax: Int) {
    self.bytes = bytes
    self.depthMax = depthMax
    valuesLeft = valuesMax
    place = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  private var byte: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipBlanks() {
    while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x0A || bytes[place] == 0x0D || bytes[place] == 9
    {
      place += 1
    }
  }

  private func failure(_ reason: String) -> JSONScanError { JSONScanError(offset: place, reason: reason) }

  private func unexpected(_ wanted: String) -> JSONScanError {
    failure(place == bytes.count ? "the text ends where \(wanted) is expected" : "\(wanted) is expected here")
  }

  private mutating func value(depth: Int) throws(JSONScanError) -> JSONValue {
    skipBlanks()
    guard depth <= depthMax else { throw failure("values are more than \(depthMax) deep") }
    guard valuesLeft > 0 else { throw failure("there are too many values") }
    valuesLeft -= 1
    let offset = place
    switch byte {
    case 0x7B: return JSONValue(offset: offset, content: .object(try members(depth: depth)))
    case 0x5B: return JSONValue(offset: offset, content: .array(try elements(depth: depth)))
    case 0x22: return JSONValue(offset: offset, content: .string(try string()))
    case .some(0x2D), .some(0x30...0x39): return JSONValue(offset: offset, content: .literal(try number()))
    default: break
    }
    for (word, content) in [("true", JSONValue.Content.literal("true")), ("false", .literal("false")), ("null", .null)]
    where bytes[place...].starts(with: word.utf8) {
      place += word.utf8.count
      return JSONValue(offset: offset, content: content)
    }
    throw unexpected("a value")
  }

  private mutating func members(depth: Int) throws(JSONScanError) -> [JSONMember] {
    var members: [JSONMember] = []
    place += 1
    skipBlanks()
    if byte == 0x7D {
      place += 1
      return members
    }
    while true {
      skipBlanks()
      let offset = place
      guard byte == 0x22 else { throw unexpected("a key in quotation marks") }
      let key = String(decoding: try string(), as: UTF8.self)
      skipBlanks()
      guard byte == 0x3A else { throw unexpected("':'") }
      place += 1
      members.append(JSONMember(key: key, offset: offset, value: try value(depth: depth + 1)))
      skipBlanks()
      guard byte == 0x2C || byte == 0x7D else { throw unexpected("',' or '}'") }
      place += 1
      if bytes[place - 1] == 0x7D { return members }
    }
  }

  private mutating func elements(depth: Int) throws(JSONScanError) -> [JSONValue] {
    var elements: [JSONValue] = []
    place += 1
    skipBlanks()
    if byte == 0x5D {
      place += 1
      return elements
    }
    while true {
      elements.append(try value(depth: depth + 1))
      skipBlanks()
      guard byte == 0x2C || byte == 0x5D else { throw unexpected("',' or ']'") }
      place += 1
      if bytes[place - 1] == 0x5D { return elements }
    }
  }

  private mutating func number() throws(JSONScanError) -> String {
    let start = place
    func digits(_ from: Int) -> Int {
      var end = from
      while end < bytes.count, (0x30...0x39).contains(bytes[end]) { end += 1 }
      return end
    }
    if byte == 0x2D { place += 1 }
    let wholeStart = place
    place = digits(place)
    guard place > wholeStart, bytes[wholeStart] != 0x30 || place == wholeStart + 1 else {
      place = start
      throw failure("this is no JSON number")
    }
    if byte == 0x2E {
      let end = digits(place + 1)
      guard end > place + 1 else { throw failure("a digit is expected after the point") }
      place = end
    }
    if byte == 0x65 || byte == 0x45 {
      place += 1
      if byte == 0x2B || byte == 0x2D { place += 1 }
      let end = digits(place)
      guard end > place else { throw failure("a digit is expected in the exponent") }
      place = end
    }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  private mutating func string() throws(JSONScanError) -> [UInt8] {
    place += 1
    var start = place
    var text: [UInt8] = []
    while place < bytes.count {
      let byte = bytes[place]
      if byte == 0x22 {
        let end = place
        place += 1
        if text.isEmpty { return Array(bytes[start..<end]) }
        text += bytes[start..<end]
        return text
      }
      if byte < 0x20 { throw failure("a control character in a string has to be escaped") }
      place += 1
      if byte == 0x5C {
        text += bytes[start..<place - 1]
        try appendEscape(to: &text)
        start = place
      }
    }
    throw unexpected("the end of a string")
  }

  /// Appends the character of the escape whose backslash has just been read.
  private mutating func appendEscape(to text: inout [UInt8]) throws(JSONScanError) {
    let escaped: UInt8
    switch byte {
    case 0x22, 0x5C, 0x2F: escaped = bytes[place]
    case 0x62: escaped = 0x08
    case 0x66: escaped = 0x0C
    case 0x6E: escaped = 0x0A
    case 0x72: escaped = 0x0D
    case 0x74: escaped = 0x09
    case 0x75:
      try appendScalar(to: &text)
      return
    default: throw unexpected("an escape such as \\n or \\u4E2D")
    }
    text.append(escaped)
    place += 1
  }

  private mutating func appendScalar(to text: inout [UInt8]) throws(JSONScanError) {
    let start = place - 1
    func lone() -> JSONScanError { JSONScanError(offset: start, reason: "half of a surrogate pair stands alone") }
    let first = try codeUnit()
    var value = UInt32(first)
    if (0xD800...0xDFFF).contains(first) {
      guard first < 0xDC00, byte == 0x5C else { throw lone() }
      place += 1
      guard byte == 0x75 else { throw lone() }
      let second = try codeUnit()
      guard (0xDC00...0xDFFF).contains(second) else { throw lone() }
      value = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else { throw lone() }
    text += Array(String(Character(scalar)).utf8)
  }

  private mutating func codeUnit() throws(JSONScanError) -> UInt16 {
    place += 1
    guard place + 4 <= bytes.count,
      let unit = UInt16(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16),
      bytes[place] != 0x2B
    else { throw failure("four hexadecimal digits are expected after \\u") }
    place += 4
    return unit
  }
}

/// The line and column, both from 1 and in characters, of an offset in a text.
func textPosition(of offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
  let before = bytes[..<min(offset, bytes.count)]
  let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? (bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
  return (before.count { $0 == 0x0A } + 1, before.dropFirst(lineStart).count { $0 & 0xC0 != 0x80 } + 1)
}
