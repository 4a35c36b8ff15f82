internal import Findings

/// One flag of a command: the parser, the help and the completions come from this.
struct Flag: Sendable {
  var name: String
  /// Another name of one letter, such as `-X`.
  var short: String? = nil
  /// The word for its value in the help; nil for a switch.
  var value: String?
  var help: String
  /// The words a value may be; nil when it is free.
  var choices: [String]? = nil
  /// How a value may start, for completion; nil when there is nothing to offer.
  var prefixes: [String]? = nil
  var repeats = false
}

/// One command: its flags, what it is good for, and what it does.
struct Command: Sendable {
  var name: String
  var summary: String
  /// The operands as the help shows them.
  var operands: String
  var flags: [Flag]
  /// Command lines a reader can copy, each with what it does.
  var examples: [(line: String, does: String)]
  /// The words that an operand may be, for completion; empty when it is a file or free.
  var operandWords: @Sendable () -> [String] = { [] }
  var run: @Sendable (Arguments, Environment) throws -> ExitCode
}

/// What was given on the command line, checked against the flags.
struct Arguments: Sendable {
  private var values: [String: [String]] = [:]
  private(set) var operands: [String] = []

  init(parsing words: [String], for command: Command) throws {
    let flags = command.flags + Commands.commonFlags
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      if word == "--" {
        operands += rest
        return
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let flag = flags.first(where: { [$0.name, $0.short].contains(parts[0]) }) else {
        let near = nearestName(to: parts[0], among: flags.map(\.name))
        throw CommandError(
          .usage, "cispec \(command.name) has no flag '\(parts[0])'",
          hint: near.map { "Did you mean \($0)?" } ?? "See 'cispec \(command.name) --help'.")
      }
      try take(flag, inline: parts.count == 2 ? parts[1] : nil, rest: &rest)
    }
  }

  private mutating func take(_ flag: Flag, inline: String?, rest: inout ArraySlice<String>) throws {
    guard let valueName = flag.value else {
      guard inline == nil else { throw CommandError(.usage, "\(flag.name) takes no value") }
      values[flag.name] = [""]
      return
    }
    guard let value = inline ?? rest.popFirst() else {
      throw CommandError(.usage, "\(flag.name) needs a value: \(flag.name) \(valueName)")
    }
    if let choices = flag.choices, !choices.contains(value) {
      throw CommandError(
        .usage, "'\(value)' is no value of \(flag.name)",
        hint: nearestName(to: value, among: choices).map { "Did you mean \($0)?" }
          ?? "It is one of \(choices.joined(separator: ", ")).")
    }
    guard flag.repeats || values[flag.name] == nil else { throw CommandError(.usage, "\(flag.name) is given twice") }
    values[flag.name, default: []].append(value)
  }

  /// Takes a value from elsewhere as if it had been given, unless the flag was.
  mutating func complete(_ flag: Flag, with words: [String]) throws {
    guard values[flag.name] == nil else { return }
    var completed = self
    for word in words {
      var rest: ArraySlice<String> = []
      try completed.take(flag, inline: flag.value == nil ? nil : word, rest: &rest)
    }
    self = completed
  }

  func has(_ name: String) -> Bool { values[name] != nil }
  subscript(name: String) -> String? { values[name]?.last }
  func all(_ name: String) -> [String] { values[name] ?? [] }

  func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = self[name] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw CommandError(
        .usage, "\(name) is '\(text)', not a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}
