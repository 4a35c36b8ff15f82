"""Checks the signature of a request as the page "Request Signature" describes it."""

import hashlib
import hmac
import re
from urllib.parse import quote, unquote_to_bytes

from refusal import Refusal

FIELDS = (
    "q-sign-algorithm",
    "q-ak",
    "q-sign-time",
    "q-key-time",
    "q-header-list",
    "q-url-param-list",
    "q-signature",
)
# How far ahead a signature may start: the storage service tolerates clocks that are off by so much.
AHEAD_SECONDS_MAX = 15 * 60


def encoded(data):
    """UrlEncode: all but letters, digits and -._~ as %XX in capitals; a name is lower-cased afterwards."""
    return quote(data, safe="")


def decoded(data):
    return unquote_to_bytes(data.replace(b"+", b"%20"))


def query_pairs(query):
    """The decoded (name, value) pairs of the raw query, in their order."""
    pieces = [piece.partition(b"=") for piece in query.split(b"&") if piece]
    return [(decoded(name), decoded(value)) for name, _, value in pieces]


def check(method, path, query, headers, keys, now):
    """Raises Refusal unless the request is signed by one of the keys and the time is within its signature's.

    `path` and `query` are bytes as they came, `headers` a list of (name, value) in bytes, `keys` maps SecretId to
    SecretKey, `now` is in Unix seconds.
    """
    pairs = query_pairs(query)
    fields = delivered(headers, pairs)
    if fields["q-sign-algorithm"] != "sha1":
        raise Refusal("InvalidAuthorization", "q-sign-algorithm is not sha1.")
    secret_key = keys.get(fields["q-ak"])
    if secret_key is None:
        raise Refusal("SecretidNotExist", "The SecretId does not exist.")
    windows = [window(fields[name]) for name in ("q-sign-time", "q-key-time")]
    if any(start >= end or now > end or now + AHEAD_SECONDS_MAX < start for start, end in windows):
        raise Refusal("SignatureExpired", "Request has expired")

    sign_key = digest(secret_key.encode(), fields["q-key-time"])
    unsigned = set(FIELDS) | {"sign"}
    parameters = [(name, value) for name, value in pairs if name.decode("latin-1") not in unsigned]
    http_string = "\n".join([
        method.lower(),
        decoded(path).decode("latin-1"),
        listed(fields["q-url-param-list"], parameters),
        listed(fields["q-header-list"], [(name.lower(), value) for name, value in headers]),
        "",
    ])
    content = hashlib.sha1(http_string.encode("latin-1")).hexdigest()
    expected = digest(sign_key.encode(), f"sha1\n{fields['q-sign-time']}\n{content}\n")
    if not hmac.compare_digest(expected.encode(), fields["q-signature"].encode()):
        raise Refusal("InvalidAuthorization", "The signature does not fit the request.")


def delivered(headers, pairs):
    """The seven fields, from the header Authorization, the parameter `sign`, or parameters of their names."""
    headers = [value for name, value in headers if name.lower() == b"authorization"]
    parameters = dict(pairs)
    if headers:
        text = headers[0]
    elif b"sign" in parameters:
        text = parameters[b"sign"]
    elif b"q-signature" in parameters or b"q-sign-algorithm" in parameters:
        text = b"&".join(name + b"=" + value for name, value in pairs if name.startswith(b"q-"))
    else:
        raise Refusal("MissingAuthorization", "The request carries no signature.")
    names_and_values = [piece.partition("=")[::2] for piece in text.decode("latin-1").split("&")]
    fields = dict(names_and_values)
    if len(headers) > 1 or any(name not in fields for name in FIELDS) or len(fields) != len(names_and_values):
        raise Refusal("InvalidAuthorization", "The signature has not each of its seven fields once.")
    return fields


def window(text):
    match = re.fullmatch(r"([0-9]{1,15});([0-9]{1,15})", text)
    if match is None:
        raise Refusal("InvalidAuthorization", "A time of the signature is not START;END in seconds.")
    return int(match[1]), int(match[2])


def listed(names, pairs):
    """HttpHeaders or HttpParameters: the listed ones only, in the order of the list."""
    found = {}
    for name, value in pairs:
        found.setdefault(encoded(name).lower(), []).append(encoded(value))
    parts = []
    for name in names.split(";") if names else []:
        # A list that travelled in the query encoded only once has lost its own encoding.
        name = name if name in found else encoded(name.encode("latin-1")).lower()
        if not found.get(name):
            raise Refusal("InvalidAuthorization", "The signature lists a header or parameter that did not come.")
        parts.append(f"{name}={found[name].pop(0)}")
    return "&".join(parts)


def digest(key, message):
    return hmac.new(key, message.encode("latin-1"), hashlib.sha1).hexdigest()
