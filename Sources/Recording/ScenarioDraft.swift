public import CaseLibrary
public import Findings
internal import FoundationEssentials
internal import HTTPExchange
internal import Signing
public import XMLValidation

/// A scenario made of redacted exchanges, as the files of its folder.
public struct ScenarioDraft {
  public struct Description: Sendable {
    /// Area and name.
    public var id: String
    public var title: String
    public var edition: String
    /// Read off the hosts when it is nil.
    public var region: String?
    /// The program that recorded, such as `cispec record 0.1.0`.
    public var recorder: String

    public init(id: String, title: String, edition: String, region: String? = nil, recorder: String) {
      self.id = id
      self.title = title
      self.edition = edition
      self.region = region
      self.recorder = recorder
    }
  }

  public private(set) var scenario: Scenario
  public private(set) var files: [(name: String, bytes: [UInt8])] = []
  /// Exchanges that are no step, each with its reason.
  public private(set) var findings: [Finding] = []
  private let catalogue: Catalogue
  private let validator: Validator

  public init(
    _ exchanges: [Redaction.Exchange], _ description: Description, catalogue: Catalogue, library: ValidationLibrary
  ) throws {
    self.catalogue = catalogue
    validator = Validator(library: library, options: ValidationOptions())
    let host = exchanges.lazy.compactMap { $0.captured.request.headers["Host"] }.first { HTTPForms.isHost($0) }
    let labels = (host ?? "").split(separator: ".").map(String.init)
    scenario = Scenario(
      id: description.id, title: description.title, kind: .recording,
      sources: [Source(recording: description.recorder)], edition: description.edition, billable: false,
      bucket: labels.first ?? "test-1234567890",
      region: description.region ?? labels.dropFirst(2).first ?? "ap-chongqing",
      objects: [], steps: [])
    for (index, exchange) in exchanges.enumerated() { try append(exchange, number: index + 1) }
    files.append(("scenario.json", try Self.json(of: scenario)))
  }

  // MARK: Steps

  private mutating func append(_ exchange: Redaction.Exchange, number: Int) throws {
    let (request, response) = (exchange.captured.request, exchange.captured.response)
    guard let operation = try operation(of: request) else {
      findings.append(
        Finding(
          id: "recording.unknown-operation", severity: .warning, place: Place(file: "exchange \(number)"),
          message: "\(request.method) \(request.rawPath) is no operation of the API; it is left out."))
      return
    }
    let state = operation.method == "GET" ? finalState(in: response) : nil
    // A client that polls asks the same again and again: one step, with the last answer.
    if let last = scenario.steps.last, last.operation == operation.id, operation.method == "GET",
      state != nil || last.until == nil,
      let previous = files.dropLast().last.flatMap({ try? HTTPMessageText.request(parsing: $0.bytes) }),
      previous.target == request.target, exchange.signing == last.sign ?? .valid, response.status == last.status?.first
    {
      scenario.steps.removeLast()
      files.removeLast(2)
    }
    let name = stepName(operation)
    let prefix = (scenario.steps.count < 9 ? "0" : "") + "\(scenario.steps.count + 1)-\(name)"
    scenario.billable = scenario.billable || operation.billable
    scenario.steps.append(
      Scenario.Step(
        id: name, operation: operation.id, request: "\(prefix).request.http", response: "\(prefix).response.http",
        requirements: [],
        until: state.map {
          Scenario.Until(path: "/Response/JobsDetail/State", in: [$0], intervalSeconds: 1, attempts: 60)
        }, status: [response.status], sign: exchange.signing == .valid ? nil : exchange.signing,
        date: exchange.captured.date.map(Self.time),
        seconds: exchange.captured.seconds.map { ($0 * 1000).rounded() / 1000 }))
    files.append(("\(prefix).request.http", HTTPMessageText.bytes(of: request)))
    files.append(("\(prefix).response.http", HTTPMessageText.bytes(of: response)))
  }

  private func operation(of request: HTTPRequest) throws -> CaseLibrary.Operation? {
    let candidates = catalogue.operations(for: request)
    guard candidates.count > 1, !request.body.isEmpty else { return candidates.first }
    let kind = try validator.check(request.body, as: KindHint(part: .request), file: "").kind
    return candidates.first { $0.id == kind?.operation } ?? candidates.first
  }

  /// The state of the one job of an answer when it is one that does not change any more.
  private func finalState(in response: HTTPResponse) -> String? {
    guard response.status == 200, let tree = validator.tree(of: response.body) else { return nil }
    let states = tree.elements(at: "/Response/JobsDetail/State").map(\.text)
    guard states.count == 1, let state = states.first, ["Success", "Failed", "Cancel"].contains(state) else {
      return nil
    }
    return state
  }

  private func stepName(_ operation: CaseLibrary.Operation) -> String {
    let action = operation.id.split(separator: ".").last.map(String.init) ?? operation.id
    let same = scenario.steps.count { $0.operation == operation.id || $0.id == action }
    return same == 0 ? action : "\(action)-\(same + 1)"
  }

  // MARK: Texts

  private struct File: Encodable {
    var scenario: Scenario

    private enum Key: String, CodingKey { case format }

    func encode(to encoder: any Encoder) throws {
      try scenario.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(1, forKey: .format)
    }
  }

  private static func json(of scenario: Scenario) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(File(scenario: scenario))) + [0x0A]
  }

  /// A time as `2026-11-21T15:04:05Z`.
  static func time(_ seconds: Double) -> String {
    Date(timeIntervalSince1970: seconds.rounded(.down)).formatted(.iso8601)
  }
}
