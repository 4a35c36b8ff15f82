internal import CaseLibrary
internal import Findings
internal import XMLValidation

extension Commands {
  static let explainCommand = Command(
    name: "explain", summary: "Say what a requirement, an erratum, an operation or a kind of finding is.",
    operands: "ID...",
    flags: [],
    examples: [
      ("cispec explain file-jobs.submit.user-data.max-length", "the rule, its source, where it is checked, both twins"),
      ("cispec explain E01", "a contradiction of the documentation and the reading adopted"),
      ("cispec explain schema.unknown-node", "a kind of finding"),
    ],
    run: explain)

  private static func explain(_ arguments: Arguments, _ environment: Environment) throws -> ExitCode {
    guard !arguments.operands.isEmpty else {
      throw CommandError(.usage, "no ID was named", hint: "IDs stand in brackets at the end of findings.")
    }
    let folder = try environment.dataFolder()
    let catalogue = try Catalogue(folder)
    let coverage = try Coverage(catalogue: catalogue, library: catalogue.validationLibrary(), folder: folder)
    for (index, id) in arguments.operands.enumerated() {
      if index > 0 { environment.output.writeLine("") }
      environment.output.write(try explanation(of: id, catalogue, coverage))
    }
    return .success
  }

  private static func explanation(of id: String, _ catalogue: Catalogue, _ coverage: Coverage) throws -> String {
    if let entry = coverage.entries.first(where: { $0.requirement.id == id }) { return text(of: entry, catalogue) }
    if let erratum = catalogue.errata.first(where: { $0.id == id.uppercased() }) { return text(of: erratum) }
    if let operation = catalogue.operation(id) { return text(of: operation) }
    if let meaning = FindingKinds.meanings.first(where: { $0.id == id })?.meaning {
      return block(id, meaning, [])
    }
    let known =
      try catalogue.requirements.map(\.id) + catalogue.errata.map(\.id) + catalogue.operations.map(\.id)
      + FindingKinds.meanings.map(\.id)
    throw CommandError(
      .usage, "nothing has the ID '\(id)'",
      hint: nearestName(to: id, among: known).map { "Did you mean \($0)?" } ?? "cispec coverage lists the requirements."
    )
  }

  private static func text(of entry: Coverage.Entry, _ catalogue: Catalogue) -> String {
    let requirement = entry.requirement
    var rows: [(String, String)] = [
      ("level", "\(requirement.level.rawValue) (\(requirement.level.severity.rawValue) when it is not met)"),
      ("editions", requirement.editions.joined(separator: ", ")),
      ("operations", requirement.operations.joined(separator: ", ")), ("source", requirement.source),
    ]
    if let hint = requirement.hint { rows.append(("to mend", hint)) }
    rows += entry.checks.prefix(6).map { ("checked by", $0) }
    if entry.checks.count > 6 { rows.append(("checked by", "… and \(entry.checks.count - 6) more places")) }
    for twin in entry.twins.prefix(2) {
      rows.append(("kept by", "Schemas/corpus/\(twin.document)"))
      rows.append(("broken when", twin.edit))
    }
    rows += entry.scenarios.prefix(4).map { ("scenario", $0) }
    if let proof = requirement.proof { rows.append(("proof", proof)) }
    if let why = requirement.why { rows.append(("why", why)) }
    for id in requirement.errata {
      if let erratum = catalogue.errata.first(where: { $0.id == id }) {
        rows.append(("erratum", "\(id) \(erratum.title): \(erratum.reading)"))
      }
    }
    return block(requirement.id, requirement.statement, rows)
  }

  private static func text(of erratum: Erratum) -> String {
    block(
      erratum.id, erratum.title,
      erratum.where.map { ("where", $0) } + [
        ("contradicts", erratum.contradiction), ("reading", erratum.reading), ("evidence", erratum.evidence),
        ("acts in", erratum.acts.joined(separator: ", ")), ("how", erratum.actsHow),
      ])
  }

  private static func text(of operation: Operation) -> String {
    var rows = [("request", "\(operation.method) \(operation.path)")]
    rows += (operation.alsoPaths ?? []).map { ("also", "\($0.path)\($0.edition.map { " since \($0)" } ?? "")") }
    rows += (operation.query ?? []).map { ("query", $0.name + ($0.required == true ? " (required)" : "")) }
    if let schema = operation.request?.schema { rows.append(("request body", "Schemas/\(schema)")) }
    if let schema = operation.response?.schema { rows.append(("answer", "Schemas/\(schema)")) }
    rows.append(("costs money", operation.billable ? "yes" : "no"))
    rows += operation.sources.map { ("source", $0.description) }
    return block(operation.id, operation.title, rows)
  }

