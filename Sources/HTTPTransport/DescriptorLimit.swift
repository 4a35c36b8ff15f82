internal import Glibc

/// How many files and sockets this process may have open at once.
public enum DescriptorLimit {
  /// Raises the limit to a number where the system lets it, and gives what it is then.
  public static func raised(to wanted: Int) -> Int {
    var limit = rlimit()
    let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard unsafe getrlimit(kind, &limit) == 0 else { return wanted }
    guard limit.rlim_cur < rlim_t(wanted) else { return wanted }
    limit.rlim_cur = min(rlim_t(wanted), limit.rlim_max)
    _ = unsafe setrlimit(kind, &limit)
    guard unsafe getrlimit(kind, &limit) == 0 else { return wanted }
    return Int(clamping: limit.rlim_cur)
  }
}
