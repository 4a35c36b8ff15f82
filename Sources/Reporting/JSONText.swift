/// Writes JSON text with its keys in the order they are given.
struct JSONText {
  private(set) var text = ""
  private var needsComma = false

  /// One object on one line.
  static func object(_ body: (inout JSONText) -> Void) -> String {
    var json = JSONText()
    json.object(body)
    return json.text
  }

  mutating func object(_ body: (inout JSONText) -> Void) {
    open("{")
    body(&self)
    close("}")
  }

  mutating func array<Element>(_ elements: some Sequence<Element>, _ body: (inout JSONText, Element) -> Void) {
    open("[")
    for element in elements { body(&self, element) }
    close("]")
  }

  mutating func key(_ name: String) {
    separate()
    text += Self.quoted(name) + ":"
    needsComma = false
  }

  mutating func value(_ string: String?) { raw(string.map(Self.quoted) ?? "null") }
  mutating func value(_ integer: Int?) { raw(integer.map(String.init) ?? "null") }
  mutating func value(_ flag: Bool) { raw(flag ? "true" : "false") }

  /// Seconds with three decimals.
  mutating func seconds(_ seconds: Double) { raw(decimalSeconds(seconds)) }

  mutating func pair(_ name: String, _ string: String?) {
    key(name)
    value(string)
  }

  mutating func pair(_ name: String, _ integer: Int?) {
    key(name)
    value(integer)
  }

  private mutating func raw(_ piece: String) {
    separate()
    text += piece
    needsComma = true
  }

  private mutating func open(_ bracket: String) {
    separate()
    text += bracket
    needsComma = false
  }

  private mutating func close(_ bracket: String) {
    text += bracket
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { text += "," }
    needsComma = false
  }

  static func quoted(_ string: String) -> String {
    var result = "\""
    result.reserveCapacity(string.utf8.count + 2)
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      // Line separators end a line for some readers of JSON Lines; the rest are control characters.
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// Seconds with at most three decimals and a point, as the strictest reader of JUnit wants them.
func decimalSeconds(_ seconds: Double) -> String {
  let milliseconds = Int((max(0, seconds) * 1000).rounded())
  let fraction = String(milliseconds % 1000)
  return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
}
