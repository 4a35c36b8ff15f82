import CaseLibrary
import Findings
import Testing
import XMLValidation

@testable import Adapting

@Suite("DocumentSuite")
struct DocumentSuiteTests {
  @Test("every schema compiles and every sample of the pages is judged as its manifest says")
  func samples() throws {
    let folder = VectorSuiteTests.folder
    let catalogue = try Catalogue(folder)
    let suite = try DocumentSuite.result(catalogue: catalogue, library: catalogue.validationLibrary(), folder: folder)
    for result in suite.cases where result.verdict != .passed {
      Issue.record("\(result.id): \(result.verdict)\n\(result.detail)\n\(result.findings.map(\.message))")
    }
    #expect(suite.cases.count == suite.discovered)
  }
}
