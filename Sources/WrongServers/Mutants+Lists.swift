internal import HTTPExchange
internal import XMLValidation

/// Lists of jobs and queues: their filters, order and pages; and the cancel.
extension ServerMutant {
  private static let filters = [
    FindingPattern.requirement("*.list.filters"), .requirement("*.list.query.*"),
    .kind("replay.node-unexpected", at: "*/JobsDetail*"), .kind("server.node-count"),
  ]
  private static let pages = [
    FindingPattern.requirement("*.next-token*"), .kind("replay.node-unexpected", at: "*/JobsDetail*"),
    .kind("replay.node-missing", at: "*/JobsDetail*"), .kind("replay.value-changed", at: "*/JobId"),
    .kind("replay.node-missing", at: "*/NextToken"), .kind("replay.node-unexpected", at: "*/NextToken"),
    .kind("server.node-count"), .kind("server.node-value"), .kind("server.pages-endless"),
    .kind("server.page-repeats"), .kind("server.job-unlisted"),
  ]

  private static func ignoring(
    _ parameter: String, of operation: String, _ id: String, _ names: [FindingPattern]
  ) -> ServerMutant {
    ServerMutant(
      "list/" + id, "does not look at \(parameter) in \(operation)", names,
      Fault(asks: { asked in
        if asked.operation == operation { asked.drop(parameter: parameter) }
      }))
  }

  private static let order = [
    FindingPattern.requirement("*.list.order"), .kind("replay.value-changed", at: "*/JobId"),
    .kind("replay.value-changed", at: "*/JobsDetail*"), .kind("server.node-value"), .kind("server.list-order"),
  ]

