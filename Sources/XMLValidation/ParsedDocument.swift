internal import CLibXML2
private import Glibc

/// One XML parser with its guard, used for document after document; for one thread at a time.
@safe struct Parser: ~Copyable {
  private let context: xmlParserCtxtPtr
  private let guardState: UnsafeMutablePointer<cispec_xml_guard>

  init() {
    xmlInitParser()
    guard let context = unsafe xmlNewParserCtxt() else { fatalError("libxml2 has no memory for a parser") }
    unsafe self.context = context
    unsafe guardState = .allocate(capacity: 1)
    unsafe guardState.initialize(to: cispec_xml_guard())
    unsafe cispec_xml_install_guard(context, guardState)
  }

  deinit {
    unsafe xmlResetError(&guardState.pointee.error)
    unsafe guardState.deallocate()
    unsafe xmlFreeParserCtxt(context)
  }

  /// Lends the document to a function; when there is none, says why.
  borrowing func withDocument<Outcome>(
    _ bytes: UnsafeRawBufferPointer, limits: Limits, _ body: (borrowing ParsedDocument) throws -> Outcome
  ) throws -> Result<Outcome, ParseFailure> {
    // A failing encoder has no parser to report to and would write to standard error; the parser then fails anyway.
    let channel = unsafe cispec_xml_silence()
    defer { unsafe cispec_xml_restore(channel) }
    do {
      let document = try unsafe parse(bytes, limits: limits)
      return .success(try body(document))
    } catch let failure as ParseFailure {
      return .failure(failure)
    }
  }

  private borrowing func parse(_ bytes: UnsafeRawBufferPointer, limits: Limits) throws(ParseFailure) -> ParsedDocument {
    guard bytes.count <= limits.bytesMax else { throw .tooLarge(bytesMax: limits.bytesMax) }
    if let encoding = unsafe Self.foreignEncoding(of: bytes) { throw .encoding(encoding) }
    unsafe xmlResetError(&guardState.pointee.error)
    unsafe guardState.pointee = cispec_xml_guard()
    unsafe guardState.pointee.elements_max = limits.elementsMax
    unsafe guardState.pointee.depth_max = Int32(min(limits.depthMax, 256))
    // No entities are put in, no DTD is loaded, nothing is fetched; lines beyond 65,535 keep their number. Short texts
    // lie inside their nodes, which is sound as long as no text is changed.
    let options =
      XML_PARSE_NONET.rawValue | XML_PARSE_BIG_LINES.rawValue | XML_PARSE_COMPACT.rawValue
      | XML_PARSE_NOBLANKS.rawValue
    let document = unsafe xmlCtxtReadMemory(
      context, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count), nil, nil, Int32(options))
    if let document = unsafe document, unsafe guardState.pointee.refusal == 0 {
      let parsed = unsafe ParsedDocument(adopting: document, elementCount: guardState.pointee.elements)
      // Converted by the parser, so the bytes and the nodes have no common positions.
      if let encoding = unsafe document.pointee.encoding.map({ unsafe String(cString: $0) }),
        !["utf-8", "us-ascii"].contains(encoding.lowercased())
      {
        throw .encoding(encoding)
      }
      // The parser takes a NUL after the root element for the end, and would drop what follows unread.
      if let start = bytes.baseAddress, unsafe memchr(start, 0, bytes.count) != nil { throw .malformed(.nul) }
      return parsed
    }
    unsafe xmlFreeDoc(document)
    throw failure(ofBytes: bytes.count, limits: limits)
  }

  private func failure(ofBytes count: Int, limits: Limits) -> ParseFailure {
    let line = Int(unsafe guardState.pointee.refusal_line)
    switch unsafe guardState.pointee.refusal {
    case 1: return .doctype(line: line)
    case 2: return .tooManyElements(line: line, elementsMax: limits.elementsMax)
    case 3: return .tooDeep(line: line, depthMax: limits.depthMax)
    default: break
    }
    guard unsafe guardState.pointee.has_error != 0 else { return .empty }
    let error = unsafe guardState.pointee.error
    if unsafe error.code == Int32(XML_ERR_DOCUMENT_EMPTY.rawValue), count == 0 { return .empty }
    func text(_ pointer: UnsafePointer<CChar>?) -> String? { unsafe pointer.map { unsafe String(cString: $0) } }
    return .malformed(
      Malformation(
        code: Int(unsafe error.code), line: Int(unsafe error.line), column: Int(unsafe error.int2),
        openName: unsafe text(error.str1), openLine: Int(unsafe error.int1), otherName: unsafe text(error.str2),
        message: unsafe (text(error.message) ?? "").split(separator: "\n").first.map(String.init) ?? ""))
  }

  /// The name of an encoding that is not UTF-8, told by the first bytes; nil when they look like UTF-8.
  private static func foreignEncoding(of bytes: UnsafeRawBufferPointer) -> String? {
    guard bytes.count >= 2 else { return nil }
    switch unsafe (bytes[0], bytes[1]) {
    case (0xFE, 0xFF), (0x00, 0x3C): return "UTF-16BE"
    case (0xFF, 0xFE), (0x3C, 0x00): return "UTF-16LE"
    case (0x4C, 0x6F): return "EBCDIC"
    default: return nil
    }
  }
}

