import Foundation
import Testing

/// Adapters that go wrong, judged by the real program. Tests/Adapters/stub_adapter.py says what each mode does.
@Suite("cispec vectors and cispec smoke", .serialized)
struct AdapterCommandTests {
  private static func stub(_ mode: String) -> String {
    "python3 '\(Program.root)/Tests/Adapters/stub_adapter.py' \(mode)"
  }

  private static func vectors(
    _ mode: String, _ patterns: [String], _ flags: [String] = []
  ) throws -> Program.Outcome {
    try Program.run(
      ["vectors"] + patterns + ["--adapter", stub(mode), "--timeout", "2", "--hello-timeout", "10"] + flags)
  }

  /// How many cases of a suite passed and failed, from the table.
  private static func counts(_ output: String, _ suite: String) -> [Int] {
    let line = output.split(separator: "\n").first { $0.hasPrefix(suite + " ") }
    return (line ?? "").split(separator: " ").dropFirst().prefix(5).compactMap { Int($0) }
  }

  @Test("a right adapter passes, alone and in several processes", arguments: ["1", "3"])
  func right(jobs: String) throws {
    let outcome = try Self.vectors("right", ["signing"], ["--strict-protocol", "--jobs", jobs])
    #expect(outcome.code == 0, "\(outcome.output.suffix(2000))")
    let counts = Self.counts(outcome.output, "signing")
    #expect(counts.count == 5 && counts[1] > 230 && counts[2] == 0 && counts[3] == 0)
  }

