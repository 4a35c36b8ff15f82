/// The states of a job and which may follow which.
enum JobLifecycle {
  /// Source: the state lists of the job pages; pausing and cancelling by the queue and cancel pages.
  private static let successors: [String: Set<String>] = [
    "Submitted": ["Running", "Pause", "Cancel"],
    "Pause": ["Submitted", "Cancel"],
    "Running": ["Success", "Failed"],
  ]

  /// Whether a job recorded in one state may be found in the other: the same, or one that comes after it.
  static func mayFollow(_ recorded: String, _ actual: String) -> Bool {
    if recorded == actual { return true }
    var reached: Set<String> = [recorded]
    var frontier = [recorded]
    while let state = frontier.popLast() {
      for next in successors[state] ?? [] where reached.insert(next).inserted { frontier.append(next) }
    }
    return reached.contains(actual)
  }
}
