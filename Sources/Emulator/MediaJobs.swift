internal import XMLValidation

/// What a finished job of `/jobs` adds to its Operation: made up from the request, in the shape that the pages and
/// captures show for its tag. Nothing is really processed.
struct MediaOutcome {
  private let job: Job
  private let operation: ElementTree

  init(_ job: Job) {
    self.job = job
    operation = job.request["Operation"] ?? ElementTree("Operation")
  }

  /// Tags with MediaInfo and MediaResult, by the captured callbacks of 2022 and the tables of their pages.
  private static let infoAndFiles: Set<String> = [
    "Transcode", "Snapshot", "Concat", "Segment", "SmartCover", "VideoMontage", "VoiceSeparate", "SDRtoHDR",
    "VideoProcess", "VideoEnhance", "SuperResolution", "Watermark", "DigitalWatermark", "Tts",
  ]
  private static let filesOnly: Set<String> = [
    "FillConcat", "VideoSynthesis", "SegmentVideoBody", "StreamExtract", "NoiseReduction",
  ]
  /// Results whose content no page shows: the empty node.
  private static let undescribed = [
    "VideoTargetRec": "VideoTargetRecResult", "SplitVideoParts": "SplitVideoInfoResult",
    "SoundHound": "SoundHoundResult", "VocalScore": "VocalScoreResult", "DNA": "DnaResult",
    "ImageInspect": "ImageInspectResult", "ImageOCR": "Detection",
  ]

  /// What the workers say beside an empty Message when all went well, as captured.
  static func message(of tag: String) -> String {
    switch tag {
    case "Transcode": "success"
    case "NoiseReduction": "SUCCESS"
    case "ExtractDigitalWatermark": "done"
    case "VideoTag", "WordsGeneralize", "Translation": "Success"
    default: ""
    }
  }

  /// The operation with the results in it.
  func completed(_ children: [ElementTree]) -> [ElementTree] {
    // The found text stands in the very node that asked for it.
    guard job.tag == "ExtractDigitalWatermark" else { return children + results }
    let rest = children.filter { $0.name != job.tag }
    let asked = (operation[job.tag]?.children ?? []).filter { $0.name != "Message" }
    return rest + [.node(job.tag, asked + [.leaf("Message", "watermark")])]
  }

  private var results: [ElementTree] {
    let tag = job.tag
    if tag == "Animation" { return AnimationOutcome(job).elements }
    let output = MediaOutput(job, extension: "mp4").element
    if Self.infoAndFiles.contains(tag) {
      return [MediaDescription(isSound: tag == "VoiceSeparate" || tag == "Tts").element, output]
    }
    if Self.filesOnly.contains(tag) { return [output] }
    if let name = Self.undescribed[tag] { return [ElementTree(name)] }
    switch tag {
    case "MediaInfo": return [MediaDescription(isSound: false).element]
    case "QualityEstimate":
      return [MediaDescription(isSound: false).element, .node("QualityEstimate", [.leaf("Score", "78.5")])]
    case "VideoTag": return [videoTagResult]
    case "WordsGeneralize":
      return [
        .node(
          "WordsGeneralizeResult",
          [.node("WordsGeneralizeLable", [.leaf("Category", "person"), .leaf("Word", "Ann")])])
      ]
    case "SpeechRecognition": return [.node("SpeechRecognitionResult", [.leaf("AudioTime", "1.8")])]
    case "PicProcess": return [pictureResult]
    default: return []
    }
  }

  private var videoTagResult: ElementTree {
    .node(
      "VideoTagResult",
      [
        .node(
          "StreamData",
          [
            .node("Data", [.node("Tags", [.leaf("Tag", "music"), .leaf("Confidence", "0.9")])]),
            ElementTree("SubErrCode"), ElementTree("SubErrMsg"),
          ])
      ])
  }

  /// The node of the captured callback of 2022-07-18.
  private var pictureResult: ElementTree {
    let etag = "\"\(MediaText.digest(of: job.identity))\""
    let size = [
      ElementTree.leaf("Format", "JPEG"), .leaf("Height", "417"), .leaf("Quality", "68"), .leaf("Width", "500"),
    ]
    return .node(
      "PicProcessResult",
      [
        .leaf("ObjectName", operation.text(at: "Output", "Object") ?? ""),
        .node(
          "OriginalInfo",
          [
            .leaf("Etag", etag),
            .node("ImageInfo", size + [.leaf("Ave", "0xc64847"), .leaf("Orientation", "0")]),
          ]),
        .node("ProcessResult", size + [ElementTree("Etag"), .leaf("Size", "24911")]),
      ])
  }
}

/// The node MediaInfo of a file with ten seconds of picture and sound, or of sound alone.
struct MediaDescription {
  var isSound: Bool

  var element: ElementTree {
    let streams =
      isSound
      ? [sound(0), ElementTree("Subtitle"), ElementTree("Video")] : [sound(1), ElementTree("Subtitle"), picture]
    return .node(
      "MediaInfo",
      [
        .node(
          "Format",
          [
            .leaf("Bitrate", MediaText.decimal(1000)), .leaf("Duration", MediaText.decimal(10)),
            .leaf("FormatLongName", isSound ? "MP2/3 (MPEG audio layer 2/3)" : "QuickTime / MOV"),
            .leaf("FormatName", isSound ? "mp3" : "mov,mp4,m4a,3gp,3g2,mj2"), .leaf("NumProgram", "0"),
            .leaf("NumStream", isSound ? "1" : "2"), .leaf("Size", "1250000"), .leaf("StartTime", MediaText.decimal(0)),
          ]), .node("Stream", streams),
      ])
  }

  private func sound(_ index: Int) -> ElementTree {
    .node(
      "Audio",
      [
        .leaf("Bitrate", MediaText.decimal(128)), .leaf("Channel", "2"), .leaf("ChannelLayout", "stereo"),
        .leaf("CodecLongName", "AAC (Advanced Audio Coding)"), .leaf("CodecName", "aac"),
        .leaf("CodecTag", "0x6134706d"), .leaf("CodecTagString", "mp4a"), .leaf("CodecTimeBase", "1/44100"),
        .leaf("Duration", MediaText.decimal(10)), .leaf("Index", String(index)), .leaf("Language", "und"),
        .leaf("SampleFmt", "fltp"), .leaf("SampleRate", "44100"), .leaf("StartTime", MediaText.decimal(0)),
        .leaf("Timebase", "1/44100"),
      ])
  }

  private var picture: ElementTree {
    .node(
      "Video",
      [
        .leaf("AvgFps", MediaText.decimal(25)), .leaf("Bitrate", MediaText.decimal(872)), .leaf("CodecName", "h264"),
        .leaf("CodecLongName", "H.264 / AVC / MPEG-4 AVC / MPEG-4 part 10"), .leaf("CodecTag", "0x31637661"),
        .leaf("CodecTagString", "avc1"), .leaf("Duration", MediaText.decimal(10)), .leaf("Fps", MediaText.decimal(25)),
        .leaf("HasBFrame", "2"), .leaf("Height", "720"), .leaf("Index", "0"), .leaf("Language", "und"),
        .leaf("Level", "31"), .leaf("NumFrames", "250"), .leaf("PixFormat", "yuv420p"), .leaf("Profile", "High"),
        .leaf("RefFrames", "1"), .leaf("Rotation", MediaText.decimal(0)), .leaf("StartTime", MediaText.decimal(0)),
        .leaf("Timebase", "1/12800"), .leaf("Width", "1280"),
      ])
  }
}
