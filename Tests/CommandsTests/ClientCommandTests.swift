import Foundation
import Testing

/// The reference client, and the same client with one mistake each (Tests/Adapters/mutant_client.py), judged by the real
/// program.
@Suite("cispec client")
struct ClientCommandTests {
  private static let reference = "'\(Program.root)/Adapters/python-stdlib/run'"
  private static let mutant = "python3 '\(Program.root)/Tests/Adapters/mutant_client.py'"

  @Test("the reference client passes every case of both halves")
  func right() throws {
    let outcome = try Program.run(["client", "--adapter", Self.reference, "--strict-protocol"])
    #expect(outcome.code == 0, "\(outcome.output.suffix(2000))")
    for half in ["sent", "read"] {
      let line = outcome.output.split(separator: "\n").first { $0.hasPrefix(half + " ") } ?? ""
      let counts = line.split(separator: " ").dropFirst().prefix(5).compactMap { Int($0) }
      #expect(counts.count == 5 && counts[0] > 250 && counts[0] == counts[1], "\(line)")
    }
  }

  struct Wrong: Decodable {
    var id: String
    var `case`: String
    var finding: String
  }

  struct WrongList: Decodable { var mutants: [Wrong] }

  static func wrongClients() throws -> [Wrong] {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(Program.root)/Tests/Adapters/mutants.json"))
    return try JSONDecoder().decode(WrongList.self, from: data).mutants
  }

  @Test("a client with one mistake fails the case about it, with the finding that names it")
  func mutants() throws {
    let wrong = try Self.wrongClients()
    #expect(wrong.count >= 35)
    let outcome = try Program.run(
      ["mutants", "--only", "clients", "--clients", "\(Program.root)/Tests/Adapters/mutants.json", "--verbose"],
      limitSeconds: 300)
    #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
    for one in wrong {
      let line = outcome.output.split(separator: "\n").first { $0.contains("client/\(one.id) ") } ?? ""
      #expect(line.contains(" named ") && line.contains("\(one.case) [\(one.finding)]"), "\(one.id): \(line)")
    }
  }

  @Test("the places of what a result lacks and of what a request has too much are said")
  func places() throws {
    let read = try Program.run(
      [
        "client", "client/read/file-jobs.query/shape/jobs-2", "--adapter",
        "CISPEC_CLIENT_MUTANT=later-jobs-lost " + Self.mutant,
      ])
    #expect(read.output.contains("/Response/JobsDetail[2]"), "\(read.output)")
    let sent = try Program.run(
      [
        "client", "client/sent/file-jobs.submit/only-user-data", "--adapter",
        "CISPEC_CLIENT_MUTANT=user-data-lost " + Self.mutant,
      ])
    #expect(sent.output.contains("/Request/Operation/UserData"), "\(sent.output)")
  }

  @Test("an adapter that crashes in a call, or hangs in it, fails that case alone")
  func faults() throws {
    for (fault, finding) in [("crash", "adapter.crashed"), ("hang", "adapter.timed-out")] {
      let outcome = try Program.run(
        [
          "client", "client/read/file-jobs.query/shape/etag*", "--timeout", "2", "--adapter",
          "CISPEC_CLIENT_FAULT=\(fault) " + Self.mutant,
        ])
      #expect(outcome.code == 1, "\(outcome.output)")
      #expect(outcome.output.contains("[\(finding)]"), "\(outcome.output)")
      let line = outcome.output.split(separator: "\n").first { $0.hasPrefix("read ") } ?? ""
      #expect(line.split(separator: " ").dropFirst().prefix(4).compactMap { Int($0) } == [5, 4, 1, 0], "\(line)")
    }
  }

  @Test("an adapter without call is of no use, and what is missing is said")
  func withoutCall() throws {
    let outcome = try Program.run(["client", "--adapter", "'\(Program.path)' adapter"])
    #expect(outcome.code == 4)
    #expect(outcome.errors.contains("skips all of the") && outcome.errors.contains("'call'"))
    #expect(try Program.run(["client"]).code == 2)
    let unknown = try Program.run(["client", "--adapter", Self.reference, "client/sent/file-jobs.submit/minimall"])
    #expect(unknown.code == 2 && unknown.errors.contains("client/sent/file-jobs.submit/minimal"))
  }

  @Test("the README, the changelog and the list say how many cases there are")
  func counts() throws {
    let list = try Program.run(["client", "--list"]).output.split(separator: "\n")
    #expect(list.count >= 150)
    for file in ["README.md", "CHANGELOG.md", "Vectors/README.md"] {
      let text = try String(contentsOfFile: "\(Program.root)/\(file)", encoding: .utf8)
      #expect(text.contains("\(list.count) cases for client libraries"), "\(file): \(list.count)")
    }
  }
}
