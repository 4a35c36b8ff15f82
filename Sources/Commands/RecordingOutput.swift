internal import CaseLibrary
internal import Findings
internal import Glibc
internal import HTTPExchange
internal import Recording
internal import Reporting
internal import Signing

/// Where a recording is written, and what must not be in it.
struct RecordingOutput {
  static let flags = [
    Flag(name: "--out", value: "DIR", help: "The folder of the scenario; it is made, or is empty."),
    Secrets.fileFlag,
    Flag(
      name: "--without-key", value: nil,
      help: "Go on when a SecretKey is not known, though it cannot be searched for then."),
    Flag(
      name: "--words", value: "FILE",
      help: "Further words that must not be written, one on a line: names of people, paths, ids."),
    Flag(name: "--id", value: "AREA/NAME", help: "The scenario's id; recordings/ and the folder's name unless given."),
    Flag(name: "--title", value: "TEXT", help: "What the scenario is about."),
    Flag(
      name: "--edition", value: "YEAR", help: "The edition of the documentation it belongs to; 2025 unless given.",
      choices: ["2024", "2025"]),
    Flag(name: "--region", value: "REGION", help: "The region; read off the hosts unless given."),
  ]

  var known: Identities.Known
  private let folder: String
  private let description: ScenarioDraft.Description
  private let needsKeys: Bool
  private let environment: Environment

  init(_ arguments: Arguments, _ environment: Environment, recorder: String) throws {
    guard let folder = arguments["--out"], !folder.isEmpty else {
      throw CommandError(.usage, "no folder to write to was given", hint: "--out names it.")
    }
    if Files.exists(folder), !Files.isFolder(folder) { throw CommandError(.usage, "\(folder) is a file, not a folder") }
    if Files.isFolder(folder), try !Files.names(in: folder).isEmpty {
      throw CommandError(.usage, "\(folder) is not empty", hint: "A recording gets a folder of its own.")
    }
    self.folder = folder
    self.environment = environment
    let id = arguments["--id"] ?? "recordings/\(Self.slug(folder))"
    guard
      id.split(separator: "/", omittingEmptySubsequences: false).map({ Self.slug(String($0)) == $0 }) == [true, true]
    else {
      throw CommandError(.usage, "--id is '\(id)', not an area and a name", hint: "Such as file-jobs/own-hash.")
    }
    needsKeys = !arguments.has("--without-key")
    known = Identities.Known(
      credentials: try Secrets.read(arguments, environment), words: try Self.words(arguments["--words"]))
    description = ScenarioDraft.Description(
      id: id, title: arguments["--title"] ?? "Recorded exchanges", edition: arguments["--edition"] ?? "2025",
      region: arguments["--region"], recorder: recorder)
  }

  /// Makes the folder and takes it away again, so that what cannot be written to is told before anything is recorded.
  func checkFolder() throws {
    let isThere = Files.isFolder(folder)
    do {
      try Files.makeFolder(folder)
      let probe = "\(folder)/.cispec"
      try Files.write([], to: probe)
      _ = unsafe unlink(probe)
    } catch {
      throw CommandError(.reportNotWritten, error.description)
    }
    if !isThere { _ = unsafe rmdir(folder) }
  }

  /// Redacts, looks for what is left, and only then writes; says what it did on standard error.
  ///
  /// - Parameter hosts: the hosts that were recorded.
  func write(_ exchanges: [CapturedExchange], hosts: [String] = []) throws -> ExitCode {
    var known = known
    known.hosts = hosts
    let catalogue = try Catalogue(try environment.dataFolder())
    var redaction = Redaction(of: exchanges, known: known, needsKeys: needsKeys)
    let draft = try ScenarioDraft(
      redaction.exchanges, description, catalogue: catalogue, library: catalogue.validationLibrary())
    redaction.scan(draft.files)
    let text = PlainText(isColoured: environment.isColoured(environment.output))
    for finding in redaction.findings + draft.findings { environment.output.writeLine(text.text(of: finding)) }
    guard redaction.mayBeWritten else {
      environment.errors.writeLine("nothing was written")
      return .findings
    }
    guard !draft.scenario.steps.isEmpty else {
      throw CommandError(.findings, "none of the \(exchanges.count) exchanges is one of the API; nothing was written")
    }
    do {
      try Files.makeFolder(folder)
      for (name, bytes) in draft.files { try Files.write(bytes, to: "\(folder)/\(name)") }
    } catch {
      throw CommandError(.reportNotWritten, error.description)
    }
    environment.errors.writeLine(
      "\(folder): \(draft.scenario.steps.count) steps of \(exchanges.count) exchanges, signed again with the SecretId "
        + "\(Secrets.fake.secretID) and the SecretKey \(Secrets.fake.secretKey)")
    return .success
  }

  private static func words(_ file: String?) throws -> [String] {
    guard let file else { return [] }
    guard let text = String(validating: try Files.read(file, bytesMax: 1 << 20), as: UTF8.self) else {
      throw CommandError(.unreadable, "\(file): a list of words is text in UTF-8")
    }
    return text.split(whereSeparator: \.isNewline).map(String.init).filter { !$0.isEmpty && !$0.hasPrefix("#") }
  }

  /// The last part of a path in small letters and digits with single hyphens between.
  private static func slug(_ path: String) -> String {
    let last = path.split(separator: "/").last.map(String.init) ?? ""
    let words = last.lowercased().utf8.split { !(0x30...0x39).contains($0) && !(0x61...0x7A).contains($0) }
    return words.isEmpty ? "recording" : words.map { String(Substring($0)) }.joined(separator: "-")
  }
}
