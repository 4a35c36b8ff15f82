import XMLValidation

/// The part of a simple type that a value misses, as the finding and the requirement name it.
enum ValueFacet {
  case enumeration, form, length, range, type

  var findingID: String {
    switch self {
    case .enumeration: "schema.value.enumeration"
    case .form: "schema.value.form"
    case .length: "schema.value.length"
    case .range: "schema.value.range"
    case .type: "schema.value.type"
    }
  }

  var aspect: String {
    switch self {
    case .enumeration: "values"
    case .form, .type: "form"
    case .length: "max-length"
    case .range: "range"
    }
  }
}

/// Values that miss one thing of a simple type, worked out from what the type says. The one place that knows the types.
enum OneFaultValues {
  struct Fault {
    var name: String
    var value: String
    var facet: ValueFacet
  }

  /// Types of which every text is a value.
  static let freeTypes: Set<String> = ["Text"]

  /// The faults of a value, or nil for a type that nothing is known of.
  static func faults(ofType type: String, value: String, allowed: [String]) -> [Fault]? {
    if !allowed.isEmpty { return enumerationFaults(value, allowed) }
    func forms(_ pairs: (String, String)...) -> [Fault] {
      pairs.filter { $0.1 != value }.map { Fault(name: $0.0, value: $0.1, facet: .form) }
    }
    func oneOf(_ facet: ValueFacet, _ pairs: (String, String)...) -> [Fault] {
      pairs.filter { $0.1 != value }.map { Fault(name: $0.0, value: $0.1, facet: facet) }
    }
    if freeTypes.contains(type) { return [] }
    switch type {
    case "NonEmptyText", "ObjectKey": return forms(("empty", ""))
    case "FileJobId", "BatchJobId", "QueueId", "WorkflowId", "RunId", "TemplateId", "JobId", "DocJobId":
      return identifierFaults(value, lengthAfterLetters: 32)
    case "Md5Digest", "Sha1Digest", "Sha256Digest": return digestFaults(value)
    case "WorkflowIdList":
      return forms(
        ("empty", ""), ("other-separator", value + ";" + value), ("blank-after-comma", value + ", " + value),
        ("comma-at-end", value + ","), ("upper-case", value.uppercased()))
    case "RequestId": return forms(("empty", ""), ("blank", "a b"), ("not-ascii", "é"))
    case "ObjectTime": return timeFaults(value) + forms(("empty", ""), ("unset", "-"))
    case "JobTime": return timeFaults(value) + forms(("zero", "0"))
    case "UploadTime": return timeFaults(value) + forms(("unset", "-"))
    case "Region":
      return forms(
        ("empty", ""), ("upper-case", value.uppercased()), ("no-hyphen", "ap"), ("underscore", "ap_chongqing"))
    case "BucketName":
      return forms(
        ("empty", ""), ("upper-case", "Test-1250000000"), ("no-appid", "test"), ("underscore", "a_b-1250000000"),
        ("hyphen-first", "-test-1250000000"))
    case "CallBackAddress":
      return forms(
        ("empty", ""), ("other-scheme", "ftp://example.com"), ("no-scheme", "www.example.com"), ("no-host", "http://"))
    case "UserData":
      return oneOf(.length, ("over-long", String(repeating: "a", count: 1025)))
        + forms(("not-ascii", "é"), ("line-end", "a\nb"))
    case "BatchName":
      return oneOf(.length, ("over-long", String(repeating: "a", count: 129)))
        + forms(("empty", ""), ("blank", "a b"), ("slash", "a/b"))
    case "QueueName": return oneOf(.length, ("over-long", String(repeating: "a", count: 129))) + forms(("empty", ""))
    case "TemplateName": return forms(("empty", ""), ("blank", "a b"), ("slash", "a/b"), ("plus", "a+b"))
    case "Base64Text":
      return forms(("blank", "a b"), ("padding-alone", "="), ("three-padding", "a==="), ("hyphen", "a-b"))
    case "CompressKey":
      return oneOf(.length, ("over-long", String(repeating: "a", count: 129)))
        + forms(("blank", "a b"), ("padding-alone", "="), ("hyphen", "a-b"))
    case "Count": return forms(("empty", ""), ("negative", "-1"), ("fraction", "1.5"), ("word", "x"))
    case "OptionalWholeNumber": return forms(("fraction", "1.5"), ("word", "x"), ("plus", "+1"), ("sign-alone", "-"))
    case "WorkflowTime":
      return forms(
        ("zulu", "2022-08-09T14:54:17Z"), ("no-offset", "2022-08-09 14:54:17"), ("date-alone", "2022-08-09"),
        ("two-blanks", "2022-08-09  14:54:17+0800"), ("unix-seconds", "1660028057"))
    case "Etag": return forms(("empty", ""), ("open-quote", "\"abc"), ("quote-inside", "a\"b"))
    case "OptionalInteger": return forms(("negative", "-1"), ("fraction", "1.5"), ("word", "x"), ("blank", " "))
    case "OptionalNumber": return forms(("negative", "-1"), ("word", "x"), ("point-last", "1."), ("exponent", "1e3"))
    case "Seconds": return forms(("negative", "-1"), ("word", "x"), ("four-decimals", "1.2345"), ("unit", "1s"))
    case "NonNegativeInteger64":
      return oneOf(.range, ("negative", "-1"))
        + oneOf(.type, ("beyond-64-bits", "9223372036854775808"), ("fraction", "1.5"), ("word", "x"), ("empty", ""))
    case "Percent":
      return oneOf(.range, ("negative", "-1"), ("above", "101"))
        + oneOf(.type, ("beyond-32-bits", "2147483648"), ("unit", "50%"), ("word", "x"), ("empty", ""))
    default: return nil
    }
  }

