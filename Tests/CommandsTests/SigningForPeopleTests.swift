import Foundation
import Testing

/// Keys that sign nothing anywhere, with words that are looked for in whatever is written.
private let keys = ["CISPEC_SECRET_ID": "AKIDfakeForTests", "CISPEC_SECRET_KEY": "canary-secret-key"]
private let url = "https://b-1250000000.cos.ap-beijing.myqcloud.com/a%20b/%E8%85%BE?prefix=x%20y/&acl&Zed=~"

/// What a program of Python says, given Vectors/tools to import from: an implementation that is not ours.
private func python(_ program: String, _ input: [String: Any]) throws -> String {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = ["python3", "-c", "import json, sys\n" + program]
  process.environment = [
    "PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": Program.root + "/Vectors/tools", "PYTHONIOENCODING": "utf-8",
    "PYTHONDONTWRITEBYTECODE": "1",
  ]
  let (stdin, stdout) = (Pipe(), Pipe())
  (process.standardInput, process.standardOutput) = (stdin, stdout)
  try process.run()
  stdin.fileHandleForWriting.write(try JSONSerialization.data(withJSONObject: input))
  try stdin.fileHandleForWriting.close()
  let output = stdout.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  try #require(process.terminationStatus == 0)
  return String(decoding: output, as: UTF8.self)
}

/// Whether the independent verifier lets a request in.
private func isAccepted(_ method: String, _ url: String, headers: [[String]] = [], now: Int) throws -> Bool {
  let parts = try #require(url.firstMatch(of: /^https?:\/\/([^\/]+)(\/.*)$/))
  let vector: [String: Any] = [
    "id": "test", "now": now, "secrets": ["AKIDfakeForTests": "canary-secret-key"],
    "request": [
      "method": method, "target": String(parts.output.2), "headers": [["Host", String(parts.output.1)]] + headers,
    ] as [String: Any],
  ]
  return try python("import verifying\nprint(verifying.accepts(json.load(sys.stdin)))", vector) == "True\n"
}

