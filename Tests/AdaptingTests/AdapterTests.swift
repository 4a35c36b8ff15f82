import CaseLibrary
import Findings
import Foundation
import HTTPExchange
import Signing
import Testing

@testable import Adapting

@Suite("Adapters")
struct AdapterTests {
  /// A row of Tests/Adapters/answers.json, which Tests/Foreign holds against the JSON Schema.
  struct Row: Decodable, Sendable, CustomTestStringConvertible {
    var command: AdapterRequest.Command
    var answer: AdapterValue
    var valid: Bool
    var testDescription: String { "\(command.rawValue) \(answer)" }
  }

  static let rows: [Row] = {
    struct Table: Decodable { var answers: [Row] }
    let path = VectorSuiteTests.folder.path + "/Tests/Adapters/answers.json"
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    return (try? JSONDecoder().decode(Table.self, from: data).answers) ?? []
  }()

  @Test("the table of answers is there")
  func table() {
    #expect(Self.rows.count > 60)
  }

  @Test("strict rules judge an answer as the JSON Schema does", arguments: rows)
  func rules(row: Row) throws {
    let problem = AdapterAnswerRules.problem(of: try #require(row.answer.object), to: row.command, isStrict: true)
    #expect((problem == nil) == row.valid, "\(problem ?? "no problem")")
  }

  @Test("lines are put together from pieces, and one that is too long is refused")
  func lines() {
    var lines = AdapterLines(lineBytesMax: 4)
    #expect(lines.take(Array("ab".utf8)) == [])
    #expect(lines.take(Array("c\nd\n\ne".utf8))?.map { String(decoding: $0, as: UTF8.self) } == ["abc", "d", ""])
    #expect(lines.take(Array("fghi".utf8)) == nil)
  }

  @Test(
    "a difference is shown with what is invisible made visible and a caret under it",
    arguments: [
      ("a b", "a+b", "a␠b", "a+b", 1, "'␠' is expected, and there is '+'"),
      ("k=%2F", "k=/", "k=%2F", "k=/", 2, "%2F ('/' encoded) is expected, and there is '/'"),
      ("k=%2F", "k=%2f", "k=%2F", "k=%2f", 4, "%2F ('/' encoded) is expected, and there is %2f ('/' encoded)"),
      ("a\n", "a", "a⏎", "a", 1, "'⏎' is expected, and there is the end"),
      ("/腾讯", "/腾%", "/腾讯", "/腾%", 3, "'讯' is expected, and there is '%'"),
      ("\u{E9}", "e\u{301}", "\u{E9}", "e\\u{301}", 0, "'\u{E9}' is expected, and there is 'e'"),
      ("a\u{200B}b", "a\u{A0}b", "a\\u{200B}b", "a\\u{A0}b", 1, "'\\u{200B}' is expected, and there is '\\u{A0}'"),
      ("%E8", "%E9", "%E8", "%E9", 2, "%E8 (a byte beyond ASCII encoded) is expected, and there is %E9"),
    ] as [(String, String, String, String, Int, String)])
  func difference(expected: String, actual: String, shown: String, got: String, column: Int, words: String) {
    let lines = TextDifference(expected: expected, actual: actual).lines
    #expect(lines[0] == "  expected: " + shown)
    #expect(lines[1] == "  actual:   " + got)
    #expect(lines[2] == String(repeating: " ", count: 12 + column) + "^")
    #expect(lines[3].contains(words), "\(lines[3])")
  }

  @Test("a long text is shown around the difference")
  func longDifference() {
    let text = String(repeating: "x", count: 500)
    let lines = TextDifference(expected: text + "a" + text, actual: text + "b" + text).lines
    #expect(lines[0].hasPrefix("  expected: …x") && lines[0].hasSuffix("x…") && lines[0].count < 130)
    let caret = lines[2].count - 1
    #expect(Array(lines[0])[caret] == "a" && Array(lines[1])[caret] == "b")
  }

  // MARK: The kit as an adapter

  /// The kit's answer to a line.
  static func answer(_ line: String) throws -> [String: AdapterValue] {
    let answer = AdapterServer(version: "1").answer(to: ArraySlice(line.utf8))
    #expect(answer.last == 0x0A && answer.count { $0 == 0x0A } == 1)
    return try #require(AdapterValue.object(parsing: answer.dropLast()))
  }

  static let whole = [
    "sign": #"""
    {"id": 7, "command": "sign", "request": {"method": "GET", "path": "/", "params": [], "headers": []},
     "credentials": {"secret_id": "a", "secret_key": "b"}, "key_time": "1;2", "sign_time": "1;2", "now": 1}
    """#,
    "presign": #"""
    {"id": 7, "command": "presign", "request": {"method": "GET", "path": "/", "params": [], "headers": []},
     "url": "https://a.example",
     "credentials": {"secret_id": "a", "secret_key": "b"}, "key_time": "1;2", "sign_time": "1;2", "now": 1}
    """#,
    "verify": #"""
    {"id": 7, "command": "verify", "request": {"method": "GET", "target": "/", "headers": []}, "secrets": {}, "now": 1}
    """#,
    "derive": #"{"id": 7, "command": "derive", "kind": "sign-key", "input": {"secret_key": "a", "key_time": "1;2"}}"#,
  ]

  @Test("the kit answers a whole request", arguments: whole.keys.sorted())
  func wholeRequest(command: String) throws {
    let answer = try Self.answer(Self.whole[command]?.replacing("\n", with: " ") ?? "")
    #expect(answer["id"]?.integer == 7 && answer["error"] == nil && answer["skipped"] == nil, "\(answer)")
  }

  @Test(
    "the kit answers a request that lacks something with an error that names it",
    arguments: [
      ("sign", "request", "request"), ("sign", "path", "request.path"), ("sign", "params", "request.params"),
      ("sign", "headers", "headers"), ("sign", "credentials", "credentials"), ("sign", "secret_key", "secret_key"),
      ("sign", "key_time", "key_time"), ("sign", "sign_time", "sign_time"), ("presign", "url", "url"),
      ("presign", "request", "request"), ("verify", "request", "request"), ("verify", "target", "request.target"),
      ("verify", "secrets", "secrets"), ("verify", "now", "now"), ("derive", "kind", "kind"),
      ("derive", "input", "input"), ("derive", "key_time", "input.key_time"),
    ])
  func lacking(command: String, member: String, named: String) throws {
    let line = (Self.whole[command] ?? "").replacing("\n", with: " ").replacing("\"\(member)\":", with: "\"other\":")
    let answer = try Self.answer(line)
    #expect(answer["id"]?.integer == 7)
    let words = try #require(answer["error"]?.text, "\(answer)")
    #expect(words.contains(named), "\(words)")
  }

  @Test("the kit derives what follows from what a server echoed")
  func echo() throws {
    // SHA-1 of "abc" (FIPS 180-1, appendix A).
    let answer = try Self.answer(
      #"{"id": 7, "command": "derive", "kind": "server-echo", "input": {"format_string": "abc", "key_time": "1;2"}}"#)
    #expect(answer["stages"]?.texts?["http_string_sha1"] == "a9993e364706816aba3e25717850c26c9cd0d89d")
  }

  // MARK: Known failures

  static let results = [
    SuiteResult(
      name: "signing", discovered: 3,
      cases: [
        CaseResult(id: "signing/a", verdict: .passed), CaseResult(id: "signing/b", verdict: .failed),
        CaseResult(id: "signing/b/c", verdict: .broken(reason: "x")),
      ])
  ]

  @Test(
    "known failures are skipped; one that passes or fits nothing fails the run",
    arguments: [
      ("signing/b* # no blanks", 1, 2, 0), ("signing/b # exact", 1, 1, 1), ("signing/a # passes", 0, 0, 3),
      ("* # all", 0, 2, 1), ("signing/z # gone", 1, 0, 3), ("other/z # not selected", 1, 0, 2),
      ("# nothing\n", 1, 0, 2),
    ] as [(String, Int, Int, Int)])
  func knownFailing(list: String, passed: Int, skipped: Int, notAsExpected: Int) throws {
    let known = try KnownFailing(parsing: list, file: "list")
    let ids = ["signing/a", "signing/b", "signing/b/c", "other/z"]
    let suites = known.applied(to: Self.results, allIDs: ids)
    #expect(suites.reduce(0) { $0 + $1.passed } == passed)
    #expect(suites.reduce(0) { $0 + $1.skipped } == skipped)
    #expect(suites.reduce(0) { $0 + $1.failed + $1.broken } == notAsExpected)
  }

  @Test("a list without a reason is refused with its line", arguments: ["a", "a #", "a # ok\nb", "a b # c"])
  func knownFailingForm(list: String) {
    #expect(throws: DataError.self) { try KnownFailing(parsing: list, file: "list") }
  }

  // MARK: Targets

  static let made = TargetCases(
    credentials: Credentials(secretID: "AKIDfake", secretKey: "fake"), host: "a.example", now: 1_700_000_000
  ).all

  /// How many of the cases a server fails that answers all alike.
  static func failures(_ status: Int, _ code: String?) throws -> [CaseResult] {
    let allowed = try RefusalAnswers(in: VectorSuiteTests.folder)
    let body = code.map { "<Error><Code>\($0)</Code></Error>" } ?? ""
    return made.map {
      TargetCases.result(
        of: $0, answer: HTTPResponse(status: status, body: Array(body.utf8)), allowed: allowed, notes: VectorNotes())
    }.filter { $0.verdict != .passed }
  }

  @Test("a server that answers all alike fails either what is right or what is wrong")
  func blindServers() throws {
    let valid = Self.made.count { $0.result == .valid }
    let invalid = Self.made.count { $0.result == .invalid }
    #expect(valid == 21 && invalid >= 100)
    #expect(Set(Self.made.map(\.id)).count == Self.made.count)
    let openDoor = try Self.failures(200, nil)
    #expect(openDoor.count == invalid)
    #expect(openDoor.allSatisfy { $0.findings.first?.id == "signing.wrong-accepted" })
    let lost = try Self.failures(404, "NoSuchKey")
    #expect(lost.count == invalid && lost.allSatisfy { $0.findings.first?.id == "signing.wrong-answer" })
    #expect(try Self.failures(500, "InternalError").count == invalid + valid)
    // No answer to a signature, but one that a right signature may get.
    #expect(try Self.failures(501, "NotImplemented").count == invalid)
    #expect(try Self.failures(403, "Forbidden").count == invalid + valid)
    // Right for another host alone, but that says nothing of the signature.
    #expect(
      try Self.failures(400, "InvalidHost").count == valid + invalid
        - Self.made.count { $0.flags == ["replay"] && $0.result == .invalid })
    // A bucket that is not there may be said first, when the host was changed.
    #expect(
      try Self.failures(404, "NoSuchBucket").count == invalid
        - Self.made.count { $0.flags == ["replay"] && $0.result == .invalid })
    // Right for a wrong signature, not for times that are over.
    let expired = Self.made.count { $0.flags == ["expired"] }
    #expect(try Self.failures(403, "SignatureDoesNotMatch").count == valid + expired)
  }

  @Test("each case made for a server is what the kit's verifier says of it")
  func madeCases() {
    let verifier = Verifier { $0 == "AKIDfake" ? "fake" : nil }
    for one in Self.made where one.result != .acceptable {
      var isValid = false
      if case .valid = verifier.outcome(for: one.request, now: 1_700_000_000) { isValid = true }
      #expect(isValid == (one.result == .valid), "\(one.id)")
    }
  }
}
