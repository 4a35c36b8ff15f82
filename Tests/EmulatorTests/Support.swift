import CaseLibrary
import Findings
import Glibc
import HTTPExchange
import Signing
import Synchronization
import Testing
import XMLValidation

@testable import Emulator

/// A clock that stands still until it is told otherwise.
final class ManualClock: HTTPExchange.Clock {
  private let time: Mutex<Double>

  init(_ seconds: Double) { time = Mutex(seconds) }

  var now: Double { time.withLock { $0 } }
  func sleep(seconds: Double) { time.withLock { $0 += seconds } }
  func set(_ seconds: Double) { time.withLock { $0 = seconds } }
}

/// The kit's own data, read once.
enum Kit {
  static let folder = DataFolder(
    path: #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/"))
  static let catalogue: Catalogue = {
    do { return try Catalogue(folder) } catch { fatalError("the kit's data cannot be read: \(error)") }
  }()
  static let library = catalogue.validationLibrary()
}

/// 2022-07-18T15:16:43+0800, the CreationTime on the pages about hash jobs.
let pageTime = 1_658_128_603.0

let testBucket = "test-1234567890"
let testHost = "test-1234567890.ci.ap-chongqing.myqcloud.com"
let testCredentials = Credentials(secretID: "AKIDtest", secretKey: "secret")

/// An emulator with a client that signs, at a time that the test sets.
struct Service {
  var emulator: Emulator
  var clock: ManualClock
  var credentials = testCredentials

  init(
    _ objects: any ObjectStore = MemoryObjectStore(), known: [Credentials] = [testCredentials],
    configure: (inout EmulatorConfiguration) -> Void = { _ in }
  ) {
    var configuration = EmulatorConfiguration()
    configure(&configuration)
    clock = ManualClock(pageTime)
    emulator = Emulator(
      configuration: configuration, catalogue: Kit.catalogue, library: Kit.library, credentials: known,
      objects: objects, clock: clock)
  }

  /// A request as a client makes it, not signed yet.
  func request(_ method: String, _ target: String, _ body: String? = nil, host: String = testHost) -> HTTPRequest {
    var headers: HTTPHeaders = ["Host": host]
    if let body {
      headers.append("Content-Type", "application/xml")
      headers.append("Content-Length", String(body.utf8.count))
    }
    return HTTPRequest(method: method, target: target, headers: headers, body: Array((body ?? "").utf8))
  }

  func signed(_ request: HTTPRequest, _ delivery: Delivery = .header) -> HTTPRequest {
    Signer(credentials: credentials, delivery: delivery).signed(request, now: Int64(clock.now))
  }

  @discardableResult
  func send(_ method: String, _ target: String, _ body: String? = nil, host: String = testHost) -> HTTPResponse {
    emulator.respond(to: signed(request(method, target, body, host: host)))
  }

  /// Submits and gives the job id.
  func submit(_ target: String, _ body: String) throws -> String {
    let answer = send("POST", target, body)
    try #require(answer.status == 200, Comment(rawValue: answer.text))
    return try #require(answer.root.text(at: "JobsDetail", "JobId"))
  }

  /// The JobsDetail of one job.
  func detail(_ target: String) throws -> ElementTree {
    let answer = send("GET", target)
    try #require(answer.status == 200, Comment(rawValue: answer.text))
    return try #require(answer.root["JobsDetail"])
  }
}

extension HTTPResponse {
  var text: String { String(decoding: body, as: UTF8.self) }

  var root: ElementTree { Validator(library: Kit.library).tree(of: body) ?? ElementTree("unreadable") }
  var errorCode: String? { root.name == "Error" ? root.text(at: "Code") : nil }
}

/// Validators that were made for one test and serve the next: each compiles the schemas once.
enum StrictValidators {
  /// In the hands of one test at a time.
  final class Lent: @unchecked Sendable {
    let value: Validator
    init(_ value: Validator) { self.value = value }
  }

  private static let idle = Mutex<[ValidationOptions.Edition: [Lent]]>([:])

  static func take(_ edition: ValidationOptions.Edition) -> Lent {
    if let validator = idle.withLock({ $0[edition]?.popLast() }) { return validator }
    var options = ValidationOptions()
    options.isStrict = true
    options.edition = edition
    return Lent(Validator(library: Kit.library, options: options))
  }

