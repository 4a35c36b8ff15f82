/// Keeps what an emulator has to know again after it was killed.
///
/// The emulator hands over what changes while it holds its memory, so changes come in their order; and it tells nobody of
/// anything before that is durable.
public protocol JobJournal: Sendable {
  /// Whether the last try to make something durable has failed.
  var isFailing: Bool { get }
  /// Takes changes and returns at once.
  func append(_ changes: [StateChange])
  /// Returns when all that was taken before would outlive the program, or says why it would not.
  func makeDurable() throws
}

/// The tables of an emulator's state. The first column is the key of a row.
public enum StateTable: String, CaseIterable, Sendable {
  /// Numbers of the emulator itself, by name.
  case settings
  case queues
  case templates
  case jobs

  public var columns: [String] {
    switch self {
    case .settings: ["name", "value"]
    case .queues: ["id", "kind", "bucket", "region", "name", "paused", "notify", "created", "updated"]
    case .templates: ["id", "bucket", "region", "request", "created", "updated"]
    case .jobs:
      [
        "id", "sequence", "family", "bucket", "region", "request", "queue", "created", "starts", "ends", "queued",
        "cancelled", "held", "batch", "made_jobs", "callback_url", "callback_json", "callback_attempts",
        "callback_over", "template", "result", "failure_code", "failure_message",
      ]
    }
  }
}

/// One value of a row.
public enum StateValue: Sendable, Equatable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
}

/// One step from a state to the next.
public enum StateChange: Sendable, Equatable {
  /// The values of a row in the order of its columns, in place of the row of the same key.
  case put(StateTable, [StateValue])
  case remove(StateTable, key: String)
}

/// Everything that was kept: the rows of each table, in no order.
public struct SavedState: Sendable, Equatable {
  public var rows: [StateTable: [[StateValue]]]

  public init(rows: [StateTable: [[StateValue]]] = [:]) { self.rows = rows }

  public var isEmpty: Bool { rows.values.allSatisfy(\.isEmpty) }

  /// A number of the table `settings`.
  public func setting(_ name: StateSetting) -> StateValue? {
    rows[.settings]?.first { $0.first == .text(name.rawValue) && $0.count == 2 }?[1]
  }
}

/// What the table `settings` holds.
public enum StateSetting: String, CaseIterable, Sendable {
  /// Of the identifiers, as a whole number.
  case seed
  /// How often the state was taken up.
  case generation
  /// The emulator's time up to which the state is known, in seconds since 1970.
  case clock
  /// When the emulator was first started.
  case started
  /// The number of the last job.
  case sequence

  func change(_ value: StateValue) -> StateChange { .put(.settings, [.text(rawValue), value]) }
}

/// A state that does not fit together.
public struct StateError: Error, Equatable, CustomStringConvertible {
  public var table: StateTable
  /// The key of the row; nil when a row is missing.
  public var key: String?
  public var reason: String

  public var description: String { "the table \(table.rawValue)\(key.map { ", row '\($0)'" } ?? ""): \(reason)" }
}
