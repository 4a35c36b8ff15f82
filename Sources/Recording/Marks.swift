internal import HTTPExchange

/// The places in messages where the names and ids of an account stand.
enum Marks {
  struct Bucket: Hashable {
    var name: String
    var appID: String
  }

  /// Whole words that start as a SecretId does.
  static func secretIDs(in bytes: [UInt8]) -> [String] {
    occurrences(of: Array("AKID".utf8), in: bytes).compactMap { place -> String? in
      guard place == 0 || !isWordByte(bytes[place - 1]) else { return nil }
      let word = bytes[place...].prefix(while: isWordByte)
      return word.count >= 12 ? text(word) : nil
    } + values(after: "q-ak=", in: bytes) { $0 != 0x26 && $0 > 0x20 }
  }

  /// The tokens of temporary credentials, in headers and in the query.
  static func tokens(of exchange: CapturedExchange) -> [String] {
    let names = ["x-ci-security-token", "x-cos-security-token"]
    let parameters = exchange.request.parameters
    return names.flatMap { name in
      exchange.request.headers.values(of: name) + exchange.response.headers.values(of: name)
        + parameters.filter { sameName($0.name, name) }.compactMap(\.value)
    }
  }

  /// `<BucketName-APPID>` of hosts of the service and of the nodes that name a bucket.
  static func buckets(in bytes: [UInt8]) -> [Bucket] {
    let hosts = [".ci.", ".cos.", ".pic.", ".cos-"].flatMap { service in
      occurrences(of: Array(service.utf8), in: bytes).map { place in
        text(bytes[..<place].suffix(80).reversed().prefix(while: isLabelByte).reversed())
      }
    }
    return (hosts + nodes(["Bucket", "BucketId", "BucketName", "SrcBucket"], in: bytes)).compactMap(bucket)
  }

  /// The nodes that hold the number of an account.
  static func accounts(in bytes: [UInt8]) -> [String] {
    nodes(["AppId", "Appid", "APPID", "Uin", "OwnerUin", "SubUin", "SubAccountUin", "uin", "appid"], in: bytes)
      .filter(isNumber)
  }

  /// The parameters of a query that hold the number of an account.
  static func accountParameters(of exchange: CapturedExchange) -> [String] {
    let names = ["uin", "appid", "owneruin", "subuin", "subaccountuin", "accountid", "account_id", "account"]
    return exchange.request.parameters.filter { names.contains($0.name.lowercased()) }.compactMap(\.value)
      .filter(isNumber)
  }

  private static func isNumber(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// What stands in URLs between the scheme and the path.
  static func authorities(in bytes: [UInt8]) -> [String] {
    values(after: "://", in: bytes) { $0 > 0x20 && !Array("/?#\"'<>\\,;)&".utf8).contains($0) }
  }

  /// The host of an authority, and who is named before it.
  static func authority(_ text: String) -> (user: String?, host: String) {
    guard let at = text.lastIndex(of: "@") else { return (nil, String(text.prefix { $0 != ":" })) }
    return (String(text[..<at]), String(text[text.index(after: at)...].prefix { $0 != ":" }))
  }

  /// Whether a host says nothing of who uses it: this machine, the service, examples, names of XML.
  static func isPublic(host: String) -> Bool {
    let host = host.lowercased()
    let domains = [
      "myqcloud.com", "tencentcos.cn", "qcloud.com", "tencent.com", "tencentcloudapi.com", "example.com",
      "example.org", "example.net", "w3.org", "localhost", "test", "invalid", "example",
      // The callback addresses that the documentation prints.
      "callback.demo.com", "www.callback.com",
    ]
    return host.utf8.count < 4 || domains.contains { host == $0 || host.hasSuffix("." + $0) } || host.hasPrefix("127.")
      || host.hasPrefix("[")
  }

  // MARK: Texts

  private static func bucket(_ text: String) -> Bucket? {
    guard let hyphen = text.lastIndex(of: "-"), hyphen > text.startIndex else { return nil }
    let appID = text[text.index(after: hyphen)...]
    guard (8...12).contains(appID.utf8.count), appID.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Bucket(name: String(text[..<hyphen]), appID: String(appID))
  }

  /// The texts of XML elements, and the values of JSON members, of some names.
  private static func nodes(_ names: [String], in bytes: [UInt8]) -> [String] {
    names.flatMap { name in
      values(after: "<\(name)>", in: bytes) { $0 != 0x3C }
        + values(after: "\"\(name)\"", in: bytes) { $0 != 0x2C && $0 != 0x7D }
    }.map { value in
      let blank: Set<Character> = [" ", "\n", "\r", "\t", ":", "\""]
      let start = value.drop { blank.contains($0) }
      return String(start.prefix { !blank.contains($0) })
    }
  }

  private static func values(
    after mark: String, in bytes: [UInt8], while belongs: (UInt8) -> Bool
  ) -> [String] {
    occurrences(of: Array(mark.utf8), in: bytes).map {
      text(bytes[($0 + mark.utf8.count)...].prefix(1024).prefix(while: belongs))
    }.filter { !$0.isEmpty }
  }

  private static func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }

  private static func isLabelByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(asciiLowercased(byte)) || byte == 0x2D
  }

  private static func isWordByte(_ byte: UInt8) -> Bool { isLabelByte(byte) || byte == 0x5F }
}

/// The marks of many texts, each once and in the order in which they came.
struct FoundMarks {
  struct Once<Value: Hashable> {
    private(set) var all: [Value] = []
    private var known: Set<Value> = []

    mutating func add(_ values: [Value]) {
      for value in values where known.insert(value).inserted { all.append(value) }
    }
  }

  private(set) var secretIDs = Once<String>()
  private(set) var buckets = Once<Marks.Bucket>()
  private(set) var accounts = Once<String>()
  private(set) var authorities = Once<String>()

  mutating func add(_ bytes: [UInt8]) {
    secretIDs.add(Marks.secretIDs(in: bytes))
    buckets.add(Marks.buckets(in: bytes))
    accounts.add(Marks.accounts(in: bytes))
    authorities.add(Marks.authorities(in: bytes))
  }
}
