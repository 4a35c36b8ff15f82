import Foundation
import HTTPExchange
import Testing

@Suite("HTTPArchive")
struct HARTests {
  private func archive(_ entries: String) throws -> HTTPArchive {
    try HTTPArchive(parsing: Array("{\"log\":{\"version\":\"1.2\",\"creator\":{},\"entries\":[\(entries)]}}".utf8))
  }

  @Test("an entry is a request and an answer as they went over the wire")
  func entry() throws {
    let archive = try archive(
      """
      {"startedDateTime":"x","request":{"method":"PUT","url":"https://b-1.ci.ap-x.myqcloud.com/jobs/j%2F1?cancel#top",\
      "httpVersion":"HTTP/1.1","headers":[{"name":"Host","value":"b-1.ci.ap-x.myqcloud.com"}],\
      "postData":{"mimeType":"application/xml","text":"<a>中</a>"}},\
      "response":{"status":200,"statusText":"OK","headers":[{"name":"Server","value":"tencent-ci"}],\
      "content":{"size":4,"text":"PGEvPg==","encoding":"base64"}}}
      """)
    let entry = try #require(archive.entries.first)
    #expect(entry.number == 1)
    #expect(entry.request.method == "PUT")
    #expect(entry.request.target == "/jobs/j%2F1?cancel")
    #expect(entry.request.body == Array("<a>中</a>".utf8))
    #expect(entry.request.headers.fields.map(\.name) == ["Host"])
    #expect(entry.response?.status == 200)
    #expect(entry.response?.body == Array("<a/>".utf8))
    #expect(entry.hasResponseBody)
  }

  @Test("the pseudo-fields of HTTP/2 are not fields, and :authority is Host")
  func pseudoFields() throws {
    let archive = try archive(
      """
      {"request":{"method":"GET","url":"https://h/x","headers":[{"name":":method","value":"GET"},\
      {"name":":authority","value":"b.example"},{"name":"accept","value":"*/*"}]}}
      """)
    #expect(archive.entries[0].request.headers["Host"] == "b.example")
    #expect(archive.entries[0].request.headers.fields.count == 2)
    #expect(archive.entries[0].response == nil)
  }

  @Test(
    "the target is what stands behind the authority",
    arguments: [
      ("https://u:p@host:8080/a?b=c", "/a?b=c", "host:8080"), ("http://host", "/", "host"),
      ("http://host?x=1", "/?x=1", "host"),
    ])
  func targets(url: String, target: String, host: String) throws {
    let archive = try archive("{\"request\":{\"method\":\"GET\",\"url\":\"\(url)\",\"headers\":[]}}")
    #expect(archive.entries[0].request.target == target)
    #expect(archive.entries[0].request.headers["Host"] == host)
  }

  @Test("a status that is no whole number is told with its place", arguments: ["1e30", "200.5", "\"200\""])
  func status(text: String) {
    let error = #expect(throws: HTTPArchiveError.self) {
      try archive("{\"request\":{\"method\":\"GET\",\"url\":\"http://h/\"},\"response\":{\"status\":\(text)}}")
    }
    #expect(error?.reason.contains("at log.entries[0].response.status a ") == true, "\(String(describing: error))")
    #expect(error?.reason.hasSuffix("number is expected") == true)
  }

  @Test(
    "times that cannot be are dropped and told",
    arguments: [
      ("\"2026-11-21T16:00:00Z\"", "12", true, true, 0), ("\"0001-01-01T00:00:00Z\"", "12", false, true, 1),
      ("\"9999-01-01T00:00:00Z\"", "1e308", false, false, 2), ("\"soon\"", "-1", false, false, 1),
      ("\"1970-01-01T00:00:00Z\"", "0", false, false, 0),
    ])
  func times(date: String, time: String, hasDate: Bool, hasTime: Bool, dropped: Int) throws {
    let archive = try archive(
      "{\"startedDateTime\":\(date),\"time\":\(time),\"request\":{\"method\":\"GET\",\"url\":\"http://h/\"}}")
    let entry = try #require(archive.entries.first)
    #expect((entry.date != nil) == hasDate)
    #expect((entry.seconds != nil) == hasTime)
    #expect(entry.dropped.count == dropped, "\(entry.dropped)")
  }

  @Test("a body that was not saved is told from an empty one")
  func missingBody() throws {
    func entry(_ content: String) -> String {
      "{\"request\":{\"method\":\"GET\",\"url\":\"http://h/\"},\"response\":{\"status\":200,\"content\":\(content)}}"
    }
    let archive = try archive(
      [entry("{\"size\":10}"), entry("{\"size\":0}"), entry("{\"size\":1,\"text\":\"x\"}")].joined(separator: ","))
    #expect(archive.entries.map(\.hasResponseBody) == [false, true, true])
  }

  @Test(
    "what is no archive says where it is wrong",
    arguments: [
      ("", "ends before"), ("[]", "at the top an object is expected"), ("{\"log\":{\"entries\":[", "cut short"),
      ("{\"log\":{\"entries\":1}}", "at log.entries an array is expected"), ("{\"log\":{}", "not valid JSON"),
      ("{\"log\":{}}", "'entries' is missing"),
      ("{\"log\":{\"entries\":[{\"request\":{\"method\":\"GET\"}}]}}", "at log.entries[0].request the key 'url'"),
      (
        "{\"log\":{\"entries\":[{\"request\":{\"method\":\"GET\",\"url\":\"/\",\"postData\":{\"text\":\"*\",\"encoding\":\"base64\"}}}]}}",
        "entry 1 is not base64"
      ),
    ])
  func malformed(text: String, words: String) {
    let error = #expect(throws: HTTPArchiveError.self) { try HTTPArchive(parsing: Array(text.utf8)) }
    #expect(error?.reason.contains(words) == true, "\(String(describing: error))")
    #expect(error?.isOfOtherForm == (text == "[]"))
  }
}
