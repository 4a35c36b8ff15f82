/// What a server may answer to a request whose signature is wrong (`Vectors/signing/answers.json`).
public struct RefusalAnswers: Sendable, Equatable {
  public struct Answer: Sendable, Equatable, Decodable {
    public var status: Int
    /// The content of `Code`; nil when the answer needs none.
    public var code: String?
    /// Of the cases for which it is right.
    public var flags: [String]
    public var reason: String
  }

  public var answers: [Answer]

  public init(in folder: DataFolder) throws {
    struct AnswerFile: Decodable { var answers: [Answer] }
    let file = "Vectors/signing/answers.json"
    answers = try decodeJSON(AnswerFile.self, from: try folder.read(file), file: file).answers
  }

  /// The answers that are right for a case with one of the flags.
  public func alternatives(for flags: [String]) -> [Answer] {
    answers.filter { answer in flags.contains(where: answer.flags.contains) }
  }
}
