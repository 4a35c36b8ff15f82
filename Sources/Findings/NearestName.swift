/// The candidate most like a misspelt name, when one is near enough to be meant: "did you mean BucketId?".
///
/// Near enough is an edit distance of at most a third of the name's length, at least one, letter case ignored.
public func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
  let wanted = Array(name.lowercased().unicodeScalars.prefix(64))
  var best: (name: String, distance: Int)?
  for candidate in candidates {
    let distance = editDistance(wanted, Array(candidate.lowercased().unicodeScalars.prefix(64)))
    if distance < (best?.distance ?? Int.max) { best = (candidate, distance) }
  }
  guard let best, best.distance <= max(1, wanted.count / 3) else { return nil }
  return best.name
}

/// The number of insertions, deletions, replacements and swaps of neighbours between two texts.
private func editDistance(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
  var rows = [Array(0...other.count)]
  for (i, left) in one.enumerated() {
    var row = [i + 1]
    for (j, right) in other.enumerated() {
      var distance = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (left == right ? 0 : 1))
      if i > 0, j > 0, left == other[j - 1], one[i - 1] == right { distance = min(distance, rows[i - 1][j - 1] + 1) }
      row.append(distance)
    }
    rows.append(row)
  }
  return rows[one.count][other.count]
}
