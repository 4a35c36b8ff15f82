// A request signed, verified, explained and held against a server's answer, by the library instead of the program.
// The key pair comes from CISPEC_SECRET_ID and CISPEC_SECRET_KEY: sign-library sign|verify|presign|explain|compare.

import Glibc
import HTTPExchange
import Signing

func variable(_ name: String) -> String {
  guard let value = unsafe getenv(name) else { fatalError("\(name) is not set") }
  return unsafe String(cString: value)
}

let (id, key) = (variable("CISPEC_SECRET_ID"), variable("CISPEC_SECRET_KEY"))
var signer = Signer(credentials: Credentials(secretID: id, secretKey: key))
// A span of one's own; else it follows from the time of signing.
signer.keyTime = TimeSpan(start: 1_417_773_892, end: 1_417_853_898)
let now: Int64 = 1_417_773_900

// The GET example of the documentation's 2018 revision.
let host = "bucket1-1254000000.cos.ap-beijing.myqcloud.com"
let request = HTTPRequest(
  method: "GET", target: "/testfile", headers: HTTPHeaders([.init("Host", host), .init("Range", "bytes=0-3")]))

switch CommandLine.arguments.dropFirst().first {
case "sign":
  print(signer.authorization(for: request, now: now))
case "verify":
  var received = signer.signed(request, now: now)
  // Something on the way asks for more of the object.
  received.headers.set("Range", "bytes=0-9")
  let verifier = Verifier { $0 == id ? key : nil }
  if case .mismatch(_, let stages, let difference) = verifier.outcome(for: received, now: now) {
    print("the server signs \(stages.httpHeaders)")
    print("first difference at \(difference.stage)")
  }
case "presign":
  signer.delivery = .query
  print("https://\(host)\(signer.signed(request, now: now).target)")
case "explain":
  let explanation = Explanation(of: signer.stages(for: request, now: now), for: request, delivery: .header)
  for (stage, _) in RequestSignature.stageNames {
    for note in explanation.notes[stage] ?? [] { print("\(stage): \(note.text) [\(note.source)]") }
  }
case "compare":
  let digest = String(repeating: "0", count: 40)
  let body = """
    <Error><Code>SignatureDoesNotMatch</Code><StringToSign>sha1
    1417773892;1417853898
    \(digest)
    </StringToSign><FormatString>get
    /testfile

    host=\(host)&amp;range=bytes%3D0-9
    </FormatString></Error>
    """
  for difference in try ServerEcho(parsing: body).differences(from: signer.signed(request, now: now)) {
    print(difference.input, difference.name ?? "", difference.sent ?? "-", difference.seen ?? "-")
  }
default:
  fatalError("usage: sign-library sign|verify|presign|explain|compare")
}
