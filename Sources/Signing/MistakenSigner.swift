internal import HTTPExchange

/// A signer that is right but for one mistake of the catalogue: what a mistake makes of a request, stage by stage.
public struct MistakenSigner: Sendable {
  /// A parameter that is signed; `wire` is its value in the request line.
  struct WireParameter {
    var name: String
    var value: String?
    var wire: String
  }

  private let method: String
  private let path: String
  private let rawPath: String
  private let rawQuery: String
  private let parameters: [WireParameter]
  private let headers: [HTTPHeaders.Field]
  private let credentials: Credentials
  private var keyTime: String
  private var signTime: String
  /// The lists of a right signer, which most mistakes leave as they are.
  private var rightParameters = (names: "", pairs: "")
  private var rightHeaders = (names: "", pairs: "")

  /// What is signed of a request.
  ///
  /// - Parameters:
  ///   - input: what is signed.
  ///   - target: path and query as in the request line, with the parameters in the order of the input; nil when
  ///     each is percent-encoded and nothing more.
  ///   - credentials: the key pair that signs.
  ///   - keyTime: `q-key-time`, two Unix times with a semicolon between.
  ///   - signTime: `q-sign-time`, in the same form.
  public init(
    input: RequestSignature.Input, target: String? = nil, credentials: Credentials, keyTime: String, signTime: String
  ) {
    let target = target ?? Self.target(of: input)
    let pieces = target.utf8.split(separator: 0x3F, maxSplits: 1, omittingEmptySubsequences: false)
    method = input.method
    path = input.path
    rawPath = String(Substring(pieces[0]))
    rawQuery = pieces.count > 1 ? String(Substring(pieces[1])) : ""
    parameters = zip(input.parameters, Self.wireValues(rawQuery)).map { parameter, wire in
      WireParameter(name: parameter.name, value: parameter.value, wire: wire)
    }
    headers = input.headers
    self.credentials = credentials
    self.keyTime = keyTime
    self.signTime = signTime
    rightParameters = parameterList(nil)
    rightHeaders = headerList(nil)
  }

  /// What an Authorization says is signed of the request that carries it.
  init(
    request: HTTPRequest, authorization: Authorization, credentials: Credentials, isCarrier: (String) -> Bool
  ) {
    func names(_ list: String) -> Set<String> {
      Set(list.utf8.split(separator: 0x3B).map { Substring($0).lowercased() })
    }
    let (listedParameters, listedHeaders) = (names(authorization.urlParamList), names(authorization.headerList))
    func isListed(_ name: String, _ names: Set<String>) -> Bool {
      names.contains(PercentCoding.encode(name).lowercased()) || names.contains(name.lowercased())
    }
    method = request.method
    path = PercentCoding.decode(request.rawPath, plusIsSpace: true)
    rawPath = request.rawPath
    rawQuery = request.rawQuery ?? ""
    parameters = zip(PercentCoding.parameters(ofQuery: rawQuery), Self.wireValues(rawQuery)).compactMap {
      parameter, wire in
      isCarrier(parameter.name) || !isListed(parameter.name, listedParameters)
        ? nil : WireParameter(name: parameter.name, value: parameter.value, wire: wire)
    }
    headers = request.headers.fields.filter { isListed($0.name, listedHeaders) }
    self.credentials = credentials
    keyTime = authorization.keyTime
    signTime = authorization.signTime
    rightParameters = parameterList(nil)
    rightHeaders = headerList(nil)
  }

  /// The same with each time in the other's place.
  var withTimesExchanged: MistakenSigner {
    var other = self
    swap(&other.keyTime, &other.signTime)
    return other
  }

  private static func target(of input: RequestSignature.Input) -> String {
    let query = input.parameters.map { parameter in
      PercentCoding.encode(parameter.name) + (parameter.value.map { "=" + PercentCoding.encode($0) } ?? "")
    }
    return PercentCoding.encodeKeepingSlashes(input.path) + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
  }

