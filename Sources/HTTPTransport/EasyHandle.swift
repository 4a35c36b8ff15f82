internal import CCurl
internal import Glibc
internal import HTTPExchange

/// Transfers of libcurl to one server, one after the other, with the connections that it keeps open.
///
/// What is the same for all requests is set once; libcurl refers to what lies here, so that it lives as long.
@safe struct EasyHandle: ~Copyable {
  private let handle: UnsafeMutableRawPointer
  private var transfers: Transfers
  private let collector: AnswerCollector
  private let destinations: HeaderList
  private var fields = HeaderList()

  /// Opens libcurl when this is the first one.
  init(to endpoint: Endpoint, limits: TransportLimits, route: ClientRoute) throws(TransportError) {
    if let reason = unsafe cispec_curl_open() {
      throw TransportError(
        .other,
        "nothing can be sent without libcurl (Debian's libcurl4, brew's curl): \(unsafe String(cString: reason))")
    }
    guard let handle = unsafe cispec_curl_easy_init() else {
      preconditionFailure("libcurl has no memory for a transfer")
    }
    unsafe self.handle = handle
    transfers = Transfers()
    unsafe collector = AnswerCollector(of: handle, limits: limits)
    var destinations = HeaderList()
    if let other = route.connectTo { destinations.append(line: "::\(other.authorityHost):\(other.port)") }
    self.destinations = destinations
    set(CURLOPT_URL, endpoint.description + "/")
    setBehaviour(limits)
    setRoute(route)
    setCallbacks()
  }

  deinit { unsafe cispec_curl_easy_cleanup(handle) }

  /// Sends the request as it is and gathers the answer; returns the code of libcurl too.
  mutating func perform(
    _ request: HTTPRequest, isGivenUp: () -> Bool
  ) -> (code: CURLcode, answer: AnswerCollector.Answer) {
    set(CURLOPT_REQUEST_TARGET, request.target)
    set(CURLOPT_VERBOSE, 0)
    var fields = HeaderList()
    fields.append(contentsOf: request)
    unsafe cispec_curl_set_list(handle, CURLOPT_HTTPHEADER, fields.head)
    self.fields = fields
    let code = unsafe request.body.withUnsafeBytes { body in
      unsafe setMethod(request.method, body: body)
      defer { if unsafe !body.isEmpty { unsafe cispec_curl_set_pointer(handle, CURLOPT_POSTFIELDS, nil) } }
      return unsafe transfers.perform(handle, isGivenUp: isGivenUp)
    }
    return (code, collector.take())
  }

