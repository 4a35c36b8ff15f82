internal import XMLValidation

/// What an answer repeats of its request.
extension ServerMutant {
  private static func echo(_ name: String) -> [FindingPattern] {
    [
      .kind("replay.value-changed", at: "*/\(name)"), .kind("replay.node-missing", at: "*/\(name)"),
      .kind("replay.node-unexpected", at: "*/\(name)"), .requirement("*.echo", in: "server/*"),
    ]
  }

  static let echoes: [ServerMutant] = [
    jobs("echo/user-data-lost", "does not repeat UserData", echo("UserData")) { job in
      job.change(["Operation"]) { $0.drop("UserData") }
    },
    jobs("echo/user-data-empty", "leaves UserData empty", echo("UserData")) { job in
      job.change(["Operation"]) { $0.set("UserData") { _ in "" } }
    },
    jobs("echo/user-data-small", "writes UserData in small letters", echo("UserData")) { job in
      job.change(["Operation"]) { $0.set("UserData") { $0.uppercased() == $0 ? $0 : $0.uppercased() } }
    },
    jobs("echo/user-data-cut", "cuts UserData at eight letters", echo("UserData")) { job in
      job.change(["Operation"]) { $0.set("UserData") { String($0.prefix(8)) } }
    },
    jobs(
      "echo/user-data-outside", "puts UserData beside Operation",
      echo("UserData") + [.requirement("xml.documented-nodes")]
    ) { job in
      guard let data = job["Operation"]?["UserData"] else { return }
      job.change(["Operation"]) { $0.drop("UserData") }
      job.children.append(data)
    },
    ServerMutant(
      "echo/markup-twice", "escapes markup in UserData twice",
      echo("UserData")
        + [.kind("server.node-value", in: "server/*/states/*")]
    ) { $0.body = $0.body.replacing("&amp;", with: "&amp;amp;").replacing("&lt;", with: "&amp;lt;") },
    jobs(
      "echo/tag-small", "writes Tag in small letters",
      echo("Tag") + [.requirement("*.jobs-detail.tag*"), .requirement("*.tag.*")]
    ) { job in job.set("Tag") { $0.lowercased() } },
    jobs(
      "echo/tag-of-another-kind", "says Transcode of every media job",
      echo("Tag") + [.requirement("*.jobs-detail.tag*")]
    ) { job in
      if (job.text(at: "JobId") ?? "").hasPrefix("j") { job.set("Tag") { _ in "Transcode" } }
    },
    jobs("echo/object-other", "names another object in Input", echo("Object")) { job in
      job.change(["Input"]) { $0.set("Object") { "copy-of-" + $0 } }
    },
    jobs("echo/object-without-folder", "leaves the folders of Object out", echo("Object")) { job in
      job.change(["Input"]) { $0.set("Object") { String($0.split(separator: "/").last ?? "") } }
    },
    jobs("echo/object-encoded", "percent-encodes the slashes of Object", echo("Object")) { job in
      job.change(["Input"]) { $0.set("Object") { $0.replacing("/", with: "%2F") } }
    },
    jobs(
      "echo/bucket-other", "names another bucket in Input", echo("BucketId")
    ) { job in job.change(["Input"]) { $0.set("BucketId") { "other-" + $0 } } },
    jobs(
      "echo/bucket-without-appid", "leaves the APPID of BucketId out", [.requirement("*.input.bucket-id.form")]
    ) { job in
      job.change(["Input"]) { $0.set("BucketId") { $0.split(separator: "-").dropLast().joined(separator: "-") } }
    },
    jobs("echo/region-other", "names another region in Input", echo("Region")) { job in
      job.change(["Input"]) { $0.set("Region") { $0 == "ap-beijing" ? "ap-shanghai" : "ap-beijing" } }
    },
    jobs(
      "echo/region-short", "writes the old short names of regions", [.requirement("*.input.region.form")]
    ) { job in job.change(["Input"]) { $0.set("Region") { _ in "cd" } } },
    jobs("echo/input-lost", "leaves Input out", [.requirement("*.jobs-detail.input*")] + echo("Input")) {
      $0.drop("Input")
    },
    jobs(
      "echo/queue-other", "puts jobs into a queue of its own choice, whatever the request names", echo("QueueId")
    ) { job in job.set("QueueId") { _ in "p00000000000010008000000000000000" } },
    jobs(
      "echo/hash-type-other", "says MD5 whatever digest was asked for",
      echo("Type") + [.requirement("*.requested-digest")]
    ) { job in
      job.change(["Operation", "FileHashCodeConfig"]) { $0.set("Type") { _ in "MD5" } }
    },
    jobs("echo/hash-type-small", "writes the Type of a digest in small letters", [.requirement("*.type.values")]) {
      job in
      job.change(["Operation", "FileHashCodeConfig"]) { $0.set("Type") { $0.lowercased() } }
    },
    jobs("echo/add-to-header-turned", "turns AddToHeader round", echo("AddToHeader")) { job in
      job.change(["Operation", "FileHashCodeConfig"]) { $0.set("AddToHeader") { $0 == "true" ? "false" : "true" } }
    },
    jobs(
      "echo/config-lost", "does not repeat FileHashCodeConfig",
      [.requirement("*.file-hash-code-config*")] + echo("FileHashCodeConfig")
    ) { job in job.change(["Operation"]) { $0.drop("FileHashCodeConfig") } },
    jobs(
      "echo/template-lost", "does not repeat TemplateId", echo("TemplateId")
    ) { job in job.change(["Operation"]) { $0.drop("TemplateId") } },
    jobs("echo/output-other", "says another Object in Output", echo("Object")) { job in
      job.change(["Operation", "Output"]) { $0.set("Object") { "other/" + $0 } }
    },
    jobs("echo/animation-other", "says another width of the animation", echo("Width")) { job in
      job.change(["Operation", "Animation", "Video"]) { $0.set("Width") { _ in "1111" } }
    },
    jobs(
      "echo/operation-lost", "leaves Operation out",
      [.requirement("*.operation.required"), .requirement("*.operation")]
    ) { $0.drop("Operation") },
    jobs("echo/batch-name-lost", "does not repeat the Name of a batch job", echo("Name")) { job in
      if (job.text(at: "JobId") ?? "").hasPrefix("b") { job.set("Name") { _ in "batch" } }
    },
    jobs("echo/batch-type-other", "says Job of every batch job", echo("Type") + [.requirement("*.type*")]) { job in
      if (job.text(at: "JobId") ?? "").hasPrefix("b") { job.set("Type") { $0 == "Job" ? "Workflow" : "Job" } }
    },
  ]
}
