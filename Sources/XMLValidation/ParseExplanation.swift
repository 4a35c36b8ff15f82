private import CLibXML2
import Findings

/// Says in the words of the API why a document could not be read at all.
struct ParseExplanation {
  let bytes: [UInt8]
  let errata: [ErratumRecognition]

  func finding(for failure: ParseFailure, file: String?) -> Finding {
    func finding(_ id: String, line: Int = 1, column: Int = 1, _ message: String, hint: String) -> Finding {
      Finding(
        id: id, requirement: "xml.well-formed", severity: .error, place: Place(file: file, line: line, column: column),
        message: message, hint: hint)
    }
    switch failure {
    case .empty:
      return finding(
        "xml.empty", "The document is empty; an XML document with one root element is expected.",
        hint: "Send the body that the operation documents.")
    case .tooLarge(let bytesMax):
      return finding(
        "xml.too-large", "The document has more than \(bytesMax) bytes, which is all that is read of one.",
        hint: "Raise the limit with --max-bytes when the document is really that large.")
    case .tooManyElements(let line, let elementsMax):
      return finding(
        "xml.too-many-elements", line: line, "The document has more than \(elementsMax) elements.",
        hint: "Raise the limit with --max-elements when it really has so many.")
    case .tooDeep(let line, let depthMax):
      return finding(
        "xml.too-deep", line: line, "Elements are nested more than \(depthMax) deep.",
        hint: "No document of the API nests more than a dozen; look for tags that are never closed.")
    case .doctype(let line):
      return finding(
        "xml.doctype", line: line, "The document has a DOCTYPE; the kit reads none, so no entity is ever expanded.",
        hint: "Leave the DOCTYPE out: the API's documents have none.")
    case .encoding(let name):
      return finding(
        "xml.encoding", "The document is in \(name); the API's documents are in UTF-8.",
        hint: "Write it in UTF-8, with encoding=\"utf-8\" in the declaration or none at all.")
    case .malformed(let malformation): return self.finding(for: malformation, file: file)
    }
  }

  private func finding(for malformation: Malformation, file: String?) -> Finding {
    let open = malformation.openName ?? ""
    let close = malformation.otherName ?? ""
    var finding = Finding(
      id: "xml.not-well-formed", requirement: "xml.well-formed", severity: .error,
      place: Place(file: file, line: max(1, malformation.line), column: max(1, malformation.column)),
      message: "The document is not well-formed XML: \(malformation.message).",
      hint: "Repair it here and check again: what follows cannot be read before.")
    // The parser takes a NUL for the end, and reports whatever is missing there.
    if let place = bytes.firstIndex(of: 0) {
      finding.id = "xml.invalid-character"
      finding.place.line = 1 + bytes[..<place].count { $0 == 0x0A }
      finding.place.column = column(ofByte: place)
      finding.message = "The document holds a NUL byte, which XML does not allow."
      finding.hint = "Write text in UTF-8 and leave control characters out."
      return finding
    }
    if let last = bytes.lastIndex(of: 0x3C), !bytes[last...].contains(0x3E) {
      finding.id = "xml.cut-short"
      finding.message = "The document ends inside a tag."
      finding.hint = "Check that the whole body arrived."
      return finding
    }
    switch malformation.code {
    case Int(XML_ERR_TAG_NAME_MISMATCH.rawValue):
      finding.id = "xml.tags-do-not-fit"
      finding.message =
        "\(open), opened in line \(malformation.openLine), is never closed: </\(close)> stands where </\(open)> is expected."
      finding.hint = "Write </\(open)> after its value."
      finding.erratum = erratum(open: open, close: close)
      if let unclosed = unclosedErratum(open) {
        finding.erratum = unclosed
        if let place = lastOccurrence(of: "<\(open)>") {
          finding.place.line = 1 + bytes[..<place].count { $0 == 0x0A }
          finding.place.column = column(ofByte: place)
        }
        finding.hint =
          "<\(open)> is written again where </\(open)> closes it; the documentation prints it so by mistake."
      }
    case Int(XML_ERR_TAG_NOT_FINISHED.rawValue):
      finding.id = "xml.cut-short"
      finding.message = "The document ends before \(open.isEmpty ? "its root element" : open) is closed."
      finding.hint = "Check that the whole body arrived."
      finding.erratum = unclosedErratum(open)
    case Int(XML_ERR_DOCUMENT_END.rawValue):
      finding.message = "Something follows the root element; a document has one root and nothing after it."
    case Int(XML_ERR_DOCUMENT_EMPTY.rawValue):
      finding.id = "xml.not-xml"
      finding.message = "This is not XML: a document starts with '<'."
      finding.hint = "Check that this is the body of a message and not its head, JSON or an HTML page."
    case Int(XML_ERR_INVALID_CHAR.rawValue), Int(XML_ERR_INVALID_ENCODING.rawValue):
      finding.id = "xml.invalid-character"
      finding.message = "The document holds bytes that are no character of XML in UTF-8."
      finding.hint = "Write text in UTF-8 and leave control characters out."
    case Int(XML_ERR_UNDECLARED_ENTITY.rawValue), Int(XML_WAR_UNDECLARED_ENTITY.rawValue):
      finding.id = "xml.unknown-entity"
      finding.message = "&\(open); is not known: XML itself has &lt; &gt; &amp; &quot; &apos; and &#…; alone."
      finding.hint = "Write a bare '&' as '&amp;'."
    default: break
    }
    return finding
  }

  private func erratum(open: String, close: String) -> String? {
    errata.first {
      ($0.mismatchOpen == open && $0.mismatchClose == close) || ($0.strayClose == close && close != "")
    }?.erratum
  }

  /// The erratum of an element whose start tag stands twice, the second time in the place of its end tag.
  private func unclosedErratum(_ name: String) -> String? {
    guard let match = errata.first(where: { $0.unclosed == name }) else { return nil }
    let tag = Array("<\(name)>".utf8)
    let occurrences = bytes.indices.count { holds(tag, at: $0) }
    return occurrences >= 2 ? match.erratum : nil
  }

  private func holds(_ text: [UInt8], at start: Int) -> Bool {
    start + text.count <= bytes.count && bytes[start..<start + text.count].elementsEqual(text)
  }

  private func lastOccurrence(of text: String) -> Int? {
    let text = Array(text.utf8)
    return bytes.indices.last { holds(text, at: $0) }
  }

  /// From 1, in characters.
  private func column(ofByte offset: Int) -> Int {
    let start = bytes[..<offset].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    return 1 + bytes[start..<offset].count { $0 & 0xC0 != 0x80 }
  }
}
