internal import HTTPExchange
internal import XMLValidation

/// The Error document, and the status and code that belong together.
extension ServerMutant {
  private static let document = [
    FindingPattern.requirement("error.*"), .requirement("xml.*"), .kind("schema.*"), .kind("xml.*"),
  ]
  private static let code = [
    FindingPattern.requirement("error.code*"), .kind("server.wrong-answer"), .kind("replay.status"),
    .kind("replay.value-changed", at: "/Error/Code"),
  ]

  private static func failure(
    _ id: String, _ does: String, _ names: [FindingPattern], _ change: @escaping @Sendable (inout Answer) -> Void
  ) -> ServerMutant {
    ServerMutant("error/" + id, does, names) { answer in
      if answer.response.status >= 300 { change(&answer) }
    }
  }

  static let errors: [ServerMutant] = [
    failure("status-200", "sends errors with status 200", code + [.kind("server.accepted")]) {
      $0.response.status = 200
    },
    failure("status-500", "sends every error with status 500", code) { $0.response.status = 500 },
    failure("status-400", "sends every error with status 400", code) { $0.response.status = 400 },
    failure("status-404-for-400", "answers with 404 what is to be 400", code) { answer in
      if answer.response.status == 400 { answer.response.status = 404 }
    },
    failure("status-403-for-401", "answers with 403 what is to be 401", code) { answer in
      if answer.response.status == 401 { answer.response.status = 403 }
    },
    failure("status-401-for-expired", "calls an expired signature a wrong one", code) {
      $0.set("Code") { $0 == "SignatureExpired" ? "InvalidAuthorization" : $0 }
    },
    failure("code-internal", "gives InternalError for whatever is wrong", code) {
      $0.set("Code") { _ in "InternalError" }
    },
    failure("code-in-small-letters", "writes Code in small letters", code) { $0.set("Code") { $0.lowercased() } },
    failure("code-number", "gives the status for Code", code) { answer in
      let status = answer.response.status
      answer.set("Code") { _ in "\(status)" }
    },
    failure("code-of-another-fault", "gives MissingContent for content that is there and wrong", code) {
      $0.set("Code") { $0 == "InvalidContent" ? "MissingContent" : $0 }
    },
    failure("code-missing", "leaves Code out", document + code) { $0.drop("Code") },
    failure("code-empty", "leaves Code empty", document + code) { $0.set("Code") { _ in "" } },
    failure("message-missing", "leaves Message out", [.requirement("error.message*")]) { $0.drop("Message") },
    failure("request-id-missing", "leaves RequestId out", [.requirement("error.request-id*")]) { $0.drop("RequestId") },
    failure("root-response", "puts errors into a Response", document) { $0.edit("") { $0.name = "Response" } },
    failure("root-small", "writes the root as error", document) { $0.edit("") { $0.name = "error" } },
    failure("wrapped", "puts the Error into a Response", document) { answer in
      answer.edit("") { $0 = ElementTree("Response", children: [$0]) }
    },
    failure("json", "sends errors in JSON", document) { answer in
      let code = answer.read(answer.response.body)?["Code"]?.text ?? ""
      answer.body = "{\"Error\":{\"Code\":\"\(code)\",\"Message\":\"no\"}}"
    },
    failure("html", "sends a page of HTML for an error", document) { answer in
      answer.response.headers.set("Content-Type", "text/html")
      answer.body = "<html><head><title>\(answer.response.status)</title></head><body><hr></body></html>"
    },
    failure("empty", "sends errors without a body", [.kind("replay.body"), .kind("server.wrong-answer")]) {
      $0.body = ""
    },
    failure("code-twice", "sends Code twice", document) { answer in
      answer.edit("") { $0.children += $0.all("Code") }
    },
  ]

  // MARK: Requests that are to be refused

  private static func taken(
    _ id: String, _ does: String, _ names: [FindingPattern], _ asks: @escaping Fault.Asking
  ) -> ServerMutant {
    ServerMutant("request/" + id, does, names, Fault(asks: asks))
  }

  private static func accepted(_ requirement: String, in caseID: String? = nil) -> [FindingPattern] {
    [.requirement(requirement, in: caseID), .kind("replay.status", in: caseID)]
  }

  private static let hashJob =
    "<Request><Tag>FileHashCode</Tag><Input><Object>input/demo.mp4</Object></Input><Operation><FileHashCodeConfig>"
    + "<Type>MD5</Type></FileHashCodeConfig></Operation></Request>"

