"""A verifier that is right but for one mistake, named by its id; with no mistake it decides every vector as it says.

Written beside the Swift catalogue, not from its output: the two must be killed by the same vectors.
"""

import hashlib
import re
import urllib.parse

import qsign

SKEW = 900
SERVED_HOST = "test-1250000000.ci.ap-chongqing.myqcloud.com"

VERIFIERS = """
header-unread query-unread sign-unread query-split-at-semicolons unsigned-let-in unreadable-let-in field-order-fixed
field-values-not-decoded field-first-of-repeated field-last-of-repeated field-missing-defaulted algorithm-ignored
secret-id-ignored secret-id-case-ignored expired-let-in early-let-in reversed-let-in times-unchecked
key-time-unchecked sign-time-unchecked key-time-unread sign-time-unread sign-key-of-sign-time string-of-key-time
param-list-ignored param-absent-skipped param-names-by-case param-empty-skipped param-not-decoded param-plus-kept
param-list-taken-decoded unlisted-param-refused header-list-ignored header-absent-skipped header-names-by-case
header-blanks-collapsed header-values-lowered host-taken-for-own host-port-cut unsigned-token-refused
token-never-signed method-ignored head-as-get path-not-decoded path-decoded-twice path-plus-as-sent
path-slash-escape-as-sent path-lowered-first path-slashes-merged path-end-slash-ignored signature-ignored
signature-case-ignored signature-prefix-enough signature-tail-ignored
""".split()


class Refused(Exception):
    pass


def parameters_of(raw_query, wrong):
    """(name, value or None) decoded, in their order."""
    pieces = re.split("[&;]" if wrong == "query-split-at-semicolons" else "&", raw_query)
    decode = urllib.parse.unquote if wrong == "param-plus-kept" else urllib.parse.unquote_plus
    result = []
    for piece in filter(None, pieces):
        name, equals, value = piece.partition("=")
        is_field = name == "sign" or name in qsign.FIELDS
        if wrong == "param-not-decoded" and not is_field or wrong == "field-values-not-decoded" and is_field:
            result.append((name, value if equals else None))
        else:
            result.append((decode(name, errors="replace"), decode(value, errors="replace") if equals else None))
    return result


def split_fields(text):
    fields = []
    for piece in text.split("&"):
        name, equals, value = piece.partition("=")
        if not equals:
            raise Refused("not name=value")
        fields.append((name, value))
    return fields


def presented(request, params, wrong):
    """(fields, parameters without the signature), None when there is no signature."""
    header = next((value for name, value in request["headers"] if name.lower() == "authorization"), "")
    if header and wrong != "header-unread":
        return split_fields(header), params
    if any(name in qsign.FIELDS for name, _ in params) and wrong != "query-unread":
        return ([(name, value or "") for name, value in params if name in qsign.FIELDS],
                [pair for pair in params if pair[0] not in qsign.FIELDS])
    merged = next((value for name, value in params if name == "sign" and value is not None), None)
    if merged is not None and wrong != "sign-unread":
        return split_fields(merged), [pair for pair in params if pair[0] != "sign"]
    return None


def seven(fields, wrong):
    """The fields by name, each once."""
    if wrong == "field-order-fixed" and len(fields) == 7:
        return {name: value for name, (_, value) in zip(qsign.FIELDS, fields)}
    found = {}
    for name, value in fields:
        if name not in qsign.FIELDS:
            raise Refused("unknown field")
        if name in found and wrong not in ("field-first-of-repeated", "field-last-of-repeated"):
            raise Refused("repeated field")
        if name not in found or wrong == "field-last-of-repeated":
            found[name] = value
    if wrong == "field-missing-defaulted":
        found.setdefault("q-sign-algorithm", "sha1")
        found.setdefault("q-header-list", "")
        found.setdefault("q-url-param-list", "")
        found.setdefault("q-key-time", found.get("q-sign-time", ""))
        found.setdefault("q-sign-time", found["q-key-time"])
    if len(found) < 7:
        raise Refused("missing field")
    return found


def check_time(text, now, wrong):
    if not re.fullmatch("[0-9]{1,18};[0-9]{1,18}", text):
        raise Refused("no time span")
    start, end = map(int, text.split(";"))
    if end <= start and wrong != "reversed-let-in" or now > end and wrong != "expired-let-in":
        raise Refused("expired")
    if now + SKEW < start and wrong != "early-let-in":
        raise Refused("not yet valid")


def secret_of(secret_id, secrets, wrong):
    if wrong == "secret-id-ignored":
        return next(iter(secrets.values()))
    if wrong == "secret-id-case-ignored":
        secrets = {name.lower(): secret for name, secret in secrets.items()}
        secret_id = secret_id.lower()
    if secret_id not in secrets:
        raise Refused("unknown SecretId")
    return secrets[secret_id]


def selected(listed, pairs, side, wrong):
    """The pairs a list names, joined in its order."""
    def key(name):
        encoded = qsign.encode(name)
        return encoded if wrong == side + "-names-by-case" else encoded.lower()
    rest = [(key(name), value or "") for name, value in pairs
            if not (wrong == "param-empty-skipped" and side == "param" and not value)]
    if wrong == side + "-list-ignored":
        return "&".join(f"{name}={qsign.encode(value)}" for name, value in sorted(rest, key=lambda pair: pair[0]))
    joined = []
    for name in listed.split(";") if listed else []:
        name = name.lower()
        wanted = [name, qsign.encode(name).lower()]
        if wrong == "param-list-taken-decoded" and side == "param":
            wanted = wanted[1:]
        place = next((place for want in wanted for place, pair in enumerate(rest) if pair[0] == want), None)
        if place is None:
            if wrong == side + "-absent-skipped":
                continue
            raise Refused("listed but not there")
        found = rest.pop(place)
        joined.append(f"{found[0]}={qsign.encode(found[1])}")
    if wrong == "unlisted-param-refused" and side == "param" and rest:
        raise Refused("a parameter is not signed")
    return "&".join(joined)


