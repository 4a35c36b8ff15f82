public import Findings

/// What a difference between a recorded and an actual answer means, from harmless to wrong.
public enum DifferenceClass: String, Sendable, Codable, Comparable, CaseIterable {
  /// The schema's class of the node allows it: a time, an identifier, a later state, another way to write a number.
  case noise
  /// Another value, or a documented node more or less, that breaks no requirement.
  case changed
  /// A node that is not documented: the schema has a gap, or the server a surplus.
  case gap
  /// A requirement of the documentation is not met.
  case violation

  public static func < (one: DifferenceClass, other: DifferenceClass) -> Bool { one.rank < other.rank }

  private var rank: Int {
    switch self {
    case .noise: 0
    case .changed: 1
    case .gap: 2
    case .violation: 3
    }
  }
}

/// One difference between a recorded and an actual answer.
public struct Difference: Sendable, Equatable {
  public var kind: DifferenceClass
  /// The kind of finding, such as `replay.value-changed` or `schema.missing-node`.
  public var id: String
  /// The node in the actual answer, such as `/Response/JobsDetail[2]/State`; `status`, `headers/date` or `body` outside it.
  public var path: String
  public var requirement: String?
  public var erratum: String?
  public var severity: Severity
  public var message: String
  public var hint: String?
  /// Where it is in either answer; for a node that one of them lacks, where the node around it starts.
  public var recordedPlace: Place
  public var actualPlace: Place
  public var expected: String?
  public var actual: String?
  /// For a gap: the element declaration that would document the node.
  public var proposal: String?

  /// The difference as a finding about the actual answer; nil for noise.
  var finding: Finding? {
    guard kind != .noise else { return nil }
    var place = actualPlace
    place.path = path
    return Finding(
      id: id, requirement: requirement, severity: severity, place: place, message: message, hint: hint,
      erratum: erratum, expected: expected, actual: actual)
  }
}
