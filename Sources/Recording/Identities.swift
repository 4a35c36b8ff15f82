internal import HTTPExchange
public import Signing

/// What in some exchanges tells who recorded them, each with the substitute that stands for it everywhere.
public struct Identities: Sendable {
  /// What is known beforehand.
  public struct Known: Sendable {
    /// Key pairs whose SecretKey and token are searched for.
    public var credentials: [Credentials]
    /// Further words that must not be in a recording: names, paths, ids.
    public var words: [String]
    /// The host that was recorded, when it is not one of the service.
    public var hosts: [String]

    public init(credentials: [Credentials] = [], words: [String] = [], hosts: [String] = []) {
      self.credentials = credentials
      self.words = words
      self.hosts = hosts
    }
  }

  /// A shorter value would be found in words that have nothing to do with it.
  public static let bytesMin = 8

  /// Kinds, originals and substitutes.
  private(set) var entries: [(kind: String, original: String, substitute: String)] = []
  /// Values that are secret and too short to be replaced.
  private(set) var tooShort: [(kind: String, bytes: Int)] = []
  /// SecretIds of signatures whose SecretKey was not given.
  private(set) var unknownKeys = 0
  private let texts: [[UInt8]]

  public init(in exchanges: [CapturedExchange], known: Known) {
    texts = exchanges.flatMap(\.texts).map { $0.map(asciiLowercased) }
    let layers = exchanges.flatMap(\.texts).flatMap { Layer.all(of: $0, undoing: Set(Disguise.allCases)) }.map(\.bytes)
    addKeys(known, Marks.secretIDs(in: layers))
    for word in known.words { add("word of the list", word) { "cispec-fake-word-\($0)" } }
    for value in exchanges.flatMap(Marks.privateHeaderValues) {
      add("private header", value) { "cispecFakeValue\($0)" }
    }
    for value in exchanges.flatMap(Marks.tokens) { add("token", value) { Self.token($0, like: value) } }
    let buckets = layers.flatMap(Marks.buckets)
    for bucket in buckets { add(bucket: bucket) }
    for account in layers.flatMap(Marks.accounts) { add("account id", account) { "\(100_000_000_000 + $0)" } }
    let asked = exchanges.compactMap { $0.request.headers["Host"]?.split(separator: ":").first.map(String.init) }
    for host in known.hosts + asked + layers.flatMap(Marks.hosts) where !Marks.isPublic(host: host) {
      add("host", host, bytesMin: 4) { "host\($0 + 1).example.com" }
    }
  }

  /// The key pair that stands for the one of that index.
  public static func substitute(_ index: Int) -> Credentials {
    Credentials(
      secretID: "AKIDcispecFakeSecretId" + digits(index, count: 10),
      secretKey: "cispecFakeSecretKey" + digits(index, count: 13))
  }

  /// The keys of the substitutes by their SecretId, in this recording.
  var substituteKeys: [String: String] {
    let ids = entries.filter { $0.kind == "SecretId" }.map(\.substitute)
    return Dictionary(
      uniqueKeysWithValues: ids.indices.map { (Self.substitute($0).secretID, Self.substitute($0).secretKey) })
  }

  var replaced: [(original: String, substitute: String)] { entries.map { ($0.original, $0.substitute) } }

  /// What must not be in the output, by its kind.
  var secrets: [(name: String, value: String)] {
    entries.filter { $0.original != $0.substitute }.map { ($0.kind, $0.original) }
  }

  // MARK: Collecting

  private mutating func addKeys(_ known: Known, _ found: [String]) {
    for pair in known.credentials {
      add("SecretId", pair.secretID) { Self.substitute($0).secretID }
      add("SecretKey", pair.secretKey) { Self.substitute($0).secretKey }
      if let token = pair.token { add("token", token) { Self.token($0, like: token) } }
    }
    for id in found where !known.credentials.contains(where: { sameName($0.secretID, id) }) {
      add("SecretId", id) { Self.substitute($0).secretID }
      if !Self.isSubstitute(secretID: id) { unknownKeys += 1 }
    }
  }

  private mutating func add(bucket: (name: String, appID: String)) {
    let whole = "\(bucket.name)-\(bucket.appID)"
    if Self.sampleAppIDs.contains(bucket.appID), Self.isSubstitute(bucketName: bucket.name) { return }
    if !Self.sampleAppIDs.contains(bucket.appID) { add("APPID", bucket.appID) { "\(1_234_567_890 + $0)" } }
    let appID = entries.first { $0.kind == "APPID" && $0.original == bucket.appID }?.substitute ?? bucket.appID
    let name =
      entries.first { $0.kind == "bucket" && $0.original.hasPrefix(bucket.name + "-1") }?.substitute
      .split(separator: "-").dropLast().joined(separator: "-")
    add("bucket", whole, bytesMin: 3) { (name ?? ($0 == 0 ? "test" : "test-\($0)")) + "-\(appID)" }
    // The name alone may be a word of the API or of the objects' keys when it is short.
    if bucket.name.utf8.count >= Self.bytesMin,
      let substitute = entries.first(where: { $0.original == whole })?.substitute
    {
      add("bucket name", bucket.name) { _ in String(substitute.dropLast(appID.utf8.count + 1)) }
    }
  }

  /// Takes a value that is not known yet; substitutes that stand in the exchanges already are passed over.
  private mutating func add(
    _ kind: String, _ original: String, bytesMin: Int = Self.bytesMin, substitute: (Int) -> String
  ) {
    // Capitals make no other value: hosts and lists of signatures lose them.
    guard !original.isEmpty, !entries.contains(where: { sameName($0.original, original) }) else { return }
    guard original.utf8.count >= bytesMin else {
      if kind != "account id" { tooShort.append((kind, original.utf8.count)) }
      return
    }
    // Keys and their ids go together by index, so these never move on.
    let index = entries.count { $0.kind == kind }
    if original == substitute(index) || Self.isSubstitute(secretID: original) {
      entries.append((kind, original, original))
      return
    }
    var number = index
    while kind != "SecretId", kind != "SecretKey", kind != "bucket name", number < index + 1000,
      isTaken(substitute(number))
    {
      number += 1
    }
    entries.append((kind, original, substitute(number)))
  }

  private func isTaken(_ substitute: String) -> Bool {
    let pattern = substitute.utf8.map(asciiLowercased)
    return entries.contains { $0.substitute == substitute && $0.kind != "bucket name" }
      || texts.contains { !occurrences(of: pattern, in: $0).isEmpty }
  }

  // MARK: Substitutes

  /// The numbers that the documentation prints in place of an APPID.
  private static let sampleAppIDs: Set<String> = ["1234567890", "1250000000", "123456789"]

  private static func isSubstitute(bucketName name: String) -> Bool {
    name == "test" || name == "examplebucket" || name.hasPrefix("test-")
  }

  private static func isSubstitute(secretID: String) -> Bool { secretID.hasPrefix("AKIDcispecFakeSecretId") }

  /// As long as the token that it stands for.
  private static func token(_ index: Int, like token: String) -> String {
    let start = "cispecFakeToken\(index)x"
    return start + String(repeating: "0", count: max(0, min(token.utf8.count, 4096) - start.utf8.count))
  }

  private static func digits(_ number: Int, count: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
  }
}
