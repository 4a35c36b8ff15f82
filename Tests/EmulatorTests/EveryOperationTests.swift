import CaseLibrary
import HTTPExchange
import Testing
import XMLValidation

@testable import Emulator

/// A zip package with no file: its end record alone (APPNOTE.TXT, section 4.3.16).
let emptyPackage: [UInt8] = [0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18)

/// The valid requests of the corpus, sent to the path of their operation.
struct CorpusRequest: CustomTestStringConvertible {
  var file: String
  var operation: CaseLibrary.Operation
  var body: [UInt8]

  var testDescription: String { file }

  static func all(_ suffix: String) -> [CorpusRequest] {
    let names = (try? Files.names(in: Kit.folder.path + "/Schemas/corpus/valid")) ?? []
    return names.compactMap { name in
      let parts = name.split(separator: ".request.", maxSplits: 1).map(String.init)
      guard parts.count == 2, parts[0].hasSuffix(suffix), let operation = Kit.catalogue.operation(parts[0]),
        let body = try? Kit.folder.read("Schemas/corpus/valid/\(name)")
      else { return nil }
      return CorpusRequest(file: name, operation: operation, body: body)
    }
  }

  var tree: ElementTree { Validator(library: Kit.library).tree(of: body) ?? ElementTree("unreadable") }

  /// Whether it is free of nodes that only the later edition has.
  var isOfBothEditions: Bool {
    get throws {
      let validator = StrictValidators.take(.y2024)
      defer { StrictValidators.giveBack(validator, .y2024) }
      let kind = DocumentKind(operation: operation.id, part: .request)
      return try validator.value.check(body, as: kind).findings.allSatisfy { $0.severity < .warning }
    }
  }

  /// Every object that it names, as a package without files.
  var store: MemoryObjectStore {
    var objects = MemoryObjectStore()
    func visit(_ element: ElementTree) {
      if ["Object", "Key", "Prefix"].contains(element.name) {
        objects.put(emptyPackage, bucket: testBucket, key: element.text, lastModified: 1)
      }
      if element.name == "UrlList" {
        objects.put(
          Array("https://x/a.txt\n".utf8), bucket: testBucket,
          key: String(element.text.split(separator: "/", maxSplits: 2).last ?? ""), lastModified: 1)
        objects.put(emptyPackage, bucket: testBucket, key: "a.txt", lastModified: 1)
      }
      element.children.forEach(visit)
    }
    visit(tree)
    return objects
  }
}

@Suite struct EveryOperationTests {
  static let submits = CorpusRequest.all(".submit")

  @Test("there are requests of every job type")
  func tags() {
    let operation = Kit.catalogue.operation("jobs.submit")
    let sent = Set(
      Self.submits.flatMap { [$0.tree] + $0.tree.all("Operation") }.compactMap { $0.text(at: "Tag") })
    let missing = Set(operation?.tags ?? []).subtracting(sent)
    #expect(missing.isEmpty)
  }

  @Test("every valid submit is taken, and all answers of its life fit schema and rules", arguments: submits)
  func lives(_ request: CorpusRequest) throws {
    let service = Service(request.store)
    let path = request.operation.path
    let editions: [ValidationOptions.Edition] =
      try request.isOfBothEditions ? ValidationOptions.Edition.allCases : [.y2025]
    let answer = service.send("POST", path, String(decoding: request.body, as: UTF8.self))
    try #require(answer.status == 200, Comment(rawValue: answer.text))
    try expectConformant(answer, request.operation.id, .response, in: editions)
    let ids = answer.root.elements(at: "/Response/JobsDetail/JobId").map(\.text)
    #expect(ids.count == request.tree.all("Operation").count)
    let query = request.operation.id.replacing(".submit", with: ".query")
    for state in ["Submitted", "Running", "Success"] {
      let found = service.send("GET", "\(path)/\(ids.joined(separator: ","))")
      #expect(found.root.elements(at: "/Response/JobsDetail/State").allSatisfy { $0.text == state }, "\(found.text)")
      try expectConformant(found, query, .response, in: editions)
      service.clock.sleep(seconds: 1)
    }
  }

