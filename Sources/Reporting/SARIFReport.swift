public import Findings

/// The report as SARIF 2.1.0: a result for each finding, a rule for each requirement or kind of finding they name.
public enum SARIFReport {
  /// Readers such as GitHub refuse more.
  static let resultsMax = 25_000

  public static func text(of report: Report) -> String {
    let all = ReportedFinding.all(in: report)
    let shown = all.prefix(resultsMax)
    var rules: [String] = []
    var ruleIndex: [String: Int] = [:]
    var severities: [String: Severity] = [:]
    for one in shown {
      if ruleIndex.updateValue(ruleIndex[one.rule] ?? rules.count, forKey: one.rule) == nil { rules.append(one.rule) }
      severities[one.rule] = max(severities[one.rule] ?? .note, one.finding.severity)
    }
    return JSONText.object { json in
      json.pair("$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
      json.pair("version", "2.1.0")
      json.key("runs")
      json.array([report]) { json, report in
        json.object { json in
          json.key("tool")
          json.object { json in
            json.key("driver")
            json.object { json in
              json.pair("name", "cispec")
              json.pair("version", report.kitVersion)
              json.key("rules")
              json.array(rules) { writeRule($1, severities[$1] ?? .error, report, to: &$0) }
            }
          }
          json.pair("columnKind", "unicodeCodePoints")
          json.key("invocations")
          json.array([all.count]) { writeInvocation(findings: $1, report, to: &$0) }
          json.key("results")
          var fingerprints = UniqueNames()
          json.array(shown) { json, one in
            let fingerprint = fingerprints.name(one.fingerprint, separator: ":")
            json.object { write(one, ruleIndex[one.rule] ?? 0, fingerprint, to: &$0) }
          }
        }
      }
    } + "\n"
  }

  private static func writeInvocation(findings: Int, _ report: Report, to json: inout JSONText) {
    json.object { json in
      json.key("executionSuccessful")
      json.value(true)
      if findings > resultsMax {
        json.key("toolExecutionNotifications")
        json.array([findings]) { json, count in
          json.object { json in
            json.pair("level", "warning")
            writeText(
              "message", "\(resultsMax) of \(count) findings are given; the others are in the JSON report.", to: &json)
          }
        }
      }
      json.key("properties")
      json.object { json in
        json.pair("target", report.target)
        json.pair("data", report.dataDigest)
      }
    }
  }

  private static func writeRule(_ id: String, _ severity: Severity, _ report: Report, to json: inout JSONText) {
    let requirement = report.requirements.first { $0.id == id }
    let statement = requirement?.statement ?? report.meanings[id] ?? id
    json.object { json in
      json.pair("id", id)
      writeText("shortDescription", shortened(statement, to: 1000), to: &json)
      var help = [statement]
      if let hint = requirement?.hint { help.append("To mend: \(hint)") }
      if let requirement { help.append("Source: \(requirement.source)") }
      help.append("cispec explain \(id)")
      writeText("help", help.joined(separator: "\n"), to: &json)
      json.key("defaultConfiguration")
      json.object { $0.pair("level", severity.rawValue) }
      json.key("properties")
      json.object { json in
        json.key("tags")
        json.array(requirement.map { [$0.level.rawValue, $0.kind] } ?? ["kind"]) { $0.value($1) }
      }
    }
  }

  private static func write(
    _ one: ReportedFinding, _ ruleIndex: Int, _ fingerprint: String, to json: inout JSONText
  ) {
    json.pair("ruleId", one.rule)
    json.pair("ruleIndex", ruleIndex)
    json.pair("level", one.finding.severity.rawValue)
    let parts = [one.finding.message, one.finding.hint].compactMap { $0 }
    writeText("message", parts.joined(separator: "\n"), to: &json)
    json.key("locations")
    json.array([one]) { json, one in
      json.object { json in
        if let place = one.place, let file = place.file { writePlace(place, file, to: &json) }
        json.key("logicalLocations")
        json.array([one]) { json, one in
          json.object { json in
            json.pair("name", one.finding.place.path ?? one.result.id)
            json.pair("fullyQualifiedName", "\(one.suite)/\(one.result.id)")
          }
        }
      }
    }
    json.key("partialFingerprints")
    json.object { $0.pair("cispec/v1", fingerprint) }
    if one.result.isKnownFailure, case .skipped(let reason) = one.result.verdict {
      json.key("suppressions")
      json.array([reason]) { json, reason in
        json.object { json in
          json.pair("kind", "external")
          json.pair("justification", reason)
        }
      }
    }
  }

  private static func writePlace(_ place: Place, _ file: String, to json: inout JSONText) {
    json.key("physicalLocation")
    json.object { json in
      json.key("artifactLocation")
      json.object { $0.pair("uri", uri(of: file)) }
      guard let line = place.line, line > 0 else { return }
      json.key("region")
      json.object { json in
        json.pair("startLine", line)
        if let column = place.column, column > 0 { json.pair("startColumn", column) }
      }
    }
  }

  private static func writeText(_ key: String, _ text: String, to json: inout JSONText) {
    json.key(key)
    json.object { $0.pair("text", text) }
  }

  /// A file's name as a relative reference of RFC 3986, or a file URI when it is absolute.
  static func uri(of file: String) -> String {
    let hexadecimal = Array("0123456789ABCDEF")
    var result = file.hasPrefix("/") ? "file://" : ""
    for byte in (file.hasPrefix("./") ? file.dropFirst(2) : file[...]).utf8 {
      switch byte {
      case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2D, 0x2E, 0x5F, 0x7E, 0x2F:
        result.unicodeScalars.append(.init(byte))
      default: result += ["%", String(hexadecimal[Int(byte >> 4)]), String(hexadecimal[Int(byte & 15)])].joined()
      }
    }
    return result
  }
}
