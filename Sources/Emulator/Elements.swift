internal import XMLValidation

/// Short ways to build the elements of an answer.
extension ElementTree {
  static func leaf(_ name: String, _ text: String) -> ElementTree { ElementTree(name, text: text) }

  static func node(_ name: String, _ children: [ElementTree]) -> ElementTree { ElementTree(name, children: children) }

  /// The element with its children, and theirs, in alphabetical order, as in every captured answer (erratum E38);
  /// elements of one name keep their order.
  var sorted: ElementTree {
    var copy = self
    copy.children = children.enumerated().sorted { one, other in
      one.element.name == other.element.name
        ? one.offset < other.offset : one.element.name.utf8.lexicographicallyPrecedes(other.element.name.utf8)
    }.map(\.element.sorted)
    return copy
  }
}
