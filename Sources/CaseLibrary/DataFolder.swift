private import CCrypto
internal import Glibc
private import Synchronization

/// The folder with the kit's data: `Schemas`, `Vectors` and `Exchanges`.
public struct DataFolder: Sendable, Equatable {
  public var path: String

  /// The parts of the data that make up its digest.
  public static let parts = ["Schemas", "Vectors", "Exchanges"]

  public init(path: String) { self.path = path }

  /// Finds the data: where `CISPEC_DATA` says, else beside the program as it is installed (`../share/cispec`), else in
  /// the nearest folder above the program that holds it, as it does in a checkout.
  public static func find(environment: [String: String], executable: String?) throws(FileError) -> DataFolder {
    if let given = environment["CISPEC_DATA"], !given.isEmpty {
      guard isData(given) else {
        throw FileError(path: given, reason: "CISPEC_DATA names it, but there is no Schemas/operations.json in it")
      }
      return DataFolder(path: given)
    }
    var folder = executable.map(parent) ?? "."
    let installed = parent(folder) + "/share/cispec"
    if isData(installed) { return DataFolder(path: installed) }
    while true {
      if isData(folder) { return DataFolder(path: folder) }
      guard folder != "/", folder != "." else { break }
      folder = parent(folder)
    }
    throw FileError(
      path: executable ?? "cispec",
      reason: "the kit's data (Schemas, Vectors, Exchanges) is neither beside this program nor above it; "
        + "set CISPEC_DATA to the folder that holds it")
  }

  /// The path of the running program with links resolved.
  public static func runningExecutable() -> String? {
    guard let resolved = unsafe realpath("/proc/self/exe", nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  private static func isData(_ folder: String) -> Bool { Files.exists(folder + "/Schemas/operations.json") }

  private static func parent(_ path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: 0x2F) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  public func read(_ relative: String) throws(FileError) -> [UInt8] { try Files.read("\(path)/\(relative)") }

  /// The SHA-256 over the names and bytes of all data files in order, but the corpus, which proves the kit, and the
  /// tools that write vectors, which judge nothing: two kits with the same digest judge alike.
  public func digest() throws(FileError) -> String {
    // Opening some hundred small files is what takes the time, so the last part is read by a thread of its own.
    let parts = Self.parts
    let made = Mutex<Result<[UInt8], FileError>?>(nil)
    let thread = startThread { [self] in
      let digest = partDigest(parts[parts.count - 1])
      made.withLock { $0 = digest }
    }
    let first = parts.dropLast().map(partDigest)
    if let thread { pthread_join(thread, nil) }
    let last = made.withLock { $0 } ?? partDigest(parts[parts.count - 1])
    var digests: [[UInt8]] = []
    for one in first + [last] { digests.append(try one.get()) }
    var state = SHA256_CTX()
    unsafe SHA256_Init(&state)
    for one in digests { _ = unsafe one.withUnsafeBytes { unsafe SHA256_Update(&state, $0.baseAddress, $0.count) } }
    var digest = [UInt8](repeating: 0, count: 32)
    unsafe SHA256_Final(&digest, &state)
    return digest.map { byte in
      let text = String(byte, radix: 16)
      return text.utf8.count == 1 ? "0" + text : text
    }.joined()
  }

  private func partDigest(_ part: String) -> Result<[UInt8], FileError> {
    do throws(FileError) { return .success(try digest(ofPart: part)) } catch { return .failure(error) }
  }

  private func digest(ofPart part: String) throws(FileError) -> [UInt8] {
    var state = SHA256_CTX()
    unsafe SHA256_Init(&state)
    if Files.isFolder("\(path)/\(part)") {
      let files = try Files.tree(of: "\(path)/\(part)", except: ["corpus", "tools"]).map { "\(path)/\(part)/\($0)" }
      try unsafe Files.forEachFile(files) { file, bytes in
        let name = file.utf8.dropFirst(path.utf8.count + 1)
        let header = Array("\(Substring(name))\0\(bytes.count)\0".utf8)
        _ = unsafe header.withUnsafeBytes { unsafe SHA256_Update(&state, $0.baseAddress, $0.count) }
        _ = unsafe SHA256_Update(&state, bytes.baseAddress, bytes.count)
      }
    }
    var digest = [UInt8](repeating: 0, count: 32)
    unsafe SHA256_Final(&digest, &state)
    return digest
  }
}
