public import HTTPExchange
public import XMLValidation

/// An answer and, where it was made of one, the document in its body.
public struct EmulatedAnswer: Sendable {
  public var response: HTTPResponse
  /// Nil for a body that is empty, or that says why a request was refused.
  public var document: ElementTree?
}

/// Turns results into answers with the headers that the service sends (1045/43610). Content-Length and Connection are
/// the server's.
struct Answers {
  var requestID: String
  var date: String
  /// Object calls are answered by the other service, under its own header names (436/7729).
  var service = Bucket.Service.ci

  func document(_ document: WrittenDocument) -> HTTPResponse { response(200, document.bytes) }

  /// A cancel answers with nothing but the status.
  var empty: HTTPResponse { response(200, []) }

  func failure(_ error: ServiceError, path: String, traceID: String) -> HTTPResponse {
    failure(error.code.status, error.code.name, error.message, path: path, traceID: traceID)
  }

  /// A failure that was asked for: with the code of the table for its status unless one is given.
  func failure(status: Int, code: String?, path: String, traceID: String) -> HTTPResponse {
    let known = [
      301: "PermanentRedirect", 307: "TemporaryRedirect", 400: "InvalidArgument", 401: "InvalidAuthorization",
      403: "AccessDenied", 404: "InvalidUrl", 411: "MissingContentLength", 413: "InvalidContent", 429: "SlowDown",
      451: "UnavailableForLegalReasons", 500: "InternalError", 501: "NotImplemented", 503: "ServiceUnavailable",
    ]
    guard let code = code ?? known[status] else {
      var bare = response(status, [])
      bare.headers.append("x-\(service.rawValue)-trace-id", traceID)
      return bare
    }
    return failure(status, code, "The emulator was told to fail here.", path: path, traceID: traceID)
  }

  /// The documented Error with Resource, without which one SDK cannot read it (erratum E45).
  private func failure(_ status: Int, _ code: String, _ message: String, path: String, traceID: String) -> HTTPResponse
  {
    let root = ElementTree.node(
      "Error",
      [
        .leaf("Code", code), .leaf("Message", message), .leaf("Resource", path.isEmpty ? "/" : path),
        .leaf("RequestId", requestID), .leaf("TraceId", traceID),
      ])
    var response = response(status, root.documentBytes)
    response.headers.append("x-\(service.rawValue)-trace-id", traceID)
    return response
  }

  private func response(_ status: Int, _ body: [UInt8]) -> HTTPResponse {
    HTTPResponse(
      status: status, reason: Self.reasons[status] ?? "",
      headers: [
        "Date": date, "Content-Type": "application/xml",
        "Server": service == .ci ? "tencent-ci" : "tencent-cos",
        service == .ci ? "x-ci-request-id" : "x-cos-request-id": requestID,
      ], body: body)
  }

  private static let reasons = [
    200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 411: "Length Required",
    413: "Payload Too Large", 500: "Internal Server Error", 501: "Not Implemented",
  ]
}
