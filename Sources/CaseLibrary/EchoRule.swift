public import XMLValidation

/// How a node of an answer repeats the request: the one place that says which node and when two values are the same.
public enum EchoRule {
  /// The nodes of the request that a node of the answer echoes: `/Response/JobsDetail/X` echoes `/Request/X`.
  ///
  /// Only nodes without children; several when the request repeats a node.
  public static func requestNodes(for path: [String], in request: ElementTree) -> [ElementTree] {
    path.dropFirst(path.dropFirst().first == "JobsDetail" ? 2 : 1)
      .reduce([request]) { elements, name in elements.flatMap { $0.all(name) } }
      .filter(\.children.isEmpty)
  }

  /// Equal as text, or as decimal numbers.
  public static func isSame(_ one: String, _ other: String) -> Bool {
    if one.utf8.elementsEqual(other.utf8) { return true }
    guard let left = decimal(one), let right = decimal(other) else { return false }
    return left == right
  }

  /// A plain decimal number without needless zeros; nil for anything else.
  private static func decimal(_ text: String) -> String? {
    let isNegative = text.hasPrefix("-")
    let parts = text.dropFirst(isNegative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count),
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
    else { return nil }
    let whole = String(parts[0].drop { $0 == "0" })
    let fraction = parts.count == 2 ? String(parts[1].reversed().drop { $0 == "0" }.reversed()) : ""
    let number = (whole.isEmpty ? "0" : whole) + (fraction.isEmpty ? "" : "." + fraction)
    return isNegative && number != "0" ? "-" + number : number
  }
}
