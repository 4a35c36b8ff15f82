internal import CaseLibrary
internal import Findings
internal import XMLValidation

/// Complete lines of a JSON Lines stream, in one piece.
struct LineBatch: Sendable {
  /// The name of the stream.
  var name: String
  var firstLine: Int
  var text: [UInt8]
}

/// Cuts a stream into batches of complete lines. A line longer than the bound is cut, so that it is known to be too
/// long and no more of it is kept.
struct LineReader {
  private let stream: FileStream
  private let lineBytesMax: Int
  private var pending: [UInt8] = []
  private var line = 1
  private var isAtEnd = false

  init(_ stream: FileStream, lineBytesMax: Int) {
    self.stream = stream
    self.lineBytesMax = lineBytesMax
  }

  mutating func next() throws(FileError) -> LineBatch? {
    while !isAtEnd {
      let piece = try stream.next()
      guard !piece.isEmpty else {
        isAtEnd = true
        return pending.isEmpty ? nil : batch(pending)
      }
      guard let last = piece.lastIndex(of: 0x0A) else {
        keep(piece[...])
        continue
      }
      // The end of the pending line comes first and may make it too long.
      let first = piece.firstIndex(of: 0x0A) ?? last
      keep(piece[..<first])
      let text = pending + piece[first...last]
      pending = Array(piece[(last + 1)...])
      return batch(text)
    }
    return nil
  }

  private mutating func keep(_ bytes: ArraySlice<UInt8>) {
    pending += bytes.prefix(max(0, lineBytesMax + 1 - pending.count))
  }

  private mutating func batch(_ text: [UInt8]) -> LineBatch {
    let batch = LineBatch(name: stream.name, firstLine: line, text: text)
    line += text.count { $0 == 0x0A }
    return batch
  }
}

/// One line: a document and what is known of it.
struct DocumentLine {
  var name: String
  var hint: KindHint
  var body: JSONValue

  /// What is wrong with a line that holds no document.
  struct Fault: Error {
    var id: String
    var offset: Int
    var message: String
    var hint: String?
  }

  /// - Parameter known: what the command line says of all documents.
  init(
    _ bytes: [UInt8], at place: String, limits: Limits, known: KindHint, catalogue: Catalogue
  ) throws(Fault) {
    let value: JSONValue
    do {
      value = try JSONScanner.value(in: bytes, depthMax: limits.depthMax, valuesMax: limits.elementsMax)
    } catch {
      throw Fault(id: "json-lines.malformed", offset: error.offset, message: "The line is not JSON: \(error.reason).")
    }
    guard case .object = value.content else {
      throw Fault(
        id: "json-lines.no-object", offset: value.offset, message: "The line is not an object.",
        hint: "Write {\"id\": …, \"operation\": …, \"part\": …, \"body\": …}.")
    }
    guard let body = value["body"], Self.isBody(body) else {
      throw Fault(
        id: "json-lines.no-body", offset: value["body"]?.offset ?? value.offset,
        message: "The line has no body: a text with XML, or an object that is a callback in JSON.")
    }
    self.body = body
    name = try Self.text("id", value).flatMap { $0.isEmpty ? nil : $0 } ?? place
    let operation = try Self.text("operation", value)
    if let operation, catalogue.operation(operation) == nil {
      let near = nearestName(to: operation, among: catalogue.operations.map(\.id))
      throw Fault(
        id: "json-lines.operation-unknown", offset: value["operation"]?.offset ?? 0,
        message: "There is no operation '\(operation)'.", hint: near.map { "Did you mean \($0)?" })
    }
    let word = try Self.text("part", value)
    let part = word.flatMap(DocumentKind.Part.init)
    if let word, part == nil {
      throw Fault(
        id: "json-lines.part-unknown", offset: value["part"]?.offset ?? 0,
        message: "'\(word)' is no part; it is request, response, error or callback.")
    }
    hint = KindHint(operation: operation ?? known.operation, part: part ?? known.part)
    if let operation = hint.operation.flatMap(catalogue.operation), let part = hint.part,
      (part == .request && operation.request == nil) || (part == .response && operation.response == nil)
    {
      throw Fault(
        id: "json-lines.no-such-document", offset: value["part"]?.offset ?? value.offset,
        message: "The \(part.rawValue) of \(operation.id) has no body to validate.")
    }
  }

  private static func isBody(_ value: JSONValue) -> Bool {
    switch value.content {
    case .string, .object: true
    default: false
    }
  }

  /// A text, or a number as it is written; nil when it is absent or null.
  private static func text(_ key: String, _ value: JSONValue) throws(Fault) -> String? {
    guard let given = value[key] else { return nil }
    switch given.content {
    case .string: return given.string
    case .literal(let text): return text
    case .null: return nil
    case .object, .array:
      throw Fault(id: "json-lines.malformed", offset: given.offset, message: "The value of '\(key)' is not a text.")
    }
  }
}
