internal import XMLValidation

/// A job as it is kept: what was asked for and when. Everything else follows from these and the time.
struct Job: Sendable {
  enum Family: String, Sendable {
    case file, media, document, batch
  }

  enum State: String, Sendable {
    case submitted = "Submitted"
    case running = "Running"
    case success = "Success"
    case failed = "Failed"
    case pause = "Pause"
    case cancel = "Cancel"

    var isFinal: Bool { self == .success || self == .failed || self == .cancel }
  }

  /// What is left to do beside letting time pass.
  enum Work: Sendable {
    case none
    case due(FileTask)
    /// Some thread is at it.
    case underway
    case done(ElementTree)
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
  /// It is ready but has no place among the running jobs of its queue yet; its times are the earliest that may be.
  var isQueued = false
  var cancelled: Double?
  /// Since when its queue holds it back.
  var held: Double?
  /// The batch job that it was made for.
  var batchID: String?
  /// Where its end is told; nil when nobody asked for it.
  var callback: CallbackTarget?
  /// How often that was tried.
  var callbackAttempts = 0
  /// Its end was told, or never will be.
  var isCallbackOver = false
  /// The jobs that a batch job triggers have been made.
  var hasMadeJobs = false
  /// The template that the request names, when it is one of ours.
  var template: Template?
  /// Its place among all jobs, from 1.
  var sequence = 0
  var work = Work.none

  /// Empty for workflow jobs, which have none.
  var tag: String { request.text(at: "Tag") ?? request.text(at: "Operation", "Tag") ?? "" }

  /// The state at a time: Submitted or Pause, then Running, then Success or Failed; or Cancel.
  ///
  /// A job whose work is not over yet goes on running after its time.
  func state(at now: Double) -> State {
    if cancelled != nil { return .cancel }
    if held != nil { return .pause }
    if isQueued || now < starts { return .submitted }
    if now < ends { return .running }
    switch work {
    case .none, .done: return .success
    case .failed: return .failed
    case .due, .underway: return .running
    }
  }

  /// Whether its objects are to be read by now.
  func isDue(at now: Double) -> Bool {
    if case .due = work { held == nil && cancelled == nil && !isQueued && now >= starts } else { false }
  }
}

/// Why a job ended Failed: its Code and Message.
///
/// The documentation names no Code for failed jobs; these are taken from the table of request errors.
struct JobFailure: Error, Equatable {
  var code: String
  var message: String
}
