internal import HTTPExchange
private import Synchronization

/// The last SignKey that was made, which requests of the same second share, and header fields that requests have in common.
final class KeyCache: Sendable {
  /// A KeyTime as it is written; longer ones than this holds take the way of the stages.
  struct SpanText: Sendable {
    var bytes: InlineArray<48, UInt8> = .init(repeating: 0)
    var count = 0

    init(_ span: TimeSpan) {
      for byte in span.description.utf8 where count < 48 {
        bytes[count] = byte
        count += 1
      }
    }
  }

  /// A SignKey ready for use, with what it was made from.
  final class Key: Sendable {
    let keyTime: SpanText
    let signKey: Digests.HMACKey
    /// Those of the request for which this was made.
    let headers: KeptHeaders
    fileprivate let span: TimeSpan
    fileprivate let secretKey: String
    fileprivate let secret: Digests.HMACKey

    fileprivate init(_ secretKey: String, _ secret: Digests.HMACKey, _ span: TimeSpan, _ headers: KeptHeaders) {
      self.headers = headers
      self.secretKey = secretKey
      self.secret = secret
      self.span = span
      keyTime = SpanText(span)
      signKey = Digests.HMACKey(Digests.hex(secret.digest(of: span.description.utf8)))
    }
  }

  private let known = Mutex<Key?>(nil)
  private let knownSecretID = Mutex<String?>(nil)

  /// The SecretId of the request before: likely that of the next one too.
  var lastSecretID: String? {
    get { knownSecretID.withLock { $0 } }
    set { knownSecretID.withLock { $0 = newValue } }
  }

  /// The key of a span, for a request with those header fields; the last one when it is of the same span.
  func key(_ secretKey: String, _ keyTime: TimeSpan, _ fields: [HTTPHeaders.Field]) -> Key {
    known.withLock { known in
      let isSame = known?.secretKey == secretKey
      if isSame, let known, known.span == keyTime { return known }
      let secret = if isSame, let known { known.secret } else { Digests.HMACKey(secretKey.utf8) }
      // The first field is mostly Host.
      let isSameHost = fields.first != nil && known?.headers.fields.first == fields.first
      let headers = if isSameHost, let known { known.headers } else { KeptHeaders(fields) }
      let key = Key(secretKey, secret, keyTime, headers)
      known = key
      return key
    }
  }
}
