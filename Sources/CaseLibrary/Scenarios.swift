public import HTTPExchange

/// Exchanges in order that share state, as `Exchanges/<area>/<name>/scenario.json` describes them.
public struct Scenario: Sendable, Equatable, Decodable {
  public enum Kind: String, Sendable, Decodable {
    /// From a page of the documentation, repaired where it says so.
    case documentation
    /// Recorded from the real service and published.
    case capture
    /// Put together from several sources.
    case composite
  }

  /// What the target must hold before the first step.
  public struct Object: Sendable, Equatable, Decodable {
    public var key: String
    public var text: String
    public var storageClass: String?
  }

  public enum Signing: String, Sendable, Decodable {
    case valid
    case none
    case wrongKey = "wrong-key"
    case expired
  }

  /// Repeating a request until a node has one of some values.
  public struct Until: Sendable, Equatable, Decodable {
    public var path: String
    public var `in`: [String]
    public var intervalSeconds: Double
    public var attempts: Int
  }

  /// Another class for the nodes at a path than the schema's own.
  public struct Override: Sendable, Equatable, Decodable {
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
  public struct Alternative: Sendable, Equatable, Decodable {
    public var status: Int
    public var code: String?
    public var reason: String
  }

  public struct Step: Sendable, Equatable, Decodable {
    public var id: String
    public var operation: String
    public var request: String
    public var response: String
    public var requirements: [String]?
    public var until: Until?
    public var overrides: [Override]?
    public var status: [Int]?
    public var alternatives: [Alternative]?
    public var sign: Signing?
    public var repairs: [String]?
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
  public var steps: [Step]
}

/// A scenario with its messages read.
public struct RecordedScenario: Sendable {
  public var scenario: Scenario
  /// The request and response of each step.
  public var exchanges: [(request: HTTPRequest, response: HTTPResponse)]
}

extension RecordedScenario {
  /// All scenarios below `Exchanges`, in the order of their paths.
  public static func all(in folder: DataFolder) throws -> [RecordedScenario] {
    try Files.tree(of: folder.path + "/Exchanges").filter { $0.hasSuffix("/scenario.json") }.map { file in
      let path = "Exchanges/\(file)"
      let scenario = try decodeJSON(Scenario.self, from: try folder.read(path), file: path)
      let place = String(path.dropLast("/scenario.json".utf8.count))
      guard place == "Exchanges/\(scenario.id)" else {
        throw DataError(file: path, reason: "the id '\(scenario.id)' is not the path of its folder")
      }
      let exchanges = try scenario.steps.map { step in
        (
          request: try message("\(place)/\(step.request)", in: folder, HTTPMessageText.request),
          response: try message("\(place)/\(step.response)", in: folder, HTTPMessageText.response)
        )
      }
      return RecordedScenario(scenario: scenario, exchanges: exchanges)
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
    func moved(_ text: String) -> String {
      text.replacing(scenario.bucket, with: bucket).replacing(scenario.region, with: region)
    }
    func moved(_ headers: HTTPHeaders) -> HTTPHeaders {
      HTTPHeaders(headers.fields.map { HTTPHeaders.Field($0.name, moved($0.value)) })
    }
    func moved(_ body: [UInt8]) -> [UInt8] {
      String(validating: body, as: UTF8.self).map { Array(moved($0).utf8) } ?? body
    }
    var copy = self
    copy.scenario.bucket = bucket
    copy.scenario.region = region
    copy.exchanges = exchanges.map { request, response in
      var (request, response) = (request, response)
      request.target = moved(request.target)
      request.headers = moved(request.headers)
      request.body = moved(request.body)
      response.headers = moved(response.headers)
      response.body = moved(response.body)
      return (request, response)
    }
    return copy
  }
}
