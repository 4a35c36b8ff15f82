internal import HTTPExchange

/// The ways in which signers go wrong, each as a switch of a signer that is right otherwise.
///
/// The first switches are at the first stages of the documentation, so a mistake's place in the list tells its stage.
struct SigningSwitches: Sendable, Equatable {
  enum Path: Sendable { case decoded, asOnTheWire, encoded, plusKept }
  enum MethodCase: Sendable { case lower, upper }
  enum Encoding: Sendable { case standard, lowerHex, none, spaceAsPlus, slashKept, twice, markKept }
  enum Order: Sendable { case listed, request, reversed }
  enum SpanOf: Sendable { case key, signature }

  var keySpan = SpanOf.key
  var trimsSecretKey = false
  var usesSecretKeyAsSignKey = false
  var usesRawSignKey = false
  var lowersNames = true
  var encodesNames = true
  var parameterEncoding = Encoding.standard
  var headerEncoding = Encoding.standard
  var order = Order.listed
  var dropsEmptyParameters = false
  var writesEqualsSign = true
  var trimsValues = false
  var signsNoHeaders = false
  var signsNoParameters = false
  var cutsHostPort = false
  var methodCase = MethodCase.lower
  var path = Path.decoded
  var endsHTTPString = true
  var upperHexDigest = false
  var stringToSignSpan = SpanOf.signature
  var endsStringToSign = true
  var leavesOutAlgorithm = false
}

/// A named way of going wrong.
public struct SigningMistake: Sendable {
  /// A stable path such as `value-space-as-plus`.
  public let id: String
  /// The first documented stage that it changes.
  public let stage: String
  /// What the signer does, one clause after "the signer".
  public let does: String
  let change: @Sendable (inout SigningSwitches) -> Void

  init(_ id: String, _ stage: String, _ does: String, _ change: @escaping @Sendable (inout SigningSwitches) -> Void) {
    self.id = id
    self.stage = stage
    self.does = does
    self.change = change
  }

