import CaseLibrary
import HTTPExchange
import Testing
import XMLValidation

@testable import Emulator

@Suite("Faults on demand") struct FaultTests {
  private func plan(_ faults: String, seed: Int = 1) throws -> FaultPlan {
    try FaultPlan(
      parsing: Array("{\"format\": 1, \"seed\": \(seed), \"faults\": [\(faults)]}".utf8),
      operations: Kit.catalogue.operations.map(\.id))
  }

  /// Which of the requests 1 to 200 a plan strikes.
  private func struck(_ plan: FaultPlan, operation: String? = "file-jobs.query") -> [Int] {
    var counts: [Int] = []
    return (1...200).filter { !plan.effects(number: $0, operation: operation, counts: &counts).isEmpty }
  }

  // MARK: Which requests

  @Test("Requests are named by number and range, by operation, and as often as wanted")
  func selection() throws {
    #expect(struck(try plan("{\"kind\": \"reset\", \"requests\": [3, \"7-9\", \"150-150\"]}")) == [3, 7, 8, 9, 150])
    #expect(struck(try plan("{\"kind\": \"reset\", \"times\": 2}")) == [1, 2])
    #expect(struck(try plan("{\"kind\": \"reset\", \"operation\": \"file-jobs.*\", \"requests\": [4]}")) == [4])
    #expect(struck(try plan("{\"kind\": \"reset\", \"operation\": \"jobs.query\"}")) == [])
    #expect(struck(try plan("{\"kind\": \"reset\", \"operation\": \"jobs.*\"}"), operation: nil) == [])
    #expect(struck(try plan("{\"kind\": \"queue-paused\"}")) == [])
    #expect(struck(try plan("{\"kind\": \"queue-paused\", \"times\": 1}"), operation: "jobs.submit") == [1])
  }

  @Test("A rate strikes about as many as it says, the same ones for the same seed and others for another")
  func rate() throws {
    let text = "{\"kind\": \"reset\", \"rate\": 0.25}"
    let first = struck(try plan(text, seed: 7))
    #expect((30...70).contains(first.count))
    #expect(struck(try plan(text, seed: 7)) == first)
    #expect(struck(try plan(text, seed: 8)) != first)
    #expect(struck(try plan("{\"kind\": \"reset\", \"rate\": 0}")) == [])
    #expect(struck(try plan("{\"kind\": \"reset\", \"rate\": 1}")).count == 200)
  }

  // MARK: What happens

  private func answer(_ faults: String, _ service: Service, _ request: HTTPRequest) throws -> HTTPResponse {
    let responder = FaultyResponder(
      service.emulator, plan: try plan(faults), catalogue: Kit.catalogue, clock: service.clock)
    return try responder.answer(to: request, under: responder.begin(request).effects).response
  }

  @Test("A delay lets time pass and answers then")
  func delay() throws {
    let service = Service()
    let request = service.signed(service.request("GET", "/jobs/j0"))
    #expect(try answer("{\"kind\": \"delay\", \"seconds\": 2.5}", service, request).status == 200)
    #expect(service.clock.now == pageTime + 2.5)
  }

  @Test(
    "A status has the documented code unless another is given, and none where the table has none",
    arguments: [
      ("{\"kind\": \"status\", \"status\": 429}", 429, "SlowDown"),
      ("{\"kind\": \"status\", \"status\": 503}", 503, "ServiceUnavailable"),
      ("{\"kind\": \"status\", \"status\": 500}", 500, "InternalError"),
      ("{\"kind\": \"status\", \"status\": 503, \"code\": \"SlowDown\"}", 503, "SlowDown"),
      ("{\"kind\": \"status\", \"status\": 502}", 502, nil),
      ("{\"kind\": \"expired-token\"}", 400, "ExpiredToken"),
      ("{\"kind\": \"queue-paused\"}", 403, "QueuePaused"),
    ])
  func status(_ fault: String, status: Int, code: String?) throws {
    let service = Service()
    let request = service.signed(service.request("POST", "/file_jobs", hashBody()))
    let response = try answer(fault, service, request)
    #expect(response.status == status)
    #expect(response.errorCode == code)
    #expect(response.headers["x-ci-request-id"] != nil)
    if code == nil { #expect(response.body.isEmpty) } else { try expectConformant(response, nil, .error) }
    // The request was not performed: the next job is the first.
    #expect(
      service.send("GET", "/jobs?tag=FileHashCode&queueId=p2242ab62c7c94486915508540933a2c6").root["JobsDetail"] == nil)
  }

