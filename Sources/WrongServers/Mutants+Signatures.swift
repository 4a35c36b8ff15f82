internal import HTTPExchange
internal import Signing

/// Which signatures a server lets in.
extension ServerMutant {
  private static func letsIn(_ mistake: String, _ caseIDs: String...) -> ServerMutant {
    verifier(mistake, caseIDs.map { .kind("signing.wrong-accepted", in: $0) })
  }

  /// What is let in is refused afterwards for what it asks, and so tells that its signature was not looked at.
  private static func looksPast(_ mistake: String, _ caseIDs: String...) -> ServerMutant {
    verifier(mistake, caseIDs.map { .kind("signing.wrong-answer", in: $0) })
  }

  private static func refuses(_ mistake: String, _ caseIDs: String...) -> ServerMutant {
    verifier(mistake, caseIDs.map { .kind("signing.right-refused", in: $0) })
  }

  /// A mistake of the catalogue of verifiers.
  private static func verifier(_ mistake: String, _ names: [FindingPattern]) -> ServerMutant {
    guard let known = VerifyingMistake.all.first(where: { $0.id == mistake }) else {
      preconditionFailure("there is no mistake \(mistake)")
    }
    return ServerMutant("signature/" + mistake, known.does, names, Fault(verifies: known))
  }

  static let signatures: [ServerMutant] = [
    letsIn("unsigned-let-in", "target/none"),
    letsIn("unreadable-let-in", "target/*/missing/*", "target/*/twice/*", "target/*/field/*"),
    letsIn("field-first-of-repeated", "target/*/twice/*"),
    letsIn("field-last-of-repeated", "target/*/twice/*"),
    letsIn("field-missing-defaulted", "target/*/missing/*"),
    letsIn("algorithm-ignored", "target/*/field/algorithm"),
    letsIn("secret-id-ignored", "target/*/field/id-unknown"),
    letsIn("expired-let-in", "target/*/expired/*"),
    letsIn("early-let-in", "target/*/expired/not-yet"),
    letsIn("reversed-let-in", "target/*/expired/reversed*"),
    letsIn("times-unchecked", "target/*/expired/*"),
    looksPast("method-ignored", "target/*/tampered/method"),
    looksPast("path-lowered-first", "target/*/tampered/path"),
    letsIn("header-blanks-collapsed", "target/*/tampered/header-value"),
    letsIn("host-taken-for-own", "target/*/tampered/host"),
    letsIn("signature-ignored", "target/*/field/signature-*", "target/*/wrong-key"),
    letsIn("signature-prefix-enough", "target/*/field/signature-cut", "target/*/field/signature-empty"),
    letsIn("signature-tail-ignored", "target/*/field/signature-longer"),
    letsIn("signature-case-ignored", "target/*/field/signature-capitals"),
    letsIn("param-absent-skipped", "target/*/field/param-list-longer"),
    letsIn("header-absent-skipped", "target/*/tampered/header-missing", "target/*/field/header-list-longer"),
    refuses("header-unread", "target/header/right"),
    refuses("query-unread", "target/query/right"),
    refuses("sign-unread", "target/sign/right"),
    refuses("field-values-not-decoded", "target/*/right"),
    refuses("header-list-ignored", "target/*/harmless/unsigned-header"),
    refuses("param-not-decoded", "target/*/harmless/param-escaped"),
    refuses("header-names-by-case", "target/*/right", "target/*/harmless/*"),
    refuses("unlisted-param-refused", "target/*/harmless/unsigned-param"),
    refuses("field-order-fixed", "target/*/harmless/field-order"),
    refuses("param-plus-kept", "target/*/harmless/param-plus-is-space"),
    ServerMutant(
      "signature/refused-as-wrong-content", "refuses wrong signatures with InvalidArgument",
      [.kind("signing.wrong-answer"), .requirement("error.code.*authorization"), .requirement("error.code.signature*")]
    ) { answer in
      guard [401, 403].contains(answer.response.status) else { return }
      answer.response.status = 400
      answer.set("Code") { _ in "InvalidArgument" }
    },
  ]
}
