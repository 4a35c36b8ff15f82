"""Signers that are right but for one mistake, named by its id; with no mistake they are qsign.py's equal.

Written beside the Swift catalogue, not from its output: the two must kill the same vectors.
"""

import base64
import hashlib
import hmac
import re
import unicodedata
import urllib.parse

import qsign

# In the order of the stages that they change first.
SIGNERS = """
key-time-milliseconds key-time-local key-time-duration key-of-sign-time secret-trimmed secret-key-cut
sign-key-parts-exchanged sign-key-in-capitals sign-key-without-hmac names-in-capitals names-not-encoded
names-hex-in-capitals names-lowered-beyond-ascii names-equal-kept-once tilde-encoded parameters-unlisted
parameter-with-equals-dropped parameter-semicolon-dropped lists-in-request-order lists-joined-with-ampersand
lists-not-encoded unsorted sorted-before-encoding sorted-by-utf16 sorted-with-capitals sorted-as-pairs
digits-sorted-as-numbers parameters-left-out parameter-hex-lower parameter-not-encoded parameter-space-as-plus
parameter-slash-kept parameter-mark-kept parameter-encoded-twice parameter-non-ascii-kept parameter-empty-dropped
parameter-no-equals parameter-as-on-wire parameter-plus-kept parameter-cut-at-equals values-trimmed
pairs-in-request-order pairs-reversed pairs-sorted-before-encoding text-composed text-decomposed headers-unlisted
host-left-out token-left-out content-type-left-out capital-headers-left-out header-empty-dropped headers-left-out
host-without-port host-default-port-cut host-lowered header-hex-lower header-not-encoded header-space-as-plus
header-slash-kept header-mark-kept header-encoded-twice header-blanks-collapsed headers-by-line method-in-capitals
method-as-given path-plus-kept path-slash-escape-kept path-root-empty path-encoded path-as-on-wire path-plus-as-space
path-decoded-twice path-slashes-collapsed path-trailing-slash-dropped path-dots-resolved path-first-slash-dropped
path-lowered path-cut-at-question-mark path-with-query http-string-no-newline http-string-crlf
http-string-empty-lines-dropped http-string-lines-exchanged http-string-body-digest digest-in-capitals digest-left-out
string-to-sign-key-time string-to-sign-no-newline string-to-sign-no-algorithm string-to-sign-hmac-word sign-key-raw
secret-key-as-sign-key signature-parts-exchanged signature-in-capitals signature-base64 authorization-encoded
authorization-lists-exchanged authorization-times-exchanged authorization-blanks
""".split()

BLANKS = " \t\r\n"


def mac(key, message):
    return hmac.new(key, message, hashlib.sha1)


def times(text, wrong):
    start, end = map(int, text.split(";"))
    if wrong == "key-time-milliseconds":
        return f"{start}000;{end}000"
    if wrong == "key-time-local":
        return f"{start + 28800};{end + 28800}"
    if wrong == "key-time-duration":
        return f"{start};{end - start}"
    return text


def encoded(text, how):
    """A value encoded in the way that a mistake's id ends with."""
    right = qsign.encode(text)
    if how == "hex-lower":
        return re.sub("%..", lambda escape: escape.group().lower(), right)
    if how == "not-encoded":
        return text
    if how == "space-as-plus":
        return right.replace("%20", "+")
    if how == "slash-kept":
        return right.replace("%2F", "/")
    if how == "mark-kept":
        return re.sub("%2[1789A]", lambda escape: urllib.parse.unquote(escape.group()), right)
    if how == "encoded-twice":
        return qsign.encode(right)
    if how == "non-ascii-kept":
        return "".join(qsign.encode(letter) if letter < "\x80" else letter for letter in text)
    return right


def normalised(text, wrong):
    form = {"text-composed": "NFC", "text-decomposed": "NFD"}.get(wrong)
    return unicodedata.normalize(form, text) if form else text


def name_of(raw, wrong):
    """The name as it stands in the list and the pair."""
    if wrong == "names-in-capitals":
        return qsign.encode(raw)
    if wrong == "names-not-encoded":
        return raw.lower()
    if wrong == "names-hex-in-capitals":
        return qsign.encode("".join(letter.lower() if letter < "\x80" else letter for letter in raw))
    if wrong == "names-lowered-beyond-ascii":
        return qsign.encode(raw.lower()).lower()
    name = qsign.encode(raw).lower()
    return name.replace("~", "%7e") if wrong == "tilde-encoded" else name


def value_of(value, wire, side, wrong):
    """The value as it stands in the pair; wire is its text in the request line, of parameters alone."""
    value = normalised(value, wrong)
    if wrong == "values-trimmed":
        value = value.strip(BLANKS)
    if side == "parameter":
        if wrong == "parameter-as-on-wire":
            return wire
        if wrong == "parameter-plus-kept":
            value = urllib.parse.unquote(wire, errors="replace")
        if wrong == "parameter-cut-at-equals":
            value = value.split("=")[0]
    how = wrong.removeprefix(side + "-") if wrong and wrong.startswith(side + "-") else None
    result = encoded(value, how)
    return result.replace("~", "%7E") if wrong == "tilde-encoded" else result


