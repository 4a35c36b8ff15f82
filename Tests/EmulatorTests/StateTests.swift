import HTTPExchange
import Testing
import XMLValidation

@testable import Emulator

@Suite struct StateTests {
  /// State, StartTime and EndTime of a job made at 15:16:43 that waits for 2 seconds and runs for 5.
  static let steps: [(seconds: Double, state: String, start: String, end: String)] = [
    (0, "Submitted", "-", "-"),
    (1.9, "Submitted", "-", "-"),
    (2, "Running", "2022-07-18T15:16:45+0800", "-"),
    (6.9, "Running", "2022-07-18T15:16:45+0800", "-"),
    (7, "Success", "2022-07-18T15:16:45+0800", "2022-07-18T15:16:50+0800"),
    (86_400, "Success", "2022-07-18T15:16:45+0800", "2022-07-18T15:16:50+0800"),
  ]

  static let kinds: [(path: String, body: String)] = [
    ("/file_jobs", hashBody()), ("/jobs", animationBody()), ("/inventorytriggerjob", batchBody),
    ("/inventorytriggerjob", workflowBody),
  ]

  private func service() -> Service {
    Service(HashJobTests.store("abc")) {
      $0.queueSeconds = 2
      $0.runSeconds = 5
    }
  }

  @Test("A job is Submitted, then Running, then over, by the clock alone", arguments: kinds, steps)
  func states(
    _ kind: (path: String, body: String), _ step: (seconds: Double, state: String, start: String, end: String)
  ) throws {
    let service = service()
    let id = try service.submit(kind.path, kind.body)
    service.clock.sleep(seconds: step.seconds)
    let detail = try service.detail("\(kind.path)/\(id)")
    #expect(detail.text(at: "State") == step.state)
    #expect(detail.text(at: "CreationTime") == "2022-07-18T15:16:43+0800")
    #expect(detail.text(at: "StartTime") == step.start)
    #expect(detail.text(at: "EndTime") == step.end)
    #expect(detail.text(at: "Code") == "Success")
    #expect(detail.text(at: "Message") == "")
  }

  @Test("A state does not go back when the clock does")
  func clockGoesBack() throws {
    let service = service()
    let id = try service.submit("/jobs", animationBody())
    service.clock.sleep(seconds: 7)
    #expect(try service.detail("/jobs/\(id)").text(at: "State") == "Success")
    service.clock.sleep(seconds: -6)
    #expect(try service.detail("/jobs/\(id)").text(at: "State") == "Success")
  }

  // MARK: Cancel

  @Test("A waiting batch job is cancelled with an empty answer and stays so", arguments: ["?cancel", "?cancel=", ""])
  func cancel(_ query: String) throws {
    let service = service()
    let id = try service.submit("/inventorytriggerjob", batchBody)
    service.clock.sleep(seconds: 1)
    let answer = service.send("PUT", "/inventorytriggerjob/\(id)\(query)")
    #expect(answer.status == 200)
    #expect(answer.body.isEmpty)
    for _ in 0..<3 {
      let found = service.send("GET", "/inventorytriggerjob/\(id)")
      let detail = try #require(found.root["JobsDetail"])
      #expect(detail.text(at: "State") == "Cancel")
      #expect(detail.text(at: "StartTime") == "-")
      #expect(detail.text(at: "EndTime") == "2022-07-18T15:16:44+0800")
      try expectConformant(found, "batch-jobs.query", .response)
      service.clock.sleep(seconds: 5)
    }
  }

  @Test("A job that runs, is over or is cancelled cannot be cancelled", arguments: [2.0, 7.0, -1.0])
  func cancelTooLate(_ seconds: Double) throws {
    let service = service()
    let id = try service.submit("/inventorytriggerjob", batchBody)
    if seconds < 0 { service.send("PUT", "/inventorytriggerjob/\(id)?cancel") }
    service.clock.sleep(seconds: max(0, seconds))
    let before = try service.detail("/inventorytriggerjob/\(id)")
    let answer = service.send("PUT", "/inventorytriggerjob/\(id)?cancel")
    #expect(answer.status == 400)
    #expect(answer.errorCode == "InvalidArgument")
    #expect(answer.root.text(at: "Message")?.contains(before.text(at: "State") ?? "?") == true)
    #expect(try service.detail("/inventorytriggerjob/\(id)") == before)
  }

  @Test("A bare PUT cancels only when the emulator is lenient")
  func barePut() throws {
    let service = Service { $0.isLenient = false }
    let id = try service.submit("/inventorytriggerjob", batchBody)
    #expect(service.send("PUT", "/inventorytriggerjob/\(id)").errorCode == "InvalidUrl")
    #expect(try service.detail("/inventorytriggerjob/\(id)").text(at: "State") == "Submitted")
  }

  @Test("A job that is unknown, of another kind or of another bucket cannot be cancelled")
  func cancelUnknown() throws {
    let service = service()
    let hash = try service.submit("/file_jobs", hashBody())
    let batch = try service.submit("/inventorytriggerjob", batchBody)
    let elsewhere = "other-1234567890.ci.ap-chongqing.myqcloud.com"
    #expect(service.send("PUT", "/inventorytriggerjob/\(hash)?cancel").errorCode == "ResourceNotFound")
    #expect(service.send("PUT", "/inventorytriggerjob/b0?cancel").errorCode == "ResourceNotFound")
    #expect(
      service.send("PUT", "/inventorytriggerjob/\(batch)?cancel", host: elsewhere).errorCode == "ResourceNotFound")
    #expect(service.send("PUT", "/inventorytriggerjob/\(batch),b0?cancel").errorCode == "InvalidArgument")
    #expect(try service.detail("/inventorytriggerjob/\(batch)").text(at: "State") == "Submitted")
  }
}
