internal import HTTPExchange
internal import XMLValidation

/// Servers that answer otherwise than the emulator and are as right: the documentation leaves these things open, so a
/// case that blames one of them asks for too much.
extension ServerMutant {
  private static func text(_ id: String, _ does: String, _ change: @escaping @Sendable (String) -> String)
    -> ServerMutant
  {
    ServerMutant("harmless/" + id, does, []) { answer in
      if !answer.response.body.isEmpty { answer.body = change(answer.body) }
    }
  }

  public static let harmless: [ServerMutant] = [
    ServerMutant("harmless/order", "writes the nodes of a container in another order", []) { answer in
      answer.edit("") { $0.reverse() }
    },
    text("no-declaration", "writes no XML declaration") {
      $0.replacing("<?xml version=\"1.0\" encoding=\"utf-8\"?>", with: "")
    },
    text("capital-encoding", "declares UTF-8 in capitals") { $0.replacing("\"utf-8\"", with: "\"UTF-8\"") },
    text("lines", "writes each node on a line of its own") { $0.replacing("><", with: ">\n  <") },
    text("comment", "writes a comment") { $0.replacing("<JobsDetail>", with: "<JobsDetail><!-- a job -->") },
    text("cdata", "writes a value in CDATA") { $0.replacing("<Code>Success<", with: "<Code><![CDATA[Success]]><") },
    text("empty-in-full", "writes empty nodes with a start and an end") {
      $0.replacing("<Message/>", with: "<Message></Message>")
    },
    text("message", "says Success in Message, as some captures do") {
      $0.contains("<State>Success<") ? $0.replacing("<Message/>", with: "<Message>Success</Message>") : $0
    },
    text("times-empty", "leaves times that are not set empty") { $0.replacing(">-</", with: "></") },
    jobs("harmless/progress", "tells Progress, as later editions do", []) { job in
      let state = job.text(at: "State")
      job.put("Progress", state == "Success" ? "100" : state == "Running" ? "40" : "0")
    },
    // What is not documented is told as a warning: later editions add nodes.
    ServerMutant("harmless/unknown-node", "adds a node Debug to jobs", []) { answer in
      answer.editJobs { $0.children.append(ElementTree("Debug", text: "1")) }
    },
    ServerMutant("harmless/unknown-node-in-errors", "adds a node Detail to errors", []) { answer in
      if answer.response.status >= 300 {
        answer.edit("") { $0.children.append(ElementTree("Detail", text: "see above")) }
      }
    },
    // No page says how often the end of a job is told.
    ServerMutant("harmless/callback-twice", "tells the end of a job twice", [], Fault(tells: { $0 += $0 })),
    ServerMutant("harmless/charset", "names the charset in Content-Type", []) { answer in
      if !answer.response.body.isEmpty { answer.response.headers.set("Content-Type", "application/xml; charset=utf-8") }
    },
    ServerMutant("harmless/close", "closes the connection after each answer", []) { answer in
      answer.response.headers.set("Connection", "close")
    },
    ServerMutant("harmless/small-header-names", "writes the names of header fields in small letters", []) { answer in
      answer.response.headers.fields = answer.response.headers.fields.map { .init($0.name.lowercased(), $0.value) }
    },
    ServerMutant("harmless/error-without-resource", "leaves Resource out of errors", []) { answer in
      if answer.response.status >= 300 { answer.drop("Resource") }
    },
    ServerMutant("harmless/error-message", "explains errors in other words", []) { answer in
      if answer.response.status >= 300 { answer.set("Message") { _ in "请求有误" } }
    },
    ServerMutant(
      "harmless/token-form", "writes NextToken as a number of its own", [],
      Fault(
        asks: { asked in
          guard let token = asked.parameter("nextToken"), let own = asked.notes.texts["token " + token] else { return }
          asked.drop(parameter: "nextToken")
          asked.request.target += "&nextToken=\(own)"
        },
        answers: { answer in
          guard let token = answer.read(answer.response.body)?["NextToken"]?.text else { return }
          let number = "\(225_507 + answer.notes.count("tokens"))"
          answer.notes.texts["token " + number] = token
          answer.set("NextToken") { _ in number }
        })),
  ]
}

extension ElementTree {
  /// Turns the order of all children round; those of one name keep theirs.
  fileprivate mutating func reverse() {
    for index in children.indices { children[index].reverse() }
    var names: [String] = []
    for child in children where !names.contains(child.name) { names.insert(child.name, at: 0) }
    children = names.flatMap { name in children.filter { $0.name == name } }
  }
}
