import CaseLibrary
import HTTPExchange
import Testing
import XMLValidation

@testable import Emulator

@Suite struct IdentifierTests {
  @Test("The tests' own readers give the times of published identifiers")
  func readers() throws {
    #expect(try uuidSeconds("f93984788066911ed89ed352d4d9d2084") == UInt64(pageTime))
    #expect(try uuidSeconds("j682b9662f84611ecb8546d80f2baf56f") == 1_656_574_182)  // 2022-06-30T15:29:42+0800
    #expect(try requestIDFields("NTk0MjdmODlfMjQ4OGY3XzYzYzhfMjc=") == ["59427f89", "2488f7", "63c8", "27"])
  }

  @Test("A job id is the letter of its operation and a version-1 UUID of its CreationTime", arguments: StateTests.kinds)
  func jobIDs(_ kind: (path: String, body: String)) throws {
    let letter = ["/file_jobs": "f", "/jobs": "j", "/inventorytriggerjob": "b"][kind.path] ?? "?"
    let service = Service()
    for second in 0..<3 {
      service.clock.set(pageTime + Double(second) * 1000.25)
      var last: UInt64 = 0
      for _ in 0..<3 {
        let id = try service.submit(kind.path, kind.body)
        #expect(id.hasPrefix(letter))
        #expect(id.dropFirst().allSatisfy { $0.isHexDigit && !$0.isUppercase })
        #expect(try uuidSeconds(id) == UInt64(service.clock.now))
        #expect("89ab".contains(Array(id)[17]), "the variant of RFC 4122")
        let ticks = try uuidTicks(id)
        #expect(last == 0 || ticks == last + 1, "100 ns further than the one before")
        last = ticks
      }
    }
  }

  @Test("Job ids never repeat, even when the clock goes back")
  func jobIDsAreUnique() {
    var identifiers = Identifiers(seed: 7)
    var seen: Set<String> = []
    // More steps back than there are clock sequences.
    for round in 0..<40_000 { seen.insert(identifiers.jobID(letter: "f", created: pageTime - Double(round % 2))) }
    #expect(seen.count == 40_000)
  }

  @Test("A request id encodes the Date in its first field, is never given twice, and is the RequestId of the body")
  func requestIDs() throws {
    let service = Service()
    var seen: Set<String> = []
    for number in 0..<20 {
      service.clock.set(pageTime + Double(number / 2))
      let answer = service.send(number % 3 == 0 ? "PUT" : "GET", "/inventorytriggerjob/b0")
      let id = try #require(answer.headers["x-ci-request-id"])
      #expect(answer.root.text(at: "RequestId") == id)
      let fields = try requestIDFields(id)
      #expect(fields.count == 4)
      #expect(UInt64(fields[0], radix: 16) == UInt64(pageTime) + UInt64(number / 2))
      #expect(fields.allSatisfy { UInt64($0, radix: 16) != nil && $0 == $0.lowercased() })
      #expect(answer.headers["Date"] == "Mon, 18 Jul 2022 07:16:\(43 + number / 2) GMT")
      #expect(seen.insert(id).inserted)
    }
  }

  @Test("A queue that is not named is the bucket's own: p and a version-4 UUID, always the same")
  func queues() throws {
    func queue(_ seed: UInt64, _ path: String = "/file_jobs", _ host: String = testHost, submits: Int = 1) -> String? {
      let service = Service { $0.seed = seed }
      let animation = animationBody().split(separator: "<QueueId>")[0] + "</Request>"
      let ids = (0..<submits).map { _ in
        service.send("POST", path, path == "/jobs" ? String(animation) : hashBody(), host: host).root
          .text(at: "JobsDetail", "QueueId")
      }
      return ids.last ?? nil
    }
    let id = try #require(queue(1))
    let hex = Array(id)
    #expect(hex.count == 33 && hex[0] == "p" && hex[13] == "4" && "89ab".contains(hex[17]))
    #expect(queue(1, submits: 3) == id)
    #expect(queue(2) != id)
    let media = try #require(queue(1, "/jobs"))
    #expect(media != id)
    #expect(queue(1, "/file_jobs", "other-1234567890.ci.ap-chongqing.myqcloud.com") != id)
  }

  @Test("A queue that is named is the job's")
  func namedQueue() throws {
    let given = "<QueueId>p2911917386e148639319e13c285cc774</QueueId>"
    let answer = Service().send("POST", "/file_jobs", hashBody(extra: given))
    #expect(answer.root.text(at: "JobsDetail", "QueueId") == "p2911917386e148639319e13c285cc774")
  }

  @Test("One seed and one clock give the same answers; another seed gives others")
  func determinism() {
    func answers(_ seed: UInt64) -> [HTTPResponse] {
      let service = Service(HashJobTests.store("abc")) { $0.seed = seed }
      return [
        service.send("POST", "/file_jobs", hashBody()), service.send("POST", "/jobs", animationBody()),
        service.send("GET", "/nothing"),
      ]
    }
    #expect(answers(1) == answers(1))
    #expect(zip(answers(1), answers(2)).allSatisfy { $0 != $1 })
  }

  @Test(
    "Times are written as the service writes them",
    arguments: [
      (0.0, "1970-01-01T08:00:00+0800", "Thu, 01 Jan 1970 00:00:00 GMT"),
      (1_658_128_603.999, "2022-07-18T15:16:43+0800", "Mon, 18 Jul 2022 07:16:43 GMT"),
      (1_497_530_249, "2017-06-15T20:37:29+0800", "Thu, 15 Jun 2017 12:37:29 GMT"),
      (951_782_400, "2000-02-29T08:00:00+0800", "Tue, 29 Feb 2000 00:00:00 GMT"),
      (4_107_542_399, "2100-03-01T07:59:59+0800", "Sun, 28 Feb 2100 23:59:59 GMT"),
      (1_704_038_400, "2024-01-01T00:00:00+0800", "Sun, 31 Dec 2023 16:00:00 GMT"),
      (1e300, "9999-12-31T23:59:59+0800", "Fri, 31 Dec 9999 15:59:59 GMT"),
    ])
  func times(_ seconds: Double, _ job: String, _ header: String) {
    #expect(Times.job(seconds) == job)
    #expect(Times.header(seconds) == header)
  }

  /// The vectors of RFC 4648, section 10.
  @Test(
    "Base64 has the standard alphabet and padding",
    arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")])
  func base64Vectors(_ text: String, _ encoded: String) { #expect(base64(Array(text.utf8)) == encoded) }
}
