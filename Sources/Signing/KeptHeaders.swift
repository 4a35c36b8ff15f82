internal import HTTPExchange

/// The header fields of one request in their signed form. Most fields of a client's next request, its Host above all, are
/// the same, and are copied instead of encoded once more.
///
/// Nothing changes after it was made, so that threads may share it.
@safe final class KeptHeaders: @unchecked Sendable {
  /// As they were given.
  let fields: [HTTPHeaders.Field]
  /// `name=value` of each, one after the other, then HttpHeaders and HeaderList of those of the common set, with room
  /// behind them to be read in whole words.
  private let texts: UnsafeMutableBufferPointer<UInt8>
  private let entries: UnsafeMutableBufferPointer<Entry>
  private let httpHeaders: Range<Int>
  private let headerList: Range<Int>

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
      let nameEnd = CanonicalList.append(field.name, field.value, to: &bytes)
      entries.append(
        Entry(
          start: start, nameCount: nameEnd - start, count: bytes.count - start,
          isOfCommonSet: SignedHeaderName.isSigned(field.name)))
    }
    self.fields = Array(fields.prefix(entries.count))
    let all = CanonicalList(headers: self.fields.filter { SignedHeaderName.isSigned($0.name) })
    httpHeaders = bytes.count..<bytes.count + all.pairs.count
    headerList = httpHeaders.upperBound..<httpHeaders.upperBound + all.names.count
    bytes += all.pairs + all.names
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

  /// HttpHeaders and HeaderList when all fields are the same; the texts lie as long as this object.
  @inline(__always)
  @unsafe func lists(
    for fields: [HTTPHeaders.Field]
  ) -> (httpHeaders: UnsafeBufferPointer<UInt8>, headerList: UnsafeBufferPointer<UInt8>)? {
    guard self.fields.count == fields.count, let start = unsafe texts.baseAddress else { return nil }
    // The last ones, such as lengths and digests of bodies, are the likeliest to differ.
    for index in fields.indices.reversed() where self.fields[index] != fields[index] { return nil }
    return unsafe (
      UnsafeBufferPointer(start: start + httpHeaders.lowerBound, count: httpHeaders.count),
      UnsafeBufferPointer(start: start + headerList.lowerBound, count: headerList.count)
    )
  }

  /// The signed form of the field at an index, when it is the same; the text lies as long as this object.
  @inline(__always)
  @unsafe func entry(_ index: Int, for field: HTTPHeaders.Field) -> (entry: Entry, text: UnsafePointer<UInt8>)? {
    guard index < fields.count, fields[index] == field, let start = unsafe texts.baseAddress else { return nil }
    let entry = unsafe entries[index]
    return unsafe (entry, UnsafePointer(start + entry.start))
  }
}
