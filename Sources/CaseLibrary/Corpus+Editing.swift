public import XMLValidation

extension CorpusBreak {
  /// An edit that cannot be made, with the reason.
  public struct EditError: Error, CustomStringConvertible {
    public var description: String
  }

  /// The document with the edits made, compact. What is put in goes in as it is written, attributes and all.
  public static func document(of original: ElementTree, edited edits: [Edit]) throws(EditError) -> [UInt8] {
    var tree = original
    // A stand-in keeps the place of an insertion until the text is made.
    var insertions: [(standIn: String, xml: String)] = []
    for edit in edits {
      guard let path = tree.indexPaths(along: edit.path).first else {
        throw EditError(description: "nothing is at \(edit.path)")
      }
      func needed(_ value: String?, _ key: String) throws(EditError) -> String {
        guard let value else {
          throw EditError(description: "\(edit.op.rawValue) at \(edit.path) needs '\(key)'")
        }
        return value
      }
      switch edit.op {
      case .set: tree = tree.setting(at: path, to: try needed(edit.value, "value"))
      case .drop: tree = tree.dropping(at: path)
      case .duplicate: tree = tree.duplicating(at: path)
      case .rename: tree = tree.renaming(at: path, to: try needed(edit.to, "to"))
      case .insert:
        let standIn = ElementTree("cispec-insertion-\(insertions.count)")
        insertions.append((standIn.fragment, try needed(edit.xml, "xml")))
        tree = tree.inserting(standIn, at: path)
      }
    }
    return Array(
      insertions.reduce(tree.document(marks: [:])) { $0.replacing($1.standIn, with: $1.xml, maxReplacements: 1) }.utf8)
  }
}
