package import Glibc

/// Runs a body on a thread of its own; nil when the system has none to spare, and then the body does not run.
package func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
  var thread = pthread_t()
  let context = unsafe Unmanaged.passRetained(ThreadTask(body)).toOpaque()
  let code = unsafe pthread_create(
    &thread, nil,
    { context in
      if let context = unsafe context { unsafe Unmanaged<ThreadTask>.fromOpaque(context).takeRetainedValue().run() }
      return nil
    }, context)
  if code == 0 { return thread }
  unsafe Unmanaged<ThreadTask>.fromOpaque(context).release()
  return nil
}

/// What a thread runs, as one object that C can carry.
private final class ThreadTask: Sendable {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
