internal import CaseLibrary

/// Makes every identifier that the emulator gives away. None is given twice.
struct Identifiers: Sendable {
  private let seed: UInt64
  private var random: Randomness
  /// The 48 bits after the clock sequence, with the multicast bit that RFC 4122 (section 4.5) asks of random ones.
  private var node: UInt64
  private var clockSequence: UInt64
  private var lastSecond: Int64 = -1
  /// Units of 100 ns within the second, one for each job.
  private var tick: UInt64 = 0
  private let address: UInt64
  private let worker: UInt64
  private var requestSequence: UInt64 = 0

  private static let ticksInASecond: UInt64 = 10_000_000
  /// Units of 100 ns from 1582-10-15, where version-1 time begins, to 1970-01-01.
  private static let ticksBefore1970: UInt64 = 0x01B2_1DD2_1381_4000

  /// - Parameter generation: how often an emulator with the same state has run before. What depends on the bucket stays;
  ///   everything else is of another node and worker, so no identifier of an earlier run comes again.
  init(seed: UInt64, generation: UInt64 = 0) {
    self.seed = seed
    random = Randomness(seed: seed)
    node = random.next() >> 16 | 0x0100_0000_0000
    clockSequence = random.next() >> 50
    address = random.next() >> 32
    worker = (random.next() >> 48 &+ generation) & 0xFFFF
    guard generation > 0 else { return }
    random = Randomness(seed: Randomness.number(for: "generation \(generation)", seed: seed))
    node = random.next() >> 16 | 0x0100_0000_0000
    clockSequence = random.next() >> 50
  }

  /// A letter and a version-1 UUID without hyphens whose time lies in the second of `CreationTime`, as in every captured
  /// sample (errata E08, E25). Within a second the time goes up by 100 ns; when the clock was put back, or a second is
  /// used up, the clock sequence changes instead; and the node, when all clock sequences are used up.
  mutating func jobID(letter: Character, created: Double) -> String {
    let second = Times.wholeSeconds(created)
    if second > lastSecond {
      tick = 0
    } else if second < lastSecond || tick + 1 == Self.ticksInASecond {
      clockSequence = (clockSequence + 1) & 0x3FFF
      if clockSequence == 0 { node = (node + 1) & 0xFFFF_FFFF_FFFF | 0x0100_0000_0000 }
      tick = 0
    } else {
      tick += 1
    }
    lastSecond = second
    let time = UInt64(second) * Self.ticksInASecond + tick + Self.ticksBefore1970
    var bytes = Array(String(letter).utf8)
    bytes.reserveCapacity(33)
    bytes.appendHexadecimal(time & 0xFFFF_FFFF, digits: 8)
    bytes.appendHexadecimal(time >> 32 & 0xFFFF, digits: 4)
    bytes.appendHexadecimal(time >> 48 & 0x0FFF | 0x1000, digits: 4)
    bytes.appendHexadecimal(clockSequence | 0x8000, digits: 4)
    bytes.appendHexadecimal(node, digits: 12)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The queue that jobs of a bucket go to when the request names none (erratum E15): `p` and a version-4 UUID that
  /// depends on the bucket, the kind of queue and the seed alone.
  func queueID(of kind: Queue.Kind, in bucket: Bucket) -> String {
    var random = Randomness(
      seed: Randomness.number(for: "\(bucket.name) \(bucket.region) \(kind.rawValue)", seed: seed))
    return "p" + Self.randomUUID(&random)
  }

  /// `t1` and a version-4 UUID, the form of a bucket's own templates.
  mutating func templateID() -> String { "t1" + Self.randomUUID(&random) }

  private static func randomUUID(_ random: inout Randomness) -> String {
    let high = random.next() & ~0xF000 | 0x4000
    let low = random.next() & ~(3 << 62) | 1 << 63
    return hexadecimal(high, digits: 16) + hexadecimal(low, digits: 16)
  }

  /// `<hex seconds>_<hex address>_<hex worker>_<hex sequence>` in base64; the seconds are those of the Date header
  /// (errata E22, E23). The sequence makes it unique.
  mutating func requestID(at now: Double) -> String {
    requestSequence += 1
    var bytes: [UInt8] = []
    bytes.reserveCapacity(48)
    bytes.appendHexadecimal(UInt64(Times.wholeSeconds(now)), digits: 8)
    for number in [address, worker, requestSequence] {
      bytes.append(0x5F)
      bytes.appendHexadecimal(number)
    }
    return base64(bytes)
  }

  /// The trace id of a failed request. Its form is not documented; this one is base64 like that of COS.
  mutating func traceID() -> String {
    let numbers = [random.next(), random.next(), random.next()]
    return base64(numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } })
  }
}
