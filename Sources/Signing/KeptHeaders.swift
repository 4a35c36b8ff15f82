internal import HTTPExchange

/// The header fields of one request in their signed form. Most fields of a client's next request, its Host above all, are
/// the same, and are copied instead of encoded once more.
///
/// Nothing changes after it was made, so that threads may share it.
@safe final class KeptHeaders: @unchecked Sendable {
  /// As they were given.
  let fields: [HTTPHeaders.Field]
  /// `name=value` of each, one after the other, with room behind them to be read in whole words.
  private let texts: UnsafeMutableBufferPointer<UInt8>
  private let entries: UnsafeMutableBufferPointer<Entry>

  struct Entry {
    var start: Int
    var nameCount: Int
    var count: Int
    /// Whether it is of the set that is signed unless a list says otherwise.
    var isOfCommonSet: Bool
  }

  /// Keeps the first fields, as many as may be signed in scratch memory.
  init(_ fields: [HTTPHeaders.Field]) {
    var bytes: [UInt8] = []
    var entries: [Entry] = []
    for field in fields.prefix(FastSigning.entriesMax) {
      guard bytes.count + field.name.utf8.count + field.value.utf8.count <= FastSigning.bytesMax else { break }
      let start = bytes.count
      PercentCoding.appendEncoded(field.name, to: &bytes)
      for place in start..<bytes.count { bytes[place] = asciiLowercased(bytes[place]) }
      let nameCount = bytes.count - start
      bytes.append(0x3D)
      PercentCoding.appendEncoded(field.value, to: &bytes)
      entries.append(
        Entry(
          start: start, nameCount: nameCount, count: bytes.count - start,
          isOfCommonSet: SignedHeaderName.isSigned(field.name)))
    }
    self.fields = Array(fields.prefix(entries.count))
    bytes += [UInt8](repeating: 0, count: 16)
    unsafe texts = .allocate(capacity: bytes.count)
    _ = unsafe texts.initialize(from: bytes)
    unsafe self.entries = .allocate(capacity: entries.count)
    _ = unsafe self.entries.initialize(from: entries)
  }

  deinit {
    unsafe texts.deallocate()
    unsafe entries.deallocate()
  }

  /// The signed form of the field at an index, when it is the same; the text lies as long as this object.
  @inline(__always)
  @unsafe func entry(_ index: Int, for field: HTTPHeaders.Field) -> (entry: Entry, text: UnsafePointer<UInt8>)? {
    guard index < fields.count, fields[index] == field, let start = unsafe texts.baseAddress else { return nil }
    let entry = unsafe entries[index]
    return unsafe (entry, UnsafePointer(start + entry.start))
  }
}
