import Glibc
import Synchronization

/// What a scripted server does on one connection, in order; after the last step it closes.
public enum Step: Sendable {
  /// Reads one request: its head and as many bytes as its Content-Length says.
  case read
  case send(String)
  /// Sends the text again and again until the client has had enough.
  case sendEndlessly(String)
  case pause(seconds: UInt32)
  /// Says nothing until the client closes.
  case hang
}

/// A server of plain bytes on a free port of this machine: one script for each connection, then it stops listening.
public final class ScriptedServer: Sendable {
  public let port: UInt16
  private let log: RequestLog
  private let thread: RunningThread

  public init(_ scripts: [Step]...) throws {
    let (descriptor, port) = try listener()
    let log = RequestLog()
    self.port = port
    self.log = log
    thread = RunningThread {
      for script in scripts {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { break }
        bound(connection)
        log.openConnection()
        for step in script { perform(step, on: connection, log) }
        close(connection)
      }
      close(descriptor)
    }
  }

  public var url: String { "http://127.0.0.1:\(port)" }

  /// The requests of each connection, byte for byte, once all scripts have run.
  public func requests() -> [[String]] {
    thread.join()
    return log.connections
  }
}

/// A port on which nothing listens: it was free a moment ago.
public func closedPort() throws -> UInt16 {
  let (descriptor, port) = try listener()
  close(descriptor)
  return port
}

/// A thread of its own, so that blocking calls take none of the tests' threads.
public final class RunningThread: Sendable {
  private let handle: Mutex<pthread_t?>

  public init(_ body: @escaping @Sendable () -> Void) {
    final class Box {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var handle = pthread_t()
    let result = pthread_create(
      &handle, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, Unmanaged.passRetained(Box(body)).toOpaque())
    precondition(result == 0, "no thread")
    self.handle = Mutex(handle)
  }

  deinit {
    handle.withLock { handle in
      if let running = handle.take() { pthread_detach(running) }
    }
  }

  /// Waits for its end; further calls do nothing.
  public func join() {
    handle.withLock { handle in
      guard let running = handle.take() else { return }
      pthread_join(running, nil)
    }
  }
}

private final class RequestLog: Sendable {
  private let requests = Mutex<[[String]]>([])

  var connections: [[String]] { requests.withLock { $0 } }

  func openConnection() { requests.withLock { $0.append([]) } }

  func append(_ request: [UInt8]) {
    requests.withLock { $0[$0.count - 1].append(String(decoding: request, as: UTF8.self)) }
  }
}

public struct SystemFailure: Error {
  public var number = errno
}

private func listener() throws -> (descriptor: Int32, port: UInt16) {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  guard descriptor >= 0 else { throw SystemFailure() }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let result = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
      bind(descriptor, address, length) == 0 && listen(descriptor, 16) == 0
        && getsockname(descriptor, address, &length) == 0
    }
  }
  guard result else { throw SystemFailure() }
  bound(descriptor)
  return (descriptor, UInt16(bigEndian: address.sin_port))
}

/// No call on the descriptor takes longer than two seconds.
private func bound(_ descriptor: Int32) {
  var time = timeval(tv_sec: 2, tv_usec: 0)
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
}

private func perform(_ step: Step, on connection: Int32, _ log: RequestLog) {
  switch step {
  case .read: log.append(readRequest(from: connection))
  case .send(let text): _ = send(text, to: connection)
  case .sendEndlessly(let text): while send(text, to: connection) {}
  case .pause(let seconds): sleep(seconds)
  case .hang: while readPiece(from: connection) != nil {}
  }
}

private func send(_ text: String, to connection: Int32) -> Bool {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let count = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    guard count > 0 else { return false }
    bytes = bytes.dropFirst(count)
  }
  return true
}

private func readPiece(from connection: Int32) -> ArraySlice<UInt8>? {
  var buffer = [UInt8](repeating: 0, count: 4096)
  let count = recv(connection, &buffer, buffer.count, 0)
  return count > 0 ? buffer[..<count] : nil
}

private func readRequest(from connection: Int32) -> [UInt8] {
  var request: [UInt8] = []
  while !isComplete(request), let piece = readPiece(from: connection) { request += piece }
  return request
}

private func isComplete(_ request: [UInt8]) -> Bool {
  let text = String(decoding: request, as: UTF8.self)
  guard let end = text.firstRange(of: "\r\n\r\n") else { return false }
  let length = text[..<end.lowerBound].split(separator: "\r\n").compactMap { line in
    line.lowercased().hasPrefix("content-length: ") ? Int(line.dropFirst(16)) : nil
  }
  return text[end.upperBound...].utf8.count >= length.first ?? 0
}
