internal import HTTPExchange
internal import Signing
internal import XMLValidation

/// What a wrong server does differently from the faithful one, at up to four places.
struct Fault: Sendable {
  typealias Asking = @Sendable (inout Asked) -> Void
  typealias Answering = @Sendable (inout Answer) -> Void
  typealias Telling = @Sendable (inout [ToldCallback]) -> Void

  /// Changes the request before the faithful server sees it.
  var asks: Asking?
  /// Changes its answer.
  var answers: Answering?
  /// Changes its callbacks.
  var tells: Telling?
  /// Looks at signatures in its place.
  var verifies: VerifyingMistake?
}

/// What a wrong server remembers between requests.
struct Notes: Sendable {
  var texts: [String: String] = [:]
  var counts: [String: Int] = [:]

  /// How often this was called with the name, this time included.
  mutating func count(_ name: String) -> Int {
    counts[name, default: 0] += 1
    return counts[name] ?? 0
  }
}

/// A request on its way to the faithful server.
struct Asked {
  var request: HTTPRequest
  /// The ID of the operation that was asked for; empty when there is none of that method and path.
  let operation: String
  let now: Double
  var notes: Notes

  /// The body with one text in place of another.
  mutating func rewrite(_ old: String, _ new: String) {
    request.body = Array(String(decoding: request.body, as: UTF8.self).replacing(old, with: new).utf8)
  }

  /// Takes a parameter out of the query.
  mutating func drop(parameter name: String) {
    let pairs = (request.rawQuery ?? "").split(separator: "&").filter { $0.prefix { $0 != "=" } != name }
    request.target = request.rawPath + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
  }

  func parameter(_ name: String) -> String? {
    request.rawQuery.flatMap { query in
      PercentCoding.parameters(ofQuery: query).first { $0.name == name }?.value
    }
  }
}

/// The faithful answer on its way back.
struct Answer {
  /// As it came from the client.
  let request: HTTPRequest
  let operation: String
  let now: Double
  var notes: Notes
  var response: HTTPResponse
  let read: @Sendable ([UInt8]) -> ElementTree?

  var isSuccess: Bool { response.status < 300 }

  var body: String {
    get { String(decoding: response.body, as: UTF8.self) }
    set { response.body = Array(newValue.utf8) }
  }

  /// Changes the elements at a path of names below the root, such as `JobsDetail/State`; the root itself for an empty
  /// one. An answer without them stays as it is, byte for byte.
  mutating func edit(_ path: String, _ change: (inout ElementTree) -> Void) {
    guard let tree = read(response.body) else { return }
    var edited = tree
    edited.change(path.split(separator: "/").map(String.init)[...], change)
    if edited != tree { response.body = Array(edited.document.utf8) }
  }

  /// Changes each job that an answer of success describes.
  mutating func editJobs(_ change: (inout ElementTree) -> Void) {
    if isSuccess { edit("JobsDetail", change) }
  }

  /// Gives the elements at a path another text.
  mutating func set(_ path: String, _ text: (String) -> String) { edit(path) { $0.text = text($0.text) } }

  /// Takes the elements at a path away.
  mutating func drop(_ path: String) {
    let names = path.split(separator: "/").map(String.init)
    edit(names.dropLast().joined(separator: "/")) { $0.drop(names.last ?? "") }
  }
}

/// A callback on its way to the client.
public struct ToldCallback: Sendable {
  public var url: String
  public var method = "POST"
  public var contentType: String
  public var body: [UInt8]
}

extension ElementTree {
  /// Changes the elements at the end of a path of child names.
  mutating func change(_ path: ArraySlice<String>, _ change: (inout ElementTree) -> Void) {
    guard let first = path.first else { return change(&self) }
    for index in children.indices where children[index].name == first {
      children[index].change(path.dropFirst(), change)
    }
  }

  mutating func drop(_ name: String) { children.removeAll { $0.name == name } }

  /// Gives the first child of a name another text, or adds one.
  mutating func put(_ name: String, _ text: String) {
    if let index = children.firstIndex(where: { $0.name == name }) {
      children[index].text = text
    } else {
      children.append(ElementTree(name, text: text))
    }
  }

  /// Gives the children of a name another text, where there are any.
  mutating func set(_ name: String, _ text: (String) -> String) {
    for index in children.indices where children[index].name == name {
      children[index].text = text(children[index].text)
    }
  }

  func has(_ name: String) -> Bool { self[name] != nil }
}
