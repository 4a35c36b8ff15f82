import CaseLibrary
import HTTPExchange
import Testing
import XMLValidation

@testable import Emulator

@Suite struct RefusalTests {
  @Test(
    "A Host that is no bucket's is refused",
    arguments: [
      "127.0.0.1:8080", "localhost", "", "ci.ap-chongqing.myqcloud.com", "test-1.cos.ap-chongqing.myqcloud.com",
      "test.ci.ap-chongqing.myqcloud.com", "test-1.ci.ap-chongqing.example.com", "test-1.ci.chongqing.myqcloud.com",
      "-1.ci.ap-chongqing.myqcloud.com", "test-1.ci.ap-chongqing.myqcloud.com:",
      "test-1.ci.ap-chongqing.myqcloud.com:x",
      "test-.ci.ap-chongqing.myqcloud.com", "a.test-1.ci.ap-chongqing.myqcloud.com",
      "te_st-1.ci.ap-chongqing.myqcloud.com",
    ])
  func badHosts(_ host: String) throws {
    let answer = Service().send("GET", "/jobs/j0", host: host)
    #expect(answer.status == 400)
    #expect(answer.errorCode == "InvalidHost")
    try expectConformant(answer, nil, .error)
  }

  @Test("A request with no Host, or with two, is refused", arguments: [0, 2])
  func hostCount(_ count: Int) {
    let fields = (0..<count).map { _ in HTTPHeaders.Field("Host", testHost) }
    let request = HTTPRequest(method: "GET", target: "/jobs/j0", headers: HTTPHeaders(fields))
    #expect(Service().emulator.respond(to: request).errorCode == "InvalidHost")
  }

  @Test(
    "A bucket's Host is taken on both domains, in any letters and with a port",
    arguments: [
      ("test-1.ci.ap-chongqing.myqcloud.com", "ap-chongqing"), ("test-1.ci.ap-beijing-1.tencentcos.cn", "ap-beijing-1"),
      ("TEST-1.CI.ap-nanjing.myqcloud.com:8080", "ap-nanjing"),
    ])
  func goodHosts(_ host: String, _ region: String) {
    let answer = Service().send("POST", "/file_jobs", hashBody(), host: host)
    #expect(answer.root.text(at: "JobsDetail", "Input", "BucketId") == "test-1")
    #expect(answer.root.text(at: "JobsDetail", "Input", "Region") == region)
  }

  @Test(
    "Of the calls on objects only the hash is performed",
    arguments: [("PUT", "/a.txt?ci-process=filehash"), ("GET", "/a.txt"), ("GET", "/a.zip?ci-process=zippreview")])
  func notPerformed(_ method: String, _ target: String) {
    let answer = Service().send(method, target, host: "test-1.cos.ap-chongqing.myqcloud.com")
    #expect(answer.status == 501)
    #expect(answer.errorCode == "NotImplemented")
  }

  @Test(
    "A method and path without operation is a bad path",
    arguments: [
      ("GET", "/"), ("GET", "/nothing"), ("GET", "/file_jobs"), ("GET", "/file_jobs/"),
      ("GET", "/jobs/a/b"), ("DELETE", "/jobs/j0"), ("PUT", "/file_jobs/f0"),
      ("POST", "/inventorytriggerjob/b0"), ("PUT", "/inventorytriggerjob?cancel"), ("get", "/jobs/j0"),
    ])
  func paths(_ method: String, _ target: String) throws {
    let answer = Service().send(method, target)
    #expect(answer.status == 404)
    #expect(answer.errorCode == "InvalidUrl")
    #expect(answer.root.text(at: "Resource") == String(target.split(separator: "?")[0]))
    try expectConformant(answer, nil, .error)
  }

