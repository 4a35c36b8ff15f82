internal import Adapting
internal import Reporting
internal import Signing

/// The stages of a signature for people: names in a column, long values folded where they may be, newlines as ⏎.
struct StageText {
  private static let columnsMax = 100
  private static let gap = 2

  private let text: PlainText
  private let nameColumns = (RequestSignature.stageNames.map(\.name.count).max() ?? 0) + StageText.gap

  init(isColoured: Bool) { text = PlainText(isColoured: isColoured) }

  /// Every stage, under each the notes of an explanation.
  func text(of stages: RequestSignature.Stages, explanation: Explanation? = nil) -> String {
    RequestSignature.stageNames.map { name, value in
      let notes = explanation?.notes[name] ?? []
      return self.lines(name, stages[keyPath: value]) + notes.map(self.lines(of:)).joined()
        + (explanation == nil ? "" : "\n")
    }.joined()
  }

  private func lines(_ name: String, _ value: String) -> String {
    let indent = String(repeating: " ", count: nameColumns)
    let folded = Self.folded(value, columns: Self.columnsMax - nameColumns).enumerated()
    return folded.map { index, line in
      let head = index == 0 ? text.coloured(name, "1;36") + String(indent.dropFirst(name.count)) : indent
      return head + line + "\n"
    }.joined()
  }

  private func lines(of note: Explanation.Note) -> String {
    let indent = "    "
    let words = "\(note.text) [\(note.source)]".split(separator: " ", omittingEmptySubsequences: false)
    var lines: [String] = []
    for word in words {
      if let last = lines.last, last.count + word.count < Self.columnsMax - indent.count - 2 {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines.enumerated().map { index, line in
      text.coloured(indent + (index == 0 ? "- " : "  ") + Self.shown(line), "2") + "\n"
    }.joined()
  }

  /// A value in lines: a new one behind each newline, and behind `&` or `;` when a line gets too long.
  static func folded(_ value: String, columns: Int) -> [String] {
    var lines = [""]
    for piece in pieces(of: value) {
      let shown = shown(piece)
      let isFresh = lines[lines.count - 1].isEmpty || lines[lines.count - 1].hasSuffix("⏎")
      if lines[lines.count - 1].hasSuffix("⏎") || !isFresh && lines[lines.count - 1].count + shown.count > columns {
        lines.append(shown)
      } else {
        lines[lines.count - 1] += shown
      }
    }
    return lines
  }

  /// The value cut behind each newline, `&` and `;`.
  private static func pieces(of value: String) -> [String] {
    var pieces: [String] = [""]
    for scalar in value.unicodeScalars {
      pieces[pieces.count - 1].unicodeScalars.append(scalar)
      if "\n&;".unicodeScalars.contains(scalar) { pieces.append("") }
    }
    return pieces.filter { !$0.isEmpty }
  }

  /// What cannot be seen as a sign that can; blanks stay blanks.
  static func shown(_ text: String) -> String {
    text.unicodeScalars.map { $0 == " " ? " " : TextDifference.shown($0) }.joined()
  }
}
