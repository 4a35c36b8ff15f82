internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import Reporting
internal import XMLValidation

/// How the documents of a run are judged and shown.
struct ValidateSettings: Sendable {
  var hint: KindHint
  var options: ValidationOptions
  var level: Requirement.Level?
  var input: InputKind?
  var isJSON: Bool
  var isColoured: Bool
  var isQuiet: Bool
  /// The lowest severity that makes a document not valid.
  var failOn: Severity
  /// Whether every document's result is kept for a report.
  var keepsResults = false

  /// A line of JSON Lines holds a document with its escapes.
  var lineBytesMax: Int { options.limits.bytesMax * 2 }
  /// A message has a head beside its body.
  var messageBytesMax: Int { options.limits.bytesMax + 1 << 20 }
  /// An archive is read as a whole.
  var archiveBytesMax: Int { options.limits.bytesMax * 32 }
}

/// A file that is still to be read.
struct FoundFile: Sendable {
  var name: String
  var kind: InputKind
  /// In a folder, rather than named.
  var wasFound: Bool
}

/// A piece of work for one thread.
enum ValidateItem: Sendable {
  /// Several, because handing over one small file takes as long as judging it.
  case files([FoundFile])
  case bytes([UInt8], name: String, InputKind)
  case exchange(request: String, response: String)
  case entry(HTTPArchive.Entry, name: String, archive: String)
  case lines(LineBatch)
  /// What was found wrong before any document was read.
  case finding(Finding)
  case unreadable(FileError)
}

/// What became of a piece of work, ready to be shown.
struct JudgedItem: Sendable {
  enum Stream {
    case output, errors
  }

  private(set) var pieces: [(stream: Stream, text: String)] = []
  var valid = 0
  var notValid = 0
  var unreadable = 0
  var skipped = 0
  var bytes = 0
  /// For a report, when one was asked for.
  var results: [CaseResult] = []
  /// A fault of the kit's data or of the kit, after which nothing goes on.
  var failure: (any Error)?

  mutating func add(_ text: String, to stream: Stream) {
    if let last = pieces.indices.last, pieces[last].stream == stream {
      pieces[last].text += text + "\n"
    } else {
      pieces.append((stream, text + "\n"))
    }
  }
}

/// Judges pieces of work, one after the other; one for each thread.
final class ValidateJudge {
  let catalogue: Catalogue
  let settings: ValidateSettings
  let validator: Validator
  private let text: PlainText
  private var messages: HTTPValidation?
  private var judged = JudgedItem()

  init(_ catalogue: Catalogue, _ library: ValidationLibrary, _ settings: ValidateSettings) {
    self.catalogue = catalogue
    self.settings = settings
    validator = Validator(library: library, options: settings.options)
    if let level = settings.level { validator.level = level }
    text = PlainText(isColoured: settings.isColoured)
  }

  func judge(_ item: ValidateItem) -> JudgedItem {
    judged = JudgedItem()
    attempt { try take(item) }
    return judged
  }

  private func attempt(_ body: () throws -> Void) {
    do {
      try body()
    } catch let error as FileError {
      judged.unreadable += 1
      judged.add("error: \(text.oneLine(error.description))", to: .errors)
      if settings.keepsResults {
        judged.results.append(
          CaseResult(id: error.path, verdict: .broken(reason: error.description), place: Place(file: error.path)))
      }
    } catch {
      judged.failure = error
    }
  }

  private func take(_ file: FoundFile) throws {
    let limit = file.kind == .http ? settings.messageBytesMax : settings.options.limits.bytesMax
    // One byte more than the limit is enough to know that a document is beyond it.
    let bytes = try Files.readPrefix(file.name, bytesMax: limit + 1)
    if file.wasFound, file.kind == .json, !JSONCallback.isLikely(bytes[...]) {
      judged.skipped += 1
      return
    }
    try take(bytes, file.name, file.kind)
  }

  private func take(_ item: ValidateItem) throws {
    switch item {
    case .files(let files):
      for file in files where judged.failure == nil { attempt { try take(file) } }
    case .bytes(let bytes, let name, let kind): try take(bytes, name, kind)
    case .exchange(let request, let response):
      let limit = settings.messageBytesMax + 1
      try judgeExchange(
        request: (try Files.readPrefix(request, bytesMax: limit), request),
        response: (try Files.readPrefix(response, bytesMax: limit), response))
    case .entry(let entry, let name, let archive): try judgeEntry(entry, name, archive)
    case .lines(let batch): try judgeLines(batch)
    case .finding(let finding): show(JudgedDocument(name: finding.place.file ?? "", findings: [finding]))
    case .unreadable(let error): throw error
    }
  }

  private func take(_ bytes: [UInt8], _ name: String, _ kind: InputKind) throws {
    switch kind {
    case .http: try judgeMessage(bytes, name)
    case .json: show(try callback(bytes, name))
    case .xml, .jsonLines, .har: show(try document(bytes, as: settings.hint, name))
    }
  }

  // MARK: Documents

  /// An XML document.
  func document(_ bytes: [UInt8], as hint: KindHint, _ name: String) throws -> JudgedDocument {
    let check = try validator.check(bytes, as: hint, file: name)
    return JudgedDocument(
      name: name, kind: check.kind, isGuessed: check.isGuessed, findings: check.findings, source: bytes)
  }