  static let lists: [ServerMutant] = [
    ignoring("states", of: "jobs.list", "states-ignored", filters),
    ignoring("tag", of: "jobs.list", "tag-ignored", filters),
    ignoring("queueId", of: "jobs.list", "queue-ignored", filters),
    ignoring("startCreationTime", of: "jobs.list", "start-ignored", filters),
    ignoring("endCreationTime", of: "jobs.list", "end-ignored", filters),
    ignoring("inventoryTriggerJobId", of: "jobs.list", "batch-ignored", filters),
    ignoring("orderByTime", of: "jobs.list", "order-ignored", order),
    ignoring("size", of: "jobs.list", "size-ignored", pages + filters),
    ignoring("nextToken", of: "jobs.list", "token-ignored", pages + order),
    ignoring("type", of: "batch-jobs.list", "batch-type-ignored", filters),
    ignoring("name", of: "batch-jobs.list", "batch-name-ignored", filters),
    ignoring("states", of: "batch-jobs.list", "batch-states-ignored", filters),
    ignoring("size", of: "batch-jobs.list", "batch-size-ignored", pages + filters),
    ignoring("nextToken", of: "doc-jobs.list", "document-token-ignored", pages + order),
    ignoring(
      "queueIds", of: "queues.list", "queue-ids-ignored",
      [
        .requirement("queues.list.*"), .kind("replay.node-unexpected", at: "*/QueueList*"),
      ]),
    ignoring(
      "pageNumber", of: "queues.list", "page-number-ignored",
      [
        .requirement("queues.list.*"), .kind("replay.value-changed", at: "*/PageNumber"),
      ]),
    ignoring(
      "pageSize", of: "queues.list", "page-size-ignored",
      [
        .requirement("queues.list.*"), .kind("replay.value-changed", at: "*/PageSize"),
      ]),
    ignoring(
      "category", of: "queues.list", "category-ignored",
      [
        .requirement("queues.list.*"), .kind("replay.*", at: "*/QueueList*"),
      ]),
    ServerMutant("list/oldest-first", "lists the oldest job first unless it is asked otherwise", order) { answer in
      guard answer.operation.hasSuffix(".list"), !(answer.request.rawQuery ?? "").contains("orderByTime") else {
        return
      }
      answer.edit("") { root in
        let jobs = root.all("JobsDetail")
        root.drop("JobsDetail")
        root.children = jobs.reversed() + root.children
      }
    },
    ServerMutant("list/token-never-ends", "gives a NextToken with the last page too", pages) { answer in
      guard answer.operation.hasSuffix("jobs.list"), answer.isSuccess else { return }
      answer.edit("") { root in
        if !root.has("NextToken") { root.children.append(ElementTree("NextToken", text: "1749999999000000-1")) }
      }
    },
    ServerMutant("list/token-missing", "gives no NextToken", pages) { answer in
      if answer.operation.hasSuffix("jobs.list") { answer.drop("NextToken") }
    },
    ServerMutant("list/last-job-lost", "leaves the last job of a page out", pages + filters) { answer in
      guard answer.operation.hasSuffix("jobs.list") else { return }
      answer.edit("") { root in
        if let last = root.children.lastIndex(where: { $0.name == "JobsDetail" }) { root.children.remove(at: last) }
      }
    },
    ServerMutant(
      "list/finished-lost", "lists only jobs that have not ended",
      filters + [.kind("replay.node-missing", at: "*/JobsDetail*")]
    ) { answer in
      guard answer.operation.hasSuffix("jobs.list") else { return }
      answer.edit("") { root in
        root.children.removeAll { ["Success", "Failed", "Cancel"].contains($0.text(at: "State") ?? "") }
      }
    },
    ServerMutant(
      "list/job-twice", "lists each job twice",
      [.requirement("*.distinct"), .requirement("*.list.*")]
        + pages
    ) { answer in
      guard answer.operation.hasSuffix("jobs.list") else { return }
      answer.edit("") { $0.children += $0.all("JobsDetail") }
    },
    ServerMutant(
      "list/wrong-size-taken", "takes a size of more than a hundred", [.requirement("*.list.query.size")],
      Fault(asks: { asked in
        if let size = asked.parameter("size").flatMap({ Int($0) }), size > 100 { asked.drop(parameter: "size") }
      })),
    ServerMutant(
      "list/size-zero-taken", "takes a size of nothing for the default", [.requirement("*.list.query.size")],
      Fault(asks: { asked in
        if asked.parameter("size") == "0" { asked.drop(parameter: "size") }
      })),
    ServerMutant(
      "list/wrong-state-taken", "takes a state that there is not", [.requirement("*.list.query.states")],
      Fault(asks: { asked in
        let known = ["All", "Submitted", "Running", "Success", "Failed", "Pause", "Cancel"]
        if let states = asked.parameter("states"),
          !states.split(separator: ",").allSatisfy({ known.contains(String($0)) })
        {
          asked.drop(parameter: "states")
        }
      })),
    ServerMutant(
      "list/wrong-time-taken", "does not look at times that are none", [.requirement("*.list.query.*creation-time")],
      Fault(asks: { asked in
        for name in ["startCreationTime", "endCreationTime"] {
          if let time = asked.parameter(name), time.utf8.count < 19 { asked.drop(parameter: name) }
        }
      })),
    ServerMutant(
      "list/no-queue-taken", "lists the jobs of all queues when none is named",
      [.requirement("*.list.query.queue-id"), .kind("replay.status", in: "jobs/list-wrong-queue/*")],
      Fault(asks: { asked in
        guard asked.operation == "jobs.list" else { return }
        if (asked.parameter("queueId") ?? "").utf8.count != 33 {
          asked.drop(parameter: "queueId")
          asked.request.target +=
            (asked.request.rawQuery == nil ? "?" : "&") + "queueId=p2242ab62c7c94486915508540933a2c6"
        }
      })),
    ServerMutant(
      "list/total-wrong", "counts no queue",
      [.kind("replay.value-changed", at: "*/TotalCount")]
        + [.requirement("queues.list.total-count*")]
    ) { answer in
      if answer.operation == "queues.list" { answer.set("TotalCount") { _ in "0" } }
    },
    ServerMutant(
      "list/unknown-queues-silent", "does not say which queues there are not",
      [.requirement("queues.list.non-exist*"), .kind("replay.node-missing", at: "*/NonExistPIDs*")]
    ) { answer in
      if answer.operation == "queues.list" { answer.drop("NonExistPIDs") }
    },
  ]

