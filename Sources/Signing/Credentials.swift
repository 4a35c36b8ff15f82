/// A key pair of the service. The secret key never appears in a description, a report or a log.
public struct Credentials: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
  /// Public, and part of each signature as `q-ak`.
  public var secretID: String
  /// Used as its bytes in UTF-8, with no blank cut off.
  public var secretKey: String
  /// The token of temporary credentials, sent as `x-ci-security-token` or, to hosts of COS, `x-cos-security-token`.
  public var token: String?

  /// A pair as it was given; nothing is checked.
  public init(secretID: String, secretKey: String, token: String? = nil) {
    self.secretID = secretID
    self.secretKey = secretKey
    self.token = token
  }

  public var description: String { "Credentials(secretID: \(secretID), secretKey: <redacted>)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: ["secretID": secretID, "secretKey": "<redacted>"]) }
}

/// The time span of a key or of a signature, in Unix seconds: `1557989151;1557996351`.
public struct TimeSpan: Sendable, Equatable, CustomStringConvertible {
  /// The first second of the span.
  public var start: Int64
  /// The last second of the span.
  public var end: Int64

  /// A span in Unix seconds; one whose end is not after its start counts as expired.
  public init(start: Int64, end: Int64) {
    self.start = start
    self.end = end
  }

  /// Two decimal numbers of at most 18 digits with a semicolon between, nothing else.
  public init?(parsing text: some StringProtocol) {
    let parts = text.utf8.split(separator: 0x3B, omittingEmptySubsequences: false)
    guard parts.count == 2, let start = Self.seconds(parts[0]), let end = Self.seconds(parts[1]) else { return nil }
    self.init(start: start, end: end)
  }

  private static func seconds(_ digits: some Collection<UInt8>) -> Int64? {
    guard (1...18).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
  }

  public var description: String { "\(start);\(end)" }
}
