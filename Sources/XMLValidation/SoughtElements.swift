internal import CLibXML2

/// Elements that are looked for in one document after the other.
///
/// A parser keeps each name once, in a dictionary that all its documents share, so names are compared by their address
/// there. For one thread, as its addresses are those of one parser.
@safe final class SoughtElements {
  private let elements: [SchemaModel.NamedChild]
  private var dictionary: xmlDictPtr?
  private var addresses: [Address] = unsafe []

  @unsafe private struct Address {
    var parent: UnsafePointer<xmlChar>?
    var name: UnsafePointer<xmlChar>?
  }

  init(_ elements: some Sequence<SchemaModel.NamedChild>) { self.elements = Array(elements) }

  deinit { if let dictionary = unsafe dictionary { unsafe xmlDictFree(dictionary) } }

  /// Whether the document holds any of them.
  func occur(in document: borrowing ParsedDocument) -> Bool {
    guard !elements.isEmpty, let dictionary = unsafe document.pointer.pointee.dict, let root = unsafe document.root
    else { return false }
    if unsafe dictionary != self.dictionary { unsafe learn(dictionary) }
    return unsafe addresses.withUnsafeBufferPointer { unsafe Self.hasAny(of: $0, below: root) }
  }

  private func learn(_ current: xmlDictPtr) {
    // Held on to, so that no other dictionary can come to lie at the same address.
    unsafe xmlDictReference(current)
    if let dictionary = unsafe dictionary { unsafe xmlDictFree(dictionary) }
    unsafe dictionary = current
    func address(_ name: String) -> UnsafePointer<xmlChar>? {
      unsafe xmlDictLookup(current, name, Int32(name.utf8.count))
    }
    unsafe addresses = elements.map { unsafe Address(parent: address($0.parent), name: address($0.name)) }
  }

  /// Recursion is bounded by the depth that the parser admits.
  private static func hasAny(of addresses: UnsafeBufferPointer<Address>, below node: xmlNodePtr) -> Bool {
    var child = unsafe node.firstElement
    while let current = unsafe child {
      for index in addresses.indices {
        if unsafe addresses[index].name == current.pointee.name, unsafe addresses[index].parent == node.pointee.name {
          return true
        }
      }
      if unsafe hasAny(of: addresses, below: current) { return true }
      unsafe child = current.nextElement
    }
    return false
  }
}
