// The verdict on one document, by the library instead of the program: validate-library DATA FILE [OPERATION PART].

import CaseLibrary
import XMLValidation

let arguments = CommandLine.arguments.dropFirst()
guard let data = arguments.first, let file = arguments.dropFirst().first else {
  fatalError("usage: validate-library DATA FILE [OPERATION request|response|error|callback]")
}

// DATA is the folder that holds Schemas/. The library may be shared by threads; each makes its own validator.
let catalogue = try Catalogue(DataFolder(path: data))
let validator = Validator(library: catalogue.validationLibrary())

// What the document is: as you know it, or told by the document itself.
let words = Array(arguments.dropFirst(2))
let hint = KindHint(operation: words.first, part: words.dropFirst().first.flatMap(DocumentKind.Part.init(rawValue:)))
let check = try validator.check(try Files.read(file), as: hint, file: file)

for finding in check.findings {
  print("\(finding.place.line ?? 0):\(finding.place.column ?? 0) \(finding.severity.rawValue): \(finding.message)")
}
print("\(check.kind?.description ?? "unknown"): \(check.isValid ? "valid" : "not valid")")
