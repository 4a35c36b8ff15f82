/// One disagreement between what was seen and what the documentation says.
public struct Finding: Sendable, Equatable {
  /// What kind of disagreement this is: a stable, readable path such as `schema.unexpected-node`.
  public var id: String
  /// The requirement that is not met, by its ID in `Schemas/requirements.json`.
  public var requirement: String?
  public var severity: Severity
  public var place: Place
  /// One sentence in the words of the API.
  public var message: String
  /// How to mend it, one sentence.
  public var hint: String?
  /// The known contradiction of the documentation that explains it, by its ID in `Schemas/errata.json`.
  public var erratum: String?
  public var expected: String?
  public var actual: String?
  /// The line of the document that it is about and a caret under the place, where a report is to show it.
  public var excerpt: String?

  public init(
    id: String, requirement: String? = nil, severity: Severity, place: Place = Place(), message: String,
    hint: String? = nil, erratum: String? = nil, expected: String? = nil, actual: String? = nil,
    excerpt: String? = nil
  ) {
    self.id = id
    self.requirement = requirement
    self.severity = severity
    self.place = place
    self.message = message
    self.hint = hint
    self.erratum = erratum
    self.expected = expected
    self.actual = actual
    self.excerpt = excerpt
  }
}

/// How bad a finding is: an error breaks a MUST, a warning a SHOULD, a note tells of something merely observed.
public enum Severity: String, Sendable, Comparable, CaseIterable {
  case note, warning, error

  public static func < (one: Severity, other: Severity) -> Bool { one.rank < other.rank }

  private var rank: Int {
    switch self {
    case .note: 0
    case .warning: 1
    case .error: 2
    }
  }
}

/// Where a finding is: a file, a line and column in it (both from 1, columns in characters) and a path of node names.
public struct Place: Sendable, Equatable {
  public var file: String?
  public var line: Int?
  public var column: Int?
  /// Such as `/Response/JobsDetail[2]/State`.
  public var path: String?

  public init(file: String? = nil, line: Int? = nil, column: Int? = nil, path: String? = nil) {
    self.file = file
    self.line = line
    self.column = column
    self.path = path
  }
}
