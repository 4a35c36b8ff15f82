internal import XMLValidation

/// What a hash job is to do.
struct HashRequest: Sendable {
  var bucket: Bucket
  var key: String
  var algorithm: ContentDigest.Algorithm
  /// Whether the digest is also put into the object's metadata as `x-cos-meta-md5` and its like.
  var addsToHeader: Bool
}

/// What it found.
struct HashResult: Sendable, Equatable {
  var algorithm: ContentDigest.Algorithm
  /// Lower-case hexadecimal digits, as the service's own client tests demand.
  var digest: String
  var fileSize: Int64
  var lastModified: Double
  /// With quotation marks (erratum E12).
  var etag: String

  /// Only the digest that was asked for (436/53991).
  var element: ElementTree {
    .node(
      "FileHashCodeResult",
      [
        .leaf(algorithm.rawValue, digest), .leaf("Etag", etag), .leaf("FileSize", String(fileSize)),
        .leaf("LastModified", Times.job(lastModified)),
      ])
  }
}

extension HashRequest {
  static let typePath = "/Request/Operation/FileHashCodeConfig/Type"

  /// From a request that fits its schema.
  init?(_ request: ElementTree, bucket: Bucket) {
    guard let key = request.text(at: "Input", "Object"),
      let type = request.text(at: "Operation", "FileHashCodeConfig", "Type"),
      let algorithm = ContentDigest.Algorithm(rawValue: type)
    else { return nil }
    self.init(
      bucket: bucket, key: key, algorithm: algorithm,
      addsToHeader: request.text(at: "Operation", "FileHashCodeConfig", "AddToHeader") == "true")
  }

  /// Reads the object once and gives its digest, or why the job fails: the object is missing, out of reach, archived or
  /// too large (436/53991 states the conditions, not the codes).
  func result(from objects: any ObjectStore, limit: Int64) throws(JobFailure) -> HashResult {
    let object = try found(in: objects)
    guard !object.isArchived else {
      throw JobFailure(
        code: "ResourceNotSupported",
        message: "The object \(key) is of the class \(object.storageClass); restore it before it is processed.")
    }
    guard object.size < limit else {
      throw JobFailure(
        code: "ResourceNotSupported",
        message: "The object \(key) has \(object.size) bytes; less than \(limit) are allowed.")
    }
    guard let digest = ContentDigest(algorithm), let md5 = ContentDigest(.md5) else {
      throw JobFailure(code: "InternalError", message: "No digest of the type \(algorithm.rawValue) can be computed.")
    }
    let needsMD5 = object.etag == nil
    var size: Int64 = 0
    do {
      try object.read { piece in
        size += Int64(piece.count)
        digest.update(piece)
        if needsMD5 { md5.update(piece) }
      }
    } catch {
      throw JobFailure(code: "ResourceDownloadFailed", message: "The object \(key) cannot be read.")
    }
    return HashResult(
      algorithm: algorithm, digest: ContentDigest.hex(digest.finish()), fileSize: size,
      lastModified: object.lastModified, etag: object.etag ?? "\"\(ContentDigest.hex(md5.finish()))\"")
  }

  private func found(in objects: any ObjectStore) throws(JobFailure) -> StoredObject {
    try objects.found(key, in: bucket)
  }
}

extension ObjectStore {
  /// The object, or why a job that needs it fails.
  func found(_ key: String, in bucket: Bucket) throws(JobFailure) -> StoredObject {
    let object: StoredObject?
    do {
      object = try self.object(bucket: bucket.name, region: bucket.region, key: key)
    } catch {
      let isRefused = (error as? ObjectStoreError)?.kind == .refused
      throw JobFailure(
        code: isRefused ? "ResourceAccessDenied" : "ResourceDownloadFailed",
        message: (error as? ObjectStoreError)?.description ?? "The object \(key) cannot be read.")
    }
    guard let object else {
      throw JobFailure(code: "ResourceNotFound", message: "The bucket \(bucket.name) has no object \(key).")
    }
    return object
  }
}
