import HTTPExchange
import Testing
import XMLValidation

@testable import Emulator

@Suite struct QueueTests {
  static func queue(_ service: Service, _ path: String = "/queue") throws -> String {
    try #require(service.send("GET", path).root.text(at: "QueueList", "QueueId"))
  }

  static func set(_ service: Service, _ id: String, _ body: String, path: String = "/queue") -> HTTPResponse {
    service.send("PUT", "\(path)/\(id)", "<Request>\(body)</Request>")
  }

  @Test(
    "every kind of jobs has its queue, with the name and category of the captures",
    arguments: [
      ("/queue", "queue-1", "Transcoding"), ("/picqueue", "queue-pic-process-1", "PicProcessing"),
      ("/ai_queue", "queue-ai-process-1", "AIProcess"), ("/docqueue", "queue-doc-process-1", "DocProcessing"),
      ("/asrqueue", "queue-asr-process-1", nil), ("/file_queue", "queue-file-process-1", nil),
    ])
  func kinds(_ path: String, _ name: String, _ category: String?) throws {
    let answer = Service().send("GET", path)
    try expectConformant(answer, "queues.list", .response)
    #expect(answer.root.elements(at: "/Response/QueueList/Name").map(\.text) == [name])
    #expect(answer.root.text(at: "QueueList", "Category") == category)
    #expect(answer.root.text(at: "TotalCount") == "1")
    #expect(answer.root.text(at: "RequestId") == answer.headers["x-ci-request-id"])
  }

  @Test("category, state and page choose queues")
  func filters() {
    let service = Service()
    func names(_ query: String) -> [String] {
      service.send("GET", "/queue?\(query)").root.elements(at: "/Response/QueueList/Name").map(\.text)
    }
    let speed = "queue-speed-transcoding-process-1"
    #expect(names("category=CateAll") == ["queue-1", speed])
    #expect(names("category=SpeedTranscoding") == [speed])
    #expect(names("state=Paused").isEmpty)
    #expect(names("category=CateAll&pageSize=1&pageNumber=2") == [speed])
    #expect(names("category=CateAll&pageSize=1&pageNumber=3").isEmpty)
  }

  @Test("ids that are none of the bucket's are told one by one, without page numbers")
  func byID() throws {
    let service = Service()
    let id = try Self.queue(service)
    let answer = service.send("GET", "/queue?queueIds=\(id),A,B")
    try expectConformant(answer, "queues.list", .response)
    #expect(answer.root.elements(at: "/Response/QueueList/QueueId").map(\.text) == [id])
    #expect(answer.root.all("NonExistPIDs").map(\.text) == ["A", "B"])
    #expect(answer.root["TotalCount"] == nil && answer.root["PageNumber"] == nil && answer.root["PageSize"] == nil)
  }

  @Test("an update changes what it names and keeps the rest")
  func update() throws {
    let service = Service()
    let id = try Self.queue(service)
    service.clock.sleep(seconds: 5)
    let config =
      "<NotifyConfig><Url>http://callback.demo.com/</Url><State>On</State><Type>Url</Type>"
      + "<Event>TaskFinish,WorkflowFinish</Event><ResultFormat>JSON</ResultFormat></NotifyConfig>"
    let answer = Self.set(service, id, "<Name>mine</Name><State>Active</State>\(config)")
    try expectConformant(answer, "queues.update", .response)
    #expect(answer.root.text(at: "Queue", "UpdateTime") == "2022-07-18T15:16:48+0800")
    #expect(answer.root.text(at: "Queue", "CreateTime") == "2022-07-18T15:16:43+0800")
    _ = Self.set(service, id, "<Name>other</Name>")
    let queue = try #require(service.send("GET", "/queue?queueIds=\(id)").root["QueueList"])
    #expect(queue.text(at: "Name") == "other")
    #expect(queue.text(at: "NotifyConfig", "Url") == "http://callback.demo.com/")
  }

