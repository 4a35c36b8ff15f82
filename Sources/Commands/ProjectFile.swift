internal import CaseLibrary
internal import Findings

/// What flags are when the command line does not say: the environment's `CISPEC_…`, else `cispec.json` in the folder
/// that the program is started in, or the file that `CISPEC_PROJECT` names.
///
/// The file has an object for each command, whose keys are the names of its flags:
/// `{"format": 1, "run": {"manifest": "cases.json", "report": ["junit=cispec.xml"]}}`.
enum ProjectFile {
  private static let defaultName = "cispec.json"
  private static let bytesMax = 1 << 20

  static func complete(_ arguments: inout Arguments, of command: Command, _ environment: Environment) throws {
    for flag in command.flags where flag.value != nil {
      let name = "CISPEC_" + String(flag.name.dropFirst(2).map { $0 == "-" ? "_" : $0 }).uppercased()
      guard let value = environment.variables[name], !value.isEmpty else { continue }
      do {
        try arguments.complete(flag, with: [value])
      } catch let error as CommandError {
        throw CommandError(error.code, "the variable \(name): \(error.sentence)", hint: error.hint)
      }
    }
    let named = environment.variables["CISPEC_PROJECT"].flatMap { $0.isEmpty ? nil : $0 }
    guard let file = named ?? (Files.exists(defaultName) ? defaultName : nil) else { return }
    let input = try JSONInput(file, bytesMax: bytesMax)
    try input.checkFormat()
    for member in input.value.members ?? [] where !["format", "$schema"].contains(member.key) {
      guard let named = Commands.all.first(where: { $0.name == member.key }) else {
        throw unknown(member, "command", among: Commands.all.map(\.name), in: input)
      }
      for (flag, words) in try flags(of: named, in: member.value, input) where named.name == command.name {
        do {
          try arguments.complete(flag, with: words)
        } catch let error as CommandError {
          throw input.error(at: member.value.offset, error.sentence, hint: error.hint)
        }
      }
    }
  }

  /// Every flag that a command is given, with its words; all are checked, whichever command is run.
  private static func flags(
    of command: Command, in value: JSONValue, _ input: JSONInput
  ) throws -> [(Flag, [String])] {
    guard let members = value.members else {
      throw input.error(at: value.offset, "an object of flags is expected here")
    }
    return try members.map { member in
      guard let flag = command.flags.first(where: { $0.name == "--" + member.key }) else {
        throw unknown(
          member, "flag of \(command.name)", among: command.flags.map { String($0.name.dropFirst(2)) }, in: input)
      }
      return (flag, try words(of: member, for: flag, input))
    }
  }

  private static func words(of member: JSONMember, for flag: Flag, _ input: JSONInput) throws -> [String] {
    if flag.value == nil {
      guard let isSet = member.value.flag else {
        throw input.error(at: member.value.offset, "true or false is expected here")
      }
      return isSet ? [""] : []
    }
    let values = flag.repeats ? member.value.array ?? [member.value] : [member.value]
    return try values.map { value in
      guard let word = value.string ?? value.integer.map(String.init) else {
        throw input.error(at: value.offset, "'\(member.key)' is a text or a whole number")
      }
      return word
    }
  }

  private static func unknown(
    _ member: JSONMember, _ what: String, among names: [String], in input: JSONInput
  ) -> CommandError {
    input.error(
      at: member.offset, "'\(member.key)' is no \(what)",
      hint: nearestName(to: member.key, among: names).map { "Did you mean \($0)?" })
  }
}
