import HTTPExchange
import Testing
import XMLValidation

@testable import Replay

@Suite("Trees that are kept")
struct RecentTreesTests {
  private let document = Array("<A>1</A>".utf8)

  private final class Reader {
    private(set) var count = 0

    func read(_ document: [UInt8]) -> ElementTree? {
      count += 1
      return ElementTree(String(decoding: document, as: UTF8.self))
    }
  }

  @Test("a document is read once, another of its length too, and one that was kept not at all")
  func reading() {
    var trees = RecentTrees()
    let reader = Reader()
    let other = Array("<A>2</A>".utf8)
    for _ in 1...2 {
      #expect(trees.tree(of: document, read: reader.read)?.name == "<A>1</A>")
      #expect(trees.tree(of: other, read: reader.read)?.name == "<A>2</A>")
    }
    #expect(reader.count == 2)
    trees.keep(nil, of: [0x3C])
    #expect(trees.tree(of: [0x3C], read: reader.read) == nil)
    #expect(reader.count == 2)
  }

  @Test("of many documents the last are kept, of long ones none")
  func bounds() {
    var trees = RecentTrees()
    let reader = Reader()
    let documents = (0...RecentTrees.countMax).map { Array("<A>\($0)</A>".utf8) }
    for document in documents { _ = trees.tree(of: document, read: reader.read) }
    let read = reader.count
    _ = trees.tree(of: documents[1], read: reader.read)
    #expect(reader.count == read)
    _ = trees.tree(of: documents[0], read: reader.read)
    #expect(reader.count == read + 1)
    let long = [UInt8](repeating: 0x61, count: RecentTrees.bytesMax + 1)
    for _ in 1...2 { _ = trees.tree(of: long, read: reader.read) }
    #expect(reader.count == read + 3)
  }

  @Test("one comparer tells recordings and answers apart, however alike they are")
  func comparing() throws {
    let (catalogue, library) = try Kit.library()
    let comparer = try AnswerComparer(catalogue: catalogue, library: library)
    func answer(_ type: String) -> ComparedAnswer {
      let body = """
        <Response><JobsDetail><Code>Success</Code><CreationTime>2022-07-18T15:16:43+0800</CreationTime>\
        <EndTime>-</EndTime><Input><BucketId>test-1234567890</BucketId><Object>a</Object><Region>ap-chongqing</Region>\
        </Input><JobId>f93984788066911ed89ed352d4d9d2084</JobId><Message/><Operation><FileHashCodeConfig>\
        <Type>\(type)</Type></FileHashCodeConfig></Operation><QueueId>p2911917386e148639319e13c285cc774</QueueId>\
        <StartTime>-</StartTime><State>Submitted</State><Tag>FileHashCode</Tag></JobsDetail></Response>
        """
      return ComparedAnswer(
        name: "answer",
        response: HTTPResponse(status: 200, headers: ["Content-Type": "application/xml"], body: Array(body.utf8)))
    }
    func isTypeEqual(_ recorded: ComparedAnswer, _ actual: ComparedAnswer) throws -> Bool {
      var bindings = Bindings()
      let outcome = try comparer.outcome(
        recorded: recorded, actual: actual,
        context: ComparisonContext(hint: KindHint(operation: "file-jobs.query", part: .response)), bindings: &bindings)
      return !outcome.differences.contains { $0.path == "/Response/JobsDetail/Operation/FileHashCodeConfig/Type" }
    }
    let (sha1, other) = (answer("SHA1"), answer("MD5_"))
    for _ in 1...2 {
      #expect(try isTypeEqual(sha1, sha1))
      #expect(try !isTypeEqual(sha1, other))
      #expect(try !isTypeEqual(other, sha1))
      #expect(try isTypeEqual(sha1, answer("SHA1")))
    }
  }
}
