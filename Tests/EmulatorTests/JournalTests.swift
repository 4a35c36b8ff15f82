import HTTPExchange
import Synchronization
import Testing
import XMLValidation

@testable import Emulator

/// A journal in memory: what is durable is what another emulator would find.
final class MemoryJournal: JobJournal {
  private struct Tables {
    var appended: [StateChange] = []
    var rows: [StateTable: [String: [StateValue]]] = [:]
    var failures = 0
    var hasFailed = false
    var events: [String] = []
  }
  private let tables = Mutex(Tables())

  struct Full: Error {}

  var isFailing: Bool { tables.withLock { $0.hasFailed } }
  var events: [String] { tables.withLock { $0.events } }
  var saved: SavedState { tables.withLock { SavedState(rows: $0.rows.mapValues { Array($0.values) }) } }

  func fail(times: Int) { tables.withLock { $0.failures = times } }
  func note(_ event: String) { tables.withLock { $0.events.append(event) } }

  func append(_ changes: [StateChange]) {
    tables.withLock {
      $0.appended += changes
      if !changes.isEmpty { $0.events.append("append") }
    }
  }

  func makeDurable() throws {
    try tables.withLock { tables in
      if tables.failures > 0 {
        tables.failures -= 1
        tables.hasFailed = true
        throw Full()
      }
      tables.hasFailed = false
      if !tables.appended.isEmpty { tables.events.append("durable") }
      for change in tables.appended {
        switch change {
        case .put(let table, let values):
          guard case .text(let key)? = values.first else { continue }
          tables.rows[table, default: [:]][key] = values
        case .remove(let table, let key): tables.rows[table]?[key] = nil
        }
      }
      tables.appended = []
    }
  }
}

extension Service {
  /// An emulator that begins with what the journal has kept, at the time of another.
  init(
    _ objects: any ObjectStore = MemoryObjectStore(), journal: MemoryJournal, at time: Double = pageTime,
    configure: (inout EmulatorConfiguration) -> Void = { _ in }
  ) throws {
    self.init(objects, configure: configure)
    clock.set(time)
    emulator = Emulator(
      configuration: emulator.configuration, catalogue: Kit.catalogue, library: Kit.library,
      credentials: [testCredentials], objects: objects, clock: clock, journal: journal)
    try emulator.restore(journal.saved)
    try emulator.keepChanges()
  }
}

@Suite struct JournalTests {
  private static let objects: MemoryObjectStore = {
    var objects = MemoryObjectStore()
    for key in ["input/test.mp4", "input/b.mp4"] {
      objects.put(Array("abc \(key)".utf8), bucket: testBucket, key: key, lastModified: 1_645_000_000)
    }
    return objects
  }()

  @Test("An answer is given only after what it tells is durable, and an answer that tells nothing new does not wait")
  func durableFirst() throws {
    let journal = MemoryJournal()
    let service = try Service(journal: journal)
    journal.note("submit")
    let id = try service.submit("/file_jobs", hashBody())
    journal.note("answered")
    #expect(journal.events.suffix(4) == ["submit", "append", "durable", "answered"])
    #expect(journal.saved.rows[.jobs]?.first?.first == .text(id))
    _ = try service.detail("/file_jobs/\(id)")
    #expect(journal.events.last == "answered")
    // The job starts: that it was told Running has to be known after a restart.
    service.clock.sleep(seconds: 1)
    _ = try service.detail("/file_jobs/\(id)")
    #expect(journal.events.last == "durable")
  }

  @Test("While nothing can be kept every answer is 500, and nothing new is begun; afterwards all goes on")
  func fullDisk() throws {
    let journal = MemoryJournal()
    let service = try Service(journal: journal)
    let before = try service.submit("/jobs", animationBody())
    journal.fail(times: 3)
    for _ in 0..<3 {
      let refusal = service.send("POST", "/jobs", animationBody())
      #expect(refusal.status == 500)
      #expect(refusal.errorCode == "InternalError")
    }
    // The first was begun before it could be known.
    #expect(service.emulator.memory.withLock { $0.jobs.count } == 2)
    #expect(service.send("GET", "/jobs/\(before)").status == 200)
    #expect(service.send("POST", "/jobs", animationBody()).status == 200)
    #expect(journal.saved.rows[.jobs]?.count == 3)
  }

