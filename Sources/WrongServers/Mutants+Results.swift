internal import HTTPExchange
internal import XMLValidation

/// What a finished job has made.
extension ServerMutant {
  private static let hash = "file-hash-code-result"

  private static func result(
    _ id: String, _ does: String, _ names: [FindingPattern], _ change: @escaping @Sendable (inout ElementTree) -> Void
  ) -> ServerMutant {
    jobs("result/" + id, does, names) { job in job.change(["Operation", "FileHashCodeResult"], change) }
  }

  private static let digests = ["MD5", "SHA1", "SHA256"]
  private static let digestForm = digests.map { FindingPattern.requirement("*.\(hash).\($0.lowercased()).form") }
  private static let digestValue =
    digests.flatMap {
      [FindingPattern.kind("replay.value-changed", at: "*/\($0)"), .kind("server.node-value", in: "*\($0)*")]
    }
    + [.requirement("*.\(hash).true"), .requirement("*.\(hash).when-finished")]

  static let results: [ServerMutant] = [
    result("digest-wrong", "computes digests wrongly", digestValue) { element in
      for name in digests { element.set(name) { String($0.reversed()) } }
    },
    result("digest-of-nothing", "gives the digest of no bytes", digestValue) { element in
      element.set("MD5") { _ in "d41d8cd98f00b204e9800998ecf8427e" }
      element.set("SHA1") { _ in "da39a3ee5e6b4b0d3255bfef95601890afd80709" }
      element.set("SHA256") { _ in "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" }
    },
    result("digest-capitals", "writes digests in capitals", digestForm) { element in
      for name in digests { element.set(name) { $0.uppercased() } }
    },
    result("digest-base64", "writes digests in base64", digestForm) { element in
      for name in digests { element.set(name) { String($0.prefix(22)) + "==" } }
    },
    result("digest-short", "drops a leading zero of digests, as numbers do", digestForm) { element in
      for name in digests { element.set(name) { String($0.dropFirst()) } }
    },
    result(
      "digest-of-another-kind", "gives MD5 whatever was asked for",
      [.requirement("*.requested-digest")]
    ) { element in
      for index in element.children.indices where digests.dropFirst().contains(element.children[index].name) {
        element.children[index] = ElementTree("MD5", text: "d41d8cd98f00b204e9800998ecf8427e")
      }
    },
    result("digests-all", "gives every digest", [.requirement("*.requested-digest")]) { element in
      for name in digests where !element.has(name) {
        let count = name == "MD5" ? 32 : name == "SHA1" ? 40 : 64
        element.children.append(ElementTree(name, text: String(repeating: "a", count: count)))
      }
    },
    result("digest-none", "gives a result without a digest", [.requirement("*.\(hash).digest-present")]) { element in
      for name in digests { element.drop(name) }
    },
    result(
      "size-wrong", "gives a size that is a byte too large",
      [.kind("replay.value-changed", at: "*/FileSize"), .requirement("*.\(hash).true"), .requirement("*.file-size")]
    ) { element in element.set("FileSize") { "\((Int($0) ?? 0) + 1)" } },
    result(
      "size-negative", "keeps sizes in 32 bits", [.requirement("*.file-size.range"), .requirement("*.file-size.form")]
    ) {
      $0.set("FileSize") { _ in "-2147483648" }
    },
    result("size-with-unit", "writes a unit behind sizes", [.requirement("*.file-size.form")]) {
      $0.set("FileSize") { $0 + "B" }
    },
    result("size-missing", "leaves FileSize out", [.requirement("*.file-size.required")]) { $0.drop("FileSize") },
    result("etag-half-quoted", "writes only the first quote of Etag", [.requirement("*.etag.form")]) {
      $0.set("Etag") { $0.hasSuffix("\"") ? String($0.dropLast()) : $0 }
    },
    result("etag-empty", "leaves Etag empty", [.requirement("*.etag.form")]) { $0.set("Etag") { _ in "" } },
    result("last-modified-http", "writes LastModified as HTTP does", [.requirement("*.last-modified.form")]) {
      $0.set("LastModified") { _ in "Tue, 03 Jun 2025 20:00:00 GMT" }
    },
    jobs(
      "result/missing", "ends hash jobs without a result",
      [
        .requirement("*.\(hash).when-finished"), .kind("replay.node-missing", at: "*/FileHashCodeResult"),
        .kind("server.node-count"),
      ]
    ) { job in job.change(["Operation"]) { $0.drop("FileHashCodeResult") } },
    jobs(
      "result/outside", "puts the result of a hash job beside Operation",
      [.requirement("xml.documented-nodes"), .kind("replay.node-missing", at: "*/FileHashCodeResult")]
    ) { job in
      guard let result = job["Operation"]?["FileHashCodeResult"] else { return }
      job.change(["Operation"]) { $0.drop("FileHashCodeResult") }
      job.children.append(result)
    },
    jobs(
      "result/twice", "gives the result of a hash job twice",
      [.kind("schema.repeated-node"), .requirement("*.\(hash)*")]
    ) { job in
      job.change(["Operation"]) { $0.children += $0.all("FileHashCodeResult") }
    },
    jobs(
      "result/media-missing", "ends animations without MediaResult",
      [.kind("replay.node-missing", at: "*/MediaResult"), .requirement("*.media-result*")]
    ) { job in job.change(["Operation"]) { $0.drop("MediaResult") } },
    jobs(
      "result/media-info-missing", "ends animations without MediaInfo",
      [.kind("replay.node-missing", at: "*/MediaInfo"), .requirement("*.media-info*")]
    ) { job in job.change(["Operation"]) { $0.drop("MediaInfo") } },
    jobs(
      "result/document-missing", "ends document jobs without DocProcessResult",
      [.kind("replay.node-missing", at: "*/DocProcessResult"), .requirement("*.doc-process-result*")]
    ) { job in job.change(["Operation"]) { $0.drop("DocProcessResult") } },
    jobs(
      "result/uncompress-missing", "ends the unpacking of a file without its result",
      [.kind("replay.node-missing", at: "*/FileUncompressResult"), .requirement("*.file-uncompress-result*")]
    ) { job in job.change(["Operation"]) { $0.drop("FileUncompressResult") } },
    jobs(
      "result/failure-without-code", "says Code Success of a job that failed",
      [.requirement("*.code.error-when-failed")]
    ) { job in
      if job.text(at: "State") == "Failed" { job.set("Code") { _ in "Success" } }
    },
    jobs(
      "result/code-missing", "leaves Code out of jobs", [.requirement("*.jobs-detail.code.required")]
    ) { $0.drop("Code") },
    ServerMutant(
      "result/synchronous-digest-wrong", "computes the digest of the synchronous call wrongly",
      [.kind("replay.value-changed", at: "*/MD5"), .requirement("objects.file-hash.requested-digest")]
    ) { answer in
      guard answer.operation == "objects.file-hash" else { return }
      for name in digests { answer.set("FileHashCodeResult/" + name) { String($0.reversed()) } }
    },
    ServerMutant(
      "result/synchronous-type-ignored", "computes MD5 whatever the query says",
      [.requirement("objects.file-hash.requested-digest"), .requirement("objects.file-hash.one-digest")],
      Fault(asks: { asked in
        guard asked.operation == "objects.file-hash" else { return }
        asked.request.target = asked.request.target.replacing("type=sha256", with: "type=md5")
          .replacing("type=sha1", with: "type=md5")
      })),
    ServerMutant(
      "result/synchronous-input-missing", "does not say which object it has read",
      [.requirement("objects.file-hash.response.input*")]
    ) { answer in
      if answer.operation == "objects.file-hash" { answer.drop("Input") }
    },
    ServerMutant(
      "result/synchronous-empty-for-missing", "gives the digest of nothing for an object that is not there",
      [.requirement("objects.file-hash.path.object"), .requirement("error.code.cos-*"), .kind("replay.status")],
      Fault(asks: { asked in
        guard asked.operation == "objects.file-hash", !asked.request.rawPath.contains("input/") else { return }
        asked.request.target = "/input/demo.mp4?" + (asked.request.rawQuery ?? "")
      })),
  ]
}