def order_key(raw, name, pair, wrong):
    if wrong in ("sorted-before-encoding", "pairs-sorted-before-encoding"):
        return raw.lower().encode()
    if wrong == "sorted-by-utf16":
        return raw.lower().encode("utf-16-be")
    if wrong == "sorted-with-capitals":
        return qsign.encode(raw).encode()
    if wrong == "sorted-as-pairs":
        return pair.encode()
    if wrong == "digits-sorted-as-numbers":
        return (0, int(name), b"") if re.fullmatch("[0-9]+", name) else (1, 0, name.encode())
    return name.encode()


def canonical(entries, wrong):
    """(list, pairs joined) of (raw name, name, pair) in the request's order; a pair of None is left out."""
    def ordered(applies, **how):
        return sorted(entries, key=lambda entry: order_key(*entry, wrong if applies else None), **how)
    both = wrong != "pairs-sorted-before-encoding"
    listed, paired = ordered(both), ordered(True)
    if wrong in ("lists-in-request-order", "unsorted"):
        listed = entries
    if wrong in ("pairs-in-request-order", "unsorted"):
        paired = entries
    if wrong == "pairs-reversed":
        paired = ordered(True, reverse=True)
    names = [raw.lower() if wrong == "lists-not-encoded" else name for raw, name, _ in listed]
    return (("&" if wrong == "lists-joined-with-ampersand" else ";").join(names),
            [pair for _, _, pair in paired if pair is not None])


def parameter_entries(params, wires, wrong):
    entries = []
    for (raw, value), wire in zip(params, wires):
        if wrong == "parameters-unlisted" or wrong == "parameter-with-equals-dropped" and "=" in (value or ""):
            continue
        if wrong == "parameter-semicolon-dropped" and ";" in (wire or ""):
            continue
        name = name_of(raw, wrong)
        pair = f"{name}={value_of(value or '', wire or '', 'parameter', wrong)}"
        if wrong == "parameter-no-equals" and value is None:
            pair = name
        if wrong == "parameters-left-out" or wrong == "parameter-empty-dropped" and not value:
            pair = None
        if wrong == "names-equal-kept-once":
            entries = [entry for entry in entries if entry[1] != name]
        entries.append((raw, name, pair))
    return entries


def is_left_out(raw, value, wrong):
    name = raw.lower()
    return (wrong == "headers-unlisted" or wrong == "host-left-out" and name == "host"
            or wrong == "token-left-out" and name.endswith("-security-token")
            or wrong == "content-type-left-out" and name == "content-type"
            or wrong == "capital-headers-left-out" and name != raw or wrong == "header-empty-dropped" and not value)


def host_of(value, wrong):
    if wrong == "host-without-port":
        return value.rsplit(":", 1)[0]
    if wrong == "host-default-port-cut":
        return re.sub(":(80|443)$", "", value)
    return value.lower() if wrong == "host-lowered" else value


def header_entries(headers, wrong):
    entries = []
    for raw, value in headers:
        if is_left_out(raw, value, wrong):
            continue
        name = name_of(raw, wrong)
        if raw.lower() == "host":
            value = host_of(value, wrong)
        if wrong == "header-blanks-collapsed":
            value = re.sub(" +", " ", value)
        pair = f"{name}={value_of(value, '', 'header', wrong)}"
        entries.append((raw, name, None if wrong == "headers-left-out" else pair))
    return entries


def dots_resolved(path):
    kept = []
    pieces = path.split("/")
    for piece in pieces:
        if piece == "..":
            if len(kept) > 1:
                kept.pop()
        elif piece != ".":
            kept.append(piece)
    return "/".join(kept)


def path_of(path, raw_path, raw_query, wrong):
    path = normalised(path, wrong)
    return {
        "path-encoded": lambda: qsign.encode(path).replace("%2F", "/"),
        "path-as-on-wire": lambda: raw_path,
        "path-plus-kept": lambda: urllib.parse.unquote(raw_path, errors="replace"),
        "path-plus-as-space": lambda: path.replace("+", " "),
        "path-decoded-twice": lambda: urllib.parse.unquote(path, errors="replace"),
        "path-slash-escape-kept": lambda: "%2F".join(
            urllib.parse.unquote_plus(piece, errors="replace") for piece in re.split("%2[Ff]", raw_path)),
        "path-slashes-collapsed": lambda: re.sub("/+", "/", path),
        "path-trailing-slash-dropped": lambda: path[:-1] if len(path) > 1 and path.endswith("/") else path,
        "path-dots-resolved": lambda: dots_resolved(path),
        "path-first-slash-dropped": lambda: path.removeprefix("/"),
        "path-root-empty": lambda: "" if path == "/" else path,
        "path-lowered": lambda: path.lower(),
        "path-cut-at-question-mark": lambda: path.split("?")[0],
        "path-with-query": lambda: path + ("?" + raw_query if raw_query else ""),
    }.get(wrong, lambda: path)()


