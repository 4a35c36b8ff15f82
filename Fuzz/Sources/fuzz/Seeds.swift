import CaseLibrary
import FoundationEssentials
import HTTPExchange
import Recording
import Signing
import XMLValidation

/// The first inputs of each target, made from the kit's own data.
struct Seeds {
  let kit: Kit

  /// Writes `seed-N` files and the dictionary `FOLDER.dict`.
  func write(_ target: Target, to folder: String) throws {
    for (index, bytes) in try seeds(of: target).enumerated() {
      try Files.write(bytes, to: "\(folder)/seed-\(index)")
    }
    let words = try words(of: target)
    try Files.write(Array(words.map { "\"\($0)\"\n" }.joined().utf8), to: "\(folder).dict")
  }

  private func seeds(of target: Target) throws -> [[UInt8]] {
    switch target {
    case .validate: try documents().map(prefixed)
    case .httpText: try messages()
    case .authorization:
      try messages().compactMap { try? HTTPMessageText.request(parsing: $0) }.flatMap { request in
        [HTTPMessageText.bytes(of: request)]
          + [request.headers["Authorization"]].compactMap { $0.map { Array($0.utf8) } }
      }
    case .query:
      try messages().compactMap { try? HTTPMessageText.request(parsing: $0) }
        .flatMap { [$0.target, $0.rawQuery].compactMap { $0 } }.map { Array($0.utf8) }
    case .har:
      try RecordedScenario.all(in: DataFolder(path: kit.root)).map { try HARWriter.bytes(of: [$0], creator: "seed 1") }
    case .flowDump: [try Files.read("\(kit.root)/Tests/Foreign/mitmproxy-11.0.2.flows")]
    case .jsonLines: try documentLines()
    case .adapter: try adapterLines().map { [64] + $0 }
    case .dataFiles:
      dataFiles.enumerated().flatMap { kind, texts in texts.map { [UInt8(kind)] + Array($0.utf8) } }
    case .emulatorSocket: try wireMessages().flatMap { [[0] + $0, [7] + $0] }
    }
  }

  /// Every document as a line, with what the library says it is.
  private func documentLines() throws -> [[UInt8]] {
    struct Line: Encodable {
      var id, body: String
      var operation, part: String?
    }
    let definitions = kit.library.definitions
    return try documents().enumerated().map { index, document in
      let kind = prefixed(document).first.flatMap { Int($0) < definitions.count ? definitions[Int($0)].kind : nil }
      let line = Line(
        id: "document-\(index)", body: String(decoding: document, as: UTF8.self), operation: kind?.operation,
        part: kind?.part.rawValue)
      return Array(try JSONEncoder().encode(line))
    }
  }

  /// The answers that the tests of the adapter protocol hold, right and wrong, one a line.
  private func adapterLines() throws -> [[UInt8]] {
    let text = String(decoding: try Files.read("\(kit.root)/Tests/Adapters/answers.json"), as: UTF8.self)
    return text.split(separator: "\n").compactMap { line in
      guard let start = line.firstRange(of: "\"answer\": "), let end = line.firstRange(of: ", \"valid\"") else {
        return nil
      }
      return Array(line[start.upperBound..<end.lowerBound].utf8) + [0x0A]
    }
  }

