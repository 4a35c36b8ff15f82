internal import Findings
internal import HTTPExchange

/// Sends as long as there is time; what fails because there is none is said to be out of time.
struct TimedResponder: Responder {
  let responder: any Responder
  let gate: CaseGate

  func respond(to request: HTTPRequest) throws -> HTTPResponse {
    if let over = gate.exhaustion { throw over }
    do {
      return try responder.respond(to: request)
    } catch {
      throw gate.exhaustion ?? error
    }
  }
}
