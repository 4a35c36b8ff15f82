internal import Adapting
internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import HTTPTransport
internal import Replay
internal import Signing
internal import XMLValidation

extension ServerTarget {
  static let flags = [
    Flag(
      name: "--target", value: "URL",
      help: "The server, such as http://127.0.0.1:8080; a path in it goes before every path. 'embedded', the kit's "
        + "emulator, unless given."),
    Flag(
      name: "--connect-to", value: "HOST:PORT",
      help: "Connect there; Host and certificate stay those of the URL, such as "
        + "http://bucket-1250000000.ci.ap-beijing.myqcloud.com."),
    Flag(
      name: "--host", value: "NAME",
      help: "The Host field; that of the URL unless given, for a server on this machine \(VectorsTarget.bucketHost)."),
    Flag(name: "--ca", value: "FILE", help: "Certificates in PEM that are trusted for https in place of the system's."),
    Flag(
      name: "--header", value: "'NAME: VALUE'",
      help: "A header field for every request, not signed; may be given again.", repeats: true),
    Secrets.fileFlag,
    Flag(name: "--timeout", value: "SECONDS", help: "How long an answer may take at most; 30 unless given."),
    Flag(name: "--jobs", value: "N", help: "How many cases are sent at once; 1 unless given."),
    Flag(name: "--rate", value: "N", help: "Requests a second at most; as many as can be unless given."),
    Flag(
      name: "--retries", value: "N",
      help: "Try again after no answer, 429 or 503, and say so each time; never unless given."),
    Flag(
      name: "--allow-billable", value: nil,
      help: "Send requests that cost money or change something to a target that is not on this machine."),
    Flag(
      name: "--request-budget", value: "N",
      help:
        "Requests at most; what is left over is skipped. 1000 for a target that is not on this machine unless given."
    ),
  ]

  /// The server that the flags name.
  init(
    _ arguments: Arguments, _ environment: Environment, _ expectations: Expectations, url: String
  ) throws {
    let (endpoint, prefix) = try Self.endpoint(of: url)
    let seconds = try arguments.integer("--timeout", in: 1...3600).map(Double.init) ?? 30
    var route = ClientRoute()
    if let text = arguments["--connect-to"] {
      guard let other = try? Endpoint(parsing: "http://\(text)"), text.contains(":") else {
        throw CommandError(.usage, "--connect-to is '\(text)', not HOST:PORT")
      }
      route.connectTo = other
    }
    if let file = arguments["--ca"] {
      guard Files.exists(file) else { throw CommandError(.unreadable, "\(file): there is no such file") }
      route.caFile = file
    }
    let isNear = (route.connectTo ?? endpoint).isLoopback
    route.usesProxy = !isNear && Self.hasProxy(environment, endpoint.scheme)
    let host = arguments["--host"] ?? Self.host(of: endpoint)
    self.init(
      name: url, endpoint: endpoint, route: route,
      limits: expectations.limits(seconds: seconds),
      delivery: RequestDelivery(prefix: prefix, headers: try Self.headers(arguments)), host: host,
      bucket: Self.bucket(of: host), credentials: try Secrets.one(arguments, environment), clock: SystemClock(),
      sendsBillable: isNear || arguments.has("--allow-billable"),
      jobs: try arguments.integer("--jobs", in: 1...64) ?? 1,
      retries: try arguments.integer("--retries", in: 0...10) ?? 0,
      traffic: TargetTraffic(
        budget: try arguments.integer("--request-budget", in: 1...1_000_000) ?? (isNear ? nil : 1000),
        requestsPerSecond: try arguments.integer("--rate", in: 1...10_000), gate: expectations.gate()),
      callbacks: isNear ? .local() : nil)
  }

