internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import XMLValidation

/// Judges what a client library makes of an answer.
struct ClientReadingJudge {
  let convention: ResultConvention
  let place: Place

  /// - Parameters:
  ///   - last: the answer to the last request.
  ///   - document: what it holds; nil when it holds none, or none that can be read.
  func findings(
    in answer: [String: AdapterValue], of one: ClientCase, last: HTTPResponse, document: ElementTree?
  ) -> [Finding] {
    let failure = answer["failure"]?.object
    switch (one.expect, failure) {
    case (.result, .some(let members)), (.empty, .some(let members)):
      return [
        finding(
          "client.answer-refused", "The answer is right, and the library reports a failure.",
          actual: AdapterValue.object(members).excerpt)
      ]
    case (.resultOrFailure, .some(let members)), (.failure, .some(let members)):
      return one.failure.map { lost(members, $0) } ?? []
    case (.result, nil) where last.status < 300, (.resultOrFailure, nil) where last.status < 300:
      return differences(answer, from: document)
    case (.result, nil), (.resultOrFailure, nil), (.failure, nil):
      return [
        finding(
          "client.error-swallowed", "The service refused, and the library reports success.",
          expected: one.failure.map { "\($0.status) \($0.code ?? "")" }, actual: answer["result"]?.excerpt)
      ]
    case (.empty, nil), (.emptyOrFailure, nil): return invented(answer)
    case (.emptyOrFailure, .some), (.unreadable, .some): return []
    case (.unreadable, nil):
      return [
        finding(
          "client.fault-swallowed", "The answer cannot be read, and the library reports success.",
          actual: answer["result"]?.excerpt)
      ]
    }
  }

  /// A request that was sent again too often, or was another one when it was.
  func repetition(of requests: [HTTPRequest], most: Int) -> [Finding] {
    var findings: [Finding] = []
    if requests.count > most {
      findings.append(
        finding(
          "client.repeated", "The request was sent more often than is right for this answer.", expected: "\(most)",
          actual: "\(requests.count)"))
    }
    if let first = requests.first,
      let other = requests.first(where: { $0.method != first.method || $0.body != first.body })
    {
      findings.append(
        finding(
          "client.retry-changed", "A request that is sent again has another method or body than the first.",
          expected: "\(first.method), \(first.body.count) bytes", actual: "\(other.method), \(other.body.count) bytes"))
    }
    return findings
  }

  private func differences(_ answer: [String: AdapterValue], from document: ElementTree?) -> [Finding] {
    guard let document else { return [] }
    let result = answer["result"] ?? .null
    return ResultComparison.differences(of: result, from: document, convention: convention).map { difference in
      let (id, message) =
        switch difference.kind {
        case .lost: ("client.node-lost", "The answer has this node, and the result does not.")
        case .invented: ("client.node-invented", "The result has what the answer does not.")
        case .changed: ("client.value-changed", "The result has another value than the answer.")
        }
      return Finding(
        id: id, severity: .error, place: Place(path: place.path), message: "\(difference.path): \(message)",
        expected: difference.expected, actual: difference.actual)
    }
  }

  /// What a result says although the answer says nothing.
  private func invented(_ answer: [String: AdapterValue]) -> [Finding] {
    guard let result = answer["result"], !result.isEmpty else { return [] }
    return [
      finding("client.node-invented", "The answer has no content, and the result does.", actual: result.excerpt)
    ]
  }

  /// What a failure does not tell of the Error document.
  private func lost(_ members: [String: AdapterValue], _ wanted: ClientCase.Failure) -> [Finding] {
    var findings: [Finding] = []
    func compare(_ id: String, _ name: String, _ expected: String?, _ actual: String?) {
      guard let expected, expected != actual ?? "" else { return }
      findings.append(
        finding(id, "The failure does not have the answer's \(name).", expected: expected, actual: actual ?? "nothing"))
    }
    compare("client.status-lost", "status", "\(wanted.status)", members["status"]?.scalar)
    compare("client.code-lost", "Code", wanted.code, members["code"]?.scalar)
    compare("client.message-lost", "Message", wanted.message, members["message"]?.scalar)
    compare("client.request-id-lost", "RequestId", wanted.requestID, members["request_id"]?.scalar)
    return findings
  }

  private func finding(
    _ id: String, _ message: String, expected: String? = nil, actual: String? = nil
  ) -> Finding {
    Finding(id: id, severity: .error, place: place, message: message, expected: expected, actual: actual)
  }
}