@Suite("Requests as URLs")
struct RequestOperandTests {
  @Test(
    "each stage of a URL with curl-like flags is the one of the independent implementation",
    arguments: [
      ("HttpParameters", "http_parameters"), ("UrlParamList", "url_param_list"), ("HttpHeaders", "http_headers"),
      ("HttpString", "http_string"), ("StringToSign", "string_to_sign"), ("Authorization", "authorization"),
    ])
  func stages(name: String, key: String) throws {
    let outcome = try Program.run(
      [
        "sign", "--only", name, "--key-time", "1700000000;1700000900", "-X", "PUT", "--header=x-cos-meta-a: é b*", "-H",
        "Content-Type: text/plain", "-H", "User-Agent: not signed", url,
      ], environment: keys)
    let expected = try python(
      """
      import qsign
      given = json.load(sys.stdin)
      print(qsign.stages(given["method"], given["path"], given["params"], given["headers"], given["id"], given["secret"],
        "1700000000;1700000900")[given["stage"]])
      """,
      [
        "method": "PUT", "path": "/a b/腾", "params": [["prefix", "x y/"], ["acl", ""], ["Zed", "~"]],
        "headers": [
          ["Host", "b-1250000000.cos.ap-beijing.myqcloud.com"], ["Content-Type", "text/plain"],
          ["x-cos-meta-a", "é b*"],
        ], "id": "AKIDfakeForTests", "secret": "canary-secret-key", "stage": key,
      ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output == expected)
  }

  @Test("a body is a POST with its length signed; what a URL cannot hold is encoded, a fragment left out")
  func body() throws {
    let file = Program.file("12345", ".txt")
    defer { try? FileManager.default.removeItem(atPath: file) }
    let outcome = try Program.run(
      ["sign", "--request", "--now", "1700000000", "--data", file, "http://127.0.0.1:8080/é a?x#part"],
      environment: keys)
    #expect(outcome.output.hasPrefix("POST /%C3%A9%20a?x HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"), "\(outcome.output)")
    #expect(outcome.output.contains("q-header-list=content-length;host&"))
    #expect(outcome.output.hasSuffix("\r\n\r\n12345"))
  }

  @Test(
    "what is no request is told, with the right exit code",
    arguments: [
      (["sign", "ftp://h/a"], 2, "it starts with http:// or https://"), (["sign", "https:///a"], 2, "a host name"),
      (["sign", "https://u:p@h/"], 2, "user name"), (["sign", "http://h:99999/"], 2, "port"),
      (["sign", "-H", "no colon", "https://h/"], 2, "'no colon' is no header"),
      (["sign", "-H", ": x", "https://h/"], 2, "is no header"), (["sign", "-X", "P T", "https://h/"], 2, "--method"),
      (["sign", "-H", "a: b\nc: d", "https://h/"], 2, "is no header"),
      (["sign", "-X", "PUT", "a.http"], 2, "goes with a URL"), (["sign", "/no/such/file"], 3, "no such file"),
      (["sign", "--data", "/no/such/file", "https://h/"], 3, "no such file"), (["sign"], 2, "exactly one request"),
      (["presign", "https://h/?q-ak=x"], 2, "carries a signature already"),
      (["sign", "https://h/?q-ak=x"], 2, "carries a signature already: 'q-ak'"),
      (["sign", "--delivery", "sign", "https://h/?sign=x"], 2, "carries a signature already: 'sign'"),
      (["presign", "--param", "", "https://h/"], 2, "--param is empty"),
      (["sign", "--only", "KeyTime", "--request", "https://h/"], 2, "--request has nothing to say"),
      (["sign", "--only", "KeyTime", "--explain", "https://h/"], 2, "--explain has nothing to say"),
      (["presign", "--expires", "0", "https://h/"], 2, "--expires"),
      (["presign", "--delivery", "header", "https://h/"], 2, "--delivery"),
      (["verify", "--server-error", "/no/such/file", "https://h/"], 3, "no such file"),
      (["verify", "--server-error", "-", "-"], 2, "cannot be both"),
    ] as [([String], Int32, String)])
  func refusals(arguments: [String], code: Int32, sentence: String) throws {
    let outcome = try Program.run(arguments, environment: keys)
    #expect(outcome.code == code)
    #expect(outcome.errors.contains(sentence), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    #expect(!outcome.errors.contains("canary"))
  }
}

@Suite("Requests and keys in files")
struct RequestFileTests {
  @Test(
    "a target without a path of its own is refused with its place",
    arguments: ["http://a.example/x?y=1", "/x#part", "*"], ["sign", "sign --request", "presign", "verify"])
  func targets(target: String, command: String) throws {
    let input = Data("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
    let outcome = try Program.run(
      command.split(separator: " ").map(String.init) + ["-"], input: input, environment: keys)
    #expect(outcome.code == 3 && outcome.output.isEmpty, "\(outcome.output)")
    #expect(outcome.errors.contains("<stdin>:1: ") && outcome.errors.contains("hint: "), "\(outcome.errors)")
  }

  @Test("a parameter sign that is no signature is the request's own")
  func ownSign() throws {
    let outcome = try Program.run(["sign", "--only", "HttpParameters", "https://h/?sign=a"], environment: keys)
    #expect(outcome.output == "sign=a\n", "\(outcome.errors)")
  }

  @Test("a byte order mark and CR LF are no part of a request or a key", arguments: ["\u{FEFF}", ""], ["\r\n", "\n"])
  func byteOrderMark(mark: String, end: String) throws {
    let file = Program.file(
      mark + "# keys" + end + "AKIDfakeForTests:canary-secret-key" + end + "other:x" + end, ".txt")
    defer { try? FileManager.default.removeItem(atPath: file) }
    let lines = ["GET /a HTTP/1.1", "Host: h", "", ""].joined(separator: end)
    let signed = try Program.run(
      ["sign", "--only", "Authorization", "--now", "5", "--secret-file", file, "-"], input: Data((mark + lines).utf8))
    let plain = try Program.run(["sign", "--only", "Authorization", "--now", "5", "https://h/a"], environment: keys)
    #expect(signed.code == 0 && signed.output == plain.output, "\(signed.errors)")
  }

  @Test("one SecretId with two keys is refused with both lines, with one key twice it is not")
  func twice() throws {
    for (text, code) in [("id:a\n# x\nid:canary\n", 3), ("id:a\nid:a\n", 0)] {
      let file = Program.file(text, ".txt")
      defer { try? FileManager.default.removeItem(atPath: file) }
      let outcome = try Program.run(["sign", "--secret-file", file, "https://h/"])
      #expect(outcome.code == Int32(code))
      #expect(code == 0 || outcome.errors.contains(":3: the SecretId of line 1"), "\(outcome.errors)")
      #expect(!outcome.errors.contains("canary"))
    }
  }

  @Test("half a pair in the environment is wrong usage, and the other half is named", arguments: ["ID", "KEY"])
  func half(part: String) throws {
    let outcome = try Program.run(["sign", "https://h/"], environment: ["CISPEC_SECRET_\(part)": "canary"])
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains("error: only one of"), "\(outcome.errors)")
    #expect(outcome.errors.contains("hint: Set CISPEC_SECRET_\(part == "ID" ? "KEY" : "ID") too"), "\(outcome.errors)")
  }

