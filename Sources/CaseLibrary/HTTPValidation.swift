private import CCrypto
public import Findings
public import HTTPExchange
internal import XMLValidation

/// Judges what a message says outside its body: method, path, query, header fields and status. For one thread at a time.
public final class HTTPValidation {
  /// How the findings of a message name their places.
  public struct MessagePlace {
    public var file: String?
    /// Whether the message was read as text, so that its header fields stand on lines.
    public var hasLines: Bool

    public init(file: String?, hasLines: Bool) {
      self.file = file
      self.hasLines = hasLines
    }
  }

  private let catalogue: Catalogue
  private let forms: ValueForms
  private let levels: [String: Requirement.Level]
  private let level: Requirement.Level
  private let edition: String

  private var place = MessagePlace(file: nil, hasLines: false)
  private var findings: [Finding] = []

  /// - Parameters:
  ///   - catalogue: the operations and requirements.
  ///   - level: rules below it are left out.
  ///   - edition: paths that are newer give a note.
  public init(_ catalogue: Catalogue, level: Requirement.Level, edition: String) throws {
    self.catalogue = catalogue
    self.level = level
    self.edition = edition
    forms = try ValueForms(catalogue)
    levels = Dictionary(try catalogue.requirements.map { ($0.id, $0.level) }) { first, _ in first }
  }

  /// The level of a requirement; `must` when it is none of the data's.
  public func level(of requirement: String) -> Requirement.Level { levels[requirement] ?? .must }

  // MARK: Operations

  /// What is said of a request that is none of the operations.
  public func unknownOperation(_ request: HTTPRequest, at place: MessagePlace) -> Finding {
    let path = request.plainPath
    let methods = catalogue.operations.filter { $0.hasPath(path) && !$0.isObjectOperation }.map(\.method)
    let known = Set(methods).sorted().joined(separator: ", ")
    return Finding(
      id: "http.unknown-operation", severity: .error,
      place: Place(file: place.file, line: place.hasLines ? 1 : nil, column: place.hasLines ? 1 : nil),
      message: "There is no operation \(request.method) \(path).",
      hint: methods.isEmpty ? "Say which it is with --operation ID." : "The path takes \(known).",
      expected: methods.isEmpty ? nil : known, actual: request.method)
  }

  // MARK: Requests

  /// What is wrong with a request of an operation, its body left out.
  ///
  /// - Parameters:
  ///   - request: the request whose head is judged.
  ///   - operation: that it is a request of.
  ///   - place: what findings say of where it stands.
  ///   - judgesSignature: whether the form of Authorization is judged too; nothing else of a signature is.
  public func findings(
    in request: HTTPRequest, of operation: Operation, at place: MessagePlace, judgesSignature: Bool = true
  ) throws -> [Finding] {
    start(place)
    if request.method != operation.method {
      report(
        "http.method", "\(operation.id).path", line: 1, "The method is \(request.method), not \(operation.method).",
        expected: operation.method, actual: request.method)
    }
    try judgePath(request, operation)
    let query = request.parameters
    try judgeQuery(query, operation)
    let isPresigned = query.contains { $0.name == "q-signature" }
    // A recorded request whose signature and length are filled in when it is sent.
    let isTemplate = request.headers["Authorization"].map { $0.hasPrefix("<") && $0.hasSuffix(">") } ?? false
    for header in operation.headers?.request ?? [] {
      let isJudged = judgesSignature && !isTemplate || !sameName(header.name, "Authorization")
      let isThere = try judgeFields(
        of: request.headers, header, service: operation.host ?? "ci", isJudged: isJudged)
      guard !isThere, header.required == true else { continue }
      let isWaived =
        switch header.name.lowercased() {
        case "authorization": isPresigned
        case "content-length": isTemplate || request.headers["Transfer-Encoding"] != nil
        case "content-type": request.body.isEmpty
        default: false
        }
      if !isWaived { reportMissing(header) }
    }
    judgeLength(request.headers, request.body, "request-headers")
    for (value, line) in fields(request.headers, "Content-MD5") where value != Self.base64MD5(request.body) {
      report(
        "http.content-md5", "request-headers.content-md5.matches", line: line,
        "Content-MD5 is not the digest of the body.", expected: Self.base64MD5(request.body), actual: value)
    }
    if operation.request == nil, !request.body.isEmpty {
      report(
        "http.body-unexpected", "\(operation.id).no-request-body", line: nil,
        "The body has \(request.body.count) bytes; \(operation.id) takes none.")
    } else if operation.request != nil, request.body.isEmpty {
      report("http.body-missing", nil, line: nil, "The request has no body; \(operation.id) needs one.")
    }
    return findings
  }

