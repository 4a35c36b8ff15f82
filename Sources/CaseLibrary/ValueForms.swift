internal import XMLValidation

/// Whether single values, of a path, a query or a header field, have the form of a type or pattern. The schemas'
/// own engine judges them, so that a job ID in a path and one in a body mean the same. For one thread at a time.
final class ValueForms {
  private let validator: Validator
  private let known: Set<String>
  /// Values that were found to fit, by the type.
  private var fitting: [String: BoundedSet] = [:]
  private var patterns: [String: ValuePattern] = [:]

  /// The names of the operations file for types that XSD itself has.
  private static let builtIn = [
    "string": "xs:string", "integer": "xs:integer", "int": "xs:integer", "boolean": "xs:boolean",
    "decimal": "xs:decimal", "number": "xs:decimal",
  ]

  init(_ catalogue: Catalogue) throws {
    let folder = catalogue.folder
    let common = String(decoding: try folder.read("Schemas/common.xsd"), as: UTF8.self)
    let simpleTypes = Set(
      common.split(separator: "<xs:simpleType name=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) })
    // By the type.
    var schemas: [String: String] = [:]
    for operation in catalogue.operations {
      let types = (operation.pathParameters ?? []).map(\.type) + (operation.query ?? []).map(\.type)
      for type in types.compactMap({ $0.map(Self.single) }) {
        if let name = Self.builtIn[type] ?? (simpleTypes.contains(type) ? type : nil) {
          schemas[type] =
            "<xs:include schemaLocation=\"common.xsd\"/><xs:element name=\"value\" type=\"\(name)\"/>"
        }
      }
    }
    known = Set(schemas.keys)
    let texts = schemas
    let library = ValidationLibrary(
      definitions: schemas.keys.sorted().map {
        DocumentDefinition(
          kind: DocumentKind(operation: $0, part: .request), schema: $0, root: "value", rules: [], guess: [])
      }, requirements: [], errata: [],
      read: { file in
        guard let text = texts[file] else { return try folder.read("Schemas/\(file)") }
        return Array("<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">\(text)</xs:schema>".utf8)
      })
    validator = Validator(library: library)
  }

  /// The type of each value of a list.
  static func single(_ type: String) -> String { type.hasSuffix(" list") ? String(type.dropLast(5)) : type }

  /// A type that the schemas do not have is not judged.
  func fits(_ value: String, type: String) throws -> Bool {
    if fitting[type]?.contains(value) == true { return true }
    let fits = try fits(value, singleType: Self.single(type))
    if fits { fitting[type, default: BoundedSet()].insert(value) }
    return fits
  }

  func fits(_ value: String, pattern: String) throws -> Bool { try compiled(pattern).matches(value) }

  private func compiled(_ pattern: String) throws -> ValuePattern {
    if let known = patterns[pattern] { return known }
    guard let compiled = ValuePattern(pattern) else {
      throw SchemaError(file: "operations.json", reason: "'\(pattern)' is no pattern of XSD")
    }
    patterns[pattern] = compiled
    return compiled
  }

  private func fits(_ value: String, singleType type: String) throws -> Bool {
    guard known.contains(type) else { return true }
    let document = ElementTree("value", text: value).documentBytes
    return try validator.check(document, as: DocumentKind(operation: type, part: .request)).isValid
  }
}
