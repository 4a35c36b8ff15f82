import HTTPExchange
import Testing
import XMLValidation

@testable import Emulator

@Suite struct MemoryTests {
  @Test("The answer about a job that has ended is kept: for its own bucket, from its end on, until it is forgotten")
  func settled() throws {
    let service = Service { $0.finishedJobsMax = 2 }
    let id = try service.submit("/jobs", animationBody())
    #expect(try service.detail("/jobs/\(id)").text(at: "State") == "Submitted")
    service.clock.sleep(seconds: 10)
    let first = service.send("GET", "/jobs/\(id)")
    #expect(first.root.text(at: "JobsDetail", "State") == "Success")
    #expect(service.emulator.withMemory { $0.settled[id]?.bytes } == first.body)
    #expect(service.send("GET", "/jobs/\(id)").body == first.body)
    // By a path of another family, by another bucket, and with others it is not the same answer.
    #expect(service.send("GET", "/doc_jobs/\(id)").root.text(at: "NonExistJobIds") == id)
    let elsewhere = service.send("GET", "/jobs/\(id)", host: "other-1234567890.ci.ap-chongqing.myqcloud.com")
    #expect(elsewhere.root.text(at: "NonExistJobIds") == id)
    #expect(service.send("GET", "/jobs/\(id),j1").root.all("NonExistJobIds").map(\.text) == ["j1"])
    for _ in 0..<2 { _ = try service.submit("/jobs", animationBody()) }
    service.clock.sleep(seconds: 10)
    #expect(service.send("GET", "/jobs/\(id)").root.text(at: "NonExistJobIds") == id)
  }

  @Test("Beyond the limit the oldest finished jobs are forgotten, and their ids are not given again")
  func finishedJobs() throws {
    let service = Service { $0.finishedJobsMax = 3 }
    var ids: [String] = []
    for _ in 0..<5 {
      ids.append(try service.submit("/jobs", animationBody()))
      service.clock.sleep(seconds: 2)
    }
    let answer = service.send("GET", "/jobs/" + ids.joined(separator: ","))
    #expect(answer.root.elements(at: "/Response/JobsDetail/JobId").map(\.text) == Array(ids[2...]))
    #expect(answer.root.all("NonExistJobIds").map(\.text) == Array(ids[..<2]))
    let later = try (0..<20).map { _ in try service.submit("/jobs", animationBody()) }
    #expect(Set(ids + later).count == 25)
  }

  @Test("Beyond the limit of waiting and running jobs a submit is refused, until one of them ends")
  func pendingJobs() throws {
    let service = Service { $0.pendingJobsMax = 2 }
    for _ in 0..<2 { _ = try service.submit("/file_jobs", hashBody()) }
    let refusal = service.send("POST", "/jobs", animationBody())
    #expect(refusal.status == 403)
    #expect(refusal.errorCode == "QueueSaturated")
    service.clock.sleep(seconds: 2)
    #expect(service.send("POST", "/jobs", animationBody()).status == 200)
  }

  @Test("A cancelled job makes room for another, and counts among the finished")
  func cancelledJobs() throws {
    let service = Service {
      $0.pendingJobsMax = 2
      $0.finishedJobsMax = 1
    }
    let first = try service.submit("/inventorytriggerjob", batchBody)
    var second = try service.submit("/inventorytriggerjob", batchBody)
    for _ in 0..<10 {
      service.send("PUT", "/inventorytriggerjob/\(second)?cancel")
      second = try service.submit("/inventorytriggerjob", batchBody)
    }
    #expect(service.send("POST", "/inventorytriggerjob", batchBody).errorCode == "QueueSaturated")
    service.clock.sleep(seconds: 1)
    #expect(try service.detail("/inventorytriggerjob/\(first)").text(at: "State") == "Running")
  }

  @Test("However many jobs are made and cancelled, no more are kept than the limits allow")
  func bounded() throws {
    var store = JobStore(pendingMax: 5, finishedMax: 7)
    let bucket = Bucket(name: testBucket, region: "ap-chongqing")
    for number in 0..<1000 {
      let now = Double(number)
      let job = try store.add(at: now) {
        Job(
          id: "b\(number)", family: .batch, bucket: bucket, request: ElementTree("Request"), created: now,
          starts: now + 2, ends: now + 3)
      }
      if number % 3 == 0 { try store.cancel(job.id, of: [.batch], in: bucket, at: now) }
      #expect(store.count <= 12)
    }
    #expect(store.count >= 7)
  }

  @Test("A line gives back its elements in order")
  func line() {
    var line = Line<Int>()
    var expected = 0
    for number in 0..<1000 {
      line.append(number)
      if number % 3 != 0 {
        #expect(line.removeFirst() == expected)
        expected += 1
      }
    }
    #expect(line.count == 1000 - expected)
    while let number = line.removeFirst() {
      #expect(number == expected)
      expected += 1
    }
    #expect(expected == 1000)
  }

  @Test("Metadata is kept for a bounded number of objects")
  func metadata() {
    var metadata = ObjectMetadata(objectsMax: 2)
    let bucket = Bucket(name: testBucket, region: "ap-chongqing")
    for key in ["a", "b", "a", "c"] { metadata.set("x-cos-meta-md5", key, bucket: bucket, key: key) }
    #expect(metadata[bucket, "a"].isEmpty)
    #expect(metadata[bucket, "b"] == ["x-cos-meta-md5": "b"])
    #expect(metadata[bucket, "c"] == ["x-cos-meta-md5": "c"])
  }
}
