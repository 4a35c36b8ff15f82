/// Names by the time that belongs to them, the earliest first: a binary heap.
struct TimeQueue: Sendable {
  typealias Entry = (time: Double, name: String)

  private var entries: [Entry] = []

  var count: Int { entries.count }
  var first: Entry? { entries.first }

  mutating func append(_ name: String, at time: Double) {
    entries.append((time, name))
    var place = entries.count - 1
    while place > 0, entries[place].time < entries[(place - 1) / 2].time {
      entries.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func removeFirst() -> Entry? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    guard !entries.isEmpty else { return first }
    entries[0] = last
    var place = 0
    while let child = earlierChild(of: place), entries[child].time < entries[place].time {
      entries.swapAt(child, place)
      place = child
    }
    return first
  }

  mutating func keep(_ isKept: (String) -> Bool) {
    let kept = entries.filter { isKept($0.name) }
    entries = []
    for entry in kept { append(entry.name, at: entry.time) }
  }

  private func earlierChild(of place: Int) -> Int? {
    let (left, right) = (2 * place + 1, 2 * place + 2)
    guard left < entries.count else { return nil }
    return right < entries.count && entries[right].time < entries[left].time ? right : left
  }
}
