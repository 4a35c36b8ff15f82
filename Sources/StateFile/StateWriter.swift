internal import CSQLite
internal import Emulator
internal import Synchronization

/// Writes changes to the database, all of a call in one transaction.
final class StateWriter: Sendable {
  private let connection: Mutex<Connection>

  private struct Connection: ~Copyable, Sendable {
    var settings: Table
    var queues: Table
    var templates: Table
    var jobs: Table
    var database: Database
  }

  private struct Table: ~Copyable, Sendable {
    var put: Statement
    var remove: Statement

    static func of(_ table: StateTable, _ database: borrowing Database) throws(DatabaseError) -> Table {
      let places = [String](repeating: "?", count: table.columns.count + 1).joined(separator: ", ")
      let put = try database.statement("INSERT OR REPLACE INTO \(table.rawValue) VALUES (\(places))")
      let remove = try database.statement("DELETE FROM \(table.rawValue) WHERE \"\(table.columns[0])\" = ?")
      return Table(put: put, remove: remove)
    }
  }

  init(_ database: consuming Database) throws(DatabaseError) {
    let settings = try Table.of(.settings, database)
    let queues = try Table.of(.queues, database)
    let templates = try Table.of(.templates, database)
    let jobs = try Table.of(.jobs, database)
    connection = Mutex(
      Connection(settings: settings, queues: queues, templates: templates, jobs: jobs, database: database))
  }

  func write(_ changes: [StateChange]) throws(DatabaseError) {
    try connection.withLock { connection throws(DatabaseError) in
      try connection.database.run("BEGIN")
      do throws(DatabaseError) {
        for change in changes { try Self.apply(change, to: connection) }
        try connection.database.run("COMMIT")
      } catch {
        // There may be no transaction left to undo.
        try? connection.database.run("ROLLBACK")
        throw error
      }
    }
  }

  private static func apply(_ change: StateChange, to connection: borrowing Connection) throws(DatabaseError) {
    let table: StateTable =
      switch change {
      case .put(let table, _), .remove(let table, _): table
      }
    switch table {
    case .settings: try apply(change, to: connection.settings, connection.database)
    case .queues: try apply(change, to: connection.queues, connection.database)
    case .templates: try apply(change, to: connection.templates, connection.database)
    case .jobs: try apply(change, to: connection.jobs, connection.database)
    }
  }

  private static func apply(
    _ change: StateChange, to table: borrowing Table, _ database: borrowing Database
  ) throws(DatabaseError) {
    switch change {
    case .put(_, let values): try table.put.run(values + [.integer(StateFormat.check(values))], on: database)
    case .remove(_, let key): try table.remove.run([.text(key)], on: database)
    }
  }
}
