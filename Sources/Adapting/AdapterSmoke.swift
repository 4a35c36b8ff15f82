public import CaseLibrary
internal import Findings

/// A short conversation that proves an adapter alive before it is trusted with the vectors.
public struct AdapterSmoke: Sendable {
  public struct Step: Sendable, Equatable {
    public var name: String
    public var isRight: Bool
    public var words: String
  }

  private let command: String
  private let limits: AdapterLimits
  private let signing: [SigningVector]
  private let verifying: [VerifyingVector]

  public init(command: String, limits: AdapterLimits, signing: [SigningVector], verifying: [VerifyingVector]) {
    self.command = command
    self.limits = limits
    self.signing = signing
    self.verifying = verifying
  }

  /// The steps up to the first that goes wrong.
  public func steps() -> [Step] {
    let session = AdapterSession(command: command, limits: limits, isStrict: true)
    let hello: AdapterHello
    do {
      hello = try session.start()
    } catch {
      return [Step(name: "start", isRight: false, words: "\(error)")]
    }
    let milliseconds = Int(session.startSeconds * 1000)
    let commands = AdapterRequest.Command.allCases.filter(hello.commands.contains).map(\.rawValue)
    var steps = [
      Step(name: "start", isRight: true, words: "answered hello after \(milliseconds) ms"),
      Step(
        name: "hello", isRight: !commands.isEmpty,
        words: "\(hello.name) \(hello.version), \(hello.language); commands: "
          + (commands.isEmpty ? "none, so there is nothing to judge" : commands.joined(separator: ", "))),
    ]
    for step in [vector, unknownCommand] where steps.allSatisfy(\.isRight) { steps.append(step(session, hello)) }
    guard steps.allSatisfy(\.isRight) else { return steps }
    return steps + [end(session)]
  }

  /// How it ends when its standard input does.
  private func end(_ session: AdapterSession) -> Step {
    let end = session.finish()
    let words =
      switch end {
      case .exited(0)?: "when its standard input ended"
      case let end?: "\(end) when its standard input ended; 0 is expected"
      case nil: "not within \(Int(limits.endSeconds)) s of its input's end"
      }
    return Step(name: "end", isRight: end == .exited(0), words: words)
  }

  /// One published vector signed, or a right request verified.
  private func vector(_ session: AdapterSession, _ hello: AdapterHello) -> Step {
    let judge = AdapterJudge(hello: hello, notes: VectorNotes())
    let published = signing.first { $0.agrees && $0.kind == "sign" && $0.published["authorization"] != nil }
    let right = verifying.first { $0.result == .valid }
    let presigned = signing.first(where: AdapterSuite.isPresigned)
    let cases: [AdapterCase?] = [
      hello.commands.contains(.sign) ? published.map(judge.signing) : nil,
      hello.commands.contains(.verify) ? right.map(judge.verifying) : nil,
      hello.commands.contains(.presign) ? presigned.map(judge.presigning) : nil,
    ]
    guard let one = cases.compactMap({ $0 }).first else {
      return Step(name: "vector", isRight: true, words: "none: it has neither sign nor presign nor verify")
    }
    let result = one.result(of: outcome(of: one.request, session))
    switch result.verdict {
    case .passed: return Step(name: "vector", isRight: true, words: "\(one.id) is right")
    case .skipped(let reason):
      return Step(
        name: "vector", isRight: false,
        words: "\(one.id) is skipped, though hello has '\(one.request.command.rawValue)': \(reason)")
    case .failed, .broken:
      let words = result.findings.map(\.message) + (result.detail.isEmpty ? [] : [result.detail])
      return Step(name: "vector", isRight: false, words: "\(one.id): \(words.joined(separator: "\n"))")
    }
  }

  private func unknownCommand(_ session: AdapterSession, _ hello: AdapterHello) -> Step {
    let name = "unknown command"
    switch session.outcomeOfUnknownCommand() {
    case .answer(let answer):
      if let reason = answer["skipped"]?.text, !reason.isEmpty {
        return Step(name: name, isRight: true, words: "skipped: \(reason)")
      }
      return Step(name: name, isRight: false, words: "it is answered otherwise than with 'skipped' and a reason")
    case .failed(let fault): return Step(name: name, isRight: false, words: fault.description)
    case .outOfTime: return Step(name: name, isRight: false, words: RunEnd.outOfTime.description)
    case .givenUp(let reason): return Step(name: name, isRight: false, words: reason.description)
    }
  }

  private func outcome(of request: AdapterRequest, _ session: AdapterSession) -> AdapterOutcome {
    var outcome: AdapterOutcome?
    _ = session.outcomes(of: [request]) { outcome = $1 }
    return outcome ?? .failed(AdapterFault(kind: .endedEarly, description: "there was no answer"))
  }
}
