import Foundation
import HTTPExchange
import Recording
import Signing
import Testing

/// Secrets that are plainly made up, every way of writing them, and a search that shares nothing with the redactor.
enum Canary {
  static let credentials = Credentials(
    secretID: "AKIDcanaryIdOfNobody0123456789ab", secretKey: "canaryKeyOfNobody+/Zz0123456789x",
    token: "canaryTokenOfNobody0123456789-_=canaryTokenOfNobody")
  static let bucket = "canary-photos-1256789012"
  static let word = "Canary Person, Office 7"
  static let host = "gateway.canary-corp.internal"

  static var known: Identities.Known {
    Identities.Known(credentials: [credentials], words: [word], hosts: [host])
  }

  static var secrets: [String] {
    [
      credentials.secretID, credentials.secretKey, credentials.token ?? "", bucket, "1256789012", "canary-photos", word,
      host,
    ]
  }

  /// A way of writing a text, and the disguise that hides it.
  struct Writing: Sendable, CustomTestStringConvertible {
    var name: String
    var disguise: Disguise?
    var write: @Sendable (String) -> String
    var testDescription: String { name }
  }

  static let writings: [Writing] = [
    Writing(name: "plain", disguise: nil) { $0 },
    Writing(name: "capitals", disguise: nil) { $0.uppercased() },
    Writing(name: "percent", disguise: .percent) { each($0) { String(format: "%%%02X", $0) } },
    Writing(name: "percent in small letters", disguise: .percent) { each($0) { String(format: "%%%02x", $0) } },
    Writing(name: "percent twice", disguise: .percent) { each($0) { String(format: "%%25%02X", $0) } },
    Writing(name: "percent three times", disguise: .percent) { each($0) { String(format: "%%2525%02X", $0) } },
    Writing(name: "every other byte in percent", disguise: .percent) { text in
      text.utf8.enumerated().map { $0 % 2 == 0 ? String(format: "%%%02X", $1) : String(UnicodeScalar($1)) }.joined()
    },
    Writing(name: "XML decimal", disguise: .xml) { each($0) { "&#\($0);" } },
    Writing(name: "XML hexadecimal", disguise: .xml) { each($0) { String(format: "&#x%X;", $0) } },
    Writing(name: "CDATA", disguise: .markup) { "<![CDATA[\($0.prefix(5))]]>\($0.dropFirst(5))" },
    Writing(name: "CDATA behind", disguise: .markup) { "\($0.prefix(5))<![CDATA[\($0.dropFirst(5))]]>" },
    Writing(name: "comment", disguise: .markup) { "\($0.prefix(4))<!-- > x -->\($0.dropFirst(4))" },
    Writing(name: "instruction", disguise: .markup) { "\($0.prefix(4))<?x > y?>\($0.dropFirst(4))" },
    Writing(name: "each byte in CDATA of XML in XML", disguise: .markup) {
      each($0) { "&lt;![CDATA[\(UnicodeScalar($0).map { String($0) } ?? "")]]&gt;" }
    },
    Writing(name: "JSON", disguise: .json) { each($0) { String(format: "\\u%04x", $0) } },
    Writing(name: "JSON in XML", disguise: .json) { each($0) { String(format: "&#92;u%04X", $0) } },
    Writing(name: "percent in JSON", disguise: .percent) { each($0) { String(format: "\\u0025%02X", $0) } },
    Writing(name: "base64", disguise: .base64) { base64($0) },
    Writing(name: "base64, one byte before", disguise: .base64) { base64("x" + $0 + "yz") },
    Writing(name: "base64, two bytes before", disguise: .base64) { base64("xx" + $0 + "y") },
    Writing(name: "base64 for URLs, unpadded", disguise: .base64) {
      base64("?>" + $0).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    },
    Writing(name: "base64 behind a path", disguise: .base64) { "a/bc/" + base64($0) },
    Writing(name: "base64 in percent", disguise: .base64) {
      base64($0 + "?").replacing("=", with: "%3D").replacing("+", with: "%2B").replacing("/", with: "%2F")
    },
    Writing(name: "base64 of base64", disguise: .base64) { base64(base64($0)) },
    Writing(name: "base64 of percent", disguise: .base64) { base64(each($0) { String(format: "%%%02X", $0) }) },
    Writing(name: "hex", disguise: .hex) { each($0) { String(format: "%02x", $0) } },
    Writing(name: "hex in capitals", disguise: .hex) { each($0) { String(format: "%02X", $0) } },
    Writing(name: "hex behind a digit", disguise: .hex) { "0" + each($0) { String(format: "%02x", $0) } },
    Writing(name: "base64 of hex", disguise: .hex) { base64(each($0) { String(format: "%02x", $0) }) },
  ]

  /// What kind of document the answer is.
  enum Answer: String, CaseIterable {
    case xml, json
  }

