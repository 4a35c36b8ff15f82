import CaseLibrary
import Findings
import HTTPExchange
import Signing
import Testing
import XMLValidation

@testable import Emulator

/// A judge beside an emulator, told of every request with its answer.
final class Courtroom {
  let service: Service
  let judge: Judge
  private var number = 0

  init(
    credentials: [Credentials] = [testCredentials], signer: Credentials = testCredentials,
    configure: (inout JudgeSettings) -> Void = { _ in }
  ) throws {
    var service = Service(known: credentials)
    service.credentials = signer
    self.service = service
    var settings = JudgeSettings()
    configure(&settings)
    judge = try Judge(
      catalogue: Kit.catalogue, library: Kit.library, credentials: credentials, settings: settings)
  }

  /// Sends a request as it is.
  func judged(_ request: HTTPRequest, peer: String? = "127.0.0.1:40000") throws -> JudgedRequest {
    try judged(request, .answered(service.emulator.respond(to: request)), peer: peer)
  }

  func judged(
    _ request: HTTPRequest, _ outcome: ObservedRequest.Outcome, peer: String? = "127.0.0.1:40000"
  ) throws -> JudgedRequest {
    number += 1
    return try judge.judge(
      ObservedRequest(
        number: number, request: request, outcome: outcome, start: service.clock.now, end: service.clock.now,
        peer: peer))
  }

  /// Signs and sends.
  func send(_ method: String, _ target: String, _ body: String? = nil) throws -> JudgedRequest {
    try judged(service.signed(service.request(method, target, body)))
  }
}

@Suite("The judge") struct JudgeTests {
  // MARK: One request

  struct Fault: CustomTestStringConvertible, Sendable {
    var testDescription: String
    /// The findings of level error: kind, requirement and line; the line is that of the raw message.
    var findings: [String]
    var make: @Sendable (Service) -> HTTPRequest

    init(_ name: String, _ findings: String..., make: @escaping @Sendable (Service) -> HTTPRequest) {
      (testDescription, self.findings, self.make) = (name, findings, make)
    }
  }

  /// Signs after the change, so that the signature is right.
  private static func signed(
    _ method: String, _ target: String, _ body: String? = nil, change: (inout HTTPRequest) -> Void = { _ in }
  ) -> @Sendable (Service) -> HTTPRequest {
    let service = Service()
    var request = service.request(method, target, body)
    change(&request)
    let changed = request
    return { $0.signed(changed) }
  }

  private static func changedAfterSigning(
    _ method: String, _ target: String, _ body: String? = nil, change: @escaping @Sendable (inout HTTPRequest) -> Void
  ) -> @Sendable (Service) -> HTTPRequest {
    { service in
      var request = service.signed(service.request(method, target, body))
      change(&request)
      return request
    }
  }

  private static let job = "/file_jobs/f93984788066911ed89ed352d4d9d2084"

