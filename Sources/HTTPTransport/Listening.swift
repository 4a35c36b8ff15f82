internal import Glibc

extension Socket {
  /// A socket that listens on an IPv4 or IPv6 address of this machine.
  static func listening(on address: String, port: UInt16) throws(ServerError) -> Socket {
    let place = address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    do throws(Errno) {
      if let parsed = ipv4(address, port) { return try bound(to: parsed, family: AF_INET) }
      if let parsed = ipv6(address, port) { return try bound(to: parsed, family: AF_INET6) }
    } catch {
      throw ServerError(error, listeningOn: place, codes: (EADDRINUSE, EACCES, EADDRNOTAVAIL))
    }
    throw ServerError(.badAddress, "'\(address)' is no address to listen on; 127.0.0.1 and ::1 are")
  }

  private static func bound<Address>(to address: Address, family: Int32) throws(Errno) -> Socket {
    let socket = try Socket(family: family, isNonBlocking: true)
    // Without it the port of a server that just stopped stays taken for a minute.
    try socket.setOption(SO_REUSEADDR)
    if family == AF_INET6 { try socket.setOption(IPV6_V6ONLY, level: Int32(IPPROTO_IPV6)) }
    let length = socklen_t(MemoryLayout<Address>.size)
    let result = unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(socket.descriptor, $0, length) }
    }
    guard result == 0, listen(socket.descriptor, SOMAXCONN) == 0 else { throw Errno(number: errno) }
    return socket
  }

  private static func ipv4(_ text: String, _ port: UInt16) -> sockaddr_in? {
    var address = sockaddr_in()
    guard unsafe inet_pton(AF_INET, text, &address.sin_addr) == 1 else { return nil }
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    return address
  }

  private static func ipv6(_ text: String, _ port: UInt16) -> sockaddr_in6? {
    var address = sockaddr_in6()
    guard unsafe inet_pton(AF_INET6, text, &address.sin6_addr) == 1 else { return nil }
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_port = port.bigEndian
    return address
  }
}
