internal import HTTPExchange

extension SigningMistake {
  /// The first mistake of the catalogue that gives a signature, made from what is signed; nil when none does.
  public static func likely(
    for input: RequestSignature.Input, secretKey: String, keyTime: String, signTime: String, signature: String
  ) -> SigningMistake? {
    let signer = SwitchedSigner(
      method: input.method, rawPath: PercentCoding.encodePath(input.path), parameters: input.parameters,
      headers: input.headers, secretKey: secretKey, keyTime: keyTime, signTime: signTime)
    // A right signature is no mistake's, even where a mistake changes nothing.
    guard signer.signature(SigningSwitches()) != signature else { return nil }
    return all.first { mistake in
      var switches = SigningSwitches()
      mistake.change(&switches)
      return signer.signature(switches) == signature
    }
  }
}
