/// A named way in which signers go wrong; `MistakenSigner` makes each.
public struct SigningMistake: Sendable, Equatable {
  /// A stable path such as `parameter-space-as-plus`.
  public var id: String { deviation.rawValue }
  /// The first documented stage that it changes.
  public let stage: String
  /// What the signer does, one clause after "the signer".
  public let does: String
  let deviation: Deviation

  private init(_ deviation: Deviation, _ stage: String, _ does: String) {
    self.deviation = deviation
    self.stage = stage
    self.does = does
  }

  /// The switch of a signer that is right otherwise.
  enum Deviation: String, CaseIterable, Sendable {
    case keyTimeMilliseconds = "key-time-milliseconds"
    case keyTimeLocal = "key-time-local"
    case keyTimeDuration = "key-time-duration"
    case keyOfSignTime = "key-of-sign-time"
    case secretTrimmed = "secret-trimmed"
    case secretKeyCut = "secret-key-cut"
    case signKeyPartsExchanged = "sign-key-parts-exchanged"
    case signKeyInCapitals = "sign-key-in-capitals"
    case signKeyWithoutHMAC = "sign-key-without-hmac"
    case namesInCapitals = "names-in-capitals"
    case namesNotEncoded = "names-not-encoded"
    case namesHexInCapitals = "names-hex-in-capitals"
    case namesLoweredBeyondASCII = "names-lowered-beyond-ascii"
    case namesEqualKeptOnce = "names-equal-kept-once"
    case tildeEncoded = "tilde-encoded"
    case parametersUnlisted = "parameters-unlisted"
    case parameterWithEqualsDropped = "parameter-with-equals-dropped"
    case parameterSemicolonDropped = "parameter-semicolon-dropped"
    case listsInRequestOrder = "lists-in-request-order"
    case listsJoinedWithAmpersand = "lists-joined-with-ampersand"
    case listsNotEncoded = "lists-not-encoded"
    case unsorted
    case sortedBeforeEncoding = "sorted-before-encoding"
    case sortedByUTF16 = "sorted-by-utf16"
    case sortedWithCapitals = "sorted-with-capitals"
    case sortedAsPairs = "sorted-as-pairs"
    case digitsSortedAsNumbers = "digits-sorted-as-numbers"
    case parametersLeftOut = "parameters-left-out"
    case parameterHexLower = "parameter-hex-lower"
    case parameterNotEncoded = "parameter-not-encoded"
    case parameterSpaceAsPlus = "parameter-space-as-plus"
    case parameterSlashKept = "parameter-slash-kept"
    case parameterMarkKept = "parameter-mark-kept"
    case parameterEncodedTwice = "parameter-encoded-twice"
    case parameterNonASCIIKept = "parameter-non-ascii-kept"
    case parameterEmptyDropped = "parameter-empty-dropped"
    case parameterNoEquals = "parameter-no-equals"
    case parameterAsOnWire = "parameter-as-on-wire"
    case parameterPlusKept = "parameter-plus-kept"
    case parameterCutAtEquals = "parameter-cut-at-equals"
    case valuesTrimmed = "values-trimmed"
    case pairsInRequestOrder = "pairs-in-request-order"
    case pairsReversed = "pairs-reversed"
    case pairsSortedBeforeEncoding = "pairs-sorted-before-encoding"
    case textComposed = "text-composed"
    case textDecomposed = "text-decomposed"
    case headersUnlisted = "headers-unlisted"
    case hostLeftOut = "host-left-out"
    case tokenLeftOut = "token-left-out"
    case contentTypeLeftOut = "content-type-left-out"
    case capitalHeadersLeftOut = "capital-headers-left-out"
    case headerEmptyDropped = "header-empty-dropped"
    case headersLeftOut = "headers-left-out"
    case hostWithoutPort = "host-without-port"
    case hostDefaultPortCut = "host-default-port-cut"
    case hostLowered = "host-lowered"
    case headerHexLower = "header-hex-lower"
    case headerNotEncoded = "header-not-encoded"
    case headerSpaceAsPlus = "header-space-as-plus"
    case headerSlashKept = "header-slash-kept"
    case headerMarkKept = "header-mark-kept"
    case headerEncodedTwice = "header-encoded-twice"
    case headerBlanksCollapsed = "header-blanks-collapsed"
    case headersByLine = "headers-by-line"
    case methodInCapitals = "method-in-capitals"
    case methodAsGiven = "method-as-given"
    case pathPlusKept = "path-plus-kept"
    case pathSlashEscapeKept = "path-slash-escape-kept"
    case pathRootEmpty = "path-root-empty"
    case pathEncoded = "path-encoded"
    case pathAsOnWire = "path-as-on-wire"
    case pathPlusAsSpace = "path-plus-as-space"
    case pathDecodedTwice = "path-decoded-twice"
    case pathSlashesCollapsed = "path-slashes-collapsed"
    case pathTrailingSlashDropped = "path-trailing-slash-dropped"
    case pathDotsResolved = "path-dots-resolved"
    case pathFirstSlashDropped = "path-first-slash-dropped"
    case pathLowered = "path-lowered"
    case pathCutAtQuestionMark = "path-cut-at-question-mark"
    case pathWithQuery = "path-with-query"
    case httpStringNoNewline = "http-string-no-newline"
    case httpStringCRLF = "http-string-crlf"
    case httpStringEmptyLinesDropped = "http-string-empty-lines-dropped"
    case httpStringLinesExchanged = "http-string-lines-exchanged"
    case httpStringBodyDigest = "http-string-body-digest"
    case digestInCapitals = "digest-in-capitals"
    case digestLeftOut = "digest-left-out"
    case stringToSignKeyTime = "string-to-sign-key-time"
    case stringToSignNoNewline = "string-to-sign-no-newline"
    case stringToSignNoAlgorithm = "string-to-sign-no-algorithm"
    case stringToSignHMACWord = "string-to-sign-hmac-word"
    case signKeyRaw = "sign-key-raw"
    case secretKeyAsSignKey = "secret-key-as-sign-key"
    case signaturePartsExchanged = "signature-parts-exchanged"
    case signatureInCapitals = "signature-in-capitals"
    case signatureBase64 = "signature-base64"
    case authorizationEncoded = "authorization-encoded"
    case authorizationListsExchanged = "authorization-lists-exchanged"
    case authorizationTimesExchanged = "authorization-times-exchanged"
    case authorizationBlanks = "authorization-blanks"
  }

