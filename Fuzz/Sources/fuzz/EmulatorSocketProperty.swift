import CaseLibrary
import Emulator
import Glibc
import HTTPExchange
import HTTPTransport
import Signing
import Synchronization
import XMLValidation

/// The emulator behind its socket, with the judge beside it: whatever comes is answered with HTTP or not at all, within
/// four seconds of its end, and the next sender is served.
///
/// The end is awaited for one input of 64; the others go away after 20 ms of silence, as clients do. A sender that is done
/// and has its answer is left alone in any case: after `Expect: 100-continue` libmicrohttpd does not see the end
/// of what is sent and closes when the connection has been silent for `idleSeconds`.
///
/// The first byte of the input says after how many bytes there is a pause in sending, so that a message comes in pieces.
final class EmulatorSocketProperty {
  static let credentials = Credentials(
    secretID: "AKIDfake0000000000000000000000000000", secretKey: "fakeKey000000000000000000000000")
  /// The start of the emulator's clock: signatures of the seeds hold for a year from here.
  static let start = 1_557_990_000

  private let kit: Kit
  private var server: HTTPServer
  private var inputs = 0

  init(_ kit: Kit) {
    self.kit = kit
    server = Self.server(kit)
  }

  private static func server(_ kit: Kit) -> HTTPServer {
    let emulator = Emulator(
      catalogue: kit.catalogue, library: kit.library, credentials: [credentials], objects: MemoryObjectStore(),
      clock: TickingClock(start: start))
    do {
      let judge = try Judge(
        catalogue: kit.catalogue, library: kit.library, credentials: [credentials], settings: JudgeSettings())
      return try HTTPServer(
        responder: JudgedEmulator(emulator, judge), limits: ServerLimits(idleSeconds: 2),
        oversize: { emulator.refusalOfOversizedBody($0) })
    } catch {
      stop("the emulator cannot be served: \(error)")
    }
  }

  func hold(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    inputs += 1
    // Jobs and connections in their last seconds are kept: bounded by a server anew.
    if inputs % 10_000 == 0 { server = Self.server(kit) }
    let answer = exchange(Array(bytes.dropFirst()), pieceBytes: first == 0 ? bytes.count : 16 * Int(first))
    if !answer.isEmpty {
      let head = String(decoding: answer.prefix(13), as: UTF8.self)
      let status = Int(head.dropFirst(9).prefix(3)) ?? 0
      require(head.hasPrefix("HTTP/1.") && (100..<600).contains(status), "the answer starts with '\(head)'")
    }
    guard inputs % 64 == 1 else { return }
    let health = exchange(Array("GET /jobs/j HTTP/1.1\r\nHost: a\r\n\r\n".utf8), pieceBytes: 64)
    require(health.starts(with: "HTTP/1.1 4".utf8), "the next sender is not served")
  }

  /// What comes back until the server closes.
  private func exchange(_ bytes: [UInt8], pieceBytes: Int) -> [UInt8] {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = server.port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isConnected = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    require(isConnected, "no connection: \(errno)")
    let awaitsEnd = inputs % 64 == 1
    var patience = timeval(tv_sec: awaitsEnd ? 4 : 0, tv_usec: awaitsEnd ? 0 : 20_000)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent..<min(bytes.count, sent + pieceBytes)]
        .withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { break }
      sent += count
      if sent < bytes.count { usleep(50) }
    }
    shutdown(descriptor, Int32(SHUT_WR))
    var answer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &piece, piece.count, 0)
      if count < 0, errno == EINTR { continue }
      require(
        count >= 0 || errno == ECONNRESET || !answer.isEmpty || !awaitsEnd,
        "neither an answer nor an end in four seconds: \(errno)")
      guard count > 0 else { return answer }
      answer += piece[..<count]
      patience = timeval(tv_sec: 0, tv_usec: 20_000)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
  }
}

/// Each look at it is ten milliseconds later, so that jobs proceed.
private final class TickingClock: HTTPExchange.Clock {
  private let looks = Atomic(0)
  private let start: Int

  init(start: Int) { self.start = start }

  var now: Double { Double(start) + Double(looks.add(1, ordering: .relaxed).newValue) / 100 }
  func sleep(seconds: Double) {}
}

/// The emulator's answers, each request judged as `cispec judge` does. One thread at a time has the judge.
private final class JudgedEmulator: Responder {
  private final class Bench: @unchecked Sendable {
    let judge: Judge
    var number = 0
    init(_ judge: Judge) { self.judge = judge }
  }

  private let emulator: Emulator
  private let bench: Mutex<Bench>

  init(_ emulator: Emulator, _ judge: Judge) {
    self.emulator = emulator
    bench = Mutex(Bench(judge))
  }

  func respond(to request: HTTPRequest) throws -> HTTPResponse {
    let response = emulator.respond(to: request)
    require((200..<600).contains(response.status), "the status is \(response.status)")
    try bench.withLock { bench in
      bench.number += 1
      let now = Double(EmulatorSocketProperty.start + bench.number / 100)
      let judged = try bench.judge.judge(
        ObservedRequest(number: bench.number, request: request, outcome: .answered(response), start: now, end: now))
      for finding in judged.findings { require(!finding.message.isEmpty, "a finding says nothing") }
    }
    return response
  }
}