  /// A plan of faults, a list of known failures, a baseline, other JSON: in the order of `DataFilesProperty`.
  private var dataFiles: [[String]] {
    [
      [
        #"{"format": 1, "seed": 1, "faults": [{"kind": "delay", "seconds": 2, "requests": [3, "7-9"]}]}"#,
        #"{"format": 1, "faults": [{"kind": "status", "status": 503, "operation": "file-jobs.*", "rate": 0.5}]}"#,
        #"{"format": 1, "faults": [{"kind": "truncate", "bytes": 4, "times": 1}, {"kind": "clock-skew", "seconds": -9}]}"#,
      ],
      [
        "# a comment\nsigning/path/* # the proxy encodes twice until 2027-01-31\n\nreplay/a/b # https://example.org/1\n"
      ],
      [
        #"{"format": 1, "entries": [{"path": "/Response/JobsDetail/Trace", "finding": "replay.value", "class": "#
          + #""volatile", "cases": ["file-jobs/*"], "seen": ["a", null], "server": "s", "learned": "2026-11-21"}]}"#
      ],
      [#"{"a": [1, -2.5e3, true, null, "\u4E2D\ud83d\ude00\n"], "b": {}, "b": []}"#],
    ]
  }

  /// Every recorded request as it goes over the wire, signed so that it holds; two at once; a body in chunks.
  private func wireMessages() throws -> [[UInt8]] {
    let signer = Signer(
      credentials: EmulatorSocketProperty.credentials, delivery: .header, secondsAfter: 365 * 86_400)
    var all = try messages().compactMap { try? HTTPMessageText.request(parsing: $0) }.map { recorded in
      var request = recorded
      request.headers.remove("Authorization")
      request.headers.remove("Content-Length")
      request.headers.append("Content-Length", "\(request.body.count)")
      return HTTPMessageText.bytes(of: signer.signed(request, now: Int64(EmulatorSocketProperty.start)))
    }
    all += zip(all, all.dropFirst()).map { $0 + $1 }
    let head = "POST /jobs HTTP/1.1\r\nHost: test-1234567890.ci.ap-chongqing.myqcloud.com\r\n"
    all.append(Array("\(head)Transfer-Encoding: chunked\r\n\r\n4\r\n<Req\r\n5;x=y\r\nuest>\r\n0\r\nA: b\r\n\r\n".utf8))
    all.append(Array("\(head)Expect: 100-continue\r\nContent-Length: 9\r\n\r\n<Request/".utf8))
    return all
  }

  /// Every XML document of the data, valid or not, and the bodies of the recorded messages.
  private func documents() throws -> [[UInt8]] {
    let files = try Files.tree(of: "\(kit.root)/Schemas").filter { $0.hasSuffix(".xml") && $0 != "catalog.xml" }
    return try files.map { try Files.read("\(kit.root)/Schemas/\($0)") }
      + messages().compactMap { bytes in
        let body =
          (try? HTTPMessageText.request(parsing: bytes).body) ?? (try? HTTPMessageText.response(parsing: bytes).body)
        return body.flatMap { $0.first == 0x3C ? $0 : nil }
      }
  }

  private func messages() throws -> [[UInt8]] {
    try Files.tree(of: "\(kit.root)/Exchanges").filter { $0.hasSuffix(".http") }
      .map { try Files.read("\(kit.root)/Exchanges/\($0)") }
  }

  /// The document after the byte that chooses its kind.
  private func prefixed(_ document: [UInt8]) -> [UInt8] {
    let definitions = kit.library.definitions
    let kind = (try? Validator(library: kit.library).check(document, as: KindHint()))?.kind
    return [UInt8(definitions.firstIndex { $0.kind == kind } ?? definitions.count)] + document
  }

  /// Element names and values of the schemas as tags and text; for messages the words of a head.
  private func words(of target: Target) throws -> [String] {
    switch target {
    case .har, .jsonLines, .adapter, .dataFiles:
      return [
        "log", "entries", "request", "response", "postData", "text", "encoding", "base64", "headers", "status", "url",
        "startedDateTime", "operation", "part", "body", "callback", "id", "stages", "authorization", "result",
        "failure",
        "skipped", "error", "commands", "protocol", "reads", "format", "faults", "kind", "requests", "rate", "times",
        "entries", "class", "volatile", "until 2027-01-31", "\\\\u0000", "\\\\ud800", "1e400", "-0", "null", "true",
      ]
    case .flowDump: return ["0:~", "0:}", "0:]", "4:type;4:http;", "7:request;", "8:response;", "7:headers;", "3:200#"]
    case .validate: return try schemaWords()
    case .httpText, .authorization, .query, .emulatorSocket:
      return [
        "HTTP/1.1 ", "GET ", "POST ", "\\x0d\\x0a", ": ", "Host", "Authorization", "Content-Type", "x-ci-", "%2F",
        "%25", "&", "=",
        ";", "\\xcc\\x81", "q-sign-algorithm=sha1", "q-sign-time=1557989151;1557996351",
        "q-key-time=1557989151;1557996351",
        "q-header-list=", "q-url-param-list=", "q-ak=", "q-signature=", "sign=", "Content-Length: ",
        "Expect: 100-continue",
        "Transfer-Encoding: chunked", "Connection: close", "/jobs", "/file_jobs", "/template", "/queue", "?cancel",
      ]
    }
  }

  private func schemaWords() throws -> [String] {
    var words: Set<String> = []
    for file in try Files.names(in: "\(kit.root)/Schemas") where file.hasSuffix(".xsd") {
      let text = String(decoding: try Files.read("\(kit.root)/Schemas/\(file)"), as: UTF8.self)
      for line in text.split(separator: "\n") {
        let isElement = line.contains("<xs:element ")
        guard isElement || line.contains("<xs:enumeration ") else { continue }
        guard let value = line.split(separator: isElement ? " name=\"" : " value=\"").dropFirst().first else {
          continue
        }
        let name = value.prefix { $0 != "\"" }
        guard !name.isEmpty, name.allSatisfy({ $0.isASCII && $0 != "\\" }) else { continue }
        words.formUnion(isElement ? ["<\(name)>", "</\(name)>"] : [String(name)])
      }
    }
    return words.sorted() + [
      "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>", "&amp;", "&#", "xmlns=", "<!DOCTYPE ", " a='>'",
    ]
  }
}
