import Foundation
import Glibc

/// The real program: what CISPEC names, else the one built beside the tests.
struct Program {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  /// The test bundle and the program are built into one folder.
  static let path =
    ProcessInfo.processInfo.environment["CISPEC"]
    ?? URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path + "/cispec"

  struct Outcome {
    var code: Int32
    var output: String
    var errors: String
    var seconds: Double
  }

  /// Runs the program to its end, or stops it after some seconds and reports code -1.
  ///
  /// - Parameter outputPath: where standard output goes; then the outcome's output is empty.
  static func run(
    _ arguments: [String], input: Data? = nil, environment: [String: String] = [:], folder: String? = nil,
    outputPath: String? = nil, limitSeconds: Double = 30
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = URL(filePath: folder) }
    let (outputFile, errorFile, inputFile) = (temporary(), temporary(), temporary())
    defer { for file in [outputFile, errorFile, inputFile] { try? FileManager.default.removeItem(atPath: file) } }
    for file in [outputFile, errorFile] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
    _ = FileManager.default.createFile(atPath: inputFile, contents: input ?? Data())
    process.standardOutput = FileHandle(forWritingAtPath: outputPath ?? outputFile)
    process.standardError = FileHandle(forWritingAtPath: errorFile)
    process.standardInput = FileHandle(forReadingAtPath: inputFile)
    let start = Date()
    try process.run()
    while process.isRunning, Date().timeIntervalSince(start) < limitSeconds { usleep(5000) }
    let wasStopped = process.isRunning
    if wasStopped { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    return Outcome(
      code: wasStopped ? -1 : process.terminationStatus,
      output: try String(contentsOfFile: outputFile, encoding: .utf8),
      errors: try String(contentsOfFile: errorFile, encoding: .utf8), seconds: Date().timeIntervalSince(start))
  }

  static func temporary(_ name: String = "") -> String { "\(folder)/\(UUID().uuidString)\(name)" }

  /// What the tests write; removed with all that is in it when they have ended.
  private static let folder: String = {
    let path = FileManager.default.temporaryDirectory.path + "/cispec-tests-\(getpid())"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: Program.folder) }
    return path
  }()

  /// A file with some content, removed by the caller's folder.
  static func file(_ content: Data, _ name: String = ".xml") -> String {
    let path = temporary(name)
    _ = FileManager.default.createFile(atPath: path, contents: content)
    return path
  }

  static func file(_ text: String, _ name: String = ".xml") -> String { file(Data(text.utf8), name) }

  /// A server that is running, with its port, until it is stopped.
  final class Server {
    let process = Process()
    let port: Int
    let pipe = Pipe()
    /// What standard error says, once it has ended.
    var errors: String { (try? String(contentsOfFile: errorFile, encoding: .utf8)) ?? "" }
    private let errorFile = Program.temporary()

    /// - Parameters:
    ///   - arguments: of `serve`, or a command that lasts and its arguments.
    ///   - awaitsLine: whether it listens when it has written a line.
    init(
      _ arguments: [String] = ["--port", "0", "--quiet"], environment: [String: String]? = nil, awaitsLine: Bool = true
    ) throws {
      process.executableURL = URL(filePath: Program.path)
      process.arguments = (arguments.first?.hasPrefix("-") == false ? [] : ["serve"]) + arguments
      if let environment { process.environment = environment }
      process.standardOutput = pipe
      _ = FileManager.default.createFile(atPath: errorFile, contents: nil)
      process.standardError = FileHandle(forWritingAtPath: errorFile)
      try process.run()
      var line = ""
      while awaitsLine, !line.hasSuffix("\n") {
        let data = pipe.fileHandleForReading.availableData
        if data.isEmpty { break }
        line += String(decoding: data, as: UTF8.self)
      }
      port = Int(line.split(separator: ":").last?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "") ?? 0
    }

    deinit { try? FileManager.default.removeItem(atPath: errorFile) }

    func stop(_ signal: Int32 = SIGTERM) -> Int32 {
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      return process.terminationStatus
    }

    /// The exit code and what it wrote after its first line, when it stops by itself or is stopped now.
    func finish(stopping: Bool = true) -> (code: Int32, output: String) {
      if stopping { kill(process.processIdentifier, SIGTERM) }
      let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return (process.terminationStatus, output)
    }
  }
}
