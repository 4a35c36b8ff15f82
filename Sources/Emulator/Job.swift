internal import XMLValidation

/// A job as it is kept: what was asked for and when. Everything else follows from these and the time.
struct Job: Sendable {
  enum Family: Sendable {
    case file, media, batch

    /// The first letter of its job ids.
    var letter: Character {
      switch self {
      case .file: "f"
      case .media: "j"
      case .batch: "b"
      }
    }
  }

  enum State: String, Sendable {
    case submitted = "Submitted"
    case running = "Running"
    case success = "Success"
    case failed = "Failed"
    case cancel = "Cancel"

    var isFinal: Bool { self == .success || self == .failed || self == .cancel }
  }

  /// What is left to do beside letting time pass.
  enum Work: Sendable {
    case none
    case hashing(HashRequest)
    /// Some thread is at it.
    case underway
    case hashed(HashResult)
    case failed(JobFailure)
  }

  var id: String
  var family: Family
  var bucket: Bucket
  /// The request's root, in the form in which it is echoed.
  var request: ElementTree
  /// Nil for batch jobs, which name their queue inside Operation.
  var queueID: String?
  var created: Double
  var starts: Double
  var ends: Double
  var cancelled: Double?
  var work = Work.none

  /// The state at a time: Submitted, then Running, then Success or Failed; or Cancel.
  ///
  /// A job whose hashing is not over yet goes on running after its time.
  func state(at now: Double) -> State {
    if cancelled != nil { return .cancel }
    if now < starts { return .submitted }
    if now < ends { return .running }
    switch work {
    case .none, .hashed: return .success
    case .failed: return .failed
    case .hashing, .underway: return .running
    }
  }

  /// Whether its time is over, whatever is left to do.
  func isOver(at now: Double) -> Bool { cancelled != nil || now >= ends }
}

/// Why a job ended Failed: its Code and Message.
///
/// The documentation names no Code for failed hash jobs; these are taken from the table of request errors.
struct JobFailure: Error, Equatable {
  var code: String
  var message: String
}