  /// A callback in JSON.
  func callback(_ bytes: [UInt8], _ name: String) throws -> JudgedDocument {
    let limits = settings.options.limits
    func failed(_ id: String, _ offset: Int, _ message: String) -> JudgedDocument {
      let position = textPosition(of: offset, in: bytes)
      let place = Place(file: name, line: position.line, column: position.column)
      return JudgedDocument(
        name: name, kind: .callback, findings: [Finding(id: id, severity: .error, place: place, message: message)],
        source: bytes)
    }
    guard bytes.count <= limits.bytesMax else {
      return failed("json.too-large", 0, "The document has more than \(limits.bytesMax) bytes.")
    }
    do {
      let value = try JSONScanner.value(in: bytes, depthMax: limits.depthMax, valuesMax: limits.elementsMax)
      return try callback(value, in: bytes, name)
    } catch let error as JSONScanError {
      return failed("json.malformed", error.offset, "The document is not JSON: \(error.reason).")
    }
  }

  private func callback(_ value: JSONValue, in bytes: [UInt8], _ name: String) throws -> JudgedDocument {
    let callback = JSONCallback(value, in: bytes, file: name)
    var findings = callback.findings
    // What is no object has no XML form that could be judged.
    if !findings.contains(where: { $0.id == "json.no-object" }) {
      let check = try validator.check(callback.tree.documentBytes, as: .callback, file: name)
      findings += check.findings.map(callback.placed)
    }
    return JudgedDocument(name: name, kind: .callback, findings: findings, source: bytes)
  }

  // MARK: JSON Lines

  private func judgeLines(_ batch: LineBatch) throws {
    judged.bytes += batch.text.count
    var number = batch.firstLine - 1
    for piece in batch.text.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      guard piece.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { continue }
      let line = Array(piece)
      do throws(DocumentLine.Fault) {
        guard line.count <= settings.lineBytesMax else {
          throw DocumentLine.Fault(
            id: "json-lines.too-long", offset: 0, message: "The line has more than \(settings.lineBytesMax) bytes.")
        }
        let document = try DocumentLine(
          line, at: "\(batch.name):\(number)", limits: settings.options.limits, known: settings.hint,
          catalogue: catalogue)
        var body = try judgeBody(of: document, in: line)
        body.place = Place(file: batch.name, line: number)
        show(body)
      } catch {
        let column = textPosition(of: error.offset, in: line).column
        show(
          JudgedDocument(
            name: "\(batch.name):\(number)", place: Place(file: batch.name, line: number),
            findings: [
              Finding(
                id: error.id, severity: .error, place: Place(file: batch.name, line: number, column: column),
                message: error.message, hint: error.hint)
            ]))
      }
    }
  }

  private func judgeBody(of document: DocumentLine, in line: [UInt8]) throws(DocumentLine.Fault) -> JudgedDocument {
    do {
      switch document.body.content {
      case .string(let bytes) where !InputKind.isJSON(bytes[...]):
        return try self.document(bytes, as: document.hint, document.name)
      case .string(let bytes): return try callback(bytes, document.name)
      default: return try callback(document.body, in: line, document.name)
      }
    } catch {
      judged.failure = error
      return JudgedDocument(name: document.name)
    }
  }

  // MARK: Showing

  func show(_ document: JudgedDocument) {
    let isValid = !document.findings.contains { $0.severity >= settings.failOn }
    if isValid { judged.valid += 1 } else { judged.notValid += 1 }
    if settings.keepsResults { judged.results.append(result(of: document, isValid: isValid)) }
    if settings.isJSON {
      for finding in document.findings { judged.add(JSONReport.line(for: finding), to: .output) }
      return
    }
    for finding in document.findings { judged.add(text.text(of: finding, in: document.source), to: .output) }
    guard !(isValid && settings.isQuiet) else { return }
    let kind = document.kind.map { " (\($0)\(document.isGuessed ? ", told by the document itself" : ""))" } ?? ""
    judged.add(
      "\(text.oneLine(document.name)): \(isValid ? "valid" : "not valid")\(kind)\(Self.counts(document.findings))",
      to: .errors)
  }

  private func result(of document: JudgedDocument, isValid: Bool) -> CaseResult {
    let plain = PlainText(isColoured: false)
    let findings = document.findings.map { finding in
      var finding = finding
      finding.excerpt = document.source.flatMap { plain.excerpt(of: finding.place, in: $0) }?.joined(separator: "\n")
      return finding
    }
    return CaseResult(
      id: document.name, verdict: isValid ? .passed : .failed, findings: findings,
      place: document.place ?? Place(file: document.name))
  }

  private static func counts(_ findings: [Finding]) -> String {
    let parts = Severity.allCases.reversed().compactMap { severity -> String? in
      let count = findings.count { $0.severity == severity }
      return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
    }
    return parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
  }

  /// The judge of what is outside bodies; made when the first message comes.
  func messageValidation() throws -> HTTPValidation {
    if let messages { return messages }
    let made = try HTTPValidation(
      catalogue, level: validator.level, edition: settings.options.edition.rawValue)
    messages = made
    return made
  }
}

/// A document that has been judged, with what its findings are shown in.
struct JudgedDocument {
  var name: String
  /// Where it stands, when its name is not that of a file.
  var place: Place? = nil
  var kind: DocumentKind? = nil
  var isGuessed = false
  var findings: [Finding] = []
  var source: [UInt8]? = nil
}

extension InputKind {
  /// Whether a text starts as a JSON object does.
  static func isJSON(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.first { $0 != 0x20 && !(0x09...0x0D).contains($0) } == 0x7B
  }
}
