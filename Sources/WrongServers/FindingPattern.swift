internal import CaseLibrary
public import Findings

/// What a finding must look like to be about a certain mistake. All that is given must fit; `*` stands for any
/// characters.
public struct FindingPattern: Sendable, Equatable, CustomStringConvertible {
  /// Such as `replay.value-changed`.
  public var kind: String?
  /// The ID of a requirement.
  public var requirement: String?
  /// Such as `*/JobsDetail*/State`, `status` or `headers/date`.
  public var path: String?
  /// The ID of the case that found it.
  public var caseID: String?

  public init(kind: String? = nil, requirement: String? = nil, path: String? = nil, caseID: String? = nil) {
    self.kind = kind
    self.requirement = requirement
    self.path = path
    self.caseID = caseID
  }

  static func kind(_ kind: String, at path: String? = nil, in caseID: String? = nil) -> FindingPattern {
    FindingPattern(kind: kind, path: path, caseID: caseID)
  }

  static func requirement(_ id: String, in caseID: String? = nil) -> FindingPattern {
    FindingPattern(requirement: id, caseID: caseID)
  }

  public func fits(_ finding: Finding, of caseID: String) -> Bool {
    func isAsked(_ pattern: String?, _ text: String?) -> Bool {
      pattern.map { FileSearch.fits(text ?? "", $0) } ?? true
    }
    return isAsked(kind, finding.id) && isAsked(requirement, finding.requirement)
      && isAsked(path, finding.place.path) && isAsked(self.caseID, caseID)
  }

  /// Such as `replay.value-changed at */State`.
  public var description: String {
    [kind, requirement, path.map { "at \($0)" }, caseID.map { "in \($0)" }].compactMap { $0 }.joined(separator: " ")
  }
}
