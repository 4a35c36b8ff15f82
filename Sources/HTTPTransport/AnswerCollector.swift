internal import HTTPExchange

/// One answer as it comes in, line by line and then piece by piece. A class because C callbacks refer to it.
final class AnswerCollector {
  enum Fault {
    case closedEarly(String)
    case malformed(String)
    case tooLarge(String)
  }

  private let limits: TransportLimits
  private var headerBytes = 0
  private(set) var response = HTTPResponse(status: 0)
  /// The empty line after the head of the final answer was seen.
  private(set) var hasHead = false
  private var wasSent = false
  /// Why the answer was given up.
  private(set) var fault: Fault?

  init(limits: TransportLimits) { self.limits = limits }

  /// False ends the transfer.
  func takeHeaderLine(_ line: some Collection<UInt8>) -> Bool {
    headerBytes += line.count
    guard headerBytes <= limits.headerBytesMax else {
      return give(up: .tooLarge("the head of the answer has more than \(limits.headerBytesMax) bytes"))
    }
    // What comes after the head is the trailer of a chunked body.
    guard !hasHead else { return true }
    let text = String(decoding: line, as: UTF8.self).prefix { $0 != "\r\n" && $0 != "\n" && $0 != "\r" }
    if text.isEmpty { return endHead() }
    if text.hasPrefix("HTTP/") { return startHead(text) }
    return takeField(text)
  }

  /// False ends the transfer.
  func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard response.body.count + bytes.count <= limits.bodyBytesMax else {
      return give(up: .tooLarge("the body of the answer has more than \(limits.bodyBytesMax) bytes"))
    }
    unsafe response.body.append(contentsOf: bytes)
    return true
  }

  /// True the first time: a request is sent once, since the server may have acted on it though it gave no answer.
  func maySend() -> Bool {
    guard wasSent else {
      wasSent = true
      return true
    }
    return give(up: .closedEarly("the kept connection was closed without an answer"))
  }

  /// More bytes came than the answer has.
  func noteSurplus() {
    if fault == nil { fault = .malformed("more bytes came than belong to the answer") }
  }

  private func give(up fault: Fault) -> Bool {
    self.fault = fault
    return false
  }

  private func startHead(_ line: Substring) -> Bool {
    let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count >= 2, words[1].utf8.count == 3, let status = Int(words[1]), status >= 100 else {
      return give(up: .malformed("the answer starts with '\(line.prefix(60))', which is no status line"))
    }
    response = HTTPResponse(status: status, reason: words.count == 3 ? String(words[2]) : "")
    return true
  }

  private func takeField(_ line: Substring) -> Bool {
    if line.hasPrefix(" ") || line.hasPrefix("\t"), let last = response.headers.fields.indices.last {
      response.headers.fields[last].value += " " + Self.trimmed(line)
      return true
    }
    guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
      return give(up: .malformed("the head of the answer has the line '\(line.prefix(60))', which is no header field"))
    }
    response.headers.append(String(line[..<colon]), Self.trimmed(line[line.index(after: colon)...]))
    return true
  }

  private func endHead() -> Bool {
    guard response.status != 101 else {
      return give(up: .malformed("the answer is 101, a change of the protocol that nobody asked for"))
    }
    // An interim answer, such as 100 Continue, goes before the final one.
    guard response.status >= 200 else { return true }
    let lengths = response.headers.values(of: "Content-Length")
    if let first = lengths.first, let other = lengths.first(where: { $0 != first }) {
      return give(up: .malformed("the answer says both Content-Length: \(first) and Content-Length: \(other)"))
    }
    // libcurl reads a length beyond its integers as none at all.
    if let length = lengths.first, !length.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) || Int(length) == nil {
      return give(up: .malformed("the answer has the Content-Length '\(length.prefix(60))', which is no length"))
    }
    hasHead = true
    return true
  }

  private static func trimmed(_ text: Substring) -> String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    let start = text.drop(while: isBlank)
    return start.lastIndex { !isBlank($0) }.map { String(start[...$0]) } ?? ""
  }
}
