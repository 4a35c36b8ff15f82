import Foundation
import Testing

private let validAnswer = """
  <Response><JobsDetail><Code>Success</Code><Message/><JobId>f93984788066911ed89ed352d4d9d2084</JobId>\
  <State>Submitted</State><CreationTime>2022-07-18T15:16:43+0800</CreationTime><EndTime>-</EndTime>\
  <StartTime>-</StartTime><QueueId>p2911917386e148639319e13c285cc774</QueueId><Tag>FileHashCode</Tag>\
  <Input><BucketId>test-1234567890</BucketId><Object>input/test.mp4</Object><Region>ap-chongqing</Region></Input>\
  <Operation><FileHashCodeConfig><Type>MD5</Type><AddToHeader>true</AddToHeader></FileHashCodeConfig></Operation>\
  </JobsDetail></Response>
  """

@Suite("The command line")
struct CommandLineTests {
  @Test(
    "wrong usage is exit code 2 with a sentence and a hint",
    arguments: [
      ([], "Usage: cispec"), (["vallidate"], "Did you mean 'validate'?"), (["--verion"], "cispec has no flag"),
      (["validate"], "no document was named"), (["validate", "--operatoin", "x", "a"], "Did you mean --operation?"),
      (["validate", "--operation", "file-jobs.sumbit", "a"], "Did you mean file-jobs.submit?"),
      (["validate", "--part", "reqest", "a"], "Did you mean request?"), (["validate", "--part"], "needs a value"),
      (["validate", "--part", "request", "--part", "request", "a"], "given twice"),
      (["validate", "--strict=1", "a"], "takes no value"), (["validate", "--max-bytes", "many", "a"], "whole number"),
      (["validate", "--operation", "batch-jobs.cancel", "--part", "request", "a"], "has no body"),
      (["replay", "file-jobs/hash-md5-lifecycl"], "Did you mean file-jobs/hash-md5-lifecycle?"),
      (["replay", "--target", "ftp://x"], "http"), (["replay", "--target", "http://127.0.0.1:1"], "CISPEC_SECRET_ID"),
      (["run", "--report", "xml=a"], "junit=FILE"), (["run", "x"], "takes no operands"),
      (["compare", "a.xml"], "two answers"), (["compare", "-", "-"], "named twice"),
      (["sign"], "CISPEC_SECRET_ID"), (["serve", "--port", "70000"], "whole number from 0 to 65535"),
    ] as [([String], String)])
  func usage(arguments: [String], sentence: String) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains(sentence), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test(
    "help is on standard output with flags, examples and exit code 0",
    arguments: [
      "run", "validate", "replay", "compare", "serve", "sign", "verify", "presign", "vectors", "client", "smoke",
      "adapter",
    ])
  func help(command: String) throws {
    for arguments in [[command, "--help"], ["help", command], [command, "-h"]] {
      let outcome = try Program.run(arguments)
      #expect(outcome.code == 0)
      #expect(outcome.output.contains("Usage: cispec \(command)"))
      #expect(outcome.output.contains("Examples:"))
      #expect(outcome.errors.isEmpty)
    }
  }

  @Test("the version names the kit, libxml2 and the digest of the data, wherever it is run from")
  func version() throws {
    let here = try Program.run(["--version"])
    #expect(here.code == 0)
    let lines = here.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].wholeMatch(of: /cispec \d+\.\d+\.\d+/) != nil)
    #expect(lines[1].wholeMatch(of: /libxml2 \d+\.\d+\.\d+/) != nil)
    #expect(lines[2].wholeMatch(of: /data sha256:[0-9a-f]{64}/) != nil)
    #expect(try Program.run(["--version"], folder: "/").output == here.output)
  }

  @Test("data that is not there is exit code 3")
  func missingData() throws {
    let outcome = try Program.run(["validate", "-"], environment: ["CISPEC_DATA": "/nowhere"])
    #expect(outcome.code == 3)
    #expect(outcome.errors.contains("CISPEC_DATA"))
  }
}

@Suite("cispec validate")
struct ValidateCommandTests {
  @Test("a valid document is exit code 0 and its kind is told")
  func valid() throws {
    let outcome = try Program.run(["validate", "-"], input: Data(validAnswer.utf8))
    #expect(outcome.code == 0)
    #expect(outcome.errors.contains("<stdin>: valid (response of file-jobs.query, told by the document itself)"))
  }

