internal import Reporting

/// Text for people that may hold names, answers and messages from outside.
enum TameText {
  /// The text without what a terminal obeys, the kit's own colours excepted; tabs stay.
  static func forTerminal(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { isObeyed($0) && $0 != "\t" }) else { return text }
    var result = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let scalar = rest.first {
      if let colour = colour(at: rest) {
        result.append(contentsOf: rest.prefix(colour))
        rest = rest.dropFirst(colour)
      } else {
        result.append(isObeyed(scalar) && scalar != "\t" ? "\u{FFFD}" : scalar)
        rest = rest.dropFirst()
      }
    }
    return String(result)
  }

  /// The same, and no line that a CI takes for one of its commands, behind whatever blanks.
  static func forLog(_ text: String) -> String {
    let text = forTerminal(text)
    guard text.contains("::") || text.contains("##[") else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let start = line.drop { $0 == " " || $0 == "\t" }
      return start.hasPrefix("::") || start.hasPrefix("##[") ? "| " + line : String(line)
    }.joined(separator: "\n")
  }

  /// How many scalars the escape sequence of a colour has that stands here; nil when none does.
  private static func colour(at text: Substring.UnicodeScalarView) -> Int? {
    guard text.starts(with: "\u{1B}[".unicodeScalars) else { return nil }
    let digits = text.dropFirst(2).prefix { ("0"..."9").contains($0) || $0 == ";" }
    return text.dropFirst(2 + digits.count).first == "m" ? digits.count + 3 : nil
  }
}
