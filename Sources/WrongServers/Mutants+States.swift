internal import HTTPExchange
internal import XMLValidation

/// The states of jobs: Submitted, Running, then Success or Failed; Pause and Cancel while they wait.
extension ServerMutant {
  /// A mistake in every description of a job, in answers alone.
  static func jobs(
    _ id: String, _ does: String, _ names: [FindingPattern], _ change: @escaping @Sendable (inout ElementTree) -> Void
  ) -> ServerMutant {
    ServerMutant(id, does, names) { $0.editJobs(change) }
  }

  private static let stateChanged = [
    FindingPattern.requirement("*.jobs-detail.state"), .requirement("*.jobs-detail.state.*"),
    .kind("replay.value-changed", at: "*/State"), .kind("server.node-value", at: "*/State"), .kind("replay.state"),
  ]
  private static let initialState = [FindingPattern.requirement("*.initial-state")] + stateChanged

  static let states: [ServerMutant] = [
    jobs("state/success-at-once", "says Success in the answer to the submit", initialState) { job in
      guard job.text(at: "State") == "Submitted" else { return }
      job.end("Success")
    },
    jobs("state/running-at-once", "says Running in the answer to the submit", initialState) { job in
      guard job.text(at: "State") == "Submitted" else { return }
      job.put("State", "Running")
      job.put("StartTime", job.text(at: "CreationTime") ?? "")
    },
    jobs("state/paused-at-once", "says Pause of jobs in a queue that is active", initialState) { job in
      job.set("State") { $0 == "Submitted" ? "Pause" : $0 }
    },
    jobs("state/never-starts", "says Submitted of every job for ever", stateChanged) { job in
      job.wait("Submitted")
      job.put("StartTime", "-")
    },
    jobs("state/never-ends", "says Running of a job that has ended", stateChanged) { job in
      guard ["Success", "Failed"].contains(job.text(at: "State") ?? "") else { return }
      job.wait("Running")
    },
    jobs("state/failed-for-success", "says Failed of a job that succeeds", stateChanged) { job in
      guard job.text(at: "State") == "Success" else { return }
      job.set("State") { _ in "Failed" }
      job.put("Code", "InternalError")
      job.put("Message", "Something went wrong.")
      job.dropResults()
    },
    jobs("state/success-for-failed", "says Success of a job that fails", stateChanged) { job in
      guard job.text(at: "State") == "Failed" else { return }
      job.put("State", "Success")
      job.put("Code", "Success")
      job.put("Message", "")
    },
    jobs("state/cancel-for-success", "says Cancel of a job that succeeds", stateChanged) { job in
      guard job.text(at: "State") == "Success" else { return }
      job.put("State", "Cancel")
      job.dropResults()
    },
    ServerMutant(
      "state/back-from-the-end", "says Running again when it is asked a second time about a job that has ended",
      stateChanged
    ) { answer in
      var notes = answer.notes
      answer.editJobs { job in
        guard ["Success", "Failed"].contains(job.text(at: "State") ?? ""),
          notes.count("end " + (job.text(at: "JobId") ?? "")) > 1
        else { return }
        job.wait("Running")
      }
      answer.notes = notes
    },
    ServerMutant(
      "state/back-to-waiting", "says Submitted again of a job that it has called Running", stateChanged
    ) { answer in
      var notes = answer.notes
      answer.editJobs { job in
        let id = job.text(at: "JobId") ?? ""
        if job.text(at: "State") == "Running" { notes.texts["ran " + id] = "yes" }
        guard notes.texts["ran " + id] != nil, notes.count("seen " + id) > 1 else { return }
        job.wait("Submitted")
        job.put("StartTime", "-")
      }
      answer.notes = notes
    },
    jobs("state/other-word", "says Finished where the documentation has Success", stateChanged) { job in
      job.set("State") { $0 == "Success" ? "Finished" : $0 }
    },
    jobs("state/small-letters", "writes states in small letters", stateChanged) { job in
      job.set("State") { $0.lowercased() }
    },
    jobs("state/empty", "leaves State empty while a job runs or waits", stateChanged) { job in
      job.set("State") { ["Running", "Submitted"].contains($0) ? "" : $0 }
    },
    jobs(
      "state/result-before-the-end", "gives the result of a hash job before it has ended",
      [.requirement("*.file-hash-code-result.only-finished"), .requirement("*.submit.asynchronous")]
    ) { job in
      guard job.text(at: "Tag") == "FileHashCode", job.text(at: "State") == "Submitted" else { return }
      job.change(["Operation"]) { operation in
        operation.children.append(
          ElementTree(
            "FileHashCodeResult",
            children: [
              ElementTree("MD5", text: "d41d8cd98f00b204e9800998ecf8427e"),
              ElementTree("Etag", text: "\"d41d8cd98f00b204e9800998ecf8427e\""), ElementTree("FileSize", text: "0"),
              ElementTree("LastModified", text: "2022-06-27T15:23:11+0800"),
            ]))
      }
    },
    jobs(
      "state/media-result-before-the-end", "gives the result of a media job before it has ended",
      [.requirement("*.media-result.only-finished")]
    ) { job in
      guard job.has("Operation"), (job.text(at: "JobId") ?? "").hasPrefix("j"), job.text(at: "State") == "Submitted"
      else { return }
      job.change(["Operation"]) { operation in
        operation.children.append(
          ElementTree(
            "MediaResult",
            children: [
              ElementTree(
                "OutputFile",
                children: [
                  ElementTree("Bucket", text: "test-1250000000"), ElementTree("ObjectName", text: "output/a.gif"),
                ])
            ]))
      }
    },
    ServerMutant(
      "state/forgotten-at-the-end", "does not know a job any more once it has ended",
      [
        .kind("replay.node-missing", at: "*/JobsDetail"), .kind("server.node-count"), .kind("server.node-value"),
        .requirement("*.jobs-detail.required"), .requirement("*.query.response.tells-jobs"),
        .kind("replay.node-unexpected", at: "*/NonExistJobIds*"),
      ]
    ) { answer in
      guard answer.operation.hasSuffix(".query") else { return }
      answer.edit("") { root in
        for job in root.all("JobsDetail") where ["Success", "Failed"].contains(job.text(at: "State") ?? "") {
          root.children.removeAll { $0 == job }
          root.children.append(ElementTree("NonExistJobIds", text: job.text(at: "JobId") ?? ""))
        }
      }
    },
    ServerMutant(
      "state/pause-ignored", "says that a queue is paused and goes on with its jobs",
      [.requirement("queues.update.pauses"), .kind("replay.value-changed", at: "*/State"), .requirement("*.state")],
      Fault(
        asks: { asked in
          guard asked.operation == "queues.update" else { return }
          asked.notes.texts["paused"] =
            String(decoding: asked.request.body, as: UTF8.self).contains(">Paused<") ? "" : nil
          asked.rewrite(">Paused<", ">Active<")
        },
        answers: { answer in
          guard answer.operation == "queues.update", answer.notes.texts["paused"] != nil else { return }
          answer.set("Queue/State") { _ in "Paused" }
        })),
    ServerMutant(
      "state/resume-ignored", "says that a queue is active again and goes on holding its jobs", stateChanged,
      Fault(
        asks: { asked in
          guard asked.operation == "queues.update",
            String(decoding: asked.request.body, as: UTF8.self).contains(">Active<")
          else { return }
          asked.rewrite(">Active<", ">Paused<")
          asked.notes.texts["resumed"] = "yes"
        },
        answers: { answer in
          guard answer.operation == "queues.update", answer.notes.texts.removeValue(forKey: "resumed") != nil
          else { return }
          answer.set("Queue/State") { _ in "Active" }
        })),
    ServerMutant(
      "state/paused-queue-takes-jobs", "takes jobs for a queue that is paused",
      [.requirement("error.code.status-403"), .kind("replay.status")]
    ) { answer in
      guard answer.operation == "jobs.submit" else { return }
      if answer.isSuccess { answer.notes.texts["taken"] = answer.body }
      guard answer.response.status == 403, let taken = answer.notes.texts["taken"] else { return }
      answer.response.status = 200
      answer.response.headers.remove("x-ci-trace-id")
      answer.body = taken
    },
  ]
}

extension ElementTree {
  /// A job that is over: with times, and without a result.
  fileprivate mutating func end(_ state: String) {
    put("State", state)
    put("StartTime", text(at: "CreationTime") ?? "")
    put("EndTime", text(at: "CreationTime") ?? "")
  }

  /// A job that is not over: without its end and its result.
  fileprivate mutating func wait(_ state: String) {
    put("State", state)
    put("EndTime", "-")
    put("Code", "Success")
    put("Message", "")
    dropResults()
  }

  fileprivate mutating func dropResults() {
    change(["Operation"]) { operation in
      operation.children.removeAll { $0.name.hasSuffix("Result") || $0.name == "MediaInfo" }
    }
  }
}
