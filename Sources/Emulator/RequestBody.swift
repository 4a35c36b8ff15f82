internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import XMLValidation

/// Reads the bodies of submits and refuses those that are not what the documentation asks for.
final class RequestBodies: Sendable {
  let library: ValidationLibrary
  private let bodyBytesMax: Int
  private let isLenient: Bool
  private let validators: IdlePool<Validator>

  init(library: ValidationLibrary, configuration: EmulatorConfiguration) {
    self.library = library
    bodyBytesMax = configuration.bodyBytesMax
    isLenient = configuration.isLenient
    validators = IdlePool { [bodyBytesMax] in Self.makeValidator(library, bodyBytesMax: bodyBytesMax) }
  }

  /// The operation among those possible and the request's root in the form that is echoed.
  func read(_ request: HTTPRequest, operations: [String]) throws -> (operation: String, root: ElementTree) {
    try checkTransfer(of: request)
    return try validators.lend { validator in
      let operation = Self.operation(among: operations)
      let kind = DocumentKind(operation: operation, part: .request)
      let check = try validator.check(request.body, as: kind, wantsTree: true)
      guard let tree = check.tree else {
        let reason = check.findings.first?.message
        throw ServiceError(.invalidContent, reason ?? "The request body is not well-formed XML.")
      }
      guard tree.name == "Request", tree.namespace == nil else {
        throw ServiceError(.invalidContent, "The root of the request body is \(tree.name); Request is expected.")
      }
      if let error = check.findings.first(where: { $0.severity == .error && !isTolerated($0, in: tree) }) {
        throw ServiceError(.invalidArgument, error.message)
      }
      return (operation, normalised(tree))
    }
  }

  /// What can be told before the XML is read.
  private func checkTransfer(of request: HTTPRequest) throws(ServiceError) {
    guard request.headers["Content-Length"] != nil else {
      throw ServiceError(.missingContentLength, "A \(request.method) request needs the header Content-Length.")
    }
    guard Set(request.headers.values(of: "Content-Length")).count == 1 else {
      throw ServiceError(.invalidContent, "Content-Length is there twice and says two things (RFC 9112, section 6.3).")
    }
    guard request.body.count <= bodyBytesMax else { throw ServiceError.oversized(bodyBytesMax) }
    guard !request.body.isEmpty else { throw ServiceError(.missingContent, "The request body is empty.") }
    if let given = request.headers["Content-MD5"], let digest = ContentDigest.of(request.body, .md5),
      base64(digest) != given
    {
      throw ServiceError(.invalidContent, "Content-MD5 is not the MD5 of the request body.")
    }
  }

  /// Both kinds of jobs may be sent to one path (erratum E16), whose own form has room for every tag.
  private static func operation(among operations: [String]) -> String {
    operations.contains("jobs.submit") ? "jobs.submit" : operations[0]
  }

  // MARK: Leniency

  /// Whether a finding is about a form that SDKs send and the service is known or thought to take.
  private func isTolerated(_ finding: Finding, in tree: ElementTree) -> Bool {
    guard isLenient, let path = finding.place.path else { return false }
    if path == HashRequest.typePath { return Self.hashTypeInOtherLetters(tree) != nil }
    return path.hasPrefix("/Request/Operation/TimeInterval") && Self.hasEmptyBatchInterval(tree)
  }

  private func normalised(_ tree: ElementTree) -> ElementTree {
    guard isLenient else { return tree }
    var tree = tree
    if let type = Self.hashTypeInOtherLetters(tree) {
      tree = tree.replacingText(at: ["Operation", "FileHashCodeConfig", "Type"], by: type)
    }
    if Self.hasEmptyBatchInterval(tree), let place = tree.children.firstIndex(where: { $0.name == "Operation" }) {
      tree.children[place].children.removeAll { $0.name == "TimeInterval" }
    }
    return tree
  }

  /// The documented spelling of a hash type that was sent with other letters, such as `sha1` (erratum E49).
  private static func hashTypeInOtherLetters(_ tree: ElementTree) -> String? {
    let given = tree.text(at: "Operation", "FileHashCodeConfig", "Type")
    guard let documented = given?.uppercased(), documented != given else { return nil }
    return ContentDigest.Algorithm(rawValue: documented)?.rawValue
  }

  /// The Go SDK sends an empty TimeInterval with batch jobs when none is set.
  private static func hasEmptyBatchInterval(_ tree: ElementTree) -> Bool {
    tree["Name"] != nil && tree["Operation"]?["TimeInterval"].map { $0.children.isEmpty && $0.text.isEmpty } == true
  }

  // MARK: Validators

  private static func makeValidator(_ library: ValidationLibrary, bodyBytesMax: Int) -> Validator {
    var options = ValidationOptions()
    // The nodes of both editions are taken.
    options.edition = .y2025
    options.limits.bytesMax = bodyBytesMax
    options.limits.elementsMax = 2000
    let validator = Validator(library: library, options: options)
    validator.level = .must
    return validator
  }
}

extension ElementTree {
  /// A copy in which the first element along a path of child names has another text.
  fileprivate func replacingText(at path: ArraySlice<String>, by text: String) -> ElementTree {
    var copy = self
    if let name = path.first {
      if let place = children.firstIndex(where: { $0.name == name }) {
        copy.children[place] = children[place].replacingText(at: path.dropFirst(), by: text)
      }
    } else {
      copy.text = text
    }
    return copy
  }
}
