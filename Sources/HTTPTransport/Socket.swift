internal import Glibc

/// A socket of this process, closed when its owner goes.
struct Socket: ~Copyable {
  let descriptor: Int32

  init(adopting descriptor: Int32) { self.descriptor = descriptor }

  deinit { _ = close(descriptor) }

  /// The descriptor for somebody else to close.
  consuming func release() -> Int32 {
    let descriptor = self.descriptor
    discard self
    return descriptor
  }

  /// The port that the system gave it, 0 when it has none.
  var port: UInt16 {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor, $0, &length) }
    }
    guard result == 0 else { return 0 }
    // The port stands at the same place in an address of either family.
    let port = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { unsafe $0.pointee.sin_port }
    }
    return UInt16(bigEndian: port)
  }
}

extension Socket {
  /// A stream socket, closed in programs that this one starts; fails with the `errno`.
  init(family: Int32, isNonBlocking: Bool) throws(Errno) {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(family, kind | (isNonBlocking ? Int32(SOCK_NONBLOCK.rawValue) : 0), 0)
    guard descriptor >= 0 else { throw Errno(number: errno) }
    self.init(adopting: descriptor)
  }

  func setOption(_ name: Int32, level: Int32 = SOL_SOCKET) throws(Errno) {
    var value: Int32 = 1
    guard unsafe setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
      throw Errno(number: errno)
    }
  }
}

/// A failure of a system call.
struct Errno: Error, Equatable {
  var number: Int32

  var text: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard unsafe strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return unsafe buffer.withUnsafeBufferPointer { unsafe $0.baseAddress.map { unsafe String(cString: $0) } ?? "" }
  }
}

/// Seconds on a clock that never goes back.
func monotonicSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
