public import Findings
public import HTTPExchange
public import XMLValidation

/// A request as it came, with what became of it.
public struct ObservedRequest: Sendable {
  public enum Outcome: Sendable, Equatable {
    case answered(HTTPResponse)
    /// The connection was reset, or the answer cut short.
    case broken
  }

  /// Its place among all requests, from 1.
  public var number: Int
  public var request: HTTPRequest
  public var outcome: Outcome
  /// The root of the answer's body where it is at hand; else it is read from the body.
  public var answerDocument: ElementTree?
  /// When it came and when it was answered, in seconds on a clock that measures.
  public var start: Double
  public var end: Double
  /// The server's time when it came, in seconds since 1970: what signatures are judged by.
  public var serverTime: Double
  /// The client's side of the connection, such as `127.0.0.1:40000`; nil when it is not known.
  public var peer: String?

  public init(
    number: Int, request: HTTPRequest, outcome: Outcome, start: Double, end: Double,
    serverTime: Double? = nil, peer: String? = nil, answerDocument: ElementTree? = nil
  ) {
    self.number = number
    self.request = request
    self.outcome = outcome
    self.answerDocument = answerDocument
    self.start = start
    self.end = end
    self.serverTime = serverTime ?? start
    self.peer = peer
  }

  var answer: HTTPResponse? { if case .answered(let response) = outcome { response } else { nil } }
}

/// The verdict on one request.
public struct JudgedRequest: Sendable {
  public var number: Int
  public var method: String
  /// The start of the path, without the query, which may hold a signature.
  public var path: String
  /// The ID of the operation it is taken for; nil when it is none.
  public var operation: String?
  /// The body's root; nil when there is none that can be read.
  public var body: ElementTree?
  /// The names of its query parameters.
  public var parameterNames: [String]
  public var findings: [Finding]

  /// How findings and reports name the request.
  public var name: String { "request \(number) (\(method) \(path))" }

  /// Before anything is found.
  init(_ observed: ObservedRequest) {
    number = observed.number
    method = observed.request.method
    let path = observed.request.rawPath
    self.path = path.utf8.count <= 300 ? path : String(path.prefix(300))
    parameterNames = observed.request.parameters.map(\.name)
    findings = []
  }

  /// The verdict on a request whose body was not read to its end.
  public static func oversized(_ observed: ObservedRequest) -> JudgedRequest {
    var judged = JudgedRequest(observed)
    judged.findings = [
      Finding(
        id: "http.body-too-large", severity: .error, place: Place(file: judged.name),
        message: "The body is larger than the server reads.")
    ]
    return judged
  }
}

/// What may differ in how requests are judged.
public struct JudgeSettings: Sendable {
  public var edition = ValidationOptions.Edition.y2024
  /// Rules below this level are left out.
  public var level = Requirement.Level.observed
  /// A job is not to be asked for more often; the documentation names no interval.
  public var pollIntervalSeconds: Double = 1
  /// How long to wait after 429, 503 or a queue that takes nothing; the documentation names no time.
  public var retryIntervalSeconds: Double = 0.5
  /// Bytes of a body that is read.
  public var bodyBytesMax = 1 << 20
  public var toleratedSkewSeconds: Int64 = 900

  public init() {}
}