  @Test("a span that ends before it starts is signed with a note")
  func reversed() throws {
    let outcome = try Program.run(
      ["sign", "--only", "KeyTime", "--key-time", "2;1", "https://h/"], environment: keys)
    #expect(outcome.output == "2;1\n")
    #expect(outcome.errors.contains("note: --key-time '2;1' does not end after its start"), "\(outcome.errors)")
  }
}

@Suite("cispec sign --explain")
struct ExplainedSigningTests {
  @Test("every stage has reasons, folded to a hundred columns, newlines shown, without colour in a file")
  func layout() throws {
    let outcome = try Program.run(["sign", "--explain", "--now", "1700000000", url], environment: keys)
    #expect(outcome.code == 0)
    #expect(!outcome.output.contains("\u{1B}") && !outcome.output.contains("canary"))
    let blocks = outcome.output.split(separator: "\n\n").map { $0.split(separator: "\n") }
    #expect(
      blocks.map { String($0[0].prefix { $0 != " " }) } == [
        "KeyTime", "SignKey", "UrlParamList", "HttpParameters", "HeaderList", "HttpHeaders", "HttpString",
        "SHA1(HttpString)", "StringToSign", "Signature", "Authorization",
      ])
    for block in blocks {
      #expect(block.contains { $0.hasPrefix("    - ") }, "\(block[0])")
      #expect(block.allSatisfy { $0.count <= 100 }, "\(block[0])")
    }
    let httpString = try #require(blocks.first { $0[0].hasPrefix("HttpString") })
    #expect(httpString[0] == "HttpString        get⏎")
    #expect(httpString[1] == "                  /a b/腾⏎")
    #expect(
      outcome.output.contains("'prefix': space → %20 (not +), / → %2F. [Request Signature (436/7778), UrlEncode]"))
  }

  @Test("colour is for those who ask for it, and NO_COLOR wins")
  func colour() throws {
    let (asked, refused) = (keys.merging(["FORCE_COLOR": "1"]) { $1 }, ["NO_COLOR": "1"])
    #expect(try Program.run(["sign", url], environment: asked).output.contains("\u{1B}[1;36mKeyTime\u{1B}[0m  "))
    let plain = try Program.run(["sign", url], environment: asked.merging(refused) { $1 })
    #expect(!plain.output.contains("\u{1B}"))
  }

  @Test("a control character in a path never reaches the terminal as it is")
  func control() throws {
    let outcome = try Program.run(["sign", "--explain", "https://h/%1B%5B31m"], environment: keys)
    #expect(outcome.output.contains("␛[31m"))
    #expect(!outcome.output.contains("\u{1B}"))
  }
}

