/// Which identifier of the target stands for which recorded one; each for exactly one.
public struct Bindings {
  public init() {}

  private var actualByRecorded: [String: String] = [:]
  private var recordedByActual: [String: String] = [:]
  private var lastStates: [String: String] = [:]
  private var times: [String: String] = [:]
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

  /// Keeps the state a job of the target is in, and gives the one it was in before.
  mutating func note(state: String, of job: String) -> String? {
    defer { lastStates[job] = state }
    return lastStates[job]
  }

  /// Keeps a time of a job, and gives the one that was set before; nil when none was.
  mutating func note(time: String, _ name: String, of job: String) -> String? {
    let key = "\(job) \(name)"
    guard !ValueEquality.isUnset(time) else { return nil }
    defer { times[key] = times[key] ?? time }
    return times[key]
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
