import Testing
import XMLValidation

@testable import Adapting

@Suite("PathExpression")
struct PathExpressionTests {
  static let tree = ElementTree(
    "Response",
    children: [
      ElementTree("Job", children: [ElementTree("Id", text: "a"), ElementTree("Size", text: "12")]),
      ElementTree("Job", children: [ElementTree("Id", text: "b"), ElementTree("Size", text: "x")]),
      ElementTree("Note", text: " two  words "), ElementTree("Job", namespace: "urn:x"),
    ])

  @Test(
    "an expression is what XPath 1.0 says it is",
    arguments: [
      ("count(/Response/Job)", "2"), ("count(//Size | //Id | //Id)", "4"), ("/Response/Job/Id = 'b'", "true"),
      ("/Response/Job/Id != 'b'", "true"), ("not(/Response/Job/Size = 13)", "true"), ("//Size > 11", "true"),
      ("//Job[2]/Size >= 0", "false"), ("string(//Job[Id = 'b']/preceding-sibling::Job/Id)", "a"),
      ("normalize-space(//Note)", "two words"), ("substring('2022-07-18', 1, 4)", "2022"),
      ("translate('a-b:c', '-:', '')", "abc"), ("string-length(//Note)", "12"), ("1 + 2 * 3", "7"), ("7 mod 4", "3"),
      ("number('') = number('')", "false"), ("//Job/Id/../Size", "12"), ("count(//Job/ancestor::*)", "1"),
      ("starts-with(//Id, 'a') and contains('abc', 'bc')", "true"), ("count(//Job[last()]/Id)", "1"),
      ("name(/*)", "Response"), ("-(3) < 0 or false()", "true"), ("count(/*/*)", "4"),
      ("//Job[position() = 1]/Id", "a"),
    ])
  func values(expression: String, expected: String) throws {
    #expect(try PathExpression(expression).value(at: .document(Self.tree)).string == expected)
  }

  @Test(
    "what is outside the known part is refused",
    arguments: ["@a", "a:b", "id('x')", "text()", "$x", "count(", "a[1", "a b", "following::a", ""])
  func refused(expression: String) {
    #expect(throws: XPathError.self) { try PathExpression(expression) }
  }
}

@Suite("ElementTree edits")
struct ElementTreeEditTests {
  static let tree = ElementTree(
    "a", children: [ElementTree("b", text: "1"), ElementTree("c", children: [ElementTree("b", text: "2")])])

  @Test("each edit changes its place alone")
  func edits() {
    let tree = Self.tree
    #expect(tree.dropping(at: [0]).fragment == "<a><c><b>2</b></c></a>")
    #expect(tree.duplicating(at: [1, 0]).fragment == "<a><b>1</b><c><b>2</b><b>2</b></c></a>")
    #expect(tree.renaming(at: [1], to: "d").fragment == "<a><b>1</b><d><b>2</b></d></a>")
    #expect(tree.setting(at: [1, 0], to: "<").fragment == "<a><b>1</b><c><b>&lt;</b></c></a>")
    #expect(tree.moving(from: [0], into: [1]).fragment == "<a><c><b>2</b><b>1</b></c></a>")
    #expect(tree.moving(from: [1, 0], into: []).fragment == "<a><b>1</b><c/><b>2</b></a>")
    #expect(tree.inserting(ElementTree("d"), at: []).fragment == "<a><b>1</b><c><b>2</b></c><d/></a>")
  }

  @Test("marks and namespaces are written where they are")
  func marks() {
    let head = "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
    #expect(Self.tree.document(marks: [:]) == Self.tree.document)
    #expect(
      Self.tree.document(marks: [[0]: ElementMark(attributes: " x=\"1\"", endTag: .missing)])
        == head + "<a><b x=\"1\">1<c><b>2</b></c></a>")
    #expect(
      Self.tree.editing(at: [1]) { $0 = $0.inNamespace("u") }.document(marks: [:])
        == head + "<a><b>1</b><c xmlns=\"u\"><b>2</b></c></a>")
  }

  @Test("a path names one place, or all places of that name")
  func paths() {
    let tree = Self.tree.duplicating(at: [0])
    #expect(tree.namedPath([1]) == "a/b[2]")
    #expect(tree.indexPaths(along: "/a/b") == [[0], [1]])
    #expect(tree.indexPaths(along: "/a/b[2]") == [[1]])
    #expect(tree.indexPaths(along: "/a/c[1]/b") == [[2, 0]])
    #expect(tree.indexPaths(along: "/a/x") == [])
  }
}
