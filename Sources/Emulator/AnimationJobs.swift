internal import XMLValidation

/// What a finished Animation job adds to its Operation: values that follow from the request alone, in the shape of the
/// captured callback of such a job (1045/49513). No video is made.
struct AnimationOutcome {
  private let format: String
  private let width: Int
  private let height: Int
  private let framesPerSecond: Double
  private let seconds: Double
  private let byteCount: Int
  private let output: MediaOutput

  init(_ job: Job) {
    let operation = job.request["Operation"] ?? ElementTree("Operation")
    // A template outranks the node; of one that was not made here nothing is known, so the defaults stand for it.
    let animation = operation["TemplateId"] == nil ? operation["Animation"] : job.template?.settings
    func number(_ parent: String, _ name: String) -> Double? {
      animation?.text(at: parent, name).flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    }
    format = animation?.text(at: "Container", "Format") == "webp" ? "webp" : "gif"
    let (width, height) = (number("Video", "Width"), number("Video", "Height"))
    self.width = Self.pixels(width ?? height.map { $0 * 16 / 9 } ?? 640)
    self.height = Self.pixels(height ?? width.map { $0 * 9 / 16 } ?? 360)
    framesPerSecond = min(max(number("Video", "AnimateFramesPerSecond") ?? number("Video", "Fps") ?? 15, 0.001), 60)
    seconds = min(max(number("TimeInterval", "Duration") ?? 2, 0.001), 86_400)
    let identity = job.identity
    byteCount = 100_000 + Int(Randomness.number(for: identity, seed: 0) % 10_000_000)
    output = MediaOutput(job, extension: format)
  }

  var elements: [ElementTree] { [mediaInfo, output.element] }

  private var mediaInfo: ElementTree {
    .node("MediaInfo", [formatElement, .node("Stream", [ElementTree("Audio"), ElementTree("Subtitle"), video])])
  }

  private var formatElement: ElementTree {
    .node(
      "Format",
      [
        .leaf("Bitrate", MediaText.decimal(Double(byteCount) * 8 / seconds / 1000)),
        .leaf("Duration", MediaText.decimal(seconds)),
        .leaf(
          "FormatLongName", format == "gif" ? "CompuServe Graphics Interchange Format (GIF)" : "piped webp sequence"),
        .leaf("FormatName", format == "gif" ? "gif" : "webp_pipe"), .leaf("NumProgram", "0"), .leaf("NumStream", "1"),
        .leaf("Size", String(byteCount)), .leaf("StartTime", MediaText.decimal(0)),
      ])
  }

  private var video: ElementTree {
    .node(
      "Video",
      [
        .leaf("AvgFps", MediaText.decimal(framesPerSecond)),
        .leaf("CodecLongName", format == "gif" ? "CompuServe GIF (Graphics Interchange Format)" : "WebP"),
        .leaf("CodecName", format), .leaf("CodecTag", "0x0000"), .leaf("CodecTagString", "[0][0][0][0]"),
        .leaf("CodecTimeBase", "1/100"), .leaf("ColorPrimaries", "unknown"), .leaf("ColorRange", "unknown"),
        .leaf("ColorTransfer", "unknown"), .leaf("Duration", MediaText.decimal(seconds)),
        .leaf("Fps", MediaText.decimal(framesPerSecond)),
        .leaf("HasBFrame", "0"), .leaf("Height", String(height)), .leaf("Index", "0"), .leaf("Level", "-99"),
        .leaf("NumFrames", String(Int((framesPerSecond * seconds).rounded()))), .leaf("PixFormat", "bgra"),
        .leaf("RefFrames", "1"), .leaf("Rotation", MediaText.decimal(0)), .leaf("StartTime", MediaText.decimal(0)),
        .leaf("Timebase", "1/100"), .leaf("Width", String(width)),
      ])
  }

  private static func pixels(_ number: Double) -> Int { Int(min(max(number, 1), 100_000).rounded()) }
}
