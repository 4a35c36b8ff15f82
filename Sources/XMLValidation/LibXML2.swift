private import CLibXML2

/// The libxml2 in use.
public enum LibXML2 {
  /// The version of the library that is loaded, such as `2.9.14`.
  public static var version: String {
    let digits = unsafe String(cString: cispec_xml_runtime_version()).prefix { $0.isNumber }
    guard let number = Int(digits) else { return String(digits) }
    return "\(number / 10_000).\(number / 100 % 100).\(number % 100)"
  }

  /// The version of the headers the kit was built against.
  public static var headerVersion: String { unsafe String(cString: cispec_xml_compiled_version()) }
}
