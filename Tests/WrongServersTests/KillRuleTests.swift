import CaseLibrary
import Findings
import Testing

@testable import WrongServers

/// The rule by which a wrong server counts as caught, and what the catalogue of wrong servers may hold.
@Suite("Wrong servers")
struct KillRuleTests {
  private static let mutant = ServerMutant(
    "echo/test", "does not repeat UserData",
    [.kind("replay.value-changed", at: "*/UserData"), .requirement("*.echo", in: "server/*")], Fault())

  private static func row(_ verdict: Verdict, _ findings: [Finding], id: String = "area/scenario/step")
    -> MutantMatrix.Mutant
  {
    var row = mutant.unjudged
    mutant.add(CaseResult(id: id, verdict: verdict, findings: findings), to: &row)
    return row
  }

  private static func finding(
    _ id: String, _ requirement: String? = nil, path: String? = nil, _ severity: Severity = .error
  ) -> Finding {
    Finding(id: id, requirement: requirement, severity: severity, place: Place(path: path), message: "Made up.")
  }

  @Test("a mutant that no case fails for survives")
  func survivor() {
    #expect(Self.mutant.unjudged.outcome == .survived)
    #expect(Self.row(.passed, []).outcome == .survived)
    #expect(Self.row(.skipped(reason: "because"), []).outcome == .survived)
    // What is only told fails no case.
    let told = Self.finding("replay.value-changed", path: "/Response/JobsDetail/Operation/UserData", .warning)
    #expect(Self.row(.passed, [told]).outcome == .survived)
  }

  @Test(
    "a case that fails over something else kills and does not name",
    arguments: [
      finding("replay.value-changed", path: "/Response/JobsDetail/State"),
      finding("replay.node-missing", path: "/Response/JobsDetail/Operation/UserData"),
      finding("server.node-value", "file-jobs.submit.echo"),
      finding("replay.value-changed", path: "/Response/JobsDetail/Operation/UserData", .warning),
      finding("replay.value-changed"),
    ])
  func unrelated(finding: Finding) {
    let row = Self.row(.failed, [finding])
    #expect(row.outcome == .unnamed && row.others == ["area/scenario/step"])
  }

  @Test("a case without a verdict kills and does not name, whatever it found before")
  func broken() {
    let finding = Self.finding("replay.value-changed", path: "/Response/JobsDetail/Operation/UserData")
    #expect(Self.row(.broken(reason: "cut off"), [finding]).outcome == .unnamed)
  }

  @Test("an error about the mistake names it, by its place or by its requirement and case")
  func named() {
    let byPlace = Self.row(
      .failed,
      [
        Self.finding("replay.status", path: "status"),
        Self.finding("replay.value-changed", path: "/Response/JobsDetail[2]/Operation/UserData"),
      ])
    #expect(byPlace.outcome == .named)
    #expect(
      byPlace.killers == [
        MutantMatrix.Killer(
          caseID: "area/scenario/step", names: ["replay.value-changed /Response/JobsDetail[2]/Operation/UserData"])
      ])
    let byCase = Self.row(
      .failed, [Self.finding("server.node-value", "file-jobs.submit.echo")], id: "server/file-jobs.submit/states/echo")
    #expect(byCase.killers.first?.names == ["file-jobs.submit.echo"])
  }

  @Test("what is missed, what is only killed and what is wrongly blamed are shortfalls of the matrix")
  func shortfalls() {
    let survivor = Self.mutant.unjudged
    let unnamed = Self.row(.failed, [Self.finding("replay.status")])
    let named = Self.row(.failed, [Self.finding("replay.value-changed", path: "/a/UserData")])
    func matrix(
      _ mutants: [MutantMatrix.Mutant], harmless: [MutantMatrix.Mutant] = [], findings: [String] = []
    ) -> MutantMatrix {
      let suite = MutantMatrix.Suite(
        name: "servers", mutants: mutants, harmless: harmless,
        faithful: MutantMatrix.Faithful(runs: 1, cases: 9, findings: findings))
      return MutantMatrix(suites: [suite], seconds: 0)
    }
    #expect(matrix([named], harmless: [survivor]).shortfalls.isEmpty)
    #expect(matrix([survivor]).shortfalls.first?.contains("survives") == true)
    #expect(matrix([unnamed]).shortfalls.first?.contains("killed, not named") == true)
    #expect(matrix([named], harmless: [unnamed]).shortfalls.first?.contains("is right") == true)
    #expect(matrix([named], findings: ["a finding"]).shortfalls == ["servers, the faithful one: a finding"])
    #expect(matrix([named, survivor]).scores == ["1 of 2 wrong servers"])
  }

  // MARK: The catalogue

  static let everything = ServerMutant.all + ServerMutant.harmless + ServerMutant.controls

  @Test("there are a hundred wrong servers at least, each with an ID, a clause and what names it")
  func catalogue() {
    #expect(ServerMutant.all.count >= 100)
    #expect(Set(Self.everything.map(\.id)).count == Self.everything.count)
    for mutant in Self.everything {
      #expect(mutant.id.split(separator: "/").count == 3, "\(mutant.id)")
      #expect(!mutant.does.isEmpty && !mutant.does.hasSuffix("."), "\(mutant.id)")
    }
    #expect(ServerMutant.all.allSatisfy { !$0.names.isEmpty })
    #expect(ServerMutant.harmless.allSatisfy { $0.names.isEmpty })
    let families = Set(ServerMutant.all.map(\.family))
    for family in families {
      let count = ServerMutant.all.count { $0.family == family }
      #expect(count >= 5, "\(family)")
    }
    #expect(families.count >= 12)
  }

  @Test("every requirement that is to name a mistake is one of the documentation's")
  func requirements() throws {
    let folder = DataFolder(path: String(#filePath.dropLast("/Tests/WrongServersTests/KillRuleTests.swift".utf8.count)))
    let ids = try Catalogue(folder).requirements.map(\.id)
    for mutant in ServerMutant.all {
      for wanted in mutant.names.compactMap(\.requirement) {
        let isKnown = ids.contains { FileSearch.fits($0, wanted) }
        #expect(isKnown, "\(mutant.id): \(wanted)")
      }
    }
  }
}
