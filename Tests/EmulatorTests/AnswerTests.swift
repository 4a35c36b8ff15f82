import HTTPExchange
import Testing
import XMLValidation

@testable import Emulator

@Suite struct AnswerTests {
  static let submits: [(path: String, body: String, operation: String)] = [
    ("/file_jobs", hashBody(), "file-jobs.submit"),
    ("/file_jobs", hashBody("SHA256", config: "<AddToHeader>true</AddToHeader>"), "file-jobs.submit"),
    ("/jobs", hashBody(), "file-jobs.submit"),
    ("/jobs", animationBody(), "jobs.submit"),
    ("/jobs", animationBody("<TemplateId>t1f16e1dfbdc994105b31292d45710642a</TemplateId>"), "jobs.submit"),
    ("/inventorytriggerjob", batchBody, "batch-jobs.submit"),
    ("/inventorytriggerjob", workflowBody, "batch-jobs.submit"),
  ]

  @Test("Every answer of a job's life fits its schema and rules with nothing to warn of", arguments: submits)
  func conformance(_ sample: (path: String, body: String, operation: String)) throws {
    let service = Service(HashJobTests.store("abc"))
    let answer = service.send("POST", sample.path, sample.body)
    try #require(answer.status == 200, Comment(rawValue: answer.text))
    try expectConformant(answer, sample.operation, .response)
    let id = try #require(answer.root.text(at: "JobsDetail", "JobId"))
    let query = sample.operation.replacing(".submit", with: ".query")
    for state in ["Submitted", "Running", "Success"] {
      let found = service.send("GET", "\(sample.path)/\(id)")
      #expect(found.root.text(at: "JobsDetail", "State") == state)
      try expectConformant(found, sample.path == "/jobs" ? "jobs.query" : query, .response)
      service.clock.sleep(seconds: 1)
    }
  }

