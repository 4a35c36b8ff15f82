import Findings
import XMLValidation

/// A small schema of its own, so that these tests stand apart from the kit's data.
enum Fixture {
  static let schema = """
    <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:ci="urn:cispec:annotation:1">
      <xs:include schemaLocation="types.xsd"/>
      <xs:element name="Job">
        <xs:complexType>
          <xs:all>
            <xs:element name="Id" type="Id">
              <xs:annotation><xs:appinfo><ci:node requirement="job.id" class="assigned"/></xs:appinfo></xs:annotation>
            </xs:element>
            <xs:element name="State" type="State" minOccurs="0">
              <xs:annotation><xs:appinfo><ci:node requirement="job.state" class="state"/></xs:appinfo></xs:annotation>
            </xs:element>
            <xs:element name="Size" minOccurs="0">
              <xs:annotation><xs:appinfo><ci:node requirement="job.size" class="result"/></xs:appinfo></xs:annotation>
              <xs:simpleType><xs:restriction base="xs:long"><xs:minInclusive value="0"/></xs:restriction></xs:simpleType>
            </xs:element>
            <xs:element name="Progress" type="xs:string" minOccurs="0">
              <xs:annotation><xs:appinfo><ci:node requirement="job.progress" class="free" since="2025"/></xs:appinfo></xs:annotation>
            </xs:element>
            <xs:element name="Input" type="Input" minOccurs="0">
              <xs:annotation><xs:appinfo><ci:node requirement="job.input" class="container"/></xs:appinfo></xs:annotation>
            </xs:element>
          </xs:all>
        </xs:complexType>
      </xs:element>
    </xs:schema>
    """

  static let types = """
    <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:ci="urn:cispec:annotation:1">
      <xs:simpleType name="Id"><xs:restriction base="xs:string"><xs:pattern value="j[0-9]+"/></xs:restriction></xs:simpleType>
      <xs:simpleType name="State"><xs:restriction base="xs:string">
        <xs:enumeration value="Submitted"/><xs:enumeration value="Success"/></xs:restriction></xs:simpleType>
      <xs:simpleType name="Note"><xs:restriction base="xs:string"><xs:maxLength value="3"/></xs:restriction></xs:simpleType>
      <xs:complexType name="Input"><xs:all>
        <xs:element name="Object" type="xs:string">
          <xs:annotation><xs:appinfo><ci:node requirement="job.input.object" class="echo"/></xs:appinfo></xs:annotation>
        </xs:element>
        <xs:element name="Note" type="Note" minOccurs="0">
          <xs:annotation><xs:appinfo><ci:node requirement="job.input.note" class="echo"/></xs:appinfo></xs:annotation>
        </xs:element>
      </xs:all></xs:complexType>
    </xs:schema>
    """

  static let rules = """
    <schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt">
      <title>Rules of a job</title>
      <pattern>
        <rule context="Job">
          <assert id="job.size.only-finished" role="must" test="not(Size) or State='Success'">
            Size is there while State is <value-of select="State"/>.
          </assert>
        </rule>
        <rule context="Input">
          <report id="job.input.same-name" role="observed" test="Object = Note">Object and Note are alike.</report>
        </rule>
      </pattern>
    </schema>
    """

  static let requirements = [
    "job.id": Requirement.Level.must, "job.id.required": .must, "job.id.form": .must, "job.state": .must,
    "job.state.values": .must, "job.state.once": .must, "job.size": .must, "job.size.range": .must,
    "job.input.object.required": .must, "job.input.note.max-length": .must, "job.size.only-finished": .must,
    "job.input.same-name": .observed, "job.progress": .observed, "xml.documented-nodes": .must, "xml.root": .must,
  ].map { Requirement(id: $0.key, statement: "Statement of \($0.key).", level: $0.value, source: "fixture") }

  static let files = ["job.xsd": schema, "types.xsd": types, "job.sch": rules]

  static func library(part: DocumentKind.Part = .response, files: [String: String] = files) -> ValidationLibrary {
    ValidationLibrary(
      definitions: [
        DocumentDefinition(
          kind: DocumentKind(operation: "job", part: part), schema: "job.xsd", root: "Job", rules: ["job.sch"],
          guess: ["/Job/Id"])
      ],
      requirements: requirements,
      errata: [
        ErratumRecognition(erratum: "E01", unclosed: "Note"),
        ErratumRecognition(erratum: "E34", mismatchOpen: "Id", mismatchClose: "Name"),
        ErratumRecognition(erratum: "E40", strayClose: "Message"),
        ErratumRecognition(erratum: "E11", requirements: ["job.size.only-finished"]),
      ],
      read: { name in
        guard let text = files[name] else { throw SchemaError(file: name, reason: "there is no such file") }
        return Array(text.utf8)
      })
  }

  static func check(
    _ document: String, part: DocumentKind.Part = .response, options: ValidationOptions = ValidationOptions()
  ) throws -> DocumentCheck {
    try check(Array(document.utf8), part: part, options: options)
  }

  static func check(
    _ bytes: [UInt8], part: DocumentKind.Part = .response, options: ValidationOptions = ValidationOptions()
  ) throws -> DocumentCheck {
    try Validator(library: library(part: part), options: options)
      .check(bytes, as: DocumentKind(operation: "job", part: part), file: "a.xml")
  }
}