  /// The value of each parameter of a query as it stands there; empty pieces are left out.
  private static func wireValues(_ query: String) -> [String] {
    query.utf8.split(separator: 0x26).map { piece in
      guard let equals = piece.firstIndex(of: 0x3D) else { return "" }
      return String(Substring(piece[piece.index(after: equals)...]))
    }
  }

  // MARK: Stages

  private static let listStages: Set<String> = ["UrlParamList", "HttpParameters", "HeaderList", "HttpHeaders"]

  /// Every stage as a signer with that mistake makes it, or the right one with none.
  public func stages(with mistake: SigningMistake?) -> RequestSignature.Stages {
    let wrong = mistake?.deviation
    let keyTime = time(self.keyTime, wrong)
    let signTime = time(self.signTime, wrong)
    let signKey = signKey(wrong == .keyOfSignTime ? signTime : keyTime, wrong)
    let keepsLists = mistake.map { !Self.listStages.contains($0.stage) } ?? true
    let parameters = keepsLists ? rightParameters : parameterList(wrong)
    let headers = keepsLists ? rightHeaders : headerList(wrong)
    let httpString = httpString(parameters.pairs, headers.pairs, wrong)
    let digest = digest(of: httpString, wrong)
    let stringToSign = stringToSign(keyTime: keyTime, signTime: signTime, digest: digest, wrong)
    let signature = signature(signKey: signKey, stringToSign: stringToSign, wrong)
    let authorization = Authorization(
      secretID: credentials.secretID, signTime: signTime, keyTime: keyTime, headerList: headers.names,
      urlParamList: parameters.names, signature: signature)
    return RequestSignature.Stages(
      keyTime: keyTime, signKey: signKey, urlParamList: parameters.names, httpParameters: parameters.pairs,
      headerList: headers.names, httpHeaders: headers.pairs, httpString: httpString, httpStringSHA1: digest,
      stringToSign: stringToSign, signature: signature, authorization: text(of: authorization, wrong))
  }

  private func time(_ text: String, _ wrong: SigningMistake.Deviation?) -> String {
    guard let span = TimeSpan(parsing: text) else { return text }
    switch wrong {
    case .keyTimeMilliseconds: return "\(span.start)000;\(span.end)000"
    case .keyTimeLocal: return "\(span.start + 28_800);\(span.end + 28_800)"
    case .keyTimeDuration: return "\(span.start);\(span.end - span.start)"
    default: return text
    }
  }

  private func secretKey(_ wrong: SigningMistake.Deviation?) -> [UInt8] {
    switch wrong {
    case .secretTrimmed: Array(trimmed(credentials.secretKey).utf8)
    case .secretKeyCut: Array(credentials.secretKey.utf8.prefix(64))
    default: Array(credentials.secretKey.utf8)
    }
  }

  private func signKey(_ time: String, _ wrong: SigningMistake.Deviation?) -> String {
    let secret = secretKey(wrong)
    let message = Array(time.utf8)
    switch wrong {
    case .signKeyPartsExchanged: return text(Digests.hexHMACSHA1(key: message, message: secret))
    case .signKeyWithoutHMAC: return text(Digests.hexSHA1(secret + message))
    case .signKeyInCapitals: return text(Digests.hexHMACSHA1(key: secret, message: message)).uppercased()
    default: return text(Digests.hexHMACSHA1(key: secret, message: message))
    }
  }

  private func httpString(_ parameters: String, _ headers: String, _ wrong: SigningMistake.Deviation?) -> String {
    let method =
      switch wrong {
      case .methodInCapitals: self.method.uppercased()
      case .methodAsGiven: self.method
      default: self.method.lowercased()
      }
    var last = wrong == .httpStringLinesExchanged ? [headers, parameters] : [parameters, headers]
    if wrong == .httpStringEmptyLinesDropped { last.removeAll { $0.isEmpty } }
    if wrong == .httpStringBodyDigest { last.append(RequestSignature.sha1("")) }
    let end = wrong == .httpStringCRLF ? "\r\n" : "\n"
    let lines = ([method, path(wrong)] + last).joined(separator: end)
    return wrong == .httpStringNoNewline ? lines : lines + end
  }

