internal import Findings
internal import XMLValidation

/// A callback in JSON turned into the document that its XML form would be, with the places of its nodes.
///
/// Source: the callback sections of the job pages; JobsDetail is an object on some and a list of one on others, and one
/// page wraps all in `Response`.
struct JSONCallback {
  private(set) var tree = ElementTree("Response")
  private(set) var findings: [Finding] = []
  private let bytes: [UInt8]
  private let file: String?
  /// Offsets by path, with a number behind every name.
  private var offsets: [String: Int] = [:]

  init(_ value: JSONValue, in bytes: [UInt8], file: String?) {
    self.bytes = bytes
    self.file = file
    var root = value
    if case .object(let members) = value.content, members.count == 1, members[0].key == "Response" {
      root = members[0].value
    }
    let path = "/Response[1]"
    offsets[path] = root.offset
    guard case .object(let members) = root.content else {
      report(
        "json.no-object", root.offset, "A callback in JSON is an object.", "Send {\"EventName\": …, \"JobsDetail\": …}."
      )
      return
    }
    tree.children = children(members, path: path)
  }

  /// Whether a text reads like such a callback; it is scanned no further than its first bytes.
  static func isLikely(_ start: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: start.prefix(4096), as: UTF8.self)
    return text.contains("\"EventName\"") || text.contains("\"JobsDetail\"")
  }

  /// A finding about the XML form with its place in the JSON.
  func placed(_ finding: Finding) -> Finding {
    var finding = finding
    var path = (finding.place.path ?? "").split(separator: "/").map { $0.hasSuffix("]") ? String($0) : "\($0)[1]" }
    while !path.isEmpty, offsets[path.map { "/" + $0 }.joined()] == nil { path.removeLast() }
    let offset = offsets[path.map { "/" + $0 }.joined()] ?? 0
    let position = textPosition(of: offset, in: bytes)
    finding.place.line = position.line
    finding.place.column = position.column
    return finding
  }

  // MARK: Nodes

  private mutating func children(_ members: [JSONMember], path: String) -> [ElementTree] {
    var nodes: [ElementTree] = []
    var counts: [String: Int] = [:]
    for member in members {
      guard Self.isName(member.key) else {
        report("json.key", member.offset, "'\(member.key)' cannot be the name of a node.", nil)
        continue
      }
      var values = [member.value]
      if case .array(let elements) = member.value.content { values = elements }
      for value in values {
        counts[member.key, default: 0] += 1
        nodes.append(node(member.key, value, path: "\(path)/\(member.key)[\(counts[member.key] ?? 0)]"))
      }
    }
    return nodes
  }

  private mutating func node(_ name: String, _ value: JSONValue, path: String) -> ElementTree {
    offsets[path] = value.offset
    switch value.content {
    case .object(let members):
      var element = ElementTree(name, children: children(members, path: path))
      // An empty Message is left out in JSON, as the callback samples of the job pages show.
      if name == "JobsDetail", element["Message"] == nil { element.children.append(ElementTree("Message")) }
      return element
    case .array:
      report("json.nested-array", value.offset, "An array directly inside an array stands for no node.", nil)
      return ElementTree(name)
    case .string:
      let text = value.string ?? ""
      let isCarried = text.unicodeScalars.allSatisfy {
        $0.value >= 0x20 && $0.value != 0xFFFE && $0.value != 0xFFFF || [0x09, 0x0A, 0x0D].contains($0.value)
      }
      if !isCarried { report("json.character", value.offset, "\(name) holds a character that XML cannot carry.", nil) }
      return ElementTree(name, text: text)
    case .literal(let text): return ElementTree(name, text: text)
    case .null: return ElementTree(name)
    }
  }

  private static func isName(_ key: String) -> Bool {
    guard let first = key.utf8.first, first >= 0x80 || isLetter(first) || first == 0x5F else { return false }
    return key.utf8.allSatisfy {
      $0 >= 0x80 || isLetter($0) || (0x30...0x39).contains($0) || [0x2D, 0x2E, 0x5F].contains($0)
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

  private mutating func report(_ id: String, _ offset: Int, _ message: String, _ hint: String?) {
    let position = textPosition(of: offset, in: bytes)
    findings.append(
      Finding(
        id: id, severity: .error, place: Place(file: file, line: position.line, column: position.column),
        message: message, hint: hint))
  }
}
