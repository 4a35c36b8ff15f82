import Findings
import Foundation
import Synchronization
import Testing
import XMLValidation

@Suite("ValidationLibrary on several threads")
struct ConcurrencyTests {
  /// Valid, invalid, against a rule and not well-formed, so that every part of the judgement runs.
  static let documents = [
    "<Job><Id>j1</Id><State>Success</State><Size>1</Size></Job>",
    "<Job><Id>x</Id><Stat/><Input><Note>long</Note></Input></Job>",
    "<Job><Id>j1</Id><Size>1</Size><Progress>1</Progress></Job>",
    "<Job><Id>j1</Id>",
    "<?xml version=\"1.0\" encoding=\"GBK\"?><Job>\u{4E2D}</Job>",
  ].map { Array($0.utf8) }

  @Test("a library is compiled and used by many threads at once, and each judges as one alone does")
  func shared() throws {
    let kind = DocumentKind(operation: "job", part: .response)
    let alone = Validator(library: Fixture.library())
    let expected = try Self.documents.map { try alone.check($0, as: kind, wantsTree: true) }
    // Fresh: the first use, which compiles, is contended too.
    let library = Fixture.library()
    let disagreements = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      let validator = Validator(library: library)
      for round in 0..<100 {
        let index = (thread + round) % Self.documents.count
        let check = try? validator.check(Self.documents[index], as: kind, wantsTree: true)
        guard let check, check.findings == expected[index].findings, check.tree == expected[index].tree else {
          disagreements.withLock { $0.append("document \(index) on thread \(thread) in round \(round)") }
          return
        }
      }
    }
    #expect(disagreements.withLock { $0 } == [])
  }
}
