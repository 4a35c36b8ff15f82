/// The help texts, made from the table of commands and flags.
enum Help {
  static var overview: String {
    let width = Commands.all.map(\.name.count).max() ?? 0
    let commands = Commands.all.map { "  \(pad($0.name, width))  \($0.summary)" }.joined(separator: "\n")
    return """
      cispec: conformance kit for the XML job API of Tencent Cloud Infinite

      Usage: cispec COMMAND [FLAGS] [OPERANDS]

      Commands:
      \(commands)

        cispec COMMAND --help   flags and examples of a command
        cispec --version        version of the kit, of libxml2, and the digest of the data

      Exit codes: \(exitCodes.prefix(5).joined(separator: ", ")),
      \(exitCodes.dropFirst(5).joined(separator: ", ")).

      """
  }

  private static var exitCodes: [String] { ExitCode.allCases.map { "\($0.rawValue) \($0.meaning)" } }

  static func text(of command: Command) -> String {
    let flags = command.flags + Commands.commonFlags
    let names = flags.map { ($0.short.map { $0 + ", " } ?? "") + $0.name + ($0.value.map { " " + $0 } ?? "") }
    let width = names.map(\.count).max() ?? 0
    let lines = zip(flags, names).map { flag, name in
      "  \(pad(name, width))  \(flag.help)" + (flag.choices.map { " (\($0.joined(separator: ", ")))" } ?? "")
    }
    let examples = command.examples.map { "  \($0.line)\n      \($0.does)" }
    return """
      \(command.summary)

      Usage: cispec \(command.name) [FLAGS]\(command.operands.isEmpty ? "" : " " + command.operands)

      Flags:
      \(lines.joined(separator: "\n"))

      Examples:
      \(examples.joined(separator: "\n"))

      """
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