  /// Everything a client may change, at different times, so that jobs are in every state.
  private func play(_ service: Service) throws {
    _ = service.send("POST", "/template", templateBody)
    for number in 0..<3 {
      _ = try service.submit("/file_jobs", hashBody(key: number == 1 ? "missing" : "input/test.mp4"))
      _ = try service.submit("/jobs", animationBody())
      _ = try service.submit("/inventorytriggerjob", triggering)
      service.clock.sleep(seconds: 0.6)
    }
    let cancelled = try service.submit("/inventorytriggerjob", triggering)
    #expect(service.send("PUT", "/inventorytriggerjob/\(cancelled)?cancel").status == 200)
    let queues = service.send("GET", "/file_queue").root
    let queue = try #require(queues.text(at: "QueueList", "QueueId"))
    _ = try service.submit("/file_jobs", hashBody("SHA1", key: "input/b.mp4"))
    let paused =
      "<Request><Name>mine</Name><QueueID>\(queue)</QueueID><State>Paused</State><NotifyConfig><State>Off</State></NotifyConfig></Request>"
    let answer = service.send("PUT", "/file_queue/\(queue)", paused)
    #expect(answer.status == 200, Comment(rawValue: answer.text))
    service.clock.sleep(seconds: 0.6)
  }

  private var templateBody: String {
    "<Request><Tag>Animation</Tag><Name>mine</Name><Container><Format>gif</Format></Container><Video><Codec>gif</Codec>"
      + "<Width>1280</Width><Height></Height><Fps>15</Fps><AnimateOnlyKeepKeyFrame>true</AnimateOnlyKeepKeyFrame></Video>"
      + "<TimeInterval><Start>0</Start><Duration>60</Duration></TimeInterval></Request>"
  }

  private var triggering: String {
    batchBody.replacing(
      "<TimeInterval><Start>2022-02-01T12:00:00+0800</Start><End>2022-05-01T12:00:00+0800</End></TimeInterval>",
      with: "")
  }

  /// Every list, in pages of two, and every queue; without what tells requests apart.
  private func told(_ service: Service) throws -> [String] {
    var told: [String] = []
    for path in [
      "/jobs?tag=Animation&queueId=p2242ab62c7c94486915508540933a2c6&",
      "/jobs?tag=Transcode&queueId=p893bcda225bf4945a378da6662e81a89&", "/inventorytriggerjob?",
    ] {
      var token = ""
      repeat {
        let answer = service.send("GET", "\(path)size=2\(token)")
        try #require(answer.status == 200, Comment(rawValue: answer.text))
        var root = answer.root
        root.children.removeAll { $0.name == "RequestId" }
        told.append(root.fragment)
        token = root.text(at: "NextToken").map { "&nextToken=\($0)" } ?? ""
      } while !token.isEmpty
    }
    for path in ["/file_queue", "/queue"] {
      var root = service.send("GET", path).root
      root.children.removeAll { $0.name == "RequestId" }
      told.append(root.fragment)
    }
    let ids = service.emulator.memory.withLock {
      $0.jobs.jobs(of: [.file], in: Bucket(name: testBucket, region: "ap-chongqing"), at: service.clock.now).map(\.id)
    }
    for id in ids.sorted() { told.append(service.send("GET", "/file_jobs/\(id)").root.fragment) }
    return told
  }

  @Test(
    "After a restart all answers are as they would have been without, then and later",
    arguments: [Int?.none, 1, 2])
  func restart(concurrency: Int?) throws {
    let journal = MemoryJournal()
    func configure(_ configuration: inout EmulatorConfiguration) { configuration.concurrency = concurrency }
    let service = try Service(Self.objects, journal: journal, configure: configure)
    try play(service)
    let kept = try told(service)
    let restarted = try Service(Self.objects, journal: journal, at: service.clock.now, configure: configure)
    #expect(try told(restarted) == kept)
    for _ in 0..<6 {
      service.clock.sleep(seconds: 0.5)
      restarted.clock.sleep(seconds: 0.5)
      let (one, other) = (try told(service), try told(restarted))
      #expect(normalised(other) == normalised(one))
    }
  }

