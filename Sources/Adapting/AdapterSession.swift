internal import Synchronization

/// Bounds of a conversation with an adapter.
public struct AdapterLimits: Sendable, Equatable {
  /// From one answer to the next, and from the request to the first.
  public var answerSeconds: Double
  /// From the start of the program to its answer to `hello`.
  public var helloSeconds: Double
  /// How many requests are sent before the first of them is answered.
  public var inFlightMax: Int
  /// When the run's time is over, on the clock that never goes back; nothing is asked after it.
  public var endsAt = Double.infinity
  public var lineBytesMax = 1 << 20
  /// How much of the standard error is kept, its end.
  public var errorBytesMax = 64 << 10
  /// How long the program may take to end when its standard input has.
  public var endSeconds = 5.0
  /// So many failures in a row make an adapter useless that has answered nothing yet or does not even start again,
  public var failuresMaxAtFirst = 5
  /// and so many one that has.
  public var failuresMax = 25

  public init(answerSeconds: Double = 10, helloSeconds: Double = 30, inFlightMax: Int = 64) {
    self.answerSeconds = answerSeconds
    self.helloSeconds = helloSeconds
    self.inFlightMax = inFlightMax
  }
}

/// Asks one adapter process after the other: requests are sent ahead, answers are read in their order; when the process
/// fails, that is the outcome of the first request without an answer, and a new process is asked the rest.
final class AdapterSession {
  private let command: String
  private let limits: AdapterLimits
  private let isStrict: Bool
  private var process: ChildProcess?
  private var unsent: ArraySlice<UInt8> = []
  private var received: [UInt8] = []
  /// Where the first line that was not taken yet starts, and how far no newline was found.
  private var taken = 0
  private var searched = 0
  private(set) var errors: [UInt8] = []
  private var answered = 0
  private var failuresInARow = 0
  /// Of starts after the first.
  private var failedStarts = 0
  /// How long the last process took from its start to its answer to `hello`.
  private(set) var startSeconds = 0.0

  init(command: String, limits: AdapterLimits, isStrict: Bool) {
    self.command = command
    self.limits = limits
    self.isStrict = isStrict
  }

  // MARK: Start and end

  /// Starts a process and asks `hello`.
  func start() throws -> AdapterHello {
    let start = monotonicSeconds()
    process = try ChildProcess(command: command)
    unsent = []
    received = []
    (taken, searched) = (0, 0)
    errors = []
    var hello = AdapterRequest(.hello)
    hello.version = 1
    unsent = try hello.line(id: 0)[...]
    do throws(AdapterFault) {
      let line = try nextLine(until: start + limits.helloSeconds, limit: limits.helloSeconds)
      let answer = try self.answer(line, to: .hello, id: 0)
      startSeconds = monotonicSeconds() - start
      return AdapterHello(answer)
    } catch {
      process = nil
      throw AdapterUnusable("the adapter did not answer hello: \(error.description)", errors: error.errors)
    }
  }

  /// Ends the standard input and waits for the process; how it ended by itself, nil when not in time.
  func finish() -> ChildProcess.End? {
    guard var process = process.take() else { return .exited(0) }
    process.closeInput()
    return process.end(withinSeconds: limits.endSeconds)
  }

  // MARK: Asking

  /// The outcomes of requests, by their place. When the adapter fails too often in a row it is given up: the rest is not
  /// asked, and the reason is returned.
  func outcomes(
    of requests: [AdapterRequest], _ take: (_ place: Int, _ outcome: AdapterOutcome) -> Void
  ) -> AdapterUnusable? {
    var waiting = 0
    var inFlight = 0..<0
    var deadline = 0.0
    while inFlight.lowerBound < requests.count {
      guard monotonicSeconds() < limits.endsAt else {
        process = nil
        for place in inFlight.lowerBound..<requests.count { take(place, .outOfTime) }
        return nil
      }
      let place = inFlight.lowerBound
      do throws(AdapterFault) {
        if process == nil { try startAgain() }
        while inFlight.count < limits.inFlightMax, waiting < requests.count {
          if inFlight.isEmpty { deadline = monotonicSeconds() + limits.answerSeconds }
          unsent += try line(of: requests[waiting], id: waiting + 1)
          waiting += 1
          inFlight = inFlight.lowerBound..<waiting
        }
        let line = try nextLine(until: min(deadline, limits.endsAt), limit: limits.answerSeconds)
        let answer = try self.answer(line, to: requests[place].command, id: place + 1)
        answered += 1
        failuresInARow = 0
        failedStarts = 0
        take(place, .answer(answer))
      } catch {
        // What did not answer in time had the rest of the run's time alone: the loop ends above.
        if error.kind == .timedOut, monotonicSeconds() >= limits.endsAt { continue }
        take(place, .failed(error))
        failuresInARow += 1
        if error.kind != .againstProtocol {
          process = nil
          waiting = place + 1
        }
        if let reason = reasonToGiveUp(error) {
          process = nil
          for place in (place + 1)..<requests.count { take(place, .givenUp(reason)) }
          return reason
        }
      }
      inFlight = (place + 1)..<max(waiting, place + 1)
      deadline = monotonicSeconds() + limits.answerSeconds
    }
    return nil
  }

  private func line(of request: AdapterRequest, id: Int) throws(AdapterFault) -> [UInt8] {
    do {
      return try request.line(id: id)
    } catch {
      throw fault(.garbage, "request \(id) cannot be written as JSON: \(error)")
    }
  }