  /// In a submit the fields are Host, Content-Type, Content-Length, Authorization on lines 2 to 5; the body starts on 7.
  static let faults = [
    Fault("a submit that is right", make: signed("POST", "/file_jobs", hashBody())),
    Fault("a query that is right", make: signed("GET", job)),
    Fault("no signature", "signature.missing request-headers.authorization.required 1") {
      $0.request("GET", job)
    },
    Fault(
      "a signature cut short", "signature.malformed request-headers.authorization.form 3",
      make: changedAfterSigning("GET", job) {
        $0.headers.set("Authorization", String(($0.headers["Authorization"] ?? "").dropLast(4)))
      }),
    Fault("another secret key", "signature.mismatch - 3") {
      Signer(credentials: Credentials(secretID: "AKIDtest", secretKey: "other")).signed(
        $0.request("GET", job), now: Int64(pageTime))
    },
    Fault("an unknown SecretId", "signature.unknown-secret-id - 3") {
      Signer(credentials: Credentials(secretID: "AKIDother", secretKey: "secret")).signed(
        $0.request("GET", job), now: Int64(pageTime))
    },
    Fault("a signature of yesterday", "signature.expired - 3") {
      Signer(credentials: testCredentials).signed($0.request("GET", job), now: Int64(pageTime) - 86_400)
    },
    Fault("a signature of tomorrow", "signature.not-yet-valid - 3") {
      Signer(credentials: testCredentials).signed($0.request("GET", job), now: Int64(pageTime) + 86_400)
    },
    Fault("a path that is none", "http.unknown-operation - 1", make: signed("GET", "/files_jobs")),
    Fault("a method that is none", "http.unknown-operation - 1", make: signed("DELETE", job)),
    Fault(
      "eleven ids", "http.too-many-values file-jobs.query.path.job-id.at-most-ten 1",
      make: signed(
        "GET", "/file_jobs/" + Array(repeating: "f93984788066911ed89ed352d4d9d2084", count: 11).joined(separator: ","))
    ),
    Fault(
      "no Tag", "schema.missing-node file-jobs.submit.tag.required 7",
      make: signed("POST", "/file_jobs", hashBody().replacing("<Tag>FileHashCode</Tag>", with: ""))),
    Fault(
      "a hash type that is none", "schema.value.enumeration file-jobs.submit.file-hash-code-config.type.values 9",
      make: signed("POST", "/file_jobs", hashBody("CRC").replacing("<Operation>", with: "\n\n<Operation>"))),
    Fault(
      "a body cut short", "xml.cut-short xml.well-formed 7",
      make: signed("POST", "/file_jobs", String(hashBody().dropLast(20)))),
    Fault("no body", "http.body-missing - 1", make: signed("POST", "/file_jobs", "")),
    Fault(
      "a body where none belongs", "http.body-unexpected file-jobs.query.no-request-body 1",
      make: signed("GET", job, hashBody())),
    Fault(
      "a body that is said to be JSON", "http.header-value request-headers.content-type.values 3",
      make: signed("POST", "/file_jobs", hashBody()) { $0.headers.set("Content-Type", "application/json") }),
    Fault(
      "the digest of another body", "http.content-md5 request-headers.content-md5.matches 5",
      make: signed("POST", "/file_jobs", hashBody()) { $0.headers.append("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==") }),
    Fault(
      "a length that is not the body's", "http.content-length request-headers.content-length.true 4",
      make: signed("POST", "/file_jobs", hashBody()) { $0.headers.set("Content-Length", "1") }),
    Fault(
      "the host of an object", "http.header-value request-headers.host.form 2",
      make: signed("POST", "/file_jobs", hashBody()) {
        $0.headers.set("Host", "test-1234567890.cos.ap-chongqing.myqcloud.com")
      }),
    Fault(
      "a list of too many", "http.query-value jobs.list.query.size 1",
      make: signed("GET", "/jobs?size=101&queueId=p2242ab62c7c94486915508540933a2c6&tag=Animation")),
  ]

  @Test("Names what is wrong, with the requirement and the line", arguments: faults)
  func fault(_ fault: Fault) throws {
    let court = try Courtroom()
    let judged = try court.judged(fault.make(court.service))
    let errors = judged.findings.filter { $0.severity == .error }.map {
      "\($0.id) \($0.requirement ?? "-") \($0.place.line.map(String.init) ?? "-")"
    }
    #expect(errors == fault.findings, Comment(rawValue: "\(judged.findings.map(\.message))"))
    #expect(judged.findings.allSatisfy { $0.place.file == judged.name })
  }

  @Test("Names the mistake of a signer that signs the path as it is encoded")
  func mistake() throws {
    let court = try Courtroom()
    var request = court.service.signed(court.service.request("GET", "/jobs/a%2520b"))
    request.target = "/jobs/a%20b"
    let finding = try #require(try court.judged(request).findings.first { $0.id == "signature.mismatch" })
    #expect(finding.hint == "The mistake is path-as-on-wire." || finding.hint == "The mistake is path-encoded.")
    #expect(finding.message.contains("HttpString"))
  }

