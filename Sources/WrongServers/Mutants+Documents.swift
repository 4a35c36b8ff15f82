internal import HTTPExchange
internal import XMLValidation

/// The XML of answers.
extension ServerMutant {
  private static func text(
    _ id: String, _ does: String, _ names: [FindingPattern], _ change: @escaping @Sendable (String) -> String
  ) -> ServerMutant {
    ServerMutant("xml/" + id, does, names) { answer in
      if answer.isSuccess, !answer.response.body.isEmpty { answer.body = change(answer.body) }
    }
  }

  private static let form = [FindingPattern.kind("xml.*"), .requirement("xml.well-formed")]
  private static let root = [
    FindingPattern.kind("schema.wrong-root"), .kind("replay.root-changed"), .requirement("xml.root"),
  ]

  private static func renamed(_ id: String, _ name: String, _ other: String) -> ServerMutant {
    text(
      id, "writes \(other) for \(name)",
      [
        .kind("schema.unknown-node", at: "*/\(other)"), .kind("schema.missing-node", at: "*/JobsDetail*"),
        .requirement("xml.documented-nodes"),
      ]
    ) { $0.replacing("<\(name)>", with: "<\(other)>").replacing("</\(name)>", with: "</\(other)>") }
  }

  private static func missing(_ name: String, _ requirement: String) -> ServerMutant {
    jobs(
      "xml/without-\(requirement)", "leaves \(name) out of jobs",
      [.requirement("*.jobs-detail.\(requirement).required")]
    ) { $0.drop(name) }
  }

  private static func twice(_ name: String) -> ServerMutant {
    jobs("xml/\(name.lowercased())-twice", "writes \(name) twice", [.kind("schema.repeated-node", at: "*/\(name)*")]) {
      $0.children += $0.all(name)
    }
  }

  static let documents: [ServerMutant] = [
    text("root-small", "writes the root in small letters", root) {
      $0.replacing("<Response>", with: "<response>").replacing("</Response>", with: "</response>")
    },
    text("root-other", "names the root Result", root) {
      $0.replacing("<Response>", with: "<Result>").replacing("</Response>", with: "</Result>")
    },
    text("wrapped", "wraps the document in another", root) {
      $0.replacing("<Response>", with: "<CIResponse><Response>").replacing(
        "</Response>", with: "</Response></CIResponse>")
    },
    text("namespace", "puts its documents into a namespace", root + [.requirement("xml.no-namespace")]) {
      $0.replacing("<Response>", with: "<Response xmlns=\"http://www.qcloud.com/document/product/436/7751\">")
    },
    text("attribute", "gives the root an attribute", [.requirement("xml.no-attributes"), .kind("schema.attribute")]) {
      $0.replacing("<Response>", with: "<Response version=\"1\">")
    },
    text("cut", "loses the end of documents", form) { String($0.dropLast(11)) },
    text("end-tag-other", "ends an element with another name", form) {
      $0.replacing("</State>", with: "</Status>").replacing("</RequestId>", with: "</RequestID>")
    },
    text("two-roots", "writes documents twice", form) { $0 + $0 },
    text("doctype", "puts a DOCTYPE before documents", [.kind("xml.doctype")]) {
      $0.replacing("<Response>", with: "<!DOCTYPE Response><Response>")
    },
    text("entity", "uses an entity of HTML", [.kind("xml.*")]) {
      $0.replacing("</JobsDetail>", with: "&nbsp;</JobsDetail>")
    },
    text(
      "stray-text", "writes text beside the nodes of a job",
      [.kind("schema.stray-text"), .requirement("xml.containers*")]
    ) {
      $0.replacing("</JobsDetail>", with: "none</JobsDetail>")
    },
    text("nodes-in-value", "puts nodes into State", [.kind("schema.nodes-in-value"), .requirement("*.state*")]) {
      $0.replacing("</State>", with: "<Reason/></State>")
    },
    text("json", "answers in JSON", form + [.kind("xml.not-xml")]) { _ in "{\"Response\":{}}" },
    text("control-character", "sends a control character in Message", form) {
      $0.replacing("<Message/>", with: "<Message>\u{1}</Message>")
    },
    ServerMutant("xml/gbk", "sends bytes of GBK as UTF-8", [.kind("xml.*")]) { answer in
      guard answer.isSuccess,
        let place = answer.body.firstRange(of: "</Message>") ?? answer.body.firstRange(of: "<Message/>")
      else { return }
      let text = answer.body
      let start = Array(text[..<place.lowerBound].utf8)
      let isEmpty = text[place] == "<Message/>"
      answer.response.body =
        start + Array((isEmpty ? "<Message>" : "").utf8) + [0xB3, 0xC9, 0xB9, 0xA6] + Array("</Message>".utf8)
        + Array(text[place.upperBound...].utf8)
    },
    ServerMutant("xml/utf-16", "sends documents in UTF-16", [.kind("xml.*")]) { answer in
      guard answer.isSuccess, !answer.response.body.isEmpty else { return }
      answer.response.body = [0xFF, 0xFE] + answer.body.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    },
    text("encoding-declared-other", "declares another encoding", [.kind("xml.encoding"), .kind("xml.*")]) {
      $0.replacing("encoding=\"utf-8\"", with: "encoding=\"gb2312\"")
    },
    ServerMutant(
      "xml/empty", "answers with 200 and no body",
      [.kind("http.body-missing"), .kind("replay.body"), .kind("xml.empty")]
    ) { answer in
      if answer.isSuccess { answer.body = "" }
    },
    renamed("job-id-renamed", "JobId", "JobID"), renamed("state-renamed", "State", "Status"),
    renamed("creation-time-renamed", "CreationTime", "CreateTime"),
    renamed("detail-renamed", "JobsDetail", "JobDetail"),
    missing("JobId", "job-id"), missing("State", "state"), missing("CreationTime", "creation-time"),
    missing("Message", "message"), missing("QueueId", "queue-id"), missing("Tag", "tag"),
    twice("State"), twice("JobId"), twice("Operation"), twice("Input"),
    jobs(
      "xml/bucket-renamed", "writes Bucket for BucketId in Input",
      [.requirement("*.input.bucket-id*"), .kind("replay.node-missing", at: "*/BucketId")]
    ) { job in
      job.change(["Input"]) { input in
        for index in input.children.indices where input.children[index].name == "BucketId" {
          input.children[index].name = "Bucket"
        }
      }
    },
    jobs("xml/blanks-in-values", "writes blanks around State", [.requirement("*.state*")]) { job in
      job.set("State") { " \($0) " }
    },
    jobs(
      "xml/flat", "puts the nodes of Input beside it", [.requirement("*.input*"), .requirement("xml.documented-nodes")]
    ) { job in
      let nodes = job["Input"]?.children ?? []
      job.drop("Input")
      job.children += nodes
    },
  ]
}
