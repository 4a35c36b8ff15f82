import HTTPExchange
import Testing
import XMLValidation

@testable import Emulator

@Suite struct ListTests {
  static let queue = "p2242ab62c7c94486915508540933a2c6"
  static let base = "/jobs?queueId=\(queue)&tag=Animation"

  /// Ids of jobs that were made a second apart, the oldest first.
  static func jobs(_ service: Service, _ count: Int) throws -> [String] {
    try (0..<count).map { _ in
      let id = try service.submit("/jobs", animationBody())
      service.clock.sleep(seconds: 1)
      return id
    }
  }

  static func ids(_ answer: HTTPResponse) -> [String] {
    answer.root.elements(at: "/Response/JobsDetail/JobId").map(\.text)
  }

  @Test("pages follow each other without gap or double, the newest first unless asked otherwise")
  func paging() throws {
    let service = Service()
    let ids = try Self.jobs(service, 5)
    for (order, expected) in [
      ("", Array(ids.reversed())), ("&orderByTime=Asc", ids), ("&orderByTime=Desc", ids.reversed()),
    ] {
      var found: [String] = []
      var token = ""
      repeat {
        let answer = service.send("GET", "\(Self.base)\(order)&size=2\(token)")
        try expectConformant(answer, "jobs.list", .response)
        found += Self.ids(answer)
        token = answer.root.text(at: "NextToken").map { "&nextToken=\($0)" } ?? ""
      } while !token.isEmpty
      #expect(found == expected)
    }
  }

  @Test("a page has ten jobs unless asked otherwise, and a hundred at most")
  func size() throws {
    let service = Service()
    _ = try Self.jobs(service, 12)
    #expect(Self.ids(service.send("GET", Self.base)).count == 10)
    #expect(Self.ids(service.send("GET", Self.base + "&size=100")).count == 12)
    for size in ["0", "101", "-1", "ten"] {
      #expect(service.send("GET", Self.base + "&size=\(size)").errorCode == "InvalidArgument")
    }
  }

  @Test("a page that was begun goes on when new jobs come")
  func newJobs() throws {
    let service = Service()
    let ids = try Self.jobs(service, 4)
    let first = service.send("GET", Self.base + "&size=2")
    _ = try Self.jobs(service, 2)
    let token = try #require(first.root.text(at: "NextToken"))
    #expect(Self.ids(service.send("GET", Self.base + "&size=2&nextToken=\(token)")) == [ids[1], ids[0]])
  }

  @Test("states, tag, queue and object choose jobs")
  func filters() throws {
    let service = Service()
    let ids = try Self.jobs(service, 3)
    let last = try service.submit("/jobs", animationBody())
    service.send("PUT", "/jobs/\(last)?cancel")
    // A job waits and runs for a second each, and now is three seconds after the first.
    #expect(Self.ids(service.send("GET", Self.base + "&states=Running")) == [ids[2]])
    #expect(Self.ids(service.send("GET", Self.base + "&states=Success,Cancel")) == [last, ids[1], ids[0]])
    #expect(Self.ids(service.send("GET", Self.base + "&states=Submitted")).isEmpty)
    #expect(Self.ids(service.send("GET", Self.base + "&states=All")).count == 4)
    #expect(Self.ids(service.send("GET", "/jobs?queueId=p\(String(repeating: "0", count: 32))&tag=Animation")).isEmpty)
    #expect(Self.ids(service.send("GET", "/jobs?queueId=\(Self.queue)&tag=Transcode")).isEmpty)
    #expect(Self.ids(service.send("GET", Self.base + "&inputObject=input/demo.mp4")).count == 4)
    #expect(Self.ids(service.send("GET", Self.base + "&inputObject=input/other.mp4")).isEmpty)
    #expect(Self.ids(service.send("GET", Self.base + "&workflowId=w\(String(repeating: "0", count: 32))")).isEmpty)
  }

  @Test(
    "creation times bound a list on both sides, whatever the zone",
    arguments: [
      ("startCreationTime=2022-07-18T15:16:44%2B0800", [1, 2]), ("endCreationTime=2022-07-18T15:16:44%2B0800", [0, 1]),
      ("startCreationTime=2022-07-18T07:16:44Z&endCreationTime=2022-07-18T07:16:44z", [1]),
      ("startCreationTime=2022-07-18T15:16:46+0800", []), ("endCreationTime=2022-07-18T02:16:43-0500", [0]),
    ])
  func times(_ filter: String, _ expected: [Int]) throws {
    let service = Service()
    let ids = try Self.jobs(service, 3)
    #expect(Self.ids(service.send("GET", "\(Self.base)&orderByTime=Asc&\(filter)")) == expected.map { ids[$0] })
  }

