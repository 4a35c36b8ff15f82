internal import XMLValidation

/// Short ways to build the elements of an answer.
extension ElementTree {
  static func leaf(_ name: String, _ text: String) -> ElementTree { ElementTree(name, text: text) }

  static func node(_ name: String, _ children: [ElementTree]) -> ElementTree { ElementTree(name, children: children) }

  /// The element with its children, and theirs, in alphabetical order, as in every captured answer (erratum E38);
  /// elements of one name keep their order.
  var sorted: ElementTree {
    guard !isSorted else { return self }
    var copy = self
    for place in copy.children.indices where !copy.children[place].children.isEmpty {
      copy.children[place] = copy.children[place].sorted
    }
    // Insertion, stable: there are few, and they are mostly in order.
    for place in copy.children.indices.dropFirst() {
      var at = place
      while at > 0, copy.children[at].name < copy.children[at - 1].name {
        copy.children.swapAt(at, at - 1)
        at -= 1
      }
    }
    return copy
  }

  private var isSorted: Bool {
    for place in children.indices {
      if place > 0, children[place].name < children[place - 1].name { return false }
      if !children[place].isSorted { return false }
    }
    return true
  }
}
