/// Reading and writing messages in the form of HTTP/1.1: start line, header fields, an empty line, the body.
///
/// Heads may end their lines with CRLF or LF, so recordings stay readable; bodies are kept byte for byte.
public enum HTTPMessageText {
  public static func request(parsing bytes: [UInt8]) throws(HTTPMessageError) -> HTTPRequest {
    let (head, body) = try split(bytes)
    let words = head[0].split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, !words[0].isEmpty, words[1].hasPrefix("/") || words[1].hasPrefix("http") || words[1] == "*",
      words[2].hasPrefix("HTTP/1.")
    else {
      throw HTTPMessageError(line: 1, reason: "a request line such as 'GET /jobs/j123 HTTP/1.1' is expected here")
    }
    return HTTPRequest(
      method: String(words[0]), target: String(words[1]), headers: try headers(of: head), body: body)
  }

  public static func response(parsing bytes: [UInt8]) throws(HTTPMessageError) -> HTTPResponse {
    let (head, body) = try split(bytes)
    let words = head[0].split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3, let status = Int(words[1]) else {
      throw HTTPMessageError(line: 1, reason: "a status line such as 'HTTP/1.1 200 OK' is expected here")
    }
    return HTTPResponse(
      status: status, reason: words.count == 3 ? String(words[2]) : "", headers: try headers(of: head), body: body)
  }

  public static func bytes(of request: HTTPRequest) -> [UInt8] {
    Array("\(request.method) \(request.target) HTTP/1.1\r\n".utf8) + text(of: request.headers) + request.body
  }

  public static func bytes(of response: HTTPResponse) -> [UInt8] {
    let reason = response.reason.isEmpty ? "" : " " + response.reason
    return Array("HTTP/1.1 \(response.status)\(reason)\r\n".utf8) + text(of: response.headers) + response.body
  }

  private static func text(of headers: HTTPHeaders) -> [UInt8] {
    Array((headers.fields.map { "\($0.name): \($0.value)\r\n" }.joined() + "\r\n").utf8)
  }

  /// The lines of the head and the bytes of the body.
  private static func split(_ bytes: [UInt8]) throws(HTTPMessageError) -> (head: [String], body: [UInt8]) {
    var lines: [String] = []
    var start = bytes.startIndex
    while let end = bytes[start...].firstIndex(of: 0x0A) {
      let hasReturn = end > start && bytes[end - 1] == 0x0D
      let line = bytes[start..<(hasReturn ? end - 1 : end)]
      start = end + 1
      if line.isEmpty {
        guard !lines.isEmpty else { throw HTTPMessageError(line: 1, reason: "the message starts with an empty line") }
        return (lines, Array(bytes[start...]))
      }
      guard let text = String(validating: line, as: UTF8.self) else {
        throw HTTPMessageError(line: lines.count + 1, reason: "the head is not UTF-8")
      }
      lines.append(text)
      guard lines.count <= headLinesMax else {
        throw HTTPMessageError(line: lines.count, reason: "more than \(headLinesMax) header fields")
      }
    }
    throw HTTPMessageError(line: lines.count + 1, reason: "the head has no end: an empty line is expected after it")
  }

  private static let headLinesMax = 200

  private static func headers(of head: [String]) throws(HTTPMessageError) -> HTTPHeaders {
    var headers = HTTPHeaders()
    for (index, line) in head.enumerated().dropFirst() {
      guard let colon = line.firstIndex(of: ":"), colon > line.startIndex, !line[..<colon].contains(" ") else {
        throw HTTPMessageError(line: index + 1, reason: "a header field 'Name: value' is expected here")
      }
      headers.append(String(line[..<colon]), String(trimmed(line[line.index(after: colon)...])))
    }
    return headers
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    let start = text.drop(while: isBlank)
    guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
    return start[...last]
  }
}

/// A message that is not HTTP/1.1, with the line of its head.
public struct HTTPMessageError: Error, Equatable, CustomStringConvertible {
  public var line: Int
  public var reason: String
  public var description: String { "line \(line): \(reason)" }
}
