/// How an adapter's results show a document; what it says in `hello`.
public struct ResultConvention: Sendable, Equatable {
  /// Whether names may differ in capitals, hyphens and underscores.
  public var foldsNames = false
  /// Whether an empty element may be left out.
  public var dropsEmpty = false
  /// What stands before an attribute's name; nil when attributes are not shown.
  public var attributePrefix: String?
  /// The member that holds the text of an element with attributes.
  public var textKey = "#text"

  public init() {}

  /// - Parameter texts: held to `problem(of:)` already.
  init(_ texts: [String: String]) {
    foldsNames = texts["names"] == "folded"
    dropsEmpty = texts["empty"] == "dropped"
    attributePrefix = texts["attributes"]
    textKey = texts["text"] ?? "#text"
  }

  /// What is wrong with the member `reads` of `hello`.
  static func problem(of value: AdapterValue) -> String? {
    guard let texts = value.texts else { return "is not an object of texts" }
    let values = ["names": ["printed", "folded"], "empty": ["kept", "dropped"]]
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
      if let known = values[name] {
        guard known.contains(text) else { return "has '\(name)' that is neither \(known.joined(separator: " nor "))" }
      } else if !["attributes", "text"].contains(name) || text.isEmpty {
        return "has '\(name)', which is unknown or empty"
      }
    }
    return nil
  }

  func name(_ name: String) -> String {
    foldsNames ? name.lowercased().filter { $0 != "_" && $0 != "-" } : name
  }
}
