"""An adapter of protocol version 1 in Python's standard library: sign, presign, verify, derive and call."""

import base64
import hashlib
import hmac
import json
import re
import sys
from urllib.parse import quote, unquote_plus

import client

FIELDS = ("q-sign-algorithm", "q-ak", "q-sign-time", "q-key-time", "q-header-list", "q-url-param-list", "q-signature")
SKEW_SECONDS = 900  # how far the start of a signature may lie in the future


def encode(text):
    return quote(text, safe="-._~")


def hmac_hex(key, message):
    return hmac.new(key.encode(), message.encode(), hashlib.sha1).hexdigest()


def sha1_hex(text):
    return hashlib.sha1(text.encode()).hexdigest()


def canonical(pairs, names=None):
    """(list, string) of (name, value) pairs; names, when given, says which of them are signed."""
    wanted = None if names is None else {name.lower() for name in names}
    encoded = sorted(((encode(name).lower(), encode(value or "")) for name, value in pairs
                      if wanted is None or name.lower() in wanted), key=lambda pair: pair[0])
    return joined(encoded)


def joined(encoded):
    return ";".join(name for name, _ in encoded), "&".join("=".join(pair) for pair in encoded)


def stages(method, path, params, headers, secret_id, secret_key, key_time, sign_time):
    """Every stage; params and headers are (list, string)."""
    out = {"key_time": key_time, "sign_key": hmac_hex(secret_key, key_time)}
    out["url_param_list"], out["http_parameters"] = params
    out["header_list"], out["http_headers"] = headers
    out["http_string"] = f"{method.lower()}\n{path}\n{params[1]}\n{headers[1]}\n"
    out["http_string_sha1"] = sha1_hex(out["http_string"])
    out["string_to_sign"] = f"sha1\n{sign_time}\n{out['http_string_sha1']}\n"
    out["signature"] = hmac_hex(out["sign_key"], out["string_to_sign"])
    values = ("sha1", secret_id, sign_time, key_time, headers[0], params[0], out["signature"])
    out["authorization"] = "&".join(f"{name}={value}" for name, value in zip(FIELDS, values))
    return out


def sign(message):
    request, credentials = message["request"], message["credentials"]
    return {"stages": stages(
        request["method"], request["path"], canonical(request["params"], message.get("signed_param_names")),
        canonical(request["headers"], message.get("signed_header_names")), credentials["secret_id"],
        credentials["secret_key"], message["key_time"], message["sign_time"])}


def presign(message):
    request, made = message["request"], sign(message)["stages"]
    fields = [field.split("=", 1) for field in made["authorization"].split("&")]
    query = [encode(name) if value is None else f"{encode(name)}={encode(value)}"
             for name, value in request["params"] + fields]
    return {"url": message["url"] + quote(request["path"], safe="/-._~") + "?" + "&".join(query), "stages": made}


def verify(message):
    try:
        verified(message["request"], message["secrets"], message["now"])
        return {"accepted": True}
    except Refused as refusal:
        return {"accepted": False, "reason": str(refusal)}


class Refused(Exception):
    pass


def verified(request, secrets, now):
    """Raises Refused unless the request carries a signature that is its own."""
    path, _, query = request["target"].partition("?")
    params = [tuple(map(unquote_plus, piece.partition("=")[::2])) for piece in query.split("&") if piece]
    header = next((value for name, value in request["headers"] if name.lower() == "authorization"), "")
    merged = next((value for name, value in params if name == "sign"), "")
    if header:
        given = split(header)
    elif any(name in FIELDS for name, _ in params):
        given = [pair for pair in params if pair[0] in FIELDS]
        params = [pair for pair in params if pair[0] not in FIELDS]
    elif merged:
        given, params = split(merged), [pair for pair in params if pair[0] != "sign"]
    else:
        raise Refused("AccessDenied")
    field = dict(given)
    if sorted(name for name, _ in given) != sorted(FIELDS) or field["q-sign-algorithm"] != "sha1":
        raise Refused("InvalidAuthorization")
    spans = [re.fullmatch("([0-9]{1,15});([0-9]{1,15})", field[name]) for name in ("q-sign-time", "q-key-time")]
    if not all(spans) or not re.fullmatch("[0-9a-f]{40}", field["q-signature"]):
        raise Refused("InvalidAuthorization")
    if field["q-ak"] not in secrets:
        raise Refused("InvalidAccessKeyId")
    for start, end in ((int(span[1]), int(span[2])) for span in spans):
        if end <= start or now > end:
            raise Refused("AccessDenied: Request has expired")
        if now + SKEW_SECONDS < start:
            raise Refused("RequestTimeTooSkewed")
    own = stages(request["method"], unquote_plus(path), chosen(params, field["q-url-param-list"]),
                 chosen(request["headers"], field["q-header-list"]), field["q-ak"], secrets[field["q-ak"]],
                 field["q-key-time"], field["q-sign-time"])
    if not hmac.compare_digest(own["signature"], field["q-signature"]):
        raise Refused("SignatureDoesNotMatch")


