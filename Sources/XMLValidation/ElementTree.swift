/// An element of a document as a plain value: what its reader may keep after the C tree is gone.
///
/// Its parts lie together behind one reference, which is all that passing it on copies.
public struct ElementTree: Sendable {
  @usableFromInline let parts: Parts

  public init(
    _ name: String, text: String = "", namespace: String? = nil, children: [ElementTree] = [],
    attributes: [String: String] = [:], line: Int? = nil
  ) {
    parts = Parts(
      name: name, namespace: namespace, text: text, children: children, attributes: attributes, line: line)
  }

  @inlinable public var name: String {
    get { parts.name }
    set { self = with(name: newValue) }
  }

  /// The namespace's URI; the API's documents have none.
  @inlinable public var namespace: String? { parts.namespace }

  /// The character data directly inside, in one piece; blanks around child elements are left out.
  @inlinable public var text: String {
    get { parts.text }
    set { self = with(text: newValue) }
  }

  @inlinable public var children: [ElementTree] {
    get { parts.children }
    set { self = with(children: newValue) }
  }

  /// Values by name; the API's documents have none.
  @inlinable public var attributes: [String: String] { parts.attributes }

  /// From 1; nil for an element that was made, not read.
  @inlinable public var line: Int? { parts.line }

  /// The element with other parts in the place of its own.
  @usableFromInline func with(name: String? = nil, text: String? = nil, children: [ElementTree]? = nil) -> ElementTree {
    ElementTree(
      name ?? self.name, text: text ?? self.text, namespace: namespace, children: children ?? self.children,
      attributes: attributes, line: line)
  }

  @usableFromInline final class Parts: Sendable {
    @usableFromInline let name: String
    @usableFromInline let namespace: String?
    @usableFromInline let text: String
    @usableFromInline let children: [ElementTree]
    @usableFromInline let attributes: [String: String]
    @usableFromInline let line: Int?

    init(
      name: String, namespace: String?, text: String, children: [ElementTree], attributes: [String: String], line: Int?
    ) {
      self.name = name
      self.namespace = namespace
      self.text = text
      self.children = children
      self.attributes = attributes
      self.line = line
    }
  }
}

extension ElementTree: Equatable {
  public static func == (one: ElementTree, other: ElementTree) -> Bool {
    let (one, other) = (one.parts, other.parts)
    return one === other
      || one.name == other.name && one.namespace == other.namespace && one.text == other.text
        && one.children == other.children && one.attributes == other.attributes && one.line == other.line
  }
}

extension ElementTree {
  /// The first child of that name.
  public subscript(name: String) -> ElementTree? { children.first { $0.name == name } }

  public func all(_ name: String) -> [ElementTree] { children.filter { $0.name == name } }

  /// The text of the first element along a path of child names; nil when there is none.
  public func text(at path: String...) -> String? {
    var element = self
    for name in path {
      guard let child = element[name] else { return nil }
      element = child
    }
    return element.text
  }

  /// The elements at an absolute path such as `/Response/JobsDetail/State`; the first name is this element's own.
  public func elements(at path: String) -> [ElementTree] {
    let names = path.split(separator: "/").map(String.init)
    guard names.first == name else { return [] }
    return names.dropFirst().reduce([self]) { elements, name in elements.flatMap { $0.all(name) } }
  }

  /// The compact form of the wire: declaration, no blanks between elements.
  public var document: String { String(decoding: documentBytes, as: UTF8.self) }

  /// The bytes of `document`.
  public var documentBytes: [UInt8] {
    var bytes = Array("<?xml version=\"1.0\" encoding=\"utf-8\"?>".utf8)
    bytes.reserveCapacity(1024)
    write(to: &bytes)
    return bytes
  }

  /// The element alone, compact.
  public var fragment: String {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private func write(to bytes: inout [UInt8]) {
    bytes.append(0x3C)
    bytes += name.utf8
    if text.isEmpty, children.isEmpty {
      bytes += "/>".utf8
      return
    }
    bytes.append(0x3E)
    bytes += Self.escaped(text).utf8
    for child in children { child.write(to: &bytes) }
    bytes += "</".utf8
    bytes += name.utf8
    bytes.append(0x3E)
  }

  /// The text with the characters that XML reserves as entities, and without those it cannot carry at all.
  public static func escaped(_ text: String) -> String {
    // U+FFFE and U+FFFF start with the byte EF.
    let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x26 && $0 != 0x3C && $0 != 0x3E && $0 != 0xEF }
    if isPlain { return text }
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\r": result += "&#13;"
      case "\t", "\n": result.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": break
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
