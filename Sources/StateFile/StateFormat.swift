internal import CSQLite
internal import Emulator

/// The form of a state file: one table for each `StateTable`, and a column `check` that tells when a value was altered.
enum StateFormat {
  /// "cisp", where SQLite keeps whose file it is.
  private static let applicationID: Int64 = 0x6369_7370
  static let version: Int64 = 1
  private static let bytesMax: Int64 = 4 << 30

  /// Opens a file that is of this form, or empty.
  ///
  /// - Parameter state: what is in it.
  static func open(_ path: String, _ state: inout SavedState) throws(StateFileError) -> Database {
    if let reason = Database.unusable {
      throw StateFileError(
        kind: .noLibrary, reason: "SQLite cannot be opened: \(reason)",
        hint: "Install Debian's libsqlite3-0 or brew's sqlite.")
    }
    do {
      return try opened(path, &state)
    } catch let error as StateFileError {
      throw error
    } catch let error as DatabaseError {
      throw refusal(error)
    } catch {
      throw StateFileError(kind: .unusable, reason: "\(error)", hint: "Is the disk in order?")
    }
  }

  private static func opened(_ path: String, _ state: inout SavedState) throws -> Database {
    let database = try Database(path: path)
    // Held until the program ends, however it ends. Read first, so that nothing is written to a foreign file.
    try database.run("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
    let isEmpty = try database.rows("SELECT 1 FROM sqlite_master LIMIT 1").isEmpty
    let application = try number("PRAGMA application_id", database)
    let found = try number("PRAGMA user_version", database)
    if isEmpty, application == 0, found == 0 {
      try create(in: database)
    } else {
      try check(application: application, version: found)
      try checkSize(of: database)
      try checkPages(of: database)
    }
    state = SavedState(
      rows: Dictionary(uniqueKeysWithValues: try StateTable.allCases.map { ($0, try rows(of: $0, in: database)) }))
    try database.run("COMMIT")
    // A commit is one write and one wait for the disk.
    guard try database.rows("PRAGMA journal_mode = WAL") == [[.text("wal")]] else {
      throw StateFileError(
        kind: .unusable, reason: "it cannot have a write-ahead log here", hint: "Name a file on a local disk.")
    }
    try database.run("PRAGMA synchronous = FULL")
    return database
  }

  /// A sum over the kinds and bytes of the values (FNV-1a), which no accident leaves as it was.
  static func check(_ values: [StateValue]) -> Int64 {
    var sum: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ byte: UInt8) { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
    func add(_ kind: UInt8, _ number: UInt64) {
      add(kind)
      for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> UInt64(shift))) }
    }
    for value in values {
      switch value {
      case .null: add(0)
      case .integer(let number): add(1, UInt64(bitPattern: number))
      case .real(let number): add(2, number.bitPattern)
      case .text(let text):
        add(3, UInt64(text.utf8.count))
        for byte in text.utf8 { add(byte) }
      }
    }
    return Int64(bitPattern: sum)
  }

  static func refusal(_ error: DatabaseError) -> StateFileError {
    let said = "SQLite says '\(error.message)'"
    switch error.primary {
    case SQLITE_BUSY, SQLITE_LOCKED:
      return StateFileError(
        kind: .inUse, reason: "another program has the file open",
        hint: "Stop the other emulator, or give each one a file of its own.")
    case SQLITE_NOTADB:
      return StateFileError(
        kind: .foreign, reason: "it is no state file: a database of SQLite is expected here",
        hint: "Name a file that cispec has made, or one that is not there yet.")
    case SQLITE_CORRUPT: return damaged(said)
    case SQLITE_FULL:
      return StateFileError(
        kind: .unusable, reason: "no space is left for it", hint: "Make room on the disk; nothing was lost.")
    case SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM:
      return StateFileError(
        kind: .unusable, reason: "it cannot be opened for writing (\(said))",
        hint: "The folder must be there, and file and folder must be writable.")
    default: return StateFileError(kind: .unusable, reason: said, hint: "Is the disk in order?")
    }
  }

  private static func damaged(_ how: String) -> StateFileError {
    StateFileError(
      kind: .damaged, reason: "it is damaged: \(how)",
      hint: "Put it back from a copy, or move it away to begin with an empty state.")
  }

  private static func create(in database: borrowing Database) throws(DatabaseError) {
    for table in StateTable.allCases {
      let columns = table.columns.map { "\"\($0)\"" } + ["\"check\" INTEGER NOT NULL"]
      try database.run(
        "CREATE TABLE \(table.rawValue) (\(columns.joined(separator: ", ")), PRIMARY KEY (\"\(table.columns[0])\"))")
    }
    try database.run("PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
  }

  private static func check(application: Int64, version found: Int64) throws(StateFileError) {
    guard application == applicationID else {
      throw StateFileError(
        kind: .foreign, reason: "it is a database of SQLite, but no state file of cispec",
        hint: "Name a file that cispec has made, or one that is not there yet.")
    }
    guard found == version else {
      throw StateFileError(
        kind: .newer, reason: "it is of the format \(found); this version reads the format \(version)",
        hint: "Use the version of cispec that wrote it, or another file.")
    }
  }

  /// All of it is read: no state of an emulator is as large as that.
  private static func checkSize(of database: borrowing Database) throws {
    let bytes = try number("PRAGMA page_count", database) * number("PRAGMA page_size", database)
    guard bytes <= bytesMax else {
      throw StateFileError(
        kind: .unusable, reason: "it has \(bytes) bytes; \(bytesMax) are read at most",
        hint: "Move it away to begin with an empty state.")
    }
  }

  private static func checkPages(of database: borrowing Database) throws {
    let found = try database.rows("PRAGMA quick_check(1)")
    guard found == [[.text("ok")]] else {
      guard case .text(let how)? = found.first?.first else { throw damaged("its pages cannot be checked") }
      throw damaged(how)
    }
  }

  private static func rows(of table: StateTable, in database: borrowing Database) throws -> [[StateValue]] {
    let names = (table.columns + ["check"]).map { "\"\($0)\"" }.joined(separator: ", ")
    return try database.rows("SELECT \(names) FROM \(table.rawValue)").map { row in
      let values = Array(row.dropLast())
      guard row.last == .integer(check(values)) else {
        var key = ""
        if case .text(let text)? = values.first { key = " '\(text)'" }
        throw damaged("a row\(key) of the table \(table.rawValue) was altered")
      }
      return values
    }
  }

  private static func number(_ text: String, _ database: borrowing Database) throws(DatabaseError) -> Int64 {
    if case .integer(let number)? = try database.rows(text).first?.first { number } else { 0 }
  }
}