  @Test("A reset comes before the request is performed, a cut answer after")
  func breaks() throws {
    let service = Service()
    let request = service.signed(service.request("POST", "/file_jobs", hashBody()))
    #expect(throws: BrokenAnswer.reset) { try answer("{\"kind\": \"reset\"}", service, request) }
    #expect(service.emulator.memory.withLock { $0.jobs.count } == 0)
    do {
      _ = try answer("{\"kind\": \"truncate\", \"bytes\": 40}", service, request)
      Issue.record("the answer is whole")
    } catch BrokenAnswer.truncated(let response, let bytes) {
      #expect(bytes == 40)
      #expect(response.status == 200)
    }
    #expect(service.emulator.memory.withLock { $0.jobs.count } == 1)
  }

  @Test("A clock that is ahead refuses signatures of now, shows its time, and takes signatures of its own time")
  func clockSkew() throws {
    let service = Service()
    let fault = "{\"kind\": \"clock-skew\", \"seconds\": 7200}"
    let refused = try answer(fault, service, service.signed(service.request("GET", "/jobs/j0")))
    #expect(refused.status == 401)
    #expect(refused.errorCode == "SignatureExpired")
    #expect(refused.headers["Date"] == "Mon, 18 Jul 2022 09:16:43 GMT")
    let corrected = Service()
    corrected.clock.set(pageTime + 7200)
    let request = corrected.signed(corrected.request("GET", "/jobs/j0"))
    #expect(try answer(fault, service, request).status == 200)
  }

  // MARK: Reading

  @Test(
    "What is wrong in the file is said with its place",
    arguments: [
      ("{", "the given data was not valid JSON"),
      ("{\"format\": 2, \"faults\": []}", "format is 2, not 1"),
      ("{\"format\": 1}", "the key 'faults' is missing"),
      ("{\"format\": 1, \"faults\": [{\"kind\": \"rest\"}]}", "faults[0]: 'rest' is no kind of fault"),
      (
        "{\"format\": 1, \"faults\": [{\"kind\": \"delay\"}]}",
        "faults[0]: a fault of the kind delay needs seconds from"
      ),
      ("{\"format\": 1, \"faults\": [{\"kind\": \"reset\", \"rate\": 2}]}", "faults[0]: rate is 2.0, not from 0 to 1"),
      ("{\"format\": 1, \"faults\": [{\"kind\": \"reset\", \"requests\": [\"9-3\"]}]}", "it is a number from 1"),
      ("{\"format\": 1, \"faults\": [{\"kind\": \"reset\", \"operation\": \"job.query\"}]}", "'job.query' fits none"),
      ("{\"format\": 1, \"faults\": [{\"kind\": \"status\", \"status\": 200}]}", "needs status from 300 to 599"),
    ])
  func unreadable(_ text: String, reason: String) {
    let error = #expect(throws: FaultPlanError.self) {
      try FaultPlan(parsing: Array(text.utf8), operations: Kit.catalogue.operations.map(\.id))
    }
    #expect(error?.description.lowercased().contains(reason.lowercased()) == true, Comment(rawValue: "\(error as Any)"))
  }
}

@Suite("Callbacks") struct CallbackTests {
  private func job(_ extra: String) -> String {
    hashBody(extra: extra)
  }

  private func due(_ service: Service, _ json: CallbackForm = .jsonArray) -> [DueCallback] {
    service.emulator.takeDueCallbacks(json: json)
  }

  @Test("A job that asks for it is told once when it has ended")
  func once() throws {
    let service = Service()
    let id = try service.submit("/file_jobs", job("<CallBack>http://127.0.0.1:1/x?a=1</CallBack>"))
    _ = try service.submit("/file_jobs", job(""))
    _ = try service.submit("/file_jobs", job("<CallBack>no</CallBack>"))
    #expect(due(service).isEmpty)
    service.clock.sleep(seconds: 3)
    let callbacks = due(service)
    #expect(callbacks.map(\.jobID) == [id])
    #expect(callbacks.first?.url == "http://127.0.0.1:1/x?a=1")
    #expect(due(service).isEmpty)
  }

  @Test(
    "Its document is the callback that the schema describes, with the JobsDetail of the query",
    arguments: [true, false])
  func document(isFailed: Bool) throws {
    var objects = MemoryObjectStore()
    if !isFailed { objects.put(Array("abc".utf8), bucket: testBucket, key: "input/test.mp4", lastModified: 0) }
    let service = Service(objects)
    let id = try service.submit("/file_jobs", job("<CallBack>http://127.0.0.1:1/</CallBack>"))
    service.clock.sleep(seconds: 3)
    let callback = try #require(due(service).first)
    #expect(callback.form == .xml)
    let body = callback.form.body(of: callback.document)
    try expectConformant(HTTPResponse(status: 200, body: body), nil, .callback)
    let told = try #require(callback.document["JobsDetail"])
    let asked = try service.detail("/file_jobs/\(id)")
    #expect(told.fragment == asked.fragment)
    #expect(told.text(at: "State") == (isFailed ? "Failed" : "Success"))
  }

