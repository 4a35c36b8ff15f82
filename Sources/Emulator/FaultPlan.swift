internal import FoundationEssentials
private import HTTPExchange

/// Which requests are answered wrongly, and how; docs/Formats.md describes the file.
public struct FaultPlan: Sendable, Equatable {
  /// What happens to a request.
  public enum Effect: Sendable, Equatable {
    /// The answer waits that many seconds.
    case delay(seconds: Double)
    case reset
    /// The body ends after that many bytes.
    case truncate(bytes: Int)
    /// The request is not performed and has this answer.
    case refuse(status: Int, code: String?)
    /// The server's clock is that many seconds ahead: in Date, and when it judges the signature's time.
    case clockSkew(seconds: Double)
  }

  struct Fault: Sendable, Equatable {
    var effect: Effect
    var requests: [ClosedRange<Int>]?
    /// Such as `file-jobs.*`.
    var operation: String?
    /// Only submits have it.
    var isOfSubmits: Bool
    var rate: Double?
    /// How often at most.
    var times: Int?
  }

  public private(set) var seed: UInt64 = 1
  private(set) var faults: [Fault] = []

  public init() {}

  public var isEmpty: Bool { faults.isEmpty }

  /// What happens to a request. Which ones a rate hits depends on the seed, the fault and the request's number alone.
  ///
  /// - Parameters:
  ///   - number: the request's place among all, from 1.
  ///   - operation: its operation; nil when it has none.
  ///   - counts: how often each fault has struck so far.
  func effects(number: Int, operation: String?, counts: inout [Int]) -> [Effect] {
    if counts.isEmpty { counts = Array(repeating: 0, count: faults.count) }
    var effects: [Effect] = []
    for (index, fault) in faults.enumerated() where strikes(fault, index, number, operation) {
      if let times = fault.times, counts[index] >= times { continue }
      counts[index] += 1
      effects.append(fault.effect)
    }
    return effects
  }

  private func strikes(_ fault: Fault, _ index: Int, _ number: Int, _ operation: String?) -> Bool {
    if let requests = fault.requests, !requests.contains(where: { $0.contains(number) }) { return false }
    if let pattern = fault.operation {
      guard let operation else { return false }
      let isOpen = pattern.hasSuffix("*")
      guard isOpen ? operation.hasPrefix(pattern.dropLast()) : operation == pattern else { return false }
    }
    if fault.isOfSubmits, operation?.hasSuffix(".submit") != true { return false }
    guard let rate = fault.rate else { return true }
    var random = Randomness(seed: Randomness.number(for: "\(index) \(number)", seed: seed))
    return Double(random.next() >> 11) / Double(1 << 53) < rate
  }
}

// MARK: Reading

/// Why a plan cannot be read, as one sentence.
public struct FaultPlanError: Error, Equatable, CustomStringConvertible {
  public var description: String
}

extension FaultPlan {
  private struct File: Decodable {
    struct Entry: Decodable {
      var kind: String
      var requests: [RequestNumbers]?
      var operation: String?
      var rate: Double?
      var times: Int?
      var seconds: Double?
      var bytes: Int?
      var status: Int?
      var code: String?
    }

    var format: Int
    var seed: UInt64?
    var faults: [Entry]
  }

  /// A number, or a text such as `3-7`.
  private struct RequestNumbers: Decodable {
    var range: ClosedRange<Int>

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      let ends: [Int?] =
        if let number = try? container.decode(Int.self) { [number] } else {
          try container.decode(String.self).split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first >= 1, first <= last
      else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "it is a number from 1 or a range such as \"3-7\"")
      }
      range = first...last
    }
  }

  /// - Parameter operations: the IDs that a fault may name.
  public init(parsing bytes: [UInt8], operations: [String]) throws(FaultPlanError) {
    let file: File
    do {
      file = try JSONDecoder().decode(File.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw FaultPlanError(description: error.placed)
    } catch {
      throw FaultPlanError(description: "\(error)")
    }
    guard file.format == 1 else { throw FaultPlanError(description: "format is \(file.format), not 1") }
    seed = file.seed ?? 1
    for (index, entry) in file.faults.enumerated() {
      do throws(FaultPlanError) {
        faults.append(try Self.fault(entry, operations))
      } catch {
        throw FaultPlanError(description: "faults[\(index)]: \(error.description)")
      }
    }
  }

  private static func fault(_ entry: File.Entry, _ operations: [String]) throws(FaultPlanError) -> Fault {
    if let rate = entry.rate, !(0...1).contains(rate) {
      throw FaultPlanError(description: "rate is \(rate), not from 0 to 1")
    }
    if let pattern = entry.operation {
      let isKnown = operations.contains {
        pattern.hasSuffix("*") ? $0.hasPrefix(pattern.dropLast()) : $0 == pattern
      }
      guard isKnown else { throw FaultPlanError(description: "operation '\(pattern)' fits none of the operations") }
    }
    if let times = entry.times, times < 1 { throw FaultPlanError(description: "times is \(times), not at least 1") }
    return Fault(
      effect: try effect(entry), requests: entry.requests?.map(\.range), operation: entry.operation,
      isOfSubmits: entry.kind == "queue-paused", rate: entry.rate, times: entry.times)
  }

  private static func effect(_ entry: File.Entry) throws(FaultPlanError) -> Effect {
    func number<Value: Comparable>(
      _ name: String, _ value: Value?, _ range: ClosedRange<Value>
    ) throws(FaultPlanError) -> Value {
      guard let value, range.contains(value) else {
        throw FaultPlanError(
          description: "a fault of the kind \(entry.kind) needs \(name) from \(range.lowerBound) to \(range.upperBound)"
        )
      }
      return value
    }
    switch entry.kind {
    case "delay": return .delay(seconds: try number("seconds", entry.seconds, 0...600))
    case "reset": return .reset
    case "truncate": return .truncate(bytes: try number("bytes", entry.bytes, 0...1 << 20))
    case "status": return .refuse(status: try number("status", entry.status, 300...599), code: entry.code)
    case "clock-skew": return .clockSkew(seconds: try number("seconds", entry.seconds, -1e9...1e9))
    case "expired-token": return .refuse(status: 400, code: "ExpiredToken")
    case "queue-paused": return .refuse(status: 403, code: "QueuePaused")
    default:
      throw FaultPlanError(
        description: "'\(entry.kind)' is no kind of fault; it is one of delay, reset, truncate, status, clock-skew, "
          + "expired-token, queue-paused")
    }
  }
}
