public import HTTPExchange

/// Why each stage of a signature is as it is: sentences made from one request, each with its source.
///
/// What was signed is read from the lists of the stages, so the same serves a signer and a verifier.
public struct Explanation: Sendable {
  /// One sentence and the document it rests on.
  public struct Note: Sendable, Equatable {
    /// A sentence on the input at hand.
    public var text: String
    /// The page and its step, or what else the sentence rests on.
    public var source: String
  }

  /// The notes of a stage by the stage's name in `RequestSignature.stageNames`.
  public private(set) var notes: [String: [Note]] = [:]

  private static let urlEncode = "Request Signature (436/7778), UrlEncode"
  private static let commonSet = "the headers that the official SDKs sign by default"
  private static let serverEchoes = "403 bodies of the service, quoted in public issues"
  private static func step(_ number: Int) -> String { "Request Signature (436/7778), step \(number)" }

  /// - Parameters:
  ///   - stages: made of that request by `Signer` or `Verifier`.
  ///   - request: as it goes over the wire.
  ///   - delivery: where the request carries its signature.
  public init(of stages: RequestSignature.Stages, for request: HTTPRequest, delivery: Delivery) {
    let signTime = stages.stringToSign.split(separator: "\n").dropFirst().first.map(String.init) ?? ""
    explainTimes(stages, signTime: signTime)
    let parameters = request.parameters
    explain(
      SignedList(
        kind: "parameter", stages: ("UrlParamList", "HttpParameters"), list: stages.urlParamList, step: 3,
        pairs: parameters.map { ($0.name, $0.value) }),
      whyLeftOut: { Self.whyLeftOut(parameter: $0, delivery) })
    explainWireQuery(request.rawQuery ?? "")
    explain(
      SignedList(
        kind: "header", stages: ("HeaderList", "HttpHeaders"), list: stages.headerList, step: 4,
        pairs: request.headers.fields.map { ($0.name, $0.value) }),
      whyLeftOut: Self.whyLeftOut(header:))
    explainHTTPString(stages, request)
    explainDigests(stages, signTime: signTime, delivery)
  }

  private mutating func add(_ stage: String, _ text: String, _ source: String) {
    notes[stage, default: []].append(Note(text: text, source: source))
  }

  // MARK: Times and key

  private mutating func explainTimes(_ stages: RequestSignature.Stages, signTime: String) {
    if let span = TimeSpan(parsing: stages.keyTime) {
      add(
        "KeyTime",
        "Start and end in Unix seconds with one semicolon: \(utcTime(span.start)) to \(utcTime(span.end)), "
          + "\(span.end - span.start) seconds.", Self.step(1))
    }
    add(
      "KeyTime",
      signTime == stages.keyTime
        ? "q-sign-time is the same span."
        : "q-sign-time is \(signTime), another span: this one makes SignKey alone, that one stands in StringToSign.",
      Self.step(1))
    add(
      "SignKey", "HMAC-SHA1 of KeyTime; the key is the SecretKey byte for byte, with no blank cut off.", Self.step(2))
    add("SignKey", "Written as 40 lower-case hexadecimal digits, which are themselves the next key.", Self.step(2))
  }

  // MARK: Lists

  /// The parameters or the headers of a request and the list that says which are signed.
  private struct SignedList {
    let kind: String
    let stages: (names: String, pairs: String)
    let step: Int
    /// In the order of the request.
    private(set) var taken: [(name: String, value: String?)]
    private(set) var leftOut: [String]
    let listed: [String]

    init(
      kind: String, stages: (names: String, pairs: String), list: String, step: Int,
      pairs: [(name: String, value: String?)]
    ) {
      (self.kind, self.stages, self.step) = (kind, stages, step)
      listed = list.isEmpty ? [] : list.utf8.split(separator: 0x3B).map { String(Substring($0)) }
      var open = Dictionary(listed.map { ($0, 1) }, uniquingKeysWith: +)
      (taken, leftOut) = ([], [])
      for pair in pairs {
        let name = Explanation.listed(pair.name)
        if let count = open[name], count > 0 {
          open[name] = count - 1
          taken.append(pair)
        } else {
          leftOut.append(pair.name)
        }
      }
    }
  }

  /// A name in the form that lists have.
  private static func listed(_ name: String) -> String {
    String(decoding: PercentCoding.encode(name).utf8.map(asciiLowercased), as: UTF8.self)
  }

  private mutating func explain(_ list: SignedList, whyLeftOut: (String) -> (text: String, source: String)) {
    let source = Self.step(list.step)
    let (names, pairs) = list.stages
    if list.taken.isEmpty {
      add(names, "Empty: no \(list.kind) is signed.", source)
      add(pairs, "Empty, and so is its line in HttpString.", source)
    } else {
      add(
        names, "\(list.taken.count) \(list.kind)\(list.taken.count == 1 ? " is" : "s are") signed.", source)
    }
    for name in list.leftOut {
      let (text, source) = whyLeftOut(name)
      add(names, "\(quoted(name)) is left out: \(text).", source)
    }
    for (name, _) in list.taken { explainName(name, in: names, source) }
    explainOrder(of: list)
    explainValues(of: list)
  }

