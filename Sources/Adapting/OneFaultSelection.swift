internal import CaseLibrary
internal import XMLValidation

/// Which of the possible documents are derived. All of all documents are two hundred thousand that say much the same:
/// unless they are asked for, each declared node gets each fault once, in the first document that has it.
struct OneFaultSelection {
  let isFull: Bool
  private var taken: Set<String> = []

  init(isFull: Bool) { self.isFull = isFull }

  /// Whether a fault of a node is derived here; later the same is not.
  mutating func take(_ fault: String, of node: String, in kind: DocumentKind) -> Bool {
    if isFull || fault == Self.untouched { return true }
    // Nodes that operations share have one requirement. Rules differ between operations, so what changes a valid
    // document in a way that only rules may mind is derived for each; what the schema refuses depends on the part.
    let isForRules = ["set-", "dropped", "twice", "moved-", "other-order"].contains { fault.hasPrefix($0) }
    let scope = isForRules ? kind.path : kind.part == .request ? "request" : "answer"
    return taken.insert("\(scope) \(node) \(fault)").inserted
  }

  /// The name of the case that is no fault.
  static let untouched = "as-it-is"
}
