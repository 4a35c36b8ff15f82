import HTTPExchange
import Testing
import XMLValidation

@testable import Emulator

@Suite struct HashJobTests {
  /// Values of RFC 1321 and FIPS 180, checked with md5sum, sha1sum and sha256sum.
  static let digests: [(type: String, text: String, digest: String)] = [
    ("MD5", "", "d41d8cd98f00b204e9800998ecf8427e"),
    ("MD5", "abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("SHA1", "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ("SHA1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("SHA256", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("SHA256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("MD5", String(repeating: "a", count: 1_000_000), "7707d6ae4e027c70eea2a935c2296f21"),
    ("SHA1", String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
    (
      "SHA256", String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ]

  static func store(_ text: String, storageClass: String = "STANDARD") -> MemoryObjectStore {
    var store = MemoryObjectStore()
    store.put(
      Array(text.utf8), bucket: testBucket, key: "input/test.mp4", lastModified: pageTime - 86_400,
      storageClass: storageClass)
    return store
  }

  @Test("A finished hash job has the digest of the object, and no other", arguments: digests)
  func digest(_ sample: (type: String, text: String, digest: String)) throws {
    let service = Service(Self.store(sample.text))
    let id = try service.submit("/file_jobs", hashBody(sample.type))
    service.clock.sleep(seconds: 2)
    let detail = try service.detail("/file_jobs/\(id)")
    #expect(detail.text(at: "State") == "Success")
    let result = try #require(detail["Operation"]?["FileHashCodeResult"])
    #expect(result.children.map(\.name) == [sample.type, "Etag", "FileSize", "LastModified"].sorted())
    #expect(result.text(at: sample.type) == sample.digest)
    #expect(result.text(at: "FileSize") == String(sample.text.utf8.count))
    #expect(result.text(at: "LastModified") == "2022-07-17T15:16:43+0800")
    let md5 = Self.digests.first { $0.type == "MD5" && $0.text == sample.text }?.digest
    #expect(result.text(at: "Etag") == "\"\(md5 ?? "")\"")
  }

  @Test("The digest of a file is that of its content, read in pieces, and its Etag is the quoted MD5")
  func folder() throws {
    let folder = try TemporaryFolder()
    folder.makeFolder("input")
    try folder.write(
      "input/test.mp4", String(repeating: "a", count: 1_000_000) + String(repeating: "a", count: 2_000_000))
    let service = Service(FolderObjectStore(folder: folder.path))
    let id = try service.submit("/file_jobs", hashBody("SHA256"))
    service.clock.sleep(seconds: 2)
    let result = try #require(try service.detail("/file_jobs/\(id)")["Operation"]?["FileHashCodeResult"])
    // head -c 3000000 /dev/zero | tr '\0' a | sha256sum, and md5sum
    #expect(result.text(at: "SHA256") == threeMillionSHA256)
    #expect(result.text(at: "Etag") == "\"\(threeMillionMD5)\"")
    #expect(result.text(at: "FileSize") == "3000000")
  }

  @Test("A type in any letters is taken and answered in capitals", arguments: ["sha1", "Sha1", "SHA1"])
  func typeLetters(_ type: String) throws {
    let service = Service(Self.store("abc"))
    let answer = service.send("POST", "/file_jobs", hashBody(type))
    #expect(answer.root.text(at: "JobsDetail", "Operation", "FileHashCodeConfig", "Type") == "SHA1")
    try expectConformant(answer, "file-jobs.submit", .response)
    let id = try #require(answer.root.text(at: "JobsDetail", "JobId"))
    service.clock.sleep(seconds: 2)
    let detail = try service.detail("/file_jobs/\(id)")
    #expect(
      detail.text(at: "Operation", "FileHashCodeResult", "SHA1") == "a9993e364706816aba3e25717850c26c9cd0d89d")
  }

  @Test("Without leniency a type in small letters is an invalid argument")
  func strictType() {
    let service = Service { $0.isLenient = false }
    #expect(service.send("POST", "/file_jobs", hashBody("sha1")).errorCode == "InvalidArgument")
    #expect(service.send("POST", "/file_jobs", hashBody("SHA1")).status == 200)
  }

  @Test("A result is shown in the state Success only")
  func resultOnlyAtTheEnd() throws {
    let service = Service(Self.store("abc"))
    let submitted = service.send("POST", "/file_jobs", hashBody())
    #expect(submitted.root.elements(at: "/Response/JobsDetail/Operation/FileHashCodeResult").isEmpty)
    let id = try #require(submitted.root.text(at: "JobsDetail", "JobId"))
    for _ in 0..<2 {
      #expect(try service.detail("/file_jobs/\(id)")["Operation"]?["FileHashCodeResult"] == nil)
      service.clock.sleep(seconds: 1)
    }
    #expect(try service.detail("/file_jobs/\(id)")["Operation"]?["FileHashCodeResult"] != nil)
  }

  @Test("The digest is that of the object when the job was first seen running")
  func digestIsKept() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.txt", "abc")
    let service = Service(FolderObjectStore(folder: folder.path))
    let id = try service.submit("/file_jobs", hashBody(key: "a.txt"))
    service.clock.sleep(seconds: 1)
    #expect(try service.detail("/file_jobs/\(id)").text(at: "State") == "Running")
    try folder.write("a.txt", "changed")
    service.clock.sleep(seconds: 1)
    let detail = try service.detail("/file_jobs/\(id)")
    #expect(detail.text(at: "Operation", "FileHashCodeResult", "MD5") == "900150983cd24fb0d6963f7d28e17f72")
  }

  @Test(
    "AddToHeader puts the digest into the object's metadata; without it nothing is put there", arguments: [true, false])
  func addToHeader(_ adds: Bool) throws {
    let service = Service(Self.store("abc"))
    let id = try service.submit("/file_jobs", hashBody("SHA1", config: "<AddToHeader>\(adds)</AddToHeader>"))
    service.clock.sleep(seconds: 2)
    _ = try service.detail("/file_jobs/\(id)")
    let bucket = Bucket(name: testBucket, region: "ap-chongqing")
    #expect(
      service.emulator.metadata(ofObject: "input/test.mp4", in: bucket)
        == (adds ? ["x-cos-meta-sha1": "a9993e364706816aba3e25717850c26c9cd0d89d"] : [:]))
  }

  struct Failing: ObjectStore {
    func object(bucket: String, region: String, key: String) throws -> StoredObject? {
      StoredObject(size: 3, lastModified: 0, etag: nil) { _ in throw ObjectStoreError(.unreadable, "a bad sector") }
    }
  }

  static func sized(_ size: Int64) -> MemoryObjectStore {
    var store = MemoryObjectStore()
    let object = StoredObject(size: size, lastModified: 0, etag: "\"0123\"") { $0([0x61, 0x62, 0x63]) }
    store.put(object, bucket: testBucket, key: "input/test.mp4")
    return store
  }

  @Test(
    "A job whose object cannot be hashed ends Failed with a Code and a Message, and no result",
    arguments: [
      (MemoryObjectStore() as any ObjectStore, "ResourceNotFound"),
      (store("abc", storageClass: "ARCHIVE"), "ResourceNotSupported"),
      (store("abc", storageClass: "DEEP_ARCHIVE"), "ResourceNotSupported"),
      (sized(50 << 30), "ResourceNotSupported"),
      (Failing(), "ResourceDownloadFailed"),
    ])
  func failure(_ objects: any ObjectStore, _ code: String) throws {
    let service = Service(objects)
    let id = try service.submit("/file_jobs", hashBody())
    service.clock.sleep(seconds: 1)
    #expect(try service.detail("/file_jobs/\(id)").text(at: "Code") == "Success")
    service.clock.sleep(seconds: 1)
    let answer = service.send("GET", "/file_jobs/\(id)")
    let detail = try #require(answer.root["JobsDetail"])
    #expect(detail.text(at: "State") == "Failed")
    #expect(detail.text(at: "Code") == code)
    #expect(detail.text(at: "Message") != "")
    #expect(detail["Operation"]?["FileHashCodeResult"] == nil)
    try expectConformant(answer, "file-jobs.query", .response)
  }

  @Test("An object one byte under the limit is hashed")
  func underTheLimit() throws {
    let service = Service(Self.sized(50 << 30 - 1))
    let id = try service.submit("/file_jobs", hashBody())
    service.clock.sleep(seconds: 2)
    #expect(try service.detail("/file_jobs/\(id)").text(at: "State") == "Success")
  }

  @Test("Both submit paths take a hash job, and both query paths find it", arguments: ["/file_jobs", "/jobs"])
  func bothPaths(_ path: String) throws {
    let service = Service(Self.store("abc"))
    let id = try service.submit(path, hashBody())
    #expect(id.hasPrefix("f"))
    service.clock.sleep(seconds: 2)
    for query in ["/file_jobs", "/jobs"] {
      #expect(try service.detail("\(query)/\(id)").text(at: "Operation", "FileHashCodeResult", "MD5")?.count == 32)
    }
  }
}

private let threeMillionSHA256 = "2a152c894398719c0570f83fac34ac03a0f6e8e474b995c2403aa5434f7b9dd4"
private let threeMillionMD5 = "99ddc9a3a46ea62c95652bdf937a1fb8"