  // MARK: Cancel

  private static let cancelled = [
    FindingPattern.requirement("*.cancel.state-after"), .kind("replay.value-changed", at: "*/State"),
    .requirement("*.jobs-detail.state"), .kind("server.node-value", in: "*/states/state-after-cancel"),
    .requirement("*.list.filters"),
  ]

  static let cancels: [ServerMutant] = [
    ServerMutant(
      "cancel/nothing-cancelled", "answers a cancel with 200 and goes on with the job", cancelled,
      Fault(
        asks: { asked in
          guard asked.operation.hasSuffix(".cancel") else { return }
          asked.request.method = "GET"
          asked.request.target = asked.request.rawPath
        },
        answers: { answer in
          if answer.operation.hasSuffix(".cancel"), answer.isSuccess { answer.body = "" }
        })),
    jobs("cancel/called-failed", "says Failed of a job that was cancelled", cancelled) { job in
      guard job.text(at: "State") == "Cancel" else { return }
      job.set("State") { _ in "Failed" }
      job.put("Code", "InternalError")
    },
    jobs("cancel/called-success", "says Success of a job that was cancelled", cancelled) { job in
      job.set("State") { $0 == "Cancel" ? "Success" : $0 }
    },
    jobs("cancel/still-submitted", "says Submitted of a job that was cancelled", cancelled) { job in
      guard job.text(at: "State") == "Cancel" else { return }
      job.put("State", "Submitted")
      job.put("EndTime", "-")
    },
    ServerMutant(
      "cancel/finished-taken", "takes the cancel of a job that has ended", [.requirement("*.cancel.only-waiting")]
    ) { answer in
      guard answer.operation.hasSuffix(".cancel"), answer.response.status == 400,
        answer.body.contains("InvalidArgument")
      else { return }
      answer.response.status = 200
      answer.response.headers.remove("x-ci-trace-id")
      answer.body = ""
    },
    ServerMutant(
      "cancel/with-a-body", "answers a cancel with the job",
      [.requirement("*.cancel.no-response-body"), .kind("http.body-unexpected"), .kind("replay.body")]
    ) { answer in
      guard answer.operation.hasSuffix(".cancel"), answer.isSuccess else { return }
      answer.body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Response/>"
    },
    ServerMutant(
      "cancel/status-204", "answers a cancel with 204",
      [.requirement("*.cancel.success"), .kind("replay.status"), .kind("server.wrong-answer")]
    ) { answer in
      if answer.operation.hasSuffix(".cancel"), answer.isSuccess { answer.response.status = 204 }
    },
    ServerMutant(
      "cancel/refused", "refuses every cancel with 501",
      [.requirement("*.cancel.*"), .kind("replay.status", in: "*cancel*"), .kind("server.wrong-answer")]
    ) { answer in
      guard answer.operation.hasSuffix(".cancel") else { return }
      answer.response.status = 501
      answer.body =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>NotImplemented</Code><Message>Not here</Message>"
        + "<RequestId>\(answer.response.headers["x-ci-request-id"] ?? "")</RequestId><TraceId>dHJhY2U=</TraceId></Error>"
    },
    ServerMutant(
      "cancel/another", "cancels the job that was submitted first, whatever the path names",
      cancelled + [
        .kind("replay.value-changed", in: "jobs/list-states/cancelled"),
        .requirement("error.code.resource-not-found", in: "*cancel*"), .kind("replay.status", in: "*cancel*"),
      ],
      Fault(
        asks: { asked in
          guard asked.operation == "jobs.cancel", let first = asked.notes.texts["first"] else { return }
          asked.request.target = "/jobs/\(first)?cancel"
        },
        answers: { answer in
          guard answer.operation == "jobs.submit", answer.isSuccess,
            let id = answer.read(answer.response.body)?.text(at: "JobsDetail", "JobId")
          else { return }
          answer.notes.texts["first"] = answer.notes.texts["first"] ?? id
        })),
  ]
}
