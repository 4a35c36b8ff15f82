public import Findings

/// The scorecard of a server for people, programs, pages and badges.
public enum ScorecardText {
  private static let heads: [(aspect: Scorecard.Aspect, title: String)] = [
    (.request, "request parsing"), (.signature, "signature"), (.answer, "answer"), (.states, "states"),
  ]

  /// `met/asked`, and how many were not sent.
  private static func cell(_ tally: Scorecard.Tally?) -> String {
    guard let tally else { return "–" }
    let open = tally.open > 0 ? " (\(tally.open) open)" : ""
    return (tally.asked == 0 ? "–" : "\(tally.met)/\(tally.asked)") + open
  }

  private static func rows(of card: Scorecard) -> [[String]] {
    card.rows.map { row in [row.operation] + heads.map { cell(row.tallies[$0.aspect]) } }
  }

  private static func levels(of card: Scorecard) -> [(name: String, tally: Scorecard.Tally)] {
    Requirement.Level.allCases.compactMap { level in card.levels[level].map { (level.rawValue, $0) } }
  }

  public static func text(of card: Scorecard) -> String {
    let table = [["operation"] + heads.map(\.title)] + rows(of: card)
    let widths = table[0].indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    let lines = table.map { cells in
      zip(cells, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        .trimmingTrailingBlanks
    }
    let totals = levels(of: card).map { "\($0.name) \(cell($0.tally))" }.joined(separator: ", ")
    return "\n" + lines.joined(separator: "\n") + "\n\ncases by level: \(totals)\n"
  }

  public static func markdown(of card: Scorecard, report: Report) -> String {
    let head = ["operation"] + heads.map(\.title)
    let lines =
      ["| " + head.joined(separator: " | ") + " |", "|" + String(repeating: "---|", count: head.count)]
      + rows(of: card).map { "| " + $0.joined(separator: " | ") + " |" }
    let totals = levels(of: card).map { "\($0.name) \(cell($0.tally))" }.joined(separator: ", ")
    return
      "# Scorecard of \(report.target)\n\ncispec \(report.kitVersion), data sha256:\(report.dataDigest.prefix(12)). "
      + "Cases by level: \(totals).\n\n" + lines.joined(separator: "\n") + "\n"
  }

  /// Keys: format, kit, data, target, asExpected, operations, levels; docs/Formats.md describes it.
  public static func json(of card: Scorecard, report: Report) -> String {
    func write(_ tally: Scorecard.Tally?, _ json: inout JSONText) {
      json.object { json in
        json.pair("met", tally?.met ?? 0)
        json.pair("missed", tally?.missed ?? 0)
        json.pair("open", tally?.open ?? 0)
      }
    }
    return JSONText.object { json in
      json.pair("format", 1)
      json.pair("kit", report.kitVersion)
      json.pair("data", report.dataDigest)
      json.pair("target", report.target)
      json.key("asExpected")
      json.value(report.isAsExpected)
      json.key("operations")
      json.array(card.rows) { json, row in
        json.object { json in
          json.pair("operation", row.operation)
          for (aspect, _) in heads {
            json.key(aspect.rawValue)
            write(row.tallies[aspect], &json)
          }
        }
      }
      json.key("levels")
      json.object { json in
        for (name, tally) in levels(of: card) {
          json.key(name)
          write(tally, &json)
        }
      }
    } + "\n"
  }

  /// The endpoint form of shields.io: schemaVersion, label, message, color.
  public static func badge(of card: Scorecard) -> String {
    let (total, must) = (card.total, card.levels[.must] ?? Scorecard.Tally())
    let colour = total.asked == 0 ? "lightgrey" : must.missed > 0 ? "red" : total.missed > 0 ? "yellow" : "brightgreen"
    return JSONText.object { json in
      json.pair("schemaVersion", 1)
      json.pair("label", "cispec server")
      json.pair("message", "\(total.met)/\(total.asked)")
      json.pair("color", colour)
    } + "\n"
  }
}

extension String {
  fileprivate var trimmingTrailingBlanks: String {
    String(reversed().drop { $0 == " " }.reversed())
  }
}
