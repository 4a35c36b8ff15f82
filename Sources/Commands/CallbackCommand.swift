internal import CaseLibrary
internal import Emulator
internal import Findings
internal import HTTPExchange
internal import HTTPTransport
internal import Reporting
internal import XMLValidation

extension Commands {
  static let callbackCommand = Command(
    name: "callback", summary: "Send documented callbacks to a receiver and judge how it answers.", operands: "",
    flags: [
      Flag(name: "--to", value: "URL", help: "The receiver, such as http://127.0.0.1:9000/ci/callback."),
      Flag(
        name: "--kind", value: "ID", help: "A callback, such as filehashcode; may be given again; all unless given.",
        repeats: true),
      Flag(
        name: "--form", value: "FORM", help: "Its form; may be given again; all three unless given.",
        choices: CallbackForm.allCases.map(\.rawValue), repeats: true),
      Flag(name: "--list", value: nil, help: "List the callbacks and send none."),
      Flag(name: "--timeout", value: "SECONDS", help: "How long the receiver may take; 5 unless given."),
      Flag(name: "--allow-callbacks", value: nil, help: "Send to a receiver that is not on this machine."),
      Flag(name: "--quiet", value: nil, help: "No line for a callback that is taken."),
      reportFlag,
    ],
    examples: [
      ("cispec callback --to http://127.0.0.1:9000/ci", "every documented callback, as XML and both forms of JSON"),
      ("cispec callback --to http://127.0.0.1:9000/ci --kind filehashcode --form json-array", "one of them"),
      ("cispec callback --list", "what can be sent"),
    ],
    run: callback)

  private static func callback(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard arguments.operands.isEmpty else { throw CommandError(.usage, "cispec callback takes no operands") }
    let reports = try ReportFiles(arguments)
    let seconds = try arguments.integer("--timeout", in: 1...600) ?? 5
    let folder = try environment.dataFolder()
    let catalogue = try Catalogue(folder)
    let all = try CallbackSample.all(in: folder, catalogue)
    if arguments.has("--list") {
      for sample in all { environment.output.writeLine(sample.id) }
      return .success
    }
    guard let url = arguments["--to"] else {
      throw CommandError(.usage, "no receiver was named", hint: "Name it with --to http://127.0.0.1:9000/path.")
    }
    let address = try CallbackAddress(url)
    guard address.endpoint.isLoopback || arguments.has("--allow-callbacks") else {
      throw CommandError(
        .usage, "\(address.endpoint) is not on this machine", hint: "Add --allow-callbacks if it may be sent callbacks."
      )
    }
    let samples = try chosen(arguments.all("--kind"), all)
    let forms = arguments.all("--form").compactMap(CallbackForm.init)
    let start = monotonicSeconds()
    let text = PlainText(isColoured: environment.isColoured(environment.output))
    let client = HTTPClient(endpoint: address.endpoint, limits: CallbackAddress.limits(seconds: Double(seconds)))
    var cases: [CaseResult] = []
    for sample in samples {
      for form in forms.isEmpty ? CallbackForm.allCases : forms {
        let result = sent(sample, form, address, client)
        cases.append(result)
        guard result.verdict != .passed || !arguments.has("--quiet") else { continue }
        reports.talk(environment).writeLine("\(label(result.verdict, text)) \(result.id)")
      }
    }
    let discovered = all.count * CallbackForm.allCases.count
    let report = Report(
      kitVersion: version, dataDigest: try folder.digest(), target: address.endpoint.description,
      suites: [
        SuiteResult(
          name: "callbacks", discovered: discovered, selected: cases.count, cases: cases,
          seconds: monotonicSeconds() - start)
      ], seconds: monotonicSeconds() - start)
    return try finish(report, reports, environment, coloured: text)
  }

  private static func chosen(_ ids: [String], _ all: [CallbackSample]) throws -> [CallbackSample] {
    guard !ids.isEmpty else { return all }
    return try ids.map { id in
      guard let found = all.first(where: { $0.id == id }) else {
        throw CommandError(
          .usage, "there is no callback '\(id)'",
          hint: nearestName(to: id, among: all.map(\.id)).map { "Did you mean \($0)?" }
            ?? "cispec callback --list has them.")
      }
      return found
    }
  }

  /// No page says what a receiver answers, so any 2xx is right.
  private static func sent(
    _ sample: CallbackSample, _ form: CallbackForm, _ address: CallbackAddress, _ client: HTTPClient
  ) -> CaseResult {
    let start = monotonicSeconds()
    func result(_ verdict: Verdict, _ findings: [Finding] = []) -> CaseResult {
      CaseResult(
        id: "\(sample.id)/\(form.rawValue)", verdict: verdict, findings: findings, seconds: monotonicSeconds() - start,
        place: Place(file: sample.file))
    }
    func failure(_ id: String, _ message: String, actual: String? = nil) -> CaseResult {
      result(.failed, [Finding(id: id, severity: .error, message: message, expected: "2xx", actual: actual)])
    }
    do {
      let status = try client.respond(to: address.request(form.body(of: sample.document), form)).status
      guard !(200..<300).contains(status) else { return result(.passed) }
      return failure(
        "callback.status", "The receiver answered \(status) to a documented callback.", actual: "\(status)")
    } catch let error as TransportError where [.refused, .unresolved, .tls].contains(error.kind) {
      return result(.broken(reason: "\(error)"))
    } catch {
      return failure("callback.no-answer", "The receiver gave no whole answer: \(error).")
    }
  }
}

/// A documented callback: one of the corpus.
struct CallbackSample {
  var id: String
  var file: String
  var document: ElementTree

  static func all(in folder: DataFolder, _ catalogue: Catalogue) throws -> [CallbackSample] {
    let validator = Validator(library: catalogue.validationLibrary())
    return try Corpus(folder, catalogue).documents.filter { $0.kind == .callback }.compactMap { entry in
      validator.tree(of: entry.bytes).map { tree in
        let name = entry.id.hasPrefix("callback.") ? String(entry.id.dropFirst("callback.".count)) : entry.id
        return CallbackSample(id: name, file: "Schemas/corpus/\(entry.file)", document: tree)
      }
    }.sorted { $0.id < $1.id }
  }
}