  private static func block(_ id: String, _ statement: String, _ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.count).max() ?? 0
    let lines = rows.filter { !$0.1.isEmpty }.map { name, value in
      "  " + name + String(repeating: " ", count: width - name.count + 2) + value
    }
    return ([id, "  " + statement] + (lines.isEmpty ? [] : [""]) + lines).joined(separator: "\n") + "\n"
  }
}

/// The kinds of finding and what each means.
enum FindingKinds {
  static let meanings: [(id: String, meaning: String)] = [
    ("suite.shrunken", "A suite has fewer results than cases that were asked for."),
    ("manifest.gone", "A case that the locked manifest names is not there."),
    ("manifest.fewer", "A suite holds or ran fewer cases than the locked manifest says."),
    (
      "run.interrupted",
      "A run was interrupted before it had reached every case; what it had found until then is reported."
    ),
    ("time-budget.exceeded", "A run took longer than it may, or there were cases that it did not reach in its time."),
    ("merge.shard-missing", "Of a divided run that is put together, a part is not there."),
    ("known-failing.expired", "An entry of the list of known failures was to hold only until a day that is past."),
    ("known-flaky.expired", "An entry of the list of flaky cases was to hold only until a day that is past."),
    ("known-flaky.matches-nothing", "An entry of the list of flaky cases fits no case that was run."),
    ("case.failed", "A case failed and says why in its own words."),
    ("case.no-verdict", "The kit or the target could not get as far as a verdict."),
    ("xml.empty", "The document has no bytes."),
    ("xml.not-xml", "The document does not start as XML does."),
    ("xml.not-well-formed", "The document breaks a rule of XML itself."),
    ("xml.tags-do-not-fit", "A start tag and the end tag in its place have different names."),
    ("xml.cut-short", "The document ends before its root element does."),
    ("xml.invalid-character", "The document holds a NUL byte, or bytes that are no UTF-8."),
    ("xml.unknown-entity", "An entity is used that XML itself does not define."),
    ("xml.encoding", "The document is not in UTF-8."),
    ("xml.doctype", "The document has a DOCTYPE, which the kit does not read."),
    ("xml.too-large", "The document is larger than the limit."),
    ("xml.too-deep", "Elements are nested deeper than the limit."),
    ("xml.too-many-elements", "The document has more elements than the limit."),
    ("document.kind-unknown", "Nothing tells which operation the document belongs to."),
    ("document.rules-unfinished", "The rules were given up at a limit, so the document has no complete verdict."),
    ("document.too-many-findings", "The search ended at the limit of findings."),
    ("schema.wrong-root", "The root element is not that of the document's kind."),
    ("schema.missing-node", "A required node is not there."),
    ("schema.unknown-node", "A node is not documented where it stands."),
    ("schema.repeated-node", "A node stands more often than it may."),
    ("schema.stray-text", "A container holds text beside its nodes."),
    ("schema.attribute", "A node has an attribute; the API has none."),
    ("schema.nodes-in-value", "A value holds nodes."),
    ("schema.value.enumeration", "A value is none of the documented ones."),
    ("schema.value.form", "A value has another form than the documented one."),
    ("schema.value.length", "A value is longer or shorter than documented."),
    ("schema.value.range", "A number is outside its documented range."),
    ("schema.value.type", "A value is of another type, such as a word where a number belongs."),
    ("schema.newer-node", "A node is documented only since a later edition than the chosen one."),
    ("rule.violated", "A rule over several nodes is broken."),
    ("http.malformed", "The text is no HTTP message."),
    ("http.unknown-operation", "No operation has the method and path of the request."),
    ("http.method", "The method is not the one of the operation."),
    ("http.path", "The path is not the one of the operation."),
    ("http.newer-path", "The path is documented only since a later edition than the chosen one."),
    ("http.path-value", "A value in the path has another form than its type."),
    ("http.too-many-values", "The path holds more values than the operation takes."),
    ("http.query-missing", "A required query parameter is not there."),
    ("http.query-unknown", "The operation has no query parameter of that name."),
    ("http.query-value", "The value of a query parameter is none of the documented ones, or of another form."),
    ("http.newer-parameter", "The query parameter is documented only since a later edition than the chosen one."),
    ("http.header-missing", "A required header field is not there."),
    ("http.header-value", "A header field has a value that it may not have."),
    ("http.content-length", "Content-Length is not the number of bytes in the body."),
    (
      "http.content-encoding",
      "The body is said to be in a coding, such as gzip, that no answer of the documentation has and no request asks for."
    ),
    ("http.content-md5", "Content-MD5 is not the digest of the body."),
    ("http.status", "The status is not one of success for this operation."),
    ("http.body-missing", "The message has no body, and the operation has one."),
    ("http.body-unexpected", "The message has a body, and the operation has none."),
    ("http.body-too-large", "The body is larger than the judging server reads."),
    ("http.request-id", "RequestId in the body and x-ci-request-id in the head differ."),
    ("exchange.echo", "A node of the answer that repeats the request says something else."),
    ("har.malformed", "The file is no HTTP Archive."),
    ("har.no-entry", "No entry of the archive belongs to the API."),
    ("har.too-large", "The archive is larger than 32 times the limit of a document."),
    ("json.malformed", "The text is not JSON."),
    ("json.too-large", "The JSON document is larger than the limit."),
    ("json.no-object", "A callback in JSON is not an object."),
    ("json.key", "A key in JSON cannot be the name of a node."),
    ("json.nested-array", "An array stands directly inside an array, which stands for no node."),
    ("json.character", "A text in JSON holds a character that XML cannot carry."),
    ("json-lines.empty", "The stream of JSON Lines has no line."),
    ("json-lines.malformed", "A line is not JSON, or a value in it is not a text."),
    ("json-lines.too-long", "A line is longer than twice the limit of a document."),
    ("json-lines.no-object", "A line is not an object."),
    ("json-lines.no-body", "A line holds no body."),
    ("json-lines.operation-unknown", "A line names an operation that is not there."),
    ("json-lines.part-unknown", "A line names a part that is not there."),
    ("json-lines.no-such-document", "A line names a part that has no body in its operation."),
    ("replay.status", "The answer has another status than the recorded one."),
    ("replay.body", "One answer has a body and the other has none, or a body is none that can be compared."),
    ("replay.header-missing", "A documented header field is missing."),
    ("replay.header-changed", "A header field has another value than the recorded one."),
    ("replay.attributes-changed", "A node has other attributes than the recorded one."),
    ("replay.root-changed", "The root of the answer is another than the recorded one."),
    ("replay.node-missing", "A node of the recorded answer is missing."),
    ("replay.node-unexpected", "A node is there that the recorded answer does not have, and must not be."),
    ("replay.state", "A job is in a state that cannot follow the one the same target showed before."),
    ("replay.time-changed", "A time of a job that was set is another in a later answer about the same job."),
    ("replay.creation-time", "CreationTime of a job that was just submitted is not the time of the answer."),
    ("replay.value-changed", "A node that must equal the recorded one, or the request's, does not."),
    ("callback.never-came", "A job ended, or should have, and no callback came in the time that the step allows."),
    ("callback.method", "A callback came with another method than POST."),
    ("callback.target", "A callback came to another target than the CallBack of the request has."),
    ("callback.form", "A callback is XML where JSON was asked for, or the other way round."),
    ("callback.content-type", "The Content-Type of a callback does not say what its body is."),
    ("callback.state", "A callback tells of a job in a state that is not its last."),
    ("baseline.stale", "An entry of the baseline was learned too long ago to be relied on."),
    ("baseline.unused", "An entry of the baseline explains nothing in answers that it is about."),
    ("server.accepted", "A request is taken that a server must refuse."),
    ("server.wrong-answer", "The status and code of an answer are none of those accepted for the case."),
    ("server.node-count", "An answer has more or fewer of a node than the request makes it have."),
    ("server.node-value", "A node of an answer has a value that the request does not let it have."),
    ("server.pages-endless", "A list names a next page though it has no more, or the same page again."),
    ("server.page-repeats", "A list that is followed from page to page names a job twice."),
    ("server.job-unlisted", "A list that is followed to its end does not have the job that was just made."),
    ("server.list-order", "The jobs of a list are not in the order of their creation that was asked for."),
    ("server.not-repeatable", "Equal requests that change nothing get answers that differ."),
    ("server.id-twice", "Two jobs have one identifier."),
    ("server.wrong-job", "A job is not the one that was submitted under its identifier."),
    ("signing.stage-differs", "A stage of the signature is not the one that is published or expected."),
    ("signing.wrong-accepted", "A verifier lets in a request whose signature is wrong."),
    ("signing.right-refused", "A verifier refuses a request whose signature is right."),
    ("signing.wrong-answer", "A server answers a wrong signature with a status and code that are not documented."),
    (
      "signing.foreign-header",
      "An implementation that chooses its headers signs one that the request does not have."
    ),
    (
      "signing.foreign-parameter",
      "An implementation that chooses its parameters signs one that the request does not have."
    ),
    ("signing.host-unsigned", "An implementation that chooses its headers leaves out the host: any bucket fits then."),
    ("signing.times", "An implementation that chooses its times gives something other than two Unix times."),
    ("signing.reproduces-a-misprint", "An implementation makes published values that cannot be right."),
    ("signature.missing", "A request carries no signature, neither in a header nor in the query."),
    ("signature.malformed", "A field of the signature is missing, repeated, unknown or not of its form."),
    ("signature.unknown-secret-id", "A request is signed with a SecretId whose key pair is not known."),
    ("signature.expired", "The span of the signature is over."),
    ("signature.not-yet-valid", "The span of the signature starts later than clocks may differ."),
    ("signature.mismatch", "The signature is not that of the request; the stage and the likely mistake are named."),
    ("signature.token", "The token of temporary credentials is missing or wrong."),
    ("sequence.poll-too-fast", "A job is asked for again before the poll interval is over; no page names one."),
    ("sequence.poll-after-end", "A job that has ended is asked for again."),
    ("sequence.repeated-submit", "A submit that was accepted is sent again within a minute: it makes a second job."),
    ("sequence.retry-not-due", "A request that was refused for what it says is sent again unchanged."),
    ("sequence.retry-too-soon", "A request is sent again at once after 429, 503, or a queue that takes nothing."),
    ("sequence.no-keep-alive", "Requests in a row come each over a new connection."),
    ("expect.never-came", "A request of an expected scenario never came."),
    ("expect.out-of-order", "A request came after one that the expected scenario has later."),
    ("expect.node-missing", "A body lacks a node that the expected scenario's has."),
    ("expect.value-changed", "A node of the class constant is another than in the expected scenario."),
    ("expect.query-missing", "A query parameter of the expected scenario is not there."),
    ("callback.status", "A receiver of callbacks answered another status than 2xx."),
    ("callback.no-answer", "A receiver of callbacks gave no whole answer in time."),
    ("presign.url", "A presigned URL lacks something of the request or the signature, or has too much."),
    ("presign.refused", "A presigned URL has the right signature, but a request of the URL is refused."),
    ("client.nothing-sent", "A client library was called and sent no request."),
    ("client.failure", "Beside another finding: what the library says of a call that went wrong."),
    ("client.path", "A request goes to another path than the call says."),
    ("client.host", "Host is not that of the bucket and the service of the call."),
    ("client.parameter-lost", "A query parameter was given to the library and is not in its request."),
    ("client.parameter-changed", "A query parameter has another value in the request than was given."),
    (
      "client.parameter-invented",
      "The request has a query parameter that was not given; a note when it says what its absence says."
    ),
    ("client.body-unexpected", "A request has a body, and the operation has none."),
    ("client.argument-lost", "A node was given to the library and is not in the body of its request."),
    ("client.argument-changed", "A node has another value in the request than was given."),
    ("client.argument-invented", "The request has a node that was not given."),
    ("client.token-missing", "A request with temporary credentials does not carry their token."),
    ("client.signature", "A server refuses the signature of a request that a client library sent."),
    ("client.answer-refused", "An answer is right, and the library reports a failure."),
    ("client.error-swallowed", "The service refused, and the library reports success."),
    ("client.fault-swallowed", "An answer cannot be read, and the library reports success."),
    ("client.node-lost", "A node of the answer is not in the library's result."),
    ("client.node-invented", "The library's result has what the answer does not."),
    ("client.value-changed", "The library's result has another value than the answer."),
    ("client.status-lost", "A failure does not tell the status of the answer."),
    ("client.code-lost", "A failure does not tell the Code of the Error document."),
    ("client.message-lost", "A failure does not tell the Message of the Error document."),
    ("client.request-id-lost", "A failure does not tell the RequestId of the Error document."),
    ("client.repeated", "A request is sent again after an answer that does not call for it."),
    ("client.retry-changed", "A request that is sent again has another method or body than the first."),
    ("adapter.refused", "The implementation behind an adapter refuses a case that is valid."),
    ("adapter.crashed", "The adapter ended by a signal or with an exit code other than 0 before its answer."),
    ("adapter.ended-early", "The adapter ended, or closed its standard output, before its answer."),
    ("adapter.timed-out", "The adapter gave no answer within the time of --timeout."),
    ("adapter.garbage", "The adapter wrote a line that is no JSON object in UTF-8."),
    ("adapter.wrong-id", "The adapter's answer has another id than the request."),
    ("adapter.line-too-long", "The adapter wrote a line of more than 1 MiB."),
    ("adapter.against-protocol", "The adapter's answer is none that Adapters/protocol.md has for the command."),
    ("known-failing.passes", "A case that a list says is known to fail passes."),
    ("known-failing.matches-nothing", "An entry of a list of known failures fits no case."),
    ("recording.unknown-operation", "A recorded exchange is no operation of the API; it is left out."),
    ("redaction.opaque-body", "A body is compressed, or no text in UTF-8: what is in it cannot be made sure of."),
    ("redaction.secret-left", "A secret was still found in what was about to be written; nothing was written."),
    ("redaction.too-short", "A value that must not be written is too short to be searched for."),
    ("redaction.unknown-key", "The SecretKey of a recorded signature was not given, so it cannot be searched for."),
  ]
}
