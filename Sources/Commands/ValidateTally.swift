internal import CaseLibrary
internal import Findings

/// Shows what comes out of the work, in order, counts it, and tells how far it is.
///
/// `@unchecked Sendable`: the pool delivers to it from one thread at a time, and its owner reads it when all are joined.
final class ValidateTally: @unchecked Sendable {
  enum Progress: String, CaseIterable {
    case auto, always, never
  }

  private(set) var valid = 0
  private(set) var notValid = 0
  private(set) var unreadable = 0
  private(set) var skipped = 0
  private(set) var failure: (any Error)?
  /// Of every document, in their order, when a report was asked for.
  private(set) var results: [CaseResult] = []
  private var bytes = 0
  private let environment: Environment
  private let talk: Output
  private let showsProgress: Bool
  private let start = monotonicSeconds()
  private var nextProgress: Double
  /// The length of the line that stands on the terminal and is written over.
  private var shownCount = 0

  /// - Parameter talk: where findings go, standard output unless a report has it.
  init(_ environment: Environment, _ progress: Progress, talk: Output) {
    self.environment = environment
    self.talk = talk
    showsProgress = progress == .always || (progress == .auto && environment.errors.isTerminal)
    nextProgress = start + 1
  }

  var documents: Int { valid + notValid + unreadable }

  func add(_ item: JudgedItem) {
    if failure != nil { return }
    failure = item.failure
    valid += item.valid
    notValid += item.notValid
    unreadable += item.unreadable
    skipped += item.skipped
    bytes += item.bytes
    results += item.results
    if !item.pieces.isEmpty { clearProgress() }
    for piece in item.pieces {
      switch piece.stream {
      case .output: talk.write(piece.text)
      case .errors: environment.errors.write(piece.text)
      }
    }
    showProgress()
  }

  /// The last word on a run of several documents.
  func finish() {
    clearProgress()
    guard documents + skipped > 1 else { return }
    var parts = ["\(valid) valid", "\(notValid) not valid"]
    if unreadable > 0 { parts.append("\(unreadable) unreadable") }
    if skipped > 0 { parts.append("\(skipped) other JSON file\(skipped == 1 ? "" : "s") left out") }
    environment.errors.writeLine("\(documents) document\(documents == 1 ? "" : "s"): \(parts.joined(separator: ", "))")
  }

  var code: ExitCode { unreadable > 0 ? .unreadable : notValid > 0 ? .findings : .success }

  // MARK: Progress

  /// No escape sequences: the line is written over, so that NO_COLOR and plain terminals are served.
  private func showProgress() {
    guard showsProgress else { return }
    let now = monotonicSeconds()
    guard now >= nextProgress else { return }
    nextProgress = now + 0.25
    let size = bytes > 0 ? ", \(bytes >> 20) MiB" : ""
    let line = "\(documents) documents\(size), \(notValid) not valid, \(Int(now - start)) s"
    environment.errors.write("\r" + line + String(repeating: " ", count: max(0, shownCount - line.utf8.count)))
    shownCount = max(shownCount, line.utf8.count)
  }

  private func clearProgress() {
    guard shownCount > 0 else { return }
    environment.errors.write("\r" + String(repeating: " ", count: shownCount) + "\r")
    shownCount = 0
  }
}
