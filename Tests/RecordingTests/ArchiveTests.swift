import CaseLibrary
import Foundation
import HTTPExchange
import Recording
import Testing

@Suite("Archives of recordings")
struct ArchiveTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  @Test("every scenario comes back from an archive message for message")
  func everyScenario() throws {
    let all = try RecordedScenario.all(in: DataFolder(path: Self.root))
    let archive = try HTTPArchive(parsing: try HARWriter.bytes(of: all, creator: "cispec test"))
    let exchanges = all.flatMap(\.exchanges)
    #expect(exchanges.count > 30)
    #expect(archive.entries.map(\.request) == exchanges.map(\.request))
    #expect(archive.entries.compactMap(\.response) == exchanges.map(\.response))
  }

  @Test("bodies that are no text come back too")
  func binaryBodies() throws {
    var recorded = try #require(try RecordedScenario.all(in: DataFolder(path: Self.root)).first)
    recorded.exchanges[0].request.body = [0xFF, 0x00, 0x0A, 0x80]
    recorded.exchanges[0].response.body = [0xFE, 0x00]
    let archive = try HTTPArchive(parsing: try HARWriter.bytes(of: [recorded], creator: "cispec test"))
    #expect(archive.entries[0].request.body == [0xFF, 0x00, 0x0A, 0x80])
    #expect(archive.entries[0].response?.body == [0xFE, 0x00])
  }

  @Test("a Host that would end the authority of a URL leaves the target as it is", arguments: ["a?b.c", "a/b", "a#b"])
  func strangeHost(host: String) throws {
    var recorded = try #require(try RecordedScenario.all(in: DataFolder(path: Self.root)).first)
    recorded.exchanges[0].request.headers.set("Host", host)
    let archive = try HTTPArchive(parsing: try HARWriter.bytes(of: [recorded], creator: "cispec test"))
    #expect(archive.entries[0].request == recorded.exchanges[0].request)
  }

  @Test("an archive may have an entry a line")
  func lines() throws {
    let line =
      "{\"startedDateTime\":\"2026-11-21T16:00:00.500Z\",\"time\":250,\"request\":{\"method\":\"GET\","
      + "\"url\":\"https://h.example/jobs/j1\"},\"response\":{\"status\":404}}\n"
    let archive = try HTTPArchive(parsingLines: Array((line + "\n" + line).utf8))
    #expect(archive.entries.map(\.request.target) == ["/jobs/j1", "/jobs/j1"])
    // date -u -d 2026-11-21T16:00:00Z +%s
    #expect(archive.entries[0].date == 1_795_276_800.5)
    #expect(archive.entries[0].seconds == 0.25)
    #expect(throws: HTTPArchiveError.self) { try HTTPArchive(parsingLines: Array("{}\n".utf8)) }
  }

  @Test("a flow dump that mitmproxy wrote is read as its requests and answers")
  func flows() throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: Self.root + "/Tests/Foreign/mitmproxy-11.0.2.flows")))
    #expect(FlowDump.isLikely(bytes[...]))
    let exchanges = try FlowDump.exchanges(parsing: bytes)
    #expect(exchanges.count == 2)
    #expect(exchanges[0].request.method == "POST")
    #expect(exchanges[0].request.target == "/file_jobs?a=b%20c")
    #expect(exchanges[0].request.headers["Host"] == "test-1234567890.ci.ap-chongqing.myqcloud.com")
    #expect(exchanges[0].request.body == Array("<Request>\u{4E2D}</Request>".utf8))
    #expect(exchanges[1].request.target == "/file_jobs/f1")
    #expect(exchanges.map(\.response.status) == [418, 418])
    #expect(exchanges[0].response.headers["X-Twice"] == "1")
    #expect(exchanges[0].response.body == Array("<Error/>".utf8))
    #expect(exchanges[0].date != nil)
    #expect((exchanges[0].seconds ?? -1) >= 0)
  }

  @Test(
    "what is no flow dump is refused with the place",
    arguments: ["5:ab", "99999999999999:x,", "3:abcZ", "0:]", "4:1:a,}", "x"])
  func brokenFlows(text: String) {
    #expect(throws: FlowDumpError.self) { try FlowDump.exchanges(parsing: Array(text.utf8)) }
  }

  @Test(
    "an exchange that could not be read again is told",
    arguments: [
      ("", "x", "header 1 of the response has an empty name"), ("X-A", "a\u{0}b", "X-A, has a NUL or a line break"),
      ("X-A", "a\r\nX-B: c", "X-A, has a NUL or a line break"), ("X A", "x", "names do not have"), ("X-A", "x", ""),
    ])
  func defects(name: String, value: String, words: String) {
    let exchange = CapturedExchange(
      request: HTTPRequest(method: "GET", target: "/"), response: HTTPResponse(status: 200, headers: [name: value]))
    #expect(exchange.defect?.contains(words) ?? words.isEmpty, "\(exchange.defect ?? "none")")
  }
}
