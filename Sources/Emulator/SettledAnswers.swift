internal import XMLValidation

/// An answer's document with its bytes, written once.
struct WrittenDocument: Sendable {
  let root: ElementTree
  let bytes: [UInt8]

  init(_ root: ElementTree) {
    self.root = root
    bytes = root.documentBytes
  }
}

/// The answers to queries of one job that has ended, which stay the same however often it is asked for; in bounded
/// memory.
struct SettledAnswers: Sendable {
  private var answers: [String: WrittenDocument] = [:]
  private static let (answersMax, bytesMax) = (1024, 8192)

  subscript(jobID: String) -> WrittenDocument? { answers[jobID] }

  mutating func keep(_ answer: WrittenDocument, of jobID: String) {
    guard answer.bytes.count <= Self.bytesMax else { return }
    if answers.count == Self.answersMax { answers.removeAll(keepingCapacity: true) }
    answers[jobID] = answer
  }
}
