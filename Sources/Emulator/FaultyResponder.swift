public import CaseLibrary
public import HTTPExchange
internal import Synchronization

/// The emulator with the faults of a plan, and a number for each request.
public final class FaultyResponder: Sendable {
  private let emulator: Emulator
  private let plan: FaultPlan
  private let catalogue: Catalogue
  private let clock: any HTTPExchange.Clock
  private let state = Mutex<(number: Int, counts: [Int])>((0, []))

  public init(_ emulator: Emulator, plan: FaultPlan, catalogue: Catalogue, clock: any HTTPExchange.Clock) {
    self.emulator = emulator
    self.plan = plan
    self.catalogue = catalogue
    self.clock = clock
  }

  /// The number of the next request, and what the plan does to it.
  public func begin(_ request: HTTPRequest) -> (number: Int, effects: [FaultPlan.Effect]) {
    let operation = plan.isEmpty ? nil : catalogue.operations(for: request).first?.id
    return state.withLock { state in
      state.number += 1
      return (state.number, plan.effects(number: state.number, operation: operation, counts: &state.counts))
    }
  }

  /// The answer under these effects: all that delay and skew add up; of those that spoil the answer the first counts.
  public func answer(to request: HTTPRequest, under effects: [FaultPlan.Effect]) throws(BrokenAnswer) -> EmulatedAnswer
  {
    var skew = 0.0
    var refusal: (status: Int, code: String?)?
    var spoiling: FaultPlan.Effect?
    for effect in effects {
      switch effect {
      case .delay(let seconds): clock.sleep(seconds: seconds)
      case .clockSkew(let seconds): skew += seconds
      case .refuse(let status, let code): refusal = refusal ?? (status, code)
      case .reset, .truncate: spoiling = spoiling ?? effect
      }
    }
    // A connection that breaks off before the request is taken leaves no job behind.
    if spoiling == .reset { throw .reset }
    let answer =
      if let refusal {
        EmulatedAnswer(response: emulator.refusal(of: request, status: refusal.status, code: refusal.code))
      } else {
        emulator.answer(to: request, clockAheadSeconds: skew)
      }
    if case .truncate(let bytes)? = spoiling { throw .truncated(answer.response, bodyBytes: bytes) }
    return answer
  }
}
