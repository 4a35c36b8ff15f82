internal import CaseLibrary
internal import Glibc
internal import HTTPExchange
internal import HTTPTransport
internal import Signing

/// The request that `sign`, `verify` and `presign` are about: a raw HTTP request in a file, or a URL with flags in the
/// manner of curl.
struct RequestOperand {
  static let operands = "FILE | URL  (- is standard input)"

  static let flags = [
    Flag(name: "--method", short: "-X", value: "METHOD", help: "The method of a URL; GET unless given."),
    Flag(
      name: "--header", short: "-H", value: "'NAME: VALUE'", help: "A header of a URL; may be repeated. Host is set.",
      repeats: true),
  ]

  /// `Host` and, of a FILE, the other headers as well.
  var request: HTTPRequest
  /// `https://host:port`; a request in a file is taken for one by HTTPS.
  var origin: String

  init(_ arguments: Arguments) throws {
    guard arguments.operands.count == 1 else {
      throw CommandError(
        .usage, "exactly one request is expected", hint: "Name a file, - for standard input, or a URL.")
    }
    let name = arguments.operands[0]
    if name.contains("://") {
      try self.init(url: name, arguments)
      return
    }
    if let flag = ["--method", "--header", "--data"].first(where: arguments.has) {
      throw CommandError(
        .usage, "\(flag) goes with a URL, and '\(name)' is none",
        hint: "A URL starts with http:// or https://; the request in a file says its method and headers itself.")
    }
    try self.init(file: name)
  }

  private init(file: String) throws {
    request = try Self.request(inFile: file)
    origin = "https://" + (request.headers["Host"] ?? "")
  }

  private init(url: String, _ arguments: Arguments) throws {
    let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
    let end = url[start...].firstIndex { "/?#".contains($0) } ?? url.endIndex
    let endpoint: Endpoint
    do {
      endpoint = try Endpoint(parsing: String(url[..<end]))
    } catch {
      throw CommandError(.usage, "'\(url)' is no URL to sign: \(error.reason)")
    }
    origin = endpoint.description
    let rest = url[end...].prefix { $0 != "#" }
    let target = Self.wireForm((rest.hasPrefix("/") ? "" : "/") + rest)
    let body = try arguments["--data"].map { try Self.bytes(of: $0) }
    let method = arguments["--method"] ?? (body == nil ? "GET" : "POST")
    guard !method.isEmpty, method.utf8.allSatisfy({ (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }) else {
      throw CommandError(.usage, "--method is '\(method)', not a method such as PUT")
    }
    let host = String(endpoint.description.dropFirst(endpoint.scheme.rawValue.count + 3))
    request = HTTPRequest(method: method, target: target, headers: ["Host": host], body: body ?? [])
    for text in arguments.all("--header") {
      let field = try Self.field(parsing: text)
      if sameName(field.name, "Host") {
        request.headers.set(field.name, field.value)
      } else {
        request.headers.append(field.name, field.value)
      }
    }
    if let body, request.headers["Content-Length"] == nil {
      request.headers.append("Content-Length", "\(body.count)")
    }
  }

  private static func field(parsing text: String) throws -> HTTPHeaders.Field {
    let lines = "GET / HTTP/1.1\n\(text)\n\n"
    guard !text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }), !text.isEmpty,
      let field = try? HTTPMessageText.request(parsing: Array(lines.utf8)).headers.fields.first
    else {
      throw CommandError(
        .usage, "'\(text)' is no header",

        hint: "A header is a name, a colon and a value: -H 'Content-Type: text/plain'.")
    }
    return field
  }

  /// A target as it goes over the wire: what a URL cannot hold is percent-encoded, escapes that are there stay.
  static func wireForm(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if byte > 0x20, byte < 0x7F, !"\"<>\\^`{|}".utf8.contains(byte) {
        bytes.append(byte)
      } else {
        bytes += [0x25, PercentCoding.upperHexDigit(byte >> 4), PercentCoding.upperHexDigit(byte & 15)]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func request(inFile name: String) throws -> HTTPRequest {
    let place = name == "-" ? "<stdin>" : name
    do {
      let request = try HTTPMessageText.request(parsing: withoutByteOrderMark(try bytes(of: name)))
      if let reason = reasonNotToSign(request.target) {
        throw CommandError(
          .unreadable, "\(place):1: \(reason)",
          hint: "The target is the path and the query, such as /jobs?size=10; the host stands in the header Host.")
      }
      return request
    } catch let error as HTTPMessageError {
      throw CommandError(
        .unreadable, "\(place):\(error.line): \(error.reason)",
        hint: "The file holds a request as it goes over the wire: request line, headers, empty line, body.")
    }
  }

  /// Why a target has no path of its own that could be signed; nil when it has.
  private static func reasonNotToSign(_ target: String) -> String? {
    let bytes = target.utf8
    if bytes.first != 0x2F {
      return target == "*"
        ? "the target * is of no resource, so there is no path to sign"
        : "the target is a whole URL, as a proxy gets it; the path alone is signed"
    }
    return bytes.contains(0x23) ? "a fragment (#) is never sent, and the target has one" : nil
  }

  /// What an editor of Windows puts before a text is not part of it.
  static func withoutByteOrderMark(_ bytes: [UInt8]) -> [UInt8] {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
  }

  /// Refuses what is signed in its query already, where a second signature would not be told from the first. A parameter
  /// `sign` that is none is the request's own where the signature travels in the header.
  func refuseSignedQuery(for delivery: Delivery) throws {
    let parameters = request.parameters
    let carrier = parameters.first { parameter in
      Authorization.fieldNames.contains(parameter.name)
        || parameter.name == "sign"
          && (delivery != .header || (try? Authorization(parsing: parameter.value ?? "")) != nil)
    }
    guard let carrier else { return }
    throw CommandError(
      .usage, "the URL carries a signature already: '\(carrier.name)'", hint: "Give the URL without it.")
  }

  /// The bytes of a file, or of standard input for `-`; at most 64 MiB.
  static func bytes(of name: String, bytesMax: Int = 64 << 20) throws -> [UInt8] {
    name == "-"
      ? try Files.readPrefix(descriptor: STDIN_FILENO, name: "<stdin>", bytesMax: bytesMax)
      : try Files.read(name, bytesMax: bytesMax)
  }
}
