/// One parameter or header among the texts of a list: `name=value` in its signed form.
struct SignedEntry {
  /// The first eight bytes of the name as a number, the first byte highest.
  var key: UInt64
  var start: Int32
  var nameEnd: Int32
  var end: Int32
}

/// The parameters of a request, then its headers.
@unsafe struct SignedEntryList {
  private let entries: UnsafeMutablePointer<SignedEntry>
  private let capacity: Int
  private(set) var count = 0
  private(set) var texts: ScratchWriter

  enum Fault { case needsMoreMemory, isNotPlain }

  init(_ memory: UnsafeMutableBufferPointer<SignedEntry>, texts: ScratchWriter) {
    guard let start = memory.baseAddress else { preconditionFailure("scratch memory has no place") }
    unsafe entries = start
    unsafe capacity = memory.count
    unsafe self.texts = texts
  }

  /// Reads the query of a target from a place to its end; only what is ASCII when it is decoded.
  mutating func addParameters(of target: StagedText, from first: Int) -> Fault? {
    guard unsafe texts.hasRoom(3 * target.count) else { return .needsMoreMemory }
    var place = first
    while unsafe place < target.count {
      if unsafe target[place] == 0x26 {
        place += 1
        continue
      }
      guard unsafe count < capacity else { return .isNotPlain }
      let start = unsafe texts.count
      guard var stop = unsafe texts.appendRecoded(target, from: place, isName: true) else { return .isNotPlain }
      let nameEnd = unsafe texts.count
      unsafe texts.append(0x3D)
      if unsafe target[stop] == 0x3D {
        guard let end = unsafe texts.appendRecoded(target, from: stop + 1, isName: false) else { return .isNotPlain }
        stop = end
      }
      unsafe add(start, nameEnd)
      place = stop + 1
    }
    return nil
  }

  /// Reads a header field when it is one that is signed: among the names, or without these among the common set.
  @inline(__always)
  mutating func addHeader(
    _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, among names: ListedNames?
  ) -> Fault? {
    guard unsafe count < capacity else { return .isNotPlain }
    guard unsafe texts.hasRoom(3 * (name.count + value.count)) else { return .needsMoreMemory }
    let start = unsafe texts.count
    unsafe texts.appendEncoded(name, lowercased: true)
    let (text, length) = unsafe (texts.start + start, texts.count - start)
    let isSigned: Bool
    if let names = unsafe names {
      isSigned = unsafe names.contain(text, length)
    } else {
      isSigned = unsafe SignedHeaderName.isSigned(lowercased: text, count: length)
    }
    guard isSigned else {
      unsafe texts.goBack(to: start)
      return nil
    }
    let nameEnd = unsafe texts.count
    unsafe texts.append(0x3D)
    unsafe texts.appendEncoded(value, lowercased: false)
    unsafe add(start, nameEnd)
    return nil
  }

  /// Adds a header field whose signed form is known.
  @inline(__always)
  mutating func addHeader(_ entry: KeptHeaders.Entry, _ text: UnsafePointer<UInt8>, among names: ListedNames?) -> Fault?
  {
    let isSigned =
      if let names = unsafe names { unsafe names.contain(text, entry.nameCount) } else { entry.isOfCommonSet }
    guard isSigned else { return nil }
    guard unsafe count < capacity else { return .isNotPlain }
    guard unsafe texts.hasRoom(entry.count) else { return .needsMoreMemory }
    let start = unsafe texts.count
    unsafe texts.append(text, entry.count)
    unsafe add(start, start + entry.nameCount)
    return nil
  }

  /// Adds what was written last.
  @inline(__always)
  private mutating func add(_ start: Int, _ nameEnd: Int) {
    let bytes = unsafe UnsafeRawPointer(texts.start + start).loadUnaligned(as: UInt64.self).bigEndian
    let length = nameEnd - start
    // Of a shorter name what follows it does not count.
    let key = length >= 8 ? bytes : bytes & ~(UInt64.max >> UInt64(8 * length))
    unsafe (entries + count).initialize(
      to: SignedEntry(key: key, start: Int32(start), nameEnd: Int32(nameEnd), end: Int32(texts.count)))
    unsafe count += 1
  }

  /// Insertion, stable: the lists are short and mostly in order.
  func sort(_ range: Range<Int>) {
    for index in range.dropFirst() {
      let entry = unsafe entries[index]
      var place = index
      while place > range.lowerBound, unsafe precedes(entry, entries[place - 1]) {
        unsafe entries[place] = unsafe entries[place - 1]
        place -= 1
      }
      unsafe entries[place] = entry
    }
  }

  /// Whether one name comes before another, byte by byte.
  @inline(__always)
  private func precedes(_ one: SignedEntry, _ other: SignedEntry) -> Bool {
    guard one.key == other.key else { return one.key < other.key }
    let (left, right) = (Int(one.nameEnd - one.start), Int(other.nameEnd - other.start))
    for index in 0..<min(left, right) {
      let bytes = unsafe (texts.start[Int(one.start) + index], texts.start[Int(other.start) + index])
      if bytes.0 != bytes.1 { return bytes.0 < bytes.1 }
    }
    return left < right
  }

  @inline(__always)
  func writePairs(_ range: Range<Int>, to writer: inout ScratchWriter) {
    for index in range {
      if index > range.lowerBound { unsafe writer.append(0x26) }
      let start = unsafe Int(entries[index].start)
      unsafe writer.append(texts.start + start, Int(entries[index].end) - start)
    }
  }

  @inline(__always)
  func writeNames(_ range: Range<Int>, to writer: inout ScratchWriter) {
    for index in range {
      if index > range.lowerBound { unsafe writer.append(0x3B) }
      let start = unsafe Int(entries[index].start)
      unsafe writer.append(texts.start + start, Int(entries[index].nameEnd) - start)
    }
  }
}