  @Test(
    "what goes wrong is the result of its case; the process is started again and the run finished",
    arguments: [
      ("crash", "adapter.crashed"), ("exit-3", "adapter.crashed"), ("end", "adapter.ended-early"),
      ("half-line", "adapter.ended-early"), ("hang", "adapter.timed-out"), ("late", "adapter.timed-out"),
      ("garbage", "adapter.garbage"), ("not-utf-8", "adapter.garbage"), ("wrong-id", "adapter.wrong-id"),
      ("long-line", "adapter.line-too-long"), ("endless-line", "adapter.line-too-long"),
      ("no-stages", "adapter.against-protocol"), ("refuse", "adapter.refused"),
    ])
  func faults(mode: String, finding: String) throws {
    for jobs in ["1", "2"] {
      let outcome = try Self.vectors(mode, ["signing/path", "signing/method"], ["--jobs", jobs])
      #expect(outcome.code == 1, "\(outcome.errors)")
      #expect(Self.counts(outcome.output, "signing") == [46, 45, 1, 0, 0], "\(outcome.output)")
      #expect(outcome.output.contains("FAILED signing/signing/path/space"))
      #expect(outcome.output.contains("[\(finding)]"), "\(outcome.output)")
      if mode == "crash" { #expect(outcome.output.contains("about to crash")) }
    }
  }

  @Test("a slow answer in time, two mebibytes of standard error, fields in another order are no failure")
  func harmless() throws {
    for mode in ["slow", "flood", "other-field-order"] {
      let outcome = try Self.vectors(mode, ["signing/path"], ["--strict-protocol"])
      #expect(outcome.code == 0, "\(mode): \(outcome.output)")
    }
  }

  @Test(
    "a member that the protocol does not know, or a line of another form, fails with --strict-protocol alone",
    arguments: [
      ("unknown-member", "'debug' is no member of this answer"), ("crlf", "the line holds a CR; it ends with one LF"),
      ("byte-order-mark", "the line starts with a byte order mark"),
    ])
  func strict(mode: String, sentence: String) throws {
    #expect(try Self.vectors(mode, ["signing/path"]).code == 0)
    let strict = try Self.vectors(mode, ["signing/path"], ["--strict-protocol"])
    #expect(strict.code == 1)
    #expect(strict.output.contains(sentence))
  }

  @Test(
    "an adapter that is of no use is a target that cannot be used",
    arguments: [
      ("silent", "did not answer hello: there was no answer within 1 s"), ("dies-at-once", "no such module: sdk"),
      ("always-crash", "5 times in a row"), ("version-2", "'protocol' is not 1"), ("nothing", "skips all of the"),
    ])
  func useless(mode: String, sentence: String) throws {
    let outcome = try Program.run(
      ["vectors", "signing/path", "--adapter", Self.stub(mode), "--hello-timeout", mode == "silent" ? "1" : "10"])
    #expect(outcome.code == 4)
    #expect(outcome.errors.contains(sentence), "\(outcome.errors)")
  }

  @Test("what an adapter had answered before it was given up is told, and reported")
  func givenUp() throws {
    let report = Program.temporary()
    defer { try? FileManager.default.removeItem(atPath: report) }
    // As many requests go ahead as are asked at all, so that they are counted with the first process alone.
    let command = """
      python3 -c 'import json,os,sys
      count = int(open(sys.argv[1]).read() or 0) if os.path.exists(sys.argv[1]) else 0
      for line in sys.stdin:
          request = json.loads(line)
          if request["command"] != "hello":
              count += 1
              open(sys.argv[1], "w").write(str(count))
              if count > 10: sys.exit(9)
          answer = {"protocol": 1, "name": "tired", "version": "1", "language": "Python", "commands": ["sign"]}
          print(json.dumps({"id": request["id"], **(answer if request["command"] == "hello" else {"skipped": "x"})}), flush=True)
      ' '\(report).count'
      """
    defer { try? FileManager.default.removeItem(atPath: report + ".count") }
    let outcome = try Program.run([
      "vectors", "signing/path", "--jobs", "1", "--adapter", command, "--report", "json=\(report)",
    ])
    #expect(outcome.code == 4, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.errors.contains("failed 25 times in a row after 10 answers and was given up"), "\(outcome.errors)")
    let counts = Self.counts(outcome.output, "signing")
    #expect(counts.count == 5 && counts[2] == 25 && counts[3] == counts[0] - 35 && counts[4] == 10, "\(outcome.output)")
    #expect(outcome.output.contains("it was not asked: the adapter had failed too often"))
    let written = try String(contentsOfFile: report, encoding: .utf8)
    #expect(written.contains("adapter.crashed"))
  }

  @Test("a program that is not there is a target that cannot be used")
  func absent() throws {
    let outcome = try Program.run(["vectors", "--adapter", "./no-such-program"])
    #expect(outcome.code == 4)
    #expect(outcome.errors.contains("no-such-program"))
  }

  @Test("what an adapter may choose is read from its answer, and no more")
  func choices() throws {
    #expect(try Self.vectors("chooses", ["signing/method", "signing/headers/order"]).code == 0)
    for (mode, finding) in [
      ("chooses-without-host", "signing.host-unsigned"), ("chooses-foreign", "signing.foreign-header"),
    ] {
      let outcome = try Self.vectors(mode, ["signing/method"])
      #expect(outcome.code == 1)
      #expect(outcome.output.contains("[\(finding)]"), "\(outcome.output)")
    }
  }

  @Test("URLs are taken apart", arguments: ["url-field-twice", "url-drops-parameter", "url-path-raw"])
  func wrongURLs(mode: String) throws {
    let outcome = try Self.vectors(mode, ["presigning/params/ci-mixed", "presigning/path/space"])
    #expect(outcome.code == 1)
    #expect(outcome.output.contains("[presign.url]"), "\(outcome.output)")
  }

  @Test("URLs whose lists are encoded twice are right, and once, where nothing is lost with it")
  func rightURLs() throws {
    let twice = try Self.vectors("url", ["presigning"], ["--strict-protocol"])
    #expect(twice.code == 0, "\(twice.output.suffix(2000))")
    let once = try Self.vectors("url-list-once", ["presigning"])
    // A semicolon in a name cannot be told from that between two names.
    #expect(once.output.contains("FAILED presigning/presigning/params/character/3b-in-name"))
    #expect(Self.counts(once.output, "presigning").dropFirst(2) == [1, 0, 0], "\(once.output)")
  }

  @Test("a failure says the stage, the difference, what the case teaches and the likely mistake")
  func diagnosis() throws {
    let outcome = try Self.vectors("path-encoded", ["signing/path/space"])
    #expect(outcome.code == 1)
    for part in [
      "first difference at http_string", "expected: get⏎/a␠b⏎⏎host=", "actual:   get⏎/a%20b⏎⏎host=",
      "'␠' is expected, and there is %20 ('␠' encoded)", "likely mistake: path-encoded",
      "The path is signed decoded, as UTF-8. (436/7778",
    ] {
      #expect(outcome.output.contains(part), "\(outcome.output)")
    }
  }

  @Test("known failures: expected ones pass the run, stale ones fail it, a list without reasons is unreadable")
  func knownFailing() throws {
    for (list, code) in [
      ("signing/path/space # no blanks\n", 0), ("signing/path/spac? # fits\n", 0), ("signing/path/root # passes\n", 1),
      ("signing/path/space # no blanks\nsigning/gone # no such case\n", 1), ("signing/path/space\n", 3),
      ("# nothing\n", 1),
    ] {
      let path = Program.file(list, ".txt")
      defer { try? FileManager.default.removeItem(atPath: path) }
      let outcome = try Self.vectors("refuse", ["signing/path"], ["--known-failing", path])
      #expect(outcome.code == Int32(code), "\(list): \(outcome.output) \(outcome.errors)")
    }
  }

  @Test(
    "smoke says what is wrong",
    arguments: [
      ("right", 0, "ok     end"), ("silent", 4, "FAILED start"), ("dies-at-once", 4, "no such module: sdk"),
      ("ignores-unknown", 4, "FAILED unknown command"), ("stays", 4, "FAILED end"),
      ("path-encoded", 4, "FAILED vector"), ("nothing", 4, "FAILED hello"),
      ("skips", 4, "is skipped, though hello has 'sign': not today"),
      ("ends-with-3", 4, "FAILED end: it ended with exit code 3"),
      ("refuses-hello", 4, "it is a refusal, 'cannot start: no licence'"),
    ] as [(String, Int32, String)])
  func smoke(mode: String, code: Int32, words: String) throws {
    let outcome = try Program.run(
      ["smoke", "--adapter", Self.stub(mode), "--timeout", "2", "--hello-timeout", mode == "silent" ? "1" : "10"])
    #expect(outcome.code == code, "\(outcome.output) \(outcome.errors)")
    #expect(outcome.output.contains(words), "\(outcome.output)")
  }

  /// The processes whose command line holds a mark.
  private static func running(_ mark: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { entry in
      guard Int(entry) != nil, let line = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline") else {
        return false
      }
      return String(decoding: line, as: UTF8.self).contains(mark)
    }
  }

