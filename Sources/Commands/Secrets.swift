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
          .unreadable, "Only one of CISPEC_SECRET_ID and CISPEC_SECRET_KEY is set; both belong together")
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
    guard let text = String(validating: try Files.read(path, bytesMax: 1 << 20), as: UTF8.self) else {
      throw CommandError(.unreadable, "\(path): a file of key pairs is text in UTF-8")
    }
    var pairs: [Credentials] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = line.last == "\r" ? line.dropLast() : line
      if line.isEmpty || line.hasPrefix("#") { continue }
      // The line itself is never shown: it may hold a key.
      guard let colon = line.firstIndex(of: ":"), colon > line.startIndex, line.index(after: colon) < line.endIndex
      else {
        throw CommandError(.unreadable, "\(path):\(index + 1): a line SecretId:SecretKey is expected here")
      }
      pairs.append(
        Credentials(secretID: String(line[..<colon]), secretKey: String(line[line.index(after: colon)...])))
    }
    guard !pairs.isEmpty else { throw CommandError(.unreadable, "\(path): there is no key pair in it") }
    return pairs
  }
}