  /// Bodies, each with the one thing that is wrong with it.
  static let bodies: [(path: String, body: String, status: Int, code: String)] = [
    ("/file_jobs", "", 400, "MissingContent"),
    ("/file_jobs", " ", 400, "InvalidContent"),
    ("/file_jobs", "not XML", 400, "InvalidContent"),
    ("/file_jobs", "<Request><Tag>FileHashCode</Request>", 400, "InvalidContent"),
    ("/file_jobs", "<Answer/>", 400, "InvalidContent"),
    ("/file_jobs", hashBody().replacing("<Request>", with: "<Request xmlns=\"urn:x\">"), 400, "InvalidContent"),
    ("/file_jobs", "<!DOCTYPE Request [<!ENTITY a \"b\">]>" + hashBody(), 400, "InvalidContent"),
    ("/file_jobs", "<Request/>", 400, "InvalidArgument"),
    ("/file_jobs", hashBody("MD4"), 400, "InvalidArgument"),
    ("/file_jobs", hashBody(""), 400, "InvalidArgument"),
    ("/file_jobs", hashBody(key: ""), 400, "InvalidArgument"),
    ("/file_jobs", hashBody(config: "<AddToHeader>yes</AddToHeader>"), 400, "InvalidArgument"),
    ("/file_jobs", hashBody(extra: "<Undocumented/>"), 400, "InvalidArgument"),
    ("/file_jobs", hashBody().replacing("<Type>", with: "<Type a=\"b\">"), 400, "InvalidArgument"),
    (
      "/file_jobs", hashBody().replacing("This is my data.", with: String(repeating: "x", count: 1025)), 400,
      "InvalidArgument"
    ),
    ("/file_jobs", animationBody(), 400, "InvalidArgument"),
    ("/jobs", animationBody(""), 400, "InvalidArgument"),
    ("/jobs", animationBody().replacing("<Fps>15</Fps>", with: "<Fps>61</Fps>"), 400, "InvalidArgument"),
    ("/jobs", animationBody().replacing("Animation</Tag>", with: "Nothing</Tag>"), 400, "InvalidArgument"),
    ("/jobs", batchBody, 400, "InvalidArgument"),
    ("/inventorytriggerjob", hashBody(), 400, "InvalidArgument"),
    ("/inventorytriggerjob", batchBody.replacing("<Name>demo</Name>", with: ""), 400, "InvalidArgument"),
    (
      "/inventorytriggerjob", batchBody.replacing("<Type>Job</Type>", with: "<Type>Other</Type>"), 400,
      "InvalidArgument"
    ),
  ]

  @Test("A body that is not what the documentation asks for is refused", arguments: bodies)
  func badBodies(_ sample: (path: String, body: String, status: Int, code: String)) throws {
    let answer = Service().send("POST", sample.path, sample.body)
    #expect(answer.status == sample.status)
    #expect(answer.errorCode == sample.code)
    try expectConformant(answer, nil, .error)
  }

  @Test("A body of more elements than any documented one is refused before it is judged")
  func elementCount() {
    let body = "<Request>" + String(repeating: "<a/>", count: 2001) + "</Request>"
    #expect(Service().send("POST", "/file_jobs", body).errorCode == "InvalidContent")
  }

  @Test("The Message of a refusal is one sentence of the validator")
  func message() {
    let answer = Service().send("POST", "/file_jobs", hashBody(extra: "<Undocumented/>"))
    #expect(answer.root.text(at: "Message")?.contains("Undocumented") == true)
  }

