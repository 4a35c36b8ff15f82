import CaseLibrary
import HTTPExchange
import XMLValidation

/// The first inputs of each target, made from the kit's own data.
struct Seeds {
  let kit: Kit

  /// Writes `seed-N` files and the dictionary `FOLDER.dict`.
  func write(_ target: Target, to folder: String) throws {
    for (index, bytes) in try seeds(of: target).enumerated() {
      try Files.write(bytes, to: "\(folder)/seed-\(index)")
    }
    let words = try words(of: target)
    try Files.write(Array(words.map { "\"\($0)\"\n" }.joined().utf8), to: "\(folder).dict")
  }

  private func seeds(of target: Target) throws -> [[UInt8]] {
    switch target {
    case .validate: try documents().map(prefixed)
    case .httpText: try messages()
    case .authorization:
      try messages().compactMap { try? HTTPMessageText.request(parsing: $0) }.flatMap { request in
        [HTTPMessageText.bytes(of: request)]
          + [request.headers["Authorization"]].compactMap { $0.map { Array($0.utf8) } }
      }
    case .query:
      try messages().compactMap { try? HTTPMessageText.request(parsing: $0) }
        .flatMap { [$0.target, $0.rawQuery].compactMap { $0 } }.map { Array($0.utf8) }
    }
  }

  /// Every XML document of the data, valid or not, and the bodies of the recorded messages.
  private func documents() throws -> [[UInt8]] {
    let files = try Files.tree(of: "\(kit.root)/Schemas").filter { $0.hasSuffix(".xml") && $0 != "catalog.xml" }
    return try files.map { try Files.read("\(kit.root)/Schemas/\($0)") }
      + messages().compactMap { bytes in
        let body =
          (try? HTTPMessageText.request(parsing: bytes).body) ?? (try? HTTPMessageText.response(parsing: bytes).body)
        return body.flatMap { $0.first == 0x3C ? $0 : nil }
      }
  }

  private func messages() throws -> [[UInt8]] {
    try Files.tree(of: "\(kit.root)/Exchanges").filter { $0.hasSuffix(".http") }
      .map { try Files.read("\(kit.root)/Exchanges/\($0)") }
  }

  /// The document after the byte that chooses its kind.
  private func prefixed(_ document: [UInt8]) -> [UInt8] {
    let definitions = kit.library.definitions
    let kind = (try? Validator(library: kit.library).check(document, as: KindHint()))?.kind
    return [UInt8(definitions.firstIndex { $0.kind == kind } ?? definitions.count)] + document
  }

  /// Element names and values of the schemas as tags and text; for messages the words of a head.
  private func words(of target: Target) throws -> [String] {
    guard target == .validate else {
      return [
        "HTTP/1.1 ", "GET ", "POST ", "\\x0d\\x0a", ": ", "Host", "Authorization", "Content-Type", "x-ci-", "%2F",
        "%25", "&", "=",
        ";", "\\xcc\\x81", "q-sign-algorithm=sha1", "q-sign-time=1557989151;1557996351",
        "q-key-time=1557989151;1557996351",
        "q-header-list=", "q-url-param-list=", "q-ak=", "q-signature=", "sign=",
      ]
    }
    var words: Set<String> = []
    for file in try Files.names(in: "\(kit.root)/Schemas") where file.hasSuffix(".xsd") {
      let text = String(decoding: try Files.read("\(kit.root)/Schemas/\(file)"), as: UTF8.self)
      for line in text.split(separator: "\n") {
        let isElement = line.contains("<xs:element ")
        guard isElement || line.contains("<xs:enumeration ") else { continue }
        guard let value = line.split(separator: isElement ? " name=\"" : " value=\"").dropFirst().first else {
          continue
        }
        let name = value.prefix { $0 != "\"" }
        guard !name.isEmpty, name.allSatisfy({ $0.isASCII && $0 != "\\" }) else { continue }
        words.formUnion(isElement ? ["<\(name)>", "</\(name)>"] : [String(name)])
      }
    }
    return words.sorted() + [
      "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>", "&amp;", "&#", "xmlns=", "<!DOCTYPE ", " a='>'",
    ]
  }
}
