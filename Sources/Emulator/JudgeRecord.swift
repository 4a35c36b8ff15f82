public import Findings

/// What a judge has found so far, in bounded memory.
public struct JudgeRecord: Sendable {
  /// All requests, kept or not.
  public private(set) var requests = 0
  public private(set) var counts: [Severity: Int] = [:]
  /// The requests with a finding, then those without, each up to the bound.
  private var flawed: [JudgedRequest] = []
  private var sound: [JudgedRequest] = []
  private let requestsMax: Int

  /// - Parameter requestsMax: how many requests with findings, and how many without, are kept.
  public init(requestsMax: Int = 10_000) { self.requestsMax = requestsMax }

  public mutating func add(_ judged: JudgedRequest) {
    requests += 1
    for finding in judged.findings { counts[finding.severity, default: 0] += 1 }
    var judged = judged
    judged.body = nil
    if judged.findings.isEmpty {
      if sound.count < requestsMax { sound.append(judged) }
    } else if flawed.count < requestsMax {
      flawed.append(judged)
    }
  }

  /// Requests that are counted and no longer told apart.
  public var dropped: Int { requests - flawed.count - sound.count }

  public func count(_ severity: Severity) -> Int { counts[severity] ?? 0 }

  /// The findings in the order of their requests.
  public var findings: [Finding] { flawed.sorted { $0.number < $1.number }.flatMap(\.findings) }

  /// A case for each kept request, which fails when it has a finding of that severity.
  public func results(failingOn severity: Severity) -> [CaseResult] {
    (flawed + sound).sorted { $0.number < $1.number }.map { judged in
      CaseResult(
        id: "\(padded(judged.number))/\(judged.operation ?? "unknown")",
        verdict: judged.findings.contains { $0.severity >= severity } ? .failed : .passed, findings: judged.findings,
        detail: judged.findings.isEmpty ? "\(judged.method) \(judged.path)" : "")
    }
  }

  /// Of a width that keeps the order of numbers as text.
  private func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
  }
}