  @Test("A cancelled job is not told")
  func cancelled() throws {
    let service = Service()
    let body = animationBody().replacing("</Request>", with: "<CallBack>http://127.0.0.1:1/</CallBack></Request>")
    let id = try service.submit("/jobs", body)
    #expect(service.send("PUT", "/jobs/\(id)?cancel").status == 200)
    service.clock.sleep(seconds: 9)
    #expect(due(service).isEmpty)
  }

  @Test("The jobs of a batch job are told as it says")
  func batch() throws {
    var objects = MemoryObjectStore()
    objects.put([0x61], bucket: testBucket, key: "input/a.mp4", lastModified: pageTime)
    let service = Service(objects)
    let body = batchBody.replacing(/<TimeInterval>.*<\/TimeInterval>/, with: "")
    _ = try service.submit("/inventorytriggerjob", body)
    service.clock.sleep(seconds: 9)
    // The jobs start when the batch job does, and end later.
    let callbacks = due(service)
    #expect(callbacks.map(\.url) == ["https://www.callback.com"])
    #expect(callbacks.first?.document["JobsDetail"]?.text(at: "Tag") == "Transcode")
  }

  @Test(
    "A queue's settings count where the job says nothing",
    arguments: [
      ("<State>On</State><Event>TaskFinish,WorkflowFinish</Event>", "", CallbackForm.jsonArray as CallbackForm?),
      ("<State>Off</State><Event>TaskFinish</Event>", "", nil),
      ("<State>On</State><Event>WorkflowFinish</Event>", "", nil),
      ("<State>On</State><Event>TaskFinish</Event>", "<CallBack>no</CallBack>", nil),
      ("<State>On</State><Event>TaskFinish</Event>", "<CallBack>http://127.0.0.1:1/</CallBack>", .xml),
    ])
  func queue(_ settings: String, _ extra: String, form: CallbackForm?) throws {
    let service = Service()
    let list = service.send("GET", "/file_queue").root
    let queue = try #require(list.text(at: "QueueList", "QueueId"))
    let update =
      "<Request><Name>q</Name><QueueID>\(queue)</QueueID><State>Active</State><NotifyConfig>\(settings)<ResultFormat>JSON</ResultFormat>"
      + "<Type>Url</Type><Url>http://callback.example.com/</Url></NotifyConfig></Request>"
    let answer = service.send("PUT", "/file_queue/\(queue)", update.replacing("<QueueID>\(queue)</QueueID>", with: ""))
    try #require(answer.status == 200, Comment(rawValue: answer.text))
    _ = try service.submit("/file_jobs", job(extra))
    service.clock.sleep(seconds: 9)
    #expect(due(service).map(\.form) == [form].compactMap { $0 })
  }

  /// The sample of the page about callbacks of animated images (X-08 of the captures): scalars as texts, what is empty left
  /// out, a list where a node repeats, JobsDetail as an object or a list of one (erratum E43).
  @Test("JSON has scalars as texts, no empty node, lists where nodes repeat")
  func json() {
    let document = ElementTree.node(
      "Response",
      [
        .leaf("EventName", "TaskFinish"),
        .node(
          "JobsDetail",
          [
            .leaf("Code", "Success"), .leaf("Message", ""), .node("Input", [.leaf("Object", "a\"b\\c\n数.mp4")]),
            .node("OutputFile", [.leaf("ObjectName", "0.jpg"), .leaf("ObjectName", "1.jpg"), .node("Md5Info", [])]),
          ]),
      ])
    let job =
      "{\"Code\":\"Success\",\"Input\":{\"Object\":\"a\\\"b\\\\c\\u000a数.mp4\"},"
      + "\"OutputFile\":{\"ObjectName\":[\"0.jpg\",\"1.jpg\"]}}"
    #expect(
      String(decoding: CallbackForm.json.body(of: document), as: UTF8.self)
        == "{\"EventName\":\"TaskFinish\",\"JobsDetail\":\(job)}")
    #expect(
      String(decoding: CallbackForm.jsonArray.body(of: document), as: UTF8.self)
        == "{\"EventName\":\"TaskFinish\",\"JobsDetail\":[\(job)]}")
  }
}
