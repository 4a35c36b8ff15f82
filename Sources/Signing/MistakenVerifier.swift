public import HTTPExchange

/// A verifier that is right but for one mistake of the catalogue: which requests such a server lets in.
///
/// Written on its own, beside `Verifier`: what judges vectors is not what they judge.
public struct MistakenVerifier: Sendable {
  private let wrong: VerifyingMistake.Deviation?
  private let secrets: [String: String]
  private let ownHost: String
  private static let toleratedSkewSeconds: Int64 = 900

  /// - Parameters:
  ///   - mistake: the one thing that it does wrong.
  ///   - secrets: SecretKeys by SecretId.
  ///   - ownHost: what the server is called, for a mistake that does not read the Host header.
  public init(mistake: VerifyingMistake?, secrets: [String: String], ownHost: String) {
    wrong = mistake?.deviation
    self.secrets = secrets
    self.ownHost = ownHost
  }

  /// A request is refused; an unreadable one is so before anything is checked.
  private enum Refusal: Error { case unreadable, refused }

  /// Whether the request is let in at a time in Unix seconds.
  public func accepts(_ request: HTTPRequest, now: Int64) -> Bool {
    do {
      return try isAccepted(request, now: now)
    } catch Refusal.unreadable {
      return wrong == .unreadableLetIn
    } catch {
      return false
    }
  }

  private func isAccepted(_ request: HTTPRequest, now: Int64) throws -> Bool {
    guard let found = try presented(request) else { return wrong == .unsignedLetIn }
    let fields = try Fields(found.fields, wrong)
    try checkForm(fields)
    let secretKey = try secretKey(of: fields.secretID)
    try checkTimes(fields, now: now)
    if wrong == .signatureIgnored { return true }
    let signed = try parameterPairs(fields.urlParamList, found.parameters)
    // A Host with a port may be signed without it.
    return try [true, false].contains { keepsPort in
      let headers = try headerPairs(request, fields, keepsPort: keepsPort)
      return methods(request.method).contains { method in
        let httpString = "\(method)\n\(path(request.rawPath))\n\(signed)\n\(headers)\n"
        return isEqual(signature(of: httpString, fields, secretKey), fields.signature)
      }
    }
  }

  // MARK: Reading

  /// The seven fields, each once.
  private struct Fields {
    var algorithm, secretID, signTime, keyTime, headerList, urlParamList, signature: String

    init(_ pairs: [(name: String, value: String)], _ wrong: VerifyingMistake.Deviation?) throws {
      let names = Authorization.fieldNames
      var values: [String: String] = [:]
      if wrong == .fieldOrderFixed, pairs.count == names.count {
        values = Dictionary(uniqueKeysWithValues: zip(names, pairs.map(\.value)))
      } else {
        for (name, value) in pairs {
          guard names.contains(name) else { throw Refusal.unreadable }
          if values[name] == nil || wrong == .fieldLastOfRepeated {
            values[name] = value
          } else if wrong != .fieldFirstOfRepeated {
            throw Refusal.unreadable
          }
        }
      }
      let defaults: [String?] =
        wrong == .fieldMissingDefaulted
        ? ["sha1", nil, values["q-key-time"], values["q-sign-time"], "", "", nil] : [String?](repeating: nil, count: 7)
      let all = zip(names, defaults).compactMap { values[$0] ?? $1 }
      guard all.count == names.count else { throw Refusal.unreadable }
      (algorithm, secretID, signTime, keyTime) = (all[0], all[1], all[2], all[3])
      (headerList, urlParamList, signature) = (all[4], all[5], all[6])
    }
  }

  private func presented(
    _ request: HTTPRequest
  ) throws -> (fields: [(name: String, value: String)], parameters: [Parameter])? {
    let all = parameters(request.rawQuery ?? "")
    let header = request.headers["Authorization"] ?? ""
    if !header.isEmpty, wrong != .headerUnread { return (try fields(header), all) }
    let carriers = all.filter { Authorization.fieldNames.contains($0.name) }
    if !carriers.isEmpty, wrong != .queryUnread {
      return (
        carriers.map { ($0.name, $0.value ?? "") }, all.filter { !Authorization.fieldNames.contains($0.name) }
      )
    }
    guard let sign = all.first(where: { $0.name == "sign" && $0.value != nil })?.value, wrong != .signUnread else {
      return nil
    }
    return (try fields(sign), all.filter { $0.name != "sign" })
  }

