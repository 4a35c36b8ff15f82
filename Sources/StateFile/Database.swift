internal import CSQLite
internal import Emulator

/// What SQLite says went wrong.
struct DatabaseError: Error {
  var code: Int32
  var message: String

  /// The code without its refinement.
  var primary: Int32 { code & 0xFF }
}

/// A connection to a database. SQLite closes it when it and the last of its statements are gone.
///
/// Sendable because it is opened in SQLite's serialized mode and only its owner passes it on.
@safe struct Database: ~Copyable, @unchecked Sendable {
  private let handle: OpaquePointer

  /// Opens the file, or makes an empty one.
  init(path: String) throws(DatabaseError) {
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE
    let code = unsafe cispec_sqlite_open(path, &handle, flags)
    guard let opened = unsafe handle else { throw DatabaseError(code: code, message: "no memory is left") }
    guard code == SQLITE_OK else {
      let error = unsafe Self.error(of: opened)
      _ = unsafe cispec_sqlite_close(opened)
      throw error
    }
    unsafe self.handle = opened
  }

  deinit { _ = unsafe cispec_sqlite_close(handle) }

  /// Why nothing can be opened at all; nil when something can.
  static var unusable: String? { unsafe cispec_sqlite_open_library().map { unsafe String(cString: $0) } }

  /// Runs statements that give no rows.
  func run(_ text: String) throws(DatabaseError) {
    guard unsafe cispec_sqlite_exec(handle, text) == SQLITE_OK else { throw error }
  }

  func statement(_ text: String) throws(DatabaseError) -> Statement {
    var statement: OpaquePointer?
    guard unsafe cispec_sqlite_prepare(handle, text, &statement) == SQLITE_OK, let made = unsafe statement else {
      throw error
    }
    return unsafe Statement(handle: made)
  }

  /// The rows that a statement gives.
  func rows(_ text: String) throws(DatabaseError) -> [[StateValue]] {
    let statement = try statement(text)
    var rows: [[StateValue]] = []
    while let row = try statement.next(on: self) { rows.append(row) }
    return rows
  }

  /// What went wrong last.
  var error: DatabaseError { unsafe Self.error(of: handle) }

  private static func error(of handle: OpaquePointer) -> DatabaseError {
    let message = unsafe cispec_sqlite_errmsg(handle).map { unsafe String(cString: $0) } ?? ""
    return unsafe DatabaseError(code: cispec_sqlite_extended_errcode(handle), message: message)
  }
}

/// A prepared statement of a database, which every call is given again.
@safe struct Statement: ~Copyable, @unchecked Sendable {
  private let handle: OpaquePointer

  fileprivate init(handle: OpaquePointer) { unsafe self.handle = handle }

  deinit { _ = unsafe cispec_sqlite_finalize(handle) }

  /// Runs it once with these values.
  func run(_ values: [StateValue], on database: borrowing Database) throws(DatabaseError) {
    defer { _ = unsafe cispec_sqlite_reset(handle) }
    for (index, value) in values.enumerated() {
      guard bind(value, at: Int32(index + 1)) == SQLITE_OK else { throw database.error }
    }
    guard unsafe cispec_sqlite_step(handle) == SQLITE_DONE else { throw database.error }
  }

  /// The next row; nil after the last.
  func next(on database: borrowing Database) throws(DatabaseError) -> [StateValue]? {
    switch unsafe cispec_sqlite_step(handle) {
    case SQLITE_ROW:
      var row: [StateValue] = []
      for column in 0..<(unsafe cispec_sqlite_column_count(handle)) { row.append(value(of: column)) }
      return row
    case SQLITE_DONE: return nil
    default: throw database.error
    }
  }

  private func bind(_ value: StateValue, at index: Int32) -> Int32 {
    switch value {
    case .null: return unsafe cispec_sqlite_bind_null(handle, index)
    case .integer(let number): return unsafe cispec_sqlite_bind_int64(handle, index, number)
    case .real(let number): return unsafe cispec_sqlite_bind_double(handle, index, number)
    case .text(let text): return unsafe cispec_sqlite_bind_text(handle, index, text, Int32(clamping: text.utf8.count))
    }
  }

  private func value(of column: Int32) -> StateValue {
    switch unsafe cispec_sqlite_column_type(handle, column) {
    case SQLITE_INTEGER: return unsafe .integer(cispec_sqlite_column_int64(handle, column))
    case SQLITE_FLOAT: return unsafe .real(cispec_sqlite_column_double(handle, column))
    case SQLITE_TEXT:
      let text = unsafe cispec_sqlite_column_text(handle, column)
      let count = unsafe Int(cispec_sqlite_column_bytes(handle, column))
      return unsafe .text(String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
    default: return .null
    }
  }
}
