/// Which identifier of the target stands for which recorded one; each for exactly one.
public struct Bindings {
  public init() {}

  private var actualByRecorded: [String: String] = [:]
  private var recordedByActual: [String: String] = [:]
  private var histories: [String: JobHistory] = [:]
  /// The bindings that a text is rewritten by, in the order of their recorded identifiers.
  private var replacements: [(recorded: String, actual: String)] = []

  subscript(recorded: String) -> String? { actualByRecorded[recorded] }

  /// Whether the two may stand for each other: both unbound, or bound to each other already.
  mutating func bind(recorded: String, to actual: String) -> Bool {
    if let known = actualByRecorded[recorded] { return known == actual }
    guard recordedByActual[actual] == nil else { return false }
    actualByRecorded[recorded] = actual
    recordedByActual[actual] = recorded
    // A short identifier may stand inside other words.
    if recorded.utf8.count >= 8, !ValueEquality.isSameText(recorded, actual) {
      let place = replacements.firstIndex { $0.recorded > recorded } ?? replacements.endIndex
      replacements.insert((recorded, actual), at: place)
    }
    return true
  }

  /// What the target's answers have said of a job of its own until now.
  subscript(historyOf job: String) -> JobHistory {
    get { histories[job] ?? JobHistory() }
    set { histories[job] = newValue }
  }

  /// The text with every bound identifier in the place of its recorded one.
  func rewrite(_ text: String) -> String {
    replacements.reduce(text) { Self.replacing($1.recorded, with: $1.actual, in: $0) }
  }

  private static func replacing(_ old: String, with new: String, in text: String) -> String {
    guard text.utf8.count >= old.utf8.count else { return text }
    let pattern = Array(old.utf8)
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var place = 0
    while place < bytes.count {
      if bytes[place] == pattern[0], place + pattern.count <= bytes.count,
        bytes[place..<place + pattern.count].elementsEqual(pattern)
      {
        result.append(contentsOf: new.utf8)
        place += pattern.count
      } else {
        result.append(bytes[place])
        place += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

/// What a target has said of one of its jobs.
struct JobHistory {
  private var state: String?
  private var times: [(name: String, time: String)] = []

  /// Keeps the state that the job is in, and gives the one it was in before.
  mutating func note(state: String) -> String? {
    defer { self.state = state }
    return self.state
  }

  /// Keeps a time of the job, and gives the one that was set before; nil when none was.
  mutating func note(time: String, _ name: String) -> String? {
    guard !ValueEquality.isUnset(time) else { return nil }
    if let known = times.first(where: { $0.name == name }) { return known.time }
    times.append((name, time))
    return nil
  }
}
