import HTTPExchange
import Synchronization
import Testing
import XMLValidation

@testable import Emulator

@Suite struct ConcurrencyTests {
  @Test("Many threads get many different jobs, and each job is hashed once")
  func manyThreads() async throws {
    let reads = Mutex(0)
    let counting = CountingStore { reads.withLock { $0 += 1 } }
    let service = Service(counting)
    let ids = try await withThrowingTaskGroup(of: [String].self) { group in
      for _ in 0..<4 { group.addTask { try (0..<25).map { _ in try service.submit("/file_jobs", hashBody()) } } }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(Set(ids).count == 100)
    service.clock.sleep(seconds: 2)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 { group.addTask { for id in ids { _ = try service.detail("/file_jobs/\(id)") } } }
      try await group.waitForAll()
    }
    #expect(reads.withLock { $0 } == 100)
    for id in ids { #expect(try service.detail("/file_jobs/\(id)").text(at: "State") == "Success") }
  }

  @Test("Requests of many threads are judged at once, each by those before it")
  func judged() async throws {
    let service = Service()
    let judge = try Judge(
      catalogue: Kit.catalogue, library: Kit.library, credentials: [testCredentials], settings: JudgeSettings())
    /// The findings of a query that is sent for the first time, again, and with another method's signature.
    @Sendable func findings(_ number: Int) throws -> [[String]] {
      let id = "f93984788066911ed89ed352d4d9d" + hexadecimal(UInt64(number), digits: 4)
      let right = service.signed(service.request("GET", "/file_jobs/\(id)"))
      var wrong = service.signed(service.request("PUT", "/file_jobs/\(id)"))
      wrong.method = "GET"
      return try [right, right, wrong].map { request in
        let answer = ObservedRequest.Outcome.answered(service.emulator.respond(to: request))
        let observed = ObservedRequest(
          number: number, request: request, outcome: answer, start: service.clock.now, end: service.clock.now)
        return try judge.judge(observed).findings.map(\.id)
      }
    }
    try await withThrowingTaskGroup(of: [[[String]]].self) { group in
      for thread in 0..<4 { group.addTask { try (0..<50).map { try findings(100 * thread + $0) } } }
      for try await found in group {
        let polls = ["sequence.poll-too-fast"]
        #expect(found == Array(repeating: [[], polls, ["signature.mismatch"] + polls], count: 50))
      }
    }
  }

  @Test("While an object is hashed the emulator answers others, who see the job running")
  func openWhileHashing() throws {
    let seen = Mutex<[String?]>([])
    let ask = Mutex<(@Sendable () -> Void)?>(nil)
    let service = Service(CountingStore { if seen.withLock({ $0.isEmpty }) { ask.withLock { $0 }?() } })
    let id = try service.submit("/file_jobs", hashBody())
    ask.withLock {
      $0 = {
        seen.withLock { $0.append("asked") }
        let state = try? service.detail("/file_jobs/\(id)").text(at: "State")
        seen.withLock { $0.append(state) }
      }
    }
    service.clock.sleep(seconds: 2)
    #expect(try service.detail("/file_jobs/\(id)").text(at: "State") == "Success")
    #expect(seen.withLock { $0 } == ["asked", "Running"])
    ask.withLock { $0 = nil }
  }

  struct CountingStore: ObjectStore {
    var onRead: @Sendable () -> Void
    func object(bucket: String, region: String, key: String) -> StoredObject? {
      StoredObject(size: 3, lastModified: 0, etag: nil) { consume in
        onRead()
        consume([0x61, 0x62, 0x63])
      }
    }
  }
}
