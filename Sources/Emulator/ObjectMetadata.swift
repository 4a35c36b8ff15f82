/// The metadata that hash jobs with AddToHeader have put on objects, for as many objects as jobs are remembered.
struct ObjectMetadata: Sendable {
  private struct Name: Hashable {
    var bucket: Bucket
    var key: String
  }

  private var headers: [Name: [String: String]] = [:]
  private var order = Line<Name>()
  private let objectsMax: Int

  init(objectsMax: Int) { self.objectsMax = objectsMax }

  subscript(bucket: Bucket, key: String) -> [String: String] { headers[Name(bucket: bucket, key: key)] ?? [:] }

  mutating func set(_ header: String, _ value: String, bucket: Bucket, key: String) {
    let name = Name(bucket: bucket, key: key)
    if headers[name] == nil { order.append(name) }
    headers[name, default: [:]][header] = value
    while order.count > objectsMax, let oldest = order.removeFirst() { headers[oldest] = nil }
  }

  mutating func set(_ result: HashResult, of request: HashRequest) {
    set(
      "x-cos-meta-\(result.algorithm.rawValue.lowercased())", result.digest, bucket: request.bucket, key: request.key)
  }
}
