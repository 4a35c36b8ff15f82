/// A server that is right but for one mistake, and what a finding about that mistake looks like.
public struct ServerMutant: Sendable {
  /// A stable path such as `server/state/never-ends`.
  public let id: String
  /// One clause after "the server".
  public let does: String
  /// A finding that one of these fits names the mistake.
  public let names: [FindingPattern]
  let fault: Fault

  init(_ id: String, _ does: String, _ names: [FindingPattern], _ fault: Fault) {
    self.id = "server/" + id
    self.does = does
    self.names = names
    self.fault = fault
  }

  init(_ id: String, _ does: String, _ names: [FindingPattern], answers: @escaping Fault.Answering) {
    self.init(id, does, names, Fault(answers: answers))
  }

  /// The second segment of the ID: what the mistake is about.
  public var family: String { String(id.split(separator: "/").dropFirst().first ?? "") }

  /// Every wrong server, by family.
  public static let all: [ServerMutant] =
    states + identifiers + times + headers + errors + requests + signatures + echoes + results + lists + cancels
    + callbacks + documents + settings

  /// The faithful server behind the same machinery: what finds a fault in it proves nothing about the others.
  public static let faithful = ServerMutant("faithful/nothing", "makes no mistake", [], Fault())
}