  /// The catalogue, in the order of the stages.
  public static let all: [SigningMistake] = [
    SigningMistake("key-of-sign-time", "SignKey", "makes SignKey from q-sign-time") { $0.keySpan = .signature },
    SigningMistake("secret-trimmed", "SignKey", "trims blanks off the SecretKey") { $0.trimsSecretKey = true },
    SigningMistake("parameters-left-out", "UrlParamList", "lists parameters that it does not sign") {
      $0.signsNoParameters = true
    },
    SigningMistake("names-in-capitals", "HttpParameters", "keeps the capitals of names") { $0.lowersNames = false },
    SigningMistake("names-not-encoded", "HttpParameters", "does not encode names") { $0.encodesNames = false },
    SigningMistake("parameter-hex-lower", "HttpParameters", "encodes parameter values with lower-case hex") {
      $0.parameterEncoding = .lowerHex
    },
    SigningMistake("parameter-not-encoded", "HttpParameters", "does not encode parameter values") {
      $0.parameterEncoding = .none
    },
    SigningMistake("parameter-space-as-plus", "HttpParameters", "encodes a space in a parameter as +") {
      $0.parameterEncoding = .spaceAsPlus
    },
    SigningMistake("parameter-slash-kept", "HttpParameters", "does not encode / in parameters") {
      $0.parameterEncoding = .slashKept
    },
    SigningMistake("parameter-mark-kept", "HttpParameters", "does not encode ! ' ( ) * in parameters") {
      $0.parameterEncoding = .markKept
    },
    SigningMistake("parameter-encoded-twice", "HttpParameters", "encodes parameter values twice") {
      $0.parameterEncoding = .twice
    },
    SigningMistake("parameter-empty-dropped", "HttpParameters", "leaves out parameters without a value") {
      $0.dropsEmptyParameters = true
    },
    SigningMistake("parameter-no-equals", "HttpParameters", "writes a parameter without a value without =") {
      $0.writesEqualsSign = false
    },
    SigningMistake("headers-left-out", "HeaderList", "lists headers that it does not sign") {
      $0.signsNoHeaders = true
    },
    SigningMistake("host-without-port", "HttpHeaders", "signs the host without its port") { $0.cutsHostPort = true },
    SigningMistake("header-hex-lower", "HttpHeaders", "encodes header values with lower-case hex") {
      $0.headerEncoding = .lowerHex
    },
    SigningMistake("header-not-encoded", "HttpHeaders", "does not encode header values") { $0.headerEncoding = .none },
    SigningMistake("header-space-as-plus", "HttpHeaders", "encodes a space in a header as +") {
      $0.headerEncoding = .spaceAsPlus
    },
    SigningMistake("header-slash-kept", "HttpHeaders", "does not encode / in headers") {
      $0.headerEncoding = .slashKept
    },
    SigningMistake("header-mark-kept", "HttpHeaders", "does not encode ! ' ( ) * in headers") {
      $0.headerEncoding = .markKept
    },
    SigningMistake("header-encoded-twice", "HttpHeaders", "encodes header values twice") { $0.headerEncoding = .twice },
    SigningMistake("values-trimmed", "HttpHeaders", "trims blanks off values") { $0.trimsValues = true },
    SigningMistake("pairs-in-request-order", "HttpHeaders", "does not sort the pairs as it sorts the list") {
      $0.order = .request
    },
    SigningMistake("pairs-reversed", "HttpHeaders", "sorts the pairs downwards") { $0.order = .reversed },
    SigningMistake("method-in-capitals", "HttpString", "writes the method in capitals") { $0.methodCase = .upper },
    SigningMistake("path-encoded", "HttpString", "signs the path percent-encoded") { $0.path = .encoded },
    SigningMistake("path-as-on-wire", "HttpString", "signs the path as it stands on the wire") {
      $0.path = .asOnTheWire
    },
    SigningMistake("path-plus-kept", "HttpString", "leaves a + in the path, which the server takes for a space") {
      $0.path = .plusKept
    },
    SigningMistake("http-string-no-newline", "HttpString", "leaves out the last newline of HttpString") {
      $0.endsHTTPString = false
    },
    SigningMistake("digest-in-capitals", "SHA1(HttpString)", "writes the SHA-1 in capitals") {
      $0.upperHexDigest = true
    },
    SigningMistake("string-to-sign-key-time", "StringToSign", "puts q-key-time into StringToSign") {
      $0.stringToSignSpan = .key
    },
    SigningMistake("string-to-sign-no-newline", "StringToSign", "leaves out the last newline of StringToSign") {
      $0.endsStringToSign = false
    },
    SigningMistake("string-to-sign-no-algorithm", "StringToSign", "leaves the algorithm out of StringToSign") {
      $0.leavesOutAlgorithm = true
    },
    SigningMistake("sign-key-raw", "Signature", "uses the 20 bytes of SignKey, not its 40 digits") {
      $0.usesRawSignKey = true
    },
    SigningMistake("secret-key-as-sign-key", "Signature", "uses the SecretKey where SignKey belongs") {
      $0.usesSecretKeyAsSignKey = true
    },
  ]
}

/// What a signature is made from, with the switches to make it wrongly.
struct SwitchedSigner: Sendable {
  var method: String
  var rawPath: String
  /// In the order of their list, which is sorted.
  var parameters: [Parameter]
  var headers: [HTTPHeaders.Field]
  var secretKey: String
  var keyTime: String
  var signTime: String

  func signature(_ switches: SigningSwitches) -> String {
    let secret = switches.trimsSecretKey ? trimmed(secretKey) : secretKey
    let signKey = RequestSignature.signKey(
      secretKey: secret, keyTime: switches.keySpan == .key ? keyTime : signTime)
    let digest = RequestSignature.sha1(httpString(switches))
    let lines = [
      switches.leavesOutAlgorithm ? nil : "sha1", switches.stringToSignSpan == .key ? keyTime : signTime,
      switches.upperHexDigest ? digest.uppercased() : digest,
    ].compactMap { $0 }
    let stringToSign = lines.joined(separator: "\n") + (switches.endsStringToSign ? "\n" : "")
    if switches.usesRawSignKey {
      let raw = stride(from: 0, to: 40, by: 2).map { place in
        UInt8(signKey.dropFirst(place).prefix(2), radix: 16) ?? 0
      }
      return String(decoding: Digests.hexHMACSHA1(key: raw, message: Array(stringToSign.utf8)), as: UTF8.self)
    }
    return RequestSignature.signature(
      signKey: switches.usesSecretKeyAsSignKey ? secret : signKey, stringToSign: stringToSign)
  }

