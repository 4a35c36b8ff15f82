import HTTPExchange
import Signing

/// A message that can be read can be written and read again as the same; its names hold nothing that ends a name.
func holdHTTPText(_ bytes: [UInt8]) {
  if let request = try? HTTPMessageText.request(parsing: bytes) {
    let again = try? HTTPMessageText.request(parsing: HTTPMessageText.bytes(of: request))
    require(again == request, "the request is another after writing and reading it")
    holdHeaders(request.headers)
    require(request.rawPath.utf8.count <= request.target.utf8.count, "the path is longer than the target")
    _ = request.rawQuery
  }
  if let response = try? HTTPMessageText.response(parsing: bytes) {
    let again = try? HTTPMessageText.response(parsing: HTTPMessageText.bytes(of: response))
    require(again == response, "the answer is another after writing and reading it")
    require((100...999).contains(response.status), "the status is \(response.status)")
    holdHeaders(response.headers)
  }
}

private func holdHeaders(_ headers: HTTPHeaders) {
  for field in headers.fields {
    require(!field.name.isEmpty, "a header has no name")
    require(!field.name.utf8.contains { $0 == 0x3A || $0 == 0x20 || $0 == 0x0A }, "\(field.name) is no header's name")
    require(!field.value.utf8.contains(0x0A), "the value of \(field.name) goes on in the next line")
  }
}

/// Percent-coding is undone by decoding, and parameters are the same after encoding and reading them again.
func holdQuery(_ bytes: [UInt8]) {
  let text = String(decoding: bytes, as: UTF8.self)
  require(same(PercentCoding.decode(PercentCoding.encode(text), plusIsSpace: true), text), "encoding is not undone")
  require(same(PercentCoding.decode(PercentCoding.encodePath(text), plusIsSpace: false), text), "a path is not undone")
  let kept = PercentCoding.encodeKeepingSlashes(text)
  require(same(PercentCoding.decode(kept, plusIsSpace: false), text), "a path with slashes is not undone")
  _ = PercentCoding.decode(text, plusIsSpace: false)
  let parameters = PercentCoding.parameters(ofQuery: text)
  let query = parameters.map { parameter in
    PercentCoding.encode(parameter.name) + (parameter.value.map { "=" + PercentCoding.encode($0) } ?? "")
  }
  // A parameter with neither name nor '=' has no written form: it is the empty piece between two '&'.
  require(!parameters.contains { $0.name.isEmpty && $0.value == nil }, "a parameter is nothing at all")
  let again = PercentCoding.parameters(ofQuery: query.joined(separator: "&"))
  require(
    again.count == parameters.count
      && zip(again, parameters).allSatisfy { same($0.name, $1.name) && same($0.value ?? "-", $1.value ?? "-") },
    "the parameters are others after encoding and reading them")
}

/// Byte for byte: Swift's own == takes different spellings of a character for the same.
func same(_ one: String, _ other: String) -> Bool { one.utf8.elementsEqual(other.utf8) }

/// Any request is judged; one that is signed is valid; both ways of signing give the same.
struct AuthorizationProperty {
  private let now: Int64 = 1_557_990_000
  private let credentials = Credentials(
    secretID: "AKIDfake0000000000000000000000000000", secretKey: "fakeKey000000000000000000000000")

  func hold(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let authorization = try? Authorization(parsing: text) {
      let again = try? Authorization(parsing: authorization.description)
      require(again == authorization, "the Authorization is another after writing and reading it")
    }
    let key = credentials.secretKey
    let verifier = Verifier { _ in key }
    let given =
      (try? HTTPMessageText.request(parsing: bytes))
      ?? HTTPRequest(method: "GET", target: "/jobs?a=b", headers: ["Host": "a.b", "Authorization": text])
    _ = verifier.outcome(for: given, now: now)
    _ = verifier.stages(for: given)

    let request = unsigned(given)
    for delivery in [Delivery.header, .query, .sign] {
      let signer = Signer(credentials: credentials, delivery: delivery)
      let stages = signer.stages(for: request, now: now)
      require(same(signer.authorization(for: request, now: now), stages.authorization), "the two signers disagree")
      let outcome = verifier.outcome(for: signer.signed(request, now: now), now: now)
      guard case .valid = outcome else { fatalError("signed by \(delivery) it is \(outcome)") }
    }
  }

  /// The request without what carries a signature, since two of them are not defined, and without a parameter that has
  /// no name: alone, it makes the list of names that is also the list of none.
  private func unsigned(_ request: HTTPRequest) -> HTTPRequest {
    var request = request
    request.headers.remove("Authorization")
    let carriers = Set(Authorization.fieldNames + ["sign"])
    let parameters = request.rawQuery.map { PercentCoding.parameters(ofQuery: $0) } ?? []
    if parameters.contains(where: { carriers.contains($0.name) || $0.name.isEmpty }) {
      request.target = request.rawPath
    }
    return request
  }
}
