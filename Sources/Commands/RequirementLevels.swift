internal import CaseLibrary
internal import Findings

/// How binding the requirements of the data are.
struct RequirementLevels: Sendable {
  private let levels: [String: Requirement.Level]

  /// Knows none: everything is a `must`.
  init() { levels = [:] }

  init(_ catalogue: Catalogue) throws {
    levels = Dictionary(try catalogue.requirements.map { ($0.id, $0.level) }) { first, _ in first }
  }

  /// The highest level among requirements; `must` when there are none.
  func level(of requirements: [String]) -> Requirement.Level { requirements.compactMap { levels[$0] }.max() ?? .must }
}