  @Test("An answer is compact, declared, and has its children in alphabetical order", arguments: submits)
  func form(_ sample: (path: String, body: String, operation: String)) throws {
    let service = Service(HashJobTests.store("abc"))
    let id = try service.submit(sample.path, sample.body)
    service.clock.sleep(seconds: 2)
    let answer = service.send("GET", "\(sample.path)/\(id),x0")
    #expect(
      answer.text.hasPrefix("<?xml version=\"1.0\" encoding=\"utf-8\"?><Response><JobsDetail><Code>Success</Code>"))
    #expect(!answer.text.contains("> <") && !answer.text.contains("\n"))
    func expectOrder(_ element: ElementTree) {
      #expect(element.children.map(\.name) == element.children.map(\.name).sorted())
      element.children.forEach(expectOrder)
    }
    expectOrder(answer.root)
  }

  @Test("An answer has the headers of the service, and leaves the others to the server")
  func headers() {
    let answer = Service().send("GET", "/jobs/j0")
    #expect(answer.headers.fields.map(\.name) == ["Date", "Content-Type", "Server", "x-ci-request-id"])
    #expect(answer.headers["Date"] == "Mon, 18 Jul 2022 07:16:43 GMT")
    #expect(answer.headers["Content-Type"] == "application/xml")
    #expect(answer.headers["Server"] == "tencent-ci")
  }

  @Test("A submitted hash job is described as on its page, in the captured order")
  func hashPage() throws {
    let queue = "<QueueId>p2911917386e148639319e13c285cc774</QueueId>"
    let service = Service()
    let answer = service.send(
      "POST", "/file_jobs", hashBody(extra: queue, config: "<AddToHeader>true</AddToHeader>"))
    let id = try #require(answer.root.text(at: "JobsDetail", "JobId"))
    #expect(
      answer.text == "<?xml version=\"1.0\" encoding=\"utf-8\"?><Response><JobsDetail><Code>Success</Code>"
        + "<CreationTime>2022-07-18T15:16:43+0800</CreationTime><EndTime>-</EndTime><Input>"
        + "<BucketId>test-1234567890</BucketId><Object>input/test.mp4</Object><Region>ap-chongqing</Region></Input>"
        + "<JobId>\(id)</JobId><Message/><Operation><FileHashCodeConfig><AddToHeader>true</AddToHeader><Type>MD5</Type>"
        + "</FileHashCodeConfig><UserData>This is my data.</UserData></Operation>\(queue)<StartTime>-</StartTime>"
        + "<State>Submitted</State><Tag>FileHashCode</Tag></JobsDetail></Response>")
  }

  /// The names and order of all elements of the captured callback of an Animation job (1045/49513), below Operation.
  static let capturedOperation =
    "MediaInfo(Format(Bitrate,Duration,FormatLongName,FormatName,NumProgram,NumStream,Size,StartTime),Stream(Audio,"
    + "Subtitle,Video(AvgFps,CodecLongName,CodecName,CodecTag,CodecTagString,CodecTimeBase,ColorPrimaries,ColorRange,"
    + "ColorTransfer,Duration,Fps,HasBFrame,Height,Index,Level,NumFrames,PixFormat,RefFrames,Rotation,StartTime,"
    + "Timebase,Width))),MediaResult(OutputFile(Bucket,Md5Info(Md5,ObjectName),ObjectName,ObjectPrefix,Region)),"
    + "Output(Bucket,Object,Region),TemplateId,TemplateName,UserData"

  @Test("A finished Animation job has the elements of the captured one")
  func animationShape() throws {
    let service = Service()
    let id = try service.submit("/jobs", animationBody("<TemplateId>t1f16e1dfbdc994105b31292d45710642a</TemplateId>"))
    service.clock.sleep(seconds: 2)
    let detail = try service.detail("/jobs/\(id)")
    func shape(_ element: ElementTree) -> String {
      let children = element.children.map(shape).joined(separator: ",")
      return children.isEmpty ? element.name : "\(element.name)(\(children))"
    }
    #expect(try #require(detail["Operation"]).children.map(shape).joined(separator: ",") == Self.capturedOperation)
    #expect(
      detail.children.map(\.name) == [
        "Code", "CreationTime", "EndTime", "Input", "JobId", "Message", "Operation", "QueueId", "StartTime", "State",
        "Tag",
      ])
  }

  @Test("The values of an animation follow from its request")
  func animationValues() throws {
    let service = Service()
    let ids = try [animationBody(), animationBody(), animationBody(object: "other.gif")].map {
      try service.submit("/jobs", $0)
    }
    service.clock.sleep(seconds: 2)
    let jobs = try ids.map { try #require(try service.detail("/jobs/\($0)")["Operation"]) }
    let video = try #require(jobs[0]["MediaInfo"]?["Stream"]?["Video"])
    #expect(video.text(at: "Width") == "1280")
    #expect(video.text(at: "Height") == "720")
    #expect(video.text(at: "Fps") == "15.000000")
    #expect(video.text(at: "Duration") == "2.500000")
    #expect(video.text(at: "NumFrames") == "38")
    let file = try #require(jobs[0]["MediaResult"]?["OutputFile"])
    #expect(file.text(at: "ObjectName") == "output/\(ids[0]).gif")
    #expect(jobs[0].text(at: "Output", "Object") == "output/${jobid}.${ext}")
    let digests = jobs.map { $0.elements(at: "/Operation/MediaResult/OutputFile/Md5Info/Md5")[0].text }
    #expect(digests[0] == digests[1] && digests[0] != digests[2])
    #expect(digests[0].count == 32)
  }

  @Test("A template outranks the Animation node beside it")
  func templateWins() throws {
    let service = Service()
    let template = "<TemplateId>t1f16e1dfbdc994105b31292d45710642a</TemplateId>"
    let widths = try [template, ""].map { given in
      let body = animationBody().replacing("<Operation>", with: "<Operation>\(given)")
      let id = try service.submit("/jobs", body)
      service.clock.sleep(seconds: 2)
      let video = try service.detail("/jobs/\(id)")["Operation"]?["MediaInfo"]?["Stream"]?["Video"]
      return video?.text(at: "Width")
    }
    #expect(widths[1] == "1280")
    #expect(widths[0] != nil && widths[0] != "1280")
  }

  @Test(
    "A batch answer echoes its request and carries the RequestId",
    arguments: [(batchBody, "Job"), (workflowBody, "Workflow")])
  func batchEcho(_ body: String, _ type: String) throws {
    let answer = Service().send("POST", "/inventorytriggerjob", body)
    let request = try #require(Validator(library: Kit.library).tree(of: Array(body.utf8)))
    let detail = try #require(answer.root["JobsDetail"])
    func bare(_ element: ElementTree?) -> String? { element?.sorted.fragment }
    #expect(bare(detail["Input"]) == bare(request["Input"]))
    #expect(bare(detail["Operation"]) == bare(request["Operation"]))
    #expect(detail.text(at: "Name") == "demo")
    #expect(detail.text(at: "Type") == type)
    #expect(detail["Tag"] == nil && detail["QueueId"] == nil)
    #expect(answer.root.text(at: "RequestId") == answer.headers["x-ci-request-id"])
  }

  @Test("Elements of one name keep their order among the sorted ones, at every depth")
  func repeatedElements() {
    let leaves = ["b1", "a", "b2", "c", "b3"].map { ElementTree(String($0.prefix(1)), text: $0) }
    let tree = ElementTree("r", children: [ElementTree("z", children: leaves)] + leaves)
    let expected = "<a>a</a><b>b1</b><b>b2</b><b>b3</b><c>c</c>"
    #expect(tree.sorted.fragment == "<r>\(expected)<z>\(expected)</z></r>")
  }

  @Test("What clients of the SDKs send is taken")
  func sdkRequests() {
    let service = Service()
    let go =
      "<Request><Tag>FileHashCode</Tag><Input><Object>294028.zip</Object></Input><Operation><FileHashCodeConfig>"
      + "<Type>sha1</Type><AddToHeader>true</AddToHeader></FileHashCodeConfig></Operation>"
      + "<QueueId>pb6a88aead4dd4fa8bc953d4ca4e04430</QueueId></Request>"
    let python =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Request><Input><Object>a.txt</Object></Input>"
      + "<Tag>FileHashCode</Tag><Operation><FileHashCodeConfig><Type>MD5</Type></FileHashCodeConfig></Operation>"
      + "<CallBack>http://example.com</CallBack><CallBackFormat>JSON</CallBackFormat><CallBackMqConfig><MqRegion>bj"
      + "</MqRegion><MqMode>Queue</MqMode><MqName>queue</MqName></CallBackMqConfig><CallBackType>Url</CallBackType></Request>"
    for body in [go, python] { #expect(service.send("POST", "/file_jobs", body).status == 200) }
    let interval =
      "<TimeInterval><Start>2022-02-01T12:00:00+0800</Start><End>2022-05-01T12:00:00+0800</End></TimeInterval>"
    let empty = batchBody.replacing(interval, with: "<TimeInterval></TimeInterval>")
    let answer = service.send("POST", "/inventorytriggerjob", empty)
    #expect(answer.status == 200, Comment(rawValue: answer.text))
    #expect(answer.root["JobsDetail"]?["Operation"]?["TimeInterval"] == nil)
  }

  @Test("Text that XML reserves is answered as it was sent")
  func escaping() throws {
    let service = Service()
    let id = try service.submit("/file_jobs", hashBody(key: "a&amp;b&lt;c&gt;\u{6570}.txt"))
    #expect(try service.detail("/file_jobs/\(id)").text(at: "Input", "Object") == "a&b<c>\u{6570}.txt")
  }

  // MARK: Queries

  @Test("Ids are answered in the order they are asked for, unknown ones by a node each, repeated ones once")
  func manyIDs() throws {
    let service = Service()
    let ids = try (0..<3).map { _ in try service.submit("/jobs", animationBody()) }
    let unknown = ["j" + String(repeating: "0", count: 32), "j" + String(repeating: "1", count: 32)]
    let asked = [ids[2], unknown[0], ids[0], ids[2], unknown[1]]
    for separator in [",", "%2C"] {
      let answer = service.send("GET", "/jobs/" + asked.joined(separator: separator))
      #expect(answer.root.elements(at: "/Response/JobsDetail/JobId").map(\.text) == [ids[2], ids[0]])
      #expect(answer.root.all("NonExistJobIds").map(\.text) == unknown)
      try expectConformant(answer, "jobs.query", .response)
    }
    #expect(service.send("GET", "/jobs/" + ids.joined(separator: ",")).root["NonExistJobIds"] == nil)
  }

  @Test("A job of another kind, bucket or region is unknown")
  func othersJobs() throws {
    let service = Service()
    let (hash, media, batch) = (
      try service.submit("/file_jobs", hashBody()), try service.submit("/jobs", animationBody()),
      try service.submit("/inventorytriggerjob", batchBody)
    )
    for (path, id) in [
      ("/file_jobs", media), ("/file_jobs", batch), ("/jobs", batch), ("/inventorytriggerjob", hash),
      ("/inventorytriggerjob", media),
    ] {
      let answer = service.send("GET", "\(path)/\(id)")
      #expect(answer.status == 200)
      #expect(answer.root["JobsDetail"] == nil)
      #expect(answer.root.all("NonExistJobIds").map(\.text) == [id])
    }
    for host in ["other-1234567890.ci.ap-chongqing.myqcloud.com", "test-1234567890.ci.ap-beijing.myqcloud.com"] {
      #expect(service.send("GET", "/file_jobs/\(hash)", host: host).root["JobsDetail"] == nil)
    }
  }
}
