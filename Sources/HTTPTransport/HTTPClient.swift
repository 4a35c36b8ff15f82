internal import CCurl
public import HTTPExchange
internal import Synchronization

/// A client of one server. Requests of several threads wait for each other and share connections.
///
/// The server is that of the endpoint whatever the Host field says, unless the route leads elsewhere. Method, target and
/// header fields go out as they are, none added but a Content-Length; redirects and cookies have no effect. A request is sent
/// once: an answer that a kept connection does not bring any more is an error.
public final class HTTPClient: Responder {
  public let endpoint: Endpoint
  public let limits: TransportLimits
  public let route: ClientRoute
  private let isGivenUp: @Sendable () -> Bool
  /// Made with the first request.
  private let handle = Mutex<EasyHandle?>(nil)

  /// - Parameters:
  ///   - endpoint: where requests are sent.
  ///   - limits: the bounds of each exchange.
  ///   - route: the way there.
  ///   - isGivenUp: asked ten times a second during an exchange; it ends with an error once this is true.
  public init(
    endpoint: Endpoint, limits: TransportLimits = TransportLimits(), route: ClientRoute = ClientRoute(),
    isGivenUp: @escaping @Sendable () -> Bool = { false }
  ) {
    self.isGivenUp = isGivenUp
    self.endpoint = endpoint
    self.route = route
    self.limits = limits
  }

  /// The final answer; interim ones are passed over.
  public func respond(to request: HTTPRequest) throws -> HTTPResponse {
    try exchange(request)
  }

  private func exchange(_ request: HTTPRequest) throws(TransportError) -> HTTPResponse {
    guard Self.isSendable(request) else {
      throw TransportError(
        .other, "the request for \(endpoint) was not sent: a line break or NUL stands in its method, target or headers")
    }
    // libcurl would announce the body and never send it.
    guard request.method != "HEAD" || request.body.isEmpty else {
      throw TransportError(.other, "the request for \(endpoint) was not sent: a HEAD request takes no body here")
    }
    return try handle.withLock { (handle) throws(TransportError) in
      var transfer =
        if let kept = handle.take() { kept } else { try EasyHandle(to: endpoint, limits: limits, route: route) }
      // Left aside with its connections when that throws, so that the next request starts afresh.
      try refuseSurplus(of: transfer)
      let (code, answer) = transfer.perform(request, isGivenUp: isGivenUp)
      handle = consume transfer
      return try response(in: answer, code: code)
    }
  }

  /// Throws when the server went on after its last answer: what came then would be taken for the next one.
  private func refuseSurplus(of transfer: borrowing EasyHandle) throws(TransportError) {
    // On a secure connection the bytes are those of the layer below.
    guard endpoint.scheme == .http else { return }
    let surplus = transfer.bytesAfterLastAnswer
    // A server may say so before it closes a connection that nobody used.
    let isFarewell = surplus.starts(with: "HTTP/1.1 408".utf8) || surplus.starts(with: "HTTP/1.0 408".utf8)
    guard !surplus.isEmpty, !isFarewell else { return }
    throw TransportError(
      .malformed, "\(endpoint) sent \(surplus.count) or more bytes after its last answer, which nobody asked for")
  }

  private func response(in answer: AnswerCollector.Answer, code: CURLcode) throws(TransportError) -> HTTPResponse {
    switch answer.fault {
    case .closedEarly(let reason): throw TransportError(.closedEarly, "\(endpoint): \(reason)")
    case .malformed(let reason): throw TransportError(.malformed, "\(endpoint): \(reason)")
    case .tooLarge(let reason): throw TransportError(.tooLarge, "\(endpoint): \(reason)")
    case nil: break
    }
    if code == CURLE_RECV_ERROR, answer.hasRemarkOnChunks {
      throw TransportError(.malformed, "\(endpoint): the body of the answer is not in well-formed chunks")
    }
    guard code == CURLE_OK else { throw TransportError(code: code, hasHead: answer.hasHead, self) }
    guard answer.hasHead else {
      throw TransportError(.closedEarly, "\(endpoint) closed the connection in the middle of the head of its answer")
    }
    return answer.response
  }

  /// Whether the parts of the head can be written on lines of their own.
  private static func isSendable(_ request: HTTPRequest) -> Bool {
    func isOneLine(_ text: String) -> Bool {
      let bytes = text.utf8.span
      for place in bytes.indices where bytes[place] <= 0x0D {
        if bytes[place] == 0 || bytes[place] == 0x0A || bytes[place] == 0x0D { return false }
      }
      return true
    }
    return !request.method.isEmpty && isOneLine(request.method) && !request.target.isEmpty && isOneLine(request.target)
      && request.headers.fields.allSatisfy { !$0.name.isEmpty && isOneLine($0.name) && isOneLine($0.value) }
  }
}

extension TransportError {
  /// What a failure of libcurl means for the exchange.
  fileprivate init(code: CURLcode, hasHead: Bool, _ client: HTTPClient) {
    let endpoint = client.endpoint
    switch code {
    case CURLE_COULDNT_CONNECT:
      self.init(.refused, "\(endpoint) refuses connections: is the server running, and on that port?")
    case CURLE_COULDNT_RESOLVE_HOST:
      self.init(.unresolved, "\(endpoint): the host name has no address; is it spelled right?")
    case CURLE_OPERATION_TIMEDOUT:
      self.init(
        .timedOut,
        "\(endpoint) did not answer in time: \(client.limits.connectSeconds) s to connect, "
          + "\(client.limits.totalSeconds) s in all, \(client.limits.stallSeconds) s without a byte")
    case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR:
      self.init(
        .closedEarly, "\(endpoint) closed the connection \(hasHead ? "within the body of its" : "without an") answer")
    case CURLE_PARTIAL_FILE:
      self.init(.closedEarly, "\(endpoint) closed the connection before the whole body of its answer had come")
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
      self.init(.malformed, "\(endpoint) does not answer in well-formed HTTP/1.1: \(Self.text(of: code))")
    case CURLE_ABORTED_BY_CALLBACK:
      self.init(.other, "\(endpoint) was not waited for any longer: the exchange was given up")
    case CURLE_OUT_OF_MEMORY where !hasHead:
      // How libcurl reports a header line beyond its own bound of 100 KiB.
      self.init(.tooLarge, "\(endpoint): a line in the head of the answer has no end within 100 KiB")
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_USE_SSL_FAILED:
      self.init(.tls, "\(endpoint): no secure connection: \(Self.text(of: code))")
    default:
      self.init(.other, "\(endpoint): \(Self.text(of: code)) (libcurl \(code.rawValue))")
    }
  }

  private static func text(of code: CURLcode) -> String { unsafe String(cString: cispec_curl_easy_strerror(code)) }
}
