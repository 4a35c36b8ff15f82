internal import XMLValidation

/// What a file job reads its objects for.
enum FileTask: Sendable {
  case hash(HashRequest)
  case uncompress(UncompressRequest)
  case compress(CompressRequest)

  /// From a request that fits its schema; nil for the tags of other jobs.
  init?(_ request: ElementTree, bucket: Bucket) {
    switch request.text(at: "Tag") {
    case "FileHashCode":
      guard let hash = HashRequest(request, bucket: bucket) else { return nil }
      self = .hash(hash)
    case "FileUncompress": self = .uncompress(UncompressRequest(request, bucket: bucket))
    case "FileCompress": self = .compress(CompressRequest(request, bucket: bucket))
    default: return nil
    }
  }
}

/// A package whose files are to be counted. They are not written anywhere: the store is for reading only.
struct UncompressRequest: Sendable {
  var bucket: Bucket
  var key: String
  var output: ElementTree

  init(_ request: ElementTree, bucket: Bucket) {
    self.bucket = bucket
    key = request.text(at: "Input", "Object") ?? ""
    output = request["Operation"]?["Output"] ?? ElementTree("Output")
  }

  /// The number of files in a zip package. Packages of other formats fail here: which ones the service takes, and what
  /// it says to the rest, is not documented.
  func result(from objects: any ObjectStore) throws(JobFailure) -> ElementTree {
    let object = try objects.found(key, in: bucket)
    guard !object.isArchived else {
      throw JobFailure(
        code: "ResourceNotSupported", message: "The object \(key) is archived; restore it before it is processed.")
    }
    var reader = ZipTail()
    do {
      try object.read { reader.append($0) }
    } catch {
      throw JobFailure(code: "ResourceDownloadFailed", message: "The object \(key) cannot be read.")
    }
    guard let count = reader.entryCount else {
      throw JobFailure(code: "ResourceNotSupported", message: "The object \(key) is no zip package.")
    }
    return .node(
      "FileUncompressResult",
      [
        .leaf("Bucket", output.text(at: "Bucket") ?? bucket.name), .leaf("FileCount", String(count)),
        .leaf("Region", output.text(at: "Region") ?? bucket.region),
      ])
  }
}

/// The end of a zip package, where its number of entries stands (APPNOTE.TXT, section 4.3.16).
struct ZipTail {
  private var tail: [UInt8] = []

  /// The record is 22 bytes long and a comment of at most 65,535 follows.
  private static let byteCountMax = 22 + 65_535

  mutating func append(_ piece: ArraySlice<UInt8>) {
    tail += piece.suffix(Self.byteCountMax)
    if tail.count > Self.byteCountMax { tail.removeFirst(tail.count - Self.byteCountMax) }
  }

  /// Nil when there is no such record.
  var entryCount: Int? {
    guard tail.count >= 22 else { return nil }
    for start in (0...tail.count - 22).reversed() where tail[start..<start + 4].elementsEqual([0x50, 0x4B, 5, 6]) {
      guard Int(tail[start + 20]) + Int(tail[start + 21]) << 8 == tail.count - start - 22 else { continue }
      return Int(tail[start + 10]) + Int(tail[start + 11]) << 8
    }
    return nil
  }
}

/// Objects that are to be packed. The package itself is not made.
struct CompressRequest: Sendable {
  private enum Selection {
    case list(String)
    case prefix(String)
    case keys([String])
  }

  var bucket: Bucket
  private var selection: Selection
  private var output: ElementTree

  /// At most 10,000 files by list or prefix, less than 50 GB in all (the page of the submit); that there are at most
  /// 1,000 keys is a rule of the request.
  private static let filesMax = 10_000
  private static let bytesLimit: Int64 = 50 << 30
  private static let listBytesMax = 4 << 20

  /// UrlList outranks Prefix, and that the keys.
  init(_ request: ElementTree, bucket: Bucket) {
    self.bucket = bucket
    let config = request["Operation"]?["FileCompressConfig"] ?? ElementTree("FileCompressConfig")
    let keys = config.all("Key").map(\.text) + config.all("KeyConfig").compactMap { $0.text(at: "Key") }
    selection =
      if let list = config.text(at: "UrlList"), !list.isEmpty {
        .list(list)
      } else if let prefix = config.text(at: "Prefix"), !prefix.isEmpty {
        .prefix(prefix)
      } else {
        .keys(keys)
      }
    output = request["Operation"]?["Output"] ?? ElementTree("Output")
  }

  /// Where the package is, when all its objects exist and are few and small enough.
  func result(from objects: any ObjectStore) throws(JobFailure) -> ElementTree {
    var byteCount: Int64 = 0
    for key in try keys(in: objects) {
      byteCount += try objects.found(key, in: bucket).size
    }
    guard byteCount < Self.bytesLimit else {
      throw JobFailure(
        code: "ResourceNotSupported", message: "The objects have \(byteCount) bytes; less than 50 GB are allowed.")
    }
    return .node(
      "FileCompressResult",
      [
        .leaf("Bucket", output.text(at: "Bucket") ?? bucket.name), .leaf("Object", output.text(at: "Object") ?? ""),
        .leaf("Region", output.text(at: "Region") ?? bucket.region),
      ])
  }

  private func keys(in objects: any ObjectStore) throws(JobFailure) -> [String] {
    let keys =
      switch selection {
      case .list(let list): try listed(list, in: objects)
      case .prefix(let prefix): try objects.keys(with: prefix, in: bucket, limit: Self.filesMax + 1)
      case .keys(let keys): keys
      }
    guard keys.count <= Self.filesMax else {
      throw JobFailure(code: "ResourceNotSupported", message: "More than \(Self.filesMax) files are to be packed.")
    }
    guard !keys.isEmpty else { throw JobFailure(code: "ResourceNotFound", message: "There is no file to pack.") }
    return keys
  }

  /// The keys of the addresses in a list, one to a line; the list is an object of the bucket, named by key or address.
  private func listed(_ list: String, in objects: any ObjectStore) throws(JobFailure) -> [String] {
    var bytes: [UInt8] = []
    let object = try objects.found(Self.key(ofAddress: list), in: bucket)
    do {
      try object.read { if bytes.count < Self.listBytesMax { bytes += $0 } }
    } catch {
      throw JobFailure(code: "ResourceDownloadFailed", message: "The list \(list) cannot be read.")
    }
    return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
      .filter { !$0.isEmpty }.map(Self.key)
  }

  private static func key(ofAddress address: String) -> String {
    guard address.hasPrefix("http://") || address.hasPrefix("https://") else { return address }
    let parts = address.split(separator: "/", maxSplits: 2)
    return parts.count == 3 ? String(parts[2]) : address
  }
}

extension ObjectStore {
  /// The keys that begin with a prefix, or why a job that needs them fails.
  func keys(with prefix: String, in bucket: Bucket, limit: Int) throws(JobFailure) -> [String] {
    do {
      return try keys(bucket: bucket.name, region: bucket.region, prefix: prefix, limit: limit)
    } catch {
      throw JobFailure(code: "ResourceDownloadFailed", message: "The objects cannot be listed.")
    }
  }
}
