import Testing

@testable import Emulator

@Suite struct ObjectStoreTests {
  private func content(_ store: FolderObjectStore, _ key: String) throws -> String? {
    guard let object = try store.object(bucket: testBucket, region: "ap-chongqing", key: key) else { return nil }
    var bytes: [UInt8] = []
    try object.read { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("A key is a path below the folder")
  func found() throws {
    let folder = try TemporaryFolder()
    folder.makeFolder("in")
    try folder.write("in/a.txt", "abc")
    folder.link("alias", to: "in/a.txt")
    let store = FolderObjectStore(folder: folder.path, storageClasses: ["in/a.txt": "ARCHIVE"])
    #expect(try content(store, "in/a.txt") == "abc")
    #expect(try content(store, "alias") == "abc")
    let object = try #require(try store.object(bucket: "b-1", region: "r", key: "in/a.txt"))
    #expect(object.size == 3)
    #expect(object.storageClass == "ARCHIVE")
    #expect(object.etag == nil)
  }

  @Test(
    "What is not a file has no object",
    arguments: ["missing", "in", "in/", "in//a.txt", "./in/a.txt", "in/a.txt/b", ""])
  func notFound(_ key: String) throws {
    let folder = try TemporaryFolder()
    folder.makeFolder("in")
    try folder.write("in/a.txt", "abc")
    #expect(try content(FolderObjectStore(folder: folder.path), key) == nil)
  }

  @Test(
    "No key leads out of the folder, nor over its edge and back",
    arguments: ["../secret", "in/../../secret", "/etc/passwd", "..", "out/secret", "link", "in/../file"])
  func escapes(_ key: String) throws {
    let outer = try TemporaryFolder()
    try outer.write("secret", "secret")
    outer.makeFolder("root")
    outer.makeFolder("root/in")
    try outer.write("root/file", "abc")
    outer.link("root/out", to: "..")
    outer.link("root/link", to: "../secret")
    let store = FolderObjectStore(folder: "\(outer.path)/root")
    #expect { try content(store, key) } throws: { ($0 as? ObjectStoreError)?.kind == .refused }
  }

  @Test("A key with a zero byte, which a path cannot hold, is refused")
  func zeroByte() throws {
    let folder = try TemporaryFolder()
    try folder.write("a", "abc")
    #expect(throws: ObjectStoreError.self) { try content(FolderObjectStore(folder: folder.path), "a\0b") }
  }

  @Test("A folder beside it whose name begins alike is outside")
  func siblings() throws {
    let outer = try TemporaryFolder()
    outer.makeFolder("root")
    outer.makeFolder("root-2")
    try outer.write("root-2/secret", "secret")
    outer.link("root/link", to: "../root-2/secret")
    #expect(throws: ObjectStoreError.self) { try content(FolderObjectStore(folder: "\(outer.path)/root"), "link") }
  }

  @Test("A job for a key that leads outside ends Failed")
  func escapingJob() throws {
    let folder = try TemporaryFolder()
    let service = Service(FolderObjectStore(folder: folder.path))
    let id = try service.submit("/file_jobs", hashBody(key: "../../etc/passwd"))
    service.clock.sleep(seconds: 2)
    let detail = try service.detail("/file_jobs/\(id)")
    #expect(detail.text(at: "State") == "Failed")
    #expect(detail.text(at: "Code") == "ResourceAccessDenied")
  }
}
