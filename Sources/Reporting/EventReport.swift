public import Findings

/// The report as JSON Lines: `run`, then for each suite `suite`, its `case` events and `suite-end`, then `run-end`.
public enum EventReport {
  public static func text(of report: Report) -> String {
    var lines = [
      JSONText.object { json in
        json.pair("event", "run")
        json.pair("format", 1)
        json.pair("kit", report.kitVersion)
        json.pair("data", report.dataDigest)
        json.pair("target", report.target)
      }
    ]
    for suite in report.suites {
      lines.append(
        JSONText.object { json in
          json.pair("event", "suite")
          json.pair("suite", suite.name)
          json.pair("discovered", suite.discovered)
          json.pair("selected", suite.selected)
        })
      lines += suite.reportedCases.map { result in
        JSONText.object { json in
          json.pair("event", "case")
          json.pair("suite", suite.name)
          JSONReport.write(result, to: &json)
        }
      }
      lines.append(
        JSONText.object { json in
          json.pair("event", "suite-end")
          json.pair("suite", suite.name)
          JSONReport.writeCounts(of: suite, to: &json)
        })
    }
    lines.append(
      JSONText.object { json in
        json.pair("event", "run-end")
        json.key("asExpected")
        json.value(report.isAsExpected)
        json.key("seconds")
        json.seconds(report.seconds)
      })
    return lines.map { $0 + "\n" }.joined()
  }
}