def http_string_of(method, path, parameters, headers, wrong):
    method = {"method-in-capitals": method.upper(), "method-as-given": method}.get(wrong, method.lower())
    joined = ("\n" if wrong == "headers-by-line" else "&").join(headers)
    lines = [method, path, "&".join(parameters), joined]
    if wrong == "http-string-lines-exchanged":
        lines[2:] = lines[:1:-1]
    if wrong == "http-string-empty-lines-dropped":
        lines = lines[:2] + [line for line in lines[2:] if line]
    if wrong == "http-string-body-digest":
        lines.append(hashlib.sha1(b"").hexdigest())
    end = "\r\n" if wrong == "http-string-crlf" else "\n"
    return end.join(lines) + ("" if wrong == "http-string-no-newline" else end)


def sign_key_of(secret, key_time, wrong):
    if wrong == "sign-key-parts-exchanged":
        return mac(key_time.encode(), secret).hexdigest()
    if wrong == "sign-key-without-hmac":
        return hashlib.sha1(secret + key_time.encode()).hexdigest()
    key = mac(secret, key_time.encode()).hexdigest()
    return key.upper() if wrong == "sign-key-in-capitals" else key


def string_to_sign_of(key_time, sign_time, digest, wrong):
    word = {"string-to-sign-no-algorithm": [], "string-to-sign-hmac-word": ["hmac-sha1"]}.get(wrong, ["sha1"])
    lines = word + [key_time if wrong == "string-to-sign-key-time" else sign_time, digest]
    return "\n".join(lines) + ("" if wrong == "string-to-sign-no-newline" else "\n")


def signature_of(secret, sign_key, string_to_sign, wrong):
    key, message = sign_key.encode(), string_to_sign.encode()
    if wrong == "sign-key-raw":
        key = bytes.fromhex(sign_key)
    if wrong == "secret-key-as-sign-key":
        key = secret
    if wrong == "signature-parts-exchanged":
        key, message = message, key
    made = mac(key, message)
    if wrong == "signature-base64":
        return base64.b64encode(made.digest()).decode()
    return made.hexdigest().upper() if wrong == "signature-in-capitals" else made.hexdigest()


def authorization_of(secret_id, key_time, sign_time, header_list, url_param_list, signature, wrong):
    if wrong == "authorization-lists-exchanged":
        header_list, url_param_list = url_param_list, header_list
    if wrong == "authorization-times-exchanged":
        key_time, sign_time = sign_time, key_time
    values = ("sha1", secret_id, sign_time, key_time, header_list, url_param_list, signature)
    if wrong == "authorization-encoded":
        values = map(qsign.encode, values)
    joint = "& " if wrong == "authorization-blanks" else "&"
    return joint.join(f"{name}={value}" for name, value in zip(qsign.FIELDS, values))


def stages(given, wrong=None):
    """Every stage of a vector's input, with one mistake."""
    path, params = given["path"], given["params"]
    canonical_query = "&".join(
        qsign.encode(name) + ("" if value is None else "=" + qsign.encode(value)) for name, value in params)
    target = given.get("target") or qsign.encode(path).replace("%2F", "/") + ("?" + canonical_query if params else "")
    raw_path, _, raw_query = target.partition("?")
    wires = [piece.partition("=")[2] for piece in raw_query.split("&")] if params else []
    secret = given["secret_key"]
    secret = (secret.strip(BLANKS) if wrong == "secret-trimmed" else secret).encode()
    secret = secret[:64] if wrong == "secret-key-cut" else secret
    key_time, sign_time = times(given["key_time"], wrong), times(given["sign_time"], wrong)

    sign_key = sign_key_of(secret, sign_time if wrong == "key-of-sign-time" else key_time, wrong)
    url_param_list, parameters = canonical(parameter_entries(params, wires, wrong), wrong)
    header_list, headers = canonical(header_entries(given["headers"], wrong), wrong)
    http_string = http_string_of(
        given["method"], path_of(path, raw_path, raw_query, wrong), parameters, headers, wrong)
    digest = hashlib.sha1(http_string.encode()).hexdigest()
    digest = {"digest-in-capitals": digest.upper(), "digest-left-out": http_string}.get(wrong, digest)
    string_to_sign = string_to_sign_of(key_time, sign_time, digest, wrong)
    signature = signature_of(secret, sign_key, string_to_sign, wrong)
    return {
        "key_time": key_time, "sign_key": sign_key, "url_param_list": url_param_list,
        "http_parameters": "&".join(parameters), "header_list": header_list,
        "http_headers": ("\n" if wrong == "headers-by-line" else "&").join(headers), "http_string": http_string,
        "http_string_sha1": digest, "string_to_sign": string_to_sign, "signature": signature,
        "authorization": authorization_of(
            given["secret_id"], key_time, sign_time, header_list, url_param_list, signature, wrong),
    }


def killed(given, expected):
    """The ids of the mistakes that show in a stage of which the value is known."""
    assert shows(given, expected, None) is False
    return [wrong for wrong in SIGNERS if shows(given, expected, wrong)]


def shows(given, expected, wrong):
    made = stages(given, wrong)
    made["signature_first_36_hex"] = made["signature"][:36]
    return any(made[stage] != value for stage, value in expected.items())