  @Test("a queue that is unknown, of another kind, or of another bucket is not changed")
  func unknown() throws {
    let service = Service()
    let id = try Self.queue(service)
    for answer in [
      Self.set(service, "p" + String(repeating: "0", count: 32), "<State>Paused</State>"),
      Self.set(service, id, "<State>Paused</State>", path: "/docqueue"),
      service.send(
        "PUT", "/queue/\(id)", "<Request><State>Paused</State></Request>", host: "test-1.ci.ap-chongqing.myqcloud.com"),
    ] {
      #expect(answer.errorCode == "ResourceNotFound")
    }
    #expect(Self.set(service, id, "<State>Stopped</State>").errorCode == "InvalidArgument")
    #expect(service.send("GET", "/queue").root.text(at: "QueueList", "State") == "Active")
  }

  @Test(
    "the address of a queue is none that only its owner reaches",
    arguments: [
      ("http://callback.demo.com/", true), ("http://172.32.0.1/", true), ("http://11.0.0.1:8080", true),
      ("http://localhost:80/x", false), ("https://127.0.0.1", false), ("http://10.1.2.3/", false),
      ("http://172.16.0.1/", false), ("http://172.31.255.255/", false), ("http://192.168.0.1/", false),
      ("http://a@192.168.0.1/", false), ("http://[::1]/", false), ("http://169.254.0.1/", false),
    ])
  func privateAddresses(_ url: String, _ isTaken: Bool) throws {
    let service = Service()
    let config = "<NotifyConfig><Url>\(url)</Url><State>On</State><Type>Url</Type></NotifyConfig>"
    let answer = Self.set(service, try Self.queue(service), config)
    #expect(answer.errorCode == (isTaken ? nil : "InvalidArgument"))
  }

  @Test("jobs that wait when their queue is paused are held back, and go on when it is active again")
  func pause() throws {
    let service = Service()
    let body = animationBody().replacing("<QueueId>p2242ab62c7c94486915508540933a2c6</QueueId>", with: "")
    let running = try service.submit("/jobs", body)
    service.clock.sleep(seconds: 1)
    let waiting = try service.submit("/jobs", body)
    let id = try Self.queue(service)
    func state(_ job: String) throws -> String? { try service.detail("/jobs/\(job)").text(at: "State") }
    #expect(Self.set(service, id, "<State>Paused</State>").status == 200)
    #expect(try state(waiting) == "Pause")
    #expect(try state(running) == "Running")
    let refusal = service.send("POST", "/jobs", body)
    #expect(refusal.status == 403)
    #expect(refusal.errorCode == "QueuePaused")
    service.clock.sleep(seconds: 100)
    #expect(try state(waiting) == "Pause")
    #expect(try state(running) == "Success")
    let held = try service.detail("/jobs/\(waiting)")
    #expect(held.text(at: "StartTime") == "-")
    #expect(held.text(at: "EndTime") == "-")
    _ = Self.set(service, id, "<State>Active</State>")
    #expect(try state(waiting) == "Submitted")
    service.clock.sleep(seconds: 1)
    #expect(try state(waiting) == "Running")
    service.clock.sleep(seconds: 1)
    #expect(try state(waiting) == "Success")
    try expectConformant(service.send("GET", "/jobs/\(waiting)"), "jobs.query", .response)
  }

  @Test("a held job can be cancelled, and pausing often costs no memory")
  func cancelHeld() throws {
    let service = Service { $0.pendingJobsMax = 1 }
    let id = try Self.queue(service, "/docqueue")
    let body =
      "<Request><Tag>DocProcess</Tag><Input><Object>1.doc</Object></Input><Operation><DocProcess><TgtType>png</TgtType>"
      + "</DocProcess><Output><Region>ap-chongqing</Region><Bucket>\(testBucket)</Bucket><Object>o</Object>"
      + "</Output></Operation></Request>"
    _ = try service.submit("/doc_jobs", body)
    for _ in 0..<50 {
      #expect(Self.set(service, id, "<State>Paused</State>", path: "/docqueue").status == 200)
      #expect(Self.set(service, id, "<State>Active</State>", path: "/docqueue").status == 200)
    }
    service.clock.sleep(seconds: 2)
    #expect(try service.submit("/doc_jobs", body).hasPrefix("d"), "one that ended once makes room once")
    #expect(service.send("POST", "/doc_jobs", body).errorCode == "QueueSaturated")

    let media = try Self.queue(service)
    let other = Service()
    let job = try other.submit("/jobs", animationBody().replacing("p2242ab62c7c94486915508540933a2c6", with: media))
    _ = Self.set(other, media, "<State>Paused</State>")
    #expect(other.send("PUT", "/jobs/\(job)?cancel").status == 200)
    #expect(try other.detail("/jobs/\(job)").text(at: "State") == "Cancel")
    _ = Self.set(other, media, "<State>Active</State>")
    other.clock.sleep(seconds: 5)
    #expect(try other.detail("/jobs/\(job)").text(at: "State") == "Cancel")
  }

