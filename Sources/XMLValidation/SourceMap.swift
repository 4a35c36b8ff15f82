/// Where the elements of a well-formed UTF-8 document stand in its bytes.
///
/// libxml2 keeps a line for an element and no column, so the columns are read off the bytes: the start tags of a
/// well-formed document come in the order of its elements. Made only for documents that have a finding.
struct SourceMap {
  /// The offset of `<` of each start tag, and of the first byte after the tag, in document order.
  private var tags: [(start: Int, end: Int)] = []
  private var lineStarts = [0]
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    let end = bytes.count
    var place = 0
    while place < end {
      switch bytes[place] {
      case 0x0A:
        place += 1
        lineStarts.append(place)
      case 0x3C where place + 1 < end:
        let next = bytes[place + 1]
        if next == 0x21 || next == 0x3F {
          place = endOfMarkup(from: place)
        } else {
          let tagEnd = endOfTag(from: place)
          if next != 0x2F { tags.append((place, tagEnd)) }
          place = tagEnd
        }
      default: place += 1
      }
    }
  }

  /// The line and column of a start tag, by the number of its element in document order.
  func position(ofElement index: Int) -> (line: Int, column: Int)? {
    index < tags.count ? position(ofByte: tags[index].start) : nil
  }

  /// The line and column of the first character of an element's value that is not blank.
  func position(ofValueIn index: Int) -> (line: Int, column: Int)? {
    guard index < tags.count else { return nil }
    var place = tags[index].end
    while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
    guard place < bytes.count, bytes[place] != 0x3C else { return position(ofElement: index) }
    return position(ofByte: place)
  }

  private func position(ofByte offset: Int) -> (line: Int, column: Int) {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    // Columns count characters: the bytes that continue one are left out.
    let column = (lineStarts[low]..<offset).count { bytes[$0] & 0xC0 != 0x80 }
    return (low + 1, column + 1 - (low == 0 && hasByteOrderMark ? 1 : 0))
  }

  private var hasByteOrderMark: Bool {
    bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
  }

  /// The offset after a tag; a `>` inside a quoted attribute value does not end it.
  private mutating func endOfTag(from start: Int) -> Int {
    var quote: UInt8 = 0
    var place = start + 1
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      if byte == 0x0A { lineStarts.append(place) }
      if quote != 0 {
        if byte == quote { quote = 0 }
      } else if byte == 0x22 || byte == 0x27 {
        quote = byte
      } else if byte == 0x3E {
        break
      }
    }
    return place
  }

  /// The offset after a comment, a CDATA section or a processing instruction.
  private mutating func endOfMarkup(from start: Int) -> Int {
    let terminator: [UInt8]
    if bytes[start + 1] == 0x3F {
      terminator = Array("?>".utf8)
    } else if start + 2 < bytes.count, bytes[start + 2] == 0x2D {
      terminator = Array("-->".utf8)
    } else {
      terminator = Array("]]>".utf8)
    }
    var place = start + 2
    while place < bytes.count {
      if bytes[place] == 0x0A { lineStarts.append(place + 1) }
      if place + terminator.count <= bytes.count,
        terminator.indices.allSatisfy({ bytes[place + $0] == terminator[$0] })
      {
        return place + terminator.count
      }
      place += 1
    }
    return place
  }
}
