extension Commands {
  static let completionCommand = Command(
    name: "completion", summary: "Write the completion of commands, flags and values for a shell.",
    operands: "bash|zsh|fish",
    flags: [],
    examples: [
      ("eval \"$(cispec completion bash)\"", "in this bash; in ~/.bashrc for every one"),
      ("cispec completion bash > ~/.local/share/bash-completion/completions/cispec", "for bash-completion"),
      ("cispec completion zsh > \"${fpath[1]}/_cispec\"", "for zsh, before compinit"),
      ("cispec completion fish > ~/.config/fish/completions/cispec.fish", "for fish"),
    ],
    operandWords: { CompletionShell.allCases.map(\.rawValue) },
    run: completion)

  private static func completion(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard arguments.operands.count == 1, let shell = CompletionShell(rawValue: arguments.operands[0]) else {
      throw CommandError(.usage, "one shell is to be named: bash, zsh or fish")
    }
    environment.output.write(shell.script(for: all))
    return .success
  }
}

/// A shell that completions are written for.
enum CompletionShell: String, CaseIterable {
  case bash, zsh, fish

  /// The script that completes the commands of a table.
  func script(for commands: [Command]) -> String {
    switch self {
    case .bash: BashCompletion.script(for: commands)
    case .zsh: ZshCompletion.script(for: commands)
    case .fish: FishCompletion.script(for: commands)
    }
  }
}

extension Flag {
  /// What a shell offers for a value.
  enum Offer {
    case words([String])
    /// Words that something is written behind.
    case prefixes([String])
    case files
    case folders
    /// Nothing that a shell could know.
    case nothing
  }

  var offer: Offer {
    if let choices { return .words(choices) }
    if let prefixes { return .prefixes(prefixes) }
    return switch value {
    case "FILE": .files
    case "DIR": .folders
    default: .nothing
    }
  }

  var names: [String] { [short, name].compactMap { $0 } }
}

private enum BashCompletion {
  static func script(for commands: [Command]) -> String {
    let names = commands.map(\.name).joined(separator: " ")
    return """
      # bash completion of cispec, from its table of flags.
      _cispec() {
        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} flags='' operands=''
        COMPREPLY=()
        # bash divides --flag=value at its sign.
        [ "$word" != = ] || word=''
        [ "$before" != = ] || before=${COMP_WORDS[COMP_CWORD - 2]}
        if [ "$COMP_CWORD" -le 1 ]; then
          COMPREPLY=($(compgen -W '\(names) help --help --version' -- "$word"))
          return
        fi
        case ${COMP_WORDS[1]} in
          help) operands='\(names)' ;;
      \(commands.map(branch).joined(separator: "\n"))
        esac
        case $word in
          -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
          *) COMPREPLY=($(compgen -W "$operands" -- "$word")) ;;
        esac
      }
      complete -o bashdefault -o default -F _cispec cispec

      """
  }

  private static func branch(_ command: Command) -> String {
    let flags = command.flags + Commands.commonFlags
    let values = flags.compactMap(value).joined(separator: "\n")
    return """
          \(command.name))
            case $before in
      \(values)
            esac
            flags='\(flags.flatMap(\.names).joined(separator: " "))'
            operands='\(command.operandWords().joined(separator: " "))' ;;
      """
  }

  /// What is offered after a flag; without an offer bash offers files.
  private static func value(_ flag: Flag) -> String? {
    guard flag.value != nil else { return nil }
    let pattern = flag.names.joined(separator: "|")
    return switch flag.offer {
    case .words(let words):
      "        \(pattern)) COMPREPLY=($(compgen -W '\(words.joined(separator: " "))' -- \"$word\")); return ;;"
    case .prefixes(let prefixes):
      "        \(pattern)) compopt -o nospace 2>/dev/null; "
        + "COMPREPLY=($(compgen -W '\(prefixes.joined(separator: " "))' -- \"$word\")); return ;;"
    case .folders: "        \(pattern)) COMPREPLY=($(compgen -d -- \"$word\")); return ;;"
    case .files, .nothing: "        \(pattern)) return ;;"
    }
  }
}