  /// The kit's emulator on a socket. Its clock moves when anybody waits, so its cases come one after the other.
  init(embedded: EmbeddedTarget, _ arguments: Arguments, _ expectations: Expectations) throws {
    for flag in ["--connect-to", "--host", "--ca", "--header", "--timeout", "--jobs", "--retries"]
    where arguments.has(flag) {
      throw CommandError(.usage, "\(flag) goes with --target URL")
    }
    self.init(
      name: "embedded emulator", endpoint: embedded.endpoint, limits: TransportLimits(),
      host: VectorsTarget.bucketHost, bucket: nil, credentials: embedded.credentials, clock: embedded.clock,
      sendsBillable: true, jobs: 1, retries: 0,
      traffic: TargetTraffic(
        budget: try arguments.integer("--request-budget", in: 1...1_000_000),
        requestsPerSecond: try arguments.integer("--rate", in: 1...10_000), gate: expectations.gate()),
      callbacks: embedded.callbacks)
  }

  /// The endpoint of a URL and the path in it, without a slash at its end.
  private static func endpoint(of url: String) throws -> (Endpoint, prefix: String) {
    guard let scheme = url.firstRange(of: "://"), let slash = url[scheme.upperBound...].firstIndex(of: "/") else {
      return (try Endpoint(parsing: url), "")
    }
    let path = url[slash...]
    guard !path.contains(where: { "?# ".contains($0) }) else {
      throw CommandError(.usage, "--target is '\(url)': no query, fragment or blank has a place in it")
    }
    return (try Endpoint(parsing: String(url[..<slash])), path.hasSuffix("/") ? String(path.dropLast()) : String(path))
  }

  /// A server on this machine has no name of its own that would be a bucket's.
  private static func host(of endpoint: Endpoint) -> String {
    endpoint.isLoopback
      ? VectorsTarget.bucketHost : String(endpoint.description.drop { $0 != "/" }.dropFirst(2))
  }

  private static func bucket(of host: String) -> (name: String, region: String)? {
    guard host != VectorsTarget.bucketHost, HTTPForms.isHost(host) else { return nil }
    let labels = host.split(separator: ".").map(String.init)
    return (labels[0], labels[2])
  }

  private static func hasProxy(_ environment: Environment, _ scheme: Endpoint.Scheme) -> Bool {
    let names = scheme == .http ? ["http_proxy"] : ["https_proxy", "HTTPS_PROXY"]
    return (names + ["all_proxy", "ALL_PROXY"]).contains { !(environment.variables[$0] ?? "").isEmpty }
  }

  private static func headers(_ arguments: Arguments) throws -> [HTTPHeaders.Field] {
    try arguments.all("--header").map { text in
      let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty, !parts[0].contains(" "),
        !text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 })
      else { throw CommandError(.usage, "--header is not of the form 'NAME: VALUE'") }
      return HTTPHeaders.Field(parts[0], String(parts[1].drop { $0 == " " }))
    }
  }
}

/// The operations that a server does not have, as a file says.
struct UnsupportedOperations {
  private let list: KnownFailing?

  /// - Parameter path: nil when there is no file.
  init(_ path: String?, _ catalogue: Catalogue) throws {
    guard let path else {
      list = nil
      return
    }
    guard let text = String(validating: try Files.read(path, bytesMax: 1 << 20), as: UTF8.self) else {
      throw CommandError(.unreadable, "\(path): a list of operations is text in UTF-8")
    }
    let list = try KnownFailing(parsing: text, file: path)
    let ids = catalogue.operations.map(\.id)
    for entry in list.entries where !ids.contains(where: { FileSearch.fits($0, entry.pattern) }) {
      throw CommandError(
        .unreadable, "\(path):\(entry.line): there is no operation '\(entry.pattern)'",
        hint: nearestName(to: entry.pattern, among: ids).map { "Did you mean \($0)?" })
    }
    self.list = list
  }

  /// Why a case that needs these operations is not sent; nil when it is.
  func reason(for operations: [String]) -> String? {
    for operation in operations {
      if let entry = list?.entries.first(where: { FileSearch.fits(operation, $0.pattern) }) {
        return "\(operation) is declared unsupported: \(entry.reason)"
      }
    }
    return nil
  }
}
