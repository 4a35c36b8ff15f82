/// Where the entries of each name stand, each to be taken once, in their order.
struct PlacesByName {
  /// The first place of a name that is not taken yet.
  private var first: [String: Int] = [:]
  /// Behind each place the next one of the same name, nil when it is the last.
  private var next: [Int?]

  /// - Parameter names: of the entries; ASCII, since texts are taken for equal by Swift that are not the same bytes.
  init(_ names: [String]) {
    next = Array(repeating: nil, count: names.count)
    first.reserveCapacity(names.count)
    for place in names.indices.reversed() { next[place] = first.updateValue(place, forKey: names[place]) }
  }

  /// The first place of a name, which is gone then; nil when none is left.
  mutating func take(_ name: String) -> Int? {
    guard let place = first[name] else { return nil }
    first[name] = next[place]
    return place
  }
}
