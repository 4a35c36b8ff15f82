/// What a run of the program tells its caller. docs/Formats.md has the table.
public enum ExitCode: Int32, Sendable, CaseIterable {
  /// All as expected.
  case success = 0
  /// Findings, an unexpected pass, or a suite that lost cases.
  case findings = 1
  /// Wrong usage of the command line.
  case usage = 2
  /// Input, data or configuration that cannot be read.
  case unreadable = 3
  /// A target or adapter that cannot be used.
  case targetUnusable = 4
  case internalFault = 5
  case reportNotWritten = 6
  case interrupted = 130

  /// In the words of the help and the manual pages.
  var meaning: String {
    switch self {
    case .success: "as expected"
    case .findings: "findings"
    case .usage: "usage"
    case .unreadable: "unreadable input or data"
    case .targetUnusable: "target unusable"
    case .internalFault: "internal fault"
    case .reportNotWritten: "report not written"
    case .interrupted: "interrupted"
    }
  }
}

/// A failure of the program itself, as a person reads it: a sentence with the place, and what to do.
struct CommandError: Error {
  var code: ExitCode
  var sentence: String
  var hint: String?

  init(_ code: ExitCode, _ sentence: String, hint: String? = nil) {
    self.code = code
    self.sentence = sentence
    self.hint = hint
  }
}
