import Foundation
import Testing

/// The pairs themselves are in `Vectors/comparison`; here is what the program makes of two files.
@Suite("cispec compare")
struct CompareTests {
  private static func answer(state: String = "Submitted", data: String = "mine", more: String = "") -> String {
    """
    <Response><JobsDetail><Code>Success</Code><Message/><JobId>f93984788066911ed89ed352d4d9d2084</JobId>
    <State>\(state)</State><CreationTime>2022-07-18T15:16:43+0800</CreationTime><EndTime>-</EndTime>
    <StartTime>-</StartTime><QueueId>p2911917386e148639319e13c285cc774</QueueId><Tag>FileHashCode</Tag>
    <Input><BucketId>test-1234567890</BucketId><Object>input/test.mp4</Object><Region>ap-chongqing</Region></Input>
    <Operation><FileHashCodeConfig><Type>MD5</Type><AddToHeader>true</AddToHeader></FileHashCodeConfig>
    <UserData>\(data)</UserData></Operation>\(more)</JobsDetail></Response>
    """
  }

  private static func compare(_ recorded: String, _ actual: String, _ flags: [String] = []) throws -> Program.Outcome {
    let files = [Program.file(recorded), Program.file(actual)]
    defer { for file in files { try? FileManager.default.removeItem(atPath: file) } }
    return try Program.run(["compare"] + files + flags)
  }

  @Test("equal answers end with 0, noise is shown or left out")
  func equal() throws {
    let same = try Self.compare(Self.answer(), Self.answer())
    #expect(same.code == 0)
    #expect(same.output == "response of file-jobs.query: EQUAL\n" || same.output.hasSuffix(": EQUAL\n"))
    let later = Self.answer(state: "Pause")
    let noisy = try Self.compare(Self.answer(), later)
    #expect(noisy.code == 0)
    #expect(noisy.output.contains("noise /Response/JobsDetail/State"))
    #expect(noisy.output.contains("EQUAL, 1 noise"))
    #expect(try !Self.compare(Self.answer(), later, ["--quiet"]).output.contains("noise /"))
  }

  @Test("each class is told with its place in both answers, and ends with 1")
  func different() throws {
    let outcome = try Self.compare(
      Self.answer(), Self.answer(data: "yours", more: "<Retries>3</Retries>"), ["--operation", "file-jobs.query"])
    #expect(outcome.code == 1)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output.contains("violation /Response/JobsDetail/Operation/UserData"))
    #expect(outcome.output.contains(".xml:6:1, actual "))
    #expect(outcome.output.contains("gap /Response/JobsDetail/Retries"))
    #expect(outcome.output.contains(#"<xs:element name="Retries" type="Count" minOccurs="0">"#))
    #expect(outcome.output.contains("-       <UserData>mine</UserData>"))
    #expect(outcome.output.contains("+       <UserData>yours</UserData>"))
    #expect(outcome.output.contains("DIFFERENT, 1 violation, 1 gap"))
  }

