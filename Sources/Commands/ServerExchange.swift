internal import CaseLibrary
internal import HTTPExchange
internal import HTTPTransport
internal import Replay

/// Shows the exchanges of a case that failed, without what must not be seen, and the command that repeats them.
struct ServerExchange {
  let target: ServerTarget

  private static let shownBytesMax = 4096

  /// The last exchanges of a case as text.
  func text(of exchanges: [ExchangeLog.Exchange], savedAs stem: String?) -> String {
    exchanges.suffix(1).map { exchange in
      let request = shown(HTTPMessageText.bytes(of: redacted(exchange.request)))
      let answer = exchange.response.map { shown(HTTPMessageText.bytes(of: $0)) } ?? "(closed without an answer)"
      return "--- sent\n\(request)\n--- answered\n\(answer)\n--- repeat\n"
        + curlLine(for: exchange.request, savedAs: stem)
    }.joined(separator: "\n")
  }

  /// Writes the exchanges of a case below a folder; returns what their names start with.
  func save(_ exchanges: [ExchangeLog.Exchange], of id: String, in folder: String) throws -> String? {
    guard !exchanges.isEmpty else { return nil }
    do {
      try Files.makeFolder(folder)
      let stem = folder + "/" + id.replacing("/", with: "--")
      for (number, exchange) in exchanges.enumerated() {
        let name = number == exchanges.count - 1 ? stem : "\(stem)--\(number + 1)"
        try Files.write(HTTPMessageText.bytes(of: signable(exchange.request)), to: name + ".request.http")
        if let response = exchange.response {
          try Files.write(HTTPMessageText.bytes(of: response), to: name + ".response.http")
        }
        try Files.write(Array((curlLine(for: exchange.request, savedAs: name) + "\n").utf8), to: name + ".sh")
        try Files.write(exchange.request.body, to: name + ".body")
      }
      return stem
    } catch {
      throw CommandError(.reportNotWritten, "an exchange: \(error.description)")
    }
  }

  /// The request as it is before it is signed: `cispec sign` makes the same again.
  private func signable(_ request: HTTPRequest) -> HTTPRequest {
    var request = redacted(request)
    request.target = String(request.target.dropFirst(target.delivery.prefix.count))
    let added = ["x-ci-security-token", "x-cos-security-token"] + target.delivery.headers.map(\.name)
    for name in added { request.headers.remove(name) }
    return request
  }

  /// The request without its signature and token.
  func redacted(_ request: HTTPRequest) -> HTTPRequest {
    var request = request
    let secrets = ["q-signature", "q-ak", "sign", "x-ci-security-token", "x-cos-security-token"]
    if let query = request.rawQuery, secrets.contains(where: { query.contains($0) }) {
      request.target =
        request.rawPath + "?"
        + query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
          let name = pair.prefix { $0 != "=" }
          return secrets.contains(String(name)) ? "\(name)=<redacted>" : String(pair)
        }.joined(separator: "&")
    }
    let extra = target.delivery.headers.map(\.name)
    for field in request.headers.fields
    where ["Authorization", "x-ci-security-token", "x-cos-security-token"].contains(where: { sameName($0, field.name) })
      || extra.contains(where: { sameName($0, field.name) })
    {
      request.headers.set(field.name, "<redacted>")
    }
    return request
  }

  /// A command that sends the request again, signed anew by the kit.
  func curlLine(for request: HTTPRequest, savedAs stem: String?) -> String {
    let file = (stem ?? "CASE") + ".request.http"
    var words = ["curl -i --path-as-is -X \(quoted(request.method))"]
    if let other = target.route.connectTo { words.append("--connect-to ::\(other.host):\(other.port)") }
    if let ca = target.route.caFile { words.append("--cacert \(quoted(ca))") }
    for field in redacted(request).headers.fields {
      if sameName(field.name, "Content-Length") { continue }
      if sameName(field.name, "Authorization") {
        words.append("-H \"Authorization: $(cispec sign --only Authorization \(quoted(file)))\"")
      } else if sameName(field.name, "x-ci-security-token") {
        words.append("-H \"x-ci-security-token: $CISPEC_TOKEN\"")
      } else {
        words.append("-H \(quoted("\(field.name): \(field.value)"))")
      }
    }
    if !request.body.isEmpty { words.append("--data-binary @\(quoted((stem ?? "CASE") + ".body"))") }
    let path = redacted(request).target
    words.append(quoted(target.endpoint.description + path))
    return words.joined(separator: " ")
  }

  private func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

  private func shown(_ bytes: [UInt8]) -> String {
    let text = String(decoding: bytes.prefix(Self.shownBytesMax), as: UTF8.self).replacing("\r\n", with: "\n")
    return bytes.count > Self.shownBytesMax ? text + "\n… \(bytes.count) bytes in all" : text
  }
}
