internal import CaseLibrary
internal import HTTPExchange
internal import Signing

/// A URL that carries a signature, taken apart and held against the request it was made of.
struct PresignedURL {
  /// What is wrong with it.
  struct Problem: Error, CustomStringConvertible {
    var description: String
  }

  /// Path and query as they would go over the wire.
  let target: String
  /// The seven fields, each decoded once.
  private let fields: [(name: String, value: String)]

  /// - Parameter base: scheme and host that it was to have.
  init(_ url: String, base: String, of input: SigningVector.Input) throws(Problem) {
    guard url.hasPrefix(base + "/") else { throw Problem(description: "it does not start with \(base)/") }
    let target = String(url.dropFirst(base.count))
    guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !target.contains("#") else {
      throw Problem(description: "a character stands in it that has to be encoded")
    }
    self.target = target
    let request = HTTPRequest(method: input.method ?? "", target: target)
    let path = PercentCoding.decode(request.rawPath, plusIsSpace: true)
    guard path == input.path else {
      throw Problem(description: "its path is '\(path)' to a server, not '\(input.path ?? "")'")
    }
    let all = request.parameters
    fields = try Self.fields(of: all)
    let carriers = Set(Authorization.fieldNames + ["sign"])
    try Self.compare(all.filter { !carriers.contains($0.name) }, with: KitSigner.parameters(input))
  }

  /// Each field once, whether as a parameter of its own or in the one parameter `sign`.
  private static func fields(of all: [Parameter]) throws(Problem) -> [(name: String, value: String)] {
    var pairs = all.filter { Authorization.fieldNames.contains($0.name) }.map { (name: $0.name, value: $0.value ?? "") }
    if pairs.isEmpty, let sign = all.first(where: { $0.name == "sign" })?.value {
      pairs = sign.split(separator: "&").map { field in
        let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return (parts[0], parts.count == 2 ? parts[1] : "")
      }
    }
    for name in Authorization.fieldNames {
      let count = pairs.count { $0.name == name }
      guard count == 1 else {
        throw Problem(description: count == 0 ? "\(name) is missing" : "\(name) stands \(count) times in it")
      }
    }
    return pairs
  }

  private static func compare(_ found: [Parameter], with wanted: [Parameter]) throws(Problem) {
    var rest = found
    for parameter in wanted {
      guard let place = rest.firstIndex(where: { $0.name == parameter.name && $0.value ?? "" == parameter.value ?? "" })
      else {
        throw Problem(
          description: "the parameter '\(parameter.name)' with the value '\(parameter.value ?? "")' is not in it")
      }
      rest.remove(at: place)
    }
    guard rest.isEmpty else { throw Problem(description: "the parameter '\(rest[0].name)' was added") }
  }

  /// The Authorization that it carries. A list that was encoded once only has lost the encoding of its names, which is
  /// put back: whether the service takes such a list is not documented (Vectors/signing/verify.json, list-encoded-once).
  func authorization(listing names: [String]) -> String {
    func lowered(_ name: String) -> String { String(decoding: name.utf8.map(asciiLowercased), as: UTF8.self) }
    let encoded = Dictionary(names.map { (lowered($0), PercentCoding.encode($0).lowercased()) }) { one, _ in one }
    return fields.map { name, value in
      guard name == "q-url-param-list" else { return "\(name)=\(value)" }
      let list = value.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
      return "\(name)=" + list.map { encoded[lowered($0)] ?? $0 }.joined(separator: ";")
    }.joined(separator: "&")
  }

  /// Why the kit's verifier refuses a request of the URL, nil when it does not or when the times admit no moment.
  func refusal(of input: SigningVector.Input) -> String? {
    let values = Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
    guard let key = TimeSpan(parsing: values["q-key-time"] ?? ""),
      let sign = TimeSpan(parsing: values["q-sign-time"] ?? "")
    else { return "its times are no times" }
    let now = max(key.start, sign.start)
    guard now < min(key.end, sign.end) else { return nil }
    let request = HTTPRequest(
      method: input.method ?? "", target: target, headers: HTTPHeaders(KitSigner.headers(input)))
    let secret = input.secretKey ?? ""
    let outcome = Verifier { $0 == input.secretID ? secret : nil }.outcome(for: request, now: now)
    switch outcome {
    case .valid: return nil
    case .mismatch(_, _, let difference): return "\(difference.stage): \(difference.explanation)"
    default: return "\(outcome)"
    }
  }
}
