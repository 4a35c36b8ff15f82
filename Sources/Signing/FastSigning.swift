private import Glibc
internal import HTTPExchange

/// The Authorization of plain requests in one piece of scratch memory: what a client under load calls.
///
/// Handles requests whose target is ASCII after decoding, with at most `entriesMax` parameters and headers and
/// `bytesMax` bytes of them; for any other it gives nil and the stages are taken instead. A test holds both equal.
struct FastSigning {
  static let entriesMax = 40
  static let bytesMax = 2000

  static func authorization(
    for request: HTTPRequest, credentials: Credentials, keyTime: TimeSpan, signTime: TimeSpan?, keys: KeyCache
  ) -> String? {
    let attempt = unsafe sign(request, nil, credentials, keyTime, signTime, keys, comparingWith: nil)
    guard case .written(let authorization) = attempt else { return nil }
    return authorization
  }

  /// Whether a request is signed as the kit's own signer signs those headers; nil when only the stages can tell.
  static func isSigned(
    _ request: HTTPRequest, as authorization: String, claim: Claim, secretKey: String, keys: KeyCache
  ) -> Bool? {
    unsafe withBytes(of: authorization) { given in
      let attempt = unsafe sign(
        request, ListedNames(given, claim.headerList),
        Credentials(secretID: claim.secretID, secretKey: secretKey), claim.keyTime,
        claim.keyTime == claim.signTime ? nil : claim.signTime, keys, comparingWith: UnsafeRawBufferPointer(given))
      guard case .compared(let isSame) = attempt else { return nil }
      return isSame
    }
  }

  /// Who an Authorization says has signed, and for which times; read only from the order of fields that SDKs write.
  struct Claim {
    let secretID: String
    let signTime: TimeSpan
    let keyTime: TimeSpan
    /// Where the names of the signed headers stand.
    let headerList: Range<Int>

    /// - Parameter known: a SecretId that it is likely to have, which spares a copy of it.
    init?(_ authorization: String, known: String?) {
      let claim = unsafe withBytes(of: authorization) { bytes -> (String, TimeSpan, TimeSpan, Range<Int>)? in
        var reader = unsafe Reader(bytes)
        guard unsafe reader.take("q-sign-algorithm=sha1&q-ak="), let secretID = unsafe reader.takeName(known),
          unsafe reader.take("&q-sign-time=")
        else { return nil }
        let signTimeStart = unsafe reader.place
        guard let signTime = unsafe reader.takeSpan() else { return nil }
        let length = unsafe reader.place - signTimeStart
        guard unsafe reader.take("&q-key-time=") else { return nil }
        // Mostly the same once more.
        var keyTime = signTime
        if unsafe !reader.takeAgain(signTimeStart, length) {
          guard let other = unsafe reader.takeSpan() else { return nil }
          keyTime = other
        }
        guard unsafe reader.take("&q-header-list=") else { return nil }
        return unsafe (secretID, signTime, keyTime, reader.takeField())
      }
      guard let claim else { return nil }
      (secretID, signTime, keyTime, headerList) = claim
    }
  }

  /// Reads an Authorization from left to right.
  @unsafe private struct Reader {
    private let start: UnsafePointer<UInt8>?
    private let count: Int
    private(set) var place = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
      unsafe start = bytes.baseAddress
      unsafe count = bytes.count
    }

    @inline(__always)
    mutating func take(_ text: StaticString) -> Bool {
      let length = text.utf8CodeUnitCount
      guard unsafe place + length <= count, let start = unsafe start,
        unsafe memcmp(start + place, text.utf8Start, length) == 0
      else { return false }
      unsafe place += length
      return true
    }

    /// Takes what stands at an earlier place, when it follows here and is not followed by another digit.
    mutating func takeAgain(_ earlier: Int, _ length: Int) -> Bool {
      guard unsafe place + length < count, let start = unsafe start,
        unsafe memcmp(start + place, start + earlier, length) == 0, unsafe start[place + length] == 0x26
      else { return false }
      unsafe place += length
      return true
    }

    /// Characters that are never percent-encoded, at least one.
    mutating func takeName(_ known: String?) -> String? {
      guard let start = unsafe start else { return nil }
      let first = unsafe place
      while unsafe place < count, unsafe PercentCoding.isUnreserved(start[place]) { unsafe place += 1 }
      let name = unsafe UnsafeBufferPointer(start: start + first, count: place - first)
      guard !name.isEmpty else { return nil }
      if let known, known.utf8.count == name.count, unsafe withBytes(of: known, { unsafe isSame($0, name) }) {
        return known
      }
      return unsafe String(decoding: name, as: UTF8.self)
    }

