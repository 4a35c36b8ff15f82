internal import XMLValidation

/// The declaration that would document a node that no schema has, to be judged by a person.
enum SchemaProposal {
  /// - Parameter elements: the occurrences of the node, at least one.
  static func fragment(for elements: [ElementTree], depth: Int = 0) -> String {
    guard let name = elements.first?.name else { return "" }
    let indent = String(repeating: "  ", count: depth)
    let children = elements.flatMap(\.children)
    let repeats = elements.count > 1 && depth == 0
    let occurs = repeats ? #" minOccurs="0" maxOccurs="unbounded""# : #" minOccurs="0""#
    let form = children.isEmpty ? form(of: elements.map(\.text)) : ("", "container")
    let type = children.isEmpty ? #" type="\#(form.0)""# : ""
    let note = repeats ? #" repeats="multiset""# : ""
    var lines = [
      #"\#(indent)<xs:element name="\#(name)"\#(type)\#(occurs)>"#,
      #"\#(indent)  <xs:annotation><xs:appinfo><ci:node class="\#(form.1)"\#(note)/></xs:appinfo></xs:annotation>"#,
    ]
    if !children.isEmpty {
      lines.append("\(indent)  <xs:complexType><xs:all>")
      var names: [String] = []
      for child in children where !names.contains(child.name) { names.append(child.name) }
      lines += names.map { name in fragment(for: children.filter { $0.name == name }, depth: depth + 2) }
      lines.append("\(indent)  </xs:all></xs:complexType>")
    }
    return (lines + ["\(indent)</xs:element>"]).joined(separator: "\n")
  }

  /// A simple type of `common.xsd` that the values have, and the class that goes with it.
  private static func form(of values: [String]) -> (type: String, nodeClass: String) {
    func all(_ matches: (String) -> Bool) -> Bool { values.allSatisfy(matches) }
    if all({ ValueEquality.seconds(of: $0) != nil }) { return ("JobTime", "clock") }
    if all({ $0 == "true" || $0 == "false" }) { return ("Bool", "free") }
    if all({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) { return ("Count", "free") }
    return ("Text", "free")
  }
}
