internal import Findings
internal import HTTPExchange

/// Sends until the run is to end; what fails because of that is said to.
struct TimedResponder: Responder {
  let responder: any Responder
  let gate: CaseGate

  func respond(to request: HTTPRequest) throws -> HTTPResponse {
    if let end = gate.end { throw end }
    do {
      return try responder.respond(to: request)
    } catch {
      throw gate.end ?? error
    }
  }
}