  /// An exchange that is signed, with a text in its path, query, headers and bodies, or in the body of the request alone.
  static func exchange(_ text: String, everywhere: Bool = false, answer: Answer = .xml) -> CapturedExchange {
    let inTarget = text.addingPercentEncoding(withAllowedCharacters: pathSafe) ?? ""
    var request = HTTPRequest(
      method: "POST", target: everywhere ? "/file_jobs/\(inTarget)?x=\(inTarget)" : "/file_jobs",
      headers: ["Host": "\(bucket).ci.ap-chongqing.myqcloud.com", "Content-Type": "application/xml"],
      body: Array("<Request><UserData>\(text)</UserData></Request>".utf8))
    let body =
      answer == .xml ? "<Response><Message>\(text)</Message></Response>" : "{\"Message\":\"\(text)\",\"n\":[1]}"
    var response = HTTPResponse(
      status: 200, reason: "OK", headers: ["Content-Type": "application/\(answer.rawValue)"],
      body: everywhere ? Array(body.utf8) : [])
    if everywhere {
      request.headers.append("X-Note", "before \(text) after")
      request.headers.append("User-Agent", "before \(text) after")
      response.headers.append("X-Note", text)
      response.headers.append("Server", text)
    }
    request.headers.set("Content-Length", "\(request.body.count)")
    response.headers.set("Content-Length", "\(response.body.count)")
    return CapturedExchange(
      request: Signer(credentials: credentials).signed(request, now: 1_700_000_000), response: response,
      date: 1_700_000_000, seconds: 0.1)
  }

  private static let pathSafe = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789%-._~/+=\\&#;")

  private static func each(_ text: String, _ form: (Int) -> String) -> String {
    text.utf8.map { form(Int($0)) }.joined()
  }

  private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

  // MARK: The search

  /// The secrets that can still be read out of a text, undoing one coding after the other.
  static func found(in text: String) -> [String] {
    var seen: Set<String> = []
    var texts = [text]
    for _ in 0..<4 {
      texts = texts.flatMap(readings).filter { mayBeText($0) && seen.insert($0).inserted }
    }
    let lowered = (seen.union([text])).map { $0.lowercased() }
    return secrets.filter { secret in lowered.contains { $0.contains(secret.lowercased()) } }
  }

  private static func readings(of text: String) -> [String] {
    var readings = [text]
    readings.append(text.replacing(/%([0-9A-Fa-f]{2})/) { scalar($0.1, radix: 16) })
    readings.append(text.replacing(/&#([0-9]{1,4});/) { scalar($0.1, radix: 10) })
    readings.append(text.replacing(/&#[xX]([0-9A-Fa-f]{1,4});/) { scalar($0.1, radix: 16) })
    readings.append(text.replacing(/<!--.*?-->|<\?.*?\?>|<!\[CDATA\[|\]\]>/, with: ""))
    readings.append(text.replacing("&lt;", with: "<").replacing("&gt;", with: ">"))
    readings.append(text.replacing(/\\u([0-9A-Fa-f]{4})/) { scalar($0.1, radix: 16) })
    for match in text.matches(of: /[A-Za-z0-9+\/_-]{11,}/) {
      let digits = match.0.replacing("-", with: "+").replacing("_", with: "/")
      for shift in 0..<4 {
        let start = digits.dropFirst(shift)
        let padded = start + String(repeating: "=", count: (4 - start.count % 4) % 4)
        if let data = Data(base64Encoded: String(padded))
          ?? Data(base64Encoded: String(start.dropLast(start.count % 4)))
        {
          readings.append(String(data: data, encoding: .isoLatin1) ?? "")
        }
      }
    }
    for match in text.matches(of: /[0-9A-Fa-f]{16,}/) {
      for shift in 0..<2 {
        let digits = Array(match.0.dropFirst(shift))
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
          UInt8(String(digits[$0...$0 + 1]), radix: 16)
        }
        readings.append(String(data: Data(bytes), encoding: .isoLatin1) ?? "")
      }
    }
    return readings
  }

  /// Whether eight printable characters follow one another: no secret here is shorter, and noise seldom has them.
  private static func mayBeText(_ text: String) -> Bool {
    var run = 0
    for byte in text.utf8 {
      run = (0x20...0x7E).contains(byte) ? run + 1 : 0
      if run == 8 { return true }
    }
    return false
  }

  private static func scalar(_ digits: Substring, radix: Int) -> String {
    UInt32(digits, radix: radix).flatMap(UnicodeScalar.init).map { String($0) } ?? ""
  }

  static func text(of exchange: CapturedExchange) -> String {
    String(decoding: HTTPMessageText.bytes(of: exchange.request), as: UTF8.self)
      + String(decoding: HTTPMessageText.bytes(of: exchange.response), as: UTF8.self)
  }
}
