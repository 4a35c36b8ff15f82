import CaseLibrary
import Findings
import Foundation
import Testing
import XMLValidation

private let folder = DataFolder(path: String(#filePath.dropLast("/Tests/CaseLibraryTests/DataTests.swift".count)))

@Suite("The kit's data")
struct DataTests {
  @Test("every ID is unique and of the readable form")
  func ids() throws {
    let catalogue = try Catalogue(folder)
    for ids in [catalogue.operations.map(\.id), try catalogue.requirements.map(\.id), catalogue.errata.map(\.id)] {
      #expect(Set(ids).count == ids.count)
      #expect(ids.allSatisfy { $0.wholeMatch(of: /[A-Za-z0-9]+([.-][A-Za-z0-9]+)*/) != nil })
    }
    #expect(catalogue.errata.map(\.id) == (1...60).map { ($0 < 10 ? "E0" : "E") + "\($0)" })
  }

  @Test("every schema and rule compiles, and every requirement they name is there")
  func requirements() throws {
    let catalogue = try Catalogue(folder)
    let library = catalogue.validationLibrary()
    try library.compileEverything()
    let requirements = try library.requirements
    for definition in catalogue.definitions {
      let model = try #require(try library.model(of: definition.kind))
      #expect(model.roots.map(\.name).contains(definition.root))
      for declaration in model.allDeclarations {
        let id = declaration.requirement ?? "(none at \(declaration.name))"
        #expect(requirements[id] != nil, "\(definition.schema): \(id)")
      }
      for rule in try library.rules(of: definition) { #expect(requirements[rule.id] != nil, "\(rule.id)") }
    }
  }

  @Test("every erratum and operation that something names is there")
  func links() throws {
    let catalogue = try Catalogue(folder)
    let errata = Set(catalogue.errata.map(\.id))
    let requirements = Set(try catalogue.requirements.map(\.id))
    for requirement in try catalogue.requirements { #expect(errata.isSuperset(of: requirement.errata)) }
    for erratum in catalogue.errata {
      #expect(!erratum.reading.isEmpty && !erratum.acts.isEmpty && !erratum.actsHow.isEmpty)
      for id in (erratum.recognise?.requirements ?? []) + [erratum.recognise?.requirement].compactMap({ $0 }) {
        #expect(requirements.contains(id), "\(erratum.id): \(id)")
      }
    }
    for scenario in try RecordedScenario.all(in: folder).map(\.scenario) {
      for step in scenario.steps {
        #expect(scenario.supported == false || catalogue.operation(step.operation) != nil)
        for id in step.requirements ?? [] { #expect(requirements.contains(id), "\(scenario.id): \(id)") }
        for id in step.repairs ?? [] { #expect(errata.contains(id)) }
      }
    }
  }

  @Test("the operations of the five pages are there, and the rest of the job family")
  func operations() throws {
    #expect(
      Set(try Catalogue(folder).operations.map(\.id)).isSuperset(of: [
        "file-jobs.submit", "file-jobs.query", "jobs.submit", "jobs.query", "jobs.list", "jobs.cancel",
        "batch-jobs.submit", "batch-jobs.query", "batch-jobs.list", "batch-jobs.cancel", "doc-jobs.submit",
        "doc-jobs.query", "doc-jobs.list", "queues.list", "queues.update", "templates.create", "templates.update",
        "workflows.trigger", "objects.file-hash",
      ]))
  }

  @Test("the digest changes with a byte of the data")
  func digest() throws {
    let copy = NSTemporaryDirectory() + "cispec-data-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: copy) }
    try FileManager.default.createDirectory(atPath: copy + "/Schemas", withIntermediateDirectories: true)
    try "a".write(toFile: copy + "/Schemas/a", atomically: true, encoding: .utf8)
    let first = try DataFolder(path: copy).digest()
    #expect(try DataFolder(path: copy).digest() == first)
    try "b".write(toFile: copy + "/Schemas/a", atomically: true, encoding: .utf8)
    #expect(try DataFolder(path: copy).digest() != first)
  }

  @Test("a data file that is broken is named, with the place in it")
  func brokenData() throws {
    let copy = NSTemporaryDirectory() + "cispec-data-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: copy) }
    try FileManager.default.createDirectory(atPath: copy + "/Schemas", withIntermediateDirectories: true)
    try #"{"operations":[{"id":"x"}],"documents":{}}"#.write(
      toFile: copy + "/Schemas/operations.json", atomically: true, encoding: .utf8)
    #expect { try Catalogue(DataFolder(path: copy)) } throws: { error in
      let text = "\(error)"
      return text.contains("Schemas/operations.json") && text.contains("operations[0]") && text.contains("title")
    }
  }
}

@Suite("Files")
struct FilesTests {
  @Test("a file beyond the limit is an error, not a cut")
  func limit() throws {
    let path = NSTemporaryDirectory() + "cispec-file-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Files.write(Array("12345".utf8), to: path)
    #expect(try Files.read(path, bytesMax: 5) == Array("12345".utf8))
    #expect(throws: FileError.self) { try Files.read(path, bytesMax: 4) }
    #expect(try Files.readPrefix(path, bytesMax: 4) == Array("1234".utf8))
  }

  @Test("what cannot be opened says why", arguments: ["/no/such/file", "/tmp", "/dev/null/x"])
  func unreadable(path: String) {
    #expect(throws: FileError.self) { try Files.read(path) }
  }
}

@Suite("Operation")
struct OperationTests {
  @Test(
    "a path belongs to the operation whose template it fits",
    arguments: [
      ("GET", "/file_jobs/f1", "file-jobs.query"), ("POST", "/file_jobs", "file-jobs.submit"),
      ("GET", "/inventorytriggerjob/b1", "batch-jobs.query"), ("GET", "/jobs/", nil), ("GET", "/jobs/a/b", nil),
      ("DELETE", "/jobs/a", nil), ("GET", "/doc_jobs", "doc-jobs.list"), ("PUT", "/jobs/a", nil),
    ] as [(String, String, String?)])
  func matching(method: String, path: String, id: String?) throws {
    let catalogue = try Catalogue(folder)
    let place = catalogue.jobOperationPlaces(method: method, path: path, parameters: []).first
    #expect(place.map { catalogue.operations[$0].id } == id)
  }
}

@Suite("Files")
struct FileTests {
  private let folder = NSTemporaryDirectory() + "cispec-files-\(UUID().uuidString)"

  @Test("a link stays a link, and what it leads to is written")
  func link() throws {
    try Files.makeFolder(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Files.write(Array("old".utf8), to: folder + "/real")
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "real")
    try Files.write(Array("new".utf8), to: folder + "/link")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == "real")
    #expect(try Files.read(folder + "/real") == Array("new".utf8))
    #expect(try Files.names(in: folder) == ["link", "real"])
  }

  @Test("a pipe takes the bytes, and one that nobody reads is refused")
  func pipe() throws {
    try Files.makeFolder(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    #expect(throws: FileError.self) { try Files.write([1], to: path) }
    let reader = open(path, O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try Files.write(Array("through".utf8), to: path)
    var buffer = [UInt8](repeating: 0, count: 16)
    #expect(read(reader, &buffer, 16) == 7)
    #expect(String(decoding: buffer.prefix(7), as: UTF8.self) == "through")
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }

  @Test("a folder that is not there is named")
  func absent() {
    let error = #expect(throws: FileError.self) { try Files.write([1], to: folder + "/none/file") }
    #expect(error?.description.contains("there is no folder '\(folder)/none'") == true)
  }
}