  /// Paths in which nothing was found, by the operation: a job that is polled has one path in all its requests.
  private var soundPaths: [String: BoundedSet] = [:]

  private func judgePath(_ request: HTTPRequest, _ operation: Operation) throws {
    let path = request.plainPath
    if soundPaths[operation.id]?.contains(path) == true { return }
    let before = findings.count
    try judgePathAnew(path, operation)
    if findings.count == before { soundPaths[operation.id, default: BoundedSet()].insert(path) }
  }

  private func judgePathAnew(_ path: String, _ operation: Operation) throws {
    var template = operation.path
    if !operation.fits(template, path) {
      guard let other = operation.alsoPaths?.first(where: { operation.fits($0.path, path) }) else {
        report(
          "http.path", "\(operation.id).path", line: 1, "The path is \(path), not \(operation.path).",
          expected: operation.path, actual: path)
        return
      }
      template = other.path
      if let newer = other.edition, newer > edition {
        findings.append(
          Finding(
            id: "http.newer-path", requirement: nil, severity: .note, place: placeOf(line: 1),
            message: "The path \(other.path) of \(operation.id) appeared with edition \(newer).",
            erratum: other.erratum,
            expected: operation.path, actual: path))
      }
    }
    guard let parameters = operation.pathParameters else { return }
    let names = template.utf8.split(separator: 0x2F, omittingEmptySubsequences: false)
    let segments = path.utf8.split(separator: 0x2F, maxSplits: names.count - 1, omittingEmptySubsequences: false)
    for (name, segment) in zip(names, segments) where name.first == 0x3C {
      let inner = name.dropFirst().dropLast()
      guard let parameter = parameters.first(where: { inner.elementsEqual($0.name.utf8) }) else { continue }
      try judge(PercentCoding.decode(Substring(segment), plusIsSpace: false), parameter)
    }
  }

  private func judge(_ text: String, _ parameter: Operation.PathParameter) throws {
    let values = Self.pieces(of: text, separator: parameter.separator)
    if let max = parameter.max, values.count > max {
      let requirement = parameter.requirement.flatMap { base in
        ["at-most-\(max)", "at-most-ten", "max"].map { "\(base).\($0)" }.first { levels[$0] != nil }
      }
      report(
        "http.too-many-values", requirement ?? parameter.requirement, line: 1,
        "The path holds \(values.count) values for \(parameter.name); \(max) is the most.", expected: "\(max)",
        actual: "\(values.count)")
    }
    guard let type = parameter.type else { return }
    for value in values where try !forms.fits(value, type: type) {
      report(
        "http.path-value", form(of: parameter.requirement), line: 1,
        "'\(shown(value))' in the path is no \(ValueForms.single(type)).", expected: ValueForms.single(type),
        actual: value)
    }
  }

