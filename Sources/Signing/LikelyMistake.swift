extension SigningMistake {
  /// The first mistake of the catalogue that gives a signature, made from what is signed; nil when none does.
  ///
  /// Several mistakes can give one signature; `authorization`, when there is one, tells apart those that write other
  /// lists or times.
  public static func likely(
    for input: RequestSignature.Input, target: String? = nil, secretKey: String, keyTime: String, signTime: String,
    signature: String, authorization: String? = nil
  ) -> SigningMistake? {
    let presented = authorization.flatMap { try? Authorization(parsing: $0) }
    let signer = MistakenSigner(
      input: input, target: target,
      credentials: Credentials(secretID: presented?.secretID ?? "", secretKey: secretKey), keyTime: keyTime,
      signTime: signTime)
    let right = signer.stages(with: nil)
    // A right Authorization is no mistake's, even where a mistake changes nothing.
    if right.signature == signature, authorization == nil || authorization == right.authorization { return nil }
    let fitting = all.lazy.map { ($0, signer.stages(with: $0)) }.filter { $0.1.signature == signature }
    guard let authorization else { return fitting.first?.0 }
    let whole = fitting.first { $0.1.authorization == authorization }
    return whole?.0 ?? (right.signature == signature ? nil : fitting.first?.0)
  }

  /// The mistake that gives the Authorization of a request, lists and all; failing that, its signature.
  static func likely(by signer: MistakenSigner, for authorization: Authorization) -> SigningMistake? {
    let right = signer.stages(with: nil)
    var partly: SigningMistake?
    for mistake in all {
      let made = signer.stages(with: mistake)
      guard made.signature == authorization.signature else { continue }
      if made.headerList == authorization.headerList, made.urlParamList == authorization.urlParamList { return mistake }
      if partly == nil, made.signature != right.signature { partly = mistake }
    }
    if partly == nil, signer.withTimesExchanged.stages(with: nil).signature == authorization.signature {
      return all.first { $0.deviation == .authorizationTimesExchanged }
    }
    return partly
  }
}