/// What the parser says of a document that is not well-formed.
struct Malformation: Error, Equatable {
  /// A number of libxml2's `xmlParserErrors`.
  var code: Int
  var line: Int
  var column: Int
  /// For tags that do not fit: the open element, the line of its start tag, and the end tag that was found.
  var openName: String?
  var openLine: Int
  var otherName: String?
  var message: String

  /// A NUL byte; where it is, is read off the bytes.
  static let nul = Malformation(
    code: Int(XML_ERR_INVALID_CHAR.rawValue), line: 1, column: 1, openLine: 0, message: "NUL byte")
}

enum ParseFailure: Error, Equatable {
  case empty
  case tooLarge(bytesMax: Int)
  case tooManyElements(line: Int, elementsMax: Int)
  case tooDeep(line: Int, depthMax: Int)
  case doctype(line: Int)
  case encoding(String)
  case malformed(Malformation)
}

/// A parsed document, owner of the C tree.
@safe struct ParsedDocument: ~Copyable {
  let pointer: xmlDocPtr
  let elementCount: Int

  init(adopting pointer: xmlDocPtr, elementCount: Int) {
    unsafe self.pointer = pointer
    self.elementCount = elementCount
  }

  deinit { unsafe xmlFreeDoc(pointer) }

  var root: xmlNodePtr? { unsafe xmlDocGetRootElement(pointer) }

  /// Whether any element is one of these.
  ///
  /// The parser keeps each name once, in a dictionary that lives as long as it does: a name that is not there is in no
  /// A copy of all elements as values.
  borrowing func tree() -> ElementTree? { unsafe root.map { unsafe Self.tree(of: $0) } }

  /// Recursion is bounded by the depth that the parser admits.
  private static func tree(of node: xmlNodePtr) -> ElementTree {
    var text = ""
    var children: [ElementTree] = []
    var child = unsafe node.pointee.children
    while let current = unsafe child {
      switch unsafe current.pointee.type {
      case XML_ELEMENT_NODE:
        if children.isEmpty { unsafe children.reserveCapacity(Int(xmlChildElementCount(node))) }
        unsafe children.append(tree(of: current))
      case XML_TEXT_NODE, XML_CDATA_SECTION_NODE:
        guard let content = unsafe current.pointee.content else { break }
        let piece = unsafe String(cString: content)
        // Nearly always in one piece.
        if text.isEmpty { text = piece } else { text += piece }
      default: break
      }
      unsafe child = current.pointee.next
    }
    if !children.isEmpty, text.allSatisfy(\.isWhitespace) { text = "" }
    return unsafe ElementTree(
      node.elementName, text: text, namespace: node.pointee.ns.map { unsafe String(cString: $0.pointee.href) },
      children: children, attributes: attributes(of: node), line: Int(xmlGetLineNo(node)))
  }

  private static func attributes(of node: xmlNodePtr) -> [String: String] {
    var attributes: [String: String] = [:]
    var attribute = unsafe node.pointee.properties
    while let current = unsafe attribute {
      // Without a DOCTYPE a value is one text.
      let value = unsafe current.pointee.children?.pointee.content
      let name = unsafe String(cString: current.pointee.name)
      attributes[name] = unsafe value.map { unsafe String(cString: $0) } ?? ""
      unsafe attribute = current.pointee.next
    }
    return attributes
  }
}

extension xmlNodePtr {
  var elementName: String { unsafe pointee.name.map { unsafe String(cString: $0) } ?? "" }

  var isElement: Bool { unsafe pointee.type == XML_ELEMENT_NODE }

  var nextElement: xmlNodePtr? {
    var node = unsafe pointee.next
    while let current = unsafe node {
      if unsafe current.isElement { return unsafe current }
      unsafe node = current.pointee.next
    }
    return nil
  }

  var firstElement: xmlNodePtr? {
    guard let first = unsafe pointee.children else { return nil }
    return unsafe first.isElement ? first : first.nextElement
  }

  /// The element around this one; nil at the root.
  var parentElement: xmlNodePtr? {
    guard let parent = unsafe pointee.parent, unsafe parent.isElement else { return nil }
    return unsafe parent
  }

  /// The names from the root to here.
  var namePath: [String] {
    var names: [String] = []
    var node: xmlNodePtr? = unsafe self
    while let current = unsafe node {
      unsafe names.append(current.elementName)
      unsafe node = current.parentElement
    }
    return names.reversed()
  }

  /// All character data inside, at any depth.
  var stringValue: String {
    guard let content = unsafe xmlNodeGetContent(self) else { return "" }
    defer { unsafe cispec_xml_free(content) }
    return unsafe String(cString: content)
  }

  func attribute(_ name: String) -> String? {
    guard let value = unsafe xmlGetNoNsProp(self, name) else { return nil }
    defer { unsafe cispec_xml_free(value) }
    return unsafe String(cString: value)
  }
}
