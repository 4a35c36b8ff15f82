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
  /// The fakes that stand in header fields which lose their values.
  private var fakesOfHeaders: [String: String] = [:]
  /// Where an original is in the entries, by its small letters.
  private var places: [String: Int] = [:]
  private var counts: [String: Int] = [:]
  private var fakes = 0
  /// Words of the exchanges that could be substitutes, and the substitutes that are given.
  private var taken: Set<String> = []

  /// An address such as 1.2.3.4 is found nowhere by chance, though it is short.
  static let addressBytesMin = 7

  public init(in exchanges: [CapturedExchange], known: Known) {
    var marks = FoundMarks()
    for exchange in exchanges {
      for text in exchange.texts {
        addTaken(in: text)
        for layer in Layer.all(of: text, undoing: Set(Disguise.allCases)) { marks.add(layer.bytes) }
      }
    }
    addKeys(known, marks.secretIDs.all)
    for word in known.words { add("word of the list", word) { "cispec-fake-word-\($0)" } }
    // Tokens have their own fakes, also where they stand in other fields.
    for value in exchanges.flatMap(Marks.tokens) { add("token", value) { Self.token($0, like: value) } }
    for value in exchanges.flatMap(HeaderPolicy.secretParameters) { addPrivate("private parameter", value) }
    for value in exchanges.flatMap(HeaderPolicy.secretParts) { addPrivate("private header", value, bytesMin: 1) }
    for value in exchanges.flatMap(HeaderPolicy.lostValues) { addFakeOfHeader(value) }
    for bucket in marks.buckets.all { add(bucket: bucket) }
    for account in marks.accounts.all + exchanges.flatMap(Marks.accountParameters) {
      add("account id", account) { "\(100_000_000_000 + $0)" }
    }
    let asked = exchanges.compactMap { $0.request.headers["Host"]?.split(separator: ":").first.map(String.init) }
    let authorities = marks.authorities.all.map(Marks.authority)
    for host in known.hosts + asked + authorities.map(\.host) where !Marks.isPublic(host: host) {
      add("host", host, bytesMin: 4) { "host\($0 + 1).example.com" }
    }
    for authority in authorities { if let user = authority.user { add(user: user, of: authority.host) } }
  }

  /// What stands in place of the value of a header field that loses it.
  func fake(ofHeader value: String) -> String { value.isEmpty ? "" : fakesOfHeaders[value] ?? "cispecFakeValue" }

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
    for id in found where places[id.asciiLowercased] == nil {
      add("SecretId", id) { Self.substitute($0).secretID }
      if !Self.isSubstitute(secretID: id) { unknownKeys += 1 }
    }
  }

  private func substitute(of original: String) -> String? {
    places[original.asciiLowercased].map { entries[$0].substitute }
  }

  private mutating func add(bucket: Marks.Bucket) {
    let whole = "\(bucket.name)-\(bucket.appID)"
    guard substitute(of: whole) == nil else { return }
    if Self.sampleAppIDs.contains(bucket.appID), Self.isSubstitute(bucketName: bucket.name) { return }
    if !Self.sampleAppIDs.contains(bucket.appID) { add("APPID", bucket.appID) { "\(1_234_567_890 + $0)" } }
    let appID = substitute(of: bucket.appID) ?? bucket.appID
    let name =
      entries.first { $0.kind == "bucket" && $0.original.hasPrefix(bucket.name + "-1") }?.substitute
      .split(separator: "-").dropLast().joined(separator: "-")
    add("bucket", whole, bytesMin: 3) { (name ?? ($0 == 0 ? "test" : "test-\($0)")) + "-\(appID)" }
    // The name alone may be a word of the API or of the objects' keys when it is short.
    if bucket.name.utf8.count >= Self.bytesMin, let substitute = substitute(of: whole) {
      add("bucket name", bucket.name) { _ in String(substitute.dropLast(appID.utf8.count + 1)) }
    }
  }

  /// The user of a URL goes, with the password and the sign behind them.
  private mutating func add(user: String, of host: String) {
    let substitute = substitute(of: host) ?? host
    add("user of a URL", "\(user)@\(host)", bytesMin: 3) { _ in substitute }
    for part in user.split(separator: ":", maxSplits: 1) where part.utf8.count >= Self.bytesMin {
      addPrivate("user of a URL", String(part))
    }
  }

  private mutating func addPrivate(_ kind: String, _ value: String, bytesMin: Int = Self.bytesMin) {
    guard !value.isEmpty, !Self.isFakeValue(value), places[value.asciiLowercased] == nil else { return }
    let fake = nextFake()
    add(kind, value, bytesMin: bytesMin) { _ in fake }
  }

  /// One count for all values, so that no two have the same fake.
  private mutating func nextFake() -> String {
    repeat { fakes += 1 } while taken.contains("cispecfakevalue\(fakes - 1)")
    return "cispecFakeValue\(fakes - 1)"
  }

  private static func isFakeValue(_ value: String) -> Bool {
    value.hasPrefix("cispecFakeValue") && value.dropFirst(15).allSatisfy { $0.isASCII && $0.isNumber }
  }

  private mutating func addFakeOfHeader(_ value: String) {
    guard !value.isEmpty, fakesOfHeaders[value] == nil else { return }
    if Self.isFakeValue(value) {
      fakesOfHeaders[value] = value
    } else if let known = substitute(of: value) {
      fakesOfHeaders[value] = known
    } else {
      fakesOfHeaders[value] = nextFake()
    }
  }

  /// Takes a value that is not known yet; substitutes that stand in the exchanges already are passed over.
  private mutating func add(
    _ kind: String, _ original: String, bytesMin: Int = Self.bytesMin, substitute: (Int) -> String
  ) {
    // Capitals make no other value: hosts and lists of signatures lose them.
    guard !original.isEmpty, places[original.asciiLowercased] == nil else { return }
    guard original.utf8.count >= bytesMin else {
      if kind != "account id" { tooShort.append((kind, original.utf8.count)) }
      return
    }
    // Keys and their ids go together by index, so these never move on.
    let index = counts[kind, default: 0]
    let isFake = original == substitute(index) || Self.isSubstitute(secretID: original)
    var number = index
    while !isFake,
      !["SecretId", "SecretKey", "bucket name", "user of a URL", "private header", "private parameter"]
        .contains(kind), number < index + 1000,
      taken.contains(substitute(number).asciiLowercased)
    {
      number += 1
    }
    places[original.asciiLowercased] = entries.count
    counts[kind] = index + 1
    entries.append((kind, original, isFake ? original : substitute(number)))
    if !isFake, kind != "bucket name" { taken.insert(substitute(number).asciiLowercased) }
  }

  /// Notes the words of a text that look like substitutes, whole and by the labels of a host.
  private mutating func addTaken(in text: [UInt8]) {
    let starts = ["cispec", "host", "test", "1"].map { Array($0.utf8) }
    func note(_ word: ArraySlice<UInt8>) {
      guard word.count < 4200 else { return }
      taken.insert(String(decoding: word.map(asciiLowercased), as: UTF8.self))
    }
    var place = 0
    while place < text.count {
      guard isWordByte(text[place]) else {
        place += 1
        continue
      }
      var end = place
      while end < text.count, isWordByte(text[end]) { end += 1 }
      let word = text[place..<end]
      for start in starts where word.prefix(start.count).elementsEqual(start, by: { asciiLowercased($0) == $1 }) {
        note(word)
        note(word.prefix { $0 != 0x2E })
      }
      for digits in word.split(whereSeparator: { !(0x30...0x39).contains($0) }) where (10...12).contains(digits.count) {
        note(digits)
      }
      place = end
    }
    func isWordByte(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(asciiLowercased(byte)) || byte == 0x2D || byte == 0x2E
    }
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

extension String {
  fileprivate var asciiLowercased: String { String(decoding: utf8.map(HTTPExchange.asciiLowercased), as: UTF8.self) }
}