  /// The values of a list; without a separator the text is the only one.
  private static func pieces(of text: String, separator: String?) -> [String] {
    guard let separator else { return [text] }
    guard let byte = separator.utf8.first, byte < 0x80, separator.utf8.count == 1 else {
      return text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
    guard text.utf8.contains(byte) else { return [text] }
    return text.utf8.split(separator: byte, omittingEmptySubsequences: false).map { String(Substring($0)) }
  }

  /// Parameters of a signature in the query, and tokens beside it.
  private static let signatureParameters: Set<String> = [
    "q-sign-algorithm", "q-ak", "q-sign-time", "q-key-time", "q-header-list", "q-url-param-list", "q-signature",
    "x-ci-security-token", "x-cos-security-token",
  ]

  private func judgeQuery(_ query: [Parameter], _ operation: Operation) throws {
    let declared = operation.query ?? []
    for parameter in declared where parameter.required == true && !query.contains(where: { $0.name == parameter.name })
    {
      report(
        "http.query-missing", aspect(parameter.requirement, "required"), line: 1,
        "The query has no \(parameter.name).", expected: parameter.name)
    }
    for given in query where !Self.signatureParameters.contains(given.name) {
      guard let parameter = declared.first(where: { $0.name == given.name }) else {
        let near = nearestName(to: given.name, among: declared.map(\.name))
        findings.append(
          Finding(
            id: "http.query-unknown", severity: .warning, place: placeOf(line: 1),
            message: "\(operation.id) has no query parameter '\(shown(given.name))'.",
            hint: near.map { "Did you mean \($0)?" }, actual: given.name))
        continue
      }
      if let since = parameter.since, since > edition {
        findings.append(
          Finding(
            id: "http.newer-parameter", requirement: parameter.requirement, severity: .note, place: placeOf(line: 1),
            message: "The query parameter \(parameter.name) appeared with edition \(since)."))
      }
      try judge(given.value ?? "", parameter)
    }
  }

  private func judge(_ text: String, _ parameter: Operation.QueryParameter) throws {
    func refuse(_ aspectName: String, _ wanted: String) {
      report(
        "http.query-value", aspect(parameter.requirement, aspectName), line: 1,
        "The query parameter \(parameter.name) is '\(shown(text))', not \(wanted).", expected: wanted, actual: text)
    }
    if let value = parameter.value, value != text {
      refuse("values", value.isEmpty ? "empty" : value)
      return
    }
    let separator = parameter.separator ?? (parameter.type?.hasSuffix(" list") == true ? "," : nil)
    for piece in Self.pieces(of: text, separator: separator) {
      if let values = parameter.values, !values.contains(piece) {
        refuse("values", "one of \(values.joined(separator: ", "))")
      } else if let pattern = parameter.pattern, try !forms.fits(piece, pattern: pattern) {
        refuse("form", "of the form \(pattern)")
      } else if let type = parameter.type, try !forms.fits(piece, type: type) {
        refuse("form", "of the type \(ValueForms.single(type))")
      } else if parameter.minimum != nil || parameter.maximum != nil {
        let number = Double(piece)
        if number.map({ $0 < (parameter.minimum ?? $0) || $0 > (parameter.maximum ?? $0) }) ?? true {
          let ends = [
            parameter.minimum.map { "at least \(plain($0))" }, parameter.maximum.map { "at most \(plain($0))" },
          ]
          refuse("range", ends.compactMap { $0 }.joined(separator: " and "))
        }
      }
    }
  }

  // MARK: Responses

  /// What is wrong with an answer, its body left out.
  ///
  /// - Parameters:
  ///   - response: the answer whose head is judged.
  ///   - operation: nil when nothing tells which operation it answers; then only what all answers share is judged.
  ///   - place: what findings say of where it stands.
  public func findings(
    in response: HTTPResponse, of operation: Operation?, at place: MessagePlace
  ) throws -> [Finding] {
    start(place)
    let isFailure = response.status >= 300
    if !isFailure, let operation, !operation.success.contains(response.status) {
      let codes = operation.success.map(String.init).joined(separator: ", ")
      report(
        "http.status", "\(operation.id).success", line: 1, "The status is \(response.status), not \(codes).",
        expected: codes, actual: "\(response.status)")
    }
    for header in operation?.headers?.response ?? commonResponseHeaders {
      let isThere = try judgeFields(of: response.headers, header, service: "ci")
      guard !isThere, header.required == true else { continue }
      let isBodyless = response.body.isEmpty && sameName(header.name, "Content-Type")
      let isChunked = response.headers["Transfer-Encoding"] != nil && sameName(header.name, "Content-Length")
      if !isBodyless, !isChunked { reportMissing(header) }
    }
    judgeLength(response.headers, response.body, "response-headers")
    for (coding, line) in fields(response.headers, "Content-Encoding") where coding.lowercased() != "identity" {
      report(
        "http.content-encoding", nil, line: line,
        "The body is said to be in the coding '\(shown(coding))'; no answer of the documentation is, and no request asked for it.",
        expected: "no Content-Encoding", actual: coding)
    }
    if !isFailure, let (_, line) = fields(response.headers, "x-ci-trace-id").first {
      report(
        "http.header-value", "response-headers.x-ci-trace-id.only-when-failed", line: line,
        "x-ci-trace-id is there, and the answer is no failure.")
    }
    if !isFailure, let operation {
      if operation.response == nil, !response.body.isEmpty {
        report(
          "http.body-unexpected", nil, line: nil,
          "The body has \(response.body.count) bytes; the answer of \(operation.id) has none.")
      } else if operation.response != nil, response.body.isEmpty {
        report("http.body-missing", nil, line: nil, "The answer has no body; that of \(operation.id) has one.")
      }
    }
    return findings
  }

  /// The header fields that every operation's answer has alike.
  private var commonResponseHeaders: [Operation.Header] {
    let all = catalogue.operations.compactMap { $0.headers?.response }
    return (all.first ?? []).filter { header in all.allSatisfy { $0.contains(header) } }
  }

  // MARK: Header fields

  /// The value of each field in which nothing was found last: most are the same in one message after the other.
  private var sound: [String: (value: String, header: Operation.Header, service: String)] = [:]

  /// Judges each field of that name, and says whether there is one.
  private func judgeFields(
    of headers: HTTPHeaders, _ header: Operation.Header, service: String, isJudged: Bool = true
  ) throws -> Bool {
    var isThere = false
    for index in headers.fields.indices where sameName(headers.fields[index].name, header.name) {
      isThere = true
      if isJudged { try judge(headers.fields[index].value, header, line: index + 2, service: service) }
    }
    return isThere
  }

  private func judge(_ value: String, _ header: Operation.Header, line: Int?, service: String) throws {
    if let sound = sound[header.name], sound.value == value, sound.service == service, sound.header == header { return }
    let before = findings.count
    try judgeAnew(value, header, line: line, service: service)
    if findings.count == before { sound[header.name] = (value, header, service) }
  }

  private func judgeAnew(_ value: String, _ header: Operation.Header, line: Int?, service: String) throws {
    let name = header.name.lowercased()
    func refuse(_ aspectName: String, _ wanted: String) {
      report(
        "http.header-value", aspect(header.requirement, aspectName), line: line,
        "\(header.name) is '\(shown(value))', not \(wanted).", expected: wanted, actual: value)
    }
    if name == "content-type" {
      let media = value.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
      let wanted = header.value ?? "application/xml"
      if media != wanted { refuse("values", wanted) }
      return
    }
    if let wanted = header.value, wanted != value {
      refuse("values", wanted)
      return
    }
    if let pattern = header.pattern, try !forms.fits(value, pattern: pattern) {
      refuse("form", "of the form \(pattern)")
      return
    }
    switch name {
    case "host" where !HTTPForms.isHost(value, service: service):
      refuse("form", "<BucketName-APPID>.\(service).<Region>.myqcloud.com")
    case "authorization" where !HTTPForms.isSignature(value):
      refuse("form", "the seven q- fields of a signature joined by &")
    case "date" where !HTTPForms.isDate(value): refuse("form", "a time such as Mon, 18 Jul 2022 07:16:43 GMT")
    case "connection" where !["keep-alive", "close"].contains(value.lowercased()):
      refuse("values", "keep-alive or close")
    default: break
    }
  }

  private func judgeLength(_ headers: HTTPHeaders, _ body: [UInt8], _ prefix: String) {
    // What a capture holds is the decoded body.
    guard headers["Content-Encoding"] == nil, headers["Transfer-Encoding"] == nil else { return }
    for (value, line) in fields(headers, "Content-Length") where value != "\(body.count)" {
      report(
        "http.content-length", "\(prefix).content-length.true", line: line,
        "Content-Length is \(shown(value)); the body has \(body.count) bytes.", expected: "\(body.count)", actual: value
      )
    }
  }

  private func reportMissing(_ header: Operation.Header) {
    report(
      "http.header-missing", aspect(header.requirement, "required"), line: nil,
      "The header field \(header.name) is missing.", expected: header.name)
  }

  /// The values of a field with the lines they stand on.
  private func fields(_ headers: HTTPHeaders, _ name: String) -> [(value: String, line: Int)] {
    var found: [(value: String, line: Int)] = []
    for index in headers.fields.indices where sameName(headers.fields[index].name, name) {
      found.append((headers.fields[index].value, index + 2))
    }
    return found
  }

  private static func base64MD5(_ bytes: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: 16)
    unsafe digest.withUnsafeMutableBufferPointer { buffer in
      _ = unsafe EVP_Digest(bytes, bytes.count, buffer.baseAddress, nil, EVP_md5(), nil)
    }
    return base64(digest)
  }

