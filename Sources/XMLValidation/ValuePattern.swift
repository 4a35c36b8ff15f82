internal import CLibXML2

/// A pattern of XSD, by the engine that judges `xs:pattern` in the schemas. For one thread at a time.
@safe public final class ValuePattern {
  private let expression: xmlRegexpPtr

  /// Nil for what is no regular expression of XSD.
  public init?(_ pattern: String) {
    // What is wrong with one goes to standard error otherwise.
    let channel = unsafe cispec_xml_silence()
    defer { unsafe cispec_xml_restore(channel) }
    guard let expression = unsafe xmlRegexpCompile(pattern) else { return nil }
    unsafe self.expression = expression
  }

  deinit { unsafe xmlRegFreeRegexp(expression) }

  /// Whether the whole value is of the pattern. One with a NUL, at which the engine would stop reading, never is.
  public func matches(_ value: String) -> Bool {
    !value.utf8.contains(0) && (unsafe xmlRegexpExec(expression, value)) == 1
  }
}
