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
    var name = host.utf8[...]
    if let colon = name.firstIndex(of: 0x3A) {
      let port = name[name.index(after: colon)...]
      guard !port.isEmpty, port.allSatisfy(Self.isDigit) else { return nil }
      name = name[..<colon]
    }
    let labels = name.split(separator: 0x2E, omittingEmptySubsequences: false)
    guard labels.count == 5, labels[1].elementsEqual(service.rawValue.utf8), Self.isDomain(labels[3], labels[4]),
      Self.isBucketName(labels[0]), Self.isRegion(labels[2])
    else { return nil }
    self.init(name: String(Substring(labels[0])), region: String(Substring(labels[2])))
  }

  private static func isDomain(_ name: Substring.UTF8View, _ top: Substring.UTF8View) -> Bool {
    name.elementsEqual("myqcloud".utf8) && top.elementsEqual("com".utf8)
      || name.elementsEqual("tencentcos".utf8) && top.elementsEqual("cn".utf8)
  }

  /// Small letters, digits and hyphens, then a hyphen and the APPID.
  private static func isBucketName(_ name: Substring.UTF8View) -> Bool {
    guard let hyphen = name.lastIndex(of: 0x2D), hyphen > name.startIndex, name.first != 0x2D else { return false }
    let appID = name[name.index(after: hyphen)...]
    return name.allSatisfy(isNameByte) && !appID.isEmpty && appID.allSatisfy(isDigit)
  }

  /// Two letters, a hyphen and a name, such as `ap-beijing-1`.
  private static func isRegion(_ region: Substring.UTF8View) -> Bool {
    let start = region.prefix(3)
    return region.count > 3 && start.last == 0x2D && region.allSatisfy(isNameByte)
      && start.dropLast().allSatisfy { (0x61...0x7A).contains($0) }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D
  }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
