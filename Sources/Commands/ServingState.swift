internal import Emulator
internal import StateFile

/// The file in which a server keeps what has to be there after a restart.
struct ServingState {
  let file: StateFile
  let saved: SavedState
  private let path: String

  /// The time that the file was left at.
  var clock: Double? { if case .real(let seconds)? = saved.setting(.clock) { seconds } else { nil } }

  /// Nil when no file is named. The seed is that of the flag, else of the file.
  init?(_ arguments: Arguments, _ configuration: inout EmulatorConfiguration) throws {
    let seed = try arguments.integer("--seed", in: 0...Int.max).map(UInt64.init)
    if let seed { configuration.seed = seed }
    guard let path = arguments["--state"] else { return nil }
    self.path = path
    do throws(StateFileError) {
      (file, saved) = try StateFile.open(path)
    } catch {
      throw CommandError(.unreadable, "\(path): \(error.reason)", hint: error.hint)
    }
    guard case .integer(let number)? = saved.setting(.seed) else { return }
    let found = UInt64(bitPattern: number)
    if let seed, seed != found {
      throw CommandError(
        .usage, "\(path): its identifiers are of the seed \(found), not \(seed)",
        hint: "Leave out --seed, or begin a state of its own in another file.")
    }
    configuration.seed = found
  }

  func restore(to emulator: Emulator) throws {
    do {
      try emulator.restore(saved)
    } catch let error as StateError {
      throw CommandError(
        .unreadable, "\(path): it is damaged: \(error.description)",
        hint: "Put it back from a copy, or move it away to begin with an empty state.")
    }
  }

  /// Writes what the emulator has by now.
  func keep(_ emulator: Emulator) throws {
    do {
      try emulator.keepChanges()
    } catch let error as StateFileError {
      throw CommandError(.unreadable, "\(path): \(error.reason)", hint: error.hint)
    }
  }
}
