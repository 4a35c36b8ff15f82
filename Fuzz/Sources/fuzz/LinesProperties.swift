import CaseLibrary
import Emulator
import XMLValidation

@testable import Adapting
@testable import Commands

/// Each line of JSON Lines holds a document, or one fault with its place.
struct JSONLinesProperty {
  let catalogue: Catalogue

  init(_ kit: Kit) { catalogue = kit.catalogue }

  func hold(_ bytes: [UInt8]) {
    for line in bytes.split(separator: 0x0A) {
      do {
        let document = try DocumentLine(
          Array(line), at: "line", limits: Limits(), known: KindHint(), catalogue: catalogue)
        require(!document.name.isEmpty, "a document has no name")
      } catch {
        require((0...line.count).contains(error.offset), "the fault is at \(error.offset) of \(line.count)")
        require(error.id.hasPrefix("json-lines.") && !error.message.isEmpty, "the fault says nothing")
      }
    }
  }
}

/// What an adapter writes comes in lines whatever the pieces; each line is judged for every command without a crash, and
/// its values are the same after being written and read.
struct AdapterProperty {
  private let document: ElementTree

  init(_ kit: Kit) {
    let file = "\(kit.root)/Schemas/corpus/valid/batch-jobs.query.response.found-and-unknown.xml"
    guard let bytes = try? Files.read(file), let tree = Validator(library: kit.library).tree(of: bytes) else {
      stop("\(file) is no document")
    }
    document = tree
  }

  func hold(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let text = Array(bytes.dropFirst())
    let lines = lines(of: text, pieceBytes: max(1, text.count))
    require(lines == self.lines(of: text, pieceBytes: 1 + Int(first)), "the lines depend on the pieces")
    for line in lines ?? [] { holdAnswer(line) }
  }

  private func lines(of bytes: [UInt8], pieceBytes: Int) -> [[UInt8]]? {
    var reader = AdapterLines(lineBytesMax: 4096)
    var lines: [[UInt8]] = []
    for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
      guard let more = reader.take(Array(bytes[start..<min(bytes.count, start + pieceBytes)])) else { return nil }
      lines += more.map(Array.init)
    }
    return lines
  }

  private func holdAnswer(_ line: [UInt8]) {
    guard let answer = AdapterValue.object(parsing: line[...]) else { return }
    for command in AdapterRequest.Command.allCases {
      let lax = AdapterAnswerRules.problem(of: answer, to: command, isStrict: false)
      let strict = AdapterAnswerRules.problem(of: answer, to: command, isStrict: true)
      require(lax == nil || strict == lax, "what is wrong is not wrong when it is taken strictly")
      require(lax?.isEmpty != true, "a problem says nothing")
    }
    if AdapterAnswerRules.problem(of: answer, to: .hello, isStrict: false) == nil { _ = AdapterHello(answer) }
    let differences = ResultComparison.differences(
      of: answer["result"] ?? .object(answer), from: document, convention: ResultConvention())
    for difference in differences { require(difference.path.hasPrefix("/"), "\(difference.path) is no path") }
  }
}

/// Files that a user gives are read, or refused with a place and a reason.
struct DataFilesProperty {
  private let operations: [String]

  init(_ kit: Kit) { operations = kit.catalogue.operations.map(\.id) }

  func hold(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let content = Array(bytes.dropFirst())
    do {
      switch first % 4 {
      case 0: _ = try FaultPlan(parsing: content, operations: operations)
      case 1: _ = try KnownFailing(parsing: String(decoding: content, as: UTF8.self), file: "fuzz.txt")
      case 2:
        let baseline = try Baseline(parsing: content, file: "fuzz.json")
        require(try Baseline(parsing: baseline.json(), file: "fuzz.json") == baseline, "the baseline is another")
      default: try holdJSON(content)
      }
    } catch {
      require(!"\(error)".isEmpty, "an error says nothing")
    }
  }

  /// Each value of a text that is JSON stands where it says.
  private func holdJSON(_ bytes: [UInt8]) throws {
    do {
      var open = [try JSONScanner.value(in: bytes, depthMax: 32, valuesMax: 10_000)]
      while let value = open.popLast() {
        require(value.offset < bytes.count, "a value is at \(value.offset) of \(bytes.count)")
        open += value.array ?? value.members?.map(\.value) ?? []
      }
    } catch {
      require((0...bytes.count).contains(error.offset), "the fault is at \(error.offset) of \(bytes.count)")
      throw error
    }
  }
}
