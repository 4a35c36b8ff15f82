"""The request signature of document 436/7778, written from its text in Python's standard library.

Shares nothing with the Swift code: vectors take their expected values from here, and both must agree.
"""

import hashlib
import hmac

UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def encode(text):
    """UrlEncode: every byte of the UTF-8 text but the unreserved as %XX in capitals."""
    return "".join(chr(byte) if byte in UNRESERVED else f"%{byte:02X}" for byte in text.encode())


def pair_list(pairs):
    """(list of names, joined pairs) of (name, value) pairs; no value counts as an empty one."""
    encoded = sorted(
        ((encode(name).lower(), encode(value or "")) for name, value in pairs), key=lambda pair: pair[0].encode())
    return ";".join(name for name, _ in encoded), "&".join(f"{name}={value}" for name, value in encoded)


def hmac_hex(key, message):
    return hmac.new(key.encode(), message.encode(), hashlib.sha1).hexdigest()


def stages(method, path, params, headers, secret_id, secret_key, key_time, sign_time=None):
    """Every stage by its name; params and headers are those that are signed."""
    sign_time = sign_time or key_time
    sign_key = hmac_hex(secret_key, key_time)
    url_param_list, http_parameters = pair_list(params)
    header_list, http_headers = pair_list(headers)
    http_string = f"{method.lower()}\n{path}\n{http_parameters}\n{http_headers}\n"
    digest = hashlib.sha1(http_string.encode()).hexdigest()
    string_to_sign = f"sha1\n{sign_time}\n{digest}\n"
    signature = hmac_hex(sign_key, string_to_sign)
    authorization = "&".join(
        f"{name}={value}" for name, value in zip(FIELDS, (
            "sha1", secret_id, sign_time, key_time, header_list, url_param_list, signature)))
    return {
        "key_time": key_time, "sign_key": sign_key, "url_param_list": url_param_list,
        "http_parameters": http_parameters, "header_list": header_list, "http_headers": http_headers,
        "http_string": http_string, "http_string_sha1": digest, "string_to_sign": string_to_sign,
        "signature": signature, "authorization": authorization,
    }


FIELDS = (
    "q-sign-algorithm", "q-ak", "q-sign-time", "q-key-time", "q-header-list", "q-url-param-list", "q-signature")


def fields(authorization):
    """The seven fields of an Authorization, in their order."""
    return [tuple(piece.split("=", 1)) for piece in authorization.split("&")]


def query(authorization):
    """The seven fields as query parameters, each value encoded once more."""
    return "&".join(f"{name}={encode(value)}" for name, value in fields(authorization))


def sign_parameter(authorization):
    return "sign=" + encode(authorization)