  @Test(
    "a run that is interrupted kills its adapters and all that they started",
    arguments: [
      (["vectors", "signing/path", "--jobs", "1"], SIGINT), (["vectors", "signing/path", "--jobs", "3"], SIGTERM),
      (["smoke"], SIGINT),
    ] as [([String], Int32)])
  func interrupted(words: [String], signal: Int32) throws {
    let mark = "cispec-orphan-\(UUID().uuidString)"
    // One process in the background, one that hangs, and neither ends when it is asked to.
    let command =
      "trap '' INT TERM; sh -c 'sleep 300; : \(mark)' & \(Self.stub(words == ["smoke"] ? "silent" : "hang"))"
    let process = Process()
    process.executableURL = URL(filePath: Program.path)
    process.arguments = words + ["--adapter", command, "--timeout", "100"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let start = Date()
    // The kit itself has the mark on its command line too.
    while try Self.running(mark).count < 3, Date().timeIntervalSince(start) < 20 { usleep(20_000) }
    usleep(500_000)
    #expect(process.isRunning)
    #expect(try Self.running(mark).count >= 3)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    #expect(Date().timeIntervalSince(start) < 30)
    // What is killed takes a moment to go.
    for _ in 0..<100 where try !Self.running(mark).isEmpty { usleep(20_000) }
    #expect(try Self.running(mark).isEmpty)
  }

  @Test("an adapter does not see the keys")
  func environment() throws {
    let seen = Program.temporary()
    defer { try? FileManager.default.removeItem(atPath: seen) }
    let keys = ["CISPEC_SECRET_ID": "AKIDcanary", "CISPEC_SECRET_KEY": "canaryKey", "CISPEC_TOKEN": "canaryToken"]
    _ = try Program.run(
      ["smoke", "--adapter", "env >'\(seen)'; exit 3"], environment: keys.merging(["OTHER": "is seen"]) { $1 })
    let variables = try String(contentsOfFile: seen, encoding: .utf8)
    #expect(variables.contains("OTHER=is seen"))
    #expect(!variables.lowercased().contains("canary"))
  }

  @Test("nothing of an adapter is left running")
  func orphans() throws {
    let mark = "cispec-orphan-\(UUID().uuidString)"
    let command = "sh -c 'sleep 300; : \(mark)' & \(Self.stub("hang"))"
    let outcome = try Program.run(["vectors", "signing/path/space", "--adapter", command, "--timeout", "1"])
    #expect(outcome.code == 1)
    let left = try Self.running(mark)
    #expect(left.isEmpty)
  }

  @Test("the kit judges itself, in process and through the protocol")
  func itself() throws {
    let own = try Program.run(["vectors"])
    #expect(own.code == 0)
    #expect(Self.counts(own.output, "total").dropFirst(2) == [0, 0, 0])
    let through = try Program.run(["vectors", "--adapter", "'\(Program.path)' adapter", "--strict-protocol"])
    #expect(through.code == 0, "\(through.output.suffix(2000))")
    #expect(try Program.run(["smoke", "--adapter", "'\(Program.path)' adapter"]).code == 0)
  }

  @Test("patterns select cases, --list lists them, one that fits nothing is wrong usage")
  func patterns() throws {
    let listed = try Program.run(["vectors", "--list", "signing/method"])
    #expect(listed.output.split(separator: "\n").count == 9)
    #expect(listed.output.hasPrefix("signing/method/get\tmethod\n"))
    let run = try Program.run(["vectors", "signing/method", "*/right"])
    #expect(Self.counts(run.output, "signing").first == 9 && Self.counts(run.output, "verifying").first == 3)
    let wrong = try Program.run(["vectors", "signing/method/gett"])
    #expect(wrong.code == 2)
    #expect(wrong.errors.contains("Did you mean signing/method/get?"))
  }

  @Test("the kill matrix names every mistake, and a line for each vector says what it finds")
  func mutants() throws {
    let listed = try Program.run(["vectors", "--mutants", "--list"])
    #expect(listed.code == 0 && listed.output.contains("\nsigners with one mistake: "))
    let line = listed.output.split(separator: "\n").first { $0.hasPrefix("signing/method/get: ") }
    #expect((line ?? "").split(separator: " ").contains("method-in-capitals"))
    struct Matrix: Decodable {
      struct Mutant: Decodable { var id: String, killers: [String], named: [String] }
      struct Vector: Decodable { var id: String, kills: [String], kept: String? }
      var allKilledAndNamed: Bool, signers: [Mutant], verifiers: [Mutant], vectors: [Vector], shortfalls: [String]
    }
    let json = try Program.run(["vectors", "--mutants", "--format", "json"])
    let matrix = try JSONDecoder().decode(Matrix.self, from: Data(json.output.utf8))
    #expect(json.code == 0 && matrix.allKilledAndNamed && matrix.shortfalls == [])
    #expect(matrix.signers.count >= 100 && matrix.verifiers.count >= 54)
    for mutant in matrix.signers + matrix.verifiers { #expect(mutant.named == [mutant.id] && !mutant.killers.isEmpty) }
    for vector in matrix.vectors { #expect(!vector.kills.isEmpty || vector.kept != nil, "\(vector.id)") }
  }

  @Test("vectors that find too little fail the kill matrix")
  func poorMutants() throws {
    let folder = Program.temporary()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for part in ["Schemas", "Vectors"] {
      try FileManager.default.copyItem(atPath: "\(Program.root)/\(part)", toPath: "\(folder)/\(part)")
    }
    try Data(#"{"format":1,"vectors":[]}"#.utf8).write(to: URL(filePath: "\(folder)/Vectors/signing/verify.json"))
    let outcome = try Program.run(["vectors", "--mutants"], environment: ["CISPEC_DATA": folder])
    #expect(outcome.code == 1)
    #expect(outcome.output.contains("no vector kills the verifier signature-ignored"))
  }

  @Test(
    "flags that do not go together are wrong usage",
    arguments: [
      ["--mutants", "signing"], ["--mutants", "--adapter", "true"], ["--mutants", "--target", "embedded"],
      ["--mutants", "--report", "json=x"], ["--mutants", "--format", "xml"], ["--format", "json"],
    ])
  func wrongFlags(flags: [String]) throws {
    let outcome = try Program.run(["vectors"] + flags)
    #expect(outcome.code == 2 && outcome.output.isEmpty, "\(outcome.errors)")
  }

  @Test("the embedded emulator refuses every wrong signature and no right one")
  func embeddedTarget() throws {
    let outcome = try Program.run(["vectors", "--target", "embedded"])
    #expect(outcome.code == 0, "\(outcome.output)")
    #expect(Self.counts(outcome.output, "target").first ?? 0 > 350)
  }

  @Test("a server with a clock of its own gets cases made for it; with another key it fails")
  func server() throws {
    let server = try Program.Server()
    defer { _ = server.stop() }
    let flags = ["vectors", "--target", "http://127.0.0.1:\(server.port)"]
    let key = ["CISPEC_SECRET_ID": "AKIDcispecFakeSecretId0000000000"]
    let right = try Program.run(
      flags, environment: key.merging(["CISPEC_SECRET_KEY": "cispecFakeSecretKey0000000000000"]) { $1 })
    #expect(right.code == 0, "\(right.output) \(right.errors)")
    let wrong = try Program.run(flags, environment: key.merging(["CISPEC_SECRET_KEY": "another"]) { $1 })
    #expect(wrong.code == 1)
    #expect(wrong.output.contains("[signing.right-refused]"))
    let lost = try Program.run(
      flags + ["--host", "localhost"], environment: key.merging(["CISPEC_SECRET_KEY": "x"]) { $1 })
    #expect(lost.code == 1)
    #expect(try Program.run(flags).code == 2)
    #expect(try Program.run(flags + ["--adapter", "true"]).code == 2)
  }

  @Test("a target that is not there cannot be used")
  func absentTarget() throws {
    let outcome = try Program.run(
      ["vectors", "--target", "http://127.0.0.1:1"],
      environment: ["CISPEC_SECRET_ID": "AKIDfake", "CISPEC_SECRET_KEY": "fake"])
    #expect(outcome.code == 4, "\(outcome.output)")
  }
}