@Suite("cispec verify, a failing signature")
struct DiagnosisTests {
  /// The GET example of the 2016 revision, as published: its values have small hexadecimal digits.
  static let published = """
    GET /testfile HTTP/1.1
    Host: testbucket-125000000.cn-north.myqcloud.com
    Range: bytes=0-3
    Authorization: q-sign-algorithm=sha1&q-ak=QmFzZTY0IGlzIGEgZ2VuZXJp&q-sign-time=1480932292;1481012292&\
    q-key-time=1480932292;1481012292&q-header-list=host;range&q-url-param-list=&\
    q-signature=29b2f454bb9d8a629e7cad61227bd5fd0dd11a2d


    """
  static let publishedKeys = [
    "CISPEC_SECRET_ID": "QmFzZTY0IGlzIGEgZ2VuZXJp", "CISPEC_SECRET_KEY": "AKIDZfbOA78asKUYBcXFrJD0a1ICvR98JM",
  ]

  @Test("the published signature with small digits is named as that, with the digit that differs")
  func smallDigits() throws {
    let outcome = try Program.run(
      ["verify", "--now", "1480932300", "-"], input: Data(Self.published.utf8), environment: Self.publishedKeys)
    #expect(outcome.code == 1)
    #expect(outcome.output.contains("first difference at HttpHeaders"), "\(outcome.output)")
    #expect(outcome.output.contains("mistake:  header-hex-lower"), "\(outcome.output)")
    #expect(outcome.output.contains("%3D ('=' encoded) is expected, and there is %3d ('=' encoded)"))
  }

  private static func signed(_ flags: [String]) throws -> String {
    let made = try Program.run(["sign", "--only", "Authorization", "--now", "5"] + flags, environment: keys)
    return made.output.trimmingCharacters(in: .newlines)
  }

  @Test("verify shows four characters of SignKey, and all of it when it explains")
  func signKey() throws {
    let key = try Program.run(["sign", "--only", "SignKey", "--now", "5", "https://h/"], environment: keys).output
      .trimmingCharacters(in: .newlines)
    #expect(key.count == 40)
    let verify = ["verify", "--now", "6", "-H", "Authorization: \(try Self.signed(["https://h/"]))", "https://h/"]
    let plain = try Program.run(verify, environment: keys)
    #expect(plain.code == 0 && !plain.output.contains(key), "\(plain.output)")
    #expect(plain.output.contains("SignKey           \(key.prefix(4))…\n"))
    #expect(try Program.run(verify + ["--explain"], environment: keys).output.contains(key))
  }

  @Test("a signed header or parameter that the request lacks is named plainly")
  func absent() throws {
    let authorization = try Self.signed(["-H", "Content-Type: text/plain", "https://h/?a=1"])
    func verify(_ arguments: [String]) throws -> String {
      try Program.run(["verify", "--now", "6", "-H", "Authorization: \(authorization)"] + arguments, environment: keys)
        .output
    }
    let header = try verify(["https://h/?a=1"])
    #expect(
      header.contains("first difference at HeaderList: Content-Type is signed and not in the request."), "\(header)")
    #expect(header.contains("-H 'Content-Type: …'"))
    #expect(header.contains("\nHeaderList        host\nHttpHeaders       host=h\n"))
    #expect(!header.contains("^"))
    let parameter = try verify(["-H", "Content-Type: text/plain", "https://h/"])
    #expect(parameter.contains("UrlParamList: the parameter 'a' is signed and not in the request."), "\(parameter)")
  }

