/// What bounds the reading of one document. Documents are hostile until they are read.
public struct Limits: Sendable, Equatable {
  /// Bytes of a document; the API's own are a few kilobytes.
  public var bytesMax = 8 << 20
  /// Elements inside one another, at most 256: the parser's own bound.
  public var depthMax = 100
  public var elementsMax = 500_000
  /// Steps of XPath that the rules may take on a document of any size, and more for each of its elements: a rule that
  /// compares siblings takes their square, and a flood of them must not.
  public var ruleStepsMax = 100_000
  public var ruleStepsPerElementMax = 500
  /// Findings of each severity in one document after which the search ends, with a finding that says so.
  public var findingsMax = 200

  public init() {}
}

/// How a document is judged.
public struct ValidationOptions: Sendable, Equatable {
  public enum Edition: String, Sendable, CaseIterable, Comparable {
    /// The edition of the five pages.
    case y2024 = "2024"
    case y2025 = "2025"

    public static func < (one: Edition, other: Edition) -> Bool { one.rawValue < other.rawValue }
  }

  public var edition = Edition.y2024
  /// Whether an undocumented node in a response is an error; services grow, so otherwise it is a warning.
  public var isStrict = false
  public var limits = Limits()

  public init() {}
}