  private func digest(of httpString: String, _ wrong: SigningMistake.Deviation?) -> String {
    switch wrong {
    case .digestLeftOut: httpString
    case .digestInCapitals: RequestSignature.sha1(httpString).uppercased()
    default: RequestSignature.sha1(httpString)
    }
  }

  private func stringToSign(
    keyTime: String, signTime: String, digest: String, _ wrong: SigningMistake.Deviation?
  ) -> String {
    let word: String? =
      switch wrong {
      case .stringToSignNoAlgorithm: nil
      case .stringToSignHMACWord: "hmac-sha1"
      default: "sha1"
      }
    let lines = [word, wrong == .stringToSignKeyTime ? keyTime : signTime, digest].compactMap { $0 }
    return lines.joined(separator: "\n") + (wrong == .stringToSignNoNewline ? "" : "\n")
  }

  private func signature(signKey: String, stringToSign: String, _ wrong: SigningMistake.Deviation?) -> String {
    let key = Array(signKey.utf8)
    let message = Array(stringToSign.utf8)
    switch wrong {
    case .signKeyRaw: return text(Digests.hexHMACSHA1(key: bytes(ofHex: key), message: message))
    case .secretKeyAsSignKey: return text(Digests.hexHMACSHA1(key: secretKey(wrong), message: message))
    case .signaturePartsExchanged: return text(Digests.hexHMACSHA1(key: message, message: key))
    case .signatureInCapitals: return text(Digests.hexHMACSHA1(key: key, message: message)).uppercased()
    case .signatureBase64: return base64(bytes(ofHex: Digests.hexHMACSHA1(key: key, message: message)))
    default: return text(Digests.hexHMACSHA1(key: key, message: message))
    }
  }

  private func text(of authorization: Authorization, _ wrong: SigningMistake.Deviation?) -> String {
    var written = authorization
    switch wrong {
    case .authorizationListsExchanged: swap(&written.headerList, &written.urlParamList)
    case .authorizationTimesExchanged: swap(&written.keyTime, &written.signTime)
    case .authorizationEncoded: return authorization.query
    default: break
    }
    guard wrong == .authorizationBlanks else { return written.description }
    return written.description.split(separator: "&", omittingEmptySubsequences: false).joined(separator: "& ")
  }

  // MARK: Path

  private func path(_ wrong: SigningMistake.Deviation?) -> String {
    switch wrong {
    case .textComposed: return Accents.composed(path)
    case .textDecomposed: return Accents.decomposed(path)
    case .pathEncoded: return PercentCoding.encodeKeepingSlashes(path)
    case .pathAsOnWire: return rawPath
    case .pathPlusKept: return PercentCoding.decode(rawPath, plusIsSpace: false)
    case .pathPlusAsSpace: return replacing("+", with: " ", in: path)
    case .pathDecodedTwice: return PercentCoding.decode(path, plusIsSpace: false)
    case .pathSlashEscapeKept:
      let kept = replacing("%2f", with: "%252F", in: replacing("%2F", with: "%252F", in: rawPath))
      return PercentCoding.decode(kept, plusIsSpace: true)
    case .pathSlashesCollapsed: return collapsing("/", in: path)
    case .pathTrailingSlashDropped: return path.utf8.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    case .pathDotsResolved: return withoutDots(path)
    case .pathFirstSlashDropped: return path.hasPrefix("/") ? String(path.dropFirst()) : path
    case .pathRootEmpty: return path == "/" ? "" : path
    case .pathLowered: return path.lowercased()
    case .pathCutAtQuestionMark: return String(path.prefix { $0 != "?" })
    case .pathWithQuery: return rawQuery.isEmpty ? path : path + "?" + rawQuery
    default: return path
    }
  }

  private func withoutDots(_ path: String) -> String {
    var kept: [Substring] = []
    for segment in path.split(separator: "/", omittingEmptySubsequences: false) where segment != "." {
      if segment != ".." {
        kept.append(segment)
      } else if kept.count > 1 {
        kept.removeLast()
      }
    }
    return kept.joined(separator: "/")
  }

