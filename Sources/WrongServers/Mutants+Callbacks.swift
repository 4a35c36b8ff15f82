internal import XMLValidation

/// What is told to the address of CallBack when a job ends.
extension ServerMutant {
  private static func callback(
    _ id: String, _ does: String, _ names: [FindingPattern], _ change: @escaping @Sendable (inout ToldCallback) -> Void
  ) -> ServerMutant {
    ServerMutant(
      "callback/" + id, does, names,
      Fault(tells: { told in
        for index in told.indices { change(&told[index]) }
      }))
  }

  /// A change of the text of an XML callback, and of the JSON that says the same.
  private static func text(
    _ id: String, _ does: String, _ names: [FindingPattern], _ change: @escaping @Sendable (String) -> String
  ) -> ServerMutant {
    callback(id, does, names) { told in told.body = Array(change(String(decoding: told.body, as: UTF8.self)).utf8) }
  }

  static let callbacks: [ServerMutant] = [
    ServerMutant(
      "callback/never", "tells nobody when a job ends", [.kind("callback.never-came")], Fault(tells: { $0 = [] })),
    callback("method", "tells with PUT", [.kind("callback.method")]) { $0.method = "PUT" },
    callback("method-get", "tells with GET", [.kind("callback.method")]) { $0.method = "GET" },
    callback("path-cut", "tells at the root of the address", [.kind("callback.target")]) { told in
      told.url = told.url.replacing("/callback", with: "/")
    },
    callback("path-slash", "puts a slash behind the address", [.kind("callback.target")]) { $0.url += "/" },
    callback("query-added", "puts a query behind the address", [.kind("callback.target")]) { $0.url += "?job=1" },
    text(
      "still-running", "tells of a job that still runs", [.kind("callback.state"), .kind("replay.*", at: "*/State")]
    ) {
      $0.replacing("<State>Success<", with: "<State>Running<")
        .replacing("\"State\":\"Success\"", with: "\"State\":\"Running\"")
    },
    text(
      "success-for-failed", "tells Success of a job that failed",
      [.kind("replay.*", at: "*/State"), .kind("rule.violated")]
    ) {
      $0.replacing("<State>Failed<", with: "<State>Success<")
    },
    callback("xml-for-json", "tells in XML where JSON was asked for", [.kind("callback.form")]) { told in
      guard told.contentType == "application/json" else { return }
      told.contentType = "application/xml"
      told.body = Array("<?xml version=\"1.0\" encoding=\"utf-8\"?><Response/>".utf8)
    },
    callback("json-for-xml", "tells in JSON where XML was asked for", [.kind("callback.form")]) { told in
      guard told.contentType == "application/xml" else { return }
      told.contentType = "application/json"
      told.body = Array("{\"EventName\":\"TaskFinish\",\"JobsDetail\":[{}]}".utf8)
    },
    callback("content-type", "calls every callback a form", [.kind("callback.content-type")]) {
      $0.contentType = "application/x-www-form-urlencoded"
    },
    callback("empty", "tells with an empty body", [.kind("xml.empty"), .kind("callback.*"), .kind("json.*")]) {
      $0.body = []
    },
    text("event-missing", "leaves EventName out", [.requirement("callback.event-name*")]) {
      $0.replacing("<EventName>TaskFinish</EventName>", with: "").replacing("\"EventName\":\"TaskFinish\",", with: "")
    },
    text("event-other", "calls the event JobFinish", [.requirement("callback.event-name*")]) {
      $0.replacing("TaskFinish", with: "JobFinish")
    },
    text(
      "job-missing", "tells that a job has ended, and not which",
      [.requirement("callback.*"), .requirement("*.job-id.required"), .kind("replay.node-missing", at: "*/JobId")]
    ) { text in
      guard let start = text.firstRange(of: "<JobId>"), let end = text.firstRange(of: "</JobId>") else { return text }
      return String(text[..<start.lowerBound]) + String(text[end.upperBound...])
    },
    text("job-other", "tells of another job", [.kind("replay.value-changed", at: "*/JobId")]) { text in
      guard let start = text.firstRange(of: "<JobId>") else { return text }
      return String(text[..<start.upperBound]) + "f00000000000010008000000000000000"
        + String(text[start.upperBound...].dropFirst(33))
    },
    text(
      "result-missing", "tells the end of a hash job without its result",
      [.kind("replay.node-missing", at: "*/FileHashCodeResult"), .requirement("*.file-hash-code-result*")]
    ) { text in
      guard let start = text.firstRange(of: "<FileHashCodeResult>"),
        let end = text.firstRange(of: "</FileHashCodeResult>")
      else { return text }
      return String(text[..<start.lowerBound]) + String(text[end.upperBound...])
    },
    text("user-data-lost", "tells without UserData", [.kind("replay.*", at: "*/UserData")]) { text in
      guard let start = text.firstRange(of: "<UserData>"), let end = text.firstRange(of: "</UserData>") else {
        return text
      }
      return String(text[..<start.lowerBound]) + String(text[end.upperBound...])
    },
    text("json-broken", "tells in JSON with a comma too many", [.kind("json.malformed")]) {
      $0.hasPrefix("{") ? $0.dropLast() + ",}" : $0
    },
    text("xml-cut", "cuts XML short", [.kind("xml.*"), .requirement("xml.*")]) {
      $0.hasPrefix("<") ? String($0.dropLast(20)) : $0
    },
    text(
      "root-other", "names the root Request",
      [.kind("schema.wrong-root"), .kind("replay.root-changed"), .requirement("xml.root")]
    ) { $0.replacing("<Response>", with: "<Request>").replacing("</Response>", with: "</Request>") },
  ]
}
