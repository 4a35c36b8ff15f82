/// Objects that are given beforehand, the same in every region.
public struct MemoryObjectStore: ObjectStore {
  private struct Name: Hashable {
    var bucket: String
    var key: String
  }

  private var objects: [Name: StoredObject] = [:]

  public init() {}

  public mutating func put(_ object: StoredObject, bucket: String, key: String) {
    objects[Name(bucket: bucket, key: key)] = object
  }

  public mutating func put(
    _ bytes: [UInt8], bucket: String, key: String, lastModified: Double, storageClass: String = "STANDARD"
  ) {
    let etag = ContentDigest.of(bytes, .md5).map { "\"\(ContentDigest.hex($0))\"" }
    let object = StoredObject(
      size: Int64(bytes.count), lastModified: lastModified, etag: etag, storageClass: storageClass
    ) { consume in consume(bytes[...]) }
    put(object, bucket: bucket, key: key)
  }

  public func object(bucket: String, region: String, key: String) -> StoredObject? {
    objects[Name(bucket: bucket, key: key)]
  }

  public func keys(bucket: String, region: String, prefix: String, limit: Int) -> [String] {
    let keys = objects.keys.filter { $0.bucket == bucket && $0.key.hasPrefix(prefix) }.map(\.key)
    return Array(keys.sorted().prefix(limit))
  }
}
