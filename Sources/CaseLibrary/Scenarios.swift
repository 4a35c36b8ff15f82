public import HTTPExchange

/// Exchanges in order that share state, as `Exchanges/<area>/<name>/scenario.json` describes them.
public struct Scenario: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Codable {
    /// From a page of the documentation, repaired where it says so.
    case documentation
    /// Recorded from the real service and published.
    case capture
    /// Put together from several sources.
    case composite
    /// Recorded by the kit from a server of somebody's own choice, redacted.
    case recording
  }

  /// What the target must hold before the first step.
  public struct Object: Sendable, Equatable, Codable {
    public var key: String
    public var text: String
    public var storageClass: String?
  }

  public enum Signing: String, Sendable, Codable {
    case valid
    case none
    case wrongKey = "wrong-key"
    case expired
    /// Right, with the token of temporary credentials beside what is signed.
    case tokenUnsigned = "token-unsigned"
  }

  /// Repeating a request until a node has one of some values.
  public struct Until: Sendable, Equatable, Codable {
    public var path: String
    public var `in`: [String]
    public var intervalSeconds: Double
    public var attempts: Int

    public init(path: String, in values: [String], intervalSeconds: Double, attempts: Int) {
      self.path = path
      `in` = values
      self.intervalSeconds = intervalSeconds
      self.attempts = attempts
    }
  }

  /// Another class for the nodes at a path than the schema's own.
  public struct Override: Sendable, Equatable, Codable {
    public var path: String
    public var `class`: String
    public var reason: String
    public var erratum: String?

    public init(path: String, class name: String, reason: String, erratum: String? = nil) {
      self.path = path
      `class` = name
      self.reason = reason
      self.erratum = erratum
    }
  }

  /// Another answer that is as good, where the documentation is silent.
  public struct Alternative: Sendable, Equatable, Codable {
    public var status: Int
    public var code: String?
    public var reason: String
  }

  /// The callback that a step brings about, told to a listener that is opened for it.
  public struct Callback: Sendable, Equatable, Codable {
    /// The file of the recorded callback, an HTTP request.
    public var request: String
    /// The URL in the recorded body that gives way to the listener's own.
    public var address: String
    /// How long it is waited for at most.
    public var seconds: Double
    public var overrides: [Override]?
  }

  public struct Step: Sendable, Equatable, Codable {
    public var id: String
    public var operation: String
    public var request: String
    public var response: String
    public var requirements: [String]?
    public var until: Until?
    public var overrides: [Override]?
    public var status: [Int]?
    public var alternatives: [Alternative]?
    public var callback: Callback?
    public var sign: Signing?
    public var repairs: [String]?
    /// When the request was sent, such as `2026-11-21T15:04:05Z`, and how long its answer took.
    public var date: String?
    public var seconds: Double?
    /// Paths to times in the answer that later requests name: the recorded one gives way to the actual one.
    public var binds: [String]?

    public init(
      id: String, operation: String, request: String, response: String, requirements: [String]?, until: Until? = nil,
      status: [Int]? = nil, sign: Signing? = nil, date: String? = nil, seconds: Double? = nil
    ) {
      self.id = id
      self.operation = operation
      self.request = request
      self.response = response
      self.requirements = requirements
      self.until = until
      self.status = status
      self.sign = sign
      self.date = date
      self.seconds = seconds
    }
  }

  public var id: String
  public var title: String
  public var kind: Kind
  public var sources: [Source]
  public var edition: String
  public var billable: Bool
  /// False while the operations of a recording are not in the catalogue yet.
  public var supported: Bool?
  public var bucket: String
  public var region: String
  public var objects: [Object]?
  /// Texts of the messages that get an ending of their own in each run, since a server takes them only once.
  public var uniqueWords: [String]?
  public var steps: [Step]

  public init(
    id: String, title: String, kind: Kind, sources: [Source], edition: String, billable: Bool, bucket: String,
    region: String, objects: [Object]?, steps: [Step]
  ) {
    self.id = id
    self.title = title
    self.kind = kind
    self.sources = sources
    self.edition = edition
    self.billable = billable
    self.bucket = bucket
    self.region = region
    self.objects = objects
    self.steps = steps
  }
}

/// A scenario with its messages read.
public struct RecordedScenario: Sendable {
  public var scenario: Scenario
  /// The request and response of each step.
  public var exchanges: [(request: HTTPRequest, response: HTTPResponse)]
  /// The recorded callbacks, by the ids of their steps.
  public var callbacks: [String: HTTPRequest]
}