  static let requests: [ServerMutant] = [
    taken("malformed-body-taken", "takes bodies that are no XML", accepted("error.code.invalid-content")) { asked in
      guard asked.operation == "file-jobs.submit" else { return }
      let text = String(decoding: asked.request.body, as: UTF8.self)
      if !text.isEmpty, !text.contains("</Request>") { asked.request.body = Array(hashJob.utf8) }
    },
    taken("empty-body-taken", "takes a submit without a body", accepted("error.code.missing-content")) { asked in
      guard asked.operation == "file-jobs.submit", asked.request.body.isEmpty else { return }
      asked.request.body = Array(hashJob.utf8)
      asked.request.headers.set("Content-Length", "\(hashJob.utf8.count)")
    },
    taken(
      "md5-ignored", "does not look at Content-MD5",
      accepted("request-headers.content-md5.matches")
        + accepted("error.code.invalid-content")
    ) { $0.request.headers.remove("Content-MD5") },
    taken(
      "any-tag-taken", "takes any Tag for an animation",
      accepted("jobs.submit.tag*") + accepted("error.code*")
    ) { asked in
      guard asked.operation == "jobs.submit" else { return }
      let text = String(decoding: asked.request.body, as: UTF8.self)
      guard let start = text.firstRange(of: "<Tag>"), let end = text.firstRange(of: "</Tag>") else { return }
      let known = ["Animation", "Transcode", "Snapshot", "Concat", "FileHashCode", "FileUncompress", "FileCompress"]
      let tag = String(text[start.upperBound..<end.lowerBound])
      if !known.contains(tag), text.contains("<Animation>") || tag.contains("NoSuch") || tag.contains("Unknown") {
        asked.rewrite("<Tag>\(tag)</Tag>", "<Tag>Animation</Tag>")
      }
    },
    taken(
      "no-input-taken", "takes a hash job without Input", accepted("file-jobs.submit.input*")
    ) { asked in
      guard asked.operation == "file-jobs.submit" else { return }
      let text = String(decoding: asked.request.body, as: UTF8.self)
      if text.contains("</Request>"), text.contains("<FileHashCodeConfig>"), !text.contains("<Input>") {
        asked.request.body = Array(hashJob.utf8)
      }
    },
    taken(
      "long-user-data-taken", "cuts a UserData that is too long, and takes it",
      accepted("*.user-data.max-length")
    ) { asked in
      let text = String(decoding: asked.request.body, as: UTF8.self)
      guard let start = text.firstRange(of: "<UserData>"), let end = text.firstRange(of: "</UserData>"),
        text[start.upperBound..<end.lowerBound].utf8.count > 1024
      else { return }
      asked.request.body = Array(
        (String(text[..<start.upperBound]) + "x" + String(text[end.lowerBound...])).utf8)
    },
    taken("large-body-taken", "takes bodies of a megabyte", accepted("error.code.status-413")) { asked in
      if asked.request.body.count > 65536, asked.operation == "file-jobs.submit" {
        asked.request.body = Array(hashJob.utf8)
      }
    },
    taken(
      "any-host-taken", "answers under any Host", accepted("error.code.invalid-host")
    ) { asked in
      let host = asked.request.headers["Host"] ?? ""
      if !host.contains(".myqcloud.com") || host.split(separator: ".").count != 5 {
        asked.request.headers.set("Host", "test-1250000000.ci.ap-chongqing.myqcloud.com")
      }
    },
    taken(
      "path-tail-ignored", "does not look at what stands behind a path",
      accepted("error.code.invalid-url") + accepted("*.path")
    ) { asked in
      for path in ["/file_jobs", "/jobs", "/inventorytriggerjob", "/template", "/queue"] {
        let parts = asked.request.rawPath.split(separator: "/", omittingEmptySubsequences: false)
        guard asked.request.rawPath.hasPrefix(path + "/"), parts.count > 3 else { continue }
        asked.request.target =
          parts.prefix(3).joined(separator: "/") + (asked.request.rawQuery.map { "?" + $0 } ?? "")
      }
    },
    taken(
      "path-case-ignored", "does not tell capitals from small letters in paths",
      accepted("error.code.invalid-url") + accepted("*.path")
    ) { asked in
      guard asked.operation.isEmpty else { return }
      asked.request.target = asked.request.target.lowercased()
    },
    taken(
      "any-method-taken", "takes any method for a query", accepted("error.code.invalid-url") + accepted("*.path")
    ) { asked in
      if ["DELETE", "PATCH", "PUT", "POST"].contains(asked.request.method), asked.operation.isEmpty {
        asked.request.method = "GET"
        asked.request.body = []
      }
    },
    taken(
      "seven-operations-taken", "takes seven operations in one submit",
      accepted("jobs.submit.operation.at-most-six") + accepted("error.code*", in: "jobs/seven-operations/*")
    ) { asked in
      let text = String(decoding: asked.request.body, as: UTF8.self)
      guard asked.operation == "jobs.submit", text.split(separator: "<Operation>").count > 7,
        let last = text.ranges(of: "<Operation>").last, let end = text.ranges(of: "</Operation>").last
      else { return }
      asked.request.body = Array((String(text[..<last.lowerBound]) + String(text[end.upperBound...])).utf8)
    },
    ServerMutant(
      "request/right-one-refused", "refuses right submits of hash jobs with 400 InvalidArgument",
      [.requirement("file-jobs.submit.success"), .kind("replay.status")],
      Fault(asks: { asked in
        if asked.operation == "file-jobs.submit" { asked.rewrite("<Type>MD5</Type>", "<Type>CRC</Type>") }
      })),
    ServerMutant(
      "request/unavailable", "answers every list with 501",
      [.requirement("*.list.success"), .kind("replay.status"), .kind("server.wrong-answer")]
    ) { answer in
      guard answer.operation.hasSuffix(".list"), answer.isSuccess else { return }
      answer.response.status = 501
      answer.body =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>NotImplemented</Code><Message>Not here</Message>"
        + "<RequestId>\(answer.response.headers["x-ci-request-id"] ?? "")</RequestId><TraceId>dHJhY2U=</TraceId></Error>"
    },
  ]
}
