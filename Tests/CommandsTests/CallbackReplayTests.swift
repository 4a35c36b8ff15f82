import Foundation
import Testing

@Suite("Replay of callbacks by the real program")
struct CallbackReplayTests {
  /// A copy of a scenario with one text of one of its files replaced.
  static func edited(_ scenario: String, file: String, _ old: String, _ new: String) throws -> String {
    let copy = Program.temporary()
    try FileManager.default.copyItem(atPath: "\(Program.root)/Exchanges/\(scenario)", toPath: copy)
    let path = "\(copy)/01-submit.\(file).http"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try #require(text.contains(old))
    try text.replacingOccurrences(of: old, with: new).write(toFile: path, atomically: true, encoding: .utf8)
    return copy
  }

  @Test(
    "the embedded emulator's callbacks are as recorded",
    arguments: [
      "file-jobs/callback-xml", "file-jobs/callback-json", "file-jobs/callback-failed", "jobs/callback-animation",
    ])
  func passing(scenario: String) throws {
    let outcome = try Program.run(["replay", scenario])
    #expect(outcome.code == 0, "\(outcome.output)")
    #expect(outcome.output.contains("ok      \(scenario)/submit"))
  }

  @Test(
    "a callback in JSON that is not as recorded fails",
    arguments: [
      ("request", "http://callback.demo.com", "http://127.0.0.1:1", "[callback.never-came]"),
      ("request", "<CallBackFormat>JSON</CallBackFormat>", "", "[callback.form]"),
      ("callback", "\"SHA256\": \"b907", "\"SHA256\": \"0000", "SHA256 is 'b907"),
      ("callback", "\"f4447dba1067011e", "\"f4447dba2067011e", "JobId is 'f"),
    ])
  func failing(file: String, old: String, new: String, told: String) throws {
    let folder = try Self.edited("file-jobs/callback-json", file: file, old, new)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let outcome = try Program.run(["replay", folder])
    #expect(outcome.code == 1, "\(outcome.output)")
    #expect(outcome.output.contains(told), "\(outcome.output)")
  }

  @Test("a target that is not on this machine is asked for no callback")
  func elsewhere() throws {
    let outcome = try Program.run(
      ["replay", "file-jobs/callback-xml", "--target", "http://192.0.2.1:1", "--allow-billable"],
      environment: ["CISPEC_SECRET_ID": "AKIDEXAMPLE", "CISPEC_SECRET_KEY": "notASecret"])
    #expect(outcome.code == 4, "\(outcome.output)")
    #expect(outcome.output.contains("skipped file-jobs/callback-xml/submit"))
  }
}
