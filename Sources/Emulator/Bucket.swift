/// The bucket that a request is for, told by its Host.
public struct Bucket: Sendable, Hashable {
  /// With the APPID, such as `examplebucket-1250000000`.
  public var name: String
  public var region: String

  public init(name: String, region: String) {
    self.name = name
    self.region = region
  }

  /// The service that a Host names: that of jobs, or the one that keeps objects and hashes them at once.
  enum Service: String {
    case ci, cos
  }

  /// From `<BucketName-APPID>.ci.<Region>.myqcloud.com`, or the same on `tencentcos.cn`, with or without a port; nil for
  /// any other name. Regions are not compared with the documented list, which is incomplete (erratum E18).
  ///
  /// Source: Common request headers (1045/43609).
  init?(host: String, service: Service = .ci) {
    let host = host.lowercased()
    let parts = host.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2 {
      guard !parts[1].isEmpty, parts[1].utf8.allSatisfy(Self.isDigit) else { return nil }
    }
    let labels = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard labels.count == 5, labels[1] == service.rawValue, Self.domains.contains("\(labels[3]).\(labels[4])"),
      Self.isBucketName(labels[0]), Self.isRegion(labels[2])
    else { return nil }
    self.init(name: labels[0], region: labels[2])
  }

  private static let domains: Set<String> = ["myqcloud.com", "tencentcos.cn"]

  /// Small letters, digits and hyphens, then a hyphen and the APPID.
  private static func isBucketName(_ name: String) -> Bool {
    guard let hyphen = name.lastIndex(of: "-"), hyphen > name.startIndex, name.first != "-" else { return false }
    let appID = name[name.index(after: hyphen)...]
    return name.utf8.allSatisfy(isNameByte) && !appID.isEmpty && appID.utf8.allSatisfy(isDigit)
  }

  /// Two letters, a hyphen and a name, such as `ap-beijing-1`.
  private static func isRegion(_ region: String) -> Bool {
    let bytes = Array(region.utf8)
    return bytes.count > 3 && bytes[2] == 0x2D && bytes.allSatisfy(isNameByte)
      && bytes[..<2].allSatisfy { (0x61...0x7A).contains($0) }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D
  }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