  @Test("Temporary credentials need their token, and nothing of it is told")
  func token() throws {
    let temporary = Credentials(secretID: "AKIDtest", secretKey: "secret", token: "fakeToken")
    let court = try Courtroom(credentials: [temporary], signer: testCredentials)
    let judged = try court.judged(court.service.signed(court.service.request("GET", Self.job)))
    #expect(judged.findings.map(\.id) == ["signature.token"])
    #expect(!"\(judged)".contains("fakeToken"))
    var request = court.service.request("GET", Self.job)
    request.headers.append("x-ci-security-token", "fakeToken")
    #expect(try court.judged(court.service.signed(request)).findings.isEmpty)
  }

  @Test("A finding about a signature holds neither the right one nor a key")
  func secrets() throws {
    let court = try Courtroom()
    let plain = court.service.request("GET", Self.job)
    let right = court.service.signed(plain).headers["Authorization"] ?? ""
    let wrong = Signer(credentials: Credentials(secretID: "AKIDtest", secretKey: "other")).signed(
      plain, now: Int64(pageTime))
    let said = "\(try court.judged(wrong).findings)"
    let stages = Signer(credentials: testCredentials).stages(for: plain, now: Int64(pageTime))
    #expect(right.contains(stages.signature))
    #expect(!said.contains(stages.signature))
    #expect(!said.contains(stages.signKey))
  }

  // MARK: Recordings

  /// Refused for the state of things, which no request can know.
  private static let refusedForState: Set<String> = [
    "batch-jobs/cancel-unknown/cancel", "jobs/cancel-unknown/cancel", "jobs/cancel-finished/cancel",
    "objects/hash-missing/hash",
    "queues/pause/refused", "queues/update-unknown/update", "templates/name-taken/again",
  ]

  static let steps: [(id: String, step: Scenario.Step, request: HTTPRequest, isRefused: Bool)] = {
    let all = (try? RecordedScenario.all(in: Kit.folder)) ?? []
    return all.flatMap { recorded in
      zip(recorded.scenario.steps, recorded.exchanges).map { step, exchange in
        ("\(recorded.scenario.id)/\(step.id)", step, exchange.request, exchange.response.status >= 400)
      }
    }
  }()

