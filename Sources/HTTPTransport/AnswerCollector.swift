internal import HTTPExchange

/// Answers as they come in, each line by line and then piece by piece. A class because C callbacks refer to it.
@safe final class AnswerCollector {
  enum Fault {
    case closedEarly(String)
    case malformed(String)
    case tooLarge(String)
  }

  struct Answer {
    var response = HTTPResponse(status: 0)
    /// The empty line after the head of the final answer was seen.
    var hasHead = false
    /// libcurl said something of the chunks of the body.
    var hasRemarkOnChunks = false
    /// Why the answer was given up.
    var fault: Fault?
    fileprivate var headerBytes = 0
    fileprivate var wasSent = false
  }

  /// libcurl's handle of the transfer, which outlives this.
  let transfer: UnsafeMutableRawPointer
  private let limits: TransportLimits
  private var answer = Answer()

  init(of transfer: UnsafeMutableRawPointer, limits: TransportLimits) {
    unsafe self.transfer = transfer
    self.limits = limits
  }

  /// The empty line after the head of the final answer has come.
  var hasHead: Bool { answer.hasHead }

  /// What has come of an answer; nothing of it stays for the next.
  func take() -> Answer {
    defer { answer = Answer() }
    return answer
  }

  /// False ends the transfer.
  func takeHeaderLine(_ line: UnsafeRawBufferPointer) -> Bool {
    answer.headerBytes += line.count
    guard answer.headerBytes <= limits.headerBytesMax else {
      return give(up: .tooLarge("the head of the answer has more than \(limits.headerBytesMax) bytes"))
    }
    // What comes after the head is the trailer of a chunked body.
    guard !answer.hasHead else { return true }
    let text = unsafe line[..<(line.firstIndex { $0 == 0x0D || $0 == 0x0A } ?? line.endIndex)]
    if unsafe text.isEmpty { return endHead() }
    if unsafe text.starts(with: "HTTP/".utf8) { return unsafe startHead(text) }
    return unsafe takeField(text)
  }

  /// False ends the transfer.
  func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard answer.response.body.count + bytes.count <= limits.bodyBytesMax else {
      return give(up: .tooLarge("the body of the answer has more than \(limits.bodyBytesMax) bytes"))
    }
    unsafe answer.response.body.append(contentsOf: bytes)
    return true
  }

  /// True the first time: a request is sent once, since the server may have acted on it though it gave no answer.
  func maySend() -> Bool {
    guard answer.wasSent else {
      answer.wasSent = true
      return true
    }
    return give(up: .closedEarly("the kept connection was closed without an answer"))
  }

  /// More bytes came than the answer has.
  func noteSurplus() {
    if answer.fault == nil { answer.fault = .malformed("more bytes came than belong to the answer") }
  }

  /// A remark about chunks was made: if receiving fails, it is why.
  func noteChunks() { answer.hasRemarkOnChunks = true }

  private func give(up fault: Fault) -> Bool {
    answer.fault = fault
    return false
  }

  private func startHead(_ line: Slice<UnsafeRawBufferPointer>) -> Bool {
    let words = unsafe line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
    guard unsafe words.count >= 2, unsafe words[1].count == 3, let status = unsafe Int(Self.text(words[1])),
      status >= 100
    else {
      return give(
        up: .malformed("the answer starts with '\(unsafe Self.text(line).prefix(60))', which is no status line"))
    }
    answer.response = HTTPResponse(status: status, reason: unsafe words.count == 3 ? Self.text(words[2]) : "")
    return true
  }

  private func takeField(_ line: Slice<UnsafeRawBufferPointer>) -> Bool {
    if unsafe line.first == 0x20 || line.first == 0x09, let last = answer.response.headers.fields.indices.last {
      answer.response.headers.fields[last].value += unsafe " " + Self.trimmed(line)
      return true
    }
    guard let colon = unsafe line.firstIndex(of: 0x3A), unsafe colon > line.startIndex else {
      return give(
        up: .malformed(
          "the head of the answer has the line '\(unsafe Self.text(line).prefix(60))', which is no header field"))
    }
    unsafe answer.response.headers.append(Self.text(line[..<colon]), Self.trimmed(line[(colon + 1)...]))
    return true
  }

  private func endHead() -> Bool {
    guard answer.response.status != 101 else {
      return give(up: .malformed("the answer is 101, a change of the protocol that nobody asked for"))
    }
    // An interim answer, such as 100 Continue, goes before the final one.
    guard answer.response.status >= 200 else { return true }
    let lengths = answer.response.headers.values(of: "Content-Length")
    if let first = lengths.first, let other = lengths.first(where: { $0 != first }) {
      return give(up: .malformed("the answer says both Content-Length: \(first) and Content-Length: \(other)"))
    }
    // libcurl reads a length beyond its integers as none at all.
    if let length = lengths.first, !length.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) || Int(length) == nil {
      return give(up: .malformed("the answer has the Content-Length '\(length.prefix(60))', which is no length"))
    }
    answer.hasHead = true
    return true
  }

  private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
    unsafe String(decoding: UnsafeRawBufferPointer(rebasing: bytes), as: UTF8.self)
  }

  /// Without the blanks at either end.
  private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    let start = unsafe bytes.drop(while: isBlank)
    guard let last = unsafe start.lastIndex(where: { !isBlank($0) }) else { return "" }
    return unsafe text(start[...last])
  }
}
