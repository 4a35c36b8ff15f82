/// A named way in which verifiers go wrong; `MistakenVerifier` makes each.
public struct VerifyingMistake: Sendable, Equatable {
  /// A stable path such as `path-decoded-twice`.
  public var id: String { deviation.rawValue }
  /// Where it goes wrong: `Delivery`, or the first documented stage that it changes.
  public let stage: String
  /// What the verifier does, one clause after "the verifier".
  public let does: String
  let deviation: Deviation

  private init(_ deviation: Deviation, _ stage: String, _ does: String) {
    self.deviation = deviation
    self.stage = stage
    self.does = does
  }

  /// The switch of a verifier that is right otherwise.
  enum Deviation: String, CaseIterable, Sendable {
    case headerUnread = "header-unread"
    case queryUnread = "query-unread"
    case signUnread = "sign-unread"
    case querySplitAtSemicolons = "query-split-at-semicolons"
    case unsignedLetIn = "unsigned-let-in"
    case unreadableLetIn = "unreadable-let-in"
    case fieldOrderFixed = "field-order-fixed"
    case fieldValuesNotDecoded = "field-values-not-decoded"
    case fieldFirstOfRepeated = "field-first-of-repeated"
    case fieldLastOfRepeated = "field-last-of-repeated"
    case fieldMissingDefaulted = "field-missing-defaulted"
    case algorithmIgnored = "algorithm-ignored"
    case secretIDIgnored = "secret-id-ignored"
    case secretIDCaseIgnored = "secret-id-case-ignored"
    case expiredLetIn = "expired-let-in"
    case earlyLetIn = "early-let-in"
    case reversedLetIn = "reversed-let-in"
    case timesUnchecked = "times-unchecked"
    case keyTimeUnchecked = "key-time-unchecked"
    case signTimeUnchecked = "sign-time-unchecked"
    case keyTimeUnread = "key-time-unread"
    case signTimeUnread = "sign-time-unread"
    case signKeyOfSignTime = "sign-key-of-sign-time"
    case stringOfKeyTime = "string-of-key-time"
    case paramListIgnored = "param-list-ignored"
    case paramAbsentSkipped = "param-absent-skipped"
    case paramNamesByCase = "param-names-by-case"
    case paramEmptySkipped = "param-empty-skipped"
    case paramNotDecoded = "param-not-decoded"
    case paramPlusKept = "param-plus-kept"
    case paramListTakenDecoded = "param-list-taken-decoded"
    case unlistedParamRefused = "unlisted-param-refused"
    case headerListIgnored = "header-list-ignored"
    case headerAbsentSkipped = "header-absent-skipped"
    case headerNamesByCase = "header-names-by-case"
    case headerBlanksCollapsed = "header-blanks-collapsed"
    case headerValuesLowered = "header-values-lowered"
    case hostTakenForOwn = "host-taken-for-own"
    case hostPortCut = "host-port-cut"
    case unsignedTokenRefused = "unsigned-token-refused"
    case tokenNeverSigned = "token-never-signed"
    case methodIgnored = "method-ignored"
    case headAsGet = "head-as-get"
    case pathNotDecoded = "path-not-decoded"
    case pathDecodedTwice = "path-decoded-twice"
    case pathPlusAsSent = "path-plus-as-sent"
    case pathSlashEscapeAsSent = "path-slash-escape-as-sent"
    case pathLoweredFirst = "path-lowered-first"
    case pathSlashesMerged = "path-slashes-merged"
    case pathEndSlashIgnored = "path-end-slash-ignored"
    case signatureIgnored = "signature-ignored"
    case signatureCaseIgnored = "signature-case-ignored"
    case signaturePrefixEnough = "signature-prefix-enough"
    case signatureTailIgnored = "signature-tail-ignored"
  }

