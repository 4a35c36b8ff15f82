private import Glibc

/// The names of a q-header-list, in the memory of the Authorization that it stands in.
@unsafe struct ListedNames {
  private let start: UnsafePointer<UInt8>
  private let count: Int

  /// Nil for bytes that have no place.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    guard let start = bytes.baseAddress else { return nil }
    unsafe self.start = unsafe start + range.lowerBound
    unsafe count = range.count
  }

  /// Whether a name is one of them as it is written.
  func contain(_ name: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    var place = unsafe length > 0 ? 0 : count + 1
    while unsafe place + length <= count {
      let end = place + length
      if unsafe end == count || start[end] == 0x3B, unsafe memcmp(start + place, name, length) == 0 { return true }
      while unsafe place < count, unsafe start[place] != 0x3B { place += 1 }
      place += 1
    }
    return false
  }
}
