import Foundation
import Testing

@testable import Emulator
@testable import StateFile

/// A folder for one test.
private final class Folder {
  let path = FileManager.default.temporaryDirectory.path + "/cispec-state-\(UUID().uuidString)"
  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }
  var file: String { path + "/state.db" }
  func bytes() throws -> Data { try Data(contentsOf: URL(filePath: file)) }
}

private func job(_ id: String, _ request: String = "<Request/>") -> StateChange {
  StateRow.put(.jobs, ["id": .text(id), "request": .text(request), "created": .real(1.5), "sequence": .integer(7)])
}

@Suite("State file")
struct StateFileTests {
  @Test("What was made durable is there again, exactly")
  func roundTrip() throws {
    let folder = try Folder()
    let odd = "<R>é \u{0} \u{1F600} '\"; DROP TABLE jobs;--</R>"
    do {
      let (file, state) = try StateFile.open(folder.file)
      #expect(state.isEmpty)
      file.append([job("a"), job("b", odd), StateSetting.clock.change(.real(0.1 + 0.2))])
      try file.makeDurable()
      file.append([.remove(.jobs, key: "a"), job("c")])
      try file.makeDurable()
      // Not waited for: nobody was told of it.
      file.append([job("d")])
    }
    let (_, state) = try StateFile.open(folder.file)
    let jobs = try #require(state.rows[.jobs])
    #expect(jobs.map { $0[0] } == [.text("b"), .text("c")])
    #expect(jobs[0][5] == .text(odd))
    #expect(state.setting(.clock) == .real(0.1 + 0.2))
  }

  @Test("Many threads that wait at once are written together, and none returns before its own is written")
  func groups() async throws {
    let folder = try Folder()
    let (file, _) = try StateFile.open(folder.file)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for number in 0..<25 {
            file.append([job("\(task)-\(number)")])
            try file.makeDurable()
          }
        }
      }
      try await group.waitForAll()
    }
    // A reader of its own, while the first has the file: the bytes alone, as a kill would leave them.
    let copy = folder.path + "/copy.db"
    for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: folder.file + suffix) {
      try FileManager.default.copyItem(atPath: folder.file + suffix, toPath: copy + suffix)
    }
    let (_, state) = try StateFile.open(copy)
    #expect(state.rows[.jobs]?.count == 200)
  }

  @Test("A file is for one emulator at a time, and free when that has gone")
  func locked() throws {
    let folder = try Folder()
    do {
      let (file, _) = try StateFile.open(folder.file)
      let error = #expect(throws: StateFileError.self) { try StateFile.open(folder.file) }
      #expect(error?.kind == .inUse)
      file.append([job("a")])
      try file.makeDurable()
    }
    #expect(try StateFile.open(folder.file).state.rows[.jobs]?.count == 1)
  }

  /// What is done to a good file of 40 jobs.
  enum Harm: String, CaseIterable {
    case noDatabase, shortText, otherDatabase, newerFormat, alteredRow, alteredPage, cutOff

    var kind: StateFileError.Kind {
      switch self {
      case .noDatabase, .shortText, .otherDatabase: .foreign
      case .newerFormat: .newer
      case .alteredRow, .alteredPage, .cutOff: .damaged
      }
    }

    func apply(to path: String) throws {
      func run(_ text: String) throws { try Database(path: path).run(text) }
      switch self {
      case .noDatabase: try Data(repeating: 0x2A, count: 9000).write(to: URL(filePath: path))
      case .shortText: try Data("hello".utf8).write(to: URL(filePath: path))
      case .otherDatabase:
        try FileManager.default.removeItem(atPath: path)
        try run("CREATE TABLE jobs (id)")
      case .newerFormat: try run("PRAGMA user_version = 2")
      case .alteredRow: try run("UPDATE jobs SET request = '<Request>x</Request>' WHERE id = 'job 7'")
      case .alteredPage:
        let handle = try FileHandle(forUpdating: URL(filePath: path))
        for page in 2..<12 {
          try handle.seek(toOffset: UInt64(4096 * page))
          try handle.write(contentsOf: Data(repeating: 0xA5, count: 64))
        }
        try handle.close()
      case .cutOff:
        let handle = try FileHandle(forUpdating: URL(filePath: path))
        try handle.truncate(atOffset: 4096 * 3)
        try handle.close()
      }
    }
  }

  @Test("A file that is foreign, newer or damaged is refused and left as it is", arguments: Harm.allCases)
  func refused(harm: Harm) throws {
    let folder = try Folder()
    do {
      let (file, _) = try StateFile.open(folder.file)
      file.append((0..<40).map { job("job \($0)", String(repeating: "long ", count: 100)) })
      try file.makeDurable()
    }
    try harm.apply(to: folder.file)
    let before = try folder.bytes()
    let error = #expect(throws: StateFileError.self) { try StateFile.open(folder.file) }
    #expect(error?.kind == harm.kind, Comment(rawValue: error?.reason ?? "opened"))
    #expect(error?.hint.isEmpty == false)
    #expect(try folder.bytes() == before)
  }

  @Test("A place where no file can be is refused", arguments: ["/nowhere/state.db", "/dev", "/proc/state.db"])
  func nowhere(path: String) {
    let error = #expect(throws: StateFileError.self) { try StateFile.open(path) }
    #expect(error?.kind == .unusable)
  }

  struct Broken: Error {}

  @Test("What could not be written goes to everybody who waits, and is written with the next call")
  func failure() throws {
    let queue = CommitQueue()
    queue.append([job("a")])
    #expect(throws: Broken.self) { try queue.flush { _ in throw Broken() } }
    #expect(queue.isFailing)
    queue.append([job("b")])
    var written: [StateChange] = []
    try queue.flush { written += $0 }
    #expect(written == [job("a"), job("b")])
    #expect(!queue.isFailing)
    try queue.flush { _ in Issue.record("there is nothing left to write") }
  }
}
