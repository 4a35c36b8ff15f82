import Findings
import Testing

@Suite("nearestName")
struct NearestNameTests {
  @Test(
    "finds the candidate that was meant",
    arguments: [
      ("BucketID", "BucketId"), ("Buketid", "BucketId"), ("Stat", "State"), ("Sate", "State"), ("Tga", "Tag"),
    ])
  func near(name: String, expected: String) {
    #expect(nearestName(to: name, among: ["BucketId", "State", "Tag", "Object"]) == expected)
  }

  @Test("finds none when nothing is near", arguments: ["Zebra", "", "x"])
  func far(name: String) {
    #expect(nearestName(to: name, among: ["BucketId", "Object"]) == nil)
  }

  @Test("takes names of any length without harm")
  func long() {
    #expect(nearestName(to: String(repeating: "a", count: 100_000), among: ["BucketId"]) == nil)
  }
}

@Suite("SuiteResult")
struct SuiteResultTests {
  @Test("a suite that lost cases is not as expected")
  func shrunken() {
    let cases = [CaseResult(id: "a", verdict: .passed)]
    #expect(SuiteResult(name: "s", discovered: 1, cases: cases).isAsExpected)
    #expect(!SuiteResult(name: "s", discovered: 2, cases: cases).isAsExpected)
  }

  @Test(
    "failures and errors are not as expected, skipped cases are",
    arguments: [
      (Verdict.failed, false), (.broken(reason: "r"), false), (.skipped(reason: "r"), true), (.passed, true),
    ])
  func verdicts(verdict: Verdict, isExpected: Bool) {
    #expect(
      SuiteResult(name: "s", discovered: 1, cases: [CaseResult(id: "a", verdict: verdict)]).isAsExpected == isExpected)
  }
}
