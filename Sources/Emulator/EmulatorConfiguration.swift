/// Everything about the emulator that may differ from run to run.
public struct EmulatorConfiguration: Sendable, Equatable {
  /// Which error table a bad signature is answered by. The documentation has both and does not say which one a job call
  /// follows.
  public enum SignatureErrors: String, Sendable, CaseIterable {
    /// 401 with MissingAuthorization, InvalidAuthorization, SecretidNotExist or SignatureExpired (1045/43611).
    case ci
    /// 403 with AccessDenied, SignatureDoesNotMatch, InvalidAccessKeyId or RequestTimeTooSkewed (436/7730).
    case cos
  }

  /// The source of all randomness: two emulators with one seed and one clock give the same answers.
  public var seed: UInt64 = 1
  /// From CreationTime to StartTime; captures show 0 to 2 seconds.
  public var queueSeconds: Double = 1
  /// From StartTime to EndTime; captures show 0 to 95 seconds.
  public var runSeconds: Double = 1
  /// How many jobs of one queue run at once, the rest being Submitted until one of them ends; nil for no limit.
  public var concurrency: Int?
  /// Finished jobs that are remembered; beyond it the oldest are forgotten.
  public var finishedJobsMax = 10_000
  /// Jobs that are waiting or running; beyond it a submit is refused with 403 QueueSaturated. 10,000 is the MaxSize of
  /// every queue in the documentation.
  public var pendingJobsMax = 10_000
  /// Bytes of a request body; beyond it 413 InvalidContent. The real limit is not documented.
  public var bodyBytesMax = 64 << 10
  /// Job ids in one query: at most 10 (460/83086).
  public var queriedIDsMax = 10
  /// An object of this size or more is not hashed: 50 GB in the edition of the five pages, 100 GB in a later one
  /// (erratum E17).
  public var objectBytesLimit: Int64 = 50 << 30
  /// An object of this size or more is not hashed while the caller waits: 128 MB (the page of the synchronous call).
  public var synchronousHashBytesLimit: Int64 = 128 << 20
  /// Objects that one batch job makes jobs for; beyond it the rest is left out.
  public var batchObjectsMax = 1000
  /// Queues that were changed, and templates, that are remembered; beyond it a change is refused.
  public var settingsMax = 1000
  /// Whether to accept what SDKs really send beside the documented form: a hash type in small letters (E49), an empty
  /// batch TimeInterval, and a cancel without `?cancel` (E39).
  public var isLenient = true
  public var signatureErrors = SignatureErrors.ci
  /// How far the start of a signature may lie in the future.
  public var toleratedSkewSeconds: Int64 = 900
  /// Whether the Message about a wrong signature holds the emulator's own StringToSign and FormatString.
  public var explainsSignatures = false

  public init() {}
}
