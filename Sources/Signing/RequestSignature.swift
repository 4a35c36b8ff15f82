public import HTTPExchange

/// The request signature ("q-sign"), one function for each stage the documentation names.
///
/// Source: Request Signature, document 436/7778, newest revision; `facts` by stage are cited at each function.
public enum RequestSignature {
  /// What is signed: the method, the decoded path, and the parameters and headers that were selected.
  public struct Input: Sendable, Equatable {
    /// In any case; it is signed in lower case.
    public var method: String
    /// Decoded, starting with `/`.
    public var path: String
    /// Only those to be signed.
    public var parameters: [Parameter]
    /// Only those to be signed.
    public var headers: [HTTPHeaders.Field]

    /// What is signed, decoded; encoding and order are the signer's.
    public init(method: String, path: String, parameters: [Parameter], headers: [HTTPHeaders.Field]) {
      self.method = method
      self.path = path
      self.parameters = parameters
      self.headers = headers
    }
  }

  /// Every value on the way from a request to its Authorization, in the documentation's order and words.
  public struct Stages: Sendable, Equatable {
    /// `start;end` in Unix seconds.
    public var keyTime: String
    /// 40 hexadecimal digits, a secret of the span: whoever has them can sign in it.
    public var signKey: String
    /// The names of the signed parameters.
    public var urlParamList: String
    /// The signed parameters as `name=value&name=value`.
    public var httpParameters: String
    /// The names of the signed headers.
    public var headerList: String
    /// The signed headers as `name=value&name=value`.
    public var httpHeaders: String
    /// Method, path, HttpParameters and HttpHeaders, a line each.
    public var httpString: String
    /// 40 hexadecimal digits.
    public var httpStringSHA1: String
    /// Algorithm, time and digest, a line each.
    public var stringToSign: String
    /// 40 hexadecimal digits.
    public var signature: String
    /// The value of the header.
    public var authorization: String
  }

  /// The stages in the documentation's order, by name.
  public static let stageNames: [(name: String, value: any KeyPath<Stages, String> & Sendable)] = [
    ("KeyTime", \.keyTime), ("SignKey", \.signKey), ("UrlParamList", \.urlParamList),
    ("HttpParameters", \.httpParameters), ("HeaderList", \.headerList), ("HttpHeaders", \.httpHeaders),
    ("HttpString", \.httpString), ("SHA1(HttpString)", \.httpStringSHA1), ("StringToSign", \.stringToSign),
    ("Signature", \.signature), ("Authorization", \.authorization),
  ]

  /// The stages by the names that vectors and adapters use.
  public static let stagesByName: [String: @Sendable (Stages) -> String] = [
    "key_time": { $0.keyTime }, "sign_key": { $0.signKey }, "url_param_list": { $0.urlParamList },
    "http_parameters": { $0.httpParameters }, "header_list": { $0.headerList }, "http_headers": { $0.httpHeaders },
    "http_string": { $0.httpString }, "http_string_sha1": { $0.httpStringSHA1 },
    "string_to_sign": { $0.stringToSign }, "signature": { $0.signature },
    "signature_first_36_hex": { String($0.signature.prefix(36)) }, "authorization": { $0.authorization },
  ]

  // MARK: Stages

  /// SignKey: the hexadecimal HMAC-SHA1 of the KeyTime under the SecretKey's own bytes, untrimmed.
  public static func signKey(secretKey: String, keyTime: String) -> String {
    text(Digests.hexHMACSHA1(key: Array(secretKey.utf8), message: Array(keyTime.utf8)))
  }

  /// UrlParamList and HttpParameters, or HeaderList and HttpHeaders: the list of names and the joined pairs.
  ///
  /// A name is percent-encoded and then lower-cased, a value percent-encoded; pairs are in the order of the encoded
  /// names, byte by byte. No value counts as an empty one.
  public static func list(of parameters: [Parameter]) -> (names: String, pairs: String) {
    let list = CanonicalList(parameters: parameters)
    return (text(list.names), text(list.pairs))
  }

  /// HeaderList and HttpHeaders, made as the lists of parameters are.
  public static func list(of headers: [HTTPHeaders.Field]) -> (names: String, pairs: String) {
    let list = CanonicalList(headers: headers)
    return (text(list.names), text(list.pairs))
  }

  /// HttpString: lower-case method, decoded path, HttpParameters and HttpHeaders, each ended by a newline.
  public static func httpString(method: String, path: String, httpParameters: String, httpHeaders: String) -> String {
    "\(text(method.utf8.map(asciiLowercased)))\n\(path)\n\(httpParameters)\n\(httpHeaders)\n"
  }

  /// The hexadecimal SHA-1 of a text, as it stands in StringToSign.
  public static func sha1(_ string: String) -> String { text(Digests.hexSHA1(Array(string.utf8))) }

  /// StringToSign: the algorithm, the time of the signature and the digest of HttpString, each ended by a newline.
  public static func stringToSign(signTime: String, httpStringSHA1: String) -> String {
    "sha1\n\(signTime)\n\(httpStringSHA1)\n"
  }

  /// Signature: the hexadecimal HMAC-SHA1 of StringToSign under the 40 characters of SignKey, not its 20 bytes.
  public static func signature(signKey: String, stringToSign: String) -> String {
    text(Digests.hexHMACSHA1(key: Array(signKey.utf8), message: Array(stringToSign.utf8)))
  }

