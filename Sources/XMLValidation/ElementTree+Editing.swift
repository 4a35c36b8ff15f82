/// Where an element is in a tree: the index of the child to take at each level, none for the root.
public typealias ElementIndexPath = [Int]

/// What a written element gets that a tree of values cannot say.
public struct ElementMark: Sendable {
  public enum EndTag: Sendable {
    case own, missing
    case other(String)
    /// A second start tag stands in its place.
    case startAgain
  }

  /// Written inside the start tag, with the blank before it.
  public var attributes = ""
  public var endTag = EndTag.own

  public init(attributes: String = "", endTag: EndTag = .own) {
    self.attributes = attributes
    self.endTag = endTag
  }
}

extension ElementTree {
  public subscript(at path: ElementIndexPath) -> ElementTree? {
    var element = self
    for index in path {
      guard element.children.indices.contains(index) else { return nil }
      element = element.children[index]
    }
    return element
  }

  /// The tree with the element at a path put through an edit; the same tree when there is none.
  public func editing(at path: ElementIndexPath, _ edit: (inout ElementTree) -> Void) -> ElementTree {
    var copy = self
    copy.edit(path[...], edit)
    return copy
  }

  private mutating func edit(_ path: ArraySlice<Int>, _ body: (inout ElementTree) -> Void) {
    guard let index = path.first else { return body(&self) }
    if children.indices.contains(index) { children[index].edit(path.dropFirst(), body) }
  }

  /// The tree without the element at a path; the root stays.
  public func dropping(at path: ElementIndexPath) -> ElementTree {
    guard let index = path.last else { return self }
    return editing(at: path.dropLast()) { $0.children.remove(at: index) }
  }

  /// The tree with the element at a path standing twice.
  public func duplicating(at path: ElementIndexPath) -> ElementTree {
    guard let index = path.last else { return self }
    return editing(at: path.dropLast()) { $0.children.insert($0.children[index], at: index + 1) }
  }

  public func renaming(at path: ElementIndexPath, to name: String) -> ElementTree {
    editing(at: path) { $0.name = name }
  }

  public func setting(at path: ElementIndexPath, to text: String) -> ElementTree {
    editing(at: path) { $0.text = text }
  }

  public func inserting(_ child: ElementTree, at path: ElementIndexPath) -> ElementTree {
    editing(at: path) { $0.children.append(child) }
  }

  /// The tree with an element taken out of its place and put last into another, which is not inside it.
  public func moving(from path: ElementIndexPath, into target: ElementIndexPath) -> ElementTree {
    guard let element = self[at: path] else { return self }
    return inserting(element, at: target).dropping(at: path)
  }

  /// The element and all below it in a namespace.
  public func inNamespace(_ namespace: String?) -> ElementTree {
    ElementTree(
      name, text: text, namespace: namespace, children: children.map { $0.inNamespace(namespace) },
      attributes: attributes, line: line)
  }

  /// The value as XPath sees it: the text of the element and of all below it.
  public var stringValue: String { children.reduce(text) { $0 + $1.stringValue } }

  /// The index paths of all elements in document order, the root's first.
  public var indexPaths: [ElementIndexPath] {
    [[]] + children.indices.flatMap { index in children[index].indexPaths.map { [index] + $0 } }
  }

  /// The names down to an element, with `[n]` where siblings share the name, from 1.
  public func namedPath(_ path: ElementIndexPath) -> String {
    var names = [name]
    var element = self
    for index in path {
      let child = element.children[index]
      let same = element.children.indices.filter { element.children[$0].name == child.name }
      let number = (same.firstIndex(of: index) ?? 0) + 1
      names.append(same.count > 1 ? "\(child.name)[\(number)]" : child.name)
      element = child
    }
    return names.joined(separator: "/")
  }

  /// The elements that a path such as `/Response/JobsDetail[2]/State` leads to.
  public func indexPaths(along path: String) -> [ElementIndexPath] {
    indexPaths.filter { candidate in
      let full = "/" + namedPath(candidate)
      let plain = full.split(separator: "/").map { $0.prefix { $0 != "[" } }
      let wanted = path.split(separator: "/")
      return wanted.count == plain.count
        && zip(wanted, zip(plain, full.split(separator: "/"))).allSatisfy {
          $0 == $1.0 || $0 == $1.1 || $0 == $1.1 + "[1]"
        }
    }
  }

  /// The compact document with marks at some elements; namespaces are written where they change.
  public func document(marks: [ElementIndexPath: ElementMark]) -> String {
    var output = "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
    write(to: &output, path: [], outer: nil, marks)
    return output
  }

  private func write(
    to output: inout String, path: ElementIndexPath, outer: String?, _ marks: [ElementIndexPath: ElementMark]
  ) {
    let mark = marks[path] ?? ElementMark()
    output += "<\(name)"
    if namespace != outer { output += " xmlns=\"\(Self.escaped(namespace ?? ""))\"" }
    output += mark.attributes
    if text.isEmpty, children.isEmpty, case .own = mark.endTag {
      output += "/>"
      return
    }
    output += ">" + Self.escaped(text)
    for index in children.indices { children[index].write(to: &output, path: path + [index], outer: namespace, marks) }
    switch mark.endTag {
    case .own: output += "</\(name)>"
    case .missing: break
    case .other(let other): output += "</\(other)>"
    case .startAgain: output += "<\(name)>"
    }
  }
}
