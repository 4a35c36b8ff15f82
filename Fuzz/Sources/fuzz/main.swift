import CLibFuzzer
import CaseLibrary
import Glibc

// CISPEC_FUZZ=TARGET CISPEC_DATA=ROOT fuzz [libFuzzer's arguments]: runs a target.
// CISPEC_FUZZ=seeds:TARGET CISPEC_DATA=ROOT fuzz FOLDER: writes the seeds of a target and its dictionary.
// The target is in the environment because libFuzzer starts itself again with its own arguments.

func environment(_ name: String) -> String {
  guard let value = getenv(name) else { stop("\(name) is not set; Scripts/fuzz runs this program") }
  return String(cString: value)
}

/// A wrong call, not a finding.
func stop(_ reason: String) -> Never {
  _ = Files.writeAll(Array("fuzz: \(reason)\n".utf8), to: 2)
  exit(2)
}

let kit = Kit(root: environment("CISPEC_DATA"))
let word = environment("CISPEC_FUZZ")
if word.hasPrefix("seeds:") {
  guard CommandLine.argc == 2, let target = Target(rawValue: String(word.dropFirst(6))) else {
    stop("seeds of which target, and where to?")
  }
  try Seeds(kit: kit).write(target, to: CommandLine.arguments[1])
  exit(0)
}
guard let target = Target(rawValue: word) else {
  stop("there is no target \(word); there are \(Target.allCases.map(\.rawValue).joined(separator: ", "))")
}
running = target.property(kit)

var count = CommandLine.argc
var words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
  LLVMFuzzerRunDriver(&count, &words) { bytes, count in
    running(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
  })
