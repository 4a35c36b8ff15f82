import CaseLibrary
import Findings
import Testing

@testable import Replay

private func difference(
  _ kind: DifferenceClass, _ id: String, _ path: String, _ actual: String?
) -> Difference {
  Difference(
    kind: kind, id: id, path: path, severity: kind == .gap ? .warning : .error, message: "It differs.",
    recordedPlace: Place(file: "recorded"), actualPlace: Place(file: "actual"), expected: nil, actual: actual)
}

private func extra(_ value: String, at path: String = "/Response/JobsDetail/Trace") -> Difference {
  difference(.gap, "schema.unknown-node", path, value)
}

private let day = CalendarDay(parsing: "2026-01-31")

@Suite("Baseline")
struct BaselineTests {
  static let step = "file-jobs/submit/submit"

  /// What two runs show of one step, and what is to be learned of it.
  struct Lesson: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var first: [Difference]
    var second: [Difference]
    var learned: [String]
  }

  static let lessons = [
    Lesson(
      testDescription: "another value each time", first: [extra("1")], second: [extra("2")],
      learned: ["volatile schema.unknown-node /Response/JobsDetail/Trace 1 2"]),
    Lesson(
      testDescription: "the same value each time",
      first: [difference(.changed, "replay.value-changed", "/Response/Name", "x")],
      second: [difference(.changed, "replay.value-changed", "/Response/Name", "x")],
      learned: ["steady replay.value-changed /Response/Name x"]),
    Lesson(
      testDescription: "a missing node",
      first: [difference(.changed, "replay.node-missing", "/Response/Name", nil)],
      second: [difference(.changed, "replay.node-missing", "/Response/Name", nil)],
      learned: ["steady replay.node-missing /Response/Name null"]),
    Lesson(
      testDescription: "a header field",
      first: [difference(.changed, "replay.header-changed", "headers/content-type", "text/xml")],
      second: [difference(.changed, "replay.header-changed", "headers/content-type", "text/xml")],
      learned: ["steady replay.header-changed headers/content-type text/xml"]),
    Lesson(
      testDescription: "in one run only", first: [], second: [extra("2")],
      learned: ["sometimes schema.unknown-node /Response/JobsDetail/Trace 2"]),
    Lesson(
      testDescription: "of several repeated nodes",
      first: [
        extra("1", at: "/Response/JobsDetail[1]/Trace"), extra("2", at: "/Response/JobsDetail[2]/Trace"),
      ],
      second: [
        extra("2", at: "/Response/JobsDetail[1]/Trace"), extra("1", at: "/Response/JobsDetail[2]/Trace"),
      ], learned: ["steady schema.unknown-node /Response/JobsDetail/Trace 1 2"]),
    Lesson(
      testDescription: "a secret",
      first: [extra("key=canary-key")], second: [extra("key=canary-key")],
      learned: ["volatile schema.unknown-node /Response/JobsDetail/Trace <redacted>"]),
    Lesson(
      testDescription: "a violation", first: [difference(.violation, "replay.state", "/Response/State", "Running")],
      second: [difference(.violation, "replay.state", "/Response/State", "Running")], learned: []),
    Lesson(
      testDescription: "another status",
      first: [difference(.changed, "replay.status", "status", "500"), extra("1")],
      second: [difference(.changed, "replay.status", "status", "500"), extra("1")], learned: []),
    Lesson(
      testDescription: "no body", first: [difference(.changed, "replay.body", "body", "")],
      second: [difference(.changed, "replay.body", "body", "")], learned: []),
    Lesson(
      testDescription: "another root", first: [difference(.changed, "replay.root-changed", "/Answer", "Answer")],
      second: [difference(.changed, "replay.root-changed", "/Answer", "Answer")], learned: []),
    Lesson(
      testDescription: "noise", first: [difference(.noise, "replay.value-changed", "/Response/Time", "1")],
      second: [difference(.noise, "replay.value-changed", "/Response/Time", "2")], learned: []),
  ]

  @Test("what two runs differ in is learned, and nothing that is wrong", arguments: lessons)
  func learning(lesson: Lesson) throws {
    let learner = BaselineLearner()
    let first = learner.reviewed(lesson.first, of: Self.step)
    learner.beginSecondRun()
    _ = learner.reviewed(lesson.second, of: Self.step)
    let baseline = learner.baseline(server: "http://127.0.0.1", day: try #require(day)) { $0.contains("canary-key") }
    let learned = baseline.entries.map {
      "\($0.class.rawValue) \($0.finding) \($0.path) " + $0.seen.map { $0 ?? "null" }.joined(separator: " ")
    }
    #expect(learned == lesson.learned)
    #expect(baseline.entries.allSatisfy { $0.cases == [Self.step] && $0.learned == "2026-01-31" })
    // What can be learned does not end a scenario, anything else does.
    let isLearnable = !lesson.learned.isEmpty
    #expect(first.allSatisfy { $0.kind == .noise } == (isLearnable || lesson.testDescription == "noise"))
    #expect(try Baseline(parsing: baseline.json(), file: "baseline.json") == baseline)
  }

  @Test("a step whose answer came in one run only teaches nothing, and steps share an entry")
  func severalSteps() throws {
    let learner = BaselineLearner()
    for id in ["a/b/c", "a/b/d", "a/b/only-first"] { _ = learner.reviewed([extra("1")], of: id) }
    learner.beginSecondRun()
    for id in ["a/b/c", "a/b/d"] { _ = learner.reviewed([extra("2")], of: id) }
    let entries = learner.baseline(server: "s", day: try #require(day)).entries
    #expect(entries.map(\.cases) == [["a/b/c", "a/b/d"]])
  }

  static func entry(
    _ name: Baseline.EntryClass, finding: String = "schema.unknown-node", path: String = "/Response/JobsDetail/Trace",
    cases: [String] = [step], seen: [String?] = ["1"], learned: String = "2026-01-31"
  ) -> Baseline.Entry {
    Baseline.Entry(
      path: path, finding: finding, class: name, cases: cases, seen: seen, server: "s", learned: learned)
  }

  /// An entry, a difference, and whether it is explained.
  struct Use: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var entry: Baseline.Entry
    var difference: Difference
    var isExplained: Bool
  }

  static let uses = [
    Use(
      testDescription: "a value seen", entry: entry(.steady), difference: extra("1"), isExplained: true),
    Use(
      testDescription: "a value not seen", entry: entry(.steady), difference: extra("3"), isExplained: false),
    Use(
      testDescription: "a volatile node", entry: entry(.volatile), difference: extra("3"), isExplained: true),
    Use(
      testDescription: "a rare node", entry: entry(.sometimes), difference: extra("3"), isExplained: true),
    Use(
      testDescription: "one of several", entry: entry(.volatile),
      difference: extra("3", at: "/Response/JobsDetail[7]/Trace"), isExplained: true),
    Use(
      testDescription: "another step", entry: entry(.volatile, cases: ["file-jobs/other/*"]), difference: extra("3"),
      isExplained: false),
    Use(
      testDescription: "a pattern", entry: entry(.volatile, cases: ["file-jobs/*"]), difference: extra("3"),
      isExplained: true),
    Use(
      testDescription: "another path", entry: entry(.volatile), difference: extra("3", at: "/Response/Trace"),
      isExplained: false),
    Use(
      testDescription: "another kind", entry: entry(.volatile),
      difference: difference(.changed, "replay.value-changed", "/Response/JobsDetail/Trace", "1"), isExplained: false),
    Use(
      testDescription: "a violation",
      entry: entry(.volatile, finding: "replay.value-changed"),
      difference: difference(.violation, "replay.value-changed", "/Response/JobsDetail/Trace", "1"),
      isExplained: false),
    Use(
      testDescription: "a status", entry: entry(.volatile, finding: "replay.status", path: "status"),
      difference: difference(.changed, "replay.status", "status", "500"), isExplained: false),
    Use(
      testDescription: "a body", entry: entry(.volatile, finding: "replay.body", path: "body"),
      difference: difference(.changed, "replay.body", "body", ""), isExplained: false),
    Use(
      testDescription: "another root", entry: entry(.volatile, finding: "replay.root-changed", path: "/Answer"),
      difference: difference(.changed, "replay.root-changed", "/Answer", "Answer"), isExplained: false),
  ]

  @Test("an entry explains what it says, and never what is wrong", arguments: uses)
  func judging(use: Use) throws {
    let judge = BaselineJudge(Baseline(entries: [use.entry]))
    let reviewed = judge.reviewed([use.difference], of: Self.step)
    #expect(reviewed.map(\.kind) == [use.isExplained ? .noise : use.difference.kind])
    #expect((reviewed[0].finding == nil) == use.isExplained)
  }

  @Test("nothing is explained in an answer with another status")
  func otherStatus() {
    let judge = BaselineJudge(Baseline(entries: [Self.entry(.volatile)]))
    let all = [difference(.changed, "replay.status", "status", "500"), extra("1")]
    #expect(judge.reviewed(all, of: Self.step).map(\.kind) == [.changed, .gap])
  }

  /// An entry, what was compared, and the findings about the entry.
  struct Age: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var entry: Baseline.Entry
    var differences: [Difference]? = [extra("1")]
    var today = "2026-02-01"
    var findings: [String] = []
    var isSkipped = false
  }

  static let ages = [
    Age(testDescription: "used", entry: entry(.steady)),
    Age(testDescription: "as old as may be", entry: entry(.steady), today: "2026-05-01"),
    Age(testDescription: "a day older", entry: entry(.steady), today: "2026-05-02", findings: ["baseline.stale"]),
    Age(
      testDescription: "unused", entry: entry(.volatile), differences: [], findings: ["baseline.unused"]),
    Age(
      testDescription: "rare and away", entry: entry(.sometimes), differences: []),
    Age(
      testDescription: "rare and of a step that is not there", entry: entry(.sometimes, cases: ["file-jobs/gone/*"]),
      differences: nil, findings: ["baseline.unused"]),
    Age(
      testDescription: "unused in one step of two", entry: entry(.volatile, cases: [step, "file-jobs/other/*"]),
      findings: ["baseline.unused"]),
    Age(
      testDescription: "rare and unused in one step of two",
      entry: entry(.sometimes, cases: [step, "file-jobs/other/*"])),
    Age(
      testDescription: "of a step that is not there", entry: entry(.volatile, cases: [step, "file-jobs/gone/*"]),
      findings: ["baseline.unused"]),
    Age(testDescription: "nothing was compared", entry: entry(.volatile), differences: nil, isSkipped: true),
    Age(
      testDescription: "the answer had another status", entry: entry(.volatile),
      differences: [difference(.changed, "replay.status", "status", "500")], isSkipped: true),
    Age(
      testDescription: "old and unused", entry: entry(.volatile), differences: [], today: "2027-01-01",
      findings: ["baseline.stale", "baseline.unused"]),
  ]

  @Test("an entry that explains nothing or is too old is a finding", arguments: ages)
  func ageing(age: Age) throws {
    let judge = BaselineJudge(Baseline(entries: [age.entry]))
    if let differences = age.differences { _ = judge.reviewed(differences, of: Self.step) }
    let isOtherCompared = age.testDescription.hasSuffix("one step of two")
    if isOtherCompared { _ = judge.reviewed([], of: "file-jobs/other/submit") }
    let results = judge.results(
      steps: [Self.step, "file-jobs/other/submit"], file: "baseline.json",
      today: try #require(CalendarDay(parsing: age.today)), daysMax: 90)
    #expect(results.map(\.id) == ["baseline/schema.unknown-node/Response/JobsDetail/Trace"])
    #expect(results[0].findings.map(\.id) == age.findings)
    switch results[0].verdict {
    case .skipped: #expect(age.isSkipped)
    case .failed: #expect(!age.findings.isEmpty)
    default: #expect(age.findings.isEmpty && !age.isSkipped)
    }
  }

  static func file(class name: String = "steady", cases: String = "\"x\"", learned: String = "2026-02-03") -> String {
    #"{"format": 1, "entries": [{"path": "/a", "finding": "f", "class": "\#(name)", "cases": [\#(cases)], "#
      + #""seen": [], "server": "s", "learned": "\#(learned)"}]}"#
  }

  @Test(
    "a file that is no baseline is refused, with the place",
    arguments: [
      (#"{"format": 2, "entries": []}"#, "its format is 2"), (#"{"format": 1}"#, "entries"),
      ("nonsense", "baseline.json"), (file(learned: "2026-02-30"), "entries[0]: '2026-02-30' is no day"),
      (file(class: "harmless"), "harmless"), (file(cases: ""), "names no cases"),
    ])
  func unreadable(text: String, sentence: String) {
    let error = #expect(throws: DataError.self) { try Baseline(parsing: Array(text.utf8), file: "baseline.json") }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  // Day numbers as `date -d DAY +%s` divided by 86400 gives them.
  @Test(
    "days of the calendar",
    arguments: [
      ("1970-01-01", 0), ("1970-12-31", 364), ("2000-02-29", 11016), ("2000-03-01", 11017), ("2024-12-31", 20088),
      ("2026-11-21", 20778), ("2100-03-01", 47541), ("9999-12-31", 2_932_896),
    ])
  func days(text: String, number: Int) throws {
    let parsed = try #require(CalendarDay(parsing: text))
    #expect(parsed.number == number)
    #expect(parsed.description == text)
    #expect(CalendarDay(ofTime: Double(number) * 86_400 + 86_399).description == text)
  }

  @Test(
    "what is no day",
    arguments: ["", "2026-1-31", "2026-02-29", "2026-13-01", "1969-12-31", "2026-01-31T", "+026-01-31"])
  func noDays(text: String) { #expect(CalendarDay(parsing: text) == nil) }
}
