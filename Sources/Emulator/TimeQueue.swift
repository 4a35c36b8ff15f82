/// Names by the time that belongs to them, the earliest first, and at one time by their rank: a binary heap.
struct TimeQueue: Sendable {
  typealias Entry = (time: Double, rank: Int, name: String)

  private var entries: [Entry] = []

  var count: Int { entries.count }
  var first: Entry? { entries.first }

  mutating func append(_ name: String, at time: Double, rank: Int) {
    entries.append((time, rank, name))
    var place = entries.count - 1
    while place > 0, isEarlier(place, (place - 1) / 2) {
      entries.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func removeFirst() -> Entry? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    guard !entries.isEmpty else { return first }
    entries[0] = last
    var place = 0
    while let child = earlierChild(of: place), isEarlier(child, place) {
      entries.swapAt(child, place)
      place = child
    }
    return first
  }

  mutating func keep(_ isKept: (String) -> Bool) {
    let kept = entries.filter { isKept($0.name) }
    entries = []
    for entry in kept { append(entry.name, at: entry.time, rank: entry.rank) }
  }

  private func earlierChild(of place: Int) -> Int? {
    let (left, right) = (2 * place + 1, 2 * place + 2)
    guard left < entries.count else { return nil }
    return right < entries.count && isEarlier(right, left) ? right : left
  }

  private func isEarlier(_ one: Int, _ other: Int) -> Bool {
    (entries[one].time, entries[one].rank) < (entries[other].time, entries[other].rank)
  }
}
