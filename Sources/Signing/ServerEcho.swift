public import HTTPExchange

/// What a server says it signed: the nodes StringToSign and FormatString of its answer 403 SignatureDoesNotMatch.
///
/// FormatString is the server's HttpString.
public struct ServerEcho: Sendable, Equatable {
  /// Three lines: algorithm, time and digest.
  public var stringToSign: String
  /// Four lines: method, path, parameters and headers.
  public var formatString: String

  /// From the two strings as the server had them, newline at the end included.
  public init(stringToSign: String, formatString: String) {
    self.stringToSign = stringToSign
    self.formatString = formatString
  }

  /// From an error body as people quote it: the XML itself, a part of it, a log line around it, newlines as `&#10;`, or
  /// all of it escaped as in JSON. That is rarely well-formed, so the two nodes are looked for in the text.
  public init(parsing text: String) throws(ServerEchoError) {
    let isEscaped = Self.content(of: "StringToSign", in: text).map { !$0.contains("\n") } ?? true
    let text = isEscaped ? unescapedJSON(text) : text
    func node(_ name: String) throws(ServerEchoError) -> String {
      guard let content = Self.content(of: name, in: text) else { throw ServerEchoError("it has no node \(name)") }
      return content
    }
    stringToSign = Self.mended(try node("StringToSign"))
    formatString = Self.mended(try node("FormatString"))
    guard lines(of: stringToSign).count == 3 else {
      throw ServerEchoError("its StringToSign has not the three lines sha1, time and digest")
    }
    guard lines(of: formatString).count == 4 else {
      throw ServerEchoError("its FormatString has not the four lines method, path, parameters and headers")
    }
  }

  /// The digest that the server made of its FormatString.
  public var digest: String { lines(of: stringToSign)[2] }
  /// The span that the server took for q-sign-time.
  public var signTime: String { lines(of: stringToSign)[1] }

  /// Whether FormatString is, byte for byte, what the server hashed; not so when quoting has changed it.
  public var isWhole: Bool { RequestSignature.sha1(formatString) == digest }

  private static func content(of name: String, in text: String) -> String? {
    guard let start = range(of: "<\(name)>", in: text[...])?.upperBound,
      let end = range(of: "</\(name)>", in: text[start...])?.lowerBound
    else { return nil }
    return unescapedXML(text[start..<end])
  }

  private static func range(of part: String, in text: Substring) -> Range<String.Index>? {
    guard let range = text.utf8.firstRange(of: part.utf8) else { return nil }
    return range
  }

  /// Newlines as the server has them: LF, and one at the end, which quoting often loses.
  private static func mended(_ text: String) -> String {
    let text = String(decoding: text.utf8.filter { $0 != 0x0D }, as: UTF8.self)
    return text.utf8.last == 0x0A ? text : text + "\n"
  }
}

/// A text in which the echo of a server cannot be found.
public struct ServerEchoError: Error, Equatable, CustomStringConvertible {
  public var description: String
  init(_ description: String) { self.description = description }
}

// MARK: Comparison

extension ServerEcho {
  /// One input that is not the same in the request and in what the server signed.
  public struct Difference: Sendable, Equatable {
    /// A part of a request that is signed.
    public enum Input: String, Sendable {
      /// In lower case, as it is signed.
      case method
      /// The decoded path.
      case path
      /// A query parameter; its values are encoded.
      case parameter
      /// A header; its values are encoded.
      case header
      /// `q-sign-time`.
      case time
    }

    /// Which part it is.
    public var input: Input
    /// The name of the parameter or header, in the form that lists have.
    public var name: String?
    /// As in the request; nil when it has none.
    public var sent: String?
    /// As in the server's FormatString; nil when it has none.
    public var seen: String?
    /// What is known to bring it about, when something is.
    public var remark: String?
  }

  /// What the server saw otherwise than the request was written, in the order of FormatString; empty when nothing.
  ///
  /// The request's own signature says what was signed; without one, whatever the server lists is looked for.
  public func differences(from request: HTTPRequest) throws(AuthorizationError) -> [Difference] {
    let authorization = try authorization(of: request)
    let sent = try Self.stages(of: request, authorization).stages
    let (mine, theirs) = (lines(of: sent.httpString), lines(of: formatString))
    var found: [Difference] = []
    if mine[0] != theirs[0] { found.append(Difference(input: .method, sent: mine[0], seen: theirs[0])) }
    // What the client meant by a + can only be a plus: it is the server that reads a space.
    let meant = PercentCoding.decode(request.rawPath, plusIsSpace: false)
    if meant != theirs[1] {
      found.append(
        Difference(
          input: .path, sent: meant, seen: theirs[1],
          remark: mine[1] == theirs[1] ? "a + in a path is read as a space; send %2B" : nil))
    }
    found += Self.differences(.parameter, pairs(of: mine[2]), pairs(of: theirs[2]))
    found += Self.differences(.header, pairs(of: mine[3]), pairs(of: theirs[3]))
    if authorization.signTime != signTime {
      found.append(Difference(input: .time, name: "q-sign-time", sent: authorization.signTime, seen: signTime))
    }
    return found
  }

