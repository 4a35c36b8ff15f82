internal import CaseLibrary
internal import Findings
internal import Reporting

extension Commands {
  static let reportFlag = Flag(
    name: "--report", value: "KIND=FILE",
    help:
      "Write a report, - for standard output; may be given again. KIND is one of "
      + ReportFormat.allCases.map(\.rawValue).joined(separator: ", ") + ".",
    prefixes: ReportFormat.allCases.map { $0.rawValue + "=" },
    repeats: true)

  /// Shows what did not pass, the table and the verdict, writes the reports, and gives the exit code.
  static func finish(
    _ report: Report, _ reports: ReportFiles, _ environment: Environment, coloured text: PlainText
  ) throws -> ExitCode {
    let talk = reports.talk(environment)
    for suite in report.suites {
      for result in suite.cases {
        switch result.verdict {
        case .failed, .broken: talk.writeLine("\n" + text.text(of: result, suite: suite.name))
        case .passed, .skipped: break
        }
      }
    }
    let remarks = text.warnings(of: report) + text.skips(of: report)
    talk.writeLine("\n" + ([text.table(of: report)] + remarks + [text.verdict(of: report)]).joined(separator: "\n\n"))
    try reports.write(report, environment)
    if report.isAsExpected, !report.hasJudgedNothing { return .success }
    if report.isInterrupted { return .interrupted }
    // When not one case came to a verdict, the target is what is wrong.
    let cases = report.suites.flatMap(\.cases)
    let isUnusable = !cases.contains { $0.verdict == .passed || $0.verdict == .failed }
    return isUnusable ? .targetUnusable : .findings
  }
}

/// The reports that were asked for.
struct ReportFiles {
  private var files: [(format: ReportFormat, path: String)] = []

  init(_ arguments: Arguments) throws {
    for text in arguments.all("--report") {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let format = ReportFormat(rawValue: parts[0]) else {
        let known = ReportFormat.allCases.map(\.rawValue)
        throw CommandError(
          .usage, "--report is '\(text)', not KIND=FILE such as junit=FILE",
          hint: nearestName(to: parts.first ?? "", among: known).map { "Did you mean \($0)=FILE?" }
            ?? "KIND is one of \(known.joined(separator: ", ")).")
      }
      files.append((format, parts[1]))
    }
    guard files.count(where: { $0.path == "-" }) <= 1 else {
      throw CommandError(.usage, "two reports cannot both go to standard output")
    }
  }

  var isEmpty: Bool { files.isEmpty }

  /// Where a run tells people how it went: standard error when a report has standard output for itself.
  func talk(_ environment: Environment) -> Output {
    files.contains { $0.path == "-" } ? environment.errors : environment.output
  }

  /// Writes every report; the first that cannot be written is thrown when all others are.
  func write(_ report: Report, _ environment: Environment) throws {
    guard !isEmpty else { return }
    let report = try explained(report, environment)
    var failure: CommandError?
    for (format, path) in files {
      let text = format.text(of: report)
      guard path != "-" else {
        environment.output.write(text)
        continue
      }
      do {
        try Files.write(Array(text.utf8), to: path)
      } catch {
        failure = failure ?? CommandError(.reportNotWritten, "the report \(format.rawValue)=\(error.description)")
      }
    }
    if let failure { throw failure }
  }

  /// With the requirements that findings name, what kinds of finding mean, and where cases of the data are written.
  private func explained(_ report: Report, _ environment: Environment) throws -> Report {
    var report = report
    let findings = report.suites.flatMap(\.cases).flatMap(\.findings)
    let named = Set(findings.compactMap(\.requirement))
    let folder = try environment.dataFolder()
    report.requirements = named.isEmpty ? [] : try Catalogue(folder).requirements.filter { named.contains($0.id) }
    let kinds = Set(findings.map(\.id)).union(["suite.shrunken", "case.failed", "case.no-verdict"])
    report.meanings = Dictionary(
      FindingKinds.meanings.filter { kinds.contains($0.id) }.map { ($0.id, $0.meaning) }
    ) { first, _ in first }
    var places = CasePlaces(folder)
    for suite in report.suites.indices {
      for index in report.suites[suite].cases.indices where report.suites[suite].cases[index].place == nil {
        let id = report.suites[suite].cases[index].id
        report.suites[suite].cases[index].place = places.place(of: id, suite: report.suites[suite].name)
      }
    }
    return report
  }
}

/// Where the cases of the data are written.
struct CasePlaces {
  private let folder: DataFolder
  private var vectors: [String: Place]?

  init(_ folder: DataFolder) { self.folder = folder }

  mutating func place(of id: String, suite: String) -> Place? {
    switch suite {
    case "vectors", "signing", "verifying", "presigning", "target": return vectorPlaces()[id]
    case "replay":
      let scenario = id.split(separator: "/").dropLast().joined(separator: "/")
      return Place(file: "Exchanges/\(scenario)/scenario.json", line: 1)
    default: return nil
    }
  }

  /// Every vector stands on lines of its own that start with its ID.
  private mutating func vectorPlaces() -> [String: Place] {
    if let vectors { return vectors }
    var places: [String: Place] = [:]
    for name in ["published", "sign", "verify"] {
      let file = "Vectors/signing/\(name).json"
      guard let bytes = try? folder.read(file) else { continue }
      let marker = Array("\"id\": \"".utf8)
      for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
        let start = line.drop { $0 == 0x20 || $0 == 0x7B }
        guard start.starts(with: marker) else { continue }
        let id = String(decoding: start.dropFirst(marker.count).prefix { $0 != 0x22 }, as: UTF8.self)
        places[id] = Place(file: file, line: index + 1)
      }
    }
    vectors = places
    return places
  }
}
