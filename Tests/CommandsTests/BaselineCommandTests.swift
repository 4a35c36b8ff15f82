import Foundation
import HTTPExchange
import Synchronization
import Testing

/// A server that differs from the recordings without breaking a requirement: a node of its own that is another number in
/// each answer, and a word of its own for Success.
private final class OwnServer {
  let server: FaultyServer

  init(_ rewrite: @escaping FaultyServer.Rewriting = { $1 }) throws {
    let count = Mutex(0)
    server = try FaultyServer { request, response in
      let number = count.withLock { count in
        count += 1
        return count
      }
      let own = response.replacing(/<\/JobsDetail>/, with: "<Trace>\(number)</Trace></JobsDetail>")
        .replacing(/<Code>Success</, with: "<Code>Succeeded<")
      return rewrite(request, own)
    }
  }

  /// Last, so that the server lives as long.
  func stop() { server.stop() }
}

@Suite("cispec replay --baseline")
struct BaselineCommandTests {
  static let scenario = "file-jobs/submit-with-queue-and-callback"

  static func run(_ command: String, _ server: FaultyServer, _ arguments: [String]) throws -> Program.Outcome {
    let name = command == "server" ? "replay/" + scenario : scenario
    return try Program.run(
      [command, name, "--target", server.url] + arguments, environment: FaultyServer.keys, limitSeconds: 60)
  }

  /// The baseline of the server above.
  static func learned(_ command: String = "replay") throws -> (file: String, outcome: Program.Outcome) {
    let file = Program.temporary(".json")
    let own = try OwnServer()
    defer { own.stop() }
    return (file, try run(command, own.server, ["--learn-baseline", file]))
  }

  struct Entry: Decodable, Equatable {
    var path: String
    var finding: String
    var `class`: String
    var cases: [String]
    var seen: [String?]
    var learned: String
  }

  private struct Document: Decodable {
    var format: Int
    var entries: [Entry]
  }

  @Test("what a server says of its own is learned, and is no finding from then on", arguments: ["replay", "server"])
  func learning(command: String) throws {
    let own = try OwnServer()
    defer { own.stop() }
    #expect(try Self.run(command, own.server, []).code == 1)
    let file = Program.temporary(".json")
    defer { try? FileManager.default.removeItem(atPath: file) }
    let outcome = try Self.run(command, own.server, ["--learn-baseline", file])
    #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.errors.contains("learned 2 entries, 1 of them volatile"), "\(outcome.errors)")
    let document = try JSONDecoder().decode(Document.self, from: try Data(contentsOf: URL(filePath: file)))
    let entries = document.entries
    #expect(entries.map(\.path) == ["/Response/JobsDetail/Code", "/Response/JobsDetail/Trace"])
    #expect(entries.map(\.finding) == ["replay.value-changed", "schema.unknown-node"])
    #expect(entries.map(\.class) == ["steady", "volatile"])
    #expect(entries.allSatisfy { $0.cases == [Self.scenario + "/submit"] })
    #expect(entries[0].seen == ["Succeeded"])
    #expect(entries[1].seen.count == 2)
    let report = Program.temporary(".json")
    defer { try? FileManager.default.removeItem(atPath: report) }
    let used = try Self.run(command, own.server, ["--baseline", file, "--report", "json=\(report)"])
    #expect(used.code == 0, "\(used.output)\(used.errors)")
    let text = try String(contentsOfFile: report, encoding: .utf8)
    #expect(!text.contains("schema.unknown-node\",\"") && !text.contains("replay.value-changed\",\""))
    #expect(text.contains("\"name\":\"baseline\""))
  }

