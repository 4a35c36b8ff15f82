public import CaseLibrary
internal import FoundationEssentials
internal import HTTPExchange

/// Writes exchanges as an HTTP Archive (HAR 1.2) that `HTTPArchive` reads again without loss.
///
/// Bodies that are no text in UTF-8 are in base64, those of requests too, where HAR 1.2 knows no such thing: the member
/// is called `_encoding` there.
public enum HARWriter {
  /// - Parameter scheme: of the URLs; an archive names it, a recording does not.
  public static func bytes(of recordings: [RecordedScenario], scheme: String = "https", creator: String) throws
    -> [UInt8]
  {
    let version = creator.split(separator: " ").last.map(String.init) ?? ""
    let name = creator.split(separator: " ").dropLast().joined(separator: " ")
    let entries = recordings.flatMap { recorded in
      zip(recorded.scenario.steps, recorded.exchanges).map { step, exchange in
        Entry(step, exchange.request, exchange.response, scheme: scheme, scenario: recorded.scenario.id)
      }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let file = File(log: Log(creator: Creator(name: name, version: version), entries: entries))
    return Array(try encoder.encode(file)) + [0x0A]
  }

  // MARK: The file

  private struct File: Encodable {
    var log: Log
  }

  private struct Log: Encodable {
    var version = "1.2"
    var creator: Creator
    var entries: [Entry]
  }

  private struct Creator: Encodable {
    var name: String
    var version: String
  }

  private struct Pair: Encodable {
    var name: String
    var value: String
  }

  private struct Content: Encodable {
    var size: Int?
    var mimeType: String
    var text: String
    var encoding: String?
    var _encoding: String?
  }

  private struct Request: Encodable {
    var method: String
    var url: String
    var httpVersion = "HTTP/1.1"
    var cookies: [Pair] = []
    var headers: [Pair]
    var queryString: [Pair]
    var postData: Content?
    var headersSize = -1
    var bodySize: Int
  }

  private struct Response: Encodable {
    var status: Int
    var statusText: String
    var httpVersion = "HTTP/1.1"
    var cookies: [Pair] = []
    var headers: [Pair]
    var content: Content
    var redirectURL = ""
    var headersSize = -1
    var bodySize: Int
  }

  private struct Timings: Encodable {
    var send = 0.0
    var wait: Double
    var receive = 0.0
  }

  private struct Cache: Encodable {}

  private struct Entry: Encodable {
    var startedDateTime: String
    var time: Double
    var request: Request
    var response: Response
    var cache = Cache()
    var timings: Timings
    /// The scenario and step, and the operation, for readers that know the kit.
    var _scenario: String
    var _operation: String

    init(_ step: Scenario.Step, _ request: HTTPRequest, _ response: HTTPResponse, scheme: String, scenario: String) {
      // A page of the documentation has no time of its own.
      startedDateTime = step.date ?? "1970-01-01T00:00:00Z"
      time = (step.seconds ?? 0) * 1000
      timings = Timings(wait: time)
      let mimeType = request.headers["Content-Type"] ?? "application/octet-stream"
      let authority = HARWriter.authority(request.headers["Host"] ?? "")
      self.request = Request(
        method: request.method, url: "\(scheme)://\(authority)\(request.target)",
        headers: HARWriter.pairs(request.headers),
        queryString: request.parameters.map {
          Pair(name: $0.name, value: $0.value ?? "")
        },
        postData: request.body.isEmpty ? nil : HARWriter.content(request.body, mimeType, isRequest: true),
        bodySize: request.body.count)
      self.response = Response(
        status: response.status, statusText: response.reason, headers: HARWriter.pairs(response.headers),
        content: HARWriter.content(response.body, response.headers["Content-Type"] ?? "", isRequest: false),
        bodySize: response.body.count)
      _scenario = "\(scenario)/\(step.id)"
      _operation = step.operation
    }
  }

  /// A Host for a URL; what would end it there is encoded.
  private static func authority(_ host: String) -> String {
    host.contains { "/?#".contains($0) } ? PercentCoding.encode(host) : host
  }

  private static func pairs(_ headers: HTTPHeaders) -> [Pair] {
    headers.fields.map { Pair(name: $0.name, value: $0.value) }
  }

  private static func content(_ body: [UInt8], _ mimeType: String, isRequest: Bool) -> Content {
    let size = isRequest ? nil : body.count
    if let text = String(validating: body, as: UTF8.self) {
      return Content(size: size, mimeType: mimeType, text: text)
    }
    let text = String(decoding: base64(body), as: UTF8.self)
    return Content(
      size: size, mimeType: mimeType, text: text, encoding: isRequest ? nil : "base64",
      _encoding: isRequest ? "base64" : nil)
  }
}
