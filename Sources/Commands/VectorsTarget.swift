internal import Adapting
internal import CaseLibrary
internal import Findings
internal import HTTPExchange
internal import HTTPTransport
internal import Replay
internal import Signing

/// The cases for verifiers sent to a server, which is judged by status and code.
enum VectorsTarget {
  static let flag = Flag(
    name: "--target", value: "URL",
    help: "Send the cases for verifiers to a server, such as http://127.0.0.1:8080; 'embedded' is the kit's emulator.")
  static let hostFlag = Flag(
    name: "--host", value: "NAME",
    help: "The Host field for a target; that of the URL unless given, for a server on this machine \(bucketHost).")

  /// The emulator on a socket: the recorded cases at their times, and those made for a server.
  static func embedded(
    _ folder: DataFolder, _ cases: VectorCases, _ gate: CaseGate
  ) throws -> [SuiteResult] {
    let catalogue = try Catalogue(folder)
    let target = try EmbeddedTarget(catalogue: catalogue, library: catalogue.validationLibrary(), scenarios: [])
    defer { target.stop() }
    return [try embedded(target, folder, cases.verifying, cases.notes, gate)]
  }

  /// The same on an emulator that is running; its clock is left where it was.
  static func embedded(
    _ target: EmbeddedTarget, _ folder: DataFolder, _ verifying: [VerifyingVector], _ notes: VectorNotes,
    _ gate: CaseGate
  ) throws -> SuiteResult {
    let made = TargetCases(credentials: target.credentials, host: bucketHost, now: Int64(target.clock.now))
    let all = verifying.map(TargetCase.init) + made.all
    let answers = try RefusalAnswers(in: folder)
    let start = target.clock.now
    defer { target.clock.move(to: start) }
    return suite(all, gate) { one in
      target.clock.move(to: one.now.map(Double.init) ?? start)
      return TargetCases.result(
        of: one, answer: try target.client.respond(to: one.request), allowed: answers, notes: notes)
    }
  }

  /// The host of the recorded cases' bucket.
  static let bucketHost = "\(bucketName).ci.ap-chongqing.myqcloud.com"
  static let bucketName = "test-1250000000"

  /// A server with its own clock and keys.
  static func server(
    _ endpoint: Endpoint, credentials: Credentials, host: String?, seconds: Double, _ folder: DataFolder,
    _ cases: VectorCases, _ expectations: Expectations, _ gate: CaseGate
  ) throws -> [SuiteResult] {
    let authority = String(endpoint.description.drop { $0 != "/" }.dropFirst(2))
    let made = TargetCases(
      credentials: credentials, host: host ?? (endpoint.isLoopback ? bucketHost : authority),
      now: Int64(SystemClock().now))
    let client = HTTPClient(
      endpoint: endpoint,
      limits: expectations.limits(seconds: seconds),
      isGivenUp: { gate.end != nil })
    Interrupt.endsTheRun()
    let responder = TimedResponder(responder: client, gate: gate)
    let answers = try RefusalAnswers(in: folder)
    return [
      suite(made.all, gate) { one in
        TargetCases.result(
          of: one, answer: try responder.respond(to: one.request), allowed: answers, notes: cases.notes)
      }
    ]
  }

  private static func suite(
    _ cases: [TargetCase], _ gate: CaseGate, _ judge: (TargetCase) throws -> CaseResult
  ) -> SuiteResult {
    let start = monotonicSeconds()
    var suite = gate.suite("target", of: cases, id: \.id) { one in
      do {
        return try judge(one)
      } catch let end as RunEnd {
        return CaseResult(id: one.id, verdict: end.verdict)
      } catch {
        return CaseResult(id: one.id, verdict: .broken(reason: "\(error)"))
      }
    }
    suite.seconds = monotonicSeconds() - start
    return suite
  }

  /// The IDs of the cases that are made for a server.
  static var madeIDs: [(id: String, flags: [String])] {
    TargetCases(credentials: Secrets.fake, host: bucketHost, now: 0).all.map { ($0.id, $0.flags) }
  }
}
