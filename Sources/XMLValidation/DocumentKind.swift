/// Which document of the API something is: an operation and the part it plays in it.
public struct DocumentKind: Sendable, Hashable, CustomStringConvertible {
  public enum Part: String, Sendable, CaseIterable {
    case request, response, error, callback
  }

  /// Nil for the documents all operations share: errors and callbacks.
  public var operation: String?
  public var part: Part

  public init(operation: String?, part: Part) {
    self.operation = operation
    self.part = part
  }

  public static let error = DocumentKind(operation: nil, part: .error)
  public static let callback = DocumentKind(operation: nil, part: .callback)

  public var description: String { operation.map { "\(part.rawValue) of \($0)" } ?? part.rawValue }
}

/// What is known of a document before it is read: all, its operation, its part, or nothing.
public struct KindHint: Sendable, Equatable {
  public var operation: String?
  public var part: DocumentKind.Part?
  /// Set when nothing is left to guess.
  public private(set) var kind: DocumentKind?

  public init(operation: String? = nil, part: DocumentKind.Part? = nil) {
    self.operation = operation
    self.part = part
    if let operation, let part { kind = DocumentKind(operation: operation, part: part) }
    if part == .error || part == .callback, let part { kind = DocumentKind(operation: nil, part: part) }
  }

  public init(kind: DocumentKind) {
    operation = kind.operation
    part = kind.part
    self.kind = kind
  }
}

/// Where the rules for one kind of document are: its schema, its cross-field rules, and how to tell it from others.
public struct DocumentDefinition: Sendable, Equatable {
  public var kind: DocumentKind
  /// A file name in `Schemas/`.
  public var schema: String
  public var root: String
  /// File names in `Schemas/`, such as `rules/file-jobs.sch`.
  public var rules: [String]
  /// Absolute element paths, with `=value` where the text counts: a document with any of them is taken to be of this
  /// kind when nothing else says so.
  public var guess: [String]
  /// The same, where several must be there together; these are looked at first.
  public var guessAll: [[String]]

  public init(
    kind: DocumentKind, schema: String, root: String, rules: [String], guess: [String], guessAll: [[String]] = []
  ) {
    self.kind = kind
    self.schema = schema
    self.root = root
    self.rules = rules
    self.guess = guess
    self.guessAll = guessAll
  }
}

/// How a known contradiction of the documentation shows itself in a document.
public struct ErratumRecognition: Sendable, Equatable {
  public var erratum: String
  /// The name of an element whose end tag is printed as a second start tag.
  public var unclosed: String?
  /// Names of a start tag and of the wrong end tag that stands for its own.
  public var mismatchOpen: String?
  public var mismatchClose: String?
  /// The name of an end tag without a start tag.
  public var strayClose: String?
  /// Requirements that the contradiction makes a document miss.
  public var requirements: [String]
  /// A simple type of the schemas whose form it concerns.
  public var type: String?

  public init(
    erratum: String, unclosed: String? = nil, mismatchOpen: String? = nil, mismatchClose: String? = nil,
    strayClose: String? = nil, requirements: [String] = [], type: String? = nil
  ) {
    self.erratum = erratum
    self.unclosed = unclosed
    self.mismatchOpen = mismatchOpen
    self.mismatchClose = mismatchClose
    self.strayClose = strayClose
    self.requirements = requirements
    self.type = type
  }
}
