internal import FoundationEssentials
internal import HTTPExchange
internal import Signing

/// Which header fields keep their values in a recording, and what in the others is looked for elsewhere too.
///
/// The API documents the fields of the connection, of the body and of the service. All others tell of clients, proxies and
/// networks: they keep their names and lose their values.
enum HeaderPolicy {
  /// Fields that the API documents, that HTTP needs to read a message, or whose values are the same for everybody.
  private static let kept: Set<String> = [
    "host", "date", "connection", "keep-alive", "server", "user-agent", "location", "transfer-encoding", "trailer",
    "te", "upgrade", "expect", "allow", "retry-after", "content-type", "content-length", "content-md5",
    "content-encoding", "content-language", "content-range", "content-disposition", "accept", "accept-encoding",
    "accept-language", "accept-charset", "accept-ranges", "range", "cache-control", "pragma", "expires",
    "last-modified", "etag", "age", "vary", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since",
    "if-range", "access-control-allow-origin", "access-control-allow-methods", "access-control-allow-headers",
    "access-control-allow-credentials", "access-control-expose-headers", "access-control-max-age",
    "access-control-request-method", "access-control-request-headers", "strict-transport-security",
    "x-content-type-options", "x-frame-options", "upgrade-insecure-requests", "dnt", "priority", "sec-fetch-dest",
    "sec-fetch-mode", "sec-fetch-site", "sec-fetch-user", "sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform",
    "x-ci-request-id", "x-ci-trace-id", "x-ci-security-token", "x-cos-request-id", "x-cos-trace-id",
    "x-cos-security-token", "x-cos-hash-crc64ecma", "x-cos-object-type", "x-cos-storage-class",
  ]

  /// What a name has in it when the value is a credential, an address or a person.
  private static let tellingParts = [
    "auth", "token", "key", "secret", "passw", "session", "cookie", "credential", "signature", "cert", "user",
    "account", "uin", "client", "forwarded", "real-ip", "remote", "email", "via", "served-by",
  ]

  /// The parameters of a query that are credentials.
  private static let secretParameters: Set<String> = [
    "token", "access_token", "accesstoken", "auth", "authorization", "api_key", "apikey", "password", "passwd",
    "secret", "client_secret", "session", "sessionid", "session_id",
  ]

  /// Whether a field keeps its value; what is private inside of it is replaced all the same.
  static func keepsValue(_ field: HTTPHeaders.Field) -> Bool {
    let name = field.name.lowercased()
    return name == "authorization" ? isSignature(field.value) : kept.contains(name)
  }

  /// Whether an Authorization holds the fields of a signature and nothing else, or what scenarios have in its place.
  private static func isSignature(_ value: String) -> Bool {
    if value == "<signed at send time>" { return true }
    let names: Set<Substring> = [
      "q-sign-algorithm", "q-ak", "q-sign-time", "q-key-time", "q-header-list", "q-url-param-list", "q-signature",
    ]
    let fields = value.split(separator: "&", omittingEmptySubsequences: false)
    return fields.allSatisfy { field in
      field.isEmpty || names.contains(field.prefix { $0 != "=" }) && !field.contains { $0 == " " || $0 == "," }
    }
  }

  /// The values of fields that do not keep them.
  static func lostValues(of exchange: CapturedExchange) -> [String] {
    (exchange.request.headers.fields + exchange.response.headers.fields).filter { !keepsValue($0) }.map(\.value)
  }

  /// What is secret wherever it stands: the parts of credentials, cookies and addresses in header fields.
  static func secretParts(of exchange: CapturedExchange) -> [String] {
    (exchange.request.headers.fields + exchange.response.headers.fields).filter { !keepsValue($0) }.flatMap { field in
      let name = field.name.lowercased()
      guard tellingParts.contains(where: name.contains) || name.hasSuffix("-ip") else { return [String]() }
      return parts(of: field.value, isAnswerCookie: name == "set-cookie").flatMap { [$0] + accountOfBasic($0) }
        .filter(isTelling)
    }
  }

  /// The credentials in the query of a request.
  static func secretParameters(of exchange: CapturedExchange) -> [String] {
    exchange.request.parameters.filter { secretParameters.contains($0.name.lowercased()) }.compactMap(\.value)
  }

  /// Whether a byte may stand in a method or the name of a field (RFC 9110, section 5.6.2).
  static func isTokenByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(asciiLowercased(byte))
      || "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }

  /// Whether a byte would end or cut a line of a head.
  static func breaksLines(_ byte: UInt8) -> Bool { byte == 0 || byte == 0x0A || byte == 0x0D }

  /// Words of a value, and what follows the first equals sign in them.
  private static func parts(of value: String, isAnswerCookie: Bool) -> [String] {
    let separators: Set<Character> = [" ", "\t", ",", ";", "\"", "(", ")", "<", ">"]
    let read = isAnswerCookie ? value.prefix { $0 != ";" } : value[...]
    return read.split { separators.contains($0) }.flatMap { word -> [String] in
      guard let equals = word.firstIndex(of: "=") else { return [String(word)] }
      let rest = word[word.index(after: equals)...]
      // Padding of base64.
      return rest.allSatisfy { $0 == "=" } ? [String(word)] : [String(rest)]
    }
  }

  /// Who `Basic` names, and the password.
  private static func accountOfBasic(_ word: String) -> [String] {
    guard let data = Data(base64Encoded: word), let text = String(validating: data, as: UTF8.self), text.contains(":")
    else { return [] }
    return text.split(separator: ":", maxSplits: 1).map(String.init)
  }

  /// Whether a word is found nowhere by chance, and is none that the service itself uses.
  private static func isTelling(_ word: String) -> Bool {
    let bytes = Array(word.utf8)
    let isAddress =
      word.split(separator: ".", omittingEmptySubsequences: false).count == 4
      && bytes.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
    if isAddress { return bytes.count >= Identities.addressBytesMin && !word.hasPrefix("127.") }
    let isTime =
      bytes.allSatisfy { (0x30...0x39).contains($0) || Array(":-+.TZ".utf8).contains($0) }
      && (word.contains(":") || word.contains("-"))
    guard bytes.count >= Identities.bytesMin, !isTime, !word.hasPrefix("/"), !word.contains("://"),
      !word.hasPrefix("HTTP/"), !["negotiate"].contains(word.lowercased())
    else { return false }
    let host = String(word.prefix { $0 != ":" && $0 != "/" })
    if host.contains("."), Marks.isPublic(host: host) { return false }
    let isPlainWord = bytes.dropFirst().allSatisfy { (0x61...0x7A).contains($0) }
    return !isPlainWord || bytes.count >= 16
  }
}
