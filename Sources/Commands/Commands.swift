internal import CaseLibrary
internal import Findings
internal import HTTPTransport
internal import XMLValidation

/// The program: finds the command, runs it, turns what goes wrong into a sentence and an exit code.
public enum Commands {
  /// The version of the kit.
  public static let version = "0.1.0"

  static let all: [Command] = [
    runCommand, validateCommand, corpusCommand, explainCommand, coverageCommand, replayCommand, compareCommand,
    serverCommand, recordCommand, importCommand, exportCommand, serveCommand, judgeCommand, callbackCommand,
    signCommand, verifyCommand, presignCommand, vectorsCommand, clientCommand, smokeCommand, adapterCommand,
    mutantsCommand, listCommand, mergeCommand, diffCommand, completionCommand, manCommand,
  ]

  static let commonFlags = [Flag(name: "--help", short: "-h", value: nil, help: "Show this help.")]

  /// Runs the program and returns its exit code.
  ///
  /// - Parameter arguments: the words after the program's name.
  public static func main(_ arguments: [String], _ environment: Environment) -> ExitCode {
    do {
      return try run(arguments, environment)
    } catch let error as CommandError {
      report(error, environment)
      return error.code
    } catch let error as FileError {
      report(CommandError(.unreadable, error.description), environment)
    } catch let error as DataError {
      report(CommandError(.unreadable, error.description), environment)
    } catch let error as SchemaError {
      report(CommandError(.unreadable, error.description), environment)
    } catch let error as EndpointError {
      report(CommandError(.usage, error.description), environment)
      return .usage
    } catch let error as ServerError {
      report(CommandError(.targetUnusable, error.description), environment)
      return .targetUnusable
    } catch {
      report(CommandError(.internalFault, "\(error)", hint: "This is a fault of cispec itself."), environment)
      return .internalFault
    }
    return .unreadable
  }

  private static func report(_ error: CommandError, _ environment: Environment) {
    let prefix = environment.isColoured(environment.errors) ? "\u{1B}[1;31merror\u{1B}[0m" : "error"
    environment.errors.writeLine("\(prefix): \(error.sentence)")
    if let hint = error.hint { environment.errors.writeLine("hint: \(hint)") }
  }

  private static func run(_ arguments: [String], _ environment: Environment) throws -> ExitCode {
    guard let first = arguments.first else {
      environment.errors.write(Help.overview)
      return .usage
    }
    switch first {
    case "--help", "-h", "help":
      let name = arguments.dropFirst().first
      guard let name, first == "help" else {
        environment.output.write(Help.overview)
        return .success
      }
      environment.output.write(Help.text(of: try command(name)))
      return .success
    case "--version", "-V":
      environment.output.write(try versionText(environment))
      return .success
    default: break
    }
    let command = try command(first)
    var parsed = try Arguments(parsing: Array(arguments.dropFirst()), for: command)
    if parsed.has("--help") {
      environment.output.write(Help.text(of: command))
      return .success
    }
    try ProjectFile.complete(&parsed, of: command, environment)
    return try command.run(parsed, environment)
  }

  static func command(_ name: String) throws -> Command {
    if let command = all.first(where: { $0.name == name }) { return command }
    let near = nearestName(to: name, among: all.map(\.name))
    throw CommandError(
      .usage, "cispec has no \(name.hasPrefix("-") ? "flag" : "command") '\(name)'",
      hint: near.map { "Did you mean '\($0)'?" } ?? "See 'cispec --help' for the commands.")
  }

  private static func versionText(_ environment: Environment) throws -> String {
    "cispec \(version)\nlibxml2 \(LibXML2.version)\ndata sha256:\(try environment.dataFolder().digest())\n"
  }
}