  private mutating func explainName(_ name: String, in stage: String, _ source: String) {
    let encoded = encodings(in: name, capitals: false)
    let listed = Self.listed(name)
    if !encoded.isEmpty {
      add(
        stage,
        "\(quoted(name)) is listed as \(quoted(listed)): \(encoded). Letters are lowered after they are encoded, "
          + "so the hexadecimal digits of a name are small.", source)
    } else if listed != name {
      add(stage, "\(quoted(name)) is listed as \(quoted(listed)): names are in lower case.", source)
    }
  }

  private mutating func explainOrder(of list: SignedList) {
    guard list.listed.count > 1 else { return }
    let isSorted = zip(list.listed, list.listed.dropFirst()).allSatisfy {
      !$1.utf8.lexicographicallyPrecedes($0.utf8)
    }
    guard isSorted else {
      add(
        list.stages.names,
        "Not sorted: the order is that of the signature's own list. Whether the service follows it or sorts again is "
          + "not documented.", Self.step(list.step))
      return
    }
    let given = list.taken.map { Self.listed($0.name) }
    let moved =
      given == list.listed
      ? "the request has them in this order already" : "the request has them as \(given.joined(separator: ", "))"
    add(
      list.stages.names, "Sorted by the encoded lower-case name, byte by byte; \(moved).", Self.step(list.step))
    let raw = list.taken.map { String(decoding: $0.name.utf8.map(asciiLowercased), as: UTF8.self) }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    if raw.map(Self.listed) != list.listed {
      add(
        list.stages.names,
        "Sorted before they were encoded they would stand as \(raw.joined(separator: ", ")).", Self.step(list.step))
    }
  }

  private mutating func explainValues(of list: SignedList) {
    let stage = list.stages.pairs
    for (name, value) in list.taken {
      guard let value, !value.isEmpty else {
        let what = value == nil ? "has no =" : "has an empty value"
        add(stage, "\(quoted(name)) \(what): it is signed as '\(Self.listed(name))='.", Self.step(list.step))
        continue
      }
      let encoded = encodings(in: value, capitals: true)
      if !encoded.isEmpty { add(stage, "\(quoted(name)): \(encoded).", Self.urlEncode) }
    }
    let values = list.taken.compactMap(\.value)
    if values.contains(where: { $0.utf8.contains(0x7E) }) { add(stage, "~ stays as it is.", Self.urlEncode) }
    if values.contains(where: { !$0.utf8.allSatisfy(PercentCoding.isUnreserved) }) {
      add(
        stage,
        "All bytes but A-Z a-z 0-9 - . _ ~ are encoded, with hexadecimal digits in capitals, unlike those of names.",
        Self.urlEncode)
    } else if !values.isEmpty {
      add(stage, "No value holds anything but A-Z a-z 0-9 - . _ ~, so none is encoded.", Self.urlEncode)
    }
  }

  private mutating func explainWireQuery(_ query: String) {
    guard query.utf8.contains(0x2B) else { return }
    add(
      "HttpParameters", "A + in the query is read as a space; a plus sign itself is sent as %2B.", Self.serverEchoes)
  }

  private static func whyLeftOut(parameter name: String, _ delivery: Delivery) -> (text: String, source: String) {
    let carriers = delivery == .query ? Authorization.fieldNames : delivery == .sign ? ["sign"] : []
    return carriers.contains(name)
      ? ("it carries the signature", "Request Signature (436/7778), use of the signature")
      : ("the list of the signature does not name it, so it is not protected", step(3))
  }

  private static func whyLeftOut(header name: String) -> (text: String, source: String) {
    if sameName(name, "Authorization") { return ("it carries the signature", step(8)) }
    return Signer.signsByDefault(headerNamed: name)
      ? ("the list of the signature does not name it, so it is not protected", step(4))
      : ("it may be signed but SDKs do not, since it can change on the way; it is not protected", commonSet)
  }

  // MARK: HttpString and what follows

  private mutating func explainHTTPString(_ stages: RequestSignature.Stages, _ request: HTTPRequest) {
    let stage = "HttpString"
    let method = request.method.lowercased()
    add(
      stage,
      request.method == method ? "The method is in lower case." : "\(request.method) → \(method): lower case.",
      Self.step(5))
    let path = PercentCoding.decode(request.rawPath, plusIsSpace: true)
    if path == request.rawPath {
      add(stage, "The path is as in the request line: nothing in it is encoded.", Self.step(5))
    } else {
      let changes = decodings(of: request.rawPath)
      add(
        stage, "The path is signed decoded: \(request.rawPath) → \(path) (\(changes)).",
        request.rawPath.utf8.contains(0x2B) ? Self.serverEchoes : Self.step(5))
    }
    let empty = [(3, stages.httpParameters), (4, stages.httpHeaders)].filter(\.1.isEmpty).map { "\($0.0)" }
    let remarks = [
      "", "; line \(empty.joined()) is empty and keeps its newline",
      "; lines 3 and 4 are empty and keep their newlines",
    ]
    add(
      stage,
      "Four lines (method, path, HttpParameters, HttpHeaders), each ended by a newline, the last one too"
        + remarks[empty.count] + ".",
      Self.step(5))
  }

