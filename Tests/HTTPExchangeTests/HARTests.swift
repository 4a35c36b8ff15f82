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
      ("", ""), ("[]", "the top"), ("{\"log\":{}}", "'entries' is missing"),
      ("{\"log\":{\"entries\":[{\"request\":{\"method\":\"GET\"}}]}}", "log.entries.[0].request"),
      (
        "{\"log\":{\"entries\":[{\"request\":{\"method\":\"GET\",\"url\":\"/\",\"postData\":{\"text\":\"*\",\"encoding\":\"base64\"}}}]}}",
        "entry 1 is not base64"
      ),
    ])
  func malformed(text: String, words: String) {
    let error = #expect(throws: HTTPArchiveError.self) { try HTTPArchive(parsing: Array(text.utf8)) }
    #expect(
      words.isEmpty || error?.reason.contains(words) == true || error?.reason.contains("the top") == true,
      "\(String(describing: error))")
  }
}