  @Test("a part is found by the root when the operation is given")
  func operation() throws {
    let outcome = try Program.run(["validate", "--operation", "file-jobs.submit", "-"], input: Data(validAnswer.utf8))
    #expect(outcome.errors.contains("valid (response of file-jobs.submit"))
  }

  @Test("findings are on standard output, a JSON object a line when asked for")
  func json() throws {
    let broken = validAnswer.replacingOccurrences(of: "<State>Submitted", with: "<State>submitted")
    let outcome = try Program.run(["validate", "--format", "json", "-"], input: Data(broken.utf8))
    #expect(outcome.code == 1)
    let lines = outcome.output.split(separator: "\n")
    let finding = try #require(
      try JSONSerialization.jsonObject(with: Data((lines.first { $0.contains("\"error\"") } ?? "{}").utf8))
        as? [String: Any])
    for key in ["file", "line", "column", "path", "id", "requirement", "severity", "message", "hint", "erratum"] {
      #expect(finding[key] != nil, "\(key)")
    }
    #expect(finding["requirement"] as? String == "file-jobs.jobs-detail.state.values")
    #expect(finding["path"] as? String == "/Response/JobsDetail/State")
    #expect(
      finding["column"] as? Int
        == (broken.range(of: "submitted<").map { broken.distance(from: broken.startIndex, to: $0.lowerBound) + 1 }))
  }

  @Test("an unreadable file is exit code 3, and the others are still judged")
  func missingFile() throws {
    let good = Program.file(validAnswer)
    defer { try? FileManager.default.removeItem(atPath: good) }
    let outcome = try Program.run(["validate", "/no/such/file.xml", good])
    #expect(outcome.code == 3)
    #expect(outcome.errors.contains("/no/such/file.xml: there is no such file"))
    #expect(outcome.errors.contains("\(good): valid"))
    let empty = Program.temporary()
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: empty) }
    let folder = try Program.run(["validate", empty])
    #expect(folder.code == 3)
    #expect(folder.errors.contains("is a folder without documents"))
  }

  @Test(
    "hostile documents are one finding in little time",
    arguments: [
      ("empty", Data(), "empty"),
      ("not XML", Data("{}".utf8), "not XML"),
      ("truncated", Data(validAnswer.utf8.prefix(200)), "ends inside a tag"),
      ("truncated between tags", Data(validAnswer.utf8.prefix(validAnswer.utf8.count - 11)), "ends before"),
      ("10,000 levels", Data(String(repeating: "<a>", count: 10_000).utf8), "deep"),
      (
        "entity bomb", Data("<!DOCTYPE a [<!ENTITY a \"x\"><!ENTITY b \"&a;&a;\">]><Response>&b;</Response>".utf8),
        "DOCTYPE"
      ),
      (
        "external entity",
        Data("<!DOCTYPE a [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><Response>&a;</Response>".utf8), "DOCTYPE"
      ),
      ("UTF-16", validAnswer.data(using: .utf16) ?? Data(), "UTF-16"),
      ("GBK", Data("<?xml version=\"1.0\" encoding=\"gbk\"?><Response/>".utf8), "UTF-8"),
      (
        "GBK that breaks off",
        Data("<?xml version=\"1.0\" encoding=\"gbk\"?><Response>".utf8) + Data([0xAD, 0xFF]) + Data("</Response>".utf8),
        "ends before"
      ),
      ("NUL bytes", Data("<Response>\0</Response>".utf8), "NUL"),
      ("100 MB", Data(repeating: 0x20, count: 100 << 20), "more than 8388608 bytes"),
    ])
  func hostile(name: String, document: Data, sentence: String) throws {
    let outcome = try Program.run(["validate", "-"], input: document, limitSeconds: 20)
    #expect(outcome.code == 1)
    #expect(outcome.output.contains(sentence), "\(outcome.output)")
    #expect(outcome.output.split(separator: "\n").count { $0.contains("error:") } == 1)
    // The libraries below say nothing of their own.
    #expect(outcome.errors == "<stdin>: not valid: 1 error\n")
    #expect(outcome.seconds < 10)
  }

  @Test("a byte order mark is no fault")
  func byteOrderMark() throws {
    #expect(try Program.run(["validate", "-"], input: Data([0xEF, 0xBB, 0xBF]) + Data(validAnswer.utf8)).code == 0)
  }

  @Test("colour is never written to a file, and NO_COLOR beats FORCE_COLOR")
  func colour() throws {
    func errors(_ environment: [String: String]) throws -> String {
      try Program.run(["validate", "-"], input: Data("{}".utf8), environment: environment).output
    }
    #expect(try !errors([:]).contains("\u{1B}"))
    #expect(try errors(["FORCE_COLOR": "1"]).contains("\u{1B}"))
    #expect(try !errors(["FORCE_COLOR": "1", "NO_COLOR": "1"]).contains("\u{1B}"))
  }
}

