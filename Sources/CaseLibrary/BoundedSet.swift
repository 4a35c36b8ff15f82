/// Texts that were seen before; it begins anew when there are too many, and takes no long ones.
struct BoundedSet {
  private var texts: Set<String> = []
  private static let (textsMax, bytesMax) = (1024, 256)

  func contains(_ text: String) -> Bool { texts.contains(text) }

  mutating func insert(_ text: String) {
    guard text.utf8.count <= Self.bytesMax else { return }
    if texts.count == Self.textsMax { texts.removeAll(keepingCapacity: true) }
    texts.insert(text)
  }
}