  @Test("no more changed queues are remembered than the limit allows")
  func bounded() throws {
    let service = Service { $0.settingsMax = 1 }
    let (first, second) = (try Self.queue(service), try Self.queue(service, "/docqueue"))
    #expect(Self.set(service, first, "<Name>a</Name>").status == 200)
    #expect(Self.set(service, first, "<Name>b</Name>").status == 200)
    #expect(Self.set(service, second, "<Name>a</Name>", path: "/docqueue").errorCode == "InvalidArgument")
  }
}

@Suite struct CancelTests {
  @Test("a job of /jobs is cancelled while it waits, and not later")
  func media() throws {
    let service = Service()
    let id = try service.submit("/jobs", animationBody())
    let answer = service.send("PUT", "/jobs/\(id)?cancel")
    #expect(answer.status == 200 && answer.body.isEmpty)
    let detail = try service.detail("/jobs/\(id)")
    #expect(detail.text(at: "State") == "Cancel")
    #expect(detail["Operation"]?["MediaResult"] == nil)
    #expect(service.send("PUT", "/jobs/\(id)?cancel").errorCode == "InvalidArgument")
    let other = try service.submit("/jobs", animationBody())
    service.clock.sleep(seconds: 1)
    #expect(service.send("PUT", "/jobs/\(other)?cancel").errorCode == "InvalidArgument")
    service.clock.sleep(seconds: 1)
    #expect(try service.detail("/jobs/\(other)").text(at: "State") == "Success")
  }

  @Test("batch jobs and media jobs are cancelled under their own paths only")
  func paths() throws {
    let service = Service()
    let media = try service.submit("/jobs", animationBody())
    let batch = try service.submit("/inventorytriggerjob", batchBody)
    #expect(service.send("PUT", "/jobs/\(batch)?cancel").errorCode == "ResourceNotFound")
    #expect(service.send("PUT", "/inventorytriggerjob/\(media)?cancel").errorCode == "ResourceNotFound")
    #expect(service.send("PUT", "/jobs/\(media),\(media)x?cancel").errorCode == "InvalidArgument")
  }
}

@Suite struct BatchChildrenTests {
  static func store() -> MemoryObjectStore {
    var objects = MemoryObjectStore()
    for (key, time) in [("in/a.mp4", 1_640_000_000.0), ("in/b.mp4", 1_650_000_000), ("other.mp4", 1_650_000_000)] {
      objects.put([1], bucket: testBucket, key: key, lastModified: time)
    }
    return objects
  }

  static func body(_ input: String, interval: String = "") -> String {
    "<Request><Name>demo</Name><Type>Job</Type><Input>\(input)</Input><Operation>\(interval)<Tag>Animation</Tag>"
      + "<QueueId>\(ListTests.queue)</QueueId><UserData>mine</UserData><JobParam><TemplateId>"
      + "t1460606b9752148c4ab182f55163ba7cd</TemplateId></JobParam><Output><Region>ap-chongqing</Region><Bucket>"
      + "\(testBucket)</Bucket><Object>output/${InventoryTriggerJobId}/out.gif</Object></Output></Operation></Request>"
  }

  static func children(_ service: Service, _ id: String) -> [ElementTree] {
    service.send("GET", ListTests.base + "&orderByTime=Asc&inventoryTriggerJobId=\(id)").root.all("JobsDetail")
  }