@Suite("cispec sign and verify")
struct SignCommandTests {
  static let keys = [
    "CISPEC_SECRET_ID": "AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q", "CISPEC_SECRET_KEY": "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz",
  ]
  static let request = """
    GET /exampleobject(%E8%85%BE%E8%AE%AF%E4%BA%91)?response-content-type=application%2Foctet-stream&response-cache-control=max-age%3D600 HTTP/1.1
    Host: examplebucket-1250000000.cos.ap-beijing.myqcloud.com


    """

  @Test("the stages are those of libcrypto-independent values")
  func stages() throws {
    // SignKey of the published GET example, document 436/7778, 2019 revision.
    let outcome = try Program.run(
      ["sign", "--key-time", "1557989753;1557996953", "-"], input: Data(Self.request.utf8), environment: Self.keys)
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("SignKey           937914bf490e9e8c189836aad2052e4feeb35eaf\n"))
    #expect(
      outcome.output.contains(
        """
        HttpParameters    response-cache-control=max-age%3D600&
                          response-content-type=application%2Foctet-stream

        """), "\(outcome.output)")
    let names = outcome.output.split(separator: "\n").filter { !$0.hasPrefix(" ") }.map { $0.prefix { $0 != " " } }
    #expect(
      names == [
        "KeyTime", "SignKey", "UrlParamList", "HttpParameters", "HeaderList", "HttpHeaders", "HttpString",
        "SHA1(HttpString)", "StringToSign", "Signature", "Authorization",
      ])
  }

  @Test(
    "what sign writes, verify finds right; tampered, it names the first stage", arguments: ["header", "query", "sign"])
  func roundTrip(delivery: String) throws {
    let signed = try Program.run(
      ["sign", "--request", "--delivery", delivery, "--now", "1700000000", "-"], input: Data(Self.request.utf8),
      environment: Self.keys)
    #expect(signed.code == 0)
    let verified = try Program.run(
      ["verify", "--now", "1700000100", "-"], input: Data(signed.output.utf8), environment: Self.keys)
    #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
    #expect(
      verified.output.contains(
        "valid: the signature in the \(delivery == "sign" ? "parameter sign" : delivery) is right."))
    let late = try Program.run(
      ["verify", "--now", "1700009999", "-"], input: Data(signed.output.utf8), environment: Self.keys)
    #expect(late.code == 1)
    #expect(late.output.contains("first difference at KeyTime"))
    let tampered = signed.output.replacingOccurrences(of: "max-age%3D600", with: "max-age%3D601")
    let wrong = try Program.run(
      ["verify", "--now", "1700000100", "-"], input: Data(tampered.utf8), environment: Self.keys)
    #expect(wrong.code == 1)
    #expect(wrong.output.contains("first difference at Signature"))
  }

  @Test("keys come from a file too; one that cannot be read or understood is exit code 3")
  func secretFile() throws {
    let good = Program.file("# pair\nid:key\n", ".txt")
    let bad = Program.file("id:key\nthis-line-holds-a-canary\n", ".txt")
    let empty = Program.file("", ".txt")
    defer { for file in [good, bad, empty] { try? FileManager.default.removeItem(atPath: file) } }
    #expect(try Program.run(["sign", "--secret-file", good, "-"], input: Data(Self.request.utf8)).code == 0)
    for file in [bad, empty, "/no/such/file"] {
      let outcome = try Program.run(["sign", "--secret-file", file, "-"], input: Data(Self.request.utf8))
      #expect(outcome.code == 3)
      #expect(!outcome.errors.contains("canary"))
    }
    #expect(try Program.run(["sign", "-"], input: Data("nonsense".utf8), environment: Self.keys).code == 3)
  }
}

@Suite("cispec run, replay and serve")
struct LiveCommandTests {
  @Test("the whole kit is as expected, and repeatable")
  func run() throws {
    let first = try Program.run(["run"])
    #expect(first.code == 0, "\(first.output.suffix(3000))\(first.errors)")
    #expect(first.output.contains("PASS: everything is as expected."))
    for suite in ["schemas", "vectors", "comparison", "replay", "target"] {
      #expect(first.output.contains("\n\(suite) "))
    }
  }

