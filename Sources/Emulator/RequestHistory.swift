internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import XMLValidation

/// What a request leaves behind for those that follow it; a few hundred bytes, whatever it holds.
struct RequestTrace: Sendable {
  /// Who sends a request, and for what time it is signed.
  struct Proof: Sendable {
    var sender: [String?]
    var signTime: String?

    init(_ request: HTTPRequest) {
      let fields = (request.headers["Authorization"] ?? request.rawQuery ?? "").utf8.split(separator: 0x26)
      func field(_ start: String) -> String? {
        fields.first { $0.starts(with: start.utf8) }.map { String(Substring($0)) }
      }
      sender = [field("q-ak="), request.headers["x-ci-security-token"] ?? request.headers["x-cos-security-token"]]
      signTime = field("q-sign-time=")
    }
  }

  var number: Int
  var operation: String
  var start: Double
  var end: Double
  var peer: String?
  /// What makes two requests one and the same: all but the header fields and the signature.
  var key: String
  /// Nil when the answer broke off.
  var status: Int?
  var code: String?
  /// Every job of the answer had ended.
  var isOver: Bool
  /// Of a request that was refused, which another proof may mend.
  var proof: Proof?

  /// - Parameter document: the root of the answer's body.
  init(_ seen: ObservedRequest, operation: String, document: ElementTree?) {
    (number, self.operation, start, end, peer) = (seen.number, operation, seen.start, seen.end, seen.peer)
    key = Self.key(of: seen.request)
    status = seen.answer?.status
    code = (status ?? 0) < 300 ? nil : document?.text(at: "Code")
    var jobs = 0
    isOver =
      document?.children.allSatisfy { child in
        guard child.name == "JobsDetail" else { return true }
        jobs += 1
        return child.children.contains { $0.name == "State" && Self.finalStates.contains($0.text) }
      } == true && jobs > 0
    proof = [400, 401, 403].contains(status) ? Proof(seen.request) : nil
  }

  private static func key(of request: HTTPRequest) -> String {
    var head = "\(request.method) \(request.headers["Host"] ?? "") \(request.rawPath)"
    if let query = request.rawQuery {
      let own = query.split(separator: "&").filter { !$0.hasPrefix("q-") && !$0.hasPrefix("sign=") }
      head += " " + own.joined(separator: "&")
    }
    guard !request.body.isEmpty || head.utf8.count > headBytesMax else { return head }
    return base64(ContentDigest.of(Array(head.utf8) + [0x20] + request.body, .sha256) ?? [])
  }

  private static let finalStates = ["Success", "Failed", "Cancel"]
  /// A longer one is kept as its digest.
  private static let headBytesMax = 512
}

/// The requests so far, as far as they matter to those that follow; in bounded memory.
///
/// The documentation gives no rule on polling, repeats or connections, so nothing here is an error.
struct RequestHistory {
  private let settings: JudgeSettings
  private var past: [String: RequestTrace] = [:]
  private var order = Line<String>()
  private var peers: Set<String> = []
  private var peerOrder = Line<String>()
  private var lonelyRequests = 0
  private var hasToldOfConnections = false
  private var lastEnd = -Double.infinity

  /// After that time a repeated request is one of its own.
  private static let memorySeconds = 60.0
  private static let entriesMax = 4096
  /// Requests in a row, each on a new connection while no other was open, after which it is told.
  private static let lonelyRequestsMax = 8
  private static let creating: Set<String> = [
    "file-jobs.submit", "jobs.submit", "doc-jobs.submit", "batch-jobs.submit", "workflows.trigger",
  ]

  init(_ settings: JudgeSettings) { self.settings = settings }

  /// What is said of a request by those before it.
  mutating func findings(for seen: RequestTrace, of request: HTTPRequest) -> [Finding] {
    func finding(_ id: String, _ severity: Severity, _ message: String, _ hint: String) -> Finding {
      Finding(
        id: id, severity: severity, place: Place(line: 1, column: 1), message: message, hint: hint)
    }
    var findings: [Finding] = []
    if let before = past[seen.key], seen.start - before.end < Self.memorySeconds {
      let gap = max(0, seen.start - before.end)
      if let repeated = repetition(of: before, seen, request, gap: gap, finding) { findings.append(repeated) }
    }
    if isLonely(seen) {
      findings.append(
        finding(
          "sequence.no-keep-alive", .note,
          "\(Self.lonelyRequestsMax) requests in a row came each over a new connection.",
          "Keep the connection and send the next request over it."))
    }
    remember(seen)
    return findings
  }