  /// What else is wrong with the server, and the finding that tells it past the baseline.
  struct Fault: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var finding: String
    var rewrite: FaultyServer.Rewriting
  }

  static let faults = [
    Fault(testDescription: "a node of the baseline that is required is missing", finding: "schema.missing-node") {
      $1.replacing(/<Code>[^<]*<\/Code>/, with: "")
    },
    Fault(testDescription: "a node of the baseline stands twice", finding: "schema.") {
      $1.replacing(/<Code>[^<]*<\/Code>/, with: "<Code>Succeeded</Code><Code>Succeeded</Code>")
    },
    Fault(testDescription: "another value than the baseline has", finding: "replay.value-changed") {
      $1.replacing(/<Code>[^<]*<\/Code>/, with: "<Code>Fine</Code>")
    },
    Fault(testDescription: "a state that there is not", finding: "schema.value") {
      $1.replacing(/<State>[^<]*<\/State>/, with: "<State>Unheard</State>")
    },
    Fault(testDescription: "an error", finding: "replay.status") { _, response in
      var answer = response
      answer.status = 500
      return answer
    },
    Fault(testDescription: "another node of its own, and a queue that is none", finding: "schema.unknown-node") {
      $1.replacing(/<QueueId>[^<]*/, with: "<Span>1</Span><QueueId>none")
    },
  ]

  @Test("what is wrong is told beside what the baseline explains", arguments: faults)
  func violations(fault: Fault) throws {
    let file = try Self.learned().file
    let report = Program.temporary(".json")
    defer { for path in [file, report] { try? FileManager.default.removeItem(atPath: path) } }
    let right = try OwnServer()
    #expect(try Self.run("replay", right.server, ["--baseline", file]).code == 0)
    right.stop()
    let wrong = try OwnServer(fault.rewrite)
    defer { wrong.stop() }
    let outcome = try Self.run("replay", wrong.server, ["--baseline", file, "--report", "json=\(report)"])
    #expect(outcome.code == 1, "\(outcome.output)")
    let text = try String(contentsOfFile: report, encoding: .utf8)
    #expect(text.contains("\"id\":\"\(fault.finding)"), "\(text)")
  }

  @Test("entries that explain nothing fail the run, and so do old ones", arguments: ["replay", "server"])
  func upkeep(command: String) throws {
    let file = try Self.learned().file
    defer { try? FileManager.default.removeItem(atPath: file) }
    let right = try FaultyServer()
    let unused = try Self.run(command, right, ["--baseline", file])
    right.stop()
    #expect(unused.code == 1)
    #expect(unused.output.contains("Nothing differs at /Response/JobsDetail/Code"), "\(unused.output)")
    let own = try OwnServer()
    defer { own.stop() }
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try text.replacing(/"learned" : "[^"]*"/, with: "\"learned\" : \"2020-02-29\"")
      .write(toFile: file, atomically: true, encoding: .utf8)
    let stale = try Self.run(command, own.server, ["--baseline", file])
    #expect(stale.code == 1)
    #expect(stale.output.contains("learned on 2020-02-29"), "\(stale.output)")
    #expect(try Self.run(command, own.server, ["--baseline", file, "--baseline-days", "36500"]).code == 0)
  }

  @Test("a baseline of the emulator holds for the emulator")
  func emulator() throws {
    let file = Program.temporary(".json")
    defer { try? FileManager.default.removeItem(atPath: file) }
    let learning = try Program.run(["replay", "--learn-baseline", file])
    #expect(learning.code == 0, "\(learning.output.suffix(2000))")
    let used = try Program.run(["replay", "--baseline", file])
    #expect(used.code == 0, "\(used.output.suffix(2000))")
    // Only of a part of the scenarios: the others' entries are left alone.
    let part = try Program.run(["replay", "file-jobs", "--baseline", file])
    #expect(part.code == 0, "\(part.output.suffix(2000))")
  }

  @Test(
    "wrong usage and unreadable files have their exit codes",
    arguments: [
      (["--baseline", "a", "--learn-baseline", "b"], Int32(2), "give one of them"),
      (["--baseline-days", "3"], 2, "--baseline FILE"), (["--baseline", "/no/such/file"], 3, "/no/such/file"),
      (["file-jobs/query-unknown-id", "--learn-baseline", "/no/such/folder/x"], 6, "the baseline"),
    ])
  func usage(arguments: [String], code: Int32, sentence: String) throws {
    for command in ["replay", "server"] {
      let words = arguments.map { command == "server" && $0.hasPrefix("file-jobs") ? "replay/" + $0 : $0 }
      let outcome = try Program.run([command] + words)
      #expect(outcome.code == code, "\(outcome.output)\(outcome.errors)")
      #expect(outcome.errors.contains(sentence), "\(outcome.errors)")
    }
  }
}
