internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import Replay
internal import Signing

/// What the flags for baselines ask for: to use one, to learn one, or neither.
struct BaselineOptions {
  static let flags = [
    Flag(
      name: "--baseline", value: "FILE",
      help: "Differences that the file explains count as noise; never a violation, never another status. Entries that "
        + "explain nothing or are too old fail the run."),
    Flag(
      name: "--baseline-days", value: "N", help: "How many days an entry of the baseline counts; 90 unless given."),
    Flag(
      name: "--learn-baseline", value: "FILE",
      help: "Replay twice, and write down what differs from the recordings without breaking a requirement."),
  ]

  private static let bytesMax = 16 << 20

  private let file: String?
  private let daysMax: Int
  private let judge: BaselineJudge?
  private let learner: BaselineLearner?

  init(_ arguments: Arguments) throws {
    guard !arguments.has("--baseline") || !arguments.has("--learn-baseline") else {
      throw CommandError(.usage, "--baseline uses a file that --learn-baseline writes: give one of them")
    }
    guard arguments.has("--baseline") || !arguments.has("--baseline-days") else {
      throw CommandError(.usage, "--baseline-days goes with --baseline FILE")
    }
    guard !arguments.has("--learn-baseline") || !arguments.has("--time-budget") else {
      throw CommandError(.usage, "--learn-baseline needs two whole runs: it does not go with --time-budget")
    }
    daysMax = try arguments.integer("--baseline-days", in: 0...36_500) ?? 90
    file = arguments["--baseline"] ?? arguments["--learn-baseline"]
    judge = try arguments["--baseline"].map {
      BaselineJudge(try Baseline(parsing: try Files.read($0, bytesMax: Self.bytesMax), file: $0))
    }
    learner = arguments.has("--learn-baseline") ? BaselineLearner() : nil
  }

  /// Whether two whole runs are needed.
  var learns: Bool { learner != nil }

  var review: (any DifferenceReview)? { judge ?? learner }

  /// Replays once more after the run that counts, when a baseline is to be learned. The first one counts because it
  /// leaves jobs behind, which the second finds in lists.
  func learning(_ replay: () throws -> Void) rethrows {
    guard let learner else { return }
    learner.beginSecondRun()
    try replay()
  }

  /// A case for each entry of the baseline that is used; nil without one.
  func suite(of scenarios: [RecordedScenario], clock: any Clock) -> SuiteResult? {
    guard let judge, let file else { return nil }
    let steps = scenarios.map(\.scenario).flatMap { scenario in scenario.steps.map { "\(scenario.id)/\($0.id)" } }
    let cases = judge.results(
      steps: steps, file: file, today: CalendarDay(ofTime: clock.now), daysMax: daysMax)
    return SuiteResult(name: "baseline", discovered: cases.count, cases: cases)
  }

  /// Writes what was learned, and says how much that is.
  func write(server: String, clock: any Clock, credentials: Credentials, _ errors: Output) throws {
    guard let learner, let file else { return }
    let secrets = [credentials.secretID, credentials.secretKey, credentials.token ?? ""].filter { !$0.isEmpty }
    let baseline = learner.baseline(server: server, day: CalendarDay(ofTime: clock.now)) { value in
      value.contains("q-sign") || secrets.contains { value.contains($0) }
    }
    do {
      try Files.write(try baseline.json(), to: file)
    } catch {
      throw CommandError(.reportNotWritten, "the baseline \(error)")
    }
    let volatile = baseline.entries.count { $0.class != .steady }
    errors.writeLine(
      "learned \(baseline.entries.count) entries, \(volatile) of them volatile, into \(file); what breaks a "
        + "requirement is never learned")
  }
}
