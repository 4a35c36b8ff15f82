import CaseLibrary
import Emulator
import Foundation
import HTTPExchange
import HTTPTransport
import Signing
import XMLValidation

/// The emulator on a socket with a fault: every answer goes through a rewriting before it is sent.
final class FaultyServer: Sendable {
  typealias Rewriting = @Sendable (HTTPRequest, HTTPResponse) -> HTTPResponse

  static let keys = [
    "CISPEC_SECRET_ID": "AKIDcispecFakeSecretId0000000000", "CISPEC_SECRET_KEY": "cispecFakeSecretKey0000000000000",
  ]

  private struct Faulty: Responder {
    let emulator: Emulator
    let prefix: String
    let rewrite: Rewriting

    func respond(to request: HTTPRequest) -> HTTPResponse {
      guard request.target.hasPrefix(prefix) else { return HTTPResponse(status: 404) }
      var inner = request
      inner.target = String(request.target.dropFirst(prefix.count))
      return rewrite(request, emulator.respond(to: inner))
    }
  }

  private struct SystemTime: HTTPExchange.Clock {
    var now: Double { Date().timeIntervalSince1970 }
    func sleep(seconds: Double) { Thread.sleep(forTimeInterval: seconds) }
  }

  private let server: HTTPServer

  /// - Parameter prefix: a path that every request must start with, and that the emulator does not see.
  init(prefix: String = "", token: String? = nil, _ rewrite: @escaping Rewriting = { $1 }) throws {
    let catalogue = try Catalogue(DataFolder(path: Program.root))
    var objects = MemoryObjectStore()
    for key in ["input/demo.mp4", "input/test.mp4", "1.doc"] {
      objects.put(
        Array("cispec fixture\n".utf8), bucket: "test-1250000000", key: key, lastModified: 1_749_000_000,
        storageClass: "STANDARD")
    }
    var configuration = EmulatorConfiguration()
    configuration.queueSeconds = 0.3
    configuration.runSeconds = 0.1
    let credentials = Credentials(
      secretID: Self.keys["CISPEC_SECRET_ID"] ?? "", secretKey: Self.keys["CISPEC_SECRET_KEY"] ?? "", token: token)
    let emulator = Emulator(
      configuration: configuration, catalogue: catalogue, library: catalogue.validationLibrary(),
      credentials: [credentials], objects: objects, clock: SystemTime())
    server = try HTTPServer(
      responder: Faulty(emulator: emulator, prefix: prefix, rewrite: rewrite),
      oversize: { rewrite($0, emulator.refusalOfOversizedBody($0)) })
  }

  var port: UInt16 { server.port }
  var url: String { "http://127.0.0.1:\(server.port)" }

  func stop() { server.stop() }
}

extension HTTPResponse {
  var text: String { String(decoding: body, as: UTF8.self) }

  /// The answer with a text in its body replaced.
  func replacing(_ old: some RegexComponent, with new: String) -> HTTPResponse {
    var copy = self
    copy.body = Array(text.replacing(old, with: new).utf8)
    return copy
  }

  /// The answer with another status and code.
  func turned(into status: Int, _ code: String) -> HTTPResponse {
    var copy = replacing(/<Code>[^<]*<\/Code>/, with: "<Code>\(code)</Code>")
    copy.status = status
    return copy
  }
}