  @Test("folders are compared file by file, and what has no partner is told")
  func folders() throws {
    let folder = NSTemporaryDirectory() + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func write(_ name: String, _ text: String) throws {
      let path = "\(folder)/\(name)"
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    for side in ["was", "is"] { try write("\(side)/a/1.xml", Self.answer(state: side == "is" ? "Pause" : "Submitted")) }
    let arguments = ["compare", "\(folder)/was", "\(folder)/is", "--operation", "file-jobs.query"]
    let equal = try Program.run(arguments)
    #expect(equal.code == 0)
    #expect(equal.output.isEmpty)
    #expect(equal.errors == "1 pairs: 1 equal, 0 different, 0 without a partner, 0 unreadable\n")
    try write("was/b.xml", Self.answer())
    try write("is/b.xml", Self.answer(data: "yours"))
    try write("was/lost.xml", Self.answer())
    try write("is/new.xml", Self.answer())
    let different = try Program.run(arguments)
    #expect(different.code == 1)
    #expect(different.output.contains("violation /Response/JobsDetail/Operation/UserData"))
    #expect(different.errors.contains("is/lost.xml: is missing; the recording has it"))
    #expect(different.errors.contains("4 pairs: 1 equal, 1 different, 2 without a partner, 0 unreadable"))
    try write("was/c.xml", "<Response>")
    try write("is/c.xml", Self.answer())
    #expect(try Program.run(arguments).code == 3)
    #expect(try Program.run(["compare", "\(folder)/was", "\(folder)/is/b.xml"]).code == 2)
  }

  @Test("JSON holds one difference on a line")
  func json() throws {
    let outcome = try Self.compare(Self.answer(), Self.answer(state: "Running", data: "yours"), ["--format", "json"])
    #expect(outcome.code == 1)
    let lines = try outcome.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(lines.map { $0["class"] as? String } == ["violation", "noise"])
    #expect(lines[0]["path"] as? String == "/Response/JobsDetail/Operation/UserData")
    #expect(lines[0]["recordedLine"] as? Int == 6 && lines[0]["actualColumn"] as? Int == 1)
    #expect(lines[0]["expected"] as? String == "mine" && lines[0]["actual"] as? String == "yours")
  }

  @Test("a node that repeats the request is held against the request that is given")
  func request() throws {
    let sent = Program.file("<Request><Operation><UserData>yours</UserData></Operation></Request>")
    defer { try? FileManager.default.removeItem(atPath: sent) }
    #expect(try Self.compare(Self.answer(), Self.answer(data: "yours"), ["--request", sent]).code == 0)
    #expect(try Self.compare(Self.answer(), Self.answer(), ["--request", sent]).code == 1)
  }

  @Test(
    "what cannot be compared is said",
    arguments: [
      ("<Response>", "<Response/>", 3, "is not a document that can be compared with"),
      ("", "", 3, "is not a document that can be compared with"),
      ("<Thing/>", "<Thing/>", 2, "nothing in"), ("HTTP/1.1 200", "<Response/>", 3, "head has no end"),
    ] as [(String, String, Int32, String)])
  func unusable(recorded: String, actual: String, code: Int32, sentence: String) throws {
    let outcome = try Self.compare(recorded, actual)
    #expect(outcome.code == code)
    #expect(outcome.errors.contains(sentence), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test("an answer is read from standard input, a whole message with its head")
  func message() throws {
    func message(_ date: String, length: Int = 87) -> String {
      """
      HTTP/1.1 200 OK
      Content-Type: application/xml
      Content-Length: \(length)
      Date: \(date)
      x-ci-request-id: NjJiZDU1ZmZfOTBmYTUwNjRfNzdjY18xYQ==

      <Response><NonExistJobIds>f93984788066911ed89ed352d4d9d2084</NonExistJobIds></Response>
      """
    }
    let recorded = Program.file(message("Thu, 30 Jun 2022 07:51:27 GMT"), ".http")
    defer { try? FileManager.default.removeItem(atPath: recorded) }
    func compare(_ actual: String) throws -> Program.Outcome {
      try Program.run(
        ["compare", recorded, "-", "--operation", "file-jobs.query"], input: Data(actual.utf8))
    }
    let right = try compare(message("Fri, 01 Jul 2022 07:51:27 GMT"))
    #expect(right.code == 0, "\(right.output)")
    #expect(right.output.contains("noise headers/date"))
    let wrong = try compare(message("Fri, 01 Jul 2022 07:51:27 GMT", length: 8))
    #expect(wrong.code == 1)
    #expect(wrong.output.contains("violation headers/content-length [response-headers.content-length.true]"))
    #expect(wrong.output.contains("actual <stdin>:3:1"))
  }

  @Test("control characters of an answer never reach the terminal")
  func control() throws {
    let outcome = try Self.compare(Self.answer(), Self.answer(data: "&#x9B;31mred"))
    #expect(outcome.code == 1)
    #expect(!outcome.output.unicodeScalars.contains("\u{9B}"))
  }
}