private enum ZshCompletion {
  static func script(for commands: [Command]) -> String {
    let names = commands.map { "    \(quoted("\($0.name):\(escaped($0.summary))"))" }.joined(separator: "\n")
    return """
      #compdef cispec
      # zsh completion of cispec, from its table of flags.
      _cispec() {
        local curcontext="$curcontext" state
        local -a line commands
        commands=(
      \(names)
          'help:Show the help of a command.'
        )
        _arguments -C '(- *)--version[Show the versions.]' '(- *)--help[Show the commands.]' \\
          '1:command:->command' '*::operand:->rest'
        case $state in
          command) _describe -t commands command commands ;;
          rest)
            case $line[1] in
              help) _arguments '1:command:(\(commands.map(\.name).joined(separator: " ")))' ;;
      \(commands.map(branch).joined(separator: "\n"))
            esac ;;
        esac
      }
      if [ "${funcstack[1]}" = _cispec ]; then _cispec "$@"; else compdef _cispec cispec; fi

      """
  }

  private static func branch(_ command: Command) -> String {
    let flags = (command.flags + Commands.commonFlags).flatMap(specifications)
    let words = command.operandWords()
    let operands = words.isEmpty ? "'*:operand:_files'" : "'1:operand:(\(words.joined(separator: " ")))'"
    let lines = (flags + [operands]).map { "            \($0)" }.joined(separator: " \\\n")
    return "        \(command.name)) _arguments \\\n\(lines) ;;"
  }

  private static func specifications(of flag: Flag) -> [String] {
    flag.names.map { name in
      let help = "[\(escaped(flag.help))]"
      guard let value = flag.value else { return quoted(name + help) }
      let action =
        switch flag.offer {
        case .words(let words): "(\(words.joined(separator: " ")))"
        case .prefixes(let prefixes): "_values -S '' \(value) \(prefixes.joined(separator: " "))"
        case .files: "_files"
        case .folders: "_files -/"
        case .nothing: " "
        }
      let sign = name.hasPrefix("--") ? "=" : "+"
      return quoted("\(flag.repeats ? "*" : "")\(name)\(sign)\(help):\(escaped(value)):\(action)")
    }
  }

  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { $0 += "[]:\\".contains($1) ? "\\\($1)" : "\($1)" }
  }

  private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }
}

private enum FishCompletion {
  static func script(for commands: [Command]) -> String {
    let names = commands.map(\.name).joined(separator: " ")
    let lines = commands.flatMap { command in
      ["complete -c cispec -n __fish_use_subcommand -f -a \(command.name) -d \(quoted(command.summary))"]
        + (command.flags + Commands.commonFlags).map { line(for: $0, of: command) } + operands(of: command)
    }
    return """
      # fish completion of cispec, from its table of flags.
      complete -c cispec -e
      complete -c cispec -n __fish_use_subcommand -f -l version -d 'Show the versions.'
      complete -c cispec -n __fish_use_subcommand -f -a help -d 'Show the help of a command.'
      complete -c cispec -n '__fish_seen_subcommand_from help' -f -a \(quoted(names))
      \(lines.joined(separator: "\n"))

      """
  }

  private static func line(for flag: Flag, of command: Command) -> String {
    let condition = "complete -c cispec -n '__fish_seen_subcommand_from \(command.name)'"
    let names = "-l \(flag.name.dropFirst(2))" + (flag.short.map { " -s \($0.dropFirst())" } ?? "")
    let value =
      switch flag.offer {
      case _ where flag.value == nil: ""
      case .words(let words): " -x -a \(quoted(words.joined(separator: " ")))"
      case .prefixes(let prefixes): " -x -a \(quoted(prefixes.joined(separator: " ")))"
      case .files: " -r -F"
      case .folders: " -x -a '(__fish_complete_directories)'"
      case .nothing: " -x"
      }
    return "\(condition) \(names)\(value) -d \(quoted(flag.help))"
  }

  private static func operands(of command: Command) -> [String] {
    let words = command.operandWords()
    guard !words.isEmpty else { return [] }
    return [
      "complete -c cispec -n '__fish_seen_subcommand_from \(command.name)' -f -a \(quoted(words.joined(separator: " ")))"
    ]
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
  }
}
