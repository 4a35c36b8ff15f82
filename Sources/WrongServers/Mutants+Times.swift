internal import HTTPExchange
internal import XMLValidation

/// CreationTime, StartTime and EndTime, and the clocks that they come from.
extension ServerMutant {
  private static let names = ["CreationTime", "StartTime", "EndTime"]

  /// A mistake in the form of every time of a job that is set.
  private static func form(
    _ id: String, _ does: String, _ change: @escaping @Sendable (String) -> String
  ) -> ServerMutant {
    jobs(
      id, does,
      [
        .requirement("*.creation-time.form"), .requirement("*.start-time.form"), .requirement("*.end-time.form"),
        .requirement("*.creation-time"), .requirement("*.start-time"),
      ]
    ) { job in
      for name in names { job.set(name) { $0 == "-" ? $0 : change($0) } }
    }
  }

  static let times: [ServerMutant] = [
    form("time/offset-with-colon", "writes the offset of times as +08:00") {
      $0.replacing("+0800", with: "+08:00")
    },
    form("time/zulu", "writes times with Z") { $0.replacing("+0800", with: "Z") },
    form("time/no-offset", "leaves the offset of times out") { $0.replacing("+0800", with: "") },
    form("time/blank-for-t", "writes a blank between date and time") { $0.replacing("T", with: " ") },
    form("time/milliseconds", "writes milliseconds") { $0.replacing("+0800", with: ".000+0800") },
    form("time/unix", "writes seconds since 1970") { _ in "1750000000" },
    form("time/day-first", "writes the day before the month and the year") { time in
      let parts = time.prefix(10).split(separator: "-")
      return parts.count == 3 ? "\(parts[2])-\(parts[1])-\(parts[0])" + time.dropFirst(10) : time
    },
    form("time/month-for-minutes", "writes the month in the place of the minutes, as the pages' own form says") {
      time in
      guard time.utf8.count == 24 else { return time }
      return time.prefix(14) + "60" + time.dropFirst(16)
    },
    jobs(
      "time/start-before-creation", "lets jobs start before they are made",
      [.requirement("*.start-time.not-before-creation")]
    ) { job in
      job.set("StartTime") { $0 == "-" ? $0 : "2001-01-01T00:00:00+0800" }
    },
    jobs(
      "time/end-before-start", "lets jobs end before they start", [.requirement("*.end-time.not-before-*")]
    ) { job in
      job.set("EndTime") { $0 == "-" ? $0 : "2001-01-01T00:00:00+0800" }
    },
    jobs(
      "time/no-end", "leaves EndTime unset when a job has ended",
      [.kind("replay.value-changed", at: "*/EndTime"), .requirement("*.end-time*")]
    ) { job in job.set("EndTime") { _ in "-" } },
    jobs(
      "time/no-start", "leaves StartTime unset when a job has ended",
      [.kind("replay.value-changed", at: "*/StartTime"), .requirement("*.start-time*")]
    ) { job in job.set("StartTime") { _ in "-" } },
    jobs(
      "time/creation-unset", "leaves CreationTime unset", [.requirement("*.creation-time.form")]
    ) { job in job.set("CreationTime") { _ in "-" } },
    jobs(
      "time/end-set-at-once", "sets EndTime when a job is submitted",
      [.requirement("*.end-time*"), .kind("replay.value-changed", at: "*/EndTime"), .requirement("*.initial-state")]
    ) { job in
      let created = job.text(at: "CreationTime") ?? ""
      job.set("EndTime") { $0 == "-" ? created : $0 }
    },
    jobs(
      "time/start-set-at-once", "sets StartTime while a job waits",
      [.requirement("*.start-time*"), .kind("replay.value-changed", at: "*/StartTime")]
    ) { job in
      let created = job.text(at: "CreationTime") ?? ""
      job.set("StartTime") { $0 == "-" ? created : $0 }
    },
    ServerMutant(
      "time/creation-moves", "gives the time of the answer for CreationTime", [.kind("replay.time-changed")]
    ) { answer in
      let digits = Int(answer.now) % 3600
      let clock = "\(pad(digits / 60)):\(pad(digits % 60))"
      answer.editJobs { job in job.set("CreationTime") { $0.prefix(14) + clock + $0.suffix(5) } }
    },
    ServerMutant(
      "time/end-moves", "gives the time of the answer for EndTime", [.kind("replay.time-changed")]
    ) { answer in
      var notes = answer.notes
      answer.editJobs { job in
        let year = 2030 + notes.count("answers") % 60
        job.set("EndTime") { $0 == "-" ? $0 : "\(year)" + $0.dropFirst(4) }
      }
      answer.notes = notes
    },
    jobs(
      "time/of-another-zone", "writes its local time and calls it +0800", [.kind("replay.creation-time")]
    ) { job in
      for name in names {
        job.set(name) { time in
          guard time.utf8.count == 24, let hour = Int(time.dropFirst(11).prefix(2)) else { return time }
          return time.prefix(11) + pad((hour + 16) % 24) + time.dropFirst(13)
        }
      }
    },
    jobs(
      "time/creation-frozen", "gives every job the same CreationTime, years ago", [.kind("replay.creation-time")]
    ) { job in
      job.set("CreationTime") { _ in "2022-06-27T15:23:11+0800" }
    },
  ]

  static func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
