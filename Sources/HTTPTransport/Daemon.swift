internal import CMicroHTTPD
internal import Glibc

/// A daemon of libmicrohttpd with its threads.
///
/// `@unchecked Sendable`: libmicrohttpd lets any thread stop a daemon that has threads of its own.
@safe struct Daemon: ~Copyable, @unchecked Sendable {
  private let handle: OpaquePointer

  /// Takes over the socket; the core must outlive the daemon. Nil when the system has no threads or memory for it.
  init?(core: ServerCore, listening socket: consuming Socket) {
    let limits = core.limits
    let style =
      limits.hasThreadPerConnection
      ? MHD_USE_THREAD_PER_CONNECTION.rawValue | MHD_USE_POLL.rawValue : MHD_USE_EPOLL.rawValue
    let flags = MHD_USE_INTERNAL_POLLING_THREAD.rawValue | style | MHD_USE_ITC.rawValue
    let threads = limits.hasThreadPerConnection ? 1 : limits.threads
    // The socket is not closed on failure: whether the library has done so by then is not documented.
    let started = unsafe cispec_mhd_start(
      // The Date that is sent is the responder's own.
      flags | MHD_USE_SUPPRESS_DATE_NO_CLOCK.rawValue, socket.release(), answerCallback, completedCallback,
      targetCallback, Unmanaged.passUnretained(core).toOpaque(), UInt32(threads > 1 ? threads : 0),
      UInt32(max(limits.connectionsMax, threads)), UInt32(max(0, limits.idleSeconds)),
      limits.connectionMemoryBytes)
    guard let handle = unsafe started else { return nil }
    unsafe self.handle = handle
  }

  /// Why no daemon can be started at all; nil when one can.
  static var unusable: String? { unsafe cispec_mhd_open().map { unsafe String(cString: $0) } }

  deinit { unsafe cispec_mhd_stop_daemon(handle) }

  /// Accepts no more connections.
  func stopListening() {
    let descriptor = unsafe cispec_mhd_quiesce_daemon(handle)
    if descriptor >= 0 { _ = close(descriptor) }
  }
}

private func core(_ context: UnsafeMutableRawPointer) -> ServerCore {
  unsafe Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
}

private let targetCallback:
  @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) -> UnsafeMutableRawPointer? = {
    context, target, _ in
    guard let context = unsafe context, let target = unsafe target else { return nil }
    let exchange = unsafe core(context).begin(target: String(cString: target))
    return unsafe Unmanaged.passRetained(exchange).toOpaque()
  }

private let completedCallback: MHD_RequestCompletedCallback = { context, _, state, _ in
  guard let context = unsafe context, let opaque = unsafe state?.pointee else { return }
  unsafe state?.pointee = nil
  unsafe core(context).end(Unmanaged<IncomingExchange>.fromOpaque(opaque).takeRetainedValue())
}

private let answerCallback: MHD_AccessHandlerCallback = { context, connection, _, method, _, bytes, count, state in
  guard let context = unsafe context, let connection = unsafe connection, let method = unsafe method,
    let count = unsafe count, let opaque = unsafe state?.pointee
  else { return .NO }
  let core = unsafe core(context)
  let exchange = unsafe Unmanaged<IncomingExchange>.fromOpaque(opaque).takeUnretainedValue()
  if !exchange.hasHead {
    return unsafe core.takeHead(of: exchange, method: String(cString: method), connection: connection)
  }
  guard unsafe count.pointee > 0 else { return unsafe core.answer(exchange, connection: connection) }
  let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: count.pointee)
  // Zero tells the library that all of it was taken.
  unsafe count.pointee = 0
  return unsafe core.takeBody(of: exchange, piece)
}
