internal import CaseLibrary
internal import Findings

/// The locked cases of each suite.
struct Manifest: Sendable {
  private struct Suite {
    var name: String
    var discovered: Int
    var run: Int
    /// Nil in a manifest that holds numbers alone.
    var cases: [String]?
  }

  private let file: String
  private var locked: [Suite] = []
  /// How many cases of a suite are named when they are gone.
  private static let namedMax = 20

  init(_ file: String) throws {
    self.file = file
    let input = try JSONInput(file, bytesMax: 16 << 20)
    try input.checkFormat()
    for member in try input.required("suites", of: input.value, \.members) {
      locked.append(
        Suite(
          name: member.key, discovered: try input.required("discovered", of: member.value, \.integer),
          run: try input.required("run", of: member.value, \.integer),
          cases: try member.value["cases"] == nil ? nil : input.required("cases", of: member.value, \.strings)))
    }
  }

  /// A suite of what is fewer than it should be; none when nothing is.
  ///
  /// - Parameter isPartial: whether the run was to leave cases out; then only what was discovered is held.
  func shortfalls(of report: Report, isPartial: Bool) -> [SuiteResult] {
    var cases: [CaseResult] = []
    for suite in locked {
      let actual = report.suites.first { $0.name == suite.name }
      if isPartial, actual == nil { continue }
      var findings: [Finding] = []
      let found = actual?.discovered ?? 0
      if found < suite.discovered {
        findings.append(fewer(suite.name, "holds", found, suite.discovered))
      } else if !isPartial, let run = actual?.executed, run < suite.run {
        findings.append(fewer(suite.name, "ran", run, suite.run))
      }
      if !isPartial { findings += gone(suite, from: actual) }
      guard !findings.isEmpty else { continue }
      cases.append(CaseResult(id: suite.name, verdict: .failed, findings: findings))
    }
    return cases.isEmpty ? [] : [SuiteResult(name: "manifest", discovered: cases.count, cases: cases)]
  }

  private func fewer(_ suite: String, _ verb: String, _ count: Int, _ locked: Int) -> Finding {
    Finding(
      id: "manifest.fewer", severity: .error, place: Place(file: file, path: suite),
      message: "\(suite) \(verb) \(count) cases; \(locked) are locked.",
      hint: "Find out what became of them; when they are gone for good, write the manifest anew.")
  }

  /// The locked cases that the run does not have, by name, also when others have come in their place.
  private func gone(_ suite: Suite, from actual: SuiteResult?) -> [Finding] {
    let present = Set(actual?.cases.map(\.id) ?? [])
    let gone = (suite.cases ?? []).filter { !present.contains($0) }
    let left = gone.count - min(gone.count, Self.namedMax)
    return gone.prefix(Self.namedMax).enumerated().map { index, id in
      Finding(
        id: "manifest.gone", severity: .error, place: Place(file: file, path: suite.name),
        message: "\(suite.name)/\(id) is locked, and it is not there."
          + (index == Self.namedMax - 1 && left > 0 ? " \(left) more are not there." : ""),
        hint: "IDs are forever: bring the case back, or write the manifest anew when it is gone for good.")
    }
  }
}