  /// Every stage. The two times are one but for keys handed out ahead, where the signature's span may be narrower.
  public static func stages(
    for input: Input, credentials: Credentials, keyTime: TimeSpan, signTime: TimeSpan? = nil
  ) -> Stages {
    let parameters = CanonicalList(parameters: input.parameters)
    let headers = CanonicalList(headers: input.headers)
    return stages(
      method: input.method, path: input.path, parameters: parameters, headers: headers, credentials: credentials,
      keyTime: keyTime.description, signTime: (signTime ?? keyTime).description)
  }

  /// The signature of a form upload: StringToSign is the hexadecimal SHA-1 of the policy's text.
  ///
  /// Source: POST Object, section on the signature of the policy.
  public static func formUpload(
    policy: String, secretKey: String, keyTime: String
  ) -> (signKey: String, stringToSign: String, signature: String) {
    let signKey = signKey(secretKey: secretKey, keyTime: keyTime)
    let stringToSign = sha1(policy)
    return (signKey, stringToSign, signature(signKey: signKey, stringToSign: stringToSign))
  }

  /// The signature of a stream's address: made with the SecretKey itself.
  ///
  /// Source: RTMP request address and signature; its pseudo-code says SignKey, only SecretKey gives its digests.
  public static func stream(
    rtmpString: String, secretKey: String, keyTime: String
  ) -> (rtmpStringSHA1: String, stringToSign: String, signature: String) {
    let digest = sha1(rtmpString)
    let stringToSign = stringToSign(signTime: keyTime, httpStringSHA1: digest)
    return (digest, stringToSign, signature(signKey: secretKey, stringToSign: stringToSign))
  }

  static func stages(
    method: String, path: String, parameters: CanonicalList, headers: CanonicalList, credentials: Credentials,
    keyTime: String, signTime: String
  ) -> Stages {
    let signKey = signKey(secretKey: credentials.secretKey, keyTime: keyTime)
    let httpString = httpString(
      method: method, path: path, httpParameters: text(parameters.pairs), httpHeaders: text(headers.pairs))
    let digest = sha1(httpString)
    let stringToSign = stringToSign(signTime: signTime, httpStringSHA1: digest)
    let signature = signature(signKey: signKey, stringToSign: stringToSign)
    let authorization = Authorization(
      secretID: credentials.secretID, signTime: signTime, keyTime: keyTime, headerList: text(headers.names),
      urlParamList: text(parameters.names), signature: signature)
    return Stages(
      keyTime: keyTime, signKey: signKey, urlParamList: text(parameters.names),
      httpParameters: text(parameters.pairs), headerList: text(headers.names), httpHeaders: text(headers.pairs),
      httpString: httpString, httpStringSHA1: digest, stringToSign: stringToSign, signature: signature,
      authorization: authorization.description)
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// Names and pairs of signed parameters or headers in their signed form, in one buffer.
struct CanonicalList {
  /// `name;name`
  private(set) var names: [UInt8] = []
  /// `name=value&name=value`
  private(set) var pairs: [UInt8] = []

  init(parameters: [Parameter]) {
    self.init(count: parameters.count) { (parameters[$0].name, parameters[$0].value ?? "") }
  }

  init(headers: [HTTPHeaders.Field]) {
    self.init(count: headers.count) { (headers[$0].name, headers[$0].value) }
  }

  private init(count: Int, pair: (Int) -> (name: String, value: String)) {
    guard count > 0 else { return }
    var buffer: [UInt8] = []
    buffer.reserveCapacity(64 * count)
    var entries: [(start: Int, nameEnd: Int, end: Int)] = []
    entries.reserveCapacity(count)
    for index in 0..<count {
      let (name, value) = pair(index)
      let start = buffer.count
      let nameEnd = Self.append(name, value, to: &buffer)
      entries.append((start, nameEnd, buffer.count))
    }
    // Equal names keep the order they were given in: the documentation says nothing about them.
    entries.sort { one, other in
      let left = buffer[one.start..<one.nameEnd]
      let right = buffer[other.start..<other.nameEnd]
      return left.elementsEqual(right) ? one.start < other.start : left.lexicographicallyPrecedes(right)
    }
    names.reserveCapacity(buffer.count)
    pairs.reserveCapacity(buffer.count + count)
    for entry in entries {
      if !pairs.isEmpty {
        names.append(0x3B)
        pairs.append(0x26)
      }
      names.append(contentsOf: buffer[entry.start..<entry.nameEnd])
      pairs.append(contentsOf: buffer[entry.start..<entry.end])
    }
  }

  /// Appends `name=value` in its signed form; where the name ends.
  static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) -> Int {
    let start = bytes.count
    PercentCoding.appendEncoded(name, to: &bytes)
    for place in start..<bytes.count { bytes[place] = asciiLowercased(bytes[place]) }
    let nameEnd = bytes.count
    bytes.append(0x3D)
    PercentCoding.appendEncoded(value, to: &bytes)
    return nameEnd
  }

  /// The pairs of a verifier: in the order of the list it was given.
  init(names: [UInt8], pairs: [UInt8]) {
    self.names = names
    self.pairs = pairs
  }
}
