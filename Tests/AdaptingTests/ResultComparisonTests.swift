import Foundation
import Testing
import XMLValidation

@testable import Adapting

@Suite("A result beside the document that it shows")
struct ResultComparisonTests {
  private static func tree(_ name: String, _ children: [ElementTree] = [], text: String = "") -> ElementTree {
    ElementTree(name, text: text, children: children)
  }

  /// `<Response><Job><Id>007</Id><Note/></Job><Job><Id>2</Id><Rate>0.870000</Rate></Job><Lost>a</Lost></Response>`
  private static let document = tree(
    "Response",
    [
      tree("Job", [tree("Id", text: "007"), tree("Note")]),
      tree("Job", [tree("Id", text: "2"), tree("Rate", text: "0.870000")]), tree("Lost", text: "a"),
    ])

  private static func differences(_ json: String, _ reads: [String: String] = [:]) throws -> [String] {
    let value = try JSONDecoder().decode(AdapterValue.self, from: Data(json.utf8))
    return ResultComparison.differences(of: value, from: document, convention: ResultConvention(reads))
      .map { "\($0.kind.rawValue) \($0.path)" }
  }

  @Test(
    "ways to show the same document",
    arguments: [
      (#"{"Job":[{"Id":"007","Note":""},{"Id":"2","Rate":"0.870000"}],"Lost":"a"}"#, [:]),
      (#"{"Response":{"Job":[{"Id":"007","Note":null},{"Id":2,"Rate":0.87}],"Lost":["a"]}}"#, [:]),
      (#"{"Job":[{"Id":"007","Note":[]},{"Id":"2","Rate":"0.870000","Unset":null}],"Lost":"a"}"#, [:]),
      (#"{"Job":[{"Id":["007"]},{"Id":"2","Rate":"0.870000"}],"Lost":"a"}"#, ["empty": "dropped"]),
      (#"{"job":[{"id":"007","_note":{}},{"ID":"2","r-ate":"0.870000"}],"lost":"a"}"#, ["names": "folded"]),
    ])
  func same(json: String, reads: [String: String]) throws {
    #expect(try Self.differences(json, reads) == [])
  }

  @Test(
    "what is lost, invented or changed, with its place",
    arguments: [
      (#"{"Job":[{"Id":"007","Note":""}],"Lost":"a"}"#, ["lost /Response/Job[2]"]),
      (
        #"{"Job":{"Id":"2","Rate":"0.870000"},"Lost":"a"}"#,
        [
          "changed /Response/Job[1]/Id", "lost /Response/Job[1]/Note", "invented /Response/Job[1]/Rate",
          "lost /Response/Job[2]",
        ]
      ),
      (#"{"Job":[{"Id":7,"Note":""},{"Id":"2","Rate":"0.870000"}],"Lost":"a"}"#, ["changed /Response/Job[1]/Id"]),
      (#"{"Job":[{"Id":"007","Note":""},{"Id":"2","Rate":0.88}],"Lost":"a"}"#, ["changed /Response/Job[2]/Rate"]),
      (#"{"Job":[{"Id":"007"},{"Id":"2","Rate":"0.870000"}],"Lost":"a"}"#, ["lost /Response/Job[1]/Note"]),
      (#"{"Job":[{"Id":"007","Note":""},{"Id":"2","Rate":"0.870000"}]}"#, ["lost /Response/Lost"]),
      (
        #"{"Job":[{"Id":"007","Note":""},{"Id":"2","Rate":"0.870000"}],"Lost":["a","b"]}"#,
        ["invented /Response/Lost[2]"]
      ),
      (
        #"{"Job":[{"Id":"007","Note":"x"},{"Id":"2","Rate":"0.870000"}],"Lost":"a","More":0}"#,
        ["changed /Response/Job[1]/Note", "invented /Response/More"]
      ),
      (#"{"Job":[{"Id":"007","Note":""},{"Id":"2","Rate":"0.870000"}],"Lost":{"a":1}}"#, ["changed /Response/Lost"]),
      ("null", ["lost /Response"]), (#""text""#, ["changed /Response"]),
    ])
  func different(json: String, expected: [String]) throws {
    #expect(try Self.differences(json) == expected)
  }

  @Test("attributes are asked for only where the adapter shows them")
  func attributes() throws {
    let root = Self.tree("Response", [ElementTree("Etag", text: "x", attributes: ["kind": "weak"])])
    func differences(_ json: String, _ reads: [String: String]) throws -> [String] {
      let value = try JSONDecoder().decode(AdapterValue.self, from: Data(json.utf8))
      return ResultComparison.differences(of: value, from: root, convention: ResultConvention(reads))
        .map { "\($0.kind.rawValue) \($0.path)" }
    }
    #expect(try differences(#"{"Etag":"x"}"#, [:]) == [])
    #expect(try differences(##"{"Etag":{"@kind":"weak","#text":"x"}}"##, ["attributes": "@"]) == [])
    #expect(try differences(##"{"Etag":{"#text":"x"}}"##, ["attributes": "@"]) == ["lost /Response/Etag/@kind"])
  }

  @Test("an empty node that was not given is a difference of a request")
  func emptyIsNotNothing() {
    let sent = AdapterValue.object(["A": .text("1"), "B": .text("")])
    let wanted = Self.tree("Request", [Self.tree("A", text: "1")])
    let differences = ResultComparison.differences(
      of: sent, from: wanted, convention: ResultConvention(), emptyIsNothing: false)
    #expect(differences.map(\.path) == ["/Request/B"])
  }
}