  @Test(
    "a batch job makes a job for its object, or for each of its prefix, when it starts",
    arguments: [
      ("<Object>other.mp4</Object>", "", ["other.mp4"]), ("<Prefix>in/</Prefix>", "", ["in/a.mp4", "in/b.mp4"]),
      (
        "<Prefix>in/</Prefix>", "<TimeInterval><Start>2022-01-01T00:00:00+0800</Start></TimeInterval>", ["in/b.mp4"]
      ),
    ])
  func children(_ input: String, _ interval: String, _ keys: [String]) throws {
    let service = Service(Self.store())
    let id = try service.submit("/inventorytriggerjob", Self.body(input, interval: interval))
    #expect(Self.children(service, id).isEmpty)
    service.clock.sleep(seconds: 3)
    let answer = service.send("GET", ListTests.base + "&inventoryTriggerJobId=\(id)")
    try expectConformant(answer, "jobs.list", .response)
    let found = Self.children(service, id)
    #expect(found.compactMap { $0.text(at: "Input", "Object") } == keys)
    for job in found {
      #expect(job.text(at: "CreationTime") == "2022-07-18T15:16:44+0800", "they are as old as the start of the batch")
      #expect(job.text(at: "Operation", "UserData") == "mine")
      #expect(job.text(at: "State") == "Success")
      let name = job.text(at: "Operation", "MediaResult", "OutputFile", "ObjectName")
      #expect(name == "output/\(id)/out.gif")
    }
  }

  @Test("a cancelled batch job makes none, nor does a workflow, and no more are made than the limit allows")
  func none() throws {
    let service = Service(Self.store()) { $0.batchObjectsMax = 1 }
    let cancelled = try service.submit("/inventorytriggerjob", Self.body("<Prefix>in/</Prefix>"))
    service.send("PUT", "/inventorytriggerjob/\(cancelled)?cancel")
    let workflow = try service.submit("/inventorytriggerjob", workflowBody)
    let limited = try service.submit("/inventorytriggerjob", Self.body("<Prefix>in/</Prefix>"))
    service.clock.sleep(seconds: 3)
    #expect(Self.children(service, cancelled).isEmpty)
    #expect(Self.children(service, workflow).isEmpty)
    #expect(Self.children(service, limited).count == 1)
  }
}

@Suite struct TemplateTests {
  static let body =
    "<Request><Tag>Animation</Tag><Name>small</Name><Container><Format>webp</Format></Container><Video>"
    + "<Codec>webp</Codec><Width>320</Width><Fps>5</Fps></Video><TimeInterval><Start>0</Start><Duration>4</Duration>"
    + "</TimeInterval></Request>"

  @Test("a template is made, used by jobs, and changed")
  func life() throws {
    let service = Service()
    let made = service.send("POST", "/template", Self.body)
    try expectConformant(made, "templates.create", .response)
    let id = try #require(made.root.text(at: "Template", "TemplateId"))
    #expect(id.hasPrefix("t1") && id.utf8.count == 34 && Array(id)[14] == "4", "a version-4 UUID follows t1")
    #expect(made.root.text(at: "Template", "TransTpl", "Video", "Width") == "320")

    let job = try service.submit("/jobs", animationBody("<TemplateId>\(id)</TemplateId>"))
    service.clock.sleep(seconds: 3)
    let operation = try #require(try service.detail("/jobs/\(job)")["Operation"])
    #expect(operation.text(at: "TemplateName") == "small")
    #expect(operation.text(at: "MediaInfo", "Stream", "Video", "Width") == "320")
    #expect(operation.text(at: "MediaInfo", "Stream", "Video", "NumFrames") == "20")

    let changed = service.send("PUT", "/template/\(id)", Self.body.replacing("small", with: "other"))
    try expectConformant(changed, "templates.update", .response)
    #expect(changed.root.text(at: "Template", "Name") == "other")
    #expect(changed.root.text(at: "Template", "CreateTime") == "2022-07-18T15:16:43+0800")
    #expect(changed.root.text(at: "Template", "UpdateTime") == "2022-07-18T15:16:46+0800")
    #expect(
      try service.detail("/jobs/\(job)")["Operation"]?.text(at: "TemplateName") == "small", "a job keeps what it took")
  }

  @Test("unknown templates, wrong bodies, names that are taken and too many templates are refused")
  func refusals() {
    let service = Service { $0.settingsMax = 2 }
    func code(_ method: String, _ target: String, _ body: String, host: String = testHost) -> String? {
      service.send(method, target, body, host: host).errorCode
    }
    #expect(code("PUT", "/template/t1" + String(repeating: "0", count: 32), Self.body) == "ResourceNotFound")
    #expect(code("POST", "/template", Self.body.replacing("Animation", with: "Nothing")) == "InvalidArgument")
    #expect(code("POST", "/template", Self.body) == nil)
    #expect(code("POST", "/template", Self.body) == "InvalidArgument")
    #expect(code("POST", "/template", Self.body, host: "test-1.ci.ap-chongqing.myqcloud.com") == nil)
    #expect(code("POST", "/template", Self.body.replacing("small", with: "third")) == "InvalidArgument")
  }
}

