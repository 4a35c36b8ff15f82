internal import HTTPExchange

/// The flows that mitmproxy saves (`mitmdump -w FILE`): tnetstrings, one dictionary a flow.
///
/// Source: mitmproxy 11.0, `mitmproxy/io/tnetstring.py` and the flow format 21; older formats that name the parts of a
/// request and response alike are read too.
public enum FlowDump {
  /// Whether a file starts as one: a length, a colon, and in it the first key of a dictionary.
  public static func isLikely(_ bytes: ArraySlice<UInt8>) -> Bool {
    let digits = bytes.prefix(12).prefix { (0x30...0x39).contains($0) }
    let rest = bytes.dropFirst(digits.count)
    return !digits.isEmpty && rest.first == 0x3A && rest.dropFirst().first.map { (0x30...0x39).contains($0) } == true
  }

  /// The exchanges of HTTP that have an answer; other flows are passed over.
  public static func exchanges(parsing bytes: [UInt8]) throws(FlowDumpError) -> [CapturedExchange] {
    var exchanges: [CapturedExchange] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let flow = try TNetString.value(of: &rest, depth: 0)
      guard case .dictionary(let members) = flow else { throw FlowDumpError("a flow is not a dictionary") }
      if let exchange = try exchange(members, number: exchanges.count + 1) { exchanges.append(exchange) }
    }
    return exchanges
  }

  private static func exchange(
    _ flow: [String: TNetString], number: Int
  ) throws(FlowDumpError) -> CapturedExchange? {
    guard flow["type"]?.text == "http", case .dictionary(let sent)? = flow["request"],
      case .dictionary(let received)? = flow["response"]
    else { return nil }
    guard let method = sent["method"]?.text, let target = sent["path"]?.text,
      let status = received["status_code"]?.integer
    else { throw FlowDumpError("flow \(number) has no method, path or status_code") }
    var headers = try fields(sent["headers"])
    if headers["Host"] == nil {
      let authority = sent["authority"]?.text ?? ""
      headers.fields.insert(
        HTTPHeaders.Field("Host", authority.isEmpty ? sent["host"]?.text ?? "" : authority), at: 0)
    }
    let start = sent["timestamp_start"]?.number
    return CapturedExchange(
      request: HTTPRequest(method: method, target: target, headers: headers, body: sent["content"]?.bytes ?? []),
      response: HTTPResponse(
        status: status, reason: received["reason"]?.text ?? "", headers: try fields(received["headers"]),
        body: received["content"]?.bytes ?? []),
      date: start, seconds: start.flatMap { start in received["timestamp_end"]?.number.map { $0 - start } })
  }

  private static func fields(_ value: TNetString?) throws(FlowDumpError) -> HTTPHeaders {
    guard case .list(let pairs)? = value else { throw FlowDumpError("a message has no list of headers") }
    var headers = HTTPHeaders()
    for pair in pairs {
      guard case .list(let texts) = pair, texts.count == 2, let name = texts[0].text, let value = texts[1].text else {
        throw FlowDumpError("a header is not a pair of texts")
      }
      if !name.hasPrefix(":") { headers.append(name, value) }
    }
    return headers
  }
}

/// Why a file is no dump of flows.
public struct FlowDumpError: Error, Equatable, CustomStringConvertible {
  public var description: String
  init(_ description: String) { self.description = description }
}

/// A value of the typed netstrings: length, colon, bytes, a letter for the type.
enum TNetString {
  case bytes([UInt8])
  case integer(Int)
  case number(Double)
  case flag(Bool)
  case null
  case list([TNetString])
  case dictionary([String: TNetString])

  var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
  var text: String? { bytes.flatMap { String(validating: $0, as: UTF8.self) } }
  var integer: Int? { if case .integer(let integer) = self { integer } else { nil } }
  var number: Double? { if case .number(let number) = self { number } else { integer.map(Double.init) } }

  private static let depthMax = 32

  /// Takes one value off the bytes.
  static func value(of rest: inout ArraySlice<UInt8>, depth: Int) throws(FlowDumpError) -> TNetString {
    guard depth < depthMax else { throw FlowDumpError("values are nested deeper than \(depthMax)") }
    let digits = rest.prefix(12).prefix { (0x30...0x39).contains($0) }
    let start = rest.startIndex + digits.count
    guard let length = Int(String(decoding: digits, as: UTF8.self)), start < rest.endIndex, rest[start] == 0x3A,
      length < rest.endIndex - start - 1
    else { throw FlowDumpError("at byte \(rest.startIndex) no length that fits is followed by a colon") }
    let payload = rest[(start + 1)..<(start + 1 + length)]
    let type = rest[payload.endIndex]
    rest = rest[(payload.endIndex + 1)...]
    return try value(payload, type: type, depth: depth)
  }

  private static func value(
    _ payload: ArraySlice<UInt8>, type: UInt8, depth: Int
  ) throws(FlowDumpError) -> TNetString {
    let text = String(decoding: payload, as: UTF8.self)
    switch type {
    case 0x2C, 0x3B: return .bytes(Array(payload))
    case 0x23: if let integer = Int(text) { return .integer(integer) }
    case 0x5E: if let number = Double(text) { return .number(number) }
    case 0x21: return .flag(text == "true")
    case 0x7E: return .null
    case 0x5D: return .list(try values(payload, depth: depth))
    case 0x7D:
      let members = try values(payload, depth: depth)
      guard members.count.isMultiple(of: 2) else { throw FlowDumpError("a dictionary has a key without a value") }
      var dictionary: [String: TNetString] = [:]
      for index in stride(from: 0, to: members.count, by: 2) {
        if let key = members[index].text { dictionary[key] = members[index + 1] }
      }
      return .dictionary(dictionary)
    default: break
    }
    throw FlowDumpError("at byte \(payload.startIndex) a value has a type or form that is not known")
  }

  private static func values(_ payload: ArraySlice<UInt8>, depth: Int) throws(FlowDumpError) -> [TNetString] {
    var values: [TNetString] = []
    var rest = payload
    while !rest.isEmpty { values.append(try value(of: &rest, depth: depth + 1)) }
    return values
  }
}
