public import CaseLibrary
public import Findings
public import HTTPExchange
public import XMLValidation

/// An answer that is compared: a document alone, or a whole HTTP message.
public struct ComparedAnswer: Sendable {
  /// Shown in places.
  public var name: String
  public var body: [UInt8]
  /// Status and header fields; nil for a document alone.
  public var message: HTTPResponse?
  /// The lines before the body, when the message was read as text.
  var headLines: Int?

  public init(name: String, document: [UInt8]) {
    self.name = name
    body = document
  }

  /// A message that came over a connection, so that nothing stands on lines but the body.
  public init(name: String, response: HTTPResponse) {
    self.name = name
    body = response.body
    message = response
  }

  /// A response as text, or a document alone.
  public init(name: String, text: [UInt8]) throws(HTTPMessageError) {
    self.name = name
    guard text.starts(with: "HTTP/".utf8) else {
      body = text
      return
    }
    let response = try HTTPMessageText.response(parsing: text)
    body = response.body
    message = response
    headLines = text.prefix(text.count - body.count).count { $0 == 0x0A }
  }
}

/// What a comparison needs to know beside the two answers.
public struct ComparisonContext: Sendable {
  public var hint: KindHint
  /// The elements of the request that was answered, when it is known.
  public var request: ElementTree?
  public var overrides: [Scenario.Override]
  /// The statuses that are as good as the recorded one.
  public var statuses: [Int]?

  public init(
    hint: KindHint, request: ElementTree? = nil, overrides: [Scenario.Override] = [], statuses: [Int]? = nil
  ) {
    self.hint = hint
    self.request = request
    self.overrides = overrides
    self.statuses = statuses
  }
}

/// All that a comparison of two answers tells.
public struct ComparisonOutcome: Sendable, Equatable {
  /// What the recorded answer was taken for; nil when nothing tells.
  public var kind: DocumentKind?
  /// In the order of the actual answer's parts: status, header fields, document.
  public var differences: [Difference] = []
  /// What the validation of the actual answer only notes.
  public var notes: [Finding] = []
  /// Whether the recording is a document, or a message that has none.
  public internal(set) var isRecordingReadable = true
  /// The comparison node by node; empty when there was none.
  var lines: [Comparison.Line] = []
  /// What the actual answer holds, when it was not compared node by node.
  var body = ""

  /// Node by node: `-` recorded, `+` actual, `~` different and allowed to be.
  public var diff: String { lines.isEmpty ? body : lines.diff }
  /// The diff without what is far from any difference.
  public var shortDiff: String { lines.isEmpty ? body : lines.shortDiff }

  /// The gravest class; nil when nothing differs.
  public var gravest: DifferenceClass? { differences.map(\.kind).max() }
  /// Whether the answers are the same but for noise.
  public var isEqual: Bool { (gravest ?? .noise) == .noise }

  var findings: [Finding] { differences.compactMap(\.finding) + notes }
}

/// Compares answers one pair after the other, and judges the actual one against schemas and rules; for one thread.
public final class AnswerComparer {
  let catalogue: Catalogue
  let validator: Validator
  let http: HTTPValidation
  private var recentTrees = RecentTrees()

  public init(
    catalogue: Catalogue, library: ValidationLibrary, options: ValidationOptions = ValidationOptions()
  ) throws {
    self.catalogue = catalogue
    validator = Validator(library: library, options: options)
    http = try HTTPValidation(catalogue, level: validator.level, edition: options.edition.rawValue)
  }

  /// The elements of a document; nil when it is not well-formed.
  public func tree(of document: [UInt8]) -> ElementTree? { recentTrees.tree(of: document, read: validator.tree) }

  /// The judgement of a document whose kind its root element decides; nothing of a judgement is kept for another.
  func check(
    _ document: [UInt8], file: String, kind kindOf: (_ root: String?) -> DocumentKind?
  ) throws -> DocumentCheck {
    let check = try validator.check(document, file: file, kind: kindOf)
    recentTrees.keep(check.tree, of: document)
    return check
  }

  /// The outcome for one pair; what the service has assigned is bound for the pairs that follow.
  public func outcome(
    recorded: ComparedAnswer, actual: ComparedAnswer, context: ComparisonContext, bindings: inout Bindings
  ) throws -> ComparisonOutcome {
    var run = AnswerComparison(
      comparer: self, recorded: recorded, actual: actual, context: context, bindings: bindings)
    try run.run()
    bindings = run.bindings
    return run.outcome
  }
}
