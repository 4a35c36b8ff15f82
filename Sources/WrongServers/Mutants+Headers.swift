internal import HTTPExchange

/// The header fields of answers.
extension ServerMutant {
  private static func header(
    _ id: String, _ does: String, _ names: [FindingPattern], _ name: String,
    _ value: @escaping @Sendable (String) -> String
  ) -> ServerMutant {
    ServerMutant("header/" + id, does, names) { answer in
      guard !answer.response.body.isEmpty || name != "Content-Type" else { return }
      let old = answer.response.headers[name] ?? "\(answer.response.body.count)"
      answer.response.headers.set(name, value(old))
    }
  }

  private static let contentType = [FindingPattern.requirement("response-headers.content-type.*")]
  private static let date = [FindingPattern.requirement("response-headers.date.*")]
  private static let length = [FindingPattern.requirement("response-headers.content-length.*")]
  private static let requestID = [FindingPattern.requirement("response-headers.x-ci-request-id.*")]

  static let headers: [ServerMutant] = [
    header("content-type-json", "calls its documents JSON", contentType, "Content-Type") { _ in "application/json" },
    header("content-type-html", "calls its documents HTML", contentType, "Content-Type") { _ in "text/html" },
    header("content-type-text-xml", "calls its documents text/xml", contentType, "Content-Type") { _ in "text/xml" },
    header(
      "content-type-missing", "sends documents without Content-Type",
      contentType + [.kind("replay.header-missing", at: "headers/content-type")], "Content-Type"
    ) { _ in Fault.none },
    header("content-length-too-long", "promises a byte more than it sends", length, "Content-Length") {
      "\((Int($0) ?? 0) + 1)"
    },
    header("content-length-too-short", "promises a byte less than it sends", length, "Content-Length") {
      "\(max(1, Int($0) ?? 0) - 1)"
    },
    ServerMutant(
      "header/content-length-in-characters", "counts the characters of a document, not its bytes", length
    ) { answer in
      let characters = answer.body.unicodeScalars.count
      if characters != answer.response.body.count { answer.response.headers.set("Content-Length", "\(characters)") }
    },
    header("content-length-missing", "sends documents without Content-Length", length, "Content-Length") { _ in
      Fault.none
    },
    header("date-missing", "sends no Date", date, "Date") { _ in Fault.none },
    header("date-iso", "writes Date as jobs have their times", date, "Date") { _ in "2025-06-15T23:06:40+0800" },
    header("date-wrong-weekday", "takes the weekday of Date from another day", date, "Date") { value in
      (value.hasPrefix("Sun") ? "Mon" : "Sun") + value.dropFirst(3)
    },
    header("date-other-zone", "writes Date in a zone of its own", date, "Date") {
      $0.replacing("GMT", with: "+0800")
    },
    header("date-one-digit", "writes days before the tenth with one digit", date, "Date") { value in
      value.prefix(5) + "8" + value.dropFirst(7)
    },
    header("request-id-missing", "sends no x-ci-request-id", requestID, "x-ci-request-id") { _ in Fault.none },
    ServerMutant(
      "header/request-id-of-object-storage", "sends x-cos-request-id in place of x-ci-request-id", requestID
    ) { answer in
      guard let id = answer.response.headers["x-ci-request-id"] else { return }
      answer.response.headers.remove("x-ci-request-id")
      answer.response.headers.append("x-cos-request-id", id)
    },
    ServerMutant(
      "header/request-id-repeated", "sends the same x-ci-request-id with every answer",
      [.kind("replay.value-changed", at: "*/RequestId")]
    ) { answer in
      guard answer.response.headers["x-ci-request-id"] != nil else { return }
      answer.response.headers.set("x-ci-request-id", "NjMxMDJhYTNfMThhYTk0MGFfYmU1OV8zZjc=")
      answer.set("RequestId") { _ in "NjMxMDJhYTNfMThhYTk0MGFfYmU1OV8zZjc=" }
    },
    ServerMutant(
      "header/request-id-not-the-body's", "says another RequestId in the body than in the head",
      [.requirement("*.request-id*"), .requirement("response-headers.x-ci-request-id.*"), .kind("http.request-id")]
    ) { answer in answer.set("RequestId") { String($0.reversed()).replacing("=", with: "") } },
  ]
}