  /// A start that fails is the outcome of the request that comes next.
  private func startAgain() throws(AdapterFault) {
    do {
      _ = try start()
    } catch {
      failedStarts += 1
      throw fault(.crashed, "it was started again, and \(error)")
    }
  }

  private func reasonToGiveUp(_ error: AdapterFault) -> AdapterUnusable? {
    let isAtEnd =
      failuresInARow >= (answered == 0 ? limits.failuresMaxAtFirst : limits.failuresMax)
      || failedStarts >= limits.failuresMaxAtFirst
    guard isAtEnd else { return nil }
    let before = answered == 0 ? "" : " after \(answered) answers"
    return AdapterUnusable(
      "the adapter failed \(failuresInARow) times in a row\(before) and was given up: \(error.description)",
      errors: error.errors)
  }

  /// What a command that no adapter knows is answered with; for a session that asks nothing after it.
  func outcomeOfUnknownCommand() -> AdapterOutcome {
    let id = 1_000_000
    unsent += Array(#"{"command":"cispec-unknown-command","id":\#(id)}"#.utf8) + [0x0A]
    do throws(AdapterFault) {
      let line = try nextLine(until: monotonicSeconds() + limits.answerSeconds, limit: limits.answerSeconds)
      let answer = try object(on: line)
      guard answer["id"]?.integer == id else {
        throw fault(.wrongID, "the answer has another id: \(Self.excerpt(line))")
      }
      return .answer(answer)
    } catch {
      return .failed(error)
    }
  }

  /// The answer on a line, when it is one to the command.
  private func answer(
    _ line: ArraySlice<UInt8>, to command: AdapterRequest.Command, id: Int
  ) throws(AdapterFault) -> [String: AdapterValue] {
    let answer = try object(on: line)
    guard answer["id"]?.integer == id else {
      throw fault(.wrongID, "the answer to request \(id) has another id: \(Self.excerpt(line))")
    }
    if let problem = AdapterAnswerRules.problem(of: answer, to: command, isStrict: isStrict) {
      throw fault(.againstProtocol, "its answer to \(command.rawValue) is against the protocol: \(problem)")
    }
    return answer
  }

  /// The answer on a line, whatever it answers.
  private func object(on line: ArraySlice<UInt8>) throws(AdapterFault) -> [String: AdapterValue] {
    guard let answer = AdapterValue.object(parsing: line) else {
      throw fault(.garbage, "it wrote a line that is no JSON object: \(Self.excerpt(line))")
    }
    if isStrict, let problem = AdapterAnswerRules.problem(ofLine: line) {
      throw fault(.againstProtocol, "a line that it wrote is against the protocol: \(problem)")
    }
    return answer
  }

  private static func excerpt(_ line: ArraySlice<UInt8>) -> String {
    let text = String(decoding: line.prefix(200), as: UTF8.self)
    return line.count > 200 ? text + "…" : text
  }

  // MARK: Lines

  /// The next line without its newline; writes what is unsent meanwhile.
  ///
  /// - Parameter limit: how many seconds the deadline allows, for the words that say it is over.
  private func nextLine(until deadline: Double, limit: Double) throws(AdapterFault) -> ArraySlice<UInt8> {
    while true {
      if let end = received[searched...].firstIndex(of: 0x0A) {
        defer { (taken, searched) = (end + 1, end + 1) }
        guard end - taken <= limits.lineBytesMax else { throw lineTooLong }
        return received[taken..<end]
      }
      guard received.count - taken <= limits.lineBytesMax else { throw lineTooLong }
      received.removeFirst(taken)
      (taken, searched) = (0, received.count)
      let left = deadline - monotonicSeconds()
      guard left > 0 else {
        throw fault(.timedOut, "there was no answer within \(decimal(limit)) s")
      }
      guard exchange(seconds: left) else { throw endFault() }
    }
  }

  private var lineTooLong: AdapterFault {
    fault(.lineTooLong, "it wrote a line of more than \(limits.lineBytesMax) bytes")
  }

  /// Waits for the pipes and moves what they have or take; false when the standard output has ended.
  private func exchange(seconds: Double) -> Bool {
    let ready = process?.wait(seconds: seconds, toWrite: !unsent.isEmpty) ?? ChildProcess.Ready()
    if ready.errors { readErrors() }
    if ready.input {
      // What nobody reads any more is dropped; the end of the output tells the rest.
      unsent = process?.write(unsent).map { unsent.dropFirst($0) } ?? []
    }
    return ready.output ? process?.readOutput(into: &received) ?? false : true
  }

  private func readErrors() {
    process?.readErrors(into: &errors)
    // Cut seldom: each cut moves all that is kept.
    if errors.count > 2 * limits.errorBytesMax { errors.removeFirst(errors.count - limits.errorBytesMax) }
  }

  private func fault(_ kind: AdapterFault.Kind, _ description: String) -> AdapterFault {
    AdapterFault(kind: kind, description: description, errors: errorText)
  }

  /// How it ended when no more came from it.
  private func endFault() -> AdapterFault {
    let end = process?.end(withinSeconds: 1)
    process?.readErrors(into: &errors)
    let unfinished = received.isEmpty ? "" : ", in the middle of a line"
    guard let end else { return fault(.endedEarly, "it closed its standard output before its answer\(unfinished)") }
    return fault(
      end == .exited(0) ? .endedEarly : .crashed, "there was no answer: \(end.description)\(unfinished)")
  }

  /// The end of the standard error as text.
  var errorText: String {
    String(decoding: errors.suffix(limits.errorBytesMax), as: UTF8.self)
  }
}

/// Seconds in plain words: 10, 0.5.
private func decimal(_ seconds: Double) -> String {
  seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)"
}