  // MARK: Lists

  /// One signed parameter or header; a pair of nil is listed and not signed.
  private struct Entry {
    var raw: String
    var name: String
    var pair: String?
  }

  private func parameterList(_ wrong: SigningMistake.Deviation?) -> (names: String, pairs: String) {
    if wrong == .parametersUnlisted { return ("", "") }
    var entries: [Entry] = []
    for parameter in parameters {
      let value = parameter.value ?? ""
      if wrong == .parameterWithEqualsDropped, value.utf8.contains(0x3D) { continue }
      if wrong == .parameterSemicolonDropped, parameter.wire.utf8.contains(0x3B) { continue }
      let name = name(parameter.name, wrong)
      if wrong == .namesEqualKeptOnce { entries.removeAll { $0.name == name } }
      entries.append(Entry(raw: parameter.name, name: name, pair: pair(name, parameter, wrong)))
    }
    return joined(entries, by: "&", wrong)
  }

  private func pair(_ name: String, _ parameter: WireParameter, _ wrong: SigningMistake.Deviation?) -> String? {
    let value = parameter.value ?? ""
    switch wrong {
    case .parametersLeftOut: return nil
    case .parameterEmptyDropped where value.isEmpty: return nil
    case .parameterNoEquals where parameter.value == nil: return name
    case .parameterAsOnWire: return name + "=" + parameter.wire
    case .parameterPlusKept:
      return name + "=" + PercentCoding.encode(PercentCoding.decode(parameter.wire, plusIsSpace: false))
    case .parameterCutAtEquals: return name + "=" + PercentCoding.encode(String(value.prefix { $0 != "=" }))
    default: return name + "=" + encoded(value, ValueCoding(parameter: wrong), wrong)
    }
  }

  private func headerList(_ wrong: SigningMistake.Deviation?) -> (names: String, pairs: String) {
    let entries = headers.filter { !isLeftOut($0, wrong) }.map { field in
      let name = name(field.name, wrong)
      var value = sameName(field.name, "host") ? host(field.value, wrong) : field.value
      if wrong == .headerBlanksCollapsed { value = collapsing(" ", in: value) }
      let pair = name + "=" + encoded(value, ValueCoding(header: wrong), wrong)
      return Entry(raw: field.name, name: name, pair: wrong == .headersLeftOut ? nil : pair)
    }
    return joined(entries, by: wrong == .headersByLine ? "\n" : "&", wrong)
  }

  private func isLeftOut(_ field: HTTPHeaders.Field, _ wrong: SigningMistake.Deviation?) -> Bool {
    switch wrong {
    case .headersUnlisted: true
    case .hostLeftOut: sameName(field.name, "host")
    case .tokenLeftOut: field.name.lowercased().hasSuffix("-security-token")
    case .contentTypeLeftOut: sameName(field.name, "content-type")
    case .capitalHeadersLeftOut: field.name.lowercased() != field.name
    case .headerEmptyDropped: field.value.isEmpty
    default: false
    }
  }

  private func host(_ value: String, _ wrong: SigningMistake.Deviation?) -> String {
    switch wrong {
    case .hostWithoutPort: return value.utf8.lastIndex(of: 0x3A).map { String(value[..<$0]) } ?? value
    case .hostDefaultPortCut:
      return [":80", ":443"].first { value.hasSuffix($0) }.map { String(value.dropLast($0.count)) } ?? value
    case .hostLowered: return value.lowercased()
    default: return value
    }
  }

