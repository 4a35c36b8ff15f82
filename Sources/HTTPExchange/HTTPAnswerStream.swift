/// The answers in the bytes that came back on one connection.
public enum HTTPAnswerStream {
  /// Complete answers in their order, interim ones (1xx) among them when asked for; what follows the last complete one
  /// is left out.
  ///
  /// - Parameters:
  ///   - bytes: what came over the connection so far.
  ///   - withInterim: whether answers with status 1xx are among the result.
  ///   - isClosed: whether no more bytes come, so that a body without a length ends here.
  public static func answers(
    in bytes: [UInt8], withInterim: Bool = false, isClosed: Bool = true
  ) -> [HTTPResponse] {
    var rest = bytes[...]
    var answers: [HTTPResponse] = []
    while let answer = next(in: &rest, isClosed: isClosed) {
      if withInterim || answer.status >= 200 { answers.append(answer) }
      if answers.count >= answersMax { break }
    }
    return answers
  }

  private static let answersMax = 1000
  private static let headBytesMax = 64 << 10

  private static func next(in rest: inout ArraySlice<UInt8>, isClosed: Bool) -> HTTPResponse? {
    guard let end = endOfHead(in: rest), var answer = try? HTTPMessageText.response(parsing: Array(rest[..<end]))
    else { return nil }
    let after = rest[end...]
    if answer.status < 200 || answer.status == 204 || answer.status == 304 {
      rest = after
      return answer
    }
    if answer.headers["Transfer-Encoding"].map({ $0.lowercased().contains("chunked") }) == true {
      guard let (body, left) = chunked(after) else { return nil }
      answer.body = body
      rest = left
      return answer
    }
    if let length = answer.headers["Content-Length"] {
      guard let count = Int(length), count >= 0, after.count >= count else { return nil }
      answer.body = Array(after.prefix(count))
      rest = after.dropFirst(count)
      return answer
    }
    guard isClosed else { return nil }
    answer.body = Array(after)
    rest = []
    return answer
  }

  /// Where the body starts.
  private static func endOfHead(in bytes: ArraySlice<UInt8>) -> Int? {
    var isAtStartOfLine = false
    for (offset, byte) in bytes.prefix(headBytesMax).enumerated() {
      if byte == 0x0A {
        if isAtStartOfLine { return bytes.startIndex + offset + 1 }
        isAtStartOfLine = true
      } else if byte != 0x0D {
        isAtStartOfLine = false
      }
    }
    return nil
  }

  /// The body and what follows it; nil when it has no end.
  private static func chunked(_ bytes: ArraySlice<UInt8>) -> (body: [UInt8], rest: ArraySlice<UInt8>)? {
    var body: [UInt8] = []
    var rest = bytes
    while let end = rest.firstIndex(of: 0x0A) {
      let digits = rest[..<end].prefix { $0 != 0x0D && $0 != 0x3B }
      guard let count = Int(String(decoding: digits, as: UTF8.self), radix: 16), count >= 0 else { return nil }
      rest = rest[(end + 1)...]
      if count == 0 {
        // Trailer fields end with an empty line.
        while let end = rest.firstIndex(of: 0x0A) {
          let isEmpty = rest[..<end].allSatisfy { $0 == 0x0D }
          rest = rest[(end + 1)...]
          if isEmpty { return (body, rest) }
        }
        return nil
      }
      guard rest.count - 2 >= count else { return nil }
      body += rest.prefix(count)
      rest = rest.dropFirst(count)
      guard let end = rest.firstIndex(of: 0x0A) else { return nil }
      rest = rest[(end + 1)...]
    }
    return nil
  }
}
