import HTTPExchange
import Recording

@testable import CaseLibrary

/// What is read of an archive and written as one is read as the same; what cannot be read is said in words.
func holdArchive(_ bytes: [UInt8]) {
  for read in [{ try HTTPArchive(parsing: bytes) }, { try HTTPArchive(parsingLines: bytes) }] {
    do {
      let archive = try read()
      for entry in archive.entries { require(entry.number > 0, "an entry has the number \(entry.number)") }
      // The first writing may tidy up a URL that no program wrote; from then on nothing changes.
      guard let once = rewritten(archive) else { continue }
      guard let twice = rewritten(once) else { fatalError("what was written cannot be read") }
      require(
        once.entries.map(\.request) == twice.entries.map(\.request)
          && once.entries.map(\.response) == twice.entries.map(\.response),
        "the archive is another after writing and reading it")
    } catch {
      require(!"\(error)".isEmpty, "an error says nothing")
    }
  }
}

/// The exchanges of an archive that have an answer, written and read; nil when there are none.
private func rewritten(_ archive: HTTPArchive) -> HTTPArchive? {
  let exchanges = archive.entries.compactMap { entry in
    entry.response.map { (request: entry.request, response: $0) }
  }
  guard !exchanges.isEmpty else { return nil }
  let steps = exchanges.indices.map { index in
    Scenario.Step(
      id: "step-\(index)", operation: "jobs.query", request: "request", response: "response", requirements: nil)
  }
  let scenario = Scenario(
    id: "fuzz/archive", title: "", kind: .recording, sources: [], edition: "2024", billable: false, bucket: "b-1",
    region: "ap-a", objects: nil, steps: steps)
  let recorded = RecordedScenario(scenario: scenario, exchanges: exchanges, callbacks: [:])
  do {
    return try HTTPArchive(parsing: HARWriter.bytes(of: [recorded], creator: "fuzz 1"))
  } catch {
    fatalError("what was read cannot be written and read: \(error)")
  }
}

/// A flow dump is read or refused in words, alike each time; its exchanges can be written as messages.
func holdFlowDump(_ bytes: [UInt8]) {
  _ = FlowDump.isLikely(bytes.prefix(64))
  do {
    let exchanges = try FlowDump.exchanges(parsing: bytes)
    require(try FlowDump.exchanges(parsing: bytes) == exchanges, "the second reading is another")
    for exchange in exchanges {
      _ = HTTPMessageText.bytes(of: exchange.request)
      _ = HTTPMessageText.bytes(of: exchange.response)
    }
  } catch {
    require(!"\(error)".isEmpty, "an error says nothing")
  }
}