  private func joined(
    _ entries: [Entry], by joint: String, _ wrong: SigningMistake.Deviation?
  ) -> (names: String, pairs: String) {
    let sorted = self.sorted(entries, wrong)
    var listed = sorted
    var paired = sorted
    switch wrong {
    case .listsInRequestOrder: listed = entries
    case .pairsInRequestOrder: paired = entries
    case .unsorted: (listed, paired) = (entries, entries)
    case .pairsSortedBeforeEncoding: listed = self.sorted(entries, nil)
    case .pairsReversed: paired = self.sorted(entries.reversed(), nil).reversed()
    default: break
    }
    let names = listed.map { wrong == .listsNotEncoded ? $0.raw.lowercased() : $0.name }
    return (
      names.joined(separator: wrong == .listsJoinedWithAmpersand ? "&" : ";"),
      paired.compactMap(\.pair).joined(separator: joint)
    )
  }

  /// The entries in the order of their names; equal ones stay as they are.
  private func sorted(_ entries: [Entry], _ wrong: SigningMistake.Deviation?) -> [Entry] {
    guard entries.count > 1 else { return entries }
    let keys = entries.map { sortKey($0, wrong) }
    return entries.indices.sorted { one, other in
      if keys[one] == keys[other] { return one < other }
      return keys[one].lexicographicallyPrecedes(keys[other])
    }.map { entries[$0] }
  }

  /// What an entry is sorted by, unit for unit.
  private func sortKey(_ entry: Entry, _ wrong: SigningMistake.Deviation?) -> [Int] {
    switch wrong {
    case .sortedBeforeEncoding, .pairsSortedBeforeEncoding: return entry.raw.lowercased().utf8.map { Int($0) }
    case .sortedByUTF16: return entry.raw.lowercased().utf16.map { Int($0) }
    case .sortedWithCapitals: return PercentCoding.encode(entry.raw).utf8.map { Int($0) }
    case .sortedAsPairs: return (entry.pair ?? "").utf8.map { Int($0) }
    case .digitsSortedAsNumbers:
      // Numbers come before all other names.
      let isNumber = !entry.name.isEmpty && entry.name.utf8.allSatisfy { (0x30...0x39).contains($0) }
      if isNumber, let number = Int(entry.name) { return [-1, number] }
    default: break
    }
    return entry.name.utf8.map { Int($0) }
  }

  // MARK: Text

  private func name(_ raw: String, _ wrong: SigningMistake.Deviation?) -> String {
    switch wrong {
    case .namesInCapitals: PercentCoding.encode(raw)
    case .namesNotEncoded: raw.lowercased()
    case .namesHexInCapitals: PercentCoding.encode(text(raw.utf8.map(asciiLowercased)))
    case .namesLoweredBeyondASCII: PercentCoding.encode(raw.lowercased()).lowercased()
    case .tildeEncoded: replacing("~", with: "%7e", in: PercentCoding.encode(raw).lowercased())
    default: PercentCoding.encode(raw).lowercased()
    }
  }

  /// How values are encoded.
  private enum ValueCoding {
    case right, lowerHex, none, spaceAsPlus, slashKept, markKept, twice, nonASCIIKept

    init(parameter wrong: SigningMistake.Deviation?) {
      switch wrong {
      case .parameterHexLower: self = .lowerHex
      case .parameterNotEncoded: self = .none
      case .parameterSpaceAsPlus: self = .spaceAsPlus
      case .parameterSlashKept: self = .slashKept
      case .parameterMarkKept: self = .markKept
      case .parameterEncodedTwice: self = .twice
      case .parameterNonASCIIKept: self = .nonASCIIKept
      default: self = .right
      }
    }

    init(header wrong: SigningMistake.Deviation?) {
      switch wrong {
      case .headerHexLower: self = .lowerHex
      case .headerNotEncoded: self = .none
      case .headerSpaceAsPlus: self = .spaceAsPlus
      case .headerSlashKept: self = .slashKept
      case .headerMarkKept: self = .markKept
      case .headerEncodedTwice: self = .twice
      default: self = .right
      }
    }
  }