  /// What has come on the kept connection since the last answer ended, without being asked for; at most 4096 bytes.
  var bytesAfterLastAnswer: [UInt8] {
    let descriptor = transfers.keptSocket
    guard descriptor >= 0 else { return [] }
    let flags = Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
    return unsafe withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
      let count = unsafe recv(descriptor, buffer.baseAddress, buffer.count, flags)
      return unsafe Array(buffer.prefix(max(0, count)))
    }
  }

  private func set(_ option: CURLoption, _ value: Int) { unsafe cispec_curl_set_long(handle, option, value) }

  private func set(_ option: CURLoption, _ value: String) { unsafe cispec_curl_set_string(handle, option, value) }

  private func setBehaviour(_ limits: TransportLimits) {
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_PATH_AS_IS, 1)
    set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(limits.connectSeconds))
    set(CURLOPT_TIMEOUT_MS, Self.milliseconds(limits.totalSeconds))
    set(CURLOPT_LOW_SPEED_LIMIT, 1)
    set(CURLOPT_LOW_SPEED_TIME, max(1, Int(limits.stallSeconds.rounded(.up))))
  }

  private func setRoute(_ route: ClientRoute) {
    if route.usesProxy {
      // A tunnel leaves the request as it is signed.
      set(CURLOPT_HTTPPROXYTUNNEL, 1)
      // What the proxy says to CONNECT is no part of the server's answer.
      set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    } else {
      // An empty proxy keeps libcurl from looking for one in the environment.
      set(CURLOPT_PROXY, "")
      set(CURLOPT_NOPROXY, "*")
    }
    if route.connectTo != nil { unsafe cispec_curl_set_list(handle, CURLOPT_CONNECT_TO, destinations.head) }
    if let file = route.caFile { set(CURLOPT_CAINFO, file) }
  }

  /// A request with a body is a POST to libcurl, whatever its method is called; a HEAD is one that brings no body. Both
  /// end with the next request, which is a GET before it is anything else.
  private func setMethod(_ method: String, body: UnsafeRawBufferPointer) {
    set(CURLOPT_HTTPGET, 1)
    if method == "HEAD" { set(CURLOPT_NOBODY, 1) }
    if unsafe !body.isEmpty {
      unsafe cispec_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
      unsafe cispec_curl_set_pointer(handle, CURLOPT_POSTFIELDS, body.baseAddress)
    }
    set(CURLOPT_CUSTOMREQUEST, method)
  }

  private func setCallbacks() {
    let context = unsafe Unmanaged.passUnretained(collector).toOpaque()
    unsafe cispec_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
    unsafe cispec_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
    unsafe cispec_curl_set_write(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
      let collector = unsafe Unmanaged<AnswerCollector>.fromOpaque(context).takeUnretainedValue()
      let isTaken = unsafe collector.takeHeaderLine(UnsafeRawBufferPointer(start: bytes, count: size * count))
      // All remarks before the end of the head would be written for nobody.
      if collector.hasHead { unsafe cispec_curl_set_long(collector.transfer, CURLOPT_VERBOSE, 1) }
      return isTaken ? size * count : 0
    }
    unsafe cispec_curl_set_write(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
      let collector = unsafe Unmanaged<AnswerCollector>.fromOpaque(context).takeUnretainedValue()
      let isTaken = unsafe collector.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return isTaken ? size * count : 0
    }
    unsafe setRemarks(context)
    // Asked before a request is sent: libcurl would send it a second time, unasked, when a kept connection breaks.
    unsafe cispec_curl_set_before(
      handle,
      { context, _, _, _, _ in
        guard let context = unsafe context else { return 1 }
        return unsafe Unmanaged<AnswerCollector>.fromOpaque(context).takeUnretainedValue().maySend() ? 0 : 1
      }, context)
  }

  /// libcurl drops what comes beyond the end of an answer, and mentions that in its remarks alone, as it does what is wrong
  /// with a chunk; it makes them when it is verbose.
  private func setRemarks(_ context: UnsafeMutableRawPointer) {
    unsafe cispec_curl_set_pointer(handle, CURLOPT_DEBUGDATA, context)
    unsafe cispec_curl_set_debug(handle) { _, kind, bytes, count, context in
      guard kind == CURLINFO_TEXT, let bytes = unsafe bytes, let context = unsafe context else { return 0 }
      let remark = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
      let collector = unsafe Unmanaged<AnswerCollector>.fromOpaque(context).takeUnretainedValue()
      if unsafe remark.starts(with: "Excess found".utf8) || remark.starts(with: "Leftovers after chunking".utf8) {
        collector.noteSurplus()
      } else if unsafe !remark.starts(with: "Connection #".utf8),
        unsafe String(decoding: remark, as: UTF8.self).contains("chunk")
      {
        collector.noteChunks()
      }
      return 0
    }
  }

  private static func milliseconds(_ seconds: Double) -> Int { max(1, Int((seconds * 1000).rounded(.up))) }
}

/// Lines in libcurl's form of a list, such as the header fields of a request.
@safe struct HeaderList: ~Copyable {
  private(set) var head: UnsafeMutablePointer<curl_slist>?

  deinit { unsafe cispec_curl_slist_free_all(head) }

  mutating func append(contentsOf request: HTTPRequest) {
    // A name with nothing after its colon takes back libcurl's own field. Host goes that way even when the request has
    // one: libcurl would send it before the others and spell its name itself.
    append(line: "Host:")
    for name in ["Accept", "User-Agent", "Content-Type", "Expect"] where request.headers[name] == nil {
      append(line: name + ":")
    }
    for field in request.headers.fields {
      let isBlank = field.value.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 }
      append(line: isBlank ? "\(field.name);" : "\(field.name): \(field.value)")
    }
    if let length = Self.contentLength(for: request) { append(line: "Content-Length: \(length)") }
  }

  /// The length that the request does not state itself; nil when it does or needs none.
  private static func contentLength(for request: HTTPRequest) -> Int? {
    guard request.headers["Content-Length"] == nil, request.headers["Transfer-Encoding"] == nil else { return nil }
    guard !request.body.isEmpty || request.method == "POST" || request.method == "PUT" else { return nil }
    return request.body.count
  }

  mutating func append(line: String) {
    guard let longer = unsafe cispec_curl_slist_append(head, line) else {
      preconditionFailure("no memory for a header field")
    }
    unsafe head = longer
  }
}