  static func giveBack(_ validator: Lent, _ edition: ValidationOptions.Edition) {
    idle.withLock { $0[edition, default: []].append(validator) }
  }
}

/// Checks that a document has no finding above the level of what was merely observed, in either edition.
func expectConformant(
  _ answer: HTTPResponse, _ operation: String?, _ part: DocumentKind.Part,
  in editions: [ValidationOptions.Edition] = ValidationOptions.Edition.allCases,
  location: SourceLocation = #_sourceLocation
) throws {
  for edition in editions {
    let validator = StrictValidators.take(edition)
    defer { StrictValidators.giveBack(validator, edition) }
    let check = try validator.value.check(answer.body, as: DocumentKind(operation: operation, part: part))
    let findings = check.findings.filter { $0.severity >= .warning }
    #expect(findings.isEmpty, Comment(rawValue: "\(findings) in \(answer.text)"), sourceLocation: location)
  }
}

// MARK: Requests

func hashBody(_ type: String = "MD5", key: String = "input/test.mp4", extra: String = "", config: String = "") -> String
{
  "<Request><Tag>FileHashCode</Tag><Input><Object>\(key)</Object></Input><Operation><FileHashCodeConfig>"
    + "<Type>\(type)</Type>\(config)</FileHashCodeConfig><UserData>This is my data.</UserData></Operation>\(extra)</Request>"
}

func animationBody(
  _ how: String = "<Animation><Container><Format>gif</Format></Container><Video><Codec>gif</Codec><Width>1280</Width>"
    + "<Height></Height><Fps>15</Fps></Video><TimeInterval><Start>0</Start><Duration>2.5</Duration></TimeInterval></Animation>",
  object: String = "output/${jobid}.${ext}"
) -> String {
  "<Request><Tag>Animation</Tag><Input><Object>input/demo.mp4</Object></Input><Operation>\(how)<Output>"
    + "<Region>ap-chongqing</Region><Bucket>\(testBucket)</Bucket><Object>\(object)</Object></Output>"
    + "<UserData>This is my Animation job.</UserData></Operation>"
    + "<QueueId>p2242ab62c7c94486915508540933a2c6</QueueId></Request>"
}

/// The body of the Go SDK's own test of a batch job.
let batchBody =
  "<Request><Name>demo</Name><Type>Job</Type><Input><Prefix>input</Prefix></Input><Operation><TimeInterval>"
  + "<Start>2022-02-01T12:00:00+0800</Start><End>2022-05-01T12:00:00+0800</End></TimeInterval>"
  + "<QueueId>p893bcda225bf4945a378da6662e81a89</QueueId><UserData>this is my inventorytriggerjob</UserData>"
  + "<JobLevel>1</JobLevel><CallBack>https://www.callback.com</CallBack><Tag>Transcode</Tag><JobParam>"
  + "<TemplateId>t1460606b9752148c4ab182f55163ba7cd</TemplateId></JobParam><Output><Region>ap-chongqing</Region>"
  + "<Bucket>test-1234567890</Bucket><Object>output/${InventoryTriggerJobId}/out.mp4</Object></Output></Operation></Request>"

let workflowBody =
  "<Request><Name>demo</Name><Input><Object>input/a.mp4</Object></Input><Operation>"
  + "<WorkflowIds>web6ac56c1ef54dbfa44d7f4103203be9</WorkflowIds></Operation></Request>"

// MARK: Readers of identifiers that share nothing with the code under test

/// The seconds since 1970 that a version-1 UUID after a letter stands for.
func uuidSeconds(_ id: String) throws -> UInt64 { try uuidTicks(id) / 10_000_000 }

func uuidTicks(_ id: String) throws -> UInt64 {
  let hex = Array(id.dropFirst())
  try #require(hex.count == 32)
  try #require(hex[12] == "1", "a version-1 UUID has a 1 there")
  let time = try #require(UInt64(String(hex[13..<16] + hex[8..<12] + hex[0..<8]), radix: 16))
  return time - 122_192_928_000_000_000
}

/// The four fields of a request id.
func requestIDFields(_ text: String) throws -> [String] {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  try #require(text.count % 4 == 0)
  var bits: [Int] = []
  for character in text where character != "=" {
    let value = try #require(alphabet.firstIndex(of: character))
    bits += (0..<6).reversed().map { value >> $0 & 1 }
  }
  let bytes = stride(from: 0, to: bits.count - 7, by: 8).map { UInt8(bits[$0..<$0 + 8].reduce(0) { $0 * 2 + $1 }) }
  return String(decoding: bytes, as: UTF8.self).split(separator: "_").map(String.init)
}

/// A folder that is there while a test runs.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/cispec-emulator-XXXXXX".utf8CString)
    path = try #require(mkdtemp(&template).map { String(cString: $0) })
  }

  deinit { remove(path) }

  func write(_ name: String, _ text: String) throws { try Files.write(Array(text.utf8), to: "\(path)/\(name)") }
  func makeFolder(_ name: String) { mkdir("\(path)/\(name)", 0o755) }
  func link(_ name: String, to target: String) { symlink(target, "\(path)/\(name)") }

  private func remove(_ path: String) {
    var status = stat()
    if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      for name in (try? Files.names(in: path)) ?? [] { remove("\(path)/\(name)") }
      rmdir(path)
    } else {
      unlink(path)
    }
  }
}