  // MARK: Repeats

  private func repetition(
    of before: RequestTrace, _ seen: RequestTrace, _ request: HTTPRequest, gap: Double,
    _ finding: (String, Severity, String, String) -> Finding
  ) -> Finding? {
    let again = "The request of \(Self.text(gap)) s before (request \(before.number))"
    guard let status = before.status else { return nil }
    if [429, 503].contains(status) || ["QueuePaused", "QueueSaturated"].contains(before.code) {
      guard gap < settings.retryIntervalSeconds else { return nil }
      return finding(
        "sequence.retry-too-soon", .warning, "\(again) was answered \(status) and is sent again at once.",
        "Wait longer with every retry.")
    }
    if (400..<500).contains(status), status != 408 {
      guard !Self.isMended(before, request) else { return nil }
      return finding(
        "sequence.retry-not-due", .warning,
        "\(again) was answered \(status)\(before.code.map { " \($0)" } ?? "") and is sent again unchanged.",
        "Only 429 and 5xx pass by themselves; mend the request first.")
    }
    guard (200..<300).contains(status) else { return nil }
    if Self.creating.contains(seen.operation) {
      return finding(
        "sequence.repeated-submit", .warning, "\(again) was accepted and is sent again: it makes a second job.",
        "Remember the job's id in place of submitting again.")
    }
    guard seen.operation.hasSuffix(".query") else { return nil }
    if before.isOver {
      return finding(
        "sequence.poll-after-end", .note, "\(again) told that the job has ended; it is asked for again.",
        "Stop polling when State is Success, Failed or Cancel.")
    }
    guard gap < settings.pollIntervalSeconds else { return nil }
    return finding(
      "sequence.poll-too-fast", .warning,
      "The job is asked for again after \(Self.text(gap)) s; the interval is \(Self.text(settings.pollIntervalSeconds)) s.",
      "Wait longer between polls, or use a callback.")
  }

  /// Whether a request that was refused for its signature comes with another: of another sender or, when its time was
  /// wrong, for another time.
  private static func isMended(_ before: RequestTrace, _ request: HTTPRequest) -> Bool {
    guard let past = before.proof else { return false }
    let proof = RequestTrace.Proof(request)
    if proof.sender != past.sender { return true }
    let isAboutTime = ["SignatureExpired", "RequestTimeTooSkewed"].contains(before.code)
    return (isAboutTime || before.status == 403 && before.code == "AccessDenied") && proof.signTime != past.signTime
  }

  // MARK: Connections

  /// Whether this request is the one that shows that connections are not kept.
  private mutating func isLonely(_ seen: RequestTrace) -> Bool {
    guard let peer = seen.peer else { return false }
    let isNew = peers.insert(peer).inserted
    if isNew {
      peerOrder.append(peer)
      if peerOrder.count > Self.entriesMax, let oldest = peerOrder.removeFirst() { peers.remove(oldest) }
    }
    // Requests that overlap need connections of their own.
    let isAlone = seen.start >= lastEnd
    lonelyRequests = isNew && isAlone ? lonelyRequests + 1 : 0
    guard lonelyRequests == Self.lonelyRequestsMax, !hasToldOfConnections else { return false }
    hasToldOfConnections = true
    return true
  }

  // MARK: Memory

  private mutating func remember(_ seen: RequestTrace) {
    lastEnd = max(lastEnd, seen.end)
    if past.updateValue(seen, forKey: seen.key) == nil { order.append(seen.key) }
    if order.count > Self.entriesMax, let oldest = order.removeFirst() { past[oldest] = nil }
  }

  private static func text(_ seconds: Double) -> String {
    let hundredths = Int((seconds * 100).rounded())
    let rest = hundredths % 100
    return rest == 0 ? "\(hundredths / 100)" : "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}
