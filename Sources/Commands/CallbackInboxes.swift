internal import Findings
internal import HTTPExchange
internal import HTTPTransport
internal import Replay
internal import Synchronization
internal import XMLValidation

extension CallbackListening {
  /// Inboxes on free ports of this machine.
  ///
  /// - Parameter deliverDue: called before every look into an inbox, for a target that sends only when asked.
  static func local(deliverDue: @escaping @Sendable () -> Void = {}) -> CallbackListening {
    CallbackListening(
      open: { try LoopbackInbox(deliverDue: deliverDue) }, document: { JSONCallback.document(of: $0, file: $1) })
  }
}

/// A server that takes every request with 200 and keeps it.
private final class LoopbackInbox: CallbackInbox {
  private final class Keeper: Responder, Sendable {
    private let requests = Mutex<[HTTPRequest]>([])
    private static let keptMax = 16

    func respond(to request: HTTPRequest) -> HTTPResponse {
      requests.withLock { if $0.count < Self.keptMax { $0.append(request) } }
      return HTTPResponse(status: 200, headers: [:], body: [])
    }

    func take() -> HTTPRequest? { requests.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
  }

  private let keeper = Keeper()
  private let server: HTTPServer
  private let deliverDue: @Sendable () -> Void

  init(deliverDue: @escaping @Sendable () -> Void) throws {
    self.deliverDue = deliverDue
    server = try HTTPServer(
      responder: keeper, limits: ServerLimits(connectionsMax: 16, threads: 1, drainSeconds: 1))
  }

  var address: String { "http://127.0.0.1:\(server.port)/callback" }

  func next() -> HTTPRequest? {
    deliverDue()
    return keeper.take()
  }

  func close() { server.stop() }
}

extension JSONCallback {
  /// The XML form of a callback in JSON, or why it has none.
  static func document(of bytes: [UInt8], file: String) -> CallbackDocument {
    do {
      let value = try JSONScanner.value(in: bytes, depthMax: 64, valuesMax: 100_000)
      let callback = JSONCallback(value, in: bytes, file: file)
      return CallbackDocument(bytes: callback.tree.documentBytes, findings: callback.findings)
    } catch {
      let position = textPosition(of: error.offset, in: bytes)
      return CallbackDocument(
        bytes: [],
        findings: [
          Finding(
            id: "json.malformed", severity: .error,
            place: Place(file: file, line: position.line, column: position.column),
            message: "The callback is not JSON: \(error.reason).")
        ])
    }
  }
}
