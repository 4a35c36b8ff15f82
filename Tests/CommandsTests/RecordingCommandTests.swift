import Foundation
import Testing

@Suite("record, import, export")
struct RecordingCommandTests {
  private static let real = [
    "CISPEC_SECRET_ID": "AKIDcanaryOfTheTests0123456789ab", "CISPEC_SECRET_KEY": "canaryKeyOfTheTests0123456789xyz",
  ]
  private static let fake = [
    "CISPEC_SECRET_ID": "AKIDcispecFakeSecretId0000000000", "CISPEC_SECRET_KEY": "cispecFakeSecretKey0000000000000",
  ]

  private func objects() throws -> String {
    let folder = Program.temporary()
    try FileManager.default.createDirectory(atPath: folder + "/input", withIntermediateDirectories: true)
    for name in ["test.mp4", "demo.mp4"] {
      try Data("cispec fixture: input/\(name)\n".utf8).write(to: URL(filePath: "\(folder)/input/\(name)"))
    }
    return folder
  }

  /// The files of a folder by their names.
  private func files(_ folder: String) throws -> [String: String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).reduce(into: [:]) {
      $0[$1] = try String(contentsOfFile: "\(folder)/\($1)", encoding: .utf8)
    }
  }

  @Test("what is recorded holds no key, verifies, is valid, and is replayed against a fresh server")
  func recordAndReplay() throws {
    let (folder, out) = (try objects(), Program.temporary())
    defer { for path in [folder, out] { try? FileManager.default.removeItem(atPath: path) } }
    let server = try Program.Server(
      ["serve", "--port", "0", "--quiet", "--objects", folder], environment: Self.real)
    let recorder = try Program.Server(
      ["record", "--upstream", "http://127.0.0.1:\(server.port)", "--out", out + "/own", "--edition", "2024"],
      environment: Self.real)
    let run = try Program.run(
      ["replay", "file-jobs/hash-md5-lifecycle", "--target", "http://127.0.0.1:\(recorder.port)"],
      environment: Self.real)
    #expect(run.code == 0, "\(run.output)")
    #expect(recorder.stop() == 0)
    #expect(server.stop() == 0)

    let files = try files(out + "/own")
    #expect(
      files.keys.sorted() == [
        "01-submit.request.http", "01-submit.response.http", "02-query.request.http", "02-query.response.http",
        "scenario.json",
      ])
    for (name, text) in files { #expect(!text.lowercased().contains("canary"), "\(name)") }
    for name in ["01-submit.request.http", "02-query.request.http"] {
      let verified = try Program.run(["verify", "\(out)/own/\(name)"], environment: Self.fake)
      #expect(verified.code == 0, "\(verified.output)")
    }
    #expect(try Program.run(["validate", out + "/own"]).code == 0)

    let fresh = try Program.Server(["serve", "--port", "0", "--quiet", "--objects", folder], environment: Self.fake)
    let replayed = try Program.run(
      ["replay", out + "/own", "--target", "http://127.0.0.1:\(fresh.port)"], environment: Self.fake)
    #expect(replayed.code == 0, "\(replayed.output)\(replayed.errors)")
    #expect(replayed.output.contains("recordings/own/query"))
    #expect(fresh.stop() == 0)
  }

  @Test("an archive of a scenario, imported, is the scenario again, and nothing of it is replaced")
  func roundTrip() throws {
    let out = Program.temporary()
    defer { try? FileManager.default.removeItem(atPath: out) }
    let archive = try Program.run(["export", "--har", "file-jobs/hash-md5-lifecycle"])
    #expect(archive.code == 0)
    let file = Program.file(archive.output, ".har")
    let imported = try Program.run(["import", file, "--out", out + "/a", "--id", "own/hash"])
    #expect(imported.code == 0, "\(imported.output)\(imported.errors)")
    let again = try Program.run(["export", out + "/a"])
    func messages(_ text: String) throws -> NSArray {
      let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary)
      let entries = try #require((root["log"] as? NSDictionary)?["entries"] as? [NSDictionary])
      return entries.map { [$0["request"] ?? "", $0["response"] ?? ""] as NSArray } as NSArray
    }
    #expect(try messages(archive.output) == messages(again.output))
  }

  @Test("flows that mitmproxy saved become a scenario; exchanges that are none of the API are told")
  func flows() throws {
    let out = Program.temporary()
    defer { try? FileManager.default.removeItem(atPath: out) }
    let dump = Program.root + "/Tests/Foreign/mitmproxy-11.0.2.flows"
    let imported = try Program.run(["import", dump, "--out", out])
    #expect(imported.code == 0, "\(imported.output)\(imported.errors)")
    #expect(try files(out)["01-submit.request.http"]?.contains("<Request>\u{4E2D}</Request>") == true)
  }

  @Test("what cannot be made sure of is not written", arguments: [true, false])
  func refusal(isGiven: Bool) throws {
    let out = Program.temporary()
    let har = Program.file(
      """
      {"log":{"entries":[{"request":{"method":"GET","url":"http://own-1256789012.ci.ap-chongqing.myqcloud.com/jobs/j1",\
      "headers":[{"name":"Authorization","value":"q-sign-algorithm=sha1&q-ak=AKIDsomebodyElse0123456789&q-sign-time=1;2&\
      q-key-time=1;2&q-header-list=&q-url-param-list=&q-signature=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}]},\
      "response":{"status":200,"headers":[{"name":"Content-Encoding","value":"gzip"}],\
      "content":{"size":4,"text":"H4sIAA==","encoding":"base64"}}}]}}
      """, ".har")
    let outcome = try Program.run(["import", har, "--out", out] + (isGiven ? ["--without-key"] : []))
    #expect(outcome.code == 1, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("redaction.opaque-body"))
    #expect(outcome.output.contains("redaction.unknown-key") == !isGiven)
    #expect(!FileManager.default.fileExists(atPath: out))
  }

  @Test(
    "wrong usage and bad input have their exit codes",
    arguments: [
      (["record", "--out", "x"], 2 as Int32, "--upstream"),
      (["record", "--upstream", "http://127.0.0.1:1"], 2, "--out"),
      (["record", "--upstream", "http://127.0.0.1:1", "--out", "x", "--until", "soon"], 2, "idle:"),
      (["record", "--upstream", "http://127.0.0.1:1", "--out", "x", "--ca", "/no/such"], 3, "/no/such"),
      (["record", "--upstream", "http://127.0.0.1:1", "--out", "/proc/rec", "--until", "idle:0.1"], 6, "/proc/rec"),
      (["record", "--upstream", "http://127.0.0.1:1", "--out", "/no-such-x", "--until", "idle:0.1"], 1, "nothing"),
      (["import", "/no/such.har", "--out", "x"], 3, "/no/such.har"), (["import", "--out", "x"], 2, "no file"),
      (["import", "README.md", "--out", "x"], 3, "README.md"), (["export"], 2, "scenario"),
      (["export", "file-job"], 2, "no scenario"),
    ])
  func usage(words: [String], code: Int32, sentence: String) throws {
    let outcome = try Program.run(words, folder: Program.root)
    #expect(outcome.code == code, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.errors.contains(sentence), "\(outcome.errors)")
    if code == 6 { #expect(!outcome.output.contains("listening")) }
  }
}