  // MARK: Reporting

  private func start(_ place: MessagePlace) {
    self.place = place
    findings = []
  }

  private func placeOf(line: Int?) -> Place {
    Place(file: place.file, line: place.hasLines ? line ?? 1 : nil, column: place.hasLines ? 1 : nil)
  }

  private func report(
    _ id: String, _ requirement: String?, line: Int?, _ message: String, expected: String? = nil, actual: String? = nil
  ) {
    let known = requirement.flatMap { levels[$0] == nil ? nil : $0 }
    let ownLevel = known.flatMap { levels[$0] } ?? .must
    guard ownLevel >= level else { return }
    findings.append(
      Finding(
        id: id, requirement: known, severity: ownLevel.severity, place: placeOf(line: line), message: message,
        expected: expected, actual: actual))
  }

  /// The requirement beside a given one that is about another aspect of the same thing, or the given one.
  private func aspect(_ requirement: String?, _ name: String) -> String? {
    guard let requirement else { return nil }
    let base = requirement.split(separator: ".").dropLast().joined(separator: ".")
    return ["\(requirement).\(name)", "\(base).\(name)"].first { levels[$0] != nil } ?? requirement
  }

  private func form(of requirement: String?) -> String? {
    requirement.map { levels["\($0).form"] == nil ? $0 : "\($0).form" }
  }

  private func shown(_ text: String) -> String { text.utf8.count <= 80 ? text : String(text.prefix(77)) + "…" }

  private func plain(_ number: Double) -> String { number == number.rounded() ? "\(Int(number))" : "\(number)" }
}

extension Operation {
  /// Whether a raw path without its query is this operation's, in any edition.
  func hasPath(_ path: String) -> Bool { fits(self.path, path) || (alsoPaths ?? []).contains { fits($0.path, path) } }

  /// Whether its path is the key of an object, as one of the object storage is.
  var isObjectOperation: Bool { pathParameters?.contains { $0.slashes == true } == true }

  /// Whether a path fits a template of this operation; a key of an object takes all that is left.
  func fits(_ template: String, _ path: String) -> Bool {
    Self.fits(template, path, isObjectOperation: isObjectOperation)
  }

  static func fits(_ template: String, _ path: String, isObjectOperation: Bool) -> Bool {
    guard isObjectOperation, let mark = template.firstIndex(of: "<") else {
      return matches(template: template, path: path)
    }
    return path.hasPrefix(template[..<mark]) && path.utf8.count > template[..<mark].utf8.count
  }
}