  /// Whether the digest in StringToSign is that of the request as written; false when its signature cannot be read.
  public func hasDigest(of request: HTTPRequest) -> Bool {
    guard let authorization = try? authorization(of: request),
      let sent = try? Self.stages(of: request, authorization).stages
    else { return false }
    return sent.httpStringSHA1 == digest
  }

  /// The signature that a key gives for what the server signed.
  public func signature(secretKey: String, keyTime: String) -> String {
    RequestSignature.signature(
      signKey: RequestSignature.signKey(secretKey: secretKey, keyTime: keyTime), stringToSign: stringToSign)
  }

  /// The request's own, else one that lists what the server lists.
  private func authorization(of request: HTTPRequest) throws(AuthorizationError) -> Authorization {
    if let presented = try Presented(in: request) { return presented.authorization }
    func names(_ line: String) -> String { pairs(of: line).map(\.name).joined(separator: ";") }
    let lines = lines(of: formatString)
    return Authorization(
      secretID: "", signTime: signTime, keyTime: signTime, headerList: names(lines[3]), urlParamList: names(lines[2]),
      signature: "")
  }

  private static func stages(
    of request: HTTPRequest, _ authorization: Authorization
  ) throws(AuthorizationError) -> (stages: RequestSignature.Stages, absent: Verifier.Difference?) {
    var presented = try Presented(in: request) ?? Presented(authorization, in: request)
    presented.authorization = authorization
    return presented.stages(of: request, credentials: Credentials(secretID: "", secretKey: ""))
  }

  private static func differences(
    _ input: Difference.Input, _ sent: [(name: String, value: String)], _ seen: [(name: String, value: String)]
  ) -> [Difference] {
    var places = PlacesByName(seen.map(\.name))
    var isTaken = Array(repeating: false, count: seen.count)
    var found: [Difference] = []
    for (name, value) in sent {
      guard let place = places.take(name) else {
        found.append(Difference(input: input, name: name, sent: value, seen: nil))
        continue
      }
      isTaken[place] = true
      let other = seen[place].value
      if other != value { found.append(Difference(input: input, name: name, sent: value, seen: other)) }
    }
    return found
      + zip(seen, isTaken).filter { !$1 }.map { Difference(input: input, name: $0.0.name, sent: nil, seen: $0.0.value) }
  }
}

// MARK: Text

/// The lines of a text whose every line is ended by a newline.
private func lines(of text: String) -> [String] {
  text.utf8.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false).map { String(Substring($0)) }
}

/// The pairs of HttpParameters or HttpHeaders, still encoded.
private func pairs(of line: String) -> [(name: String, value: String)] {
  line.utf8.split(separator: 0x26).map { piece in
    let end = piece.firstIndex(of: 0x3D) ?? piece.endIndex
    return (String(Substring(piece[..<end])), String(Substring(piece[end...].dropFirst())))
  }
}

/// Character references of XML as what they stand for, once; others stay.
private func unescapedXML(_ text: Substring) -> String {
  let named: [Substring: String] = ["lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'"]
  return String(text).replacing(/&(#x[0-9A-Fa-f]{1,6}|#[0-9]{1,7}|lt|gt|amp|quot|apos);/) { match in
    let reference = match.output.1
    if let text = named[reference] { return text }
    let isHex = reference.utf8.dropFirst().first == 0x78
    let number = UInt32(reference.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10)
    return number.flatMap(Unicode.Scalar.init).map { String($0) } ?? String(match.output.0)
  }
}

/// The escapes of a JSON string as what they stand for, once; others stay.
private func unescapedJSON(_ text: String) -> String {
  let short: [Substring: String] = ["n": "\n", "r": "\r", "t": "\t", "\"": "\"", "/": "/", "\\": "\\"]
  return text.replacing(/\\(u[0-9A-Fa-f]{4}|[nrt"\/\\])/) { match in
    if let text = short[match.output.1] { return text }
    let number = UInt32(match.output.1.dropFirst(), radix: 16)
    return number.flatMap(Unicode.Scalar.init).map { String($0) } ?? String(match.output.0)
  }
}
