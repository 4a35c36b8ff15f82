import Foundation
import Testing

/// Runs in a folder of their own, with the files that a test gives them.
private func inFolder(_ files: [String: String] = [:], _ body: (String) throws -> Void) throws {
  let folder = Program.temporary()
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  for (name, text) in files { try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8) }
  try body(folder)
}

private let wrongSigner = "python3 '\(Program.root)/Tests/Adapters/stub_adapter.py' path-encoded"

@Suite("What a run is expected to bring", .serialized)
struct ExpectationTests {
  @Test(
    "two runs with one seed write the same bytes in every form",
    arguments: [
      (["run"], 0), (["server", "--target", "embedded"], 0),
      (["vectors", "--adapter", wrongSigner, "signing/path"], 1),
    ] as [([String], Int32)])
  func repeatable(command: [String], code: Int32) throws {
    let kinds = [
      "junit", "junit-full", "sarif", "tap", "events", "json", "markdown", "github", "gitlab", "badge", "html",
      "manifest",
    ]
    try inFolder { folder in
      for run in ["a", "b"] {
        let reports = kinds.flatMap { ["--report", "\($0)=\(run).\($0)"] }
        #expect(try Program.run(command + ["--seed", "7"] + reports, folder: folder, limitSeconds: 120).code == code)
      }
      for kind in kinds {
        let one = try Data(contentsOf: URL(filePath: "\(folder)/a.\(kind)"))
        #expect(try Data(contentsOf: URL(filePath: "\(folder)/b.\(kind)")) == one, "\(kind)")
      }
    }
  }

  @Test(
    "parts of a run, put together, are the whole; a part that is missing is a failure, one named twice no report",
    arguments: [
      ["run", "--select", "replay", "--select", "comparison"], ["vectors"], ["server", "--select", "server"],
      ["client", "--adapter", "'\(Program.root)/Adapters/python-stdlib/run'", "--select", "client/sent/*-jobs.*"],
    ])
  func shards(command: [String]) throws {
    // Each part says of the idle entry that it fits nothing; the whole says it once.
    try inFolder(["known.txt": "no/such/case # gone\n"]) { folder in
      func run(_ words: [String], _ code: Int32) throws -> Program.Outcome {
        let outcome = try Program.run(words, folder: folder, limitSeconds: 120)
        #expect(outcome.code == code, "\(words): \(outcome.output.suffix(500))\(outcome.errors.suffix(500))")
        return outcome
      }
      let judged = command + ["--known-failing", "known.txt"]
      for part in ["1", "2"] {
        _ = try run(judged + ["--shard", "\(part)/2", "--report", "json=\(part).json"], 1)
      }
      _ = try run(judged + ["--report", "json=all.json", "--report", "manifest=m.json"], 1)
      _ = try run(
        ["merge", "1.json", "2.json", "--manifest", "m.json", "--report", "json=both.json"], 1)
      #expect(try suites(folder + "/both.json") == suites(folder + "/all.json"))
      // A part costs its part of the whole.
      let whole = try suites(folder + "/all.json").reduce(0) { $0 + $1.value.count }
      for part in ["1", "2"] {
        #expect(try suites("\(folder)/\(part).json").reduce(0) { $0 + $1.value.count } < whole * 2 / 3)
      }
      #expect(try run(["diff", "all.json", "both.json"], 0).errors.hasPrefix("0 worse, 0 better"))
      let half = try run(["merge", "1.json", "--manifest", "m.json"], 1)
      #expect(half.output.contains("The part 2/2 of the run is not there.") && half.output.contains("are locked"))
      _ = try run(["merge", "1.json", "1.json"], 3)
      #expect(try run(["diff", "all.json", "1.json"], 1).output.contains("passed → absent"))
      _ = try run(["diff", "1.json", "all.json"], 0)
    }
  }