  @Test("of several signatures it is said which one is judged")
  func several() throws {
    let header = "Authorization: \(try Self.signed(["https://h/"]))"
    let presigned = try Program.run(["presign", "--now", "5", "https://h/"], environment: keys).output
      .trimmingCharacters(in: .newlines)
    let verify = ["verify", "--now", "6", "-H", header]
    let both = try Program.run(verify + [presigned], environment: keys)
    #expect(
      both.errors.contains("the signature in the header is judged, and there is another in the query"), "\(both.errors)"
    )
    let twice = try Program.run(verify + ["-H", "authorization: x", "https://h/"], environment: keys)
    #expect(twice.code == 0 && twice.errors.contains("in the first header Authorization is judged"), "\(twice.errors)")
    #expect(try Program.run(verify + ["https://h/"], environment: keys).errors.isEmpty)
  }

  @Test("a digest of another text is not taken for strings that are the same, nor for a change on the way")
  func otherDigest() throws {
    let url = Self.answeredURL.replacingOccurrences(of: "+", with: "%20")
    let other = Self.answer.replacingOccurrences(of: "c7503b92", with: "00000000")
    let outcome = try Self.compare(url, answer: other, keys: keys)
    #expect(outcome.output.contains("the digest in StringToSign is of another text"), "\(outcome.output)")
    #expect(outcome.output.contains("what the server hashed is not what it shows"), "\(outcome.output)")
    #expect(!outcome.output.contains("on the way") && !outcome.output.contains("the same strings"))
  }

  /// The body of a real bucket, quoted in an issue: the file name had a `+`. Vectors/signing/published.json has it too.
  static let answer = """
    <?xml version='1.0' encoding='utf-8' ?>
    <Error>
    \t<Code>SignatureDoesNotMatch</Code>
    \t<StringToSign>sha1
    1615113257;1615199657
    c7503b92a8581b3f3f68c8f7f64a8917b03a1a95
    </StringToSign>
    \t<FormatString>put
    /imagesresume-zh en_页面_1.png

    host=o2-1258123310.cos.ap-beijing.myqcloud.com
    </FormatString>
    </Error>
    """
  static let answeredURL = "https://o2-1258123310.cos.ap-beijing.myqcloud.com/imagesresume-zh+en_页面_1.png"

  private static func authorization(_ url: String) throws -> String {
    try Program.run(
      ["sign", "--only", "Authorization", "--key-time", "1615113257;1615199657", "-X", "PUT", url], environment: keys
    ).output.trimmingCharacters(in: .newlines)
  }

  private static func compare(
    _ url: String, method: String = "PUT", answer: String = answer, keys: [String: String]
  ) throws -> Program.Outcome {
    let file = Program.file(answer)
    defer { try? FileManager.default.removeItem(atPath: file) }
    return try Program.run(
      [
        "verify", "--server-error", file, "-X", method, "-H",
        "Authorization: \(try authorization(url))", url,
      ], environment: keys)
  }

  @Test("what the server saw otherwise is shown, without a key too", arguments: [[:], keys])
  func seenOtherwise(keys: [String: String]) throws {
    let outcome = try Self.compare(Self.answeredURL, keys: keys)
    #expect(outcome.code == 1, "\(outcome.errors)")
    #expect(outcome.output.contains("there:    '+' was sent, and the server saw '␠'"), "\(outcome.output)")
    #expect(outcome.output.contains("a + in a path is read as a space; send %2B"))
    #expect(outcome.output.contains("the server saw one input otherwise: path."))
    let method = try Self.compare(Self.answeredURL, method: "POST", keys: keys)
    #expect(method.output.contains("the server saw 2 inputs otherwise: method, path."), "\(method.output)")
    #expect(!method.output.contains("canary"))
  }

  @Test("the same strings leave the key: known to be another when the signature is right for them")
  func sameStrings() throws {
    let url = Self.answeredURL.replacingOccurrences(of: "+", with: "%20")
    let (with, without) = (try Self.compare(url, keys: keys), try Self.compare(url, keys: [:]))
    for outcome in [with, without] {
      #expect(outcome.code == 1)
      #expect(outcome.output.contains("the server built the same strings"), "\(outcome.output)\(outcome.errors)")
    }
    #expect(with.output.contains("the server has another key for AKIDfakeForTests"), "\(with.output)")
    #expect(without.output.contains("What is left is the SecretKey"), "\(without.output)")
    var wrong = keys
    wrong["CISPEC_SECRET_KEY"] = "canary-other"
    let other = try Self.compare(url, keys: wrong)
    #expect(other.output.contains("The signature is wrong already"), "\(other.output)")
    #expect(!other.output.contains("canary"))
  }

  @Test("a body without the two nodes, or too long, is exit code 3", arguments: ["<Error/>", "long"])
  func noEcho(text: String) throws {
    let file = Program.file(text == "long" ? String(repeating: "x", count: 70_000) : text)
    defer { try? FileManager.default.removeItem(atPath: file) }
    let outcome = try Program.run(["verify", "--server-error", file, Self.answeredURL])
    #expect(outcome.code == 3)
    #expect(outcome.errors.contains(text == "long" ? "bytes" : "no node StringToSign"), "\(outcome.errors)")
  }
}