  @Test("a report on standard output has it for itself")
  func reportOnOutput() throws {
    let outcome = try Program.run(["vectors", "signing/path", "--report", "json=-"])
    #expect(outcome.code == 0)
    let report = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    #expect(report?["asExpected"] as? Bool == true)
    #expect(outcome.errors.contains("PASS"))
    #expect(try Program.run(["run", "--report", "json=-", "--report", "tap=-"]).code == 2)
  }

  @Test("documents that are judged have a report with excerpts, wherever they are written")
  func validateReport() throws {
    let file = Program.file("<Request>\n  <Nope/></Request>")
    let path = Program.temporary(".json")
    defer { for one in [file, path] { try? FileManager.default.removeItem(atPath: one) } }
    let outcome = try Program.run(
      ["validate", "--operation", "file-jobs.submit", "--part", "request", file, "--report", "json=\(path)"])
    #expect(outcome.code == 1)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains(#""line":2,"column":3,"path":"/Request/Nope""#))
    #expect(text.contains(#"2 |   <Nope/></Request>\n"#))
    #expect(try Program.run(["validate", file, "--report", "json=/no/such/folder/a"]).code == 6)
  }

  @Test("a report that cannot be written is exit code 6")
  func unwritableReport() throws {
    #expect(try Program.run(["run", "--report", "junit=/no/such/folder/a.xml"]).code == 6)
  }

  @Test("replay runs against a served emulator with the same keys, and stops with it")
  func replayServe() throws {
    let folder = Program.temporary()
    try FileManager.default.createDirectory(atPath: folder + "/input", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let server = try Program.Server(["--port", "0", "--quiet", "--objects", folder])
    let keys = [
      "CISPEC_SECRET_ID": "AKIDcispecFakeSecretId0000000000", "CISPEC_SECRET_KEY": "cispecFakeSecretKey0000000000000",
    ]
    let outcome = try Program.run(
      [
        "replay", "file-jobs/query-unknown-id", "file-jobs/wrong-signature", "--target",
        "http://127.0.0.1:\(server.port)",
      ], environment: keys)
    #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
    let taken = try Program.run(["serve", "--port", "\(server.port)"], limitSeconds: 5)
    #expect(taken.code == 4)
    #expect(taken.errors.contains("\(server.port)"))
    #expect(server.stop() == 0)
    let gone = try Program.run(
      ["replay", "file-jobs/query-unknown-id", "--target", "http://127.0.0.1:\(server.port)"], environment: keys)
    #expect(gone.code == 4)
    #expect(gone.output.contains("refuse"))
  }

  @Test("a second replay passes against a server that remembers the first")
  func replayTwice() throws {
    let folder = Program.temporary()
    try FileManager.default.createDirectory(atPath: folder + "/input", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "cispec fixture".write(toFile: folder + "/input/demo.mp4", atomically: true, encoding: .utf8)
    let server = try Program.Server(["--port", "0", "--quiet", "--objects", folder])
    let keys = [
      "CISPEC_SECRET_ID": "AKIDcispecFakeSecretId0000000000", "CISPEC_SECRET_KEY": "cispecFakeSecretKey0000000000000",
    ]
    let scenarios = [
      "batch-jobs/list-filters", "jobs/list-ascending", "jobs/list-filters", "jobs/list-pages", "jobs/list-states",
      "documents/list-pages", "templates/lifecycle", "templates/name-taken", "queues/pause",
    ]
    for _ in 0..<2 {
      let outcome = try Program.run(
        ["replay"] + scenarios + ["--target", "http://127.0.0.1:\(server.port)"], environment: keys)
      #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
      // Creation times are of whole seconds.
      usleep(1_100_000)
    }
    #expect(server.stop() == 0)
  }

  @Test("an interrupt ends the server with 130")
  func interrupt() throws {
    let server = try Program.Server()
    #expect(server.port > 0)
    #expect(server.stop(SIGINT) == 130)
  }

  @Test("serve refuses a folder and a secret file that are not there")
  func serveInput() throws {
    #expect(try Program.run(["serve", "--port", "0", "--objects", "/no/such"], limitSeconds: 5).code == 3)
    #expect(try Program.run(["serve", "--port", "0", "--secret-file", "/no/such"], limitSeconds: 5).code == 3)
  }
}
