internal import FoundationEssentials
internal import XMLValidation

/// A document beside a JSON value that shows it: what is missing, what was added, what is different.
struct ResultComparison {
  struct Difference: Equatable {
    enum Kind: String {
      case lost, invented, changed
    }

    var kind: Kind
    /// Names from the root, such as `/Response/JobsDetail[2]/Code`.
    var path: String
    var expected: String?
    var actual: String?
  }

  var convention = ResultConvention()
  /// Whether an empty member that no element stands for is nothing, as an unset field of a typed result is.
  var emptyIsNothing = true
  private(set) var differences: [Difference] = []
  private static let differencesMax = 20

  init(convention: ResultConvention = ResultConvention(), emptyIsNothing: Bool = true) {
    self.convention = convention
    self.emptyIsNothing = emptyIsNothing
  }

  /// The differences of a value from a document; the value may or may not have a member for the root.
  static func differences(
    of value: AdapterValue, from root: ElementTree, convention: ResultConvention, emptyIsNothing: Bool = true
  ) -> [Difference] {
    var comparison = ResultComparison(convention: convention, emptyIsNothing: emptyIsNothing)
    var value = value
    let name = convention.name(root.name)
    if let members = value.object, members.count == 1, let (key, inner) = members.first,
      convention.name(key) == name, !root.children.contains(where: { convention.name($0.name) == name })
    {
      value = inner
    }
    comparison.compare(root, value, "/" + root.name)
    return comparison.differences
  }

  /// A document as JSON: text, or its children by name, in a list where there are several.
  static func value(of element: ElementTree) -> AdapterValue {
    guard !element.children.isEmpty else { return .text(element.text) }
    return .object(
      Dictionary(grouping: element.children, by: \.name).mapValues { elements in
        elements.count == 1 ? value(of: elements[0]) : .list(elements.map(value))
      })
  }

  private mutating func note(_ kind: Difference.Kind, _ path: String, _ expected: String?, _ actual: String?) {
    guard differences.count < Self.differencesMax else { return }
    differences.append(Difference(kind: kind, path: path, expected: expected, actual: actual))
  }

  private mutating func compare(_ element: ElementTree, _ value: AdapterValue, _ path: String) {
    var value = value
    if case .list(let list) = value, list.count == 1 { value = list[0] }
    let attributes = convention.attributePrefix == nil ? [:] : element.attributes
    guard element.children.isEmpty, attributes.isEmpty else {
      return compareMembers(element, attributes, value, path)
    }
    if element.text.isEmpty, value.isEmpty { return }
    guard let shown = value.scalar else {
      // An object in the place of a text: what it holds is not of the document.
      return note(.changed, path, element.text, value.excerpt)
    }
    if !value.shows(element.text) { note(.changed, path, element.text, shown) }
  }

  private mutating func compareMembers(
    _ element: ElementTree, _ attributes: [String: String], _ value: AdapterValue, _ path: String
  ) {
    guard let members = value.object else {
      return note(value.isEmpty ? .lost : .changed, path, element.fragment, value.excerpt)
    }
    var left = Dictionary(members.map { (convention.name($0.key), $0) }) { first, _ in first }
    for (name, text) in attributes.sorted(by: { $0.key < $1.key }) {
      let member = left.removeValue(forKey: convention.name((convention.attributePrefix ?? "") + name))
      if member?.value.shows(text) != true { note(.lost, "\(path)/@\(name)", text, member?.value.excerpt) }
    }
    if element.children.isEmpty {
      let text = left.removeValue(forKey: convention.name(convention.textKey))?.value ?? .null
      if !text.shows(element.text) { note(.changed, path, element.text, text.excerpt) }
    }
    for (name, elements) in groups(of: element) {
      compare(elements, left.removeValue(forKey: name)?.value, path)
    }
    for (_, member) in left.sorted(by: { $0.key < $1.key }) where !(emptyIsNothing && member.value.isEmpty) {
      note(.invented, "\(path)/\(member.key)", nil, member.value.excerpt)
    }
  }

  /// The children by name, in the order of their first.
  private func groups(of element: ElementTree) -> [(name: String, elements: [ElementTree])] {
    var names: [String] = []
    var groups: [String: [ElementTree]] = [:]
    for child in element.children {
      let name = convention.name(child.name)
      if groups[name] == nil { names.append(name) }
      groups[name, default: []].append(child)
    }
    return names.map { ($0, groups[$0] ?? []) }
  }

  private mutating func compare(_ elements: [ElementTree], _ value: AdapterValue?, _ path: String) {
    let places = elements.indices.map { "\(path)/\(elements[$0].name)" + (elements.count > 1 ? "[\($0 + 1)]" : "") }
    guard let value else {
      for (element, place) in zip(elements, places)
      where !(convention.dropsEmpty && element.children.isEmpty && element.text.isEmpty) {
        note(.lost, place, element.children.isEmpty ? element.text : element.fragment, nil)
      }
      return
    }
    // A lone empty element may be shown as an empty list.
    let values: [AdapterValue] =
      if case .list(let list) = value, !(list.isEmpty && elements.count == 1) { list } else { [value] }
    for (place, pair) in zip(places, zip(elements, values)) { compare(pair.0, pair.1, place) }
    for (element, place) in zip(elements, places).dropFirst(values.count) {
      note(.lost, place, element.children.isEmpty ? element.text : element.fragment, nil)
    }
    for (index, extra) in values.enumerated().dropFirst(elements.count) {
      note(.invented, "\(path)/\(elements[0].name)[\(index + 1)]", nil, extra.excerpt)
    }
  }
}

extension AdapterValue {
  /// Whether it says nothing: null, an empty text, or a list or object of such.
  var isEmpty: Bool {
    switch self {
    case .null: true
    case .text(let text): text.isEmpty
    case .list(let list): list.allSatisfy(\.isEmpty)
    case .object(let members): members.values.allSatisfy(\.isEmpty)
    case .flag, .integer, .number: false
    }
  }

  /// A value that is no container, as text.
  var scalar: String? {
    switch self {
    case .null: ""
    case .text(let text): text
    case .flag(let flag): "\(flag)"
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .list, .object: nil
    }
  }

  /// Whether it stands for a text: the same letters, or, for a fraction, the same number.
  func shows(_ text: String) -> Bool {
    if case .number(let number) = self { return Double(text) == number }
    return scalar.map { Array($0.utf8) == Array(text.utf8) } ?? false
  }

  /// The start of it, for people.
  var excerpt: String {
    let text = scalar ?? (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return text.utf8.count <= 200 ? text : String(text.prefix(197)) + "…"
  }
}
