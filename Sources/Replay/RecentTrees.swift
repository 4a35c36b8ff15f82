internal import XMLValidation

/// The elements of the documents that were read last: a step looks at its recording and its answer several times, and a
/// recording that is replayed again is the same document.
struct RecentTrees {
  static let countMax = 4
  /// Longer documents are read each time, so that nothing large is held on to.
  static let bytesMax = 64 << 10

  private var entries: [(document: [UInt8], tree: ElementTree?)] = []

  /// The elements of a document of the same bytes, or what the function reads.
  mutating func tree(of document: [UInt8], read: ([UInt8]) -> ElementTree?) -> ElementTree? {
    if let known = entries.first(where: { $0.document == document }) { return known.tree }
    let tree = read(document)
    keep(tree, of: document)
    return tree
  }

  /// Keeps the elements of a document that was read elsewhere; nil for one that is not well-formed.
  mutating func keep(_ tree: ElementTree?, of document: [UInt8]) {
    guard document.count <= Self.bytesMax, !entries.contains(where: { $0.document == document }) else { return }
    if entries.count == Self.countMax { entries.removeFirst() }
    entries.append((document, tree))
  }
}
