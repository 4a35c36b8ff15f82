/// Reading and writing messages in the form of HTTP/1.1: start line, header fields, an empty line, the body.
///
/// Heads may end their lines with CRLF or LF, so recordings stay readable; bodies are kept byte for byte.
public enum HTTPMessageText {
  public static func request(parsing bytes: [UInt8]) throws(HTTPMessageError) -> HTTPRequest {
    let (head, body) = try split(bytes)
    let words = words(of: head[0], splitsMax: .max)
    guard words.count == 3, !words[0].isEmpty, words[1] == "*" || starts(words[1], "/") || starts(words[1], "http"),
      starts(words[2], "HTTP/1.")
    else {
      throw HTTPMessageError(line: 1, reason: "a request line such as 'GET /jobs/j123 HTTP/1.1' is expected here")
    }
    return HTTPRequest(method: words[0], target: words[1], headers: try headers(of: head), body: body)
  }

  public static func response(parsing bytes: [UInt8]) throws(HTTPMessageError) -> HTTPResponse {
    let (head, body) = try split(bytes)
    let words = words(of: head[0], splitsMax: 2)
    guard words.count >= 2, starts(words[0], "HTTP/1."), let status = status(parsing: words[1]) else {
      throw HTTPMessageError(line: 1, reason: "a status line such as 'HTTP/1.1 200 OK' is expected here")
    }
    return HTTPResponse(
      status: status, reason: words.count == 3 ? words[2] : "", headers: try headers(of: head), body: body)
  }

  public static func bytes(of request: HTTPRequest) -> [UInt8] {
    Array("\(request.method) \(request.target) HTTP/1.1\r\n".utf8) + text(of: request.headers) + request.body
  }

  public static func bytes(of response: HTTPResponse) -> [UInt8] {
    let reason = response.reason.isEmpty ? "" : " " + response.reason
    return Array("HTTP/1.1 \(response.status)\(reason)\r\n".utf8) + text(of: response.headers) + response.body
  }

  // Heads are taken apart byte by byte: a Character may be a colon or blank with a mark on it, and then is neither.

  private static func words(of line: String, splitsMax: Int) -> [String] {
    line.utf8.split(separator: 0x20, maxSplits: splitsMax, omittingEmptySubsequences: false).map {
      String(Substring($0))
    }
  }

  private static func starts(_ text: String, _ prefix: String) -> Bool { text.utf8.starts(with: prefix.utf8) }

  /// Three digits, the first not 0.
  private static func status(parsing text: String) -> Int? {
    guard text.utf8.count == 3, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let status = Int(text),
      status >= 100
    else { return nil }
    return status
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
      let bytes = line.utf8
      guard let colon = bytes.firstIndex(of: 0x3A), colon > bytes.startIndex, !bytes[..<colon].contains(0x20) else {
        throw HTTPMessageError(line: index + 1, reason: "a header field 'Name: value' is expected here")
      }
      headers.append(String(Substring(bytes[..<colon])), trimmed(bytes[bytes.index(after: colon)...]))
    }
    return headers
  }

  private static func trimmed(_ text: Substring.UTF8View) -> String {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    let start = text.drop(while: isBlank)
    guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(Substring(start[...last]))
  }
}

/// A message that is not HTTP/1.1, with the line of its head.
public struct HTTPMessageError: Error, Equatable, CustomStringConvertible {
  public var line: Int
  public var reason: String
  public var description: String { "line \(line): \(reason)" }
}
