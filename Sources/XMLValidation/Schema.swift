internal import CLibXML2

/// Why a schema or a rule file cannot be used.
public struct SchemaError: Error, Equatable, CustomStringConvertible {
  public var file: String
  public var line: Int?
  public var reason: String

  public init(file: String, line: Int? = nil, reason: String) {
    self.file = file
    self.line = line
    self.reason = reason
  }

  public var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(reason)" }
}

/// A compiled XSD with its model.
///
/// `xmlSchemaPtr` is only read after it has been compiled, so one may serve many threads; hence the unchecked promise.
@safe final class Schema: @unchecked Sendable {
  let file: String
  let model: SchemaModel
  private let pointer: xmlSchemaPtr
  /// The schema keeps pointers into the document it was compiled from.
  private let document: xmlDocPtr

  /// Reads a schema with the files it includes. Nothing is loaded but through `read`: the included files are merged
  /// into one document in memory, so libxml2 is never asked to find one.
  init(file: String, read: (String) throws -> [UInt8]) throws {
    self.file = file
    xmlInitParser()
    let document = try unsafe Self.parse(file, read: read)
    do {
      guard let root = unsafe xmlDocGetRootElement(document), unsafe root.elementName == "schema" else {
        throw SchemaError(file: file, line: 1, reason: "an XSD with the root xs:schema is expected")
      }
      var included: Set<String> = [file]
      try unsafe Self.merge(into: root, of: file, included: &included, read: read)
      unsafe model = SchemaModel(schemaRoot: root)
      let messages = MessageLog()
      let compiled = unsafe withExtendedLifetime(messages) { () -> xmlSchemaPtr? in
        guard let parser = unsafe xmlSchemaNewDocParserCtxt(document) else { return nil }
        defer { unsafe xmlSchemaFreeParserCtxt(parser) }
        unsafe xmlSchemaSetParserStructuredErrors(parser, MessageLog.receive, messages.context)
        return unsafe xmlSchemaParse(parser)
      }
      guard let compiled = unsafe compiled else {
        throw SchemaError(file: file, line: messages.first?.line, reason: messages.first?.text ?? "not a valid XSD")
      }
      unsafe pointer = compiled
      unsafe self.document = document
    } catch {
      unsafe xmlFreeDoc(document)
      throw error
    }
  }

  deinit {
    unsafe xmlSchemaFree(pointer)
    unsafe xmlFreeDoc(document)
  }

  func withPointer<Result>(_ body: (xmlSchemaPtr) -> Result) -> Result { unsafe body(pointer) }

  /// A document of the kit itself, parsed; the caller frees it.
  static func parse(_ file: String, read: (String) throws -> [UInt8]) throws -> xmlDocPtr {
    let bytes = try read(file)
    let messages = MessageLog()
    let document = unsafe bytes.withUnsafeBytes { buffer -> xmlDocPtr? in
      guard let parser = unsafe xmlNewParserCtxt() else { return nil }
      defer { unsafe xmlFreeParserCtxt(parser) }
      let document = unsafe xmlCtxtReadMemory(
        parser, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count), nil, nil,
        Int32(XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue))
      if unsafe document == nil { unsafe messages.add(parser.pointee.lastError) }
      return unsafe document
    }
    guard let document = unsafe document else {
      throw SchemaError(file: file, line: messages.first?.line, reason: messages.first?.text ?? "not well-formed XML")
    }
    return unsafe document
  }

  /// Puts the components of every included file in the place of its `xs:include`.
  private static func merge(
    into root: xmlNodePtr, of file: String, included: inout Set<String>, read: (String) throws -> [UInt8]
  ) throws {
    var child = unsafe root.firstElement
    while let current = unsafe child {
      unsafe child = current.nextElement
      let name = unsafe current.elementName
      guard name != "import", name != "redefine" else {
        throw SchemaError(file: file, line: unsafe Int(xmlGetLineNo(current)), reason: "xs:\(name) is not supported")
      }
      guard name == "include" else { continue }
      let line = unsafe Int(xmlGetLineNo(current))
      guard let location = unsafe current.attribute("schemaLocation"), !location.contains("/") else {
        throw SchemaError(file: file, line: line, reason: "xs:include needs the plain name of a schema beside it")
      }
      if included.insert(location).inserted {
        let other = try unsafe parse(location, read: read)
        defer { unsafe xmlFreeDoc(other) }
        guard let otherRoot = unsafe xmlDocGetRootElement(other) else { continue }
        try unsafe merge(into: otherRoot, of: location, included: &included, read: read)
        unsafe forEachChild(of: otherRoot) { component in
          if let copy = unsafe xmlDocCopyNode(component, root.pointee.doc, 1) {
            unsafe xmlAddPrevSibling(current, copy)
          }
        }
      }
      unsafe xmlUnlinkNode(current)
      unsafe xmlFreeNode(current)
    }
  }
}

/// What libxml2 reports while it works: handed to it as the context of its callbacks, kept alive by the caller.
final class MessageLog {
  @safe struct Message {
    var code: Int
    var line: Int
    var text: String
    var node: xmlNodePtr?
  }

  private(set) var messages: [Message] = []
  var first: Message? { messages.first }

  var context: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }

  static let receive: xmlStructuredErrorFunc = { context, error in
    guard let context = unsafe context, let error = unsafe error else { return }
    unsafe Unmanaged<MessageLog>.fromOpaque(context).takeUnretainedValue().add(error.pointee)
  }

  func add(_ error: xmlError) {
    let text = unsafe error.message.map { unsafe String(cString: $0) } ?? ""
    unsafe messages.append(
      Message(
        code: Int(error.code), line: Int(error.line), text: text.split(separator: "\n").joined(separator: " "),
        node: error.node?.assumingMemoryBound(to: xmlNode.self)))
  }

  func clear() { messages.removeAll(keepingCapacity: true) }
}
