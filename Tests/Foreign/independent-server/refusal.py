"""An error answer: HTTP status, code and message of the service's error page."""

STATUS = {
    "InvalidArgument": 400,
    "MissingContent": 400,
    "InvalidContent": 400,
    "InvalidHost": 400,
    "MissingAuthorization": 401,
    "InvalidAuthorization": 401,
    "SecretidNotExist": 401,
    "SignatureExpired": 401,
    "InvalidUrl": 404,
    "MissingContentLength": 411,
    "InternalError": 500,
    "NotImplemented": 501,
}


class Refusal(Exception):
    def __init__(self, code, message, status=None):
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message
        self.status = status or STATUS[code]