  private static func enumerationFaults(_ value: String, _ allowed: [String]) -> [Fault] {
    var values = [("empty", ""), ("unknown", "Cispec"), ("blank-around", " \(value) ")]
    for (name, other) in [("upper-case", value.uppercased()), ("lower-case", value.lowercased())]
    where other != value {
      values.append((name, other))
    }
    return values.filter { !allowed.contains($0.1) }.map { Fault(name: $0.0, value: $0.1, facet: .enumeration) }
  }

  /// Faults of letters (and a digit, for a template) and hex digits. A JobId may have two letters, so what is one digit
  /// too long may be another form of it: two digits are added.
  private static func identifierFaults(_ value: String, lengthAfterLetters: Int) -> [Fault] {
    var pairs = [
      ("empty", ""), ("no-letter", "7" + value.dropFirst()), ("upper-case", value.uppercased()),
      ("short", String(value.dropLast())), ("long", value + "00"), ("not-hex", value.dropLast() + "g"),
      ("blank-before", " " + value), ("hyphen", value.prefix(9) + "-" + value.dropFirst(10)),
    ]
    if value.utf8.count == lengthAfterLetters + 2, value.hasPrefix("t") {
      pairs.append(("wrong-digit", "t7" + value.dropFirst(2)))
    }
    return pairs.map { Fault(name: $0.0, value: String($0.1), facet: .form) }
  }

  private static func digestFaults(_ value: String) -> [Fault] {
    var pairs = [
      ("empty", ""), ("short", String(value.dropLast())), ("long", value + "0"), ("not-hex", value.dropLast() + "g"),
      ("blank-after", value + " "),
    ]
    if value.uppercased() != value { pairs.append(("upper-case", value.uppercased())) }
    return pairs.map { Fault(name: $0.0, value: String($0.1), facet: .form) }
  }

  private static func timeFaults(_ value: String) -> [Fault] {
    let time = value.utf8.count == 24 ? value : "2022-07-18T15:16:43+0800"
    let local = String(time.prefix(19))
    let date = String(time.prefix(10))
    let offset = String(time.suffix(5))
    let pairs: [(String, String)] = [
      ("colon-in-offset", "\(local)\(offset.prefix(3)):\(offset.suffix(2))"), ("zulu", "\(local)Z"),
      ("no-offset", local), ("blank-for-t", "\(date) \(time.dropFirst(11))"), ("fraction", "\(local).000\(offset)"),
      ("date-alone", date), ("two-digit-year", String(time.dropFirst(2))), ("unix-seconds", "1658128603"),
    ]
    return pairs.map { Fault(name: $0.0, value: $0.1, facet: .form) }
  }

  /// Other values that the type itself admits; what they break is for the rules to say.
  static func others(ofType type: String, value: String, allowed: [String]) -> [(name: String, value: String)] {
    let known: [(String, String)]
    switch type {
    case "ObjectTime":
      known = [("early", "2000-01-01T00:00:00+0800"), ("late", "2099-12-31T23:59:59+0800")]
    case "JobTime":
      known = [
        ("early", "2000-01-01T00:00:00+0800"), ("late", "2099-12-31T23:59:59+0800"), ("unset", "-"), ("empty", ""),
        ("other-offset", "2000-01-01T00:00:00+0000"),
      ]
    case "UploadTime":
      known = [
        ("early", "2000-01-01T00:00:00+0800"), ("late", "2099-12-31T23:59:59+0800"), ("zero", "0"), ("empty", ""),
      ]
    case "Text", "UserData": known = [("empty", ""), ("blank", " ")]
    case "NonEmptyText": known = [("success", "Success"), ("invalid-argument", "InvalidArgument")]
    case "OptionalInteger", "OptionalNumber":
      known = [("empty", "")] + ["0", "1", "60", "61", "99", "100", "127", "128", "4096", "4097"].map { ($0, $0) }
    case "Percent": known = ["0", "50", "100"].map { ($0, $0) }
    case "Seconds": known = [("empty", ""), ("zero", "0"), ("milliseconds", "0.001")]
    case "NonNegativeInteger64": known = [("zero", "0"), ("largest", "9223372036854775807")]
    case "WorkflowTime": known = [("unset", "-"), ("empty", ""), ("colon-in-offset", "2022-08-09 14:54:17+08:00")]
    case "Count", "OptionalWholeNumber": known = ["0", "1", "10", "1000"].map { ($0, $0) }
    case "CallBackAddress": known = [("no", "no"), ("capitals", "HTTPS://example.com/")]
    default: known = allowed.map { ($0, $0) }
    }
    return known.filter { $0.1 != value }
  }
}