  private func encoded(_ value: String, _ coding: ValueCoding, _ wrong: SigningMistake.Deviation?) -> String {
    let value =
      switch wrong {
      case .valuesTrimmed: trimmed(value)
      case .textComposed: Accents.composed(value)
      case .textDecomposed: Accents.decomposed(value)
      default: value
      }
    let right = PercentCoding.encode(value)
    switch coding {
    case .right: return wrong == .tildeEncoded ? replacing("~", with: "%7E", in: right) : right
    case .none: return value
    case .lowerHex: return lowerHex(right)
    case .spaceAsPlus: return replacing("%20", with: "+", in: right)
    case .slashKept: return replacing("%2F", with: "/", in: right)
    case .markKept:
      return [("%21", "!"), ("%27", "'"), ("%28", "("), ("%29", ")"), ("%2A", "*")].reduce(right) {
        replacing($1.0, with: $1.1, in: $0)
      }
    case .twice: return PercentCoding.encode(right)
    case .nonASCIIKept:
      return value.unicodeScalars.reduce(into: "") { result, scalar in
        result += scalar.isASCII ? PercentCoding.encode(String(scalar)) : String(scalar)
      }
    }
  }

  private func lowerHex(_ encoded: String) -> String {
    var digits = 0
    return text(
      encoded.utf8.map { byte in
        if byte == 0x25 { digits = 3 }
        digits -= 1
        return digits >= 0 ? asciiLowercased(byte) : byte
      })
  }

  private func replacing(_ old: String, with new: String, in text: String) -> String {
    var rest = Array(text.utf8)[...]
    var result: [UInt8] = []
    while let first = rest.first {
      if rest.starts(with: old.utf8) {
        result.append(contentsOf: new.utf8)
        rest = rest.dropFirst(old.utf8.count)
      } else {
        result.append(first)
        rest = rest.dropFirst()
      }
    }
    return self.text(result)
  }

  /// One of a character wherever there are several in a row.
  private func collapsing(_ character: Unicode.Scalar, in text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where scalar != character || scalars.last != character { scalars.append(scalar) }
    return String(scalars)
  }

  private func trimmed(_ text: String) -> String {
    func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
    let start = text.utf8.drop(while: isBlank)
    return String(Substring(start.prefix(start.count - start.reversed().prefix(while: isBlank).count)))
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private func bytes(ofHex digits: [UInt8]) -> [UInt8] {
    stride(from: 0, to: digits.count - 1, by: 2).map { place in
      (PercentCoding.hexValue(digits[place]) ?? 0) << 4 | (PercentCoding.hexValue(digits[place + 1]) ?? 0)
    }
  }

  /// The Base64 of a digest.
  private func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var digits: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[start + $1]) : 0) }
      for place in 0..<4 {
        digits.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : 0x3D)
      }
    }
    return text(digits)
  }
}

/// Letters with one accent, as one scalar or as two: the part of Unicode's normalisation that a mistake needs.
private enum Accents {
  private static let bases: [(mark: Unicode.Scalar, plain: String, accented: String)] = [
    ("\u{300}", "AEIOUaeiou", "ÀÈÌÒÙàèìòù"), ("\u{301}", "AEIOUYaeiouy", "ÁÉÍÓÚÝáéíóúý"),
    ("\u{302}", "AEIOUaeiou", "ÂÊÎÔÛâêîôû"), ("\u{303}", "ANOano", "ÃÑÕãñõ"),
    ("\u{308}", "AEIOUaeiouy", "ÄËÏÖÜäëïöüÿ"),
  ]
  private static let pairs: [(whole: Unicode.Scalar, letter: Unicode.Scalar, mark: Unicode.Scalar)] = bases.flatMap {
    base in zip(base.accented.unicodeScalars, base.plain.unicodeScalars).map { ($0, $1, base.mark) }
  }

  static func composed(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard let pair = pairs.first(where: { $0.mark == scalar && $0.letter == result.last }) else {
        result.append(scalar)
        continue
      }
      result.removeLast()
      result.append(pair.whole)
    }
    return String(result)
  }

  static func decomposed(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard let pair = pairs.first(where: { $0.whole == scalar }) else {
        result.append(scalar)
        continue
      }
      result.append(contentsOf: [pair.letter, pair.mark])
    }
    return String(result)
  }
}