def split(authorization):
    return [piece.partition("=")[::2] for piece in authorization.split("&")]


def chosen(pairs, names):
    """(list, string) of the pairs that the list names, in its order."""
    left = [(encode(name).lower(), encode(value)) for name, value in pairs]
    found = []
    for name in names.lower().split(";") if names else []:
        pair = next((pair for pair in left if pair[0] in (name, encode(name).lower())), None)
        if pair is None:
            raise Refused("SignatureDoesNotMatch")
        left.remove(pair)
        found.append(pair)
    return joined(found)


def derive(message):
    kind, given = message["kind"], message["input"]
    if kind == "canonical-list":
        names, string = canonical(given.get("params") or given.get("headers") or [])
        return {"stages": {"list": names, "string": string}}
    if kind == "sign-key":
        return {"stages": {"sign_key": hmac_hex(given["secret_key"], given["key_time"])}}
    if kind == "urlencode":
        return {"stages": {"encoded": wire_path(given["text"]) if given.get("wire_path")
                           else quote(given["text"], safe="/-._~" if given.get("keep_slash") else "-._~")}}
    if kind == "urlencode-table":
        return {"stages": {character: encode(character) for character in given["characters"]}}
    if kind == "url-param-list-in-url":  # published with the hex of both encodings in small letters
        pairs = given["params"] if "params" in given else [(given["param_key"], given["param_value"])]
        return {"stages": {"q_url_param_list_in_url": encode(canonical(pairs)[0]).lower()}}
    if kind == "server-echo" and "format_string" in given:
        digest = sha1_hex(given["format_string"])
        return {"stages": {"format_string": given["format_string"], "http_string_sha1": digest,
                           "string_to_sign": f"sha1\n{given['key_time']}\n{digest}\n"}}
    if kind == "post-policy":
        sign_key = hmac_hex(given["secret_key"], given["key_time"])
        digest = hashlib.sha1(base64.b64decode(given["policy_base64"])).hexdigest()
        return {"stages": {"sign_key": sign_key, "string_to_sign": digest, "signature": hmac_hex(sign_key, digest)}}
    if kind == "rtmp":  # the SecretKey itself is the key
        digest = sha1_hex(given["rtmp_string"])
        to_sign = f"sha1\n{given['key_time']}\n{digest}\n"
        return {"stages": {"rtmp_string_sha1": digest, "string_to_sign": to_sign,
                           "signature": hmac_hex(given["secret_key"], to_sign)}}
    return {"skipped": f"no derivation '{kind}' of this input"}


def wire_path(text):
    """A path for the request line whose repeated slashes survive: the second of two as %2F."""
    return re.sub("(?<=/)/", "%2F", quote(text, safe="/-._~"))


def call(message):
    return client.call(message, authorization)


def authorization(method, path, params, headers, credentials, time):
    """Of a request, every parameter and header given signed."""
    return stages(method, path, canonical(params), canonical(headers), credentials["secret_id"],
                  credentials["secret_key"], time, time)["authorization"]


def hello(message):
    return {"protocol": 1, "name": "python-stdlib", "version": "1", "language": f"Python {sys.version.split()[0]}",
            "commands": ["sign", "presign", "verify", "derive", "call"]}


COMMANDS = {"hello": hello, "sign": sign, "presign": presign, "verify": verify, "derive": derive, "call": call}


def main():
    sys.stdin.reconfigure(encoding="utf-8", newline="\n")
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    for line in sys.stdin:
        message = json.loads(line)
        command = COMMANDS.get(message.get("command"))
        try:
            answer = command(message) if command else {"skipped": f"no command '{message.get('command')}'"}
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            answer = {"error": f"{type(fault).__name__}: {fault}"}
        print(json.dumps({"id": message["id"], **answer}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
