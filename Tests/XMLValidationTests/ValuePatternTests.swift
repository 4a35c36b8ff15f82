import Testing
import XMLValidation

/// What is expected is read off XSD 1.0 Part 2, appendix F.
@Suite("Patterns of XSD")
struct ValuePatternTests {
  @Test(
    "the whole value is of the pattern",
    arguments: [
      ("[A-Za-z0-9+/]+=?=?", "NjQ2YTNm", true), ("[A-Za-z0-9+/]+=?=?", "NjQ2YTM=", true),
      ("[A-Za-z0-9+/]+=?=?", "NjQ2===", false), ("[A-Za-z0-9+/]+=?=?", "", false),
      ("[0-9]+", "17", true), ("[0-9]+", "17 ", false), ("[0-9]+", " 17", false), ("[0-9]+", "1\n7", false),
      ("[0-9]+", "17\0", false), ("[0-9]+", "17\0x", false),
      // No character is an anchor: the pattern is the whole value anyway.
      ("^a$", "a", false), ("^a$", "^a$", true),
      // Every branch is one for the whole value.
      ("ab|cd", "cd", true), ("ab|cd", "abcd", false), ("a.b", "a\u{E4}b", true), ("a.b", "a\nb", false),
    ])
  func matching(pattern: String, value: String, isMatch: Bool) throws {
    let pattern = try #require(ValuePattern(pattern))
    for _ in 1...2 { #expect(pattern.matches(value) == isMatch) }
  }

  @Test("what is no pattern makes none", arguments: ["[a", "a{2", "(a", "*"])
  func malformed(pattern: String) { #expect(ValuePattern(pattern) == nil) }
}
