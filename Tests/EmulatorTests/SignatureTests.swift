import HTTPExchange
import Signing
import Testing
import XMLValidation

@testable import Emulator

@Suite struct SignatureTests {
  @Test("A signature is taken in the header, in the query and in the parameter sign", arguments: Delivery.allCases)
  func deliveries(_ delivery: Delivery) throws {
    let service = Service()
    let submit = service.signed(service.request("POST", "/inventorytriggerjob", batchBody), delivery)
    let answer = service.emulator.respond(to: submit)
    #expect(answer.status == 200)
    let id = try #require(answer.root.text(at: "JobsDetail", "JobId"))
    let query = service.signed(service.request("GET", "/inventorytriggerjob/\(id)"), delivery)
    #expect(service.emulator.respond(to: query).root.text(at: "JobsDetail", "JobId") == id)
    let cancel = service.signed(service.request("PUT", "/inventorytriggerjob/\(id)?cancel"), delivery)
    #expect(service.emulator.respond(to: cancel).status == 200)
  }

  @Test("A request that was changed after it was signed is refused", arguments: Delivery.allCases)
  func changed(_ delivery: Delivery) {
    let service = Service()
    var request = service.signed(service.request("GET", "/jobs/j0"), delivery)
    request.target = request.target.replacing("/jobs/j0", with: "/jobs/j1")
    let answer = service.emulator.respond(to: request)
    #expect(answer.status == 401)
    #expect(answer.errorCode == "InvalidAuthorization")
  }

  enum Fault: CaseIterable {
    case missing, malformed, unknownSecretID, expired, notYetValid, wrongKey
  }

  private func request(_ fault: Fault, _ service: Service) -> HTTPRequest {
    let plain = service.request("GET", "/jobs/j0")
    let now = Int64(service.clock.now)
    switch fault {
    case .missing: return plain
    case .malformed:
      var request = plain
      request.headers.append("Authorization", "q-sign-algorithm=sha1&q-ak=AKIDtest")
      return request
    case .unknownSecretID:
      return Signer(credentials: Credentials(secretID: "AKIDother", secretKey: "secret")).signed(plain, now: now)
    case .expired: return Signer(credentials: testCredentials).signed(plain, now: now - 901)
    case .notYetValid: return Signer(credentials: testCredentials).signed(plain, now: now + 961)
    case .wrongKey:
      return Signer(credentials: Credentials(secretID: "AKIDtest", secretKey: "Secret")).signed(plain, now: now)
    }
  }

  @Test(
    "A bad signature is refused by the code of the CI table",
    arguments: zip(
      Fault.allCases,
      [
        "MissingAuthorization", "InvalidAuthorization", "SecretidNotExist", "SignatureExpired", "SignatureExpired",
        "InvalidAuthorization",
      ]))
  func errors(_ fault: Fault, _ code: String) throws {
    let service = Service()
    let answer = service.emulator.respond(to: request(fault, service))
    #expect(answer.status == 401)
    #expect(answer.errorCode == code)
    try expectConformant(answer, nil, .error)
  }

  @Test(
    "A bad signature is refused by the code of the COS table when that is asked for",
    arguments: zip(
      Fault.allCases,
      [
        "AccessDenied", "AccessDenied", "InvalidAccessKeyId", "AccessDenied", "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
      ]))
  func cosErrors(_ fault: Fault, _ code: String) {
    let service = Service { $0.signatureErrors = .cos }
    let answer = service.emulator.respond(to: request(fault, service))
    #expect(answer.status == 403)
    #expect(answer.errorCode == code)
    #expect(fault != .expired || answer.root.text(at: "Message") == "Request has expired")
  }

  @Test("The last second of a signature and the largest tolerated skew are still valid", arguments: [-900, 960])
  func edges(_ seconds: Int64) {
    let service = Service()
    let signer = Signer(credentials: testCredentials)
    let request = signer.signed(service.request("GET", "/jobs/j0"), now: Int64(service.clock.now) + seconds)
    #expect(service.emulator.respond(to: request).status == 200)
  }

  @Test(
    "The Message about a wrong signature shows StringToSign and FormatString only when it should",
    arguments: [true, false])
  func explanation(_ explains: Bool) {
    let service = Service { $0.explainsSignatures = explains }
    let message = service.emulator.respond(to: request(.wrongKey, service)).root.text(at: "Message") ?? ""
    #expect(message.contains("does not match"))
    #expect(message.contains("get\n/jobs/j0\n") == explains)
    #expect(message.contains("sha1\n") == explains)
  }

  static let temporary = Credentials(secretID: "AKIDtemporary", secretKey: "secret", token: "token")

  @Test(
    "Temporary credentials count with their token only, in either name",
    arguments: [
      ("x-ci-security-token", "token", 200), ("x-cos-security-token", "token", 200),
      ("x-ci-security-token", "other", 401), ("x-other", "token", 401),
    ])
  func tokens(_ name: String, _ value: String, _ status: Int) {
    let service = Service(known: [Self.temporary])
    let keys = Credentials(secretID: "AKIDtemporary", secretKey: "secret")
    var request = Signer(credentials: keys).signed(service.request("GET", "/jobs/j0"), now: Int64(pageTime))
    request.headers.append(name, value)
    #expect(service.emulator.respond(to: request).status == status)
  }

  @Test("The token is taken in all deliveries", arguments: Delivery.allCases)
  func tokenDeliveries(_ delivery: Delivery) {
    var service = Service(known: [Self.temporary])
    service.credentials = Self.temporary
    #expect(service.emulator.respond(to: service.signed(service.request("GET", "/jobs/j0"), delivery)).status == 200)
  }

  @Test("Nothing but the signature is looked at before it is known who asks", arguments: ["/nothing", "/jobs/j0", "/"])
  func signatureFirst(_ path: String) {
    let service = Service()
    #expect(service.emulator.respond(to: service.request("POST", path, "x")).errorCode == "MissingAuthorization")
  }
}