  /// Jobs that batch jobs make after the restart have other ids.
  private func normalised(_ told: [String]) -> [String] {
    told.map { $0.replacing(/<JobId>j[0-9a-f]{32}/, with: "<JobId>j").replacing(/<NextToken>[0-9-]+/, with: "") }
  }

  @Test(
    "With another limit after a restart no state goes back, no job starts before it was told to wait, and all end",
    arguments: [(Int?.none, Int?.some(1)), (1, nil), (1, 3), (3, 1)])
  func otherConcurrency(before: Int?, after: Int?) throws {
    let journal = MemoryJournal()
    let service = try Service(Self.objects, journal: journal) { $0.concurrency = before }
    let ids = try (0..<6).map { _ in try service.submit("/file_jobs", hashBody()) }
    service.clock.sleep(seconds: 2.5)
    func details(_ service: Service) throws -> [ElementTree] { try ids.map { try service.detail("/file_jobs/\($0)") } }
    let ranks = ["Submitted": 0, "Running": 1, "Success": 2]
    func rank(_ detail: ElementTree) throws -> Int { try #require(ranks[detail.text(at: "State") ?? ""]) }
    let told = try details(service)
    let restarted = try Service(Self.objects, journal: journal, at: service.clock.now) { $0.concurrency = after }
    for (old, new) in zip(told, try details(restarted)) {
      #expect(try rank(new) >= rank(old))
      if try rank(old) == 0, try rank(new) > 0 {
        #expect(new.text(at: "StartTime") == Times.job(service.clock.now))
      }
    }
    restarted.clock.sleep(seconds: 10)
    #expect(try details(restarted).map(rank) == [2, 2, 2, 2, 2, 2])
  }

  @Test("After a restart no identifier is given again, and queues keep theirs")
  func identifiers() throws {
    let journal = MemoryJournal()
    var jobs: [String] = []
    var requests: [String?] = []
    var queues: Set<String> = []
    for _ in 0..<3 {
      let service = try Service(journal: journal)
      for _ in 0..<5 {
        jobs.append(try service.submit("/file_jobs", hashBody()))
        requests.append(service.send("GET", "/file_queue").headers["x-ci-request-id"])
        let answer = service.send("GET", "/file_queue").root
        queues.insert(try #require(answer.text(at: "QueueList", "QueueId")))
      }
    }
    #expect(Set(jobs).count == 15)
    #expect(Set(requests).count == 15)
    #expect(queues.count == 1)
  }

  @Test("States do not go back when the clock does between two runs")
  func clockSetBack() throws {
    let journal = MemoryJournal()
    let service = try Service(Self.objects, journal: journal)
    let id = try service.submit("/file_jobs", hashBody())
    service.clock.sleep(seconds: 2)
    let ended = try service.detail("/file_jobs/\(id)")
    #expect(ended.text(at: "State") == "Success")
    // The object is gone and the clock an hour behind: what was told stays.
    let restarted = try Service(journal: journal, at: pageTime - 3600)
    #expect(try restarted.detail("/file_jobs/\(id)").fragment == ended.fragment)
  }

  @Test(
    "That a job has started or ended is known after a restart, though nothing else has changed", arguments: [1.0, 2.0])
  func movedOn(seconds: Double) throws {
    let journal = MemoryJournal()
    let service = try Service(journal: journal)
    let id = try service.submit("/jobs", animationBody())
    service.clock.sleep(seconds: seconds)
    let told = try service.detail("/jobs/\(id)")
    #expect(told.text(at: "State") == (seconds == 1 ? "Running" : "Success"))
    let restarted = try Service(journal: journal, at: pageTime)
    #expect(try restarted.detail("/jobs/\(id)").fragment == told.fragment)
  }

  @Test("What was forgotten stays so, and the oldest is the next to go")
  func forgotten() throws {
    let journal = MemoryJournal()
    func service(at time: Double) throws -> Service {
      try Service(journal: journal, at: time) { $0.finishedJobsMax = 3 }
    }
    let first = try service(at: pageTime)
    var ids: [String] = []
    func remembered(_ service: Service) -> [Bool] {
      let known = service.send("GET", "/jobs/" + ids.joined(separator: ",")).root.elements(
        at: "/Response/JobsDetail/JobId")
      return ids.map { id in known.contains { $0.text == id } }
    }
    for _ in 0..<5 {
      ids.append(try first.submit("/jobs", animationBody()))
      first.clock.sleep(seconds: 2)
    }
    #expect(remembered(first) == [false, false, true, true, true])
    let restarted = try service(at: first.clock.now)
    #expect(remembered(restarted) == [false, false, true, true, true])
    ids.append(try restarted.submit("/jobs", animationBody()))
    restarted.clock.sleep(seconds: 2)
    #expect(remembered(restarted) == [false, false, false, true, true, true])
    #expect(journal.saved.rows[.jobs]?.count == 3)
  }

  @Test("A day of jobs leaves no more behind than the limits say, in memory and in what is kept")
  func day() throws {
    let journal = MemoryJournal()
    let service = try Service(Self.objects, journal: journal) {
      $0.finishedJobsMax = 100
      $0.concurrency = 2
      $0.runSeconds = 60
    }
    // A job every 45 seconds for 24 hours, in turn of all kinds, some cancelled.
    for number in 0..<1920 {
      switch number % 4 {
      case 0: _ = try service.submit("/jobs", animationBody())
      case 1: _ = try service.submit("/file_jobs", hashBody(extra: "<CallBack>http://127.0.0.1:9/</CallBack>"))
      case 2: _ = try service.submit("/inventorytriggerjob", triggering)
      default:
        let id = try service.submit("/jobs", animationBody())
        _ = service.send("PUT", "/jobs/\(id)?cancel")
      }
      service.clock.sleep(seconds: 45)
      for callback in service.emulator.takeDueCallbacks(json: .json) {
        service.emulator.noteCallback(of: callback.jobID, attempts: 1, isOver: true)
      }
    }
    service.clock.sleep(seconds: 86_400)
    _ = service.send("GET", "/jobs/j0")
    #expect(service.emulator.memory.withLock { $0.jobs.count } == 100)
    #expect(service.emulator.memory.withLock { $0.jobs.waitingCount } == 0)
    #expect(journal.saved.rows[.jobs]?.count == 100)
  }

  @Test("Jobs that are made after a restart come after those before it, within the same second too")
  func order() throws {
    let journal = MemoryJournal()
    var ids: [String] = []
    for _ in 0..<3 {
      let service = try Service(journal: journal)
      for _ in 0..<3 { ids.append(try service.submit("/jobs", animationBody())) }
      let list = service.send("GET", "/jobs?tag=Animation&queueId=p2242ab62c7c94486915508540933a2c6&orderByTime=Asc")
        .root
      #expect(list.elements(at: "/Response/JobsDetail/JobId").map(\.text) == ids)
    }
  }

  @Test("Templates are there after a restart: their names are taken, and jobs that name them follow them")
  func templates() throws {
    let journal = MemoryJournal()
    let made = try Service(journal: journal).send("POST", "/template", templateBody).root
    let id = try #require(made.text(at: "Template", "TemplateId"))
    let restarted = try Service(journal: journal)
    #expect(restarted.send("POST", "/template", templateBody).errorCode == "InvalidArgument")
    let job = try restarted.submit("/jobs", animationBody("<TemplateId>\(id)</TemplateId>"))
    restarted.clock.sleep(seconds: 2)
    let again = try Service(journal: journal, at: restarted.clock.now)
    for service in [restarted, again] {
      let detail = try service.detail("/jobs/\(job)")
      #expect(detail.text(at: "Operation", "TemplateName") == "mine")
      #expect(detail.text(at: "Operation", "MediaInfo", "Format", "Duration") == "60.000000")
    }
  }

  @Test("What was not told of a callback is told after a restart, with the tries that were made")
  func callbacks() throws {
    let journal = MemoryJournal()
    let service = try Service(Self.objects, journal: journal)
    let extra = "<CallBack>http://127.0.0.1:9/</CallBack>"
    let ids = try (0..<3).map { _ in try service.submit("/file_jobs", hashBody(extra: extra)) }
    service.clock.sleep(seconds: 2)
    #expect(service.emulator.takeDueCallbacks(json: .json).map(\.jobID) == ids)
    #expect(service.emulator.takeDueCallbacks(json: .json).isEmpty)
    service.emulator.noteCallback(of: ids[0], attempts: 1, isOver: true)
    service.emulator.noteCallback(of: ids[1], attempts: 2, isOver: false)
    let restarted = try Service(Self.objects, journal: journal, at: service.clock.now)
    let due = restarted.emulator.takeDueCallbacks(json: .json)
    #expect(due.map(\.jobID) == [ids[1], ids[2]])
    #expect(due.map(\.attempts) == [2, 0])
  }

  @Test("A job that a batch job makes is not lost, and made once")
  func batches() throws {
    let journal = MemoryJournal()
    let service = try Service(Self.objects, journal: journal)
    let batch = try service.submit("/inventorytriggerjob", triggering)
    service.clock.sleep(seconds: 2)
    // Nobody has asked yet: the restarted emulator makes the jobs.
    for _ in 0..<2 {
      let restarted = try Service(Self.objects, journal: journal, at: service.clock.now)
      let list = restarted.send(
        "GET", "/jobs?tag=Transcode&queueId=p893bcda225bf4945a378da6662e81a89&inventoryTriggerJobId=\(batch)"
      ).root
      #expect(list.all("JobsDetail").count == 2)
    }
  }

  @Test(
    "A state whose rows do not fit together is refused by table, row and column",
    arguments: [
      (StateTable.jobs, "family", StateValue.text("other"), "is no family of jobs"),
      (.jobs, "request", .text("<Request>"), "is no document"),
      (.jobs, "created", .text("today"), "is no number"),
      (.jobs, "sequence", .integer(1_000_000), "beyond the last one"),
      (.queues, "kind", .text("y"), "no kind of queue"),
      (.settings, "value", .text("much"), "is no"),
    ])
  func unfit(table: StateTable, column: String, value: StateValue, reason: String) throws {
    let journal = MemoryJournal()
    try play(try Service(Self.objects, journal: journal))
    var state = journal.saved
    let index = try #require(table.columns.firstIndex(of: column))
    state.rows[table]?[0][index] = value
    let other = Service()
    let error = #expect(throws: StateError.self) { try other.emulator.restore(state) }
    #expect(error?.table == table)
    #expect(error?.description.contains(reason) == true, Comment(rawValue: "\(String(describing: error))"))
  }

  @Test(
    "With a limit as many jobs of a queue run as it allows; the next one starts when one ends", arguments: [1, 2, 3])
  func concurrency(limit: Int) throws {
    let service = Service(Self.objects) { $0.concurrency = limit }
    let ids = try (0..<6).map { _ in try service.submit("/file_jobs", hashBody()) }
    func states() throws -> [String?] { try ids.map { try service.detail("/file_jobs/\($0)").text(at: "State") } }
    #expect(try states() == .init(repeating: "Submitted", count: 6))
    service.clock.sleep(seconds: 1)
    for round in 0..<(6 / limit) {
      let running = (round * limit)..<((round + 1) * limit)
      let expected = ids.indices.map {
        $0 < running.lowerBound ? "Success" : running.contains($0) ? "Running" : "Submitted"
      }
      #expect(try states() == expected)
      service.clock.sleep(seconds: 1)
    }
    #expect(try states() == .init(repeating: "Success", count: 6))
    let first = try service.detail("/file_jobs/\(ids[0])")
    let second = try service.detail("/file_jobs/\(ids[limit])")
    #expect(first.text(at: "EndTime") == second.text(at: "StartTime"))
    let queue = service.send("GET", "/file_queue").root
    #expect(queue.text(at: "QueueList", "MaxConcurrent") == "\(limit)")
  }

  @Test("A job that is cancelled or held back gives its turn to the next; queues do not share places")
  func turns() throws {
    let service = Service(Self.objects) { $0.concurrency = 1 }
    let ids = try (0..<3).map { _ in try service.submit("/jobs", animationBody()) }
    let file = try service.submit("/file_jobs", hashBody())
    service.clock.sleep(seconds: 1)
    #expect(try service.detail("/file_jobs/\(file)").text(at: "State") == "Running")
    #expect(service.send("PUT", "/jobs/\(ids[1])?cancel").status == 200)
    service.clock.sleep(seconds: 1)
    let states = try ids.map { try service.detail("/jobs/\($0)").text(at: "State") }
    #expect(states == ["Success", "Cancel", "Running"])
  }
}