  /// The catalogue, in the order in which a request is checked.
  public static let all: [VerifyingMistake] = [
    VerifyingMistake(.headerUnread, "Delivery", "does not look for a signature in the Authorization header"),
    VerifyingMistake(.queryUnread, "Delivery", "does not look for a signature in query parameters"),
    VerifyingMistake(.signUnread, "Delivery", "does not look for a signature in the parameter sign"),
    VerifyingMistake(.querySplitAtSemicolons, "Delivery", "takes ; in the query for the end of a parameter"),
    VerifyingMistake(.unsignedLetIn, "Delivery", "lets a request without a signature in"),
    VerifyingMistake(.unreadableLetIn, "Delivery", "lets a request in when it cannot read its signature"),
    VerifyingMistake(.fieldOrderFixed, "Authorization", "reads the fields by their place, not by their name"),
    VerifyingMistake(
      .fieldValuesNotDecoded, "Authorization",
      "does not decode a signature that comes in the query, or refuses %3B"),
    VerifyingMistake(.fieldFirstOfRepeated, "Authorization", "takes the first of a field that is given twice"),
    VerifyingMistake(.fieldLastOfRepeated, "Authorization", "takes the last of a field that is given twice"),
    VerifyingMistake(.fieldMissingDefaulted, "Authorization", "makes up fields that are missing"),
    VerifyingMistake(.algorithmIgnored, "Authorization", "takes any q-sign-algorithm for sha1"),
    VerifyingMistake(.secretIDIgnored, "Authorization", "uses one SecretKey for every SecretId"),
    VerifyingMistake(.secretIDCaseIgnored, "Authorization", "compares SecretIds without regard to capitals"),
    VerifyingMistake(.expiredLetIn, "KeyTime", "does not look at the end of the times"),
    VerifyingMistake(.earlyLetIn, "KeyTime", "does not look at the start of the times"),
    VerifyingMistake(.reversedLetIn, "KeyTime", "takes a span that ends before it starts"),
    VerifyingMistake(.timesUnchecked, "KeyTime", "checks neither of the times"),
    VerifyingMistake(.keyTimeUnchecked, "KeyTime", "checks q-sign-time alone"),
    VerifyingMistake(.signTimeUnchecked, "KeyTime", "checks q-key-time alone"),
    VerifyingMistake(.keyTimeUnread, "KeyTime", "takes q-sign-time for both times"),
    VerifyingMistake(.signTimeUnread, "KeyTime", "takes q-key-time for both times"),
    VerifyingMistake(.signKeyOfSignTime, "SignKey", "makes SignKey from q-sign-time"),
    VerifyingMistake(.stringOfKeyTime, "StringToSign", "puts q-key-time into StringToSign"),
    VerifyingMistake(.paramListIgnored, "UrlParamList", "signs all parameters, whatever q-url-param-list says"),
    VerifyingMistake(.paramAbsentSkipped, "UrlParamList", "skips listed parameters that the request does not have"),
    VerifyingMistake(.paramNamesByCase, "UrlParamList", "compares parameter names with regard to capitals"),
    VerifyingMistake(.paramEmptySkipped, "UrlParamList", "does not count a parameter without a value as one"),
    VerifyingMistake(.paramNotDecoded, "HttpParameters", "does not decode parameters before it encodes them"),
    VerifyingMistake(.paramPlusKept, "HttpParameters", "does not take a + in the query for a space"),
    VerifyingMistake(.paramListTakenDecoded, "UrlParamList", "takes the names of the lists for decoded ones"),
    VerifyingMistake(.unlistedParamRefused, "UrlParamList", "refuses a parameter that is not signed"),
    VerifyingMistake(.headerListIgnored, "HeaderList", "signs all headers, whatever q-header-list says"),
    VerifyingMistake(.headerAbsentSkipped, "HeaderList", "skips listed headers that the request does not have"),
    VerifyingMistake(.headerNamesByCase, "HeaderList", "compares header names with regard to capitals"),
    VerifyingMistake(.headerBlanksCollapsed, "HttpHeaders", "makes one space of several in a header"),
    VerifyingMistake(.headerValuesLowered, "HttpHeaders", "compares header values without regard to capitals"),
    VerifyingMistake(.hostTakenForOwn, "HttpHeaders", "takes its own host for the one that was asked"),
    VerifyingMistake(.hostPortCut, "HttpHeaders", "cuts the port off a signed host"),
    VerifyingMistake(.unsignedTokenRefused, "HeaderList", "refuses a token that is not signed"),
    VerifyingMistake(.tokenNeverSigned, "HeaderList", "does not count a signed token"),
    VerifyingMistake(.methodIgnored, "HttpString", "takes the signature of any method"),
    VerifyingMistake(.headAsGet, "HttpString", "takes HEAD for GET"),
    VerifyingMistake(.pathNotDecoded, "HttpString", "does not decode the path"),
    VerifyingMistake(.pathDecodedTwice, "HttpString", "decodes the path twice"),
    VerifyingMistake(.pathPlusAsSent, "HttpString", "does not take a + in the path for a space"),
    VerifyingMistake(.pathSlashEscapeAsSent, "HttpString", "leaves %2F in the path"),
    VerifyingMistake(.pathLoweredFirst, "HttpString", "compares paths without regard to capitals"),
    VerifyingMistake(.pathSlashesMerged, "HttpString", "makes one slash of several in the path"),
    VerifyingMistake(.pathEndSlashIgnored, "HttpString", "drops the slash at the path's end"),
    VerifyingMistake(.signatureIgnored, "Signature", "does not compare the signature"),
    VerifyingMistake(.signatureCaseIgnored, "Signature", "compares the signature without regard to capitals"),
    VerifyingMistake(.signaturePrefixEnough, "Signature", "compares as many digits as it is given"),
    VerifyingMistake(.signatureTailIgnored, "Signature", "does not look behind the 40th digit"),
  ]
}