  @Test(
    "a parameter that is missing or out of its range is refused",
    arguments: [
      "/jobs", "/jobs?queueId=\(queue)", "/jobs?tag=Animation", "/jobs?queueId=p1&tag=Animation", "/doc_jobs",
      "/jobs?queueId=\(queue)&tag=Nothing", "\(base)&orderByTime=Up", "\(base)&states=Ready", "\(base)&nextToken=x",
      "\(base)&startCreationTime=yesterday", "\(base)&startCreationTime=2022-13-01T00:00:00%2B0800",
      "\(base)&workflowId=1", "/inventorytriggerjob?type=Other", "/inventorytriggerjob?jobId=j1",
      "/queue?pageNumber=0", "/queue?pageSize=x", "/queue?state=Off", "/queue?category=All",
    ])
  func refusals(_ target: String) throws {
    let answer = Service().send("GET", target)
    #expect(answer.status == 400)
    #expect(answer.errorCode == "InvalidArgument")
    try expectConformant(answer, nil, .error)
  }

  @Test("an empty parameter counts as none, since one SDK sends all of them")
  func empty() throws {
    let service = Service()
    let id = try service.submit("/inventorytriggerjob", batchBody)
    let answer = service.send(
      "GET", "/inventorytriggerjob?type=Job&states=All&size=10&nextToken=&workflowId=&jobId=&name=")
    #expect(Self.ids(answer) == [id])
    try expectConformant(answer, "batch-jobs.list", .response)
  }

  @Test("batch jobs are listed by type, name, id and workflow")
  func batches() throws {
    let service = Service()
    let job = try service.submit("/inventorytriggerjob", batchBody)
    let workflow = try service.submit("/inventorytriggerjob", workflowBody)
    func ids(_ query: String) -> [String] { Self.ids(service.send("GET", "/inventorytriggerjob?\(query)")) }
    #expect(Set(ids("")) == [job, workflow])
    #expect(ids("type=Job") == [job])
    #expect(ids("type=Workflow") == [workflow])
    #expect(ids("jobId=\(job)") == [job])
    #expect(ids("name=nobody").isEmpty)
    #expect(ids("workflowId=web6ac56c1ef54dbfa44d7f4103203be9") == [workflow])
  }

  @Test("document jobs have a list of their own")
  func documents() throws {
    let service = Service()
    let body =
      "<Request><Tag>DocProcess</Tag><Input><Object>1.doc</Object></Input><Operation><DocProcess><TgtType>png</TgtType>"
      + "</DocProcess><Output><Region>ap-chongqing</Region><Bucket>\(testBucket)</Bucket><Object>o-${Number}</Object>"
      + "</Output></Operation></Request>"
    let id = try service.submit("/doc_jobs", body)
    let queue = try #require(try service.detail("/doc_jobs/\(id)").text(at: "QueueId"))
    service.clock.sleep(seconds: 2)
    let answer = service.send("GET", "/doc_jobs?queueId=\(queue)&tag=DocProcess")
    try expectConformant(answer, "doc-jobs.list", .response)
    #expect(Self.ids(answer) == [id])
    #expect(answer.root.text(at: "JobsDetail", "State") == "Success")
    #expect(Self.ids(service.send("GET", "/doc_jobs?queueId=\(queue)&tag=DocWatermark")).isEmpty)
    #expect(service.send("GET", "/jobs/\(id)").root.text(at: "NonExistJobIds") == id)
  }

  @Test("other buckets see nothing of it")
  func otherBucket() throws {
    let service = Service()
    _ = try Self.jobs(service, 1)
    let answer = service.send("GET", Self.base, host: "test-1.ci.ap-chongqing.myqcloud.com")
    #expect(Self.ids(answer).isEmpty)
  }

  @Test("a list reads what hash jobs are to hash")
  func hashes() throws {
    let service = Service(HashJobTests.store("abc"))
    let id = try service.submit("/file_jobs", hashBody(extra: "<QueueId>\(Self.queue)</QueueId>"))
    service.clock.sleep(seconds: 2)
    let answer = service.send("GET", "/jobs?queueId=\(Self.queue)&tag=FileHashCode")
    #expect(Self.ids(answer) == [id])
    // RFC 1321, appendix A.5.
    let digest = answer.root.text(at: "JobsDetail", "Operation", "FileHashCodeResult", "MD5")
    #expect(digest == "900150983cd24fb0d6963f7d28e17f72")
  }
}