extension RecordedScenario {
  /// All scenarios below `Exchanges`, in the order of their paths.
  public static func all(in folder: DataFolder) throws -> [RecordedScenario] {
    try Files.tree(of: folder.path + "/Exchanges").filter { $0.hasSuffix("/scenario.json") }.map { file in
      let place = String("Exchanges/\(file)".dropLast("/scenario.json".utf8.count))
      let recorded = try RecordedScenario(at: place, in: folder)
      guard place == "Exchanges/\(recorded.scenario.id)" else {
        throw DataError(
          file: "Exchanges/\(file)", reason: "the id '\(recorded.scenario.id)' is not the path of its folder")
      }
      return recorded
    }
  }

  /// The scenario of a folder anywhere, or all below it; its id need not be its path.
  public static func all(recordedIn path: String) throws -> [RecordedScenario] {
    let folder = DataFolder(path: path)
    return try Files.tree(of: path).filter { $0 == "scenario.json" || $0.hasSuffix("/scenario.json") }.map {
      try RecordedScenario(
        at: $0 == "scenario.json" ? "." : String($0.dropLast("/scenario.json".utf8.count)), in: folder)
    }
  }

  private init(at place: String, in folder: DataFolder) throws {
    let file = "\(place)/scenario.json"
    let scenario = try decodeJSON(Scenario.self, from: try folder.read(file), file: file)
    exchanges = try scenario.steps.map { step in
      for name in [step.request, step.response, step.callback?.request ?? ""] where name.contains("/") {
        throw DataError(file: file, reason: "'\(name)' is not the name of a file in its folder")
      }
      return (
        request: try Self.message("\(place)/\(step.request)", in: folder, HTTPMessageText.request),
        response: try Self.message("\(place)/\(step.response)", in: folder, HTTPMessageText.response)
      )
    }
    var callbacks: [String: HTTPRequest] = [:]
    for step in scenario.steps {
      guard let callback = step.callback else { continue }
      callbacks[step.id] = try Self.message("\(place)/\(callback.request)", in: folder, HTTPMessageText.request)
    }
    self.callbacks = callbacks
    self.scenario = scenario
    let requests = exchanges.map { $0.request.target + String(decoding: $0.request.body, as: UTF8.self) }
    for word in scenario.uniqueWords ?? [] where !requests.contains(where: { $0.contains(word) }) {
      throw DataError(file: file, reason: "no request has the unique word '\(word)'")
    }
  }

  private static func message<Message>(
    _ file: String, in folder: DataFolder, _ parse: ([UInt8]) throws(HTTPMessageError) -> Message
  ) throws -> Message {
    do {
      return try parse(try folder.read(file))
    } catch let error as HTTPMessageError {
      throw DataError(file: "\(file):\(error.line)", reason: error.reason)
    }
  }
}

extension RecordedScenario {
  /// The scenario as it is for another bucket: its name and region replaced wherever they stand in the messages.
  public func moved(toBucket bucket: String, region: String) -> RecordedScenario {
    var copy = mapped { $0.replacing(scenario.bucket, with: bucket).replacing(scenario.region, with: region) }
    copy.scenario.bucket = bucket
    copy.scenario.region = region
    return copy
  }

  /// The scenario with an ending behind each of its unique words.
  public func unique(ending: String) -> RecordedScenario {
    guard let words = scenario.uniqueWords, !words.isEmpty else { return self }
    return mapped { text in words.reduce(text) { $0.replacing($1, with: "\($1)-\(ending)") } }
  }

  /// The messages with every text of theirs replaced.
  private func mapped(_ replaced: (String) -> String) -> RecordedScenario {
    func mapped(_ headers: HTTPHeaders) -> HTTPHeaders {
      HTTPHeaders(headers.fields.map { HTTPHeaders.Field($0.name, replaced($0.value)) })
    }
    func mapped(_ body: [UInt8]) -> [UInt8] {
      String(validating: body, as: UTF8.self).map { Array(replaced($0).utf8) } ?? body
    }
    var copy = self
    copy.exchanges = exchanges.map { request, response in
      var (request, response) = (request, response)
      request.target = replaced(request.target)
      request.headers = mapped(request.headers)
      request.body = mapped(request.body)
      response.headers = mapped(response.headers)
      response.body = mapped(response.body)
      return (request, response)
    }
    copy.callbacks = callbacks.mapValues { callback in
      var callback = callback
      callback.body = mapped(callback.body)
      return callback
    }
    return copy
  }
}
