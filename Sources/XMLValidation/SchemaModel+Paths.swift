extension SchemaModel {
  /// Every element a document may have, by its path of names; a type inside itself is not followed again.
  public func elements() -> [(path: String, declaration: ElementDeclaration)] {
    var found: [(path: String, declaration: ElementDeclaration)] = []
    func visit(_ declaration: ElementDeclaration, _ parent: String, _ types: Set<String>) {
      let path = "\(parent)/\(declaration.name)"
      found.append((path, declaration))
      guard !types.contains(declaration.type) else { return }
      for child in children(of: declaration) { visit(child, path, types.union([declaration.type])) }
    }
    for root in roots { visit(root, "", []) }
    return found
  }
}
