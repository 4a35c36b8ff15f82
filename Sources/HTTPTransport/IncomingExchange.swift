internal import HTTPExchange

/// One request as it comes in. A class because libmicrohttpd carries it from callback to callback.
final class IncomingExchange {
  let startSeconds = monotonicSeconds()
  private(set) var request: HTTPRequest
  private(set) var hasHead = false
  /// All bytes of the body, kept or not.
  private(set) var bodyBytes = 0
  private let bodyBytesMax: Int

  init(target: String, bodyBytesMax: Int) {
    request = HTTPRequest(method: "", target: target)
    self.bodyBytesMax = bodyBytesMax
  }

  var isOversize: Bool { bodyBytes > bodyBytesMax }

  /// The Content-Length, nil when there is none.
  var declaredBytes: Int? { request.headers["Content-Length"].flatMap { Int($0) } }

  var awaitsContinue: Bool { request.headers["Expect"]?.lowercased() == "100-continue" }

  func takeHead(method: String, headers: HTTPHeaders) {
    request.method = method
    request.headers = headers
    hasHead = true
  }

  func takeBody(_ bytes: UnsafeRawBufferPointer) {
    bodyBytes += bytes.count
    let room = max(0, bodyBytesMax - request.body.count)
    unsafe request.body.append(contentsOf: bytes.prefix(room))
  }
}
