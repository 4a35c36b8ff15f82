/// Where the elements of a well-formed UTF-8 document stand in its text.
public struct DocumentPositions {
  private let map: SourceMap
  private let tree: ElementTree

  /// - Parameters:
  ///   - tree: the elements of the same document.
  ///   - bytes: the document.
  public init(of tree: ElementTree, in bytes: [UInt8]) {
    map = SourceMap(bytes)
    self.tree = tree
  }

  /// The line and column of an element's start tag, both from 1, the column in characters.
  public func position(of path: ElementIndexPath) -> (line: Int, column: Int)? {
    var element = tree
    var number = 0
    for index in path {
      guard element.children.indices.contains(index) else { return nil }
      number += 1 + element.children[..<index].reduce(0) { $0 + $1.elementCount }
      element = element.children[index]
    }
    return map.position(ofElement: number)
  }
}

extension ElementTree {
  /// The element and all below it.
  var elementCount: Int { children.reduce(1) { $0 + $1.elementCount } }
}