  private func fields(_ text: String) throws -> [(name: String, value: String)] {
    try text.utf8.split(separator: 0x26, omittingEmptySubsequences: false).map { piece in
      guard let equals = piece.firstIndex(of: 0x3D) else { throw Refusal.unreadable }
      return (String(Substring(piece[..<equals])), String(Substring(piece[piece.index(after: equals)...])))
    }
  }

  private func parameters(_ query: String) -> [Parameter] {
    query.utf8.split { $0 == 0x26 || $0 == 0x3B && wrong == .querySplitAtSemicolons }.map { piece in
      let halves = piece.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false).map {
        String(Substring($0))
      }
      let isField = halves[0] == "sign" || Authorization.fieldNames.contains(halves[0])
      let decoded = halves.map { half in
        wrong == (isField ? .fieldValuesNotDecoded : .paramNotDecoded)
          ? half : PercentCoding.decode(half, plusIsSpace: wrong != .paramPlusKept)
      }
      return Parameter(name: decoded[0], value: decoded.count > 1 ? decoded[1] : nil)
    }
  }

  // MARK: Checking

  private func checkForm(_ fields: Fields) throws {
    guard fields.algorithm == "sha1" || wrong == .algorithmIgnored else { throw Refusal.refused }
    let isDigits = fields.signature.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    switch wrong {
    case .signatureIgnored, .signatureCaseIgnored, .signaturePrefixEnough, .signatureTailIgnored: break
    default: guard isDigits, fields.signature.utf8.count == 40 else { throw Refusal.refused }
    }
  }

  private func secretKey(of secretID: String) throws -> String {
    let found: String? =
      switch wrong {
      case .secretIDIgnored: secrets.values.first
      case .secretIDCaseIgnored: secrets.first { sameName($0.key, secretID) }?.value
      default: secrets[secretID]
      }
    guard let found else { throw Refusal.refused }
    return found
  }

  private func checkTimes(_ fields: Fields, now: Int64) throws {
    if wrong == .timesUnchecked { return }
    if wrong != .keyTimeUnchecked, wrong != .keyTimeUnread { try checkTime(fields.keyTime, now: now) }
    if wrong != .signTimeUnchecked, wrong != .signTimeUnread { try checkTime(fields.signTime, now: now) }
  }

  private func checkTime(_ text: String, now: Int64) throws {
    guard let span = TimeSpan(parsing: text),
      span.end > span.start || wrong == .reversedLetIn,
      now <= span.end || wrong == .expiredLetIn,
      now + Self.toleratedSkewSeconds >= span.start || wrong == .earlyLetIn
    else { throw Refusal.refused }
  }

  // MARK: Stages

  private func parameterPairs(_ list: String, _ parameters: [Parameter]) throws -> String {
    let counted = parameters.filter { wrong != .paramEmptySkipped || !($0.value ?? "").isEmpty }
    let (pairs, unlisted) = try pairs(
      list, counted.map { ($0.name, $0.value ?? "") }, ignoresList: wrong == .paramListIgnored,
      skipsAbsent: wrong == .paramAbsentSkipped, keepsCapitals: wrong == .paramNamesByCase,
      takesDecoded: wrong == .paramListTakenDecoded)
    if wrong == .unlistedParamRefused, unlisted > 0 { throw Refusal.refused }
    return pairs
  }

  private func headerPairs(_ request: HTTPRequest, _ fields: Fields, keepsPort: Bool) throws -> String {
    var list = fields.headerList
    var headers: [(name: String, value: String)] = []
    for field in request.headers.fields {
      var value = field.value
      let name = field.name.lowercased()
      if name == "authorization", wrong == .headerListIgnored { continue }
      if name == "host" {
        if wrong == .hostTakenForOwn { continue }
        if !keepsPort || wrong == .hostPortCut { value = withoutPort(value) }
      }
      if name.hasSuffix("-security-token") {
        let listed = list.split(separator: ";", omittingEmptySubsequences: false)
        if wrong == .unsignedTokenRefused, !listed.contains(Substring(name)) { throw Refusal.refused }
        if wrong == .tokenNeverSigned { list = listed.filter { $0 != name }.joined(separator: ";") }
      }
      if wrong == .headerBlanksCollapsed { value = collapsing(0x20, in: value) }
      headers.append((field.name, wrong == .headerValuesLowered ? value.lowercased() : value))
    }
    if wrong == .hostTakenForOwn { headers.append(("host", ownHost)) }
    return try pairs(
      list, headers, ignoresList: wrong == .headerListIgnored, skipsAbsent: wrong == .headerAbsentSkipped,
      keepsCapitals: wrong == .headerNamesByCase, takesDecoded: false
    ).joined
  }

  /// The pairs that a list names, joined in its order, and how many it does not name.
  private func pairs(
    _ list: String, _ given: [(name: String, value: String)], ignoresList: Bool, skipsAbsent: Bool,
    keepsCapitals: Bool, takesDecoded: Bool
  ) throws -> (joined: String, unlisted: Int) {
    var rest = given.map { pair in
      let name = PercentCoding.encode(pair.name)
      return (name: keepsCapitals ? name : name.lowercased(), value: PercentCoding.encode(pair.value))
    }
    if ignoresList {
      let sorted = rest.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
      return (sorted.map { "\($0.name)=\($0.value)" }.joined(separator: "&"), 0)
    }
    var joined: [String] = []
    for listed in list.isEmpty ? [] : list.utf8.split(separator: 0x3B, omittingEmptySubsequences: false) {
      let name = Substring(listed).lowercased()
      // A name that arrives with its encoding lost is encoded before it is looked for.
      let place =
        (takesDecoded ? nil : rest.firstIndex { $0.name == name })
        ?? rest.firstIndex { $0.name == PercentCoding.encode(name).lowercased() }
      guard let place else {
        if skipsAbsent { continue }
        throw Refusal.refused
      }
      let found = rest.remove(at: place)
      joined.append("\(found.name)=\(found.value)")
    }
    return (joined.joined(separator: "&"), rest.count)
  }

  private func methods(_ method: String) -> [String] {
    switch wrong {
    case .methodIgnored: ["get", "put", "post", "delete", "head"]
    case .headAsGet where method.lowercased() == "head": ["get"]
    default: [method.lowercased()]
    }
  }

  private func path(_ raw: String) -> String {
    let decoded = PercentCoding.decode(raw, plusIsSpace: true)
    switch wrong {
    case .pathNotDecoded: return raw
    case .pathDecodedTwice: return PercentCoding.decode(decoded, plusIsSpace: false)
    case .pathPlusAsSent: return PercentCoding.decode(raw, plusIsSpace: false)
    case .pathSlashEscapeAsSent: return decodedKeepingSlashEscapes(raw)
    case .pathLoweredFirst: return decoded.lowercased()
    case .pathSlashesMerged: return collapsing(0x2F, in: decoded)
    case .pathEndSlashIgnored:
      let end = decoded.utf8.reversed().prefix { $0 == 0x2F }.count
      let kept = String(Substring(decoded.utf8.dropLast(end)))
      return kept.isEmpty ? "/" : kept
    default: return decoded
    }
  }

  private func decodedKeepingSlashEscapes(_ raw: String) -> String {
    var rest = Array(raw.utf8)[...]
    var kept: [UInt8] = []
    while let byte = rest.popFirst() {
      guard byte == 0x25, rest.prefix(2).elementsEqual("2f".utf8, by: { asciiLowercased($0) == $1 }) else {
        kept.append(byte)
        continue
      }
      rest = rest.dropFirst(2)
      kept.append(contentsOf: "%252F".utf8)
    }
    return PercentCoding.decode(String(decoding: kept, as: UTF8.self), plusIsSpace: true)
  }

  private func signature(of httpString: String, _ fields: Fields, _ secretKey: String) -> String {
    let keySpan = wrong == .signKeyOfSignTime || wrong == .keyTimeUnread ? fields.signTime : fields.keyTime
    let signSpan = wrong == .stringOfKeyTime || wrong == .signTimeUnread ? fields.keyTime : fields.signTime
    let signKey = RequestSignature.signKey(secretKey: secretKey, keyTime: keySpan)
    let stringToSign = RequestSignature.stringToSign(
      signTime: signSpan, httpStringSHA1: RequestSignature.sha1(httpString))
    return RequestSignature.signature(signKey: signKey, stringToSign: stringToSign)
  }

  private func isEqual(_ made: String, _ given: String) -> Bool {
    switch wrong {
    case .signatureCaseIgnored: made == given.lowercased()
    case .signaturePrefixEnough: made.utf8.starts(with: given.utf8)
    case .signatureTailIgnored: given.utf8.starts(with: made.utf8)
    default: made == given
    }
  }

  // MARK: Text

  private func withoutPort(_ host: String) -> String {
    guard let colon = host.utf8.lastIndex(of: 0x3A),
      host.utf8[host.utf8.index(after: colon)...].allSatisfy({ (0x30...0x39).contains($0) })
    else { return host }
    return String(host[..<colon])
  }

  /// One of a byte wherever there are several in a row.
  private func collapsing(_ byte: UInt8, in text: String) -> String {
    var bytes: [UInt8] = []
    for next in text.utf8 where next != byte || bytes.last != byte { bytes.append(next) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