  private func httpString(_ switches: SigningSwitches) -> String {
    let method =
      switch switches.methodCase {
      case .lower: self.method.lowercased()
      case .upper: self.method.uppercased()
      }
    let path =
      switch switches.path {
      case .decoded: PercentCoding.decode(rawPath, plusIsSpace: true)
      case .asOnTheWire: rawPath
      case .encoded: PercentCoding.encodeKeepingSlashes(PercentCoding.decode(rawPath, plusIsSpace: true))
      case .plusKept: PercentCoding.decode(rawPath, plusIsSpace: false)
      }
    let signedParameters =
      switches.signsNoParameters
      ? [] : parameters.filter { !switches.dropsEmptyParameters || !($0.value ?? "").isEmpty }
    let parameterPairs = signedParameters.map { parameter in
      let value = encoded(parameter.value ?? "", switches.parameterEncoding, switches)
      let name = self.name(parameter.name, switches)
      return switches.writesEqualsSign || parameter.value != nil ? "\(name)=\(value)" : name
    }
    let headerPairs = (switches.signsNoHeaders ? [] : headers).map { field in
      var value = field.value
      if switches.cutsHostPort, sameName(field.name, "host"), let colon = value.utf8.lastIndex(of: 0x3A) {
        value = String(value[..<colon])
      }
      return "\(name(field.name, switches))=\(encoded(value, switches.headerEncoding, switches))"
    }
    let text = [
      method, path, ordered(parameterPairs, switches).joined(separator: "&"),
      ordered(headerPairs, switches).joined(separator: "&"),
    ].joined(separator: "\n")
    return text + (switches.endsHTTPString ? "\n" : "")
  }

  private func ordered(_ pairs: [String], _ switches: SigningSwitches) -> [String] {
    switch switches.order {
    case .request: pairs
    case .listed: pairs.sorted { name(of: $0).utf8.lexicographicallyPrecedes(name(of: $1).utf8) }
    case .reversed: pairs.sorted { name(of: $1).utf8.lexicographicallyPrecedes(name(of: $0).utf8) }
    }
  }

  private func name(of pair: String) -> String { pair.split(separator: "=", maxSplits: 1).first.map(String.init) ?? "" }

  private func name(_ name: String, _ switches: SigningSwitches) -> String {
    let encoded = switches.encodesNames ? PercentCoding.encode(name) : name
    return switches.lowersNames ? encoded.lowercased() : encoded
  }

  private func encoded(_ text: String, _ encoding: SigningSwitches.Encoding, _ switches: SigningSwitches) -> String {
    let text = switches.trimsValues ? trimmed(text) : text
    switch encoding {
    case .standard: return PercentCoding.encode(text)
    case .none: return text
    case .lowerHex: return lowerHex(PercentCoding.encode(text))
    case .spaceAsPlus: return replacing("%20", with: "+", in: PercentCoding.encode(text))
    case .slashKept: return PercentCoding.encodeKeepingSlashes(text)
    case .twice: return PercentCoding.encode(PercentCoding.encode(text))
    case .markKept:
      return [("%21", "!"), ("%27", "'"), ("%28", "("), ("%29", ")"), ("%2A", "*")].reduce(PercentCoding.encode(text)) {
        replacing($1.0, with: $1.1, in: $0)
      }
    }
  }

  private func lowerHex(_ text: String) -> String {
    var digits = 0
    return String(
      text.map { character -> Character in
        if character == "%" {
          digits = 2
          return character
        }
        guard digits > 0 else { return character }
        digits -= 1
        return Character(character.lowercased())
      })
  }

  private func replacing(_ old: String, with new: String, in text: String) -> String {
    text.split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
  }

  private func trimmed(_ text: String) -> String {
    let blanks: Set<Character> = [" ", "\t", "\n", "\r"]
    let start = text.drop { blanks.contains($0) }
    return String(start.reversed().drop { blanks.contains($0) }.reversed())
  }
}
