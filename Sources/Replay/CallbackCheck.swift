internal import CaseLibrary
public import Findings
public import HTTPExchange
internal import XMLValidation

/// Where one callback is told: a URL of this machine and what came there.
public protocol CallbackInbox {
  /// The whole URL, such as `http://127.0.0.1:40001/callback`.
  var address: String { get }
  /// The oldest request that was not given yet; nil while there is none. It does not wait.
  func next() -> HTTPRequest?
  func close()
}

/// The document of a callback: as it came, or of JSON the XML form.
public struct CallbackDocument: Sendable {
  public var bytes: [UInt8]
  /// What keeps the JSON from having an XML form.
  public var findings: [Finding]

  public init(bytes: [UInt8], findings: [Finding] = []) {
    self.bytes = bytes
    self.findings = findings
  }
}

/// How callbacks are listened for and JSON is read, both by whoever starts the runner.
public struct CallbackListening: Sendable {
  private let open: @Sendable () throws -> any CallbackInbox
  private let document: @Sendable (_ json: [UInt8], _ name: String) -> CallbackDocument

  public init(
    open: @escaping @Sendable () throws -> any CallbackInbox,
    document: @escaping @Sendable (_ json: [UInt8], _ name: String) -> CallbackDocument
  ) {
    self.open = open
    self.document = document
  }

  /// An inbox for the callback of a step; nil when the step brings none about.
  func awaited(_ recorded: HTTPRequest, of step: Scenario.Step) throws -> AwaitedCallback? {
    guard let callback = step.callback else { return nil }
    return AwaitedCallback(callback: callback, recorded: recorded, inbox: try open(), listening: self)
  }

  func document(of body: [UInt8], name: String) -> CallbackDocument {
    CallbackForm(of: body) == .json ? document(body, name) : CallbackDocument(bytes: body)
  }
}

/// What a body looks like.
private enum CallbackForm: String {
  case xml = "XML"
  case json = "JSON"

  init(of body: [UInt8]) {
    let first = body.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
    self = first == 0x7B || first == 0x5B ? .json : .xml
  }
}

/// A callback that a step brings about, and the inbox that it has to come to.
struct AwaitedCallback {
  let callback: Scenario.Callback
  let recorded: HTTPRequest
  let inbox: any CallbackInbox
  let listening: CallbackListening

  /// The path of the inbox.
  var target: String {
    "/" + (inbox.address.split(separator: "/", maxSplits: 2).dropFirst(2).last ?? "")
  }

  /// The body with the inbox in the place of the recorded address.
  func addressed(_ body: String) -> String { body.replacing(callback.address, with: inbox.address) }
}

/// Waits for a callback, and judges it against the documentation, the job that it is about and the recorded one.
struct CallbackCheck {
  let awaited: AwaitedCallback
  let comparer: AnswerComparer
  let clock: any Clock
  /// Shown in places.
  let name: String

  private static let pollSeconds = 0.1

  /// - Parameter request: the elements of the submit, which the callback echoes.
  func outcome(request: ElementTree?, bindings: inout Bindings) throws -> (findings: [Finding], diff: String) {
    guard let actual = arrived() else {
      return (
        [
          finding(
            "callback.never-came",
            "No callback came to \(awaited.inbox.address) within \(Int(awaited.callback.seconds)) s.",
            expected: "a POST")
        ], ""
      )
    }
    var findings = headFindings(of: actual)
    let recorded = awaited.listening.document(of: awaited.recorded.body, name: "\(name) recorded")
    let document = awaited.listening.document(of: actual.body, name: name)
    findings += document.findings
    guard !document.findings.contains(where: { $0.id == "json.no-object" || $0.id == "json.malformed" }) else {
      return (findings, String(decoding: actual.body.prefix(4096), as: UTF8.self))
    }
    let context = ComparisonContext(
      hint: KindHint(kind: .callback), request: request, overrides: awaited.callback.overrides ?? [])
    let outcome = try comparer.outcome(
      recorded: ComparedAnswer(name: "\(name) recorded", document: recorded.bytes),
      actual: ComparedAnswer(name: name, document: document.bytes), context: context, bindings: &bindings)
    findings += outcome.findings.map { placed($0, isJSON: CallbackForm(of: actual.body) == .json) }
    findings += stateFindings(in: document.bytes)
    return (findings, outcome.diff)
  }

  /// The first callback, asked for again and again by the clock of the run.
  private func arrived() -> HTTPRequest? {
    for _ in 0..<max(1, Int(awaited.callback.seconds / Self.pollSeconds)) {
      if let request = awaited.inbox.next() { return request }
      clock.sleep(seconds: Self.pollSeconds)
    }
    return awaited.inbox.next()
  }

  // MARK: Judging

  /// The documentation has a POST to the very URL, in the form that was asked for.
  private func headFindings(of actual: HTTPRequest) -> [Finding] {
    var findings: [Finding] = []
    if actual.method != "POST" {
      findings.append(
        finding("callback.method", "A callback is a POST.", expected: "POST", actual: actual.method))
    }
    if actual.target != awaited.target {
      findings.append(
        finding(
          "callback.target", "The callback came to another target than the request's CallBack has.",
          expected: awaited.target, actual: actual.target))
    }
    let (asked, form) = (CallbackForm(of: awaited.recorded.body), CallbackForm(of: actual.body))
    if form != asked {
      findings.append(
        finding(
          "callback.form", "The body is \(form.rawValue), and the request asked for \(asked.rawValue).",
          expected: asked.rawValue, actual: form.rawValue))
    }
    let type = actual.headers["Content-Type"]
    if type?.lowercased().contains(form.rawValue.lowercased()) != true {
      findings.append(
        finding(
          "callback.content-type", "Content-Type does not say that the body is \(form.rawValue).",
          expected: "application/\(form.rawValue.lowercased())", actual: type))
    }
    return findings
  }

  private func stateFindings(in document: [UInt8]) -> [Finding] {
    guard let state = comparer.tree(of: document)?.text(at: "JobsDetail", "State"),
      !["Success", "Failed"].contains(state)
    else { return [] }
    return [
      finding(
        "callback.state", "A callback tells of a job that has ended.", expected: "Success or Failed", actual: state)
    ]
  }

  private func finding(_ id: String, _ message: String, expected: String, actual: String? = nil) -> Finding {
    Finding(
      id: id, severity: .error, place: Place(file: name), message: message, expected: expected, actual: actual)
  }

  /// Lines of the XML form are none of a body in JSON.
  private func placed(_ finding: Finding, isJSON: Bool) -> Finding {
    guard isJSON else { return finding }
    var finding = finding
    finding.place.line = nil
    finding.place.column = nil
    return finding
  }
}
