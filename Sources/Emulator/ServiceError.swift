/// Why a request is refused: one of the documented codes, with its HTTP status.
struct ServiceError: Error, Equatable {
  var code: Code
  var message: String

  /// A code that two statuses share is two cases (erratum E46).
  ///
  /// Source: Error codes (1045/43611); the seven last are of the COS list (436/7730).
  enum Code: Equatable {
    case invalidArgument, missingContent, invalidContent, invalidHost, resourceNotFound
    case missingAuthorization, invalidAuthorization, unknownSecretID, signatureExpired
    case queueSaturated, queuePaused, invalidURL, missingContentLength, contentTooLarge, internalError, notImplemented
    case accessDenied, invalidAccessKeyID, signatureDoesNotMatch, requestTimeTooSkewed
    case noSuchKey, entityTooLarge, invalidObjectState

    var name: String {
      switch self {
      case .invalidArgument: "InvalidArgument"
      case .missingContent: "MissingContent"
      case .invalidContent, .contentTooLarge: "InvalidContent"
      case .invalidHost: "InvalidHost"
      case .resourceNotFound: "ResourceNotFound"
      case .missingAuthorization: "MissingAuthorization"
      case .invalidAuthorization: "InvalidAuthorization"
      case .unknownSecretID: "SecretidNotExist"
      case .signatureExpired: "SignatureExpired"
      case .queueSaturated: "QueueSaturated"
      case .queuePaused: "QueuePaused"
      case .invalidURL: "InvalidUrl"
      case .missingContentLength: "MissingContentLength"
      case .internalError: "InternalError"
      case .notImplemented: "NotImplemented"
      case .accessDenied: "AccessDenied"
      case .invalidAccessKeyID: "InvalidAccessKeyId"
      case .signatureDoesNotMatch: "SignatureDoesNotMatch"
      case .requestTimeTooSkewed: "RequestTimeTooSkewed"
      case .noSuchKey: "NoSuchKey"
      case .entityTooLarge: "EntityTooLarge"
      case .invalidObjectState: "InvalidObjectState"
      }
    }

    var status: Int {
      switch self {
      case .invalidArgument, .missingContent, .invalidContent, .invalidHost, .resourceNotFound, .entityTooLarge: 400
      case .missingAuthorization, .invalidAuthorization, .unknownSecretID, .signatureExpired: 401
      case .queueSaturated, .queuePaused: 403
      case .accessDenied, .invalidAccessKeyID, .signatureDoesNotMatch, .requestTimeTooSkewed, .invalidObjectState: 403
      case .invalidURL, .noSuchKey: 404
      case .missingContentLength: 411
      case .contentTooLarge: 413
      case .internalError: 500
      case .notImplemented: 501
      }
    }
  }

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  static func oversized(_ bytesMax: Int) -> ServiceError {
    ServiceError(.contentTooLarge, "The request body is larger than \(bytesMax) bytes.")
  }
}