  /// By the table of job types in the facts about the SDKs' operations.
  @Test(
    "a finished job has the results of its type, and none before",
    arguments: [
      ("transcode", ["MediaInfo", "MediaResult"]), ("snapshot", ["MediaInfo", "MediaResult"]),
      ("mediainfo", ["MediaInfo"]), ("streamextract", ["MediaResult"]), ("videotag", ["VideoTagResult"]),
      ("qualityestimate", ["MediaInfo", "QualityEstimate"]), ("speechrecognition", ["SpeechRecognitionResult"]),
      ("wordsgeneralize", ["WordsGeneralizeResult"]), ("picprocess", ["PicProcessResult"]),
      ("videotargetrec", ["VideoTargetRecResult"]), ("splitvideoparts", ["SplitVideoInfoResult"]),
      ("soundhound", ["SoundHoundResult"]), ("vocalscore", ["VocalScoreResult"]), ("dna", ["DnaResult"]),
      ("imageinspect", ["ImageInspectResult"]), ("imageocr", ["Detection"]), ("filecompress", ["FileCompressResult"]),
      ("fileuncompress", ["FileUncompressResult"]), ("filehashcode", ["FileHashCodeResult"]),
    ])
  func results(_ name: String, _ results: [String]) throws {
    let request = try #require(Self.submits.first { $0.file == "jobs.submit.request.\(name).xml" })
    let service = Service(request.store)
    let id = try service.submit("/jobs", String(decoding: request.body, as: UTF8.self))
    let before = try service.detail("/jobs/\(id)")
    for result in results { #expect(before["Operation"]?[result] == nil) }
    service.clock.sleep(seconds: 2)
    let after = try service.detail("/jobs/\(id)")
    let added = (after["Operation"]?.children ?? []).map(\.name)
      .filter { before["Operation"]?[$0] == nil }
    #expect(Set(added) == Set(results))
  }

  @Test("the sprite of a snapshot and the streams of an extraction are among the files")
  func files() throws {
    for (name, path, object) in [
      ("snapshot", "SpriteOutputFile", "output/sprite-0.jpg"), ("streamextract", "", "output/stream.mp4"),
      ("voiceseparate", "", "output/voice.mp3"),
    ] {
      let request = try #require(Self.submits.first { $0.file == "jobs.submit.request.\(name).xml" })
      let service = Service()
      let id = try service.submit("/jobs", String(decoding: request.body, as: UTF8.self))
      service.clock.sleep(seconds: 2)
      let detail = try service.detail("/jobs/\(id)")
      let place = "/JobsDetail/Operation/MediaResult/OutputFile/" + (path.isEmpty ? "" : path + "/")
      #expect(detail.elements(at: place + "ObjectName").map(\.text) == [object])
    }
  }

  @Test("several operations make a job each, in their order, with the ids of their types")
  func severalOperations() throws {
    let output = "<Output><Region>ap-chongqing</Region><Bucket>\(testBucket)</Bucket><Object>o.jpg</Object></Output>"
    let answer = Service().send(
      "POST", "/jobs",
      "<Request><Input><Object>a.jpg</Object></Input><Operation><Tag>MediaInfo</Tag></Operation><Operation>"
        + "<Tag>PicProcess</Tag><PicProcess><ProcessRule>imageSlim</ProcessRule></PicProcess>\(output)</Operation></Request>"
    )
    try expectConformant(answer, "jobs.submit", .response)
    let jobs = answer.root.all("JobsDetail")
    #expect(jobs.map { $0.text(at: "Tag") } == ["MediaInfo", "PicProcess"])
    #expect(jobs.compactMap { $0.text(at: "JobId")?.first } == ["j", "c"])
    #expect(jobs.allSatisfy { $0["Operation"]?["Tag"] == nil })
    #expect(Set(jobs.compactMap { $0.text(at: "QueueId") }).count == 2, "pictures have a queue of their own")
  }

  @Test("more than six operations are refused, and when there is no room for all none is made")
  func severalRefused() throws {
    func body(_ count: Int) -> String {
      "<Request><Input><Object>a.mp4</Object></Input>"
        + String(repeating: "<Operation><Tag>MediaInfo</Tag></Operation>", count: count) + "</Request>"
    }
    let service = Service { $0.pendingJobsMax = 3 }
    #expect(service.send("POST", "/jobs", body(7)).errorCode == "InvalidArgument")
    #expect(service.send("POST", "/jobs", body(4)).errorCode == "QueueSaturated")
    #expect(service.send("POST", "/jobs", body(3)).status == 200)
  }
}
