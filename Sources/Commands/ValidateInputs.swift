internal import CaseLibrary
internal import HTTPExchange

/// What a file that is validated holds.
enum InputKind: String, CaseIterable {
  case xml
  case jsonLines = "json-lines"
  case har
  case http
  case json

  /// The suffixes that tell a kind; folders are searched for these.
  private static let bySuffix: [(suffix: String, kind: InputKind)] = [
    (".xml", .xml), (".jsonl", .jsonLines), (".ndjson", .jsonLines), (".har", .har), (".http", .http), (".json", .json),
  ]

  static var suffixes: [String] { bySuffix.map(\.suffix) }

  init?(suffixOf name: String) {
    let end = name.utf8.suffix(7).map(asciiLowercased)
    guard
      let kind = Self.bySuffix.first(where: { end.suffix($0.suffix.utf8.count).elementsEqual($0.suffix.utf8) })?.kind
    else { return nil }
    self = kind
  }

  /// Told by the first bytes; XML when nothing else fits, so that its parser says what is wrong.
  init(sniffing start: ArraySlice<UInt8>) {
    let text = (start.starts(with: [0xEF, 0xBB, 0xBF]) ? start.dropFirst(3) : start).drop {
      $0 == 0x20 || (0x09...0x0D).contains($0)
    }
    let line = text.prefix { $0 != 0x0A }
    let words = String(decoding: line.prefix(4096), as: UTF8.self)
    let parts = words.split(separator: " ")
    self = .xml
    if words.hasPrefix("HTTP/1.") || (parts.count == 3 && parts[2].hasPrefix("HTTP/1.")) {
      self = .http
    } else if text.first == 0x7B {
      let head = String(decoding: text.prefix(4096), as: UTF8.self)
      let firstKey = head.dropFirst().drop { " \n\r\t".contains($0) }.prefix(5)
      if firstKey == "\"log\"" {
        self = .har
      } else if words.contains("\"body\"") {
        self = .jsonLines
      } else if JSONCallback.isLikely(text) {
        self = .json
      }
    }
  }
}

/// The operands of a run as the inputs they stand for, in order.
struct ValidateInputs {
  enum Source: Equatable {
    case standardInput
    /// `wasFound` in a folder, rather than named.
    case file(String, wasFound: Bool)
    /// The two messages of one exchange.
    case exchange(request: String, response: String)
  }

  private(set) var sources: [Source] = []
  /// Operands that stand for nothing, with the reason; `at` is the number of sources before it.
  private(set) var failures: [(at: Int, error: FileError)] = []

  private static let requestSuffix = ".request.http"
  private static let responseSuffix = ".response.http"

  init(_ operands: [String]) {
    var names: [(name: String, wasFound: Bool, error: FileError?)] = []
    for operand in operands {
      do {
        names += try Self.files(for: operand).map { ($0.name, $0.wasFound, nil) }
      } catch {
        names.append((operand, false, error))
      }
    }
    let all = Set(names.compactMap { $0.error == nil ? $0.name : nil })
    for (name, wasFound, error) in names {
      if let error {
        failures.append((sources.count, error))
      } else if name == "-" {
        sources.append(.standardInput)
      } else if let stem = Self.stem(name, Self.requestSuffix), all.contains(stem + Self.responseSuffix) {
        sources.append(.exchange(request: name, response: stem + Self.responseSuffix))
      } else if let stem = Self.stem(name, Self.responseSuffix), all.contains(stem + Self.requestSuffix) {
        continue
      } else {
        sources.append(.file(name, wasFound: wasFound))
      }
    }
  }

  private static func stem(_ name: String, _ suffix: String) -> String? {
    name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : nil
  }

  private static func files(for operand: String) throws(FileError) -> [(name: String, wasFound: Bool)] {
    guard operand != "-" else { return [(operand, false)] }
    if Files.isFolder(operand) {
      let found = try FileSearch.files(below: operand, suffixes: InputKind.suffixes)
      guard !found.isEmpty else {
        throw FileError(
          path: operand, reason: "is a folder without documents (\(InputKind.suffixes.joined(separator: ", ")))")
      }
      return found.map { ($0, true) }
    }
    // What exists is never taken for a pattern: its name may hold a star.
    guard FileSearch.isPattern(operand), !Files.exists(operand) else { return [(operand, false)] }
    let matches = try FileSearch.matches(of: operand)
    guard !matches.isEmpty else { throw FileError(path: operand, reason: "no file fits this pattern") }
    var found: [(name: String, wasFound: Bool)] = []
    for match in matches {
      if Files.isFolder(match) {
        found += try FileSearch.files(below: match, suffixes: InputKind.suffixes).map { ($0, true) }
      } else {
        found.append((match, false))
      }
    }
    return found
  }
}
