import Foundation
import HTTPExchange
import Testing

/// An escape sequence that renames a window, another control introducer, a turned direction, commands of a CI.
private let hostile = "\u{1B}]0;owned\u{07}\u{9B}31m\u{202E}\n::set-output name=a::b\n  ::error::x\n##[error]y\r"

/// What names, documents, servers, adapters and clients say reaches no terminal and no CI as it is.
@Suite("Text from outside")
struct HostileTextTests {
  private func expectTame(_ outcome: Program.Outcome, _ hint: String) {
    for text in [outcome.output, outcome.errors] {
      let bad = text.unicodeScalars.filter { scalar in
        switch scalar {
        case "\n", "\t": false
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{202A}"..."\u{202E}": true
        default: false
        }
      }
      #expect(bad.isEmpty, "\(hint): \(bad.map(\.value)) in \(text.debugDescription.prefix(2000))")
      let commands = text.split(separator: "\n").filter { line in
        let start = line.drop { $0 == " " || $0 == "\t" }
        return start.hasPrefix("::") || start.hasPrefix("##[")
      }
      #expect(commands.isEmpty, "\(hint): \(commands)")
    }
  }

  @Test("a file's name and content do not, whether it can be read or not")
  func files() throws {
    let folder = Program.temporary()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let name = "\(folder)/esc\u{1B}]0;x\u{07}\n::error::\u{9B}.xml"
    try "<Response>\n::error::\u{9B}31m\u{202E}<\u{85}/></Response>".write(
      toFile: name, atomically: true, encoding: .utf8)
    for path in [name, name + "\u{1B}[2Jgone"] {
      let outcome = try Program.run(["validate", path])
      #expect(outcome.code == (path == name ? 1 : 3))
      expectTame(outcome, path.debugDescription)
    }
  }

  @Test("nor does what a server answers", arguments: ["replay", "server", "vectors"])
  func server(command: String) throws {
    let server = try FaultyServer { _, response in
      var response = response
      response.body = Array("<Error><Code>\(hostile)</Code></Error>\(hostile)".utf8)
      return response
    }
    let cases = [
      "replay": ["file-jobs/query-unknown-id", "--verbose"], "server": ["--select", "ids/unknown"],
      "vectors": ["target/none"],
    ]
    let outcome = try Program.run(
      [command] + (cases[command] ?? []) + ["--target", server.url], environment: FaultyServer.keys)
    #expect(outcome.code == (command == "server" && outcome.code == 2 ? 2 : 1), "\(outcome.errors)")
    expectTame(outcome, command)
  }

  @Test("nor does what an adapter says", arguments: ["vectors", "client", "smoke"])
  func adapter(command: String) throws {
    let script = Program.file(hostile, ".txt")
    defer { try? FileManager.default.removeItem(atPath: script) }
    let outcome = try Program.run([command, "--adapter", "cat '\(script)' >&2; cat '\(script)'; exit 3"])
    #expect(outcome.code == 4)
    #expect(outcome.errors.contains("owned") || outcome.output.contains("owned"), "it is shown: \(outcome.errors)")
    expectTame(outcome, command)
  }

  @Test("nor does what a client asks of serve and judge", arguments: ["serve", "judge"])
  func client(command: String) throws {
    let server = try Program.Server([command, "--port", "0"])
    let client = Process()
    client.executableURL = URL(filePath: "/bin/bash")
    let target = #"/jobs/\xc2\x9b31m\xe2\x80\xae::error::x"#
    client.arguments = [
      "-c",
      "exec 3<>/dev/tcp/127.0.0.1/\(server.port); printf 'GET \(target) HTTP/1.1\\r\\nHost: \\xc2\\x9bh\\r\\n"
        + "Connection: close\\r\\n\\r\\n' >&3; cat <&3 >/dev/null",
    ]
    try client.run()
    client.waitUntilExit()
    let (code, output) = server.finish()
    #expect(code == (command == "serve" ? 0 : 1))
    #expect(server.errors.contains("/jobs/"), "the request is told of")
    expectTame(Program.Outcome(code: code, output: output, errors: server.errors, seconds: 0), command)
  }
}
