public import CaseLibrary
public import Emulator
public import HTTPExchange
public import Signing
internal import Synchronization
public import XMLValidation

/// A server with exactly one mistake: the emulator, with what it is asked, answers and tells changed on the way.
public final class WrongServer: Responder, Sendable {
  private let emulator: Emulator
  private let fault: Fault
  private let credentials: Credentials
  private let clock: any HTTPExchange.Clock
  private let catalogue: Catalogue
  private let library: ValidationLibrary
  private let verifier: Verifier
  private let notes = Mutex(Notes())

  /// - Parameter credentials: the one pair that the emulator knows.
  public init(
    _ emulator: Emulator, making mutant: ServerMutant, credentials: Credentials, clock: any HTTPExchange.Clock,
    catalogue: Catalogue, library: ValidationLibrary
  ) {
    self.emulator = emulator
    fault = mutant.fault
    self.credentials = credentials
    self.clock = clock
    self.catalogue = catalogue
    self.library = library
    let pair = credentials
    verifier = Verifier { $0 == pair.secretID ? pair.secretKey : nil }
  }

  public func respond(to request: HTTPRequest) -> HTTPResponse {
    let operation = catalogue.operations(for: request).first?.id ?? ""
    let now = clock.now
    var response = emulator.respond(to: asked(request, operation, now))
    if let answers = fault.answers {
      let library = library
      response = notes.withLock { notes in
        var answer = Answer(
          request: request, operation: operation, now: now, notes: notes, response: response,
          read: { Validator(library: library).tree(of: $0) })
        answers(&answer)
        notes = answer.notes
        return answer.response
      }
    }
    return Self.sent(response)
  }

  /// The callbacks that are due by now.
  public func takeDueCallbacks() -> [ToldCallback] {
    var told = emulator.takeDueCallbacks(json: .jsonArray).map {
      ToldCallback(url: $0.url, contentType: $0.form.contentType, body: $0.form.body(of: $0.document))
    }
    fault.tells?(&told)
    return told
  }

  // MARK: Requests

  /// The request as the faithful server gets it: signed anew when it was changed and had been signed rightly.
  private func asked(_ request: HTTPRequest, _ operation: String, _ now: Double) -> HTTPRequest {
    if let mistake = fault.verifies { return judged(request, by: mistake, now) }
    guard let asks = fault.asks else { return request }
    let changed = notes.withLock { notes in
      var asked = Asked(request: request, operation: operation, now: now, notes: notes)
      asks(&asked)
      notes = asked.notes
      return asked.request
    }
    guard changed != request, case .valid = verifier.outcome(for: request, now: Int64(now)) else { return changed }
    return signed(changed, now)
  }

  /// What the mistaken verifier lets in is signed rightly for the faithful server; what it refuses is signed wrongly.
  private func judged(_ request: HTTPRequest, by mistake: VerifyingMistake, _ now: Double) -> HTTPRequest {
    let mistaken = MistakenVerifier(
      mistake: mistake, secrets: [credentials.secretID: credentials.secretKey],
      ownHost: "test-1250000000.ci.ap-chongqing.myqcloud.com")
    if mistaken.accepts(request, now: Int64(now)) { return signed(request, now) }
    guard case .valid = verifier.outcome(for: request, now: Int64(now)) else { return request }
    var refused = request
    Self.removeSignature(from: &refused)
    refused.headers.append("Authorization", "q-sign-algorithm=sha1")
    return refused
  }

  private func signed(_ request: HTTPRequest, _ now: Double) -> HTTPRequest {
    var request = request
    Self.removeSignature(from: &request)
    if request.headers["Content-Length"] != nil { request.headers.set("Content-Length", "\(request.body.count)") }
    return Signer(credentials: credentials).signed(request, now: Int64(now))
  }

  private static func removeSignature(from request: inout HTTPRequest) {
    request.headers.remove("Authorization")
    guard let query = request.rawQuery else { return }
    let pairs = query.split(separator: "&", omittingEmptySubsequences: false).filter { pair in
      !pair.hasPrefix("q-") && !pair.hasPrefix("sign=")
    }
    request.target = request.rawPath + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
  }

  // MARK: Answers

  /// With the fields that a server of HTTP adds; a mistake that has set one keeps it, and `Fault.none` takes one away.
  private static func sent(_ response: HTTPResponse) -> HTTPResponse {
    var response = response
    for (name, value) in [("Content-Length", "\(response.body.count)"), ("Connection", "keep-alive")]
    where response.headers[name] == nil {
      response.headers.append(name, value)
    }
    for name in Set(response.headers.fields.filter { $0.value == Fault.none }.map(\.name)) {
      response.headers.remove(name)
    }
    return response
  }
}

extension Fault {
  /// Stands for a field that is not to be sent.
  static let none = "\u{0}"
}