def headers_of(request, fields, host_has_port, wrong):
    """The headers as the verifier takes them, and the header list."""
    headers, listed = [], fields["q-header-list"]
    for name, value in request["headers"]:
        lower = name.lower()
        if lower == "authorization" and wrong == "header-list-ignored":
            continue
        if lower == "host" and (not host_has_port or wrong == "host-port-cut"):
            value = re.sub(":[0-9]*$", "", value)
        if lower == "host" and wrong == "host-taken-for-own":
            continue
        if lower.endswith("-security-token"):
            if wrong == "unsigned-token-refused" and lower not in listed.split(";"):
                raise Refused("the token is not signed")
            if wrong == "token-never-signed":
                listed = ";".join(one for one in listed.split(";") if one != lower)
        if wrong == "header-blanks-collapsed":
            value = re.sub(" +", " ", value)
        headers.append((name, value.lower() if wrong == "header-values-lowered" else value))
    return headers + ([("host", SERVED_HOST)] if wrong == "host-taken-for-own" else []), listed


def path_of(raw, wrong):
    decoded = urllib.parse.unquote_plus(raw, errors="replace")
    return {
        "path-not-decoded": lambda: raw,
        "path-decoded-twice": lambda: urllib.parse.unquote(decoded, errors="replace"),
        "path-plus-as-sent": lambda: urllib.parse.unquote(raw, errors="replace"),
        "path-slash-escape-as-sent": lambda: "%2F".join(
            urllib.parse.unquote_plus(piece, errors="replace") for piece in re.split("%2[Ff]", raw)),
        "path-lowered-first": lambda: decoded.lower(),
        "path-slashes-merged": lambda: re.sub("/+", "/", decoded),
        "path-end-slash-ignored": lambda: decoded.rstrip("/") or "/",
    }.get(wrong, lambda: decoded)()


def is_equal(made, given, wrong):
    if wrong == "signature-case-ignored":
        return made == given.lower()
    if wrong == "signature-prefix-enough":
        return made.startswith(given)
    if wrong == "signature-tail-ignored":
        return given.startswith(made)
    return made == given


def check_form(fields, wrong):
    if fields["q-sign-algorithm"] != "sha1" and wrong != "algorithm-ignored":
        raise Refused("unknown algorithm")
    if not re.fullmatch("[0-9a-f]{40}", fields["q-signature"]) and not wrong.startswith("signature-"):
        raise Refused("no signature in small hexadecimal digits")


def accepts(vector, wrong=None):
    """Whether a verifier with one mistake lets a vector's request in."""
    wrong = wrong or ""
    request, now = vector["request"], vector["now"]
    raw_path, _, raw_query = request["target"].partition("?")
    try:
        try:
            found = presented(request, parameters_of(raw_query, wrong), wrong)
            if found is None:
                return wrong == "unsigned-let-in"
            fields = seven(found[0], wrong)
        except Refused:
            return wrong == "unreadable-let-in"
        check_form(fields, wrong)
        secret = secret_of(fields["q-ak"], vector["secrets"], wrong)
        for field, unchecked in (("q-key-time", "key-time-un"), ("q-sign-time", "sign-time-un")):
            if wrong != "times-unchecked" and not wrong.startswith(unchecked):
                check_time(fields[field], now, wrong)
        if wrong == "signature-ignored":
            return True
        return any(matches(request, raw_path, found[1], fields, secret, host_has_port, wrong)
                   for host_has_port in (True, False))
    except Refused:
        return False


def matches(request, raw_path, params, fields, secret, host_has_port, wrong):
    headers, header_list = headers_of(request, fields, host_has_port, wrong)
    http_parameters = selected(fields["q-url-param-list"], params, "param", wrong)
    http_headers = selected(header_list, headers, "header", wrong)
    methods = {"method-ignored": ("get", "put", "post", "delete", "head"),
               "head-as-get": (request["method"].lower().replace("head", "get"),)}
    for method in methods.get(wrong, (request["method"].lower(),)):
        http_string = f"{method}\n{path_of(raw_path, wrong)}\n{http_parameters}\n{http_headers}\n"
        key_time, sign_time = fields["q-key-time"], fields["q-sign-time"]
        sign_key = qsign.hmac_hex(secret, sign_time if wrong in ("sign-key-of-sign-time", "key-time-unread") else key_time)
        made = qsign.hmac_hex(sign_key, "sha1\n{}\n{}\n".format(
            key_time if wrong in ("string-of-key-time", "sign-time-unread") else sign_time,
            hashlib.sha1(http_string.encode()).hexdigest()))
        if is_equal(made, fields["q-signature"], wrong):
            return True
    return False


def killed(vector):
    """The ids of the verifiers that decide a vector wrongly; none when either answer is right."""
    if vector["result"] == "acceptable":
        return []
    right = vector["result"] == "valid"
    assert accepts(vector) == right, vector["id"]
    return [wrong for wrong in VERIFIERS if accepts(vector, wrong) != right]
