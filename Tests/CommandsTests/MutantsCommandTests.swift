import Foundation
import Testing

/// `cispec mutants` by the real program: that the score can be missed, and that the pages say what it is.
@Suite("cispec mutants")
struct MutantsCommandTests {
  @Test("a mutant that does nothing survives, and one that is killed over something else is not named")
  func controls() throws {
    let outcome = try Program.run(
      ["mutants", "--only", "servers", "--select", "server/control/*", "--format", "json"], limitSeconds: 300)
    #expect(outcome.code == 1, "\(outcome.errors)")
    let matrix = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(matrix["allCaughtAndNamed"] as? Bool == false)
    let suite = try #require((matrix["suites"] as? [[String: Any]])?.first)
    let outcomes = (suite["mutants"] as? [[String: Any]] ?? []).map {
      "\($0["id"] as? String ?? "") \($0["outcome"] as? String ?? "")"
    }
    #expect(outcomes == ["server/control/nothing survived", "server/control/misnamed unnamed"])
    let faithful = suite["faithful"] as? [String: Any]
    #expect(faithful?["findings"] as? [String] == [] && (faithful?["cases"] as? Int ?? 0) > 700)
    #expect((matrix["shortfalls"] as? [String])?.count == 2)
  }

  @Test("a wrong server is named by a case about its mistake, in every form of the matrix")
  func forms() throws {
    let selected = ["mutants", "--only", "servers", "--select", "server/echo/user-data-lost"]
    let text = try Program.run(selected + ["--verbose"], limitSeconds: 300)
    #expect(text.code == 0, "\(text.output)")
    #expect(text.output.contains("server/echo/user-data-lost  named"))
    #expect(text.output.contains("PASS: 1 of 1 wrong servers are caught and named."))
    let markdown = try Program.run(selected + ["--format", "markdown"], limitSeconds: 300)
    #expect(markdown.code == 0 && markdown.output.contains("| servers | 1 | 1 | 0 | 0 |"), "\(markdown.output)")
  }

  @Test("wrong clients are left out plainly when nobody names them; operands and unknown suites are a slip")
  func usage() throws {
    let skipped = try Program.run(["mutants", "--only", "clients"])
    #expect(skipped.code == 0 && skipped.output.contains("wrong clients: left out, --clients FILE names them"))
    #expect(try Program.run(["mutants", "server/state"]).code == 2)
    #expect(try Program.run(["mutants", "--only", "signers", "--select", "server/none"]).code == 2)
    #expect(try Program.run(["mutants", "--faithful", "--only", "clients"]).code == 2)
    #expect(try Program.run(["mutants", "--only", "server"]).code == 2)
    #expect(try Program.run(["mutants", "--only", "clients", "--clients", "/nowhere/mutants.json"]).code == 3)
  }

  @Test("the README says how many wrong servers and clients there are")
  func counts() throws {
    let list = try Program.run(["mutants", "--list", "--clients", "\(Program.root)/Tests/Adapters/mutants.json"]).output
      .split(separator: "\n")
    let readme = try String(contentsOfFile: "\(Program.root)/README.md", encoding: .utf8)
    let servers = list.count { $0.hasPrefix("server/") && !$0.hasPrefix("server/harmless/") }
    let clients = list.count { $0.hasPrefix("client/") }
    #expect(readme.contains("\(servers) of \(servers) wrong servers"), "\(servers)")
    #expect(readme.contains("\(clients) of \(clients) wrong clients"), "\(clients)")
  }
}
