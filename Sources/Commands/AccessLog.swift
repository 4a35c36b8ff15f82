internal import CaseLibrary
internal import Glibc
internal import HTTPExchange
internal import Reporting

/// A line of JSON for each request, appended to a file. Never a query, header field or body, which may hold a signature.
final class AccessLog: Sendable {
  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = try Files.appending(to: path)
  }

  deinit { _ = close(descriptor) }

  /// `time` and `seconds` in seconds, `status` null when the answer was broken off.
  func write(_ request: HTTPRequest, _ response: HTTPResponse?, start: Double, end: Double) {
    let line = JSONReport.object([
      ("time", .integer(Int(start))), ("method", .string(request.method)), ("host", .string(request.headers["Host"])),
      ("path", .string(request.rawPath)), ("status", .integer(response?.status)),
      ("microseconds", .integer(Int(max(0, end - start) * 1e6))), ("requestBytes", .integer(request.body.count)),
      ("responseBytes", .integer(response?.body.count)),
      ("requestId", .string(response?.headers["x-ci-request-id"] ?? response?.headers["x-cos-request-id"])),
    ])
    // One call for one line: the system appends it in one piece.
    _ = Files.writeAll(Array((line + "\n").utf8), to: descriptor)
  }
}
