internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import XMLValidation

/// What the documentation says of an answer that is live: of its body and its head together.
enum AnswerRules {
  /// How far CreationTime may be from the Date of the answer to the submit. Captures have them equal to the second.
  static let creationToleranceSeconds = 300.0

  /// RequestId repeats the header field x-ci-request-id.
  static func requestIDFindings(
    in response: HTTPResponse, _ tree: ElementTree?, kind: DocumentKind, file: String, _ validator: Validator
  ) throws -> [Finding] {
    guard let tree, let id = tree["RequestId"]?.text,
      let header = response.headers["x-ci-request-id"] ?? response.headers["x-cos-request-id"], id != header
    else { return [] }
    let declaration = try validator.model(of: kind)?.declaration(at: [tree.name, "RequestId"])
    return [
      Finding(
        id: "http.request-id", requirement: declaration?.requirement, severity: .error,
        place: Place(file: file, path: "/\(tree.name)/RequestId"),
        message: "RequestId is not the one in x-ci-request-id.", expected: header, actual: id)
    ]
  }

  /// A job that was just submitted was made when the answer was.
  static func creationTimeFindings(
    in response: HTTPResponse, _ tree: ElementTree?, kind: DocumentKind, file: String, _ validator: Validator
  ) throws -> [Finding] {
    guard kind.operation?.hasSuffix(".submit") == true, response.status < 300, let tree,
      let date = response.headers["Date"], let answered = AnswerTimes.seconds(ofDate: date)
    else { return [] }
    return try tree.elements(at: "/Response/JobsDetail/CreationTime").compactMap { time -> Finding? in
      guard let created = AnswerTimes.seconds(ofJobTime: time.text),
        abs(created - answered) > creationToleranceSeconds
      else { return nil }
      let declaration = try validator.model(of: kind)?.declaration(at: ["Response", "JobsDetail", "CreationTime"])
      return Finding(
        id: "replay.creation-time", requirement: declaration?.requirement, severity: .error,
        place: Place(file: file, path: "/Response/JobsDetail/CreationTime"),
        message: "CreationTime is not the time of the submit, which Date tells.", expected: date, actual: time.text)
    }
  }
}
