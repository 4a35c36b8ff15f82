internal import CaseLibrary
internal import Findings
internal import Glibc
internal import HTTPExchange
internal import XMLValidation

/// Turns the inputs of a run into pieces of work, in order. Only streams and archives are read here; plain documents
/// are read by the threads that judge them.
struct ValidateFeed {
  let catalogue: Catalogue
  let settings: ValidateSettings
  /// Takes a piece of work and the bytes it keeps in memory.
  let hand: (ValidateItem, Int) -> Void
  /// Files that wait to be handed over together.
  private var files: [FoundFile] = []
  /// More files would make one thread wait for another at the end.
  private static let filesMax = 64

  init(catalogue: Catalogue, settings: ValidateSettings, hand: @escaping (ValidateItem, Int) -> Void) {
    self.catalogue = catalogue
    self.settings = settings
    self.hand = hand
  }

  mutating func run(_ inputs: ValidateInputs) {
    var failures = inputs.failures[...]
    for (index, source) in inputs.sources.enumerated() {
      while let failure = failures.first, failure.at <= index {
        submit(.unreadable(failure.error), 0)
        failures.removeFirst()
      }
      do {
        try feed(source)
      } catch {
        submit(.unreadable(error), 0)
      }
    }
    for failure in failures { submit(.unreadable(failure.error), 0) }
    submitFiles()
  }

  private mutating func submit(_ item: ValidateItem, _ bytes: Int) {
    submitFiles()
    hand(item, bytes)
  }

  private mutating func submitFiles() {
    guard !files.isEmpty else { return }
    hand(.files(files), 0)
    files.removeAll(keepingCapacity: true)
  }

  private mutating func feed(_ source: ValidateInputs.Source) throws(FileError) {
    switch source {
    case .standardInput:
      try feed(FileStream(lending: STDIN_FILENO, name: "<stdin>"), settings.input)
    case .exchange(let request, let response): submit(.exchange(request: request, response: response), 0)
    case .file(let name, let wasFound):
      var kind = settings.input ?? InputKind(suffixOf: name)
      if kind == .json, settings.input == nil, try isArchive(name) { kind = .har }
      switch kind {
      case .xml?, .http?, .json?:
        files.append(FoundFile(name: name, kind: kind ?? .xml, wasFound: wasFound))
        if files.count == Self.filesMax { submitFiles() }
      case .jsonLines?, .har?, nil: try feed(FileStream(opening: name), kind)
      }
    }
  }

  private func isArchive(_ name: String) throws(FileError) -> Bool {
    InputKind(sniffing: try Files.readPrefix(name, bytesMax: 4096)[...]) == .har
  }

  private mutating func feed(_ stream: FileStream, _ given: InputKind?) throws(FileError) {
    let kind: InputKind
    if let given { kind = given } else { kind = InputKind(sniffing: try stream.peek(4096)) }
    switch kind {
    case .jsonLines: try feedLines(stream)
    case .har: try feedArchive(stream)
    case .http, .json, .xml:
      let limit = kind == .http ? settings.messageBytesMax : settings.options.limits.bytesMax
      let bytes = try stream.rest(bytesMax: limit + 1)
      submit(.bytes(bytes, name: stream.name, kind), bytes.count)
    }
  }

  private mutating func feedLines(_ stream: FileStream) throws(FileError) {
    var reader = LineReader(stream, lineBytesMax: settings.lineBytesMax)
    var isEmpty = true
    while let batch = try reader.next() {
      isEmpty = false
      submit(.lines(batch), batch.text.count)
    }
    if isEmpty { refuse("json-lines.empty", stream.name, "There is no line in this stream.") }
  }

  private mutating func feedArchive(_ stream: FileStream) throws(FileError) {
    let bytes = try stream.rest(bytesMax: settings.archiveBytesMax + 1)
    guard bytes.count <= settings.archiveBytesMax else {
      refuse("har.too-large", stream.name, "The archive has more than \(settings.archiveBytesMax) bytes.")
      return
    }
    do {
      let archive = try HTTPArchive(parsing: bytes)
      let own = archive.entries.filter { ValidateJudge.belongs($0, catalogue) }
      if own.isEmpty {
        refuse("har.no-entry", stream.name, "None of the \(archive.entries.count) entries belongs to the API.")
      }
      for entry in own {
        let size = entry.request.body.count + (entry.response?.body.count ?? 0)
        submit(.entry(entry, name: "\(stream.name):entry \(entry.number)", archive: stream.name), size)
      }
    } catch {
      refuse("har.malformed", stream.name, "This is no HTTP Archive: \(error.reason).")
    }
  }

  private mutating func refuse(_ id: String, _ name: String, _ message: String) {
    submit(.finding(Finding(id: id, severity: .error, place: Place(file: name), message: message)), 0)
  }
}
