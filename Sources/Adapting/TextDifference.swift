/// Two texts that differ, as people see it: one under the other, what is invisible made visible, a caret under the first
/// difference, and what stands there in words.
public struct TextDifference {
  /// What the two texts are to each other.
  public enum Sides: Sendable {
    case expectedAndActual
    /// What a client sent and what a server saw of it.
    case sentAndSeen
  }

  var expected: String
  var actual: String
  private var sides: Sides

  public init(expected: String, actual: String, sides: Sides = .expectedAndActual) {
    self.expected = expected
    self.actual = actual
    self.sides = sides
  }

  /// How much of a long text is shown before and after the difference, in scalars.
  private static let before = 40
  private static let after = 60

  /// Lines that begin with two blanks.
  public var lines: [String] {
    let (wanted, got) = (Array(expected.unicodeScalars), Array(actual.unicodeScalars))
    let place = zip(wanted, got).prefix { $0 == $1 }.count
    let start = max(0, place - Self.before)
    let caret = 12 + (start > 0 ? 1 : 0) + wanted[start..<place].reduce(0) { $0 + Self.width(Self.shown($1)) }
    let (one, other) = (Self.words(wanted, place), Self.words(got, place))
    let isSent = sides == .sentAndSeen
    return [
      (isSent ? "  sent:     " : "  expected: ") + excerpt(wanted, from: start, around: place),
      (isSent ? "  seen:     " : "  actual:   ") + excerpt(got, from: start, around: place),
      String(repeating: " ", count: caret) + "^",
      "  there:    "
        + (isSent ? "\(one) was sent, and the server saw \(other)" : "\(one) is expected, and there is \(other)"),
    ]
  }

  private func excerpt(_ text: [Unicode.Scalar], from start: Int, around place: Int) -> String {
    let end = min(text.count, place + Self.after)
    return (start > 0 ? "…" : "") + text[start..<end].map(Self.shown).joined() + (end < text.count ? "…" : "")
  }

  /// A scalar as it is, or as a sign that can be seen.
  public static func shown(_ scalar: Unicode.Scalar) -> String {
    switch scalar.value {
    case 0x0A: return "⏎"
    case 0x20: return "␠"
    case 0..<0x20: return Unicode.Scalar(0x2400 + scalar.value).map(String.init) ?? "?"
    case 0x7F: return "␡"
    default: break
    }
    let category = scalar.properties.generalCategory
    let isInvisible = [
      .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator,
      .nonspacingMark, .enclosingMark, .spacingMark,
    ].contains(category)
    return isInvisible ? "\\u{\(String(scalar.value, radix: 16, uppercase: true))}" : String(scalar)
  }

  /// Columns of a terminal: East Asian signs and pictures take two.
  private static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { columns, scalar in
      switch scalar.value {
      case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
        0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
        columns + 2
      default: columns + 1
      }
    }
  }

  /// What stands at a place: a character, or an escape with what it stands for.
  private static func words(_ text: [Unicode.Scalar], _ place: Int) -> String {
    guard place < text.count else { return "the end" }
    // The difference may be one of the two digits of an escape.
    for start in [place, place - 1, place - 2] where start >= 0 && text[start] == "%" && start + 2 < text.count {
      let digits = String(String.UnicodeScalarView(text[(start + 1)...(start + 2)]))
      guard let byte = UInt8(digits, radix: 16) else { continue }
      let meaning = byte < 0x80 ? "'\(shown(Unicode.Scalar(byte)))'" : "a byte beyond ASCII"
      return "%\(digits) (\(meaning) encoded)"
    }
    return "'\(shown(text[place]))'"
  }
}
