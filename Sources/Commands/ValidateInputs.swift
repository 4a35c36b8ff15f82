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
    guard let kind = Self.bySuffix.first(where: { Self.ends(name, with: $0.suffix) })?.kind else { return nil }
    self = kind
  }

  /// Whether a name ends with a suffix in lower case, in whatever case it is written.
  private static func ends(_ name: String, with suffix: String) -> Bool {
    name.utf8.count >= suffix.utf8.count
      && zip(name.utf8.reversed(), suffix.utf8.reversed()).allSatisfy { asciiLowercased($0) == $1 }
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
    for operand in operands {
      do {
        sources += try Self.files(for: operand)
      } catch {
        failures.append((sources.count, error))
      }
    }
    pairMessages()
  }

  /// Makes one exchange of a request and a response of the same name, in the place of the request.
  private mutating func pairMessages() {
    let requests = stems(Self.requestSuffix)
    let pairs = requests.isEmpty ? [] : requests.intersection(stems(Self.responseSuffix))
    guard !pairs.isEmpty else { return }
    var left: [Source] = []
    var removed: [Int] = []
    for (index, source) in sources.enumerated() {
      if let stem = Self.stem(source, Self.requestSuffix), pairs.contains(stem) {
        left.append(.exchange(request: stem + Self.requestSuffix, response: stem + Self.responseSuffix))
      } else if let stem = Self.stem(source, Self.responseSuffix), pairs.contains(stem) {
        removed.append(index)
      } else {
        left.append(source)
      }
    }
    sources = left
    failures = failures.map { failure in (failure.at - removed.count { $0 < failure.at }, failure.error) }
  }

  private func stems(_ suffix: String) -> Set<String> { Set(sources.lazy.compactMap { Self.stem($0, suffix) }) }

  private static func stem(_ source: Source, _ suffix: String) -> String? {
    guard case .file(let name, _) = source, name.hasSuffix(suffix) else { return nil }
    return String(name.dropLast(suffix.count))
  }

  private static func files(for operand: String) throws(FileError) -> [Source] {
    guard operand != "-" else { return [.standardInput] }
    if Files.isFolder(operand) {
      let found = try FileSearch.files(below: operand, suffixes: InputKind.suffixes)
      guard !found.isEmpty else {
        throw FileError(
          path: operand, reason: "is a folder without documents (\(InputKind.suffixes.joined(separator: ", ")))")
      }
      return found.map { .file($0, wasFound: true) }
    }
    // What exists is never taken for a pattern: its name may hold a star.
    guard FileSearch.isPattern(operand), !Files.exists(operand) else { return [.file(operand, wasFound: false)] }
    let matches = try FileSearch.matches(of: operand)
    guard !matches.isEmpty else { throw FileError(path: operand, reason: "no file fits this pattern") }
    var found: [Source] = []
    for match in matches {
      if Files.isFolder(match) {
        found += try FileSearch.files(below: match, suffixes: InputKind.suffixes).map { .file($0, wasFound: true) }
      } else {
        found.append(.file(match, wasFound: false))
      }
    }
    return found
  }
}
