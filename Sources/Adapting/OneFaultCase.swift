public import Findings
public import XMLValidation

/// What a document must be found for, as far as an expectation goes.
public struct ExpectedFinding: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var id: String
  public var requirement: String?
  public var severity: Severity

  public init(_ id: String, _ requirement: String?, _ severity: Severity = .error) {
    self.id = id
    self.requirement = requirement
    self.severity = severity
  }

  init(_ finding: Finding) { self.init(finding.id, finding.requirement, finding.severity) }

  public var description: String { "\(severity.rawValue) \(id) [\(requirement ?? "-")]" }

  public static func < (one: ExpectedFinding, other: ExpectedFinding) -> Bool { one.description < other.description }
}

/// A derived document and all that must be found in it.
public struct OneFaultCase: Sendable {
  /// `one-fault/<kind>/<document>/<node>/<fault>`, or the same with `no-fault` where nothing may be found.
  public var id: String
  public var kind: DocumentKind
  public var bytes: [UInt8]
  /// Errors and warnings, sorted: the fault's own finding and what necessarily falls with it.
  public var expected: [ExpectedFinding]
  /// Where only requirements are stated, not which check finds them.
  public var requirements: [String]?

  /// The suites' name of the cases that have a fault.
  public static let faultPrefix = "one-fault/"
  /// The prefix of the proofs of requirements, which have one too.
  public static let proofPrefix = "requirement/"

  public var isWellFormed: Bool { !expected.contains { $0.id.hasPrefix("xml.") } }
  /// Whether an XSD processor accepts it; nil where the expectation does not say.
  public var isXSDValid: Bool? {
    requirements == nil ? isWellFormed && !expected.contains { $0.id.hasPrefix("schema.") } : nil
  }
}
