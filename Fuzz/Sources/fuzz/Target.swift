import CaseLibrary
import XMLValidation

/// What is fuzzed: a property of any bytes at all.
enum Target: String, CaseIterable {
  case validate
  case httpText = "http-text"
  case authorization
  case query
  case har
  case flowDump = "flow-dump"
  case jsonLines = "json-lines"
  case adapter
  case dataFiles = "data-files"
  case emulatorSocket = "emulator-socket"

  func property(_ kit: Kit) -> ([UInt8]) -> Void {
    switch self {
    case .validate: ValidateProperty(kit).hold
    case .httpText: holdHTTPText
    case .authorization: AuthorizationProperty().hold
    case .query: holdQuery
    case .har: holdArchive
    case .flowDump: holdFlowDump
    case .jsonLines: JSONLinesProperty(kit).hold
    case .adapter: AdapterProperty(kit).hold
    case .dataFiles: DataFilesProperty(kit).hold
    case .emulatorSocket: EmulatorSocketProperty(kit).hold
    }
  }
}

/// The property that runs; libFuzzer's callback carries no context and has one thread.
nonisolated(unsafe) var running: ([UInt8]) -> Void = { _ in }

/// Ends the process, so that libFuzzer keeps the input, when a property does not hold.
func require(_ holds: Bool, _ sentence: @autoclosure () -> String) {
  if !holds { fatalError(sentence()) }
}

/// The data of a checkout.
struct Kit {
  let root: String
  let catalogue: Catalogue
  let library: ValidationLibrary

  init(root: String) {
    self.root = root
    do {
      catalogue = try Catalogue(DataFolder(path: root))
      library = catalogue.validationLibrary()
      try library.compileEverything()
    } catch {
      stop("\(root): \(error)")
    }
  }
}
