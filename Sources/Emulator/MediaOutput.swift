internal import XMLValidation

/// The files that a media job says it wrote, and the node MediaResult that lists them. None is really written.
struct MediaOutput {
  private let bucket: String
  private let region: String
  private let objects: [String]
  private let sprites: [String]
  private let identity: String

  private static let countMax = 100

  /// - Parameter extension: what stands for `${ext}`.
  init(_ job: Job, extension: String) {
    let operation = job.request["Operation"] ?? ElementTree("Operation")
    let output = operation["Output"] ?? ElementTree("Output")
    bucket = output.text(at: "Bucket") ?? job.bucket.name
    region = output.text(at: "Region") ?? job.bucket.region
    identity = job.identity
    let count = operation.text(at: job.tag, "Count").flatMap { Int($0) } ?? 1
    func names(_ patterns: [String], count: Int) -> [String] {
      patterns.flatMap { pattern in
        Self.numbered(pattern, count: count).map {
          $0.replacing("${ext}", with: `extension`).replacing("${jobid}", with: job.id)
            .replacing("${InventoryTriggerJobId}", with: job.batchID ?? "")
        }
      }
    }
    objects = names(Self.patterns(of: output, mode: operation.text(at: "VoiceSeparate", "AudioMode")), count: count)
    // One sprite holds all pictures.
    sprites = names(output.all("SpriteObject").map(\.text), count: 1)
  }

  /// The nodes of Output that name files. A separation of voices writes the voice to AuObject, the rest to Object.
  private static func patterns(of output: ElementTree, mode: String?) -> [String] {
    let names =
      switch mode {
      case "IsAudio" where output["AuObject"] != nil: ["AuObject"]
      case "IsBackground" where output["Object"] != nil: ["Object"]
      default: ["Object", "AuObject", "BassObject", "DrumObject"]
      }
    return names.flatMap { output.all($0).map(\.text) }
      + output.all("StreamExtract").compactMap { $0.text(at: "Object") }
  }

  /// One name for each picture. From which number `${Number}` counts is not documented for media jobs.
  private static func numbered(_ pattern: String, count: Int) -> [String] {
    guard pattern.contains("${Number}") else { return [pattern] }
    return (0..<min(max(count, 1), countMax)).map { pattern.replacing("${Number}", with: String($0)) }
  }

  var element: ElementTree {
    var file = nodes(objects)
    if !sprites.isEmpty { file.append(.node("SpriteOutputFile", nodes(sprites))) }
    return .node("MediaResult", [.node("OutputFile", file)])
  }

  private func nodes(_ names: [String]) -> [ElementTree] {
    [.leaf("Bucket", bucket), ElementTree("ObjectPrefix"), .leaf("Region", region)]
      + names.map { .leaf("ObjectName", $0) }
      + names.enumerated().map { index, name in
        .node("Md5Info", [.leaf("Md5", MediaText.digest(of: "\(identity) \(index)")), .leaf("ObjectName", name)])
      }
  }
}

/// Values in the forms of the captures.
enum MediaText {
  /// Six digits after the point.
  static func decimal(_ number: Double) -> String {
    let millionths = String(Int64((number * 1_000_000).rounded()))
    let digits = String(repeating: "0", count: max(0, 7 - millionths.utf8.count)) + millionths
    return "\(digits.dropLast(6)).\(digits.suffix(6))"
  }

  /// An MD5 that stands for that of a file that was not made.
  static func digest(of text: String) -> String {
    ContentDigest.of(Array(text.utf8), .md5).map(ContentDigest.hex) ?? String(repeating: "0", count: 32)
  }
}

extension Job {
  /// What made-up results follow from: the request, whatever address its end is told to.
  var identity: String {
    var request = request
    request.children.removeAll { $0.name == "CallBack" }
    return request.sorted.fragment
  }
}
