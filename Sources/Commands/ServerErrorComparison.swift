internal import Adapting
internal import CaseLibrary
internal import HTTPExchange
internal import Reporting
internal import Signing

/// A request held against what a server, in the body of its 403, says it signed.
struct ServerErrorComparison {
  private let echo: ServerEcho
  private let differences: [ServerEcho.Difference]
  private let request: HTTPRequest
  private let verifier: Verifier

  private static let bytesMax = 1 << 16

  init(file: String, request: HTTPRequest, verifier: Verifier) throws {
    let bytes = try RequestOperand.bytes(of: file, bytesMax: Self.bytesMax)
    do {
      echo = try ServerEcho(parsing: String(decoding: bytes, as: UTF8.self))
    } catch {
      throw CommandError(
        .unreadable, "\(file): \(error.description)",
        hint: "It is the body of an answer 403 SignatureDoesNotMatch, with the nodes StringToSign and FormatString.")
    }
    do {
      differences = try echo.differences(from: request)
    } catch {
      throw CommandError(.unreadable, "the signature of the request cannot be read: \(error.description)")
    }
    self.request = request
    self.verifier = verifier
  }

  /// What differs, then what the signature is of, as far as a key tells.
  func text(isColoured: Bool) -> String {
    let text = PlainText(isColoured: isColoured)
    var lines = differences.flatMap { self.lines(of: $0, text) }
    if !echo.isWhole {
      lines.append(
        "note: the SHA-1 of the quoted FormatString is not the one in StringToSign: quoting has changed it, "
          + "so some of this may not be the server's doing")
    }
    let count = differences.count
    let verdict =
      count == 0
      ? hasOtherDigest
        ? "FormatString is that of the request, but the digest in StringToSign is of another text."
        : "the server built the same strings from the request."
      : "the server saw \(count == 1 ? "one input" : "\(count) inputs") otherwise: "
        + differences.map(Self.name).joined(separator: ", ") + "."
    lines.append(text.coloured("not valid", "1;31") + ": " + text.shown(verdict))
    lines.append(text.shown(signatureSentence))
    return lines.joined(separator: "\n") + "\n"
  }

  /// Whether nothing differs in what the server shows, and it hashed something else.
  private var hasOtherDigest: Bool { differences.isEmpty && !echo.hasDigest(of: request) }

  private static func name(_ difference: ServerEcho.Difference) -> String {
    difference.input.rawValue + (difference.name.map { " \($0)" } ?? "")
  }

  private func lines(of difference: ServerEcho.Difference, _ text: PlainText) -> [String] {
    var lines = [text.coloured(text.shown(Self.name(difference)), "1;36")]
    switch (difference.sent, difference.seen) {
    case (let sent?, let seen?): lines += TextDifference(expected: sent, actual: seen, sides: .sentAndSeen).lines
    case (let sent?, nil): lines.append("  sent:     \(StageText.shown(sent))\n  seen:     it is not in FormatString")
    case (nil, let seen): lines.append("  sent:     it is not signed\n  seen:     \(StageText.shown(seen ?? ""))")
    }
    if let remark = difference.remark { lines.append("  cause:    \(remark)") }
    return lines
  }

  /// Whether the client's signature is right for what it sent and for what the server signed.
  private var signatureSentence: String {
    guard let authorization = verifier.authorization(of: request) else {
      return "The request carries no signature, so nothing can be said of it."
    }
    guard let secretKey = verifier.secretKey(authorization.secretID) else {
      return differences.isEmpty
        ? "What is left is the SecretKey, or how the signature was made of it: give the key of "
          + "\(authorization.secretID) to tell them apart."
        : "With the key of \(authorization.secretID), the signature itself would be checked too."
    }
    if echo.signature(secretKey: secretKey, keyTime: authorization.keyTime) == authorization.signature {
      return differences.isEmpty
        ? "The signature is right for the server's strings and this SecretKey: the server has another key for "
          + "\(authorization.secretID)."
        : "The signature is right for what the server saw, not for the request as written here: another one was signed, "
          + "and the server has another key for \(authorization.secretID)."
    }
    let inTime = TimeSpan(parsing: authorization.signTime)?.start ?? 0
    switch verifier.outcome(for: request, now: inTime) {
    case .valid:
      return "The signature is right for the request as written here: "
        + (hasOtherDigest ? "what the server hashed is not what it shows." : "it was changed on the way.")
    case let outcome: return "The signature is wrong already: " + OutcomeText.sentence(outcome, now: inTime)
    }
  }
}

/// What a verifier found, as a sentence.
enum OutcomeText {
  static func sentence(_ outcome: Verifier.Outcome, now: Int64) -> String {
    switch outcome {
    case .valid: "the signature is right."
    case .missing: "first difference at Authorization: the request carries no signature, neither header nor query."
    case .malformed(let reason): "first difference at Authorization: \(reason)."
    case .unknownSecretID(let authorization): "there is no secret key for the SecretId '\(authorization.secretID)'."
    case .notYetValid(let authorization):
      "first difference at KeyTime: it is \(now), before the span of the signature \(authorization.signTime)."
    case .expired(let authorization):
      "first difference at KeyTime: it is \(now), after the span of the signature \(authorization.signTime) "
        + "(key \(authorization.keyTime))."
    case .mismatch(_, _, let difference) where difference.absentName != nil:
      absence(difference.absentName ?? "", difference)
    case .mismatch(_, _, let difference):
      "first difference at \(difference.stage): \(difference.explanation)."
        + (difference.mistake.map { "\n  mistake:  \($0)" } ?? "")
        + (difference.otherMistakes.isEmpty ? "" : "\n  or:       " + difference.otherMistakes.joined(separator: ", "))
        + "\n"
        + TextDifference(expected: difference.expected, actual: difference.actual).lines.joined(separator: "\n")
    }
  }

  /// A name that is listed as signed and not in the request.
  private static func absence(_ listed: String, _ difference: Verifier.Difference) -> String {
    let isHeader = difference.stage == "HeaderList"
    let decoded = PercentCoding.decode(listed, plusIsSpace: false)
    let name =
      isHeader
      ? decoded.split(separator: "-", omittingEmptySubsequences: false).map(capitalized).joined(separator: "-")
      : decoded
    let hint =
      isHeader
      ? "Give it as it was sent: -H '\(name): …' with a URL, or a line of the request in a file."
      : "Give the target with it, as it was sent."
    return
      "first difference at \(difference.stage): \(isHeader ? name : "the parameter '\(name)'") is signed and not in "
      + "the request.\n  signed:   \(difference.actual)\n  there:    "
      + (difference.expected.isEmpty ? "none of them" : difference.expected) + "\n  hint:     \(hint)"
  }

  /// Header names are written so; their case has no meaning.
  private static func capitalized(_ word: Substring) -> String { word.prefix(1).uppercased() + word.dropFirst() }
}
