extension SigningMistake {
  /// The mistakes that give what a signer shows of its stages, made from what is signed; empty when none does.
  ///
  /// Several mistakes can give one signature: they are those that give most of the stages, and where the signature is
  /// right, more of them than a right signer does. The least sweeping one comes first.
  ///
  /// - Parameters:
  ///   - input: what was signed.
  ///   - target: the request's target, percent-encoded.
  ///   - secretKey: the key that signed.
  ///   - keyTime: `q-key-time`, two Unix times with a semicolon between.
  ///   - signTime: `q-sign-time`, in the same form.
  ///   - stages: by the names of `RequestSignature.stagesByName`; `signature` is among them.
  public static func fitting(
    for input: RequestSignature.Input, target: String? = nil, secretKey: String, keyTime: String, signTime: String,
    stages: [String: String]
  ) -> [SigningMistake] {
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
    var best: [SigningMistake] = []
    var most = right.signature == stages["signature"] ? fitting(right) : 0
    for mistake in leastSweepingFirst {
      let made = signer.stages(with: mistake)
      guard made.signature == stages["signature"] else { continue }
      let count = fitting(made)
      if count > most {
        (best, most) = ([mistake], count)
      } else if count == most, !best.isEmpty {
        best.append(mistake)
      }
    }
    return best
  }

  /// The catalogue with what leaves out a whole step behind what gets a part of it wrong: where nothing but a mark needs
  /// encoding, a signer that keeps marks and one that encodes nothing give the same.
  private static let leastSweepingFirst = all.filter { !$0.isSweeping } + all.filter(\.isSweeping)

  private var isSweeping: Bool {
    switch deviation {
    case .namesNotEncoded, .unsorted, .parameterNotEncoded, .headerNotEncoded, .parameterAsOnWire: true
    default: false
    }
  }

  /// The mistakes that give the Authorization of a request, lists and all; failing that, its signature. The least
  /// sweeping one comes first.
  static func fitting(by signer: MistakenSigner, for authorization: Authorization) -> [SigningMistake] {
    let right = signer.stages(with: nil)
    var (whole, partly): ([SigningMistake], [SigningMistake]) = ([], [])
    for mistake in leastSweepingFirst {
      let made = signer.stages(with: mistake)
      guard made.signature == authorization.signature else { continue }
      if made.headerList == authorization.headerList, made.urlParamList == authorization.urlParamList {
        whole.append(mistake)
      } else if made.signature != right.signature {
        partly.append(mistake)
      }
    }
    if !whole.isEmpty { return whole }
    if partly.isEmpty, signer.withTimesExchanged.stages(with: nil).signature == authorization.signature {
      return all.filter { $0.deviation == .authorizationTimesExchanged }
    }
    return partly
  }
}
