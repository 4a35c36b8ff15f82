internal import HTTPExchange
internal import XMLValidation

/// What outlives the program.
extension Emulator.Memory {
  /// What has changed since the last call.
  mutating func takeChanges() -> [StateChange] {
    var changes = queues.takeTouched().map(\.change) + templates.takeTouched().map(\.change)
    guard let touched = jobs.takeTouched() else { return changes }
    for (id, job) in touched { changes.append(job?.change ?? .remove(.jobs, key: id)) }
    changes.append(StateSetting.clock.change(.real(jobs.latest)))
    changes.append(StateSetting.sequence.change(.integer(Int64(jobs.lastSequence))))
    return changes
  }
}

extension Emulator {
  /// Takes up a state that was kept, or begins to keep a new one. Called once, before the first request, of an emulator
  /// with a journal; its seed is that of the state. Until `keepChanges` or the first answer the journal has the old one.
  public func restore(_ state: SavedState) throws {
    let isNew = state.isEmpty
    let saved = isNew ? nil : try SavedEmulator(state, Validator(library: bodies.library))
    if let saved, saved.seed != configuration.seed {
      throw StateError(table: .settings, key: "seed", reason: "is \(saved.seed), not \(configuration.seed)")
    }
    let generation = saved.map { $0.generation + 1 } ?? 0
    let started = withMemory { memory in
      guard let saved else { return memory.queues.started }
      memory.identifiers = Identifiers(seed: saved.seed, generation: generation)
      memory.queues.restore(saved.queues, started: saved.started)
      memory.templates.restore(saved.templates)
      memory.jobs.restore(saved.jobs, lastSequence: saved.sequence, at: saved.clock)
      return saved.started
    }
    journal?.append([
      StateSetting.seed.change(.integer(Int64(bitPattern: configuration.seed))),
      StateSetting.generation.change(.integer(Int64(generation))), StateSetting.started.change(.real(started)),
      StateSetting.clock.change(.real(saved?.clock ?? clock.now)),
      StateSetting.sequence.change(.integer(Int64(saved?.sequence ?? 0))),
    ])
  }

  /// Whether what was changed last could not be kept; every answer is 500 until that works.
  public var isFailing: Bool { journal?.isFailing ?? false }

  /// Returns when all that has changed so far would outlive the program.
  public func keepChanges() throws { try journal?.makeDurable() }
}

/// A state as the emulator has it in memory.
private struct SavedEmulator {
  var seed: UInt64
  var generation: UInt64
  var started: Double
  var clock: Double
  var sequence: Int
  var queues: [Queue]
  var templates: [Template]
  var jobs: [Job]

  init(_ state: SavedState, _ validator: Validator) throws {
    seed = UInt64(bitPattern: Int64(try Self.integer(.seed, state)))
    guard let generation = UInt64(exactly: try Self.integer(.generation, state)), generation < 1 << 32 else {
      throw StateError(table: .settings, key: StateSetting.generation.rawValue, reason: "is no number of runs")
    }
    self.generation = generation
    started = try Self.real(.started, state)
    clock = try Self.real(.clock, state)
    sequence = try Self.integer(.sequence, state)
    func rows(_ table: StateTable) throws -> [StateRow] {
      try (state.rows[table] ?? []).map { try StateRow(table, $0) }
    }
    queues = try rows(.queues).map { try Queue($0, validator) }
    templates = try rows(.templates).map { try Template($0, validator) }
    jobs = try rows(.jobs).map { try Job($0, validator) }
    if let last = jobs.max(by: { $0.sequence < $1.sequence }), last.sequence > sequence {
      throw StateError(table: .jobs, key: last.id, reason: "its sequence is beyond the last one, \(sequence)")
    }
  }

  private static func row(_ name: StateSetting, _ state: SavedState) throws(StateError) -> StateRow {
    guard let value = state.setting(name) else {
      throw StateError(table: .settings, key: name.rawValue, reason: "is missing")
    }
    return try StateRow(.settings, [.text(name.rawValue), value])
  }

  private static func integer(_ name: StateSetting, _ state: SavedState) throws(StateError) -> Int {
    try row(name, state).integer("value")
  }

  private static func real(_ name: StateSetting, _ state: SavedState) throws(StateError) -> Double {
    try row(name, state).real("value")
  }
}