  @Test("Recorded requests that the service takes have no error; those that it refuses for what they say have one")
  func recordings() throws {
    #expect(Self.steps.count > 150)
    #expect(Self.refusedForState.isSubset(of: Self.steps.filter(\.isRefused).map(\.id)))
    // The capture asks for ids that are placeholders.
    let left = Self.steps.filter { !Self.refusedForState.contains($0.id) && $0.id != "queues/list-by-id/by-id" }
    for (id, step, recorded, isRefused) in left {
      let court = try Courtroom()
      var request = recorded
      request.headers.remove("Authorization")
      if !request.body.isEmpty || ["POST", "PUT"].contains(request.method) {
        request.headers.set("Content-Length", "\(request.body.count)")
      }
      let wrong = Credentials(secretID: "AKIDtest", secretKey: "other")
      switch step.sign ?? .valid {
      case .valid, .tokenUnsigned: request = court.service.signed(request)
      case .none: break
      case .wrongKey: request = Signer(credentials: wrong).signed(request, now: Int64(pageTime))
      case .expired: request = Signer(credentials: testCredentials).signed(request, now: Int64(pageTime) - 7200)
      }
      let judged = try court.judged(request)
      let errors = judged.findings.filter { $0.severity == .error }
      #expect(errors.isEmpty != isRefused, Comment(rawValue: "\(id): \(errors.map(\.message))"))
      if !isRefused { #expect(judged.operation == step.operation, Comment(rawValue: id)) }
    }
  }

  // MARK: Sequences

  private func sequence(_ judged: JudgedRequest) -> [String] {
    judged.findings.map(\.id).filter { $0.hasPrefix("sequence.") }
  }

  @Test("A job that is asked for too often is told, and one that has ended")
  func polls() throws {
    let court = try Courtroom { $0.pollIntervalSeconds = 1 }
    let submit = try court.send("POST", "/file_jobs", hashBody())
    #expect(submit.findings.isEmpty)
    let id = try court.service.submit("/file_jobs", hashBody())
    let target = "/file_jobs/\(id)"
    #expect(sequence(try court.send("GET", target)) == [])
    court.service.clock.sleep(seconds: 0.4)
    #expect(sequence(try court.send("GET", target)) == ["sequence.poll-too-fast"])
    court.service.clock.sleep(seconds: 1)
    #expect(sequence(try court.send("GET", target)) == [])
    court.service.clock.sleep(seconds: 2)
    #expect(sequence(try court.send("GET", target)) == [])
    court.service.clock.sleep(seconds: 2)
    #expect(sequence(try court.send("GET", target)) == ["sequence.poll-after-end"])
  }

  @Test("One body submitted twice is told; another, or the same much later, is not")
  func repeatedSubmit() throws {
    let court = try Courtroom()
    #expect(sequence(try court.send("POST", "/file_jobs", hashBody())) == [])
    #expect(sequence(try court.send("POST", "/file_jobs", hashBody("SHA1"))) == [])
    court.service.clock.sleep(seconds: 2)
    #expect(sequence(try court.send("POST", "/file_jobs", hashBody())) == ["sequence.repeated-submit"])
    court.service.clock.sleep(seconds: 61)
    #expect(sequence(try court.send("POST", "/file_jobs", hashBody())) == [])
  }

  struct Retry: CustomTestStringConvertible, Sendable {
    var status: Int
    var code: String
    var gap: Double
    var resigns = true
    var finding: String?
    var testDescription: String { "\(status) \(code), \(gap) s\(resigns ? "" : ", same signature")" }
  }

  @Test(
    "A retry is due after what passes by itself, and not at once after 429 or 503",
    arguments: [
      Retry(status: 500, code: "InternalError", gap: 0),
      Retry(status: 503, code: "ServiceUnavailable", gap: 0.1, finding: "sequence.retry-too-soon"),
      Retry(status: 503, code: "ServiceUnavailable", gap: 1),
      Retry(status: 429, code: "SlowDown", gap: 0.1, finding: "sequence.retry-too-soon"),
      Retry(status: 429, code: "SlowDown", gap: 2),
      Retry(status: 403, code: "QueuePaused", gap: 0.1, finding: "sequence.retry-too-soon"),
      Retry(status: 403, code: "QueuePaused", gap: 5),
      Retry(status: 400, code: "InvalidArgument", gap: 5, finding: "sequence.retry-not-due"),
      Retry(status: 401, code: "InvalidAuthorization", gap: 5, finding: "sequence.retry-not-due"),
      Retry(status: 401, code: "SignatureExpired", gap: 5),
      Retry(status: 401, code: "SignatureExpired", gap: 5, resigns: false, finding: "sequence.retry-not-due"),
      Retry(status: 400, code: "InvalidArgument", gap: 90),
    ])
  func retries(_ retry: Retry) throws {
    let court = try Courtroom()
    let plain = court.service.request("POST", "/file_jobs", hashBody())
    let request = court.service.signed(plain)
    let refusal = court.service.emulator.refusal(of: request, status: retry.status, code: retry.code)
    #expect(sequence(try court.judged(request, .answered(refusal))) == [])
    court.service.clock.sleep(seconds: retry.gap)
    let again = retry.resigns ? court.service.signed(plain) : request
    #expect(sequence(try court.judged(again)) == [retry.finding].compactMap { $0 })
  }

  @Test("A retry after an answer that broke off is due")
  func retryAfterBreak() throws {
    let court = try Courtroom()
    let request = court.service.signed(court.service.request("POST", "/file_jobs", hashBody()))
    _ = try court.judged(request, .broken)
    #expect(sequence(try court.judged(request)) == [])
  }

  @Test("Eight requests in a row over new connections are told once; over a kept one never")
  func connections() throws {
    let court = try Courtroom { $0.pollIntervalSeconds = 0 }
    func ids(_ peer: (Int) -> String) throws -> [String] {
      try (0..<20).flatMap { number -> [String] in
        court.service.clock.sleep(seconds: 1)
        let request = court.service.signed(court.service.request("GET", "/jobs/j\(number)"))
        return sequence(try court.judged(request, peer: peer(number)))
      }
    }
    #expect(try ids { _ in "127.0.0.1:50000" } == [])
    #expect(try ids { "127.0.0.1:\(41_000 + $0)" } == ["sequence.no-keep-alive"])
  }

  @Test("After a reset nothing is known of the requests before")
  func reset() throws {
    let court = try Courtroom()
    _ = try court.send("POST", "/file_jobs", hashBody())
    court.judge.reset()
    #expect(sequence(try court.send("POST", "/file_jobs", hashBody())) == [])
  }
}

@Suite("What a judge expects") struct ExpectationTests {
  static let hash = "file-jobs/hash-md5-lifecycle"

