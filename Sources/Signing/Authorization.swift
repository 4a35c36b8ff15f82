internal import HTTPExchange

/// The seven fields of an Authorization, however they were delivered.
public struct Authorization: Sendable, Equatable, CustomStringConvertible {
  /// `q-sign-algorithm`; the service knows `sha1` alone.
  public var algorithm = "sha1"
  /// `q-ak`.
  public var secretID: String
  /// `q-sign-time`, two Unix times with a semicolon between; it stands in StringToSign.
  public var signTime: String
  /// `q-key-time`, of the same form; SignKey is made of it.
  public var keyTime: String
  /// `q-header-list`: encoded names in lower case, joined with semicolons.
  public var headerList: String
  /// `q-url-param-list`, of the same form.
  public var urlParamList: String
  /// `q-signature`: 40 lower-case hexadecimal digits.
  public var signature: String

  /// From the fields as they are written in the header; nothing is checked or encoded.
  public init(
    secretID: String, signTime: String, keyTime: String, headerList: String, urlParamList: String, signature: String
  ) {
    self.secretID = secretID
    self.signTime = signTime
    self.keyTime = keyTime
    self.headerList = headerList
    self.urlParamList = urlParamList
    self.signature = signature
  }

  /// The field names in the order every SDK writes them. A reader goes by name: 60 samples of the documentation and
  /// one client write the lists the other way round.
  public static let fieldNames = [
    "q-sign-algorithm", "q-ak", "q-sign-time", "q-key-time", "q-header-list", "q-url-param-list", "q-signature",
  ]

  /// From the value of an Authorization header; throws when a field is missing, repeated or unknown.
  public init(parsing text: String) throws(AuthorizationError) {
    var fields: [(name: String, value: String)] = []
    for piece in text.utf8.split(separator: 0x26, omittingEmptySubsequences: false) {
      guard let equals = piece.firstIndex(of: 0x3D) else {
        throw AuthorizationError("'\(Substring(piece))' is not of the form name=value")
      }
      fields.append((String(Substring(piece[..<equals])), String(Substring(piece[piece.index(after: equals)...]))))
    }
    try self.init(fields: fields)
  }

  /// From name-value pairs that are decoded already; names that are not of the seven are refused.
  init(fields: [(name: String, value: String)]) throws(AuthorizationError) {
    var values: [String: String] = [:]
    for (name, value) in fields {
      guard Self.fieldNames.contains(name) else {
        throw AuthorizationError("'\(name)' is not a field of the signature")
      }
      guard values.updateValue(value, forKey: name) == nil else { throw AuthorizationError("'\(name)' is given twice") }
    }
    func field(_ name: String) throws(AuthorizationError) -> String {
      guard let value = values[name] else { throw AuthorizationError("'\(name)' is missing") }
      return value
    }
    algorithm = try field("q-sign-algorithm")
    secretID = try field("q-ak")
    signTime = try field("q-sign-time")
    keyTime = try field("q-key-time")
    headerList = try field("q-header-list")
    urlParamList = try field("q-url-param-list")
    signature = try field("q-signature")
  }

  /// The value of the Authorization header: nothing encoded, no spaces.
  public var description: String {
    "q-sign-algorithm=\(algorithm)&q-ak=\(secretID)&q-sign-time=\(signTime)&q-key-time=\(keyTime)"
      + "&q-header-list=\(headerList)&q-url-param-list=\(urlParamList)&q-signature=\(signature)"
  }

  /// The seven fields as query parameters, each value encoded once more.
  public var query: String {
    zip(Self.fieldNames, [algorithm, secretID, signTime, keyTime, headerList, urlParamList, signature])
      .map { "\($0)=\(PercentCoding.encode($1))" }.joined(separator: "&")
  }

  /// The one query parameter `sign`, holding the header's value encoded.
  public var signParameter: String { "sign=" + PercentCoding.encode(description) }
}

/// An Authorization that cannot be read: a field missing, repeated or unknown.
public struct AuthorizationError: Error, Equatable, CustomStringConvertible {
  public var description: String
  init(_ description: String) { self.description = description }
}

/// The three ways a signature reaches the server.
public enum Delivery: String, Sendable, CaseIterable {
  /// The Authorization header.
  case header
  /// The query parameters `q-sign-algorithm` to `q-signature`.
  case query
  /// The query parameter `sign` with the whole Authorization.
  case sign
}
