internal import HTTPExchange
internal import XMLValidation

/// Queues, templates, workflows and batch jobs.
extension ServerMutant {
  static let settings: [ServerMutant] = [
    ServerMutant(
      "setting/queue-unchanged", "answers the update of a queue with what it was before",
      [
        .requirement("queues.update.*"), .kind("replay.value-changed", at: "*/Name"),
        .kind("replay.value-changed", at: "*/State"),
      ]
    ) { answer in
      guard answer.operation == "queues.update" else { return }
      answer.set("Queue/Name") { _ in "queue-1" }
      answer.set("Queue/State") { _ in "Active" }
    },
    ServerMutant(
      "setting/queue-forgotten", "forgets the name of a queue once it has said it",
      [.requirement("queues.update.echo"), .kind("replay.value-changed", at: "*/Name")]
    ) { answer in
      if answer.operation == "queues.list" { answer.set("QueueList/Name") { _ in "queue-1" } }
    },
    ServerMutant(
      "setting/queue-of-another-id", "answers the update of a queue with another id",
      [.kind("replay.value-changed", at: "*/QueueId"), .kind("server.node-value"), .requirement("queues.update.*")]
    ) { answer in
      if answer.operation == "queues.update" { answer.set("Queue/QueueId") { "p" + String($0.dropFirst().reversed()) } }
    },
    ServerMutant(
      "setting/unknown-queue-taken", "takes the update of a queue that is not there",
      [.requirement("queues.update.path.queue-id"), .requirement("error.code.resource-not-found")]
    ) { answer in
      guard answer.operation == "queues.update", answer.body.contains("<Code>ResourceNotFound<") else { return }
      answer.response.status = 200
      answer.response.headers.remove("x-ci-trace-id")
      answer.edit("") { root in
        root = ElementTree("Response", children: root.all("RequestId") + [ElementTree("Queue")])
      }
    },
    ServerMutant(
      "setting/wrong-queue-state-taken", "takes a state that no queue has", [.requirement("queues.update.state*")],
      Fault(asks: { asked in
        guard asked.operation == "queues.update" else { return }
        let text = String(decoding: asked.request.body, as: UTF8.self)
        guard let start = text.firstRange(of: "<State>"), let end = text.firstRange(of: "</State>") else { return }
        let state = text[start.upperBound..<end.lowerBound]
        if !["Active", "Paused"].contains(state) { asked.rewrite("<State>\(state)</State>", "<State>Active</State>") }
      })),
    ServerMutant(
      "setting/template-id-form", "names templates by a number", [.requirement("*.template-id*")]
    ) { answer in
      if answer.operation.hasPrefix("templates.") { answer.set("Template/TemplateId") { _ in "17" } }
    },
    ServerMutant(
      "setting/template-id-changes", "gives a template a new id when it is changed",
      [
        .kind("replay.value-changed", at: "*/TemplateId"), .kind("server.node-value"),
        .requirement("templates.update.*"),
      ]
    ) { answer in
      if answer.operation == "templates.update" {
        answer.set("Template/TemplateId") { $0.prefix(2) + String($0.dropFirst(2).reversed()) }
      }
    },
    ServerMutant(
      "setting/template-name-lost", "does not say the name of a template",
      [.requirement("templates.*"), .kind("replay.*", at: "*/Name")]
    ) { answer in
      if answer.operation.hasPrefix("templates.") { answer.edit("Template") { $0.drop("Name") } }
    },
    ServerMutant(
      "setting/template-settings-lost", "does not repeat the settings of a template",
      [
        .requirement("templates.*.echo"), .kind("replay.*", at: "*/Template/*"),
        .kind("schema.missing-node", at: "*/Template*"),
      ]
    ) { answer in
      if answer.operation.hasPrefix("templates.") { answer.edit("Template") { $0.drop("TransTpl") } }
    },
    ServerMutant(
      "setting/template-name-twice", "makes two templates of one name", [.requirement("templates.create.name.unique")]
    ) { answer in
      guard answer.operation == "templates.create" else { return }
      if answer.isSuccess { answer.notes.texts["template"] = answer.body }
      guard answer.response.status == 400, let made = answer.notes.texts["template"],
        answer.body.contains("ame")
      else { return }
      answer.response.status = 200
      answer.response.headers.remove("x-ci-trace-id")
      answer.body = made
    },
    ServerMutant(
      "setting/unknown-template-taken", "takes the update of a template that is not there",
      [.requirement("templates.update.path.template-id")]
    ) { answer in
      guard answer.operation == "templates.update", answer.body.contains("<Code>ResourceNotFound<") else { return }
      answer.response.status = 200
      answer.response.headers.remove("x-ci-trace-id")
      answer.edit("") { root in
        root = ElementTree("Response", children: root.all("RequestId") + [ElementTree("Template")])
      }
    },
    ServerMutant(
      "setting/template-not-used", "takes the settings beside TemplateId for those of the template",
      [.requirement("jobs.submit.template-id*"), .kind("replay.*", at: "*/TemplateName")]
    ) { answer in
      answer.editJobs { job in
        job.change(["Operation"]) { $0.drop("TemplateName") }
      }
    },
    ServerMutant(
      "setting/workflow-without-instance", "starts a workflow and does not say which run it is",
      [.requirement("workflows.trigger.instance-id*")]
    ) { answer in
      if answer.operation == "workflows.trigger" { answer.drop("InstanceId") }
    },
    ServerMutant(
      "setting/workflow-without-object", "starts a workflow for no object",
      [.requirement("workflows.trigger.query.object")],
      Fault(asks: { asked in
        guard asked.operation == "workflows.trigger", asked.parameter("object") == nil,
          asked.parameter("workflowId") != nil
        else { return }
        asked.request.target += "&object=input%2Fdemo.mp4"
      })),
    ServerMutant(
      "setting/batch-without-jobs", "ends batch jobs without making a job",
      [.requirement("jobs.list.query.inventory-trigger-job-id"), .kind("replay.node-missing", at: "*/JobsDetail*")]
    ) { answer in
      guard answer.operation == "jobs.list", (answer.request.rawQuery ?? "").contains("inventoryTriggerJobId") else {
        return
      }
      answer.drop("JobsDetail")
    },
    ServerMutant(
      "setting/one-job-for-several", "makes one job of a submit with several operations",
      [.requirement("jobs.submit.one-job-for-each-operation"), .kind("replay.node-missing", at: "*/JobsDetail*")]
    ) { answer in
      guard answer.operation == "jobs.submit" else { return }
      answer.edit("") { root in
        let jobs = root.all("JobsDetail")
        guard jobs.count > 1 else { return }
        root.drop("JobsDetail")
        root.children.insert(jobs[0], at: 0)
      }
    },
    ServerMutant(
      "setting/document-not-normalised", "takes documents jobs without the settings that it makes up",
      [.requirement("doc-jobs.submit.normalises"), .kind("replay.*", at: "*/DocProcess*")]
    ) { answer in
      guard answer.operation.hasPrefix("doc-jobs.") else { return }
      answer.editJobs { job in
        job.change(["Operation", "DocProcess"]) { $0.children = Array($0.children.prefix(1)) }
      }
    },
  ]
}