  private func outcome(
    _ scenarios: [String] = [hash], _ body: (Courtroom) throws -> [JudgedRequest]
  ) throws -> [String] {
    let all = try RecordedScenario.all(in: Kit.folder)
    let chosen = try scenarios.map { name in try #require(all.first { $0.scenario.id == name }) }
    var expectation = Expectation(chosen, library: Kit.library)
    for judged in try body(try Courtroom()) { expectation.observe(judged) }
    return expectation.results.flatMap { result in
      result.findings.map { "\(result.id) \($0.id) \($0.expected ?? "-")" }
    }
  }

  private static let submit =
    "<Request><Tag>FileHashCode</Tag><Input><Object>my.mp4</Object></Input><Operation><FileHashCodeConfig>"
    + "<Type>MD5</Type><AddToHeader>true</AddToHeader></FileHashCodeConfig><UserData>mine</UserData></Operation>"
    + "<CallBack>http://127.0.0.1/</CallBack><CallBackFormat>XML</CallBackFormat></Request>"
  private static let query = "/file_jobs/f93984788066911ed89ed352d4d9d2084"

  @Test("Its requests with values of the client's own meet a scenario, polls as often as may be")
  func met() throws {
    let open = try outcome { court in
      [
        try court.send("POST", "/file_jobs", Self.submit), try court.send("GET", Self.query),
        try court.send("GET", Self.query),
      ]
    }
    #expect(open == [])
  }

  @Test("What never comes is a finding")
  func missing() throws {
    #expect(
      try outcome { _ in [] } == [
        "\(Self.hash)/submit expect.never-came file-jobs.submit",
        "\(Self.hash)/result expect.never-came file-jobs.query",
      ])
    #expect(
      try outcome { [try $0.send("POST", "/file_jobs", Self.submit)] } == [
        "\(Self.hash)/result expect.never-came file-jobs.query"
      ])
  }

  @Test("A node that is left out and a constant that differs are findings")
  func bodies() throws {
    let without = Self.submit.replacing("<UserData>mine</UserData>", with: "")
    #expect(
      try outcome { [try $0.send("POST", "/file_jobs", without), try $0.send("GET", Self.query)] } == [
        "\(Self.hash)/submit expect.node-missing UserData"
      ])
    let other = Self.submit.replacing("FileHashCode<", with: "FileUncompress<")
    #expect(
      try outcome { [try $0.send("POST", "/file_jobs", other), try $0.send("GET", Self.query)] } == [
        "\(Self.hash)/submit expect.value-changed FileHashCode"
      ])
  }

  @Test("The order counts")
  func order() throws {
    #expect(
      try outcome { [try $0.send("GET", Self.query), try $0.send("POST", "/file_jobs", Self.submit)] } == [
        "\(Self.hash)/submit expect.out-of-order -"
      ])
  }
}
