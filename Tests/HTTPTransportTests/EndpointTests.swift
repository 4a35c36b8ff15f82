import HTTPTransport
import Testing

@Suite("Endpoint")
struct EndpointTests {
  @Test(
    "scheme, host and port are read, the port from the scheme when it is left out",
    arguments: [
      ("http://127.0.0.1:8080", Endpoint(scheme: .http, host: "127.0.0.1", port: 8080), "http://127.0.0.1:8080"),
      ("http://localhost/", Endpoint(scheme: .http, host: "localhost", port: 80), "http://localhost"),
      ("HTTPS://ci.example.com", Endpoint(scheme: .https, host: "ci.example.com", port: 443), "https://ci.example.com"),
      ("https://host:80", Endpoint(scheme: .https, host: "host", port: 80), "https://host:80"),
      ("http://[::1]:9", Endpoint(scheme: .http, host: "::1", port: 9), "http://[::1]:9"),
    ])
  func parsing(text: String, endpoint: Endpoint, description: String) throws {
    let parsed = try Endpoint(parsing: text)
    #expect(parsed == endpoint)
    #expect(parsed.description == description)
  }

  @Test(
    "a text that is no endpoint is refused with its reason",
    arguments: [
      ("127.0.0.1:8080", "http:// or https://"), ("ftp://host", "http:// or https://"), ("http://", "host"),
      ("http://host/jobs", "no path"), ("http://host?x", "no path"), ("http://me@host", "user name"),
      ("http://host:", "1 to 65535"), ("http://host:0", "1 to 65535"), ("http://host:65536", "1 to 65535"),
      ("http://host:+80", "1 to 65535"), ("http://ho st", "host"), ("http://[::1", "host"), ("http://[::1]x", "host"),
    ])
  func refusing(text: String, reason: String) {
    let error = #expect(throws: EndpointError.self) { try Endpoint(parsing: text) }
    #expect(error?.reason.contains(reason) == true)
    #expect(error?.description.contains("'\(text)'") == true)
  }
}