@Suite struct WorkflowTests {
  @Test("a workflow is triggered with a run id of its own")
  func trigger() throws {
    let service = Service()
    let target = "/triggerworkflow?workflowId=web6ac56c1ef54dbfa44d7f4103203be9&object=a.mp4"
    let answers = (0..<2).map { _ in service.send("POST", target, "") }
    for answer in answers { try expectConformant(answer, "workflows.trigger", .response) }
    let runs = Set(answers.compactMap { $0.root.text(at: "InstanceId") })
    #expect(runs.count == 2)
    for target in ["/triggerworkflow?object=a", "/triggerworkflow?workflowId=w1&object=a"] {
      #expect(service.send("POST", target, "").errorCode == "InvalidArgument")
    }
    #expect(service.send("POST", target).errorCode == "MissingContentLength")
  }
}

@Suite struct ObjectHashTests {
  static let host = "test-1234567890.cos.ap-chongqing.myqcloud.com"

  /// The digests of "abc": RFC 1321, appendix A.5, and FIPS 180-2, appendices A.1 and B.1.
  @Test(
    "an object is hashed while the caller waits, under the names of the other service",
    arguments: [
      ("md5", "MD5", "900150983cd24fb0d6963f7d28e17f72"), ("sha1", "SHA1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
      ("sha256", "SHA256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
  func digest(_ type: String, _ node: String, _ digest: String) throws {
    let service = Service(HashJobTests.store("abc"))
    let target = "/input/test.mp4?ci-process=filehash&type=\(type)&addtoheader=true"
    let answer = service.send("GET", target, host: Self.host)
    try #require(answer.status == 200, Comment(rawValue: answer.text))
    try expectConformant(answer, "objects.file-hash", .response)
    #expect(answer.root.text(at: "FileHashCodeResult", node) == digest)
    #expect(answer.root.text(at: "FileHashCodeResult", "FileSize") == "3")
    #expect(answer.root.text(at: "Input", "Bucket") == testBucket)
    #expect(answer.headers["Server"] == "tencent-cos")
    #expect(answer.headers["x-cos-request-id"] != nil && answer.headers["x-ci-request-id"] == nil)
    let bucket = Bucket(name: testBucket, region: "ap-chongqing")
    #expect(service.emulator.metadata(ofObject: "input/test.mp4", in: bucket)["x-cos-meta-\(type)"] == digest)
  }

  @Test("what cannot be hashed is refused with the codes of that service")
  func refusals() throws {
    var store = MemoryObjectStore()
    store.put([1], bucket: testBucket, key: "cold", lastModified: 1, storageClass: "ARCHIVE")
    store.put([1, 2, 3], bucket: testBucket, key: "large", lastModified: 1)
    let service = Service(store) { $0.synchronousHashBytesLimit = 3 }
    for (target, status, code) in [
      ("/none?ci-process=filehash&type=md5", 404, "NoSuchKey"),
      ("/cold?ci-process=filehash&type=md5", 403, "InvalidObjectState"),
      ("/large?ci-process=filehash&type=md5", 400, "EntityTooLarge"),
      ("/large?ci-process=filehash", 400, "InvalidArgument"),
      ("/large?ci-process=filehash&type=crc", 400, "InvalidArgument"),
    ] {
      let answer = service.send("GET", target, host: Self.host)
      #expect(answer.status == status)
      #expect(answer.errorCode == code)
      #expect(answer.headers["x-cos-trace-id"] != nil)
    }
    let unsigned = service.emulator.respond(
      to: service.request("GET", "/large?ci-process=filehash&type=md5", host: Self.host))
    #expect(unsigned.status == 403)
    #expect(unsigned.errorCode == "AccessDenied")
  }
}

@Suite struct PackageTests {
  static func uncompress(_ bytes: [UInt8]) throws -> ElementTree {
    var store = MemoryObjectStore()
    store.put(bytes, bucket: testBucket, key: "a.zip", lastModified: 1)
    let service = Service(store)
    let id = try service.submit(
      "/file_jobs",
      "<Request><Tag>FileUncompress</Tag><Input><Object>a.zip</Object></Input><Operation><FileUncompressConfig/>"
        + "<Output><Region>ap-chongqing</Region><Bucket>\(testBucket)</Bucket></Output></Operation></Request>")
    service.clock.sleep(seconds: 2)
    return try service.detail("/file_jobs/\(id)")
  }

  @Test("the files of a package are counted, a comment after its end included")
  func count() throws {
    var end = emptyPackage
    end[10] = 2
    end[11] = 1
    end[20] = 3
    let detail = try Self.uncompress([UInt8](repeating: 0x20, count: 200_000) + end + Array("PK!".utf8))
    #expect(detail.text(at: "Operation", "FileUncompressResult", "FileCount") == "258")
    #expect(try Self.uncompress(emptyPackage).text(at: "Operation", "FileUncompressResult", "FileCount") == "0")
  }

  @Test("what is no package fails", arguments: [[], Array("PK".utf8), Array(emptyPackage.dropLast())] as [[UInt8]])
  func noPackage(_ bytes: [UInt8]) throws {
    let detail = try Self.uncompress(bytes)
    #expect(detail.text(at: "State") == "Failed")
    #expect(detail.text(at: "Code") == "ResourceNotSupported")
    #expect(detail["Operation"]?["FileUncompressResult"] == nil)
  }

  @Test(
    "a compression fails when a file is missing or there is none",
    arguments: [
      ("<Key>a.txt</Key><Key>b.txt</Key>", "Success"), ("<Key>a.txt</Key><Key>none</Key>", "Failed"),
      ("<Prefix>b</Prefix>", "Success"), ("<Prefix>c</Prefix>", "Failed"), ("<UrlList>list.txt</UrlList>", "Success"),
      ("<UrlList>https://x.cos.ap-chongqing.myqcloud.com/list.txt</UrlList><Prefix>c</Prefix>", "Success"),
      ("<UrlList>none.txt</UrlList>", "Failed"),
    ])
  func compress(_ selection: String, _ state: String) throws {
    var store = MemoryObjectStore()
    for key in ["a.txt", "b.txt"] { store.put([1], bucket: testBucket, key: key, lastModified: 1) }
    store.put(Array("https://x/a.txt\r\nhttps://x/b.txt\n".utf8), bucket: testBucket, key: "list.txt", lastModified: 1)
    let service = Service(store)
    let id = try service.submit(
      "/file_jobs",
      "<Request><Tag>FileCompress</Tag><Operation><FileCompressConfig><Flatten>0</Flatten><Format>zip</Format>"
        + "\(selection)</FileCompressConfig><Output><Region>ap-chongqing</Region><Bucket>\(testBucket)</Bucket>"
        + "<Object>o.zip</Object></Output></Operation></Request>")
    service.clock.sleep(seconds: 2)
    let detail = try service.detail("/file_jobs/\(id)")
    #expect(detail.text(at: "State") == state)
    let object = detail.text(at: "Operation", "FileCompressResult", "Object")
    #expect(object == (state == "Success" ? "o.zip" : nil))
  }
}