  private mutating func explainDigests(
    _ stages: RequestSignature.Stages, signTime: String, _ delivery: Delivery
  ) {
    add(
      "SHA1(HttpString)",
      "Over all \(stages.httpString.utf8.count) bytes of HttpString in UTF-8, newlines included, in lower-case "
        + "hexadecimal digits.", Self.step(6))
    add(
      "StringToSign",
      "The word sha1, q-sign-time\(signTime == stages.keyTime ? "" : " (not q-key-time)") and the digest, each ended by "
        + "a newline, the last one too.", Self.step(6))
    add(
      "Signature",
      "HMAC-SHA1 of StringToSign; the key is the text of SignKey, 40 characters, not the 20 bytes it stands for.",
      Self.step(7))
    add(
      "Authorization", "Seven fields without blanks, their values not encoded; a server reads them by name.",
      Self.step(8))
    if delivery != .header {
      let lists = stages.urlParamList.utf8.contains(0x25) ? " and the %2f of a listed name %252f" : ""
      add(
        "Authorization",
        delivery == .query
          ? "In a URL each value is encoded once more: ; becomes %3B\(lists)."
          : "In the parameter sign the whole text is encoded once more: = becomes %3D, & %26, ; %3B\(lists).",
        "Request Signature (436/7778), use of the signature")
    }
  }
}

// MARK: Words

private func quoted(_ text: String) -> String { "'\(text)'" }

/// Which characters of a text are encoded and as what, each once; empty when none is.
private func encodings(in text: String, capitals: Bool) -> String {
  var seen: Set<Unicode.Scalar> = []
  let changed = text.unicodeScalars.filter { scalar in
    !(scalar.isASCII && PercentCoding.isUnreserved(UInt8(scalar.value))) && seen.insert(scalar).inserted
  }
  let shown = changed.prefix(8).map { scalar in
    let code = PercentCoding.encode(String(scalar))
    return "\(word(for: scalar)) → \(capitals ? code : code.lowercased())\(remark(on: scalar, code))"
  }
  return shown.joined(separator: ", ") + (changed.count > 8 ? " and \(changed.count - 8) more" : "")
}

private func remark(on scalar: Unicode.Scalar, _ code: String) -> String {
  switch scalar {
  case " ": " (not +)"
  case "!", "'", "(", ")", "*": " (many encoders leave it)"
  case _ where !scalar.isASCII: " (its bytes in UTF-8)"
  default: ""
  }
}

private func word(for scalar: Unicode.Scalar) -> String {
  switch scalar.value {
  case 0x20: "space"
  case 0..<0x20, 0x7F:
    "U+" + String(repeating: "0", count: scalar.value < 16 ? 3 : 2)
      + String(scalar.value, radix: 16, uppercase: true)
  default: String(scalar)
  }
}

/// Which escapes of a raw path are decoded and to what, each once.
private func decodings(of path: String) -> String {
  var shown: [String] = []
  if path.utf8.contains(0x2B) { shown.append("+ → ' ', so send %2B for a plus") }
  let run = /(?:%[0-9A-Fa-f]{2})+/
  for match in path.matches(of: run) {
    let decoded = PercentCoding.decode(match.output, plusIsSpace: false)
    let text = "\(match.output) → '\(decoded)'"
    if !shown.contains(text) { shown.append(text) }
  }
  return shown.prefix(6).joined(separator: ", ") + (shown.count > 6 ? " and \(shown.count - 6) more" : "")
}

/// `2019-05-16T06:45:51Z`; the number itself beyond the year 9999.
func utcTime(_ seconds: Int64) -> String {
  guard seconds <= 253_402_300_799 else { return "\(seconds)" }
  // Days to a date of the Gregorian calendar, in eras of 400 years that begin on 1 March.
  let days = seconds / 86_400 + 719_468
  let (era, day) = (days / 146_097, days % 146_097)
  let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
  let dayOfYear = day - (365 * year + year / 4 - year / 100)
  let shifted = (5 * dayOfYear + 2) / 153
  let month = shifted < 10 ? shifted + 3 : shifted - 9
  func digits(_ number: Int64, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
  let date = [
    digits(year + era * 400 + (month <= 2 ? 1 : 0), 4), digits(month, 2),
    digits(dayOfYear - (153 * shifted + 2) / 5 + 1, 2),
  ].joined(separator: "-")
  let time = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map { digits($0, 2) }.joined(separator: ":")
  return "\(date)T\(time)Z"
}
