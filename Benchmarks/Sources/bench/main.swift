import CaseLibrary
import Findings
import Glibc
import HTTPExchange
import HTTPTransport
import Replay
import Signing
import XMLValidation

// Prints the nanoseconds of one operation.

func nanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

struct UsageError: Error {}

func count(_ word: String) throws -> Int {
  guard let count = Int(word) else { throw UsageError() }
  return count
}

func measure(_ count: Int, _ body: () throws -> Void) rethrows {
  for _ in 0..<max(1, count / 10) { try body() }
  let start = nanoseconds()
  for _ in 0..<count { try body() }
  print(Double(nanoseconds() - start) / Double(count))
}

let arguments = CommandLine.arguments
switch arguments.dropFirst().first {
case "validate", "rules":
  let catalogue = try Catalogue(DataFolder(path: arguments[2]))
  let bytes = try Files.read(arguments[3])
  let kind = DocumentKind(operation: "file-jobs.query", part: .response)
  // Without the cross-field rules it does what its peers do: parse and validate against the XSD.
  let withRules = arguments[1] == "rules"
  let library = ValidationLibrary(
    definitions: catalogue.definitions.map { definition in
      var definition = definition
      if !withRules { definition.rules = [] }
      return definition
    }, requirements: try catalogue.requirements, errata: [],
    read: { try DataFolder(path: arguments[2]).read("Schemas/\($0)") })
  let validator = Validator(library: library)
  validator.level = .observed
  guard try validator.check(bytes, as: kind).isValid else { fatalError("the benchmark's document is not valid") }
  try measure(try count(arguments[4])) {
    guard try validator.check(bytes, as: kind).isValid else { fatalError("not valid") }
  }
case "sign", "sign-list", "sign-others", "sign-new-key-time", "verify":
  let credentials = Credentials(
    secretID: "AKIDfake0000000000000000000000000000", secretKey: "fakeKey000000000000000000000000")
  let signer = Signer(credentials: credentials)
  let host = "test-1250000000.ci.ap-chongqing.myqcloud.com"
  let submit = HTTPRequest(
    method: "POST", target: "/file_jobs?a=b",
    headers: ["Host": host, "Content-Type": "application/xml", "Content-Length": "166"])
  // A list with every parameter that the page has.
  let list = HTTPRequest(
    method: "GET",
    target: "/jobs?queueId=p2911917386e148639319e13c285cc774&tag=Animation&orderByTime=Desc&nextToken=10&size=20"
      + "&states=Success%2CFailed&startCreationTime=2022-07-18T15%3A16%3A43%2B0800"
      + "&endCreationTime=2022-07-19T15%3A16%3A43%2B0800",
    headers: ["Host": host])
  let request = arguments[1] == "sign-list" ? list : submit
  guard arguments[1] != "verify" else {
    let signed = signer.signed(request, now: 1_700_000_000)
    let verifier = Verifier { $0 == credentials.secretID ? credentials.secretKey : nil }
    try measure(try count(arguments[2])) {
      guard verifier.accepts(signed, now: 1_700_000_001) else { throw UsageError() }
    }
    break
  }
  // A client under load signs many requests in one second, which then share their KeyTime.
  let step: Int64 = arguments[1] == "sign-new-key-time" ? 1 : 0
  var now: Int64 = 1_700_000_000
  var total = 0
  if arguments[1] == "sign-others" {
    // Requests that differ in their paths and lengths, in turn.
    let requests = (0..<64).map { number in
      var other = request
      other.target = "/file_jobs/f\(number)?a=b"
      other.headers.set("Content-Length", "\(100 + number)")
      return other
    }
    var next = 0
    measure(try count(arguments[2])) {
      next = (next + 1) & 63
      total += signer.authorization(for: requests[next], now: now).utf8.count
    }
  } else {
    measure(try count(arguments[2])) {
      now += step
      total += signer.authorization(for: request, now: now).utf8.count
    }
  }
  guard total > 0 else { exit(1) }
case "compare":
  // The same answer with identifiers, times and texts of its own: what differs is noise.
  let catalogue = try Catalogue(DataFolder(path: arguments[2]))
  let comparer = try AnswerComparer(catalogue: catalogue, library: catalogue.validationLibrary())
  let recorded = ComparedAnswer(name: "recorded", document: try Files.read(arguments[3]))
  let actual = ComparedAnswer(name: "actual", document: try Files.read(arguments[4]))
  let context = ComparisonContext(hint: KindHint(kind: DocumentKind(operation: "file-jobs.query", part: .response)))
  try measure(try count(arguments[5])) {
    var bindings = Bindings()
    let outcome = try comparer.outcome(recorded: recorded, actual: actual, context: context, bindings: &bindings)
    guard outcome.isEqual else { throw UsageError() }
  }
case "send", "exchange":
  let catalogue = try Catalogue(DataFolder(path: arguments[2]))
  let library = catalogue.validationLibrary()
  // As `--jobs` has it: each with a thread, a connection and a comparer of its own.
  let connections = try (0..<(arguments.count > 9 ? try count(arguments[9]) : 1)).map { _ in
    try Exchanges(
      catalogue, library, endpoint: try Endpoint(parsing: arguments[3]),
      HTTPRequest(method: "GET", target: arguments[5], headers: ["Host": arguments[4]]),
      Credentials(secretID: arguments[6], secretKey: arguments[7]))
  }
  print(
    try Exchanges.nanosecondsEach(
      connections, count: try count(arguments[8]), compares: arguments[1] == "exchange"))
default:
  print(
    """
    usage: bench validate|rules ROOT FILE COUNT
           bench compare ROOT RECORDED ACTUAL COUNT
           bench send|exchange ROOT URL HOST TARGET SECRET-ID SECRET-KEY COUNT [CONNECTIONS]
           bench sign|sign-list|sign-others|sign-new-key-time|verify COUNT
    """)
  exit(2)
}
