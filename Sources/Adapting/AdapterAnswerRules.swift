/// The rules of `Adapters/protocol.schema.json` for answers.
enum AdapterAnswerRules {
  /// What is wrong with the bytes of a line that holds an answer, nil when nothing is: readers of JSON pass over it.
  static func problem(ofLine line: ArraySlice<UInt8>) -> String? {
    if line.starts(with: [0xEF, 0xBB, 0xBF]) { return "the line starts with a byte order mark" }
    return line.contains(0x0D) ? "the line holds a CR; it ends with one LF" : nil
  }

  /// What is wrong with an answer to a command, nil when nothing is.
  ///
  /// - Parameter isStrict: whether members that the protocol does not know are wrong, too.
  static func problem(
    of answer: [String: AdapterValue], to command: AdapterRequest.Command, isStrict: Bool
  ) -> String? {
    guard let id = answer["id"]?.integer, id >= 0 else { return "'id' is not a whole number from 0" }
    if command == .hello, let words = answer["error"]?.text ?? answer["skipped"]?.text {
      return "it is a refusal, '\(words)'"
    }
    let rules: [String: (isRequired: Bool, check: (AdapterValue) -> String?)]
    if answer["skipped"] != nil, command != .hello {
      rules = ["skipped": (true, nonEmptyText)]
    } else if answer["error"] != nil, command != .hello {
      rules = ["error": (true, text)]
    } else {
      rules = self.rules(of: command)
    }
    for (name, rule) in rules.sorted(by: { $0.key < $1.key }) {
      guard let value = answer[name] else {
        if rule.isRequired { return "'\(name)' is missing" }
        continue
      }
      if let problem = rule.check(value) { return "'\(name)' \(problem)" }
    }
    if command == .call, ["result", "failure", "skipped", "error"].allSatisfy({ answer[$0] == nil }) {
      return "neither 'result' nor 'failure' is there"
    }
    guard isStrict else { return nil }
    let unknown = answer.keys.filter { $0 != "id" && rules[$0] == nil }.sorted().first
    return (unknown.map { "'\($0)' is no member of this answer" }) ?? unknownStage(answer, command)
  }

  private static func rules(
    of command: AdapterRequest.Command
  ) -> [String: (isRequired: Bool, check: (AdapterValue) -> String?)] {
    switch command {
    case .hello:
      [
        "protocol": (true, { $0 == .integer(1) ? nil : "is not 1" }), "name": (true, nonEmptyText),
        "version": (true, nonEmptyText), "language": (true, nonEmptyText),
        "commands": (true, { words($0, ["sign", "presign", "verify", "derive", "call"]) }),
        "chooses": (false, { words($0, AdapterHello.Choice.allCases.map(\.rawValue)) }),
        "reads": (false, { ResultConvention.problem(of: $0) }),
      ]
    case .sign: ["stages": (true, { stages($0, required: "authorization") })]
    case .presign: ["url": (true, text), "stages": (false, { stages($0, required: nil) })]
    case .verify:
      [
        "accepted": (true, { $0.flag == nil ? "is neither true nor false" : nil }), "reason": (false, text),
        "stages": (false, { stages($0, required: nil) }),
      ]
    case .derive: ["stages": (true, { stages($0, required: nil) })]
    case .call: ["result": (false, { _ in nil }), "failure": (false, failure)]
    }
  }

  private static func text(_ value: AdapterValue) -> String? { value.text == nil ? "is not a text" : nil }

  private static func nonEmptyText(_ value: AdapterValue) -> String? {
    (value.text ?? "").isEmpty ? "is not a text with at least one character" : nil
  }

  /// What went wrong in a call: texts, and the status as a whole number.
  private static func failure(_ value: AdapterValue) -> String? {
    guard let members = value.object else { return "is not an object" }
    guard ["service", "client"].contains(members["kind"]?.text) else { return "has no 'kind' service or client" }
    let texts = ["name", "code", "message", "request_id", "trace_id"]
    if let wrong = texts.first(where: { members[$0] != nil && members[$0] != .null && members[$0]?.text == nil }) {
      return "has a '\(wrong)' that is no text"
    }
    guard let status = members["status"], status != .null, status.integer == nil else { return nil }
    return "has a 'status' that is no whole number"
  }

  private static func words(_ value: AdapterValue, _ known: [String]) -> String? {
    guard let list = value.list else { return "is not a list" }
    let words = list.compactMap(\.text)
    guard words.count == list.count, words.allSatisfy(known.contains) else {
      return "holds something other than \(known.joined(separator: ", "))"
    }
    return Set(words).count == words.count ? nil : "names something twice"
  }

  private static func stages(_ value: AdapterValue, required: String?) -> String? {
    guard let stages = value.texts else { return "is not an object of texts" }
    guard let required, stages[required] == nil else { return nil }
    return "has no '\(required)'"
  }

  /// A stage whose name the algorithm does not have; `derive` has names of its own.
  private static func unknownStage(_ answer: [String: AdapterValue], _ command: AdapterRequest.Command) -> String? {
    guard command != .derive, let stages = answer["stages"]?.object else { return nil }
    return stages.keys.filter { !requestStages.contains($0) }.sorted().first.map { "'stages' has an unknown '\($0)'" }
  }

  private static let requestStages: Set<String> = [
    "key_time", "sign_key", "url_param_list", "http_parameters", "header_list", "http_headers", "http_string",
    "http_string_sha1", "string_to_sign", "signature", "authorization",
  ]
}