@Suite("cispec presign")
struct PresignTests {
  @Test(
    "the URL verifies, here and by the independent verifier, until it has expired, and for its method alone",
    arguments: ["query", "sign"], [nil, "canary-token"])
  func verifies(delivery: String, token: String?) throws {
    let environment = keys.merging(token.map { ["CISPEC_TOKEN": $0] } ?? [:]) { $1 }
    let made = try Program.run(
      [
        "presign", "--now", "1700000000", "--expires", "3600", "--delivery", delivery, "-X", "PUT", "--param",
        "imageMogr2/thumbnail/!50p", "--param", "a b=c+d&é", "-H", "Content-Type: text/plain", url,
      ], environment: environment)
    #expect(made.code == 0, "\(made.errors)")
    #expect(made.errors.contains("Content-Type"))
    let signed = made.output.trimmingCharacters(in: .newlines)
    #expect(signed.hasPrefix(url + "&imageMogr2%2Fthumbnail%2F%2150p&a%20b=c%2Bd%26%C3%A9&"), "\(signed)")
    #expect(signed.contains("x-cos-security-token=canary-token") == (token != nil))
    let type = [["Content-Type", "text/plain"]]
    #expect(try isAccepted("PUT", signed, headers: type, now: 1_700_003_600))
    #expect(try !isAccepted("PUT", signed, headers: type, now: 1_700_003_601))
    #expect(try !isAccepted("GET", signed, headers: type, now: 1_700_000_001))
    func verify(_ method: String, _ now: String) throws -> Int32 {
      try Program.run(
        ["verify", "--now", now, "-X", method, "-H", "Content-Type: text/plain", signed], environment: keys
      ).code
    }
    #expect(try verify("PUT", "1700003600") == 0)
    #expect(try verify("PUT", "1700003601") == 1)
    #expect(try verify("GET", "1700000001") == 1)
  }

  @Test("the token goes to each host under its name")
  func tokens() throws {
    let environment = keys.merging(["CISPEC_TOKEN": "t/1"]) { $1 }
    for (host, name) in [
      ("b-1250000000.cos.ap-beijing.myqcloud.com", "x-cos-security-token"),
      ("b-1250000000.ci.ap-beijing.myqcloud.com", "x-ci-security-token"),
      ("cos-1250000000.ci.ap-beijing.myqcloud.com", "x-ci-security-token"),
    ] {
      let presigned = try Program.run(["presign", "https://\(host)/"], environment: environment)
      #expect(presigned.output.contains("&\(name)=t%2F1"), "\(presigned.output)")
      let signed = try Program.run(["sign", "--request", "https://\(host)/"], environment: environment)
      #expect(signed.output.contains("\(name): t/1\r\n"), "\(signed.output)")
      #expect(signed.output.contains("q-header-list=host;\(name)&"))
    }
  }

  @Test("a request in a file is presigned too, by HTTPS; one without a host is not")
  func file() throws {
    let input = Data("GET /a?acl HTTP/1.1\r\nHost: h-1.cos.ap-beijing.myqcloud.com\r\n\r\n".utf8)
    let made = try Program.run(["presign", "--now", "1700000000", "-"], input: input, environment: keys)
    let signed = made.output.trimmingCharacters(in: .newlines)
    #expect(signed.hasPrefix("https://h-1.cos.ap-beijing.myqcloud.com/a?acl&q-sign-algorithm=sha1&"))
    #expect(try isAccepted("GET", signed, now: 1_700_000_900))
    let none = try Program.run(["presign", "-"], input: Data("GET / HTTP/1.1\r\n\r\n".utf8), environment: keys)
    #expect(none.code == 3)
  }
}
