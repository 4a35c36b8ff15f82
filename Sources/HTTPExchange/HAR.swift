internal import FoundationEssentials

/// The exchanges of an HTTP Archive (HAR 1.2), as browsers and proxies save them.
public struct HTTPArchive: Sendable {
  public struct Entry: Sendable, Equatable {
    /// From 1, in the order of the file.
    public var number: Int
    public var url: String
    public var request: HTTPRequest
    /// Nil when there was none: the status is 0.
    public var response: HTTPResponse?
    /// False when the archive says how long the body was and does not hold it.
    public var hasResponseBody: Bool
    /// When the request was sent, in Unix seconds, and how long the exchange took; nil when it is not told.
    public var date: Double?
    public var seconds: Double?
    /// Clauses about members that say nothing usable and are taken as absent.
    public var dropped: [String] = []
  }

  public var entries: [Entry]

  public init(parsing bytes: [UInt8]) throws(HTTPArchiveError) {
    let file: File
    do {
      file = try JSONDecoder().decode(
        File.self, from: Data(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]))
    } catch let error as DecodingError {
      if case .dataCorrupted(let context) = error, context.codingPath.isEmpty,
        bytes.last(where: { $0 > 0x20 }) != 0x7D
      {
        throw HTTPArchiveError(reason: "the JSON ends before its last '}'; the file is cut short or is none")
      }
      let path =
        switch error {
        case .keyNotFound(_, let context), .typeMismatch(_, let context), .valueNotFound(_, let context):
          context.codingPath.count
        default: 1
        }
      throw HTTPArchiveError(reason: error.placed, isOfOtherForm: path == 0)
    } catch {
      throw HTTPArchiveError(reason: "\(error)")
    }
    entries = []
    for (index, recorded) in file.log.entries.enumerated() {
      entries.append(try Self.entry(recorded, number: index + 1))
    }
  }

  /// An entry a line, as `jq -c '.log.entries[]'` gives them.
  public init(parsingLines bytes: [UInt8]) throws(HTTPArchiveError) {
    entries = []
    for (index, line) in bytes.split(separator: 0x0A).enumerated() where line.contains(where: { $0 > 0x20 }) {
      let recorded: Recorded
      do {
        recorded = try JSONDecoder().decode(Recorded.self, from: Data(line))
      } catch {
        let reason = (error as? DecodingError)?.placed ?? "\(error)"
        throw HTTPArchiveError(reason: "line \(index + 1) is no entry of an archive: \(reason)")
      }
      entries.append(try Self.entry(recorded, number: index + 1))
    }
  }

  // MARK: The file

  private struct File: Decodable {
    var log: Log
  }

  private struct Log: Decodable {
    var entries: [Recorded]
  }

  private struct Recorded: Decodable {
    var startedDateTime: String?
    var time: Double?
    var request: Request
    var response: Response?
  }

  private struct Pair: Decodable {
    var name: String
    var value: String?
  }

  private struct Request: Decodable {
    var method: String
    var url: String
    var headers: [Pair]?
    var postData: Content?
  }

  private struct Response: Decodable {
    var status: WholeNumber
    var statusText: String?
    var headers: [Pair]?
    var content: Content?
  }

  private struct Content: Decodable {
    var text: String?
    var encoding: String?
    /// What HAR 1.2 has no member for in requests.
    var _encoding: String?
    var size: WholeNumber?
  }

  /// A whole number, however it is written; what is none is told with its place.
  private struct WholeNumber: Decodable {
    var value: Int

    init(from decoder: any Decoder) throws {
      guard let value = Int(exactly: try decoder.singleValueContainer().decode(Double.self)) else {
        throw DecodingError.typeMismatch(Int.self, .init(codingPath: decoder.codingPath, debugDescription: ""))
      }
      self.value = value
    }
  }

  // MARK: Messages

  private static func entry(_ recorded: Recorded, number: Int) throws(HTTPArchiveError) -> Entry {
    let (authority, target) = split(url: recorded.request.url)
    var headers = fields(recorded.request.headers)
    // HTTP/2 has no Host field, and some programs leave it out.
    if headers["Host"] == nil, let host = authority { headers.fields.insert(HTTPHeaders.Field("Host", host), at: 0) }
    let request = HTTPRequest(
      method: recorded.request.method, target: target, headers: headers,
      body: try body(recorded.request.postData, "request", number))
    var response: HTTPResponse?
    if let answer = recorded.response, answer.status.value > 0 {
      response = HTTPResponse(
        status: answer.status.value, reason: answer.statusText ?? "", headers: fields(answer.headers),
        body: try body(answer.content, "response", number))
    }
    let content = recorded.response?.content
    var dropped: [String] = []
    let date = recorded.startedDateTime.flatMap(date)
    if let text = recorded.startedDateTime, date.map(Self.isOfThisCentury) != true, date != 0 {
      dropped.append("startedDateTime '\(text.prefix(40))' is no date of the years 2000 to 2100")
    }
    // Some programs write -1 for what they do not know.
    if let time = recorded.time, time > dayMilliseconds { dropped.append("time \(time) is longer than a day") }
    return Entry(
      number: number, url: recorded.request.url, request: request, response: response,
      hasResponseBody: content?.text != nil || (content?.size?.value ?? 0) <= 0,
      date: date.flatMap { isOfThisCentury($0) ? $0 : nil },
      seconds: recorded.time.flatMap { $0 > 0 && $0 <= dayMilliseconds ? $0 / 1000 : nil }, dropped: dropped)
  }

  private static let dayMilliseconds = 86_400_000.0

  /// Whether a time in Unix seconds lies in the years 2000 to 2100.
  public static func isOfThisCentury(_ seconds: Double) -> Bool { (946_684_800..<4_133_980_800).contains(seconds) }

  /// ISO 8601 with or without a fraction of the second; the first moment of 1970 stands for none.
  private static func date(_ text: String) -> Double? {
    let styles = [Date.ISO8601FormatStyle(includingFractionalSeconds: true), Date.ISO8601FormatStyle()]
    return styles.lazy.compactMap { try? $0.parse(text) }.first?.timeIntervalSince1970
  }

  /// The fields as HTTP/1.1 has them: without the pseudo-fields of HTTP/2.
  private static func fields(_ pairs: [Pair]?) -> HTTPHeaders {
    var headers = HTTPHeaders()
    for pair in pairs ?? [] {
      if pair.name == ":authority" {
        headers.append("Host", pair.value ?? "")
      } else if !pair.name.hasPrefix(":") {
        headers.append(pair.name, pair.value ?? "")
      }
    }
    return headers
  }

  private static func body(
    _ content: Content?, _ part: String, _ number: Int
  ) throws(HTTPArchiveError) -> [UInt8] {
    guard let text = content?.text else { return [] }
    guard (content?.encoding ?? content?._encoding) == "base64" else { return Array(text.utf8) }
    guard let data = Data(base64Encoded: text) else {
      throw HTTPArchiveError(
        reason: "log.entries[\(number - 1)]: the body of the \(part) of entry \(number) is not base64")
    }
    return Array(data)
  }

  /// The authority of an absolute URL, and the path and query behind it as they are.
  private static func split(url: String) -> (authority: String?, target: String) {
    guard let scheme = url.firstRange(of: "://") else { return (nil, url.hasPrefix("/") ? url : "/" + url) }
    let rest = url[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let target = rest[authority.endIndex...].prefix { $0 != "#" }
    let host = authority.split(separator: "@").last.map(String.init) ?? ""
    return (host, target.hasPrefix("/") ? String(target) : "/" + target)
  }
}

/// Why a file is no HTTP Archive.
public struct HTTPArchiveError: Error, Equatable, CustomStringConvertible {
  public var reason: String
  /// Whether the file has another form from the top on.
  public var isOfOtherForm = false
  public var description: String { reason }
}