    private func isSame(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
      guard let left = one.baseAddress, let right = other.baseAddress else { return one.count == other.count }
      return unsafe one.count == other.count && memcmp(left, right, one.count) == 0
    }

    /// What stands before the next `&`.
    mutating func takeField() -> Range<Int> {
      let first = unsafe place
      if let start = unsafe start {
        while unsafe place < count, unsafe start[place] != 0x26 { unsafe place += 1 }
      }
      return unsafe first..<place
    }

    mutating func takeSpan() -> TimeSpan? {
      guard let start = unsafe takeSeconds(), unsafe take(";"), let end = unsafe takeSeconds() else { return nil }
      return TimeSpan(start: start, end: end)
    }

    private mutating func takeSeconds() -> Int64? {
      guard let start = unsafe start else { return nil }
      let first = unsafe place
      var value: Int64 = 0
      while unsafe place < count, unsafe place - first < 18, case let digit = unsafe start[place] &- 0x30, digit < 10 {
        value = value * 10 + Int64(digit)
        unsafe place += 1
      }
      return unsafe place > first ? value : nil
    }
  }

  /// What a try to sign in so much memory comes to.
  private enum Attempt {
    case written(String)
    /// Whether it is the Authorization that was given.
    case compared(Bool)
    case fault(SignedEntryList.Fault)
  }

  /// - Parameters:
  ///   - headers: those that are signed; nil for those of the common set.
  ///   - given: an Authorization to compare with; nil when it is to be written.
  private static func sign(
    _ request: HTTPRequest, _ headers: ListedNames?, _ credentials: Credentials, _ keyTime: TimeSpan,
    _ signTime: TimeSpan?, _ keys: KeyCache, comparingWith given: UnsafeRawBufferPointer?
  ) -> Attempt {
    // So much lies on the stack and is enough for usual requests.
    let small = unsafe attempt(in: 1024, request, headers, credentials, keyTime, signTime, keys, given)
    guard case .fault(.needsMoreMemory) = small else { return small }
    return unsafe attemptWithMore(request, headers, credentials, keyTime, signTime, keys, given)
  }

  /// Apart, so that what usual requests take of the stack stays small.
  @inline(never)
  private static func attemptWithMore(
    _ request: HTTPRequest, _ headers: ListedNames?, _ credentials: Credentials, _ keyTime: TimeSpan,
    _ signTime: TimeSpan?, _ keys: KeyCache, _ given: UnsafeRawBufferPointer?
  ) -> Attempt {
    unsafe attempt(in: 8 * bytesMax, request, headers, credentials, keyTime, signTime, keys, given)
  }

  /// - Parameter bytes: of each of the three pieces: for a text as it came, for parameters and headers, for what is signed.
  @inline(__always)
  private static func attempt(
    in bytes: Int, _ request: HTTPRequest, _ headers: ListedNames?, _ credentials: Credentials, _ keyTime: TimeSpan,
    _ signTime: TimeSpan?, _ keys: KeyCache, _ given: UnsafeRawBufferPointer?
  ) -> Attempt {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes) { stage -> Attempt in
      unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes) { texts -> Attempt in
        unsafe withUnsafeTemporaryAllocation(of: SignedEntry.self, capacity: entriesMax) { entries -> Attempt in
          unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes) { memory -> Attempt in
            var list = unsafe SignedEntryList(entries, texts: ScratchWriter(texts))
            var writer = unsafe ScratchWriter(memory)
            return unsafe attempt(
              &writer, &list, staging: stage, request, headers, credentials, keyTime, signTime, keys, given)
          }
        }
      }
    }
  }

  @inline(__always)
  private static func attempt(
    _ writer: inout ScratchWriter, _ list: inout SignedEntryList, staging memory: UnsafeMutableBufferPointer<UInt8>,
    _ request: HTTPRequest, _ headers: ListedNames?, _ credentials: Credentials, _ keyTime: TimeSpan,
    _ signTime: TimeSpan?, _ keys: KeyCache, _ given: UnsafeRawBufferPointer?
  ) -> Attempt {
    let targetCount = request.target.utf8.count
    guard targetCount <= bytesMax, request.method.utf8.count <= 32, credentials.secretID.utf8.count <= 512,
      let target = unsafe withBytes(of: request.target, { unsafe StagedText($0, in: memory) })
    else { return .fault(targetCount <= memory.count ? .isNotPlain : .needsMoreMemory) }
    guard unsafe writer.hasRoom(targetCount + 64) else { return .fault(.needsMoreMemory) }
    unsafe withBytes(of: request.method) { unsafe writer.appendLowercased($0) }
    unsafe writer.append(0x0A)
    guard let query = unsafe writer.appendDecodedPath(of: target) else { return .fault(.isNotPlain) }
    unsafe writer.append(0x0A)
    if let fault = unsafe list.addParameters(of: target, from: query + 1) { return .fault(fault) }
    let parameterCount = unsafe list.count
    let key = keys.key(credentials.secretKey, keyTime, request.headers.fields)
    let known = unsafe headers == nil ? key.headers.lists(for: request.headers.fields) : nil
    if unsafe known == nil {
      let fault = unsafe addHeaders(
        of: request, to: &list, among: headers, key.headers, bytesLeft: bytesMax - targetCount)
      if let fault { return .fault(fault) }
      unsafe list.sort(parameterCount..<list.count)
    }
    unsafe list.sort(0..<parameterCount)
    let knownCount = unsafe known.map { unsafe $0.httpHeaders.count + $0.headerList.count } ?? 0
    guard unsafe writer.hasRoom(list.texts.count + list.count + knownCount + 2) else {
      return .fault(.needsMoreMemory)
    }

    unsafe list.writePairs(0..<parameterCount, to: &writer)
    unsafe writer.append(0x0A)
    if let known = unsafe known {
      unsafe writer.append(words: known.httpHeaders)
    } else {
      unsafe list.writePairs(parameterCount..<list.count, to: &writer)
    }
    unsafe writer.append(0x0A)
    let digest = unsafe Digests.sha1(padding: writer.start, count: writer.count)

    // What was staged is done with. The names come once in the lists; the times, the digests and what stands between take
    // less than 340 bytes.
    unsafe writer = ScratchWriter(memory)
    let size = unsafe list.texts.count + list.count + knownCount + credentials.secretID.utf8.count + 340
    guard unsafe writer.hasRoom(size) else { return .fault(.needsMoreMemory) }
    unsafe writer.append("sha1\n")
    let signTimeStart = unsafe writer.count
    if let signTime { unsafe writer.append(signTime) } else { unsafe writer.append(key.keyTime) }
    let signTimeEnd = unsafe writer.count
    unsafe writer.append(0x0A)
    unsafe writer.appendHex(digest)
    unsafe writer.append(0x0A)
    let signature = unsafe key.signKey.digest(padding: writer.start, count: writer.count)

    let result = unsafe writer.count
    unsafe writer.append("q-sign-algorithm=sha1&q-ak=")
    unsafe withBytes(of: credentials.secretID) { unsafe writer.append($0) }
    unsafe writer.append("&q-sign-time=")
    unsafe writer.append(signTimeStart..<signTimeEnd)
    unsafe writer.append("&q-key-time=")
    unsafe writer.append(key.keyTime)
    unsafe writer.append("&q-header-list=")
    if let known = unsafe known {
      unsafe writer.append(words: known.headerList)
    } else {
      unsafe list.writeNames(parameterCount..<list.count, to: &writer)
    }
    unsafe writer.append("&q-url-param-list=")
    unsafe list.writeNames(0..<parameterCount, to: &writer)
    unsafe writer.append("&q-signature=")
    unsafe writer.appendHex(signature)
    let authorization = unsafe writer.bytes(from: result)
    guard let given = unsafe given else { return unsafe .written(String(decoding: authorization, as: UTF8.self)) }
    return unsafe .compared(Digests.endsInSameDigest(authorization, given))
  }

  /// Adds the header fields that are signed, those that are known as they are kept.
  @inline(__always)
  private static func addHeaders(
    of request: HTTPRequest, to list: inout SignedEntryList, among names: ListedNames?, _ kept: KeptHeaders,
    bytesLeft: Int
  ) -> SignedEntryList.Fault? {
    var left = bytesLeft
    for index in request.headers.fields.indices {
      let fault: SignedEntryList.Fault?
      if let (entry, text) = unsafe kept.entry(index, for: request.headers.fields[index]) {
        left -= entry.count
        guard left >= 0 else { return .isNotPlain }
        fault = unsafe list.addHeader(entry, text, among: names)
      } else {
        let (name, value) = (request.headers.fields[index].name, request.headers.fields[index].value)
        left -= name.utf8.count + value.utf8.count
        guard left >= 0 else { return .isNotPlain }
        fault = unsafe withBytes(of: name) { name in
          unsafe withBytes(of: value) { value in unsafe list.addHeader(name, value, among: names) }
        }
      }
      if let fault { return fault }
    }
    return nil
  }
}

/// Lends the bytes of a text without copying the text.
@inline(__always)
func withBytes<Result>(of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
  if let result = unsafe text.utf8.withContiguousStorageIfAvailable(body) { return result }
  return unsafe Array(text.utf8).withUnsafeBufferPointer(body)
}
