internal import CaseLibrary

extension Commands {
  static let manCommand = Command(
    name: "man", summary: "Write the manual page of cispec or of one of its commands, as roff.",
    operands: "[COMMAND]",
    flags: [
      Flag(name: "--out", value: "DIR", help: "Write all pages into this folder, cispec.1 and cispec-COMMAND.1.")
    ],
    examples: [
      ("cispec man run | man -l -", "read one"),
      ("cispec man --out ~/.local/share/man/man1", "install them; then man cispec-run"),
    ],
    operandWords: { Commands.all.map(\.name) },
    run: man)

  private static func man(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    let date = environment.variables["SOURCE_DATE_EPOCH"].flatMap(Double.init).map { CalendarDay(ofTime: $0) }
    let pages = ManualPages(date: date?.description ?? "", commands: all)
    guard arguments.operands.count <= 1 else { throw CommandError(.usage, "one command is to be named at most") }
    guard let folder = arguments["--out"] else {
      environment.output.write(try arguments.operands.first.map { pages.page(of: try command($0)) } ?? pages.overview)
      return .success
    }
    guard arguments.operands.isEmpty else { throw CommandError(.usage, "--out writes all pages: name no command") }
    let texts = [("cispec.1", pages.overview)] + all.map { ("cispec-\($0.name).1", pages.page(of: $0)) }
    do {
      try Files.makeFolder(folder)
      for (name, text) in texts { try Files.write(Array(text.utf8), to: "\(folder)/\(name)") }
    } catch {
      throw CommandError(.reportNotWritten, "the page \(error.description)")
    }
    return .success
  }
}

/// Manual pages in the macros of man(7), made from the table of commands and flags.
struct ManualPages {
  /// Shown at the foot, such as `2027-01-31`; may be empty.
  var date: String
  var commands: [Command]

  var overview: String {
    let list = commands.map { command in
      ".TP\n.BR cispec\\-\(text(command.name)) (1)\n\(line(command.summary))"
    }
    return head("CISPEC") + """
      .SH NAME
      cispec \\- conformance kit for the XML job API of Tencent Cloud Infinite
      .SH SYNOPSIS
      .B cispec
      .I COMMAND
      .RI [ FLAGS ]
      .RI [ OPERANDS ]
      .SH COMMANDS
      \(list.joined(separator: "\n"))
      \(exitStatus)
      .SH ENVIRONMENT
      .TP
      .B CISPEC_DATA
      The folder with the data, when it is neither beside nor above the program nor in ../share/cispec.
      .TP
      .BR CISPEC_SECRET_ID ", " CISPEC_SECRET_KEY ", " CISPEC_TOKEN
      The key pair that requests are signed with, and the token of temporary credentials.
      .TP
      .B CISPEC_PROJECT
      The project file, when it is not cispec.json of the folder that the program is started in.
      .TP
      .BI CISPEC_ FLAG
      A flag that is not given, such as CISPEC_FAIL_ON for \\-\\-fail\\-on.
      .TP
      .BR NO_COLOR ", " FORCE_COLOR ", " CLICOLOR_FORCE
      Whether output is coloured when it is no terminal, or not coloured when it is one.
      .SH FILES
      .TP
      .I cispec.json
      Flags of commands; the command line and the environment beat it.

      """
  }

  func page(of command: Command) -> String {
    let flags = (command.flags + Commands.commonFlags).map { flag in
      let names = flag.names.map { "\\fB\(text($0))\\fR" }.joined(separator: ", ")
      let value = flag.value.map { " \\fI\(text($0))\\fR" } ?? ""
      let choices = flag.choices.map { " (\($0.joined(separator: ", ")))" } ?? ""
      return ".TP\n\(names)\(value)\n\(line(flag.help + choices))"
    }
    let examples = command.examples.map { ".TP\n\\fB\(text($0.line))\\fR\n\(line($0.does))" }
    let operands = command.operands.isEmpty ? "" : "\n.I \"\(text(command.operands).replacing("\"", with: "\\(dq"))\""
    return head("CISPEC-\(command.name.uppercased())") + """
      .SH NAME
      cispec\\-\(text(command.name)) \\- \(text(command.summary))
      .SH SYNOPSIS
      .B cispec \(text(command.name))
      .RI [ FLAGS ]\(operands)
      .SH FLAGS
      \(flags.joined(separator: "\n"))
      .SH EXAMPLES
      \(examples.joined(separator: "\n"))
      \(exitStatus)
      .SH SEE ALSO
      .BR cispec (1)

      """
  }

  private func head(_ title: String) -> String {
    ".TH \(text(title)) 1 \"\(date)\" \"cispec \(text(Commands.version))\" \"cispec\"\n.nh\n.ad l\n"
  }

  private var exitStatus: String {
    let rows = ExitCode.allCases.map { ".TP\n.B \($0.rawValue)\n\(line($0.meaning))" }
    return ".SH EXIT STATUS\n" + rows.joined(separator: "\n")
  }

  /// Text that starts a line: a dot or quote there would be a command of roff.
  private func line(_ words: String) -> String {
    let text = text(words)
    return (text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" : "") + text
  }

  /// Text with what roff would read as something else written out; hyphens are those that one can copy.
  private func text(_ words: String) -> String {
    words.unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "\\": text += "\\e"
      case "-": text += "\\-"
      case "'": text += "\\(aq"
      case "`": text += "\\(ga"
      case "^": text += "\\(ha"
      case "~": text += "\\(ti"
      case _ where !scalar.isASCII:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        text += "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