  @Test("An operation that the kit knows and the emulator does not perform is not implemented")
  func notImplemented() throws {
    var catalogue = Kit.catalogue
    var operation = try #require(catalogue.operation("batch-jobs.query"))
    operation.id = "workflows.query"
    operation.path = "/workflow/<workflowId>"
    catalogue.operations.append(operation)
    let routing = Routing(catalogue: catalogue, isLenient: true)
    #expect { try routing.action(for: HTTPRequest(method: "GET", target: "/workflow/w0")) } throws: {
      ($0 as? ServiceError)?.code.name == "NotImplemented" && ($0 as? ServiceError)?.code.status == 501
    }
  }

  @Test("A fault of the emulator itself is 500 InternalError in the documented shape")
  func internalError() throws {
    struct Broken: Error {}
    let library = ValidationLibrary(definitions: Kit.catalogue.definitions, requirements: [], errata: []) { _ in
      throw Broken()
    }
    var service = Service()
    service.emulator = Emulator(
      catalogue: Kit.catalogue, library: library, credentials: [testCredentials], objects: MemoryObjectStore(),
      clock: service.clock)
    let answer = service.send("POST", "/file_jobs", hashBody())
    #expect(answer.status == 500)
    #expect(answer.errorCode == "InternalError")
    try expectConformant(answer, nil, .error)
  }

  @Test("Content-MD5 is compared with the body", arguments: [true, false])
  func contentMD5(_ matches: Bool) {
    let service = Service()
    var request = service.request("POST", "/file_jobs", hashBody())
    let digest = ContentDigest.of(request.body + (matches ? [] : [0x20]), .md5) ?? []
    request.headers.append("Content-MD5", base64(digest))
    let answer = service.emulator.respond(to: service.signed(request))
    #expect(answer.status == (matches ? 200 : 400))
    #expect(answer.errorCode == (matches ? nil : "InvalidContent"))
  }

  @Test("A submit without Content-Length is refused", arguments: ["/file_jobs", "/jobs", "/inventorytriggerjob"])
  func contentLength(_ path: String) throws {
    let service = Service()
    var request = service.request("POST", path, hashBody())
    request.headers.remove("Content-Length")
    let answer = service.emulator.respond(to: service.signed(request))
    #expect(answer.status == 411)
    #expect(answer.errorCode == "MissingContentLength")
    try expectConformant(answer, nil, .error)
  }

  @Test("A body above the limit is refused, one at the limit is not")
  func bodyLimit() throws {
    let service = Service { $0.bodyBytesMax = hashBody().utf8.count }
    #expect(service.send("POST", "/file_jobs", hashBody()).status == 200)
    for answer in [
      service.send("POST", "/file_jobs", hashBody() + " "),
      service.emulator.refusalOfOversizedBody(service.request("POST", "/file_jobs")),
    ] {
      #expect(answer.status == 413)
      #expect(answer.errorCode == "InvalidContent")
      #expect(answer.root.text(at: "Resource") == "/file_jobs")
      try expectConformant(answer, nil, .error)
    }
  }

  @Test("Ten ids may be asked for, eleven may not", arguments: ["/jobs", "/file_jobs", "/inventorytriggerjob"])
  func idCount(_ path: String) {
    let ids = (0..<11).map { "x\($0)" }
    #expect(Service().send("GET", "\(path)/" + ids.joined(separator: ",")).errorCode == "InvalidArgument")
    let ten = Service().send("GET", "\(path)/" + ids.dropLast().joined(separator: ","))
    #expect(ten.root.all("NonExistJobIds").count == 10)
    #expect(Service().send("GET", "\(path)/,").errorCode == "InvalidArgument")
  }

  @Test("A failure has every node that SDKs need, none of them empty, and a trace id; a success has no trace id")
  func errorShape() throws {
    let answer = Service().send("GET", "/nothing?x=1")
    #expect(answer.text.hasPrefix("<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>InvalidUrl</Code><Message>"))
    #expect(answer.root.children.map(\.name) == ["Code", "Message", "Resource", "RequestId", "TraceId"])
    #expect(answer.root.children.allSatisfy { !$0.text.isEmpty })
    #expect(answer.root.text(at: "Resource") == "/nothing")
    #expect(answer.headers["Content-Type"] == "application/xml")
    #expect(answer.headers["x-ci-request-id"] == answer.root.text(at: "RequestId"))
    #expect(answer.headers["x-ci-trace-id"] == answer.root.text(at: "TraceId"))
    #expect(Service().send("GET", "/jobs/j0").headers["x-ci-trace-id"] == nil)
  }
}
