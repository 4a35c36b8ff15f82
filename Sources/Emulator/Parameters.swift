internal import CaseLibrary
internal import HTTPExchange

/// The query parameters of a request, held against those of its operation.
struct Parameters {
  private let values: [String: String]
  private let described: [String: CaseLibrary.Operation.QueryParameter]

  /// Refuses a value that is out of the documented range with 400 InvalidArgument. A parameter without a value counts as
  /// absent, since an SDK sends all of them always; one that the operation does not have is ignored.
  init(_ request: HTTPRequest, _ operation: CaseLibrary.Operation) throws(ServiceError) {
    let given = request.parameters
    var values: [String: String] = [:]
    var described: [String: CaseLibrary.Operation.QueryParameter] = [:]
    for parameter in operation.query ?? [] where parameter.selects != true {
      described[parameter.name] = parameter
      if let value = given.first(where: { $0.name == parameter.name })?.value, !value.isEmpty {
        values[parameter.name] = value
      } else if parameter.required == true {
        throw ServiceError(.invalidArgument, "The parameter \(parameter.name) is missing.")
      }
    }
    self.values = values
    self.described = described
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      if let parameter = described[name] { try Self.check(value, parameter) }
    }
  }

  subscript(name: String) -> String? { values[name] }

  func list(_ name: String) -> [String] { values[name].map { $0.split(separator: ",").map(String.init) } ?? [] }
  func number(_ name: String, default number: Int) -> Int { values[name].flatMap { Int($0) } ?? number }
  func time(_ name: String) -> Double? { values[name].flatMap { Times.seconds(ofFilter: $0) } }

  private static func check(
    _ value: String, _ parameter: CaseLibrary.Operation.QueryParameter
  ) throws(ServiceError) {
    let parts = parameter.separator == nil ? [value] : value.split(separator: ",").map(String.init)
    for part in parts {
      if let wanted = wanted(part, parameter) {
        throw ServiceError(.invalidArgument, "The parameter \(parameter.name) is '\(part)'; \(wanted) is expected.")
      }
    }
  }

  /// What is expected of a value that is not as documented; nil for a good one.
  private static func wanted(_ value: String, _ parameter: CaseLibrary.Operation.QueryParameter) -> String? {
    if let values = parameter.values {
      return values.contains(value) ? nil : "one of " + values.joined(separator: ", ")
    }
    switch parameter.type {
    case "integer":
      let range = (parameter.minimum ?? -.infinity)...(parameter.maximum ?? .infinity)
      if let number = Int(value), range.contains(Double(number)) { return nil }
      return "a whole number" + (parameter.maximum.map { " from 1 to \(Int($0))" } ?? " from 1")
    case "time": return Times.seconds(ofFilter: value) == nil ? "a time such as 2022-07-18T15:16:43+0800" : nil
    case "QueueId": return hasForm(value, "p") ? nil : "the id of a queue"
    case "WorkflowId": return hasForm(value, "w") ? nil : "the id of a workflow"
    case "BatchJobId": return hasForm(value, "b") ? nil : "the id of a batch job"
    default: return nil
    }
  }

  /// A letter and 32 hexadecimal digits.
  private static func hasForm(_ id: String, _ letter: Character) -> Bool {
    id.utf8.count == 33 && id.first == letter
      && id.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
