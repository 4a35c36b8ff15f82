internal import CaseLibrary
internal import Recording
internal import Signing

/// Key pairs from where they may come from: a file or the environment, never a flag.
enum Secrets {
  static let fileFlag = Flag(
    name: "--secret-file", value: "FILE",
    help: "Key pairs, a line SecretId:SecretKey each; else CISPEC_SECRET_ID, CISPEC_SECRET_KEY and CISPEC_TOKEN.")

  /// A pair that is plainly fake, for the embedded emulator: the one that recordings are signed with.
  static let fake = Identities.substitute(0)

  /// All pairs that were given; empty when none was.
  static func read(_ arguments: Arguments, _ environment: Environment) throws -> [Credentials] {
    if let path = arguments["--secret-file"] { return try pairs(inFile: path) }
    let (id, key) = (environment.variables["CISPEC_SECRET_ID"], environment.variables["CISPEC_SECRET_KEY"])
    guard let id, let key, !id.isEmpty, !key.isEmpty else {
      guard (id ?? "").isEmpty, (key ?? "").isEmpty else {
        throw CommandError(
          .usage, "only one of CISPEC_SECRET_ID and CISPEC_SECRET_KEY is set",
          hint: "Set \((id ?? "").isEmpty ? "CISPEC_SECRET_ID" : "CISPEC_SECRET_KEY") too; both belong together.")
      }
      return []
    }
    let token = environment.variables["CISPEC_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
    return [Credentials(secretID: id, secretKey: key, token: token)]
  }

  /// The first pair; asks for one when there is none.
  static func one(_ arguments: Arguments, _ environment: Environment) throws -> Credentials {
    guard let first = try read(arguments, environment).first else {
      throw CommandError(
        .usage, "no key pair was given",
        hint: "Set CISPEC_SECRET_ID and CISPEC_SECRET_KEY, or write SecretId:SecretKey into a file for --secret-file.")
    }
    return first
  }

  private static func pairs(inFile path: String) throws -> [Credentials] {
    let bytes = RequestOperand.withoutByteOrderMark(try Files.read(path, bytesMax: 1 << 20))
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CommandError(.unreadable, "\(path): a file of key pairs is text in UTF-8")
    }
    var pairs: [Credentials] = []
    var lines: [String: (number: Int, key: String)] = [:]
    // By the bytes: CR LF is one Character, and no line would end there.
    for (index, line) in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      let line = line.last == 0x0D ? line.dropLast() : line
      if line.isEmpty || line.first == 0x23 { continue }
      // The line itself is never shown: it may hold a key.
      guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex, line.index(after: colon) < line.endIndex
      else {
        throw CommandError(.unreadable, "\(path):\(index + 1): a line SecretId:SecretKey is expected here")
      }
      let (id, key) = (String(Substring(line[..<colon])), String(Substring(line[line.index(after: colon)...])))
      if let first = lines[id], !first.key.utf8.elementsEqual(key.utf8) {
        throw CommandError(
          .unreadable, "\(path):\(index + 1): the SecretId of line \(first.number) stands here with another key",
          hint: "Leave the line whose key holds.")
      }
      lines[id] = lines[id] ?? (index + 1, key)
      pairs.append(Credentials(secretID: id, secretKey: key))
    }
    guard !pairs.isEmpty else { throw CommandError(.unreadable, "\(path): there is no key pair in it") }
    return pairs
  }
}
