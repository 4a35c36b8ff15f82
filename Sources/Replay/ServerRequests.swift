internal import CaseLibrary
internal import HTTPExchange
internal import Signing
internal import XMLValidation

/// Makes the requests of the server suite: a right one, the change of the case, the signature.
struct ServerRequests {
  /// A change that does not fit its document.
  struct Unmakeable: Error, CustomStringConvertible { var description: String }

  let cases: ServerCases
  let credentials: Credentials
  let host: String
  let delivery: RequestDelivery
  let validator: Validator

  /// What stands for `{job}`, for `{n}` of a repetition, and for `{unique}`, which no other run has.
  struct Values {
    var job = ""
    var number = 0
    var unique = ""

    /// - Parameter now: the time that makes the run another than those before.
    init(job: String = "", number: Int = 0, now: Double = 0) {
      (self.job, self.number) = (job, number)
      unique = String(Int64(now * 1000), radix: 36)
    }
  }

  /// The signed request of an operation with a change.
  func request(
    of operation: String, _ change: ServerCase.Change, _ values: Values = Values(), now: Double
  ) throws -> HTTPRequest {
    guard let right = cases.right[operation] else {
      throw Unmakeable(description: "there is no right request of \(operation)")
    }
    var request = HTTPRequest(
      method: change.method ?? right.method, target: filled(change.target ?? right.target, values),
      headers: ["Host": right.host == "cos" ? host.replacing(".ci.", with: ".cos.", maxReplacements: 1) : host])
    if let query = change.query {
      request.target += (request.target.contains("?") ? "&" : "?") + filled(query, values)
    }
    request.body = try body(of: change, right, values)
    if !request.body.isEmpty { request.headers.append("Content-Type", "application/xml") }
    if change.framing == .chunked || change.framing == .brokenChunks {
      request.headers.append("Transfer-Encoding", "chunked")
    } else if !request.body.isEmpty || ["POST", "PUT"].contains(request.method) {
      request.headers.append("Content-Length", "\(request.body.count)")
    }
    if change.framing == .expect { request.headers.append("Expect", "100-continue") }
    for (name, value) in (change.headers ?? [:]).sorted(by: { $0.key < $1.key }) {
      if let value { request.headers.set(name, filled(value, values)) } else { request.headers.remove(name) }
    }
    var signed = RequestSigning(credentials: credentials).signed(request, change.sign ?? .valid, now: now)
    for pair in change.unsignedHeaders ?? [] where pair.count == 2 {
      signed.headers.append(pair[0], filled(pair[1], values))
    }
    return delivery.delivered(signed)
  }

  /// The bytes of a request, framed as the change says.
  func bytes(of request: HTTPRequest, _ change: ServerCase.Change) -> [UInt8] {
    var head = request
    head.body = []
    var bytes = HTTPMessageText.bytes(of: head)
    if let line = change.startLine, let end = bytes.firstIndex(of: 0x0D) {
      bytes.replaceSubrange(..<end, with: Array(line.replacing("{prefix}", with: delivery.prefix).utf8))
    }
    switch change.framing ?? .length {
    case .length: return bytes + request.body
    case .expect: return bytes
    case .half: return bytes + request.body.prefix(request.body.count / 2)
    case .brokenChunks: return bytes + Array("nonsense\r\n".utf8) + request.body + Array("\r\n0\r\n\r\n".utf8)
    case .chunked:
      let middle = request.body.count / 2
      return bytes + chunk(request.body[..<middle]) + chunk(request.body[middle...]) + chunk([])
    }
  }

  private func chunk(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8)
  }

  // MARK: Bodies

  private func body(
    of change: ServerCase.Change, _ right: ServerCase.RightRequest, _ values: Values
  ) throws -> [UInt8] {
    if let text = change.body { return Array(filled(text, values).utf8) }
    if let digits = change.bodyHex { return try bytes(ofHex: digits) }
    guard let name = change.document ?? right.document else { return [] }
    let document = cases.documents[name] ?? []
    let edits = change.edit ?? []
    guard !edits.isEmpty || change.fill != nil else { return document }
    guard var tree = validator.tree(of: document) else {
      throw Unmakeable(description: "\(name) is not well-formed")
    }
    if let fill = change.fill {
      guard let path = tree.indexPaths(along: fill.path).first else {
        throw Unmakeable(description: "nothing is at \(fill.path) of \(name)")
      }
      tree = tree.setting(at: path, to: String(repeating: "x", count: fill.bytes))
    }
    let edited = try CorpusBreak.document(of: tree, edited: edits)
    return Array(filled(String(decoding: edited, as: UTF8.self), values).utf8)
  }

  private func bytes(ofHex digits: String) throws -> [UInt8] {
    let digits = Array(digits.utf8.filter { $0 != 0x20 })
    return try stride(from: 0, to: digits.count, by: 2).map { place in
      let pair = String(decoding: digits[place..<min(place + 2, digits.count)], as: UTF8.self)
      guard let byte = UInt8(pair, radix: 16) else { throw Unmakeable(description: "'\(pair)' is no byte") }
      return byte
    }
  }

  func filled(_ text: String, _ values: Values) -> String {
    guard text.contains("{") else { return text }
    return text.replacing("{job}", with: values.job).replacing("{n}", with: "\(values.number)")
      .replacing("{host}", with: host).replacing("{unique}", with: values.unique)
  }
}

/// Signs a request rightly, or wrongly in one of the ways that scenarios and cases ask for.
struct RequestSigning {
  let credentials: Credentials

  func signed(_ request: HTTPRequest, _ signing: Scenario.Signing, now: Double) -> HTTPRequest {
    var signer = Signer(credentials: credentials)
    var now = Int64(now)
    switch signing {
    case .valid: break
    case .none: return request
    case .wrongKey: signer.credentials.secretKey += "-wrong"
    case .expired: now -= 86_400
    case .tokenUnsigned: signer.credentials.token = nil
    }
    var signed = signer.signed(request, now: now)
    if signing == .tokenUnsigned, let token = credentials.token {
      signed.headers.append(Signer.tokenName(forHost: request.headers["Host"]), token)
    }
    return signed
  }
}
