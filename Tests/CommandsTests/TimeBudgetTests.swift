import Foundation
import Testing

/// A server that takes connections and says nothing.
private final class SilentServer {
  private let descriptor: Int32
  let port: UInt16

  init() {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(descriptor, $0, length)
        _ = listen(descriptor, 100)
        _ = getsockname(descriptor, $0, &length)
      }
    }
    self.descriptor = descriptor
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }
}

@Suite("The time that a run may take", .serialized)
struct TimeBudgetTests {
  private static func stub(_ mode: String) -> String {
    "python3 '\(Program.root)/Tests/Adapters/stub_adapter.py' \(mode)"
  }

  private static func counts(_ outcome: Program.Outcome) -> [String: [Int]] {
    Dictionary(
      outcome.output.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ")
        let numbers = words.dropFirst().prefix(5).compactMap { Int($0) }
        return numbers.count == 5 ? (String(words[0]), numbers) : nil
      }
    ) { first, _ in first }
  }

  @Test("an adapter that hangs costs the budget and no more: what it answered counts, the rest is skipped")
  func adapter() throws {
    let words = ["vectors", "--adapter", Self.stub("hang"), "signing/path", "--jobs", "1", "--timeout", "60"]
    let outcome = try Program.run(words + ["--time-budget", "4", "--report", "tap=-"], limitSeconds: 30)
    #expect(outcome.code == 1 && outcome.seconds < 25, "\(outcome.seconds) s: \(outcome.errors)")
    #expect(outcome.errors.contains("cases were not reached in 4 s."))
    #expect(outcome.output.contains("# SKIP the time budget was used up"))
    let passed = outcome.output.split(separator: "\n").filter { $0.hasPrefix("ok ") && !$0.contains("# SKIP") }
    #expect(!passed.isEmpty)
  }

  @Test("one may ask that time running out does not fail the run, unless nothing was reached")
  func incomplete() throws {
    let hangs = ["vectors", "--adapter", Self.stub("hang"), "signing/path", "--jobs", "1", "--time-budget", "4"]
    let outcome = try Program.run(hangs + ["--allow-incomplete"], limitSeconds: 30)
    #expect(outcome.code == 0, "\(outcome.output.suffix(500))")
    let counts = Self.counts(outcome)["signing"] ?? []
    #expect(counts.count == 5 && counts[1] > 0 && counts[4] > 0, "\(counts)")
    // What was reached and is wrong still fails.
    let wrong = ["vectors", "--adapter", Self.stub("path-encoded"), "signing/path", "--time-budget", "600"]
    #expect(try Program.run(wrong + ["--allow-incomplete"], limitSeconds: 30).code == 1)
    let server = SilentServer()
    let keys = ["CISPEC_SECRET_ID": "AKIDexample", "CISPEC_SECRET_KEY": "fakeKey"]
    let nothing = try Program.run(
      ["replay", "--target", "http://127.0.0.1:\(server.port)", "--time-budget", "1", "--allow-incomplete"],
      environment: keys, limitSeconds: 30)
    #expect(nothing.code == 1, "\(nothing.output.suffix(500))")
    #expect(try Program.run(["run", "--allow-incomplete"]).code == 2)
  }

  @Test("a server that says nothing costs the budget and no more", arguments: ["server", "replay", "vectors"])
  func server(command: String) throws {
    let server = SilentServer()
    let outcome = try Program.run(
      [command, "--target", "http://127.0.0.1:\(server.port)", "--time-budget", "1"],
      environment: ["CISPEC_SECRET_ID": "AKIDexample", "CISPEC_SECRET_KEY": "fakeKey"], limitSeconds: 30)
    #expect(outcome.code == 1 && outcome.seconds < 25, "\(outcome.seconds) s: \(outcome.output.suffix(300))")
    #expect(Self.counts(outcome)["time-budget"] == [1, 0, 1, 0, 0])
    #expect(!outcome.output.contains("ERROR"))
  }

  @Test("an adapter that does not start within the budget cannot be used", arguments: ["vectors", "client"])
  func start(command: String) throws {
    let outcome = try Program.run(
      [command, "--adapter", Self.stub("silent"), "--time-budget", "1"], limitSeconds: 30)
    #expect(outcome.code == 4 && outcome.seconds < 25, "\(outcome.seconds) s: \(outcome.errors)")
  }

  @Test("a run that is done in time is not touched; known failures that were not reached are not out of date")
  func inTime() throws {
    #expect(try Program.run(["run", "--time-budget", "600"], limitSeconds: 120).code == 0)
    let list = Program.file("signing/times/* # the stub hangs before these\n", ".txt")
    defer { try? FileManager.default.removeItem(atPath: list) }
    let outcome = try Program.run(
      [
        "vectors", "--adapter", Self.stub("hang"), "--jobs", "1", "--time-budget", "4", "--allow-incomplete",
        "--known-failing", list,
      ], limitSeconds: 30)
    #expect(!outcome.output.contains("fits no case"), "\(outcome.output.suffix(600))")
  }
}