  /// What a report says of each suite: its counts, and each case with its verdict.
  private func suites(_ file: String) throws -> [String: Set<String>] {
    let report = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: file))) as? [String: Any]
    let suites = try #require(report?["suites"] as? [[String: Any]])
    return Dictionary(
      uniqueKeysWithValues: suites.map { suite in
        let cases = (suite["cases"] as? [[String: Any]] ?? []).map { "\($0["id"] ?? "") \($0["verdict"] ?? "")" }
        let counts = ["discovered", "selected", "run", "passed", "failed", "errors", "skipped"].map {
          "\($0) \(suite[$0] ?? "")"
        }
        return ("\(suite["name"] ?? "")", Set(cases + counts))
      })
  }

  @Test("a level leaves out what is about less binding requirements, and is no flag where cases have none")
  func level() throws {
    func count(_ words: [String]) throws -> Int { try Program.run(words).output.split(separator: "\n").count }
    #expect(try count(["server", "--list", "--level", "must"]) < count(["server", "--list"]))
    #expect(try count(["client", "--list", "--level", "must"]) < count(["client", "--list"]))
    #expect(try Program.run(["vectors", "--level", "must"]).code == 2)
    let must = try Program.run(["server", "server/jobs.list", "--level", "must", "--format", "json"], limitSeconds: 60)
    #expect(must.code == 0)
    let card = try JSONSerialization.jsonObject(with: Data(must.output.utf8)) as? [String: Any]
    let levels = try #require(card?["levels"] as? [String: [String: Int]])
    for level in ["should", "observed"] {
      #expect(levels[level].map { $0["met"] == 0 && $0["missed"] == 0 } ?? true, "\(levels)")
    }
    #expect((levels["must"]?["met"] ?? 0) > 10)
  }

  @Test("a suite with fewer cases than are locked is a failure; a selection is held to what was discovered alone")
  func manifest() throws {
    func manifest(_ count: Int) -> String {
      #"{"format": 1, "suites": {"replay": {"discovered": \#(count), "run": \#(count)}}}"#
    }
    try inFolder(["small.json": manifest(3), "large.json": manifest(5000), "bad.json": #"{"format": 2}"#]) { folder in
      let expected: [([String], Int32)] = [
        (["small.json"], 0), (["large.json"], 1), (["large.json", "--select", "file-jobs"], 1),
        (["small.json", "--select", "file-jobs"], 0), (["bad.json"], 3),
      ]
      for (words, code) in expected {
        let outcome = try Program.run(["replay", "--manifest"] + words, folder: folder, limitSeconds: 60)
        #expect(outcome.code == code, "\(words)")
      }
    }
  }

  @Test(
    "a case that is taken out of the data is named by the locked manifest, also when another comes in its place",
    arguments: [
      Removal(["replay"], .folder("Exchanges/file-jobs/hash-sha256"), "replay/file-jobs/hash-sha256/submit"),
      Removal(["vectors"], .entry("Vectors/signing/sign.json", "vectors", 0), "signing/signing/method/get"),
      Removal(["run"], .entry("Schemas/samples/samples.json", "samples", 3), "schemas/"),
      Removal(
        ["run"], .renamed("Vectors/comparison/pairs.json", "vectors", 0), "comparison/comparison/self/waiting-job"),
      Removal(
        ["server", "--target", "embedded"], .entry("Vectors/server/cases/ids.json", "cases", 0),
        "server/server/file-jobs.query/ids/unknown"),
    ])
  func removedCase(removal: Removal) throws {
    try inFolder { folder in
      for data in ["Schemas", "Vectors", "Exchanges"] {
        try FileManager.default.copyItem(atPath: "\(Program.root)/\(data)", toPath: "\(folder)/\(data)")
      }
      func run(_ words: [String]) throws -> Program.Outcome {
        try Program.run(
          removal.command + words, environment: ["CISPEC_DATA": folder], folder: folder, limitSeconds: 60)
      }
      #expect(try run(["--report", "manifest=locked.json"]).code == 0)
      try removal.perform(in: folder)
      let outcome = try run(["--manifest", "locked.json"])
      #expect(outcome.code == 1)
      #expect(outcome.output.contains(removal.named), "\(outcome.output.suffix(2000))\(outcome.errors)")
      #expect(outcome.output.contains("is locked, and it is not there."))
      // Nothing else notices: all that is left is as expected.
      #expect(outcome.output.contains("FAIL: manifest: 1 failed."))
    }
  }

  @Test("cases are chosen by pattern, and a pattern that chooses none is wrong usage")
  func selection() throws {
    let all = try Program.run(["list"]).output.split(separator: "\n")
    let some = try Program.run(["list", "--select", "replay", "--skip", "replay/file-jobs/*"]).output
      .split(separator: "\n")
    #expect(!some.isEmpty && some.allSatisfy { $0.hasPrefix("replay/") && !$0.hasPrefix("replay/file-jobs/") })
    #expect(all.count > some.count)
    #expect(try Program.run(["list", "--select", "nothing"]).code == 2)
    #expect(try Program.run(["run", "--select", "nothing"], limitSeconds: 60).code == 2)
    #expect(try Program.run(["run", "--shard", "3/2"]).code == 2)
  }

  @Test("a flaky case may fail or pass; an entry that fits nothing or is past its day is a failure")
  func flaky() throws {
    let list = "signing/path/* # the proxy encodes twice, https://example.org/1\n"
    let files = [
      "flaky.txt": list, "past.txt": "signing/path/* # until 2001-01-31 it is known\n",
      "idle.txt": list + "signing/no/such # gone\n", "odd.txt": "signing/path/* # until 2001-13-01\n",
    ]
    try inFolder(files) { folder in
      func run(_ file: String, _ words: [String] = []) throws -> Program.Outcome {
        try Program.run(
          ["vectors", "--adapter", wrongSigner, "signing/path", "--known-flaky", file] + words, folder: folder,
          limitSeconds: 60)
      }
      let good = try run("flaky.txt", ["--report", "tap=-"])
      #expect(good.code == 0, "\(good.errors)")
      #expect(good.output.contains(" known to be flaky: the proxy encodes twice"))
      #expect(try run("past.txt").output.contains("was to hold until 2001-01-31"))
      #expect(try run("past.txt").code == 1)
      #expect(try run("idle.txt").code == 1)
      #expect(try run("odd.txt").code == 3)
      // The same list as one of known failures: those that pass are unexpected.
      let strict = try Program.run(
        ["vectors", "signing/path", "--known-failing", "flaky.txt"], folder: folder, limitSeconds: 60)
      #expect(strict.code == 1 && strict.output.contains("but it passes"))
    }
  }

  @Test("what is not given is the environment's, then the project file's")
  func order() throws {
    let project = #"{"format": 1, "validate": {"fail-on": "warning", "quiet": true, "report": ["tap=project.tap"]}}"#
    try inFolder(["cispec.json": project, "a.xml": "<Request/>"]) { folder in
      func run(_ words: [String], _ environment: [String: String] = [:]) throws -> Program.Outcome {
        try Program.run(["validate", "a.xml"] + words, environment: environment, folder: folder)
      }
      _ = try run([])
      #expect(FileManager.default.fileExists(atPath: folder + "/project.tap"))
      _ = try run([], ["CISPEC_REPORT": "tap=environment.tap"])
      #expect(FileManager.default.fileExists(atPath: folder + "/environment.tap"))
      let own = try run(["--report", "tap=-"], ["CISPEC_REPORT": "tap=/no/such/folder/a"])
      #expect(own.output.hasPrefix("TAP version 14"))
      #expect(try run([], ["CISPEC_FAIL_ON": "eror"]).errors.contains("CISPEC_FAIL_ON"))
    }
  }

  @Test(
    "a project file with a slip in it is refused with the place and the nearest name",
    arguments: [
      (#"{"format": 1, "validat": {}}"#, "cispec.json:1:15: 'validat' is no command", "Did you mean validate?"),
      (#"{"format": 1, "run": {"manifets": "a"}}"#, "'manifets' is no flag of run", "Did you mean manifest?"),
      (#"{"format": 1, "validate": {"level": "mist"}}"#, "'mist' is no value of --level", "Did you mean must?"),
      (#"{"format": 1, "validate": {"quiet": 1}}"#, "true or false is expected here", "error"),
      (#"{"format": 2}"#, "the format is not 1", "error"), ("{", "cispec.json:1:", "error"),
    ])
  func refused(project: String, sentence: String, hint: String) throws {
    try inFolder(["cispec.json": project, "a.xml": "<Request/>"]) { folder in
      let outcome = try Program.run(["validate", "a.xml"], folder: folder)
      #expect(outcome.code == 3 && outcome.errors.contains(sentence) && outcome.errors.contains(hint), "\(outcome)")
    }
  }
}

/// A case that is taken out of a copy of the data, and the command that runs it.
struct Removal: Sendable, CustomTestStringConvertible {
  enum Place {
    case folder(String)
    /// A file, the key of a list in it, the index of an entry.
    case entry(String, String, Int)
    /// The same, but the entry stays under another ID.
    case renamed(String, String, Int)
  }

  var command: [String]
  var place: Place
  /// What the finding must say: suite and ID, or their start.
  var named: String

  init(_ command: [String], _ place: Place, _ named: String) {
    self.command = command
    self.place = place
    self.named = named
  }

  var testDescription: String { "\(place)" }

  func perform(in folder: String) throws {
    switch place {
    case .folder(let path): try FileManager.default.removeItem(atPath: "\(folder)/\(path)")
    case .entry(let file, let list, let index):
      try edit("\(folder)/\(file)", list) { $0.remove(at: index) }
    case .renamed(let file, let list, let index):
      try edit("\(folder)/\(file)", list) { $0[index]["id"] = "comparison/renamed" }
    }
  }

  private func edit(_ path: String, _ list: String, _ change: (inout [[String: Any]]) -> Void) throws {
    let value = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path)))
    var file = try #require(value as? [String: Any])
    var entries = try #require(file[list] as? [[String: Any]])
    change(&entries)
    file[list] = entries
    try JSONSerialization.data(withJSONObject: file).write(to: URL(filePath: path))
  }
}
