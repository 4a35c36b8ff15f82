internal import CSQLite
public import Emulator

/// An emulator's state in a file of SQLite. One program at a time has it; a kill at any moment leaves what was durable.
///
/// What is written by several requests at once is made durable together: the first one to wait writes for all.
public final class StateFile: JobJournal {
  private let queue = CommitQueue()
  private let writer: StateWriter

  /// Opens a file and says what is in it; makes one when there is none. A file that is not of this format, damaged or in
  /// use is refused and left as it is.
  public static func open(_ path: String) throws(StateFileError) -> (file: StateFile, state: SavedState) {
    var state = SavedState()
    let database = try StateFormat.open(path, &state)
    do {
      return (StateFile(writer: try StateWriter(database)), state)
    } catch {
      throw StateFormat.refusal(error)
    }
  }

  private init(writer: StateWriter) { self.writer = writer }

  public var isFailing: Bool { queue.isFailing }

  public func append(_ changes: [StateChange]) { queue.append(changes) }

  public func makeDurable() throws {
    try queue.flush { [writer] changes in
      do throws(DatabaseError) {
        try writer.write(changes)
      } catch {
        throw StateFormat.refusal(error)
      }
    }
  }
}
