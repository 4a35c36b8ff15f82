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

  @Test(
    "a client with one mistake fails the case about it, with the finding that names it",
    arguments: [
      ("later-jobs-lost", "read/file-jobs.query/shape/jobs-2", "client.node-lost"),
      ("later-unknown-ids-lost", "read/file-jobs.query/shape/unknown-ids-2", "client.node-lost"),
      ("unknown-nodes-lost", "read/file-jobs.query/shape/unknown-container", "client.node-lost"),
      ("message-lost", "read/file-jobs.query/shape/message-success", "client.node-lost"),
      ("etag-quotes-trimmed", "read/file-jobs.query/shape/etag-quoted", "client.value-changed"),
      ("blanks-trimmed", "read/file-jobs.query/shape/user-data-blanks-around", "client.value-changed"),
      ("dash-is-nothing", "read/file-jobs.query/shape/times-dash", "client.value-changed"),
      ("sizes-as-doubles", "read/file-jobs.query/shape/file-size-beyond-double", "client.value-changed"),
      ("numbers-guessed", "read/file-jobs.query/shape/user-data-leading-zeros", "client.value-changed"),
      ("errors-swallowed", "read/file-jobs.query/error/400-ResourceNotFound", "client.error-swallowed"),
      ("redirects-swallowed", "read/file-jobs.query/error/301-PermanentRedirect", "client.error-swallowed"),
      ("faults-swallowed", "read/file-jobs.query/fault/cut-before-end", "client.fault-swallowed"),
      ("any-root", "read/file-jobs.query/fault/other-root", "client.fault-swallowed"),
      ("code-needs-resource", "read/file-jobs.query/error/400-InvalidArgument", "client.code-lost"),
      ("inner-code", "read/file-jobs.query/error/shape-nested-code", "client.code-lost"),
      ("request-id-lost", "read/file-jobs.query/refused", "client.request-id-lost"),
      ("status-lost", "read/file-jobs.query/refused", "client.status-lost"),
      ("again-after-refusal", "read/file-jobs.query/again/404-then-right", "client.repeated"),
      ("again-without-body", "read/file-jobs.submit/again/500", "client.retry-changed"),
      ("length-ignored", "read/file-jobs.query/line/cut-without-body", "client.fault-swallowed"),
      ("wrong-path", "sent/file-jobs.query/minimal", "client.path"),
      ("no-cancel", "sent/jobs.cancel/minimal", "client.parameter-lost"),
      ("type-added", "sent/batch-jobs.list/minimal", "client.parameter-invented"),
      ("states-lost", "sent/jobs.list/only-states", "client.parameter-lost"),
      ("no-content-type", "sent/file-jobs.submit/minimal", "request-headers.content-type.required"),
      ("no-token", "sent/jobs.query/temporary-credentials", "client.token-missing"),
      ("cos-host", "sent/jobs.query/minimal", "client.host"),
      ("unescaped-text", "sent/file-jobs.submit/key/markup", "xml.well-formed"),
      ("empty-node-added", "sent/file-jobs.submit/minimal", "client.argument-invented"),
      ("user-data-lost", "sent/file-jobs.submit/only-user-data", "client.argument-lost"),
      ("type-in-small-letters", "sent/file-jobs.submit/minimal", "client.argument-changed"),
      ("unencoded-query", "sent/jobs.list/only-next-token", "client.parameter-changed"),
      ("host-unsigned", "sent/jobs.list/minimal", "signing.host-unsigned"),
      ("encoded-path-signed", "sent/objects.file-hash/key/non-ascii", "client.signature"),
      ("expired", "sent/jobs.list/minimal", "client.signature"),
    ])
  func mutants(mutant: String, id: String, finding: String) throws {
    let outcome = try Program.run(
      ["client", "client/" + id, "--adapter", "CISPEC_CLIENT_MUTANT=\(mutant) " + Self.mutant])
    #expect(outcome.code == 1, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("[\(finding)]"), "\(outcome.output)")
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
    #expect(outcome.errors.contains("can do none of the") && outcome.errors.contains("'call'"))
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
