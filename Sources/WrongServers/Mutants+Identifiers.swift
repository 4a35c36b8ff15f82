internal import HTTPExchange
internal import XMLValidation

/// JobId, QueueId, and which ids a query tells of.
extension ServerMutant {
  private static let jobIDForm = [FindingPattern.requirement("*.job-id.form")]
  private static let jobIDChanged = [
    FindingPattern.kind("replay.value-changed", at: "*/JobId"), .kind("server.node-value"), .kind("server.wrong-job"),
  ]
  private static let unknownIDs = [FindingPattern.requirement("*.non-exist-job-ids.when-unknown")]

  static let identifiers: [ServerMutant] = [
    ServerMutant(
      "identifier/twice", "gives two jobs one identifier",
      [.kind("server.id-twice"), .kind("server.wrong-job")]
        + jobIDChanged
    ) { answer in
      guard answer.operation.hasSuffix(".submit") else { return }
      var notes = answer.notes
      answer.editJobs { job in
        guard let id = job.text(at: "JobId") else { return }
        let key = "first \(id.prefix(1))"
        if let first = notes.texts[key] { job.put("JobId", first) } else { notes.texts[key] = id }
      }
      answer.notes = notes
    },
    jobs("identifier/wrong-letter", "starts every identifier with the letter x", jobIDForm) { job in
      job.set("JobId") { "x" + $0.dropFirst() }
    },
    jobs("identifier/letter-of-another-kind", "starts the ids of file jobs with j", jobIDForm) { job in
      job.set("JobId") { $0.hasPrefix("f") ? "j" + $0.dropFirst() : $0 }
    },
    jobs("identifier/without-letter", "leaves out the letter before the digits", jobIDForm) { job in
      job.set("JobId") { String($0.dropFirst()) }
    },
    jobs("identifier/capitals", "writes the digits of identifiers in capitals", jobIDForm) { job in
      job.set("JobId") { $0.prefix(1) + $0.dropFirst().uppercased() }
    },
    jobs("identifier/hyphens", "writes identifiers with the hyphens of a UUID", jobIDForm) { job in
      job.set("JobId") { id in
        guard id.utf8.count == 33 else { return id }
        let digits = Array(id.dropFirst())
        return id.prefix(1)
          + [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]].map { String($0) }
          .joined(separator: "-")
      }
    },
    jobs("identifier/number", "counts jobs in place of identifiers", jobIDForm) { job in
      job.set("JobId") { "\($0.utf8.reduce(0) { ($0 * 31 + Int($1)) % 1_000_003 })" }
    },
    jobs("identifier/short", "drops the last digit of identifiers", jobIDForm) { job in
      job.set("JobId") { String($0.dropLast()) }
    },
    jobs("identifier/empty", "leaves JobId empty", jobIDForm) { job in job.set("JobId") { _ in "" } },
    ServerMutant(
      "identifier/of-another-job", "answers a query with the identifier of another job", jobIDChanged
    ) { answer in
      guard answer.operation.hasSuffix(".query") else { return }
      answer.editJobs { job in job.set("JobId") { $0.prefix(1) + "00000000000110008000" + $0.suffix(12) } }
    },
    ServerMutant(
      "identifier/another-at-each-answer", "gives a job another identifier in each answer", jobIDChanged
    ) { answer in
      var notes = answer.notes
      answer.editJobs { job in
        let digits = String(notes.count("answers"), radix: 16)
        job.set("JobId") { $0.dropLast(digits.count) + digits }
      }
      answer.notes = notes
    },
    jobs(
      "identifier/queue-form", "writes QueueId without its letter", [.requirement("*.queue-id.form")]
    ) { job in
      job.set("QueueId") { String($0.dropFirst()) }
    },
    ServerMutant(
      "identifier/unknown-invented", "describes a job for an identifier that no job has",
      unknownIDs
        + [.kind("replay.node-missing", at: "*/NonExistJobIds*")]
    ) { answer in
      guard answer.operation == "file-jobs.query", let known = answer.notes.texts["job"] else {
        if answer.operation == "file-jobs.submit", answer.isSuccess { answer.notes.texts["job"] = answer.body }
        return
      }
      guard let job = answer.read(Array(known.utf8))?["JobsDetail"] else { return }
      answer.edit("") { root in
        for index in root.children.indices where root.children[index].name == "NonExistJobIds" {
          var invented = job
          invented.put("JobId", root.children[index].text)
          root.children[index] = invented
        }
      }
    },
    ServerMutant(
      "identifier/unknown-silent", "leaves identifiers that no job has out of the answer",
      unknownIDs
        + [.requirement("*.tells-jobs"), .kind("replay.node-missing", at: "*/NonExistJobIds*")]
    ) { answer in answer.edit("") { $0.drop("NonExistJobIds") } },
    ServerMutant(
      "identifier/unknown-renamed", "calls the node NonExistJobId, without the s",
      unknownIDs + [.requirement("xml.documented-nodes"), .kind("replay.node-missing", at: "*/NonExistJobIds*")]
    ) { answer in
      answer.edit("") { root in
        for index in root.children.indices where root.children[index].name == "NonExistJobIds" {
          root.children[index].name = "NonExistJobId"
        }
      }
    },
    ServerMutant(
      "identifier/unknown-joined", "puts all unknown identifiers into one node",
      unknownIDs
        + [.kind("server.node-count"), .kind("server.node-value")]
    ) { answer in
      answer.edit("") { root in
        let unknown = root.all("NonExistJobIds").map(\.text)
        guard unknown.count > 1 else { return }
        root.drop("NonExistJobIds")
        root.children.append(ElementTree("NonExistJobIds", text: unknown.joined(separator: ",")))
      }
    },
    ServerMutant(
      "identifier/unknown-is-an-error", "answers the query of an unknown job with 404",
      unknownIDs + [.kind("replay.status")]
    ) { answer in
      guard answer.operation.hasSuffix(".query"), answer.body.contains("<NonExistJobIds>"),
        !answer.body.contains("<JobsDetail>")
      else { return }
      answer.response.status = 404
      answer.body =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>InvalidUrl</Code><Message>No such job</Message>"
        + "<RequestId>\(answer.response.headers["x-ci-request-id"] ?? "")</RequestId><TraceId>dHJhY2U=</TraceId></Error>"
    },
    ServerMutant(
      "identifier/known-called-unknown", "names a job that it describes in NonExistJobIds too",
      [.requirement("*.disjoint"), .requirement("*.absent-when-all-exist")]
    ) { answer in
      guard answer.operation.hasSuffix(".query") else { return }
      answer.edit("") { root in
        root.children += root.all("JobsDetail").map { ElementTree("NonExistJobIds", text: $0.text(at: "JobId") ?? "") }
      }
    },
    ServerMutant(
      "identifier/described-twice", "describes each job of a query twice",
      [.requirement("*.jobs-detail.distinct"), .kind("server.node-count")]
    ) { answer in
      guard answer.operation.hasSuffix(".query") else { return }
      answer.edit("") { root in root.children += root.all("JobsDetail") }
    },
    ServerMutant(
      "identifier/first-of-several", "answers only the first identifier of a query of several",
      unknownIDs + [.kind("replay.node-missing", at: "*/JobsDetail*"), .kind("server.node-count")],
      Fault(asks: { asked in
        guard asked.operation.hasSuffix(".query"), let comma = asked.request.target.firstRange(of: ",") else { return }
        asked.request.target = String(asked.request.target[..<comma.lowerBound])
      })),
    ServerMutant(
      "identifier/eleven-taken", "answers a query of more than ten hash jobs",
      [.requirement("file-jobs.query.path.job-id.at-most-ten")],
      Fault(asks: { asked in
        let ids = asked.request.target.split(separator: ",")
        guard asked.operation == "file-jobs.query", ids.count > 10 else { return }
        asked.request.target = ids.prefix(10).joined(separator: ",")
      })),
    ServerMutant(
      "identifier/of-another-bucket", "tells one bucket of the jobs of another",
      unknownIDs + [.kind("server.node-count")],
      Fault(
        asks: { asked in
          guard asked.operation.hasSuffix(".query") else { return }
          let host = asked.request.headers["Host"] ?? ""
          if let own = asked.notes.texts["host"], own != host { asked.request.headers.set("Host", own) }
        },
        answers: { answer in
          if answer.operation.hasSuffix(".submit"), answer.isSuccess {
            answer.notes.texts["host"] = answer.request.headers["Host"]
          }
        })),
    ServerMutant(
      "identifier/of-another-kind", "finds media jobs under the path of batch jobs, and batch jobs under that of files",
      unknownIDs + [.kind("server.node-count")],
      Fault(asks: { asked in
        let target = asked.request.target
        if target.hasPrefix("/inventorytriggerjob/j") {
          asked.request.target = "/jobs/" + target.dropFirst("/inventorytriggerjob/".count)
        } else if target.hasPrefix("/file_jobs/b") {
          asked.request.target = "/inventorytriggerjob/" + target.dropFirst("/file_jobs/".count)
        }
      })),
  ]
}
