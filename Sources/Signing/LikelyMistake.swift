extension SigningMistake {
  /// The mistake that gives what a signer shows of its stages, made from what is signed; nil when none does.
  ///
  /// Several mistakes can give one signature: it is the one that gives most of the stages, and where the signature is
  /// right, more of them than a right signer does.
  ///
  /// - Parameters:
  ///   - input: what was signed.
  ///   - target: the request's target, percent-encoded.
  ///   - secretKey: the key that signed.
  ///   - keyTime: `q-key-time`, two Unix times with a semicolon between.
  ///   - signTime: `q-sign-time`, in the same form.
  ///   - stages: by the names of `RequestSignature.stagesByName`; `signature` is among them.
  public static func likely(
    for input: RequestSignature.Input, target: String? = nil, secretKey: String, keyTime: String, signTime: String,
    stages: [String: String]
  ) -> SigningMistake? {
    let presented = try? Authorization(parsing: stages["authorization"] ?? "")
    let signer = MistakenSigner(
      input: input, target: target,
      credentials: Credentials(secretID: presented?.secretID ?? "", secretKey: secretKey), keyTime: keyTime,
      signTime: signTime)
    func fitting(_ made: RequestSignature.Stages) -> Int {
      stages.count { name, value in
        RequestSignature.stagesByName[name].map { $0(made).utf8.elementsEqual(value.utf8) } ?? false
      }
    }
    let right = signer.stages(with: nil)
    var best: SigningMistake?
    var most = right.signature == stages["signature"] ? fitting(right) : 0
    for mistake in all {
      let made = signer.stages(with: mistake)
      guard made.signature == stages["signature"], fitting(made) > most else { continue }
      (best, most) = (mistake, fitting(made))
    }
    return best
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