  /// The catalogue, in the order of the stages.
  public static let all: [SigningMistake] = [
    SigningMistake(.keyTimeMilliseconds, "KeyTime", "counts the times in milliseconds"),
    SigningMistake(.keyTimeLocal, "KeyTime", "takes the local time of UTC+8 for Unix time"),
    SigningMistake(.keyTimeDuration, "KeyTime", "writes a duration where the end belongs"),
    SigningMistake(.keyOfSignTime, "SignKey", "makes SignKey from q-sign-time"),
    SigningMistake(.secretTrimmed, "SignKey", "trims blanks off the SecretKey"),
    SigningMistake(.secretKeyCut, "SignKey", "cuts a SecretKey of more than 64 bytes instead of hashing it"),
    SigningMistake(.signKeyPartsExchanged, "SignKey", "takes KeyTime for the key and the SecretKey for the message"),
    SigningMistake(.signKeyInCapitals, "SignKey", "writes SignKey in capitals"),
    SigningMistake(.signKeyWithoutHMAC, "SignKey", "makes SignKey with SHA-1 instead of HMAC-SHA1"),
    SigningMistake(.namesInCapitals, "UrlParamList", "keeps the capitals of names"),
    SigningMistake(.namesNotEncoded, "UrlParamList", "does not encode names, or not every character of them"),
    SigningMistake(
      .namesHexInCapitals, "UrlParamList",
      "encodes names after it has lowered them, so that their hex is in capitals"),
    SigningMistake(.namesLoweredBeyondASCII, "UrlParamList", "lowers letters beyond ASCII in names"),
    SigningMistake(
      .namesEqualKeptOnce, "UrlParamList",
      "keeps one of two parameters whose names differ in capitals alone"),
    SigningMistake(.tildeEncoded, "UrlParamList", "encodes ~"),
    SigningMistake(.parametersUnlisted, "UrlParamList", "signs no parameters"),
    SigningMistake(.parameterWithEqualsDropped, "UrlParamList", "leaves out parameters with = in their value"),
    SigningMistake(.parameterSemicolonDropped, "UrlParamList", "leaves out parameters with ; in the request line"),
    SigningMistake(.listsInRequestOrder, "UrlParamList", "does not sort the lists as it sorts the pairs"),
    SigningMistake(.listsJoinedWithAmpersand, "UrlParamList", "joins the names of the lists with &"),
    SigningMistake(.listsNotEncoded, "UrlParamList", "does not encode the names in the lists"),
    SigningMistake(.unsorted, "UrlParamList", "sorts neither lists nor pairs"),
    SigningMistake(.sortedBeforeEncoding, "UrlParamList", "sorts names before it encodes them"),
    SigningMistake(.sortedByUTF16, "UrlParamList", "sorts names by their UTF-16 code units"),
    SigningMistake(.sortedWithCapitals, "UrlParamList", "sorts names before it lowers them"),
    SigningMistake(.sortedAsPairs, "UrlParamList", "sorts whole pairs, not names"),
    SigningMistake(.digitsSortedAsNumbers, "UrlParamList", "sorts names of digits as numbers"),
    SigningMistake(.parametersLeftOut, "HttpParameters", "lists parameters that it does not sign"),
    SigningMistake(.parameterHexLower, "HttpParameters", "encodes parameter values with lower-case hex"),
    SigningMistake(.parameterNotEncoded, "HttpParameters", "does not encode parameter values"),
    SigningMistake(.parameterSpaceAsPlus, "HttpParameters", "encodes a space in a parameter as +"),
    SigningMistake(.parameterSlashKept, "HttpParameters", "does not encode / in parameters"),
    SigningMistake(.parameterMarkKept, "HttpParameters", "does not encode ! ' ( ) * in parameters"),
    SigningMistake(.parameterEncodedTwice, "HttpParameters", "encodes parameter values twice"),
    SigningMistake(.parameterNonASCIIKept, "HttpParameters", "encodes nothing beyond ASCII in parameters"),
    SigningMistake(.parameterEmptyDropped, "HttpParameters", "leaves out parameters without a value"),
    SigningMistake(.parameterNoEquals, "HttpParameters", "writes a parameter without a value without ="),
    SigningMistake(.parameterAsOnWire, "HttpParameters", "signs parameter values as they stand in the request line"),
    SigningMistake(.parameterPlusKept, "HttpParameters", "does not take a + in the query for a space"),
    SigningMistake(.parameterCutAtEquals, "HttpParameters", "cuts a parameter value at its first ="),
    SigningMistake(.valuesTrimmed, "HttpParameters", "trims blanks off values"),
    SigningMistake(.pairsInRequestOrder, "HttpParameters", "does not sort the pairs as it sorts the list"),
    SigningMistake(.pairsReversed, "HttpParameters", "sorts the pairs downwards"),
    SigningMistake(
      .pairsSortedBeforeEncoding, "HttpParameters",
      "sorts the pairs before it encodes their names, and the list after"),
    SigningMistake(.textComposed, "HttpParameters", "normalises text to NFC"),
    SigningMistake(.textDecomposed, "HttpParameters", "normalises text to NFD"),
    SigningMistake(.headersUnlisted, "HeaderList", "signs no headers"),
    SigningMistake(.hostLeftOut, "HeaderList", "does not sign the host"),
    SigningMistake(.tokenLeftOut, "HeaderList", "does not sign the token it was told to sign"),
    SigningMistake(.contentTypeLeftOut, "HeaderList", "does not sign Content-Type"),
    SigningMistake(.capitalHeadersLeftOut, "HeaderList", "does not sign headers that are given with capitals"),
    SigningMistake(.headerEmptyDropped, "HeaderList", "leaves out headers without a value"),
    SigningMistake(.headersLeftOut, "HttpHeaders", "lists headers that it does not sign"),
    SigningMistake(.hostWithoutPort, "HttpHeaders", "signs the host without its port"),
    SigningMistake(.hostDefaultPortCut, "HttpHeaders", "cuts the ports 80 and 443 off the host"),
    SigningMistake(.hostLowered, "HttpHeaders", "writes the host in small letters"),
    SigningMistake(.headerHexLower, "HttpHeaders", "encodes header values with lower-case hex"),
    SigningMistake(.headerNotEncoded, "HttpHeaders", "does not encode header values"),
    SigningMistake(.headerSpaceAsPlus, "HttpHeaders", "encodes a space in a header as +"),
    SigningMistake(.headerSlashKept, "HttpHeaders", "does not encode / in headers"),
    SigningMistake(.headerMarkKept, "HttpHeaders", "does not encode ! ' ( ) * in headers"),
    SigningMistake(.headerEncodedTwice, "HttpHeaders", "encodes header values twice"),
    SigningMistake(.headerBlanksCollapsed, "HttpHeaders", "makes one space of several in a header"),
    SigningMistake(.headersByLine, "HttpHeaders", "writes each header on its own line"),
    SigningMistake(.methodInCapitals, "HttpString", "writes the method in capitals"),
    SigningMistake(.methodAsGiven, "HttpString", "does not lower the method"),
    SigningMistake(.pathPlusKept, "HttpString", "leaves a + in the path, which the server takes for a space"),
    SigningMistake(.pathSlashEscapeKept, "HttpString", "leaves %2F in the path"),
    SigningMistake(.pathRootEmpty, "HttpString", "signs the path / as an empty one"),
    SigningMistake(.pathEncoded, "HttpString", "signs the path percent-encoded"),
    SigningMistake(.pathAsOnWire, "HttpString", "signs the path as it stands on the wire"),
    SigningMistake(.pathPlusAsSpace, "HttpString", "makes a space of a + in the decoded path"),
    SigningMistake(.pathDecodedTwice, "HttpString", "decodes the path twice"),
    SigningMistake(.pathSlashesCollapsed, "HttpString", "makes one slash of several in the path"),
    SigningMistake(.pathTrailingSlashDropped, "HttpString", "drops the slash at the path's end"),
    SigningMistake(.pathDotsResolved, "HttpString", "removes the segments . and .. from the path"),
    SigningMistake(.pathFirstSlashDropped, "HttpString", "drops the path's first slash"),
    SigningMistake(.pathLowered, "HttpString", "writes the path in small letters"),
    SigningMistake(.pathCutAtQuestionMark, "HttpString", "cuts the path at a question mark"),
    SigningMistake(.pathWithQuery, "HttpString", "signs the query with the path"),
    SigningMistake(.httpStringNoNewline, "HttpString", "leaves out the last newline of HttpString"),
    SigningMistake(.httpStringCRLF, "HttpString", "ends the lines of HttpString with CR LF"),
    SigningMistake(.httpStringEmptyLinesDropped, "HttpString", "leaves out empty lines of HttpString"),
    SigningMistake(.httpStringLinesExchanged, "HttpString", "writes HttpHeaders before HttpParameters"),
    SigningMistake(.httpStringBodyDigest, "HttpString", "adds a digest of the body to HttpString"),
    SigningMistake(.digestInCapitals, "SHA1(HttpString)", "writes the SHA-1 in capitals"),
    SigningMistake(.digestLeftOut, "SHA1(HttpString)", "puts HttpString itself where its SHA-1 belongs"),
    SigningMistake(.stringToSignKeyTime, "StringToSign", "puts q-key-time into StringToSign"),
    SigningMistake(.stringToSignNoNewline, "StringToSign", "leaves out the last newline of StringToSign"),
    SigningMistake(.stringToSignNoAlgorithm, "StringToSign", "leaves the algorithm out of StringToSign"),
    SigningMistake(.stringToSignHMACWord, "StringToSign", "writes hmac-sha1 for sha1 in StringToSign"),
    SigningMistake(.signKeyRaw, "Signature", "uses the 20 bytes of SignKey, not its 40 digits"),
    SigningMistake(.secretKeyAsSignKey, "Signature", "uses the SecretKey where SignKey belongs"),
    SigningMistake(.signaturePartsExchanged, "Signature", "takes StringToSign for the key and SignKey for the message"),
    SigningMistake(.signatureInCapitals, "Signature", "writes the signature in capitals"),
    SigningMistake(.signatureBase64, "Signature", "writes the signature in Base64"),
    SigningMistake(.authorizationEncoded, "Authorization", "percent-encodes the values of the Authorization header"),
    SigningMistake(.authorizationListsExchanged, "Authorization", "writes each list under the other's name"),
    SigningMistake(.authorizationTimesExchanged, "Authorization", "writes each time under the other's name"),
    SigningMistake(.authorizationBlanks, "Authorization", "puts blanks between the fields"),
  ]
}
