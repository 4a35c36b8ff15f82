internal import Glibc

/// Files found by folder or by pattern, in the byte order of their paths.
public enum FileSearch {
  /// Folders inside one another that are walked at most.
  private static let depthMax = 64

  /// Whether a name holds a character that a pattern gives a meaning to.
  public static func isPattern(_ name: String) -> Bool { name.utf8.contains { $0 == 0x2A || $0 == 0x3F } }

  /// Every file below a folder whose name ends with one of the suffixes. Links to folders are not followed.
  public static func files(below folder: String, suffixes: [String]) throws(FileError) -> [String] {
    var found: [String] = []
    try walk(folder, depth: 0) { path, isFolder in
      if !isFolder, suffixes.contains(where: path.hasSuffix) { found.append(path) }
    }
    return sorted(found)
  }

  /// Files and folders that fit a pattern: `*` and `?` inside a name, `**` for any folders. Names that start with a dot
  /// are only found by a pattern that starts with one.
  public static func matches(of pattern: String) throws(FileError) -> [String] {
    let names = pattern.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    var places = [pattern.hasPrefix("/") ? "/" : ""]
    for (index, name) in names.enumerated() {
      let isLast = index == names.count - 1
      var next: [String] = []
      for place in places {
        if name == "**" {
          next.append(place)
          try walk(place.isEmpty ? "." : place, depth: 0) { path, isFolder in
            if isFolder != isLast { next.append(place.isEmpty ? String(path.dropFirst(2)) : path) }
          }
        } else if isPattern(name) {
          let folder = place.isEmpty ? "." : place
          guard Files.isFolder(folder) else { continue }
          for entry in try Files.names(in: folder) where fits(entry, name) { next.append(joined(place, entry)) }
        } else if Files.exists(joined(place, name)) {
          next.append(joined(place, name))
        }
      }
      places = next
    }
    if names.last == "**" { places.removeAll { Files.isFolder($0) || $0.isEmpty } }
    return sorted(Array(Set(places)))
  }

  /// Whether a name fits a pattern of `*` (any characters) and `?` (one character).
  public static func fits(_ name: String, _ pattern: String) -> Bool {
    let text = Array(name.unicodeScalars)
    let wanted = Array(pattern.unicodeScalars)
    var (place, at) = (0, 0)
    var star: (pattern: Int, text: Int)?
    while place < text.count {
      if at < wanted.count, wanted[at] == "*" {
        star = (at, place)
        at += 1
      } else if at < wanted.count, wanted[at] == "?" || wanted[at] == text[place] {
        at += 1
        place += 1
      } else if let last = star {
        star = (last.pattern, last.text + 1)
        at = last.pattern + 1
        place = last.text + 1
      } else {
        return false
      }
    }
    return wanted[at...].allSatisfy { $0 == "*" }
  }

  private static func walk(
    _ folder: String, depth: Int, _ visit: (_ path: String, _ isFolder: Bool) -> Void
  ) throws(FileError) {
    guard depth < depthMax else { return }
    for (name, kind) in try Files.entries(of: folder) {
      let path = joined(folder, name)
      switch kind {
      case .file: visit(path, false)
      case .folder:
        visit(path, true)
        try walk(path, depth: depth + 1, visit)
      case .other:
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { continue }
        if status.st_mode & S_IFMT == S_IFDIR {
          visit(path, true)
          try walk(path, depth: depth + 1, visit)
        } else if !Files.isFolder(path) {
          visit(path, false)
        }
      }
    }
  }

  private static func joined(_ folder: String, _ name: String) -> String {
    folder.isEmpty || folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// In byte order. Most paths differ in the eight bytes after those that all have in common; these are compared as
  /// numbers, without a look at the texts.
  private static func sorted(_ paths: [String]) -> [String] {
    guard let first = paths.first else { return [] }
    var common = first.utf8.count
    for path in paths where common > 0 { common = commonPrefix(path, first, atMost: common) }
    return paths.indices
      .map { (key: key(paths[$0], after: common), index: $0) }
      .sorted { $0.key == $1.key ? Files.precedesInByteOrder(paths[$0.index], paths[$1.index]) : $0.key < $1.key }
      .map { paths[$0.index] }
  }

  private static func commonPrefix(_ one: String, _ other: String, atMost count: Int) -> Int {
    zip(one.utf8, other.utf8.prefix(count)).prefix { $0 == $1 }.count
  }

  /// Eight bytes as a number that is smaller when they come first; past the end of the text they are zero.
  private static func key(_ path: String, after start: Int) -> UInt64 {
    let bytes = path.utf8.dropFirst(start).prefix(8)
    return bytes.reduce(0) { $0 << 8 | UInt64($1) } << (8 * (8 - bytes.count))
  }
}
