#!/usr/bin/env python3
"""Runs a signer, through an adapter, over the signing vectors and says where it differs and why.

    Scripts/compatibility-run.py SDK --adapter 'COMMAND'            print the figures and every difference
    Scripts/compatibility-run.py SDK --adapter 'COMMAND' --check    exit 1 unless the table has the same
    Scripts/compatibility-run.py SDK --adapter 'COMMAND' --record   write them into the table

The table is docs/compatibility.json.

SDK is a key of it, COMMAND an adapter of Adapters/protocol.md. The row that anyone can reproduce
is the Python SDK's, for instance with

    python3 -m venv sdk && sdk/bin/pip install cos-python-sdk-v5==1.9.44
    Scripts/compatibility-run.py python --adapter 'sdk/bin/python Adapters/python-cos-sdk/adapter.py' --check

What is expected comes from Vectors/tools/qsign.py. A signature that is not the expected one is recomputed from the
lists that it names itself; when that fails, from each of the assumptions below, until one gives exactly the signature.
"""

import argparse
import hashlib
import hmac
import json
import pathlib
import re
import shlex
import subprocess
import sys
import threading
from urllib.parse import unquote, unquote_plus

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "compatibility.json"
sys.path.insert(0, str(ROOT / "Vectors" / "tools"))
import qsign  # noqa: E402

SECONDS_FOR_ALL = 120
WIDTH = 200
ON_WIRE = {"wire_path", "wire_query"}
ABSENT = ("header-not-chosen", "content-type-left-out")
ONE_SPAN = "the interface has one span for both times"
# Some signers put raw & and = into a list, so the fields are found by their names.
AUTHORIZATION = re.compile("&".join(f"{name}=(.*)" for name in qsign.FIELDS), re.DOTALL)


def inputs():
    """(id, input) of every vector that gives a signer all it needs, in a fixed order."""
    for name in ("published", "sign"):
        for vector in json.loads((ROOT / "Vectors" / "signing" / f"{name}.json").read_text())["vectors"]:
            usable = vector["kind"] in ("sign", "presigned") and vector.get("agrees", True)
            if usable and vector["input"].get("secret_key") and vector["input"].get("secret_id"):
                yield vector["id"], with_wire(vector["input"])
    common = json.loads(TABLE.read_text())
    for entry in common["inputs"]:
        yield entry["id"], {**common["common_input"], **entry["input"]}


def with_wire(given):
    """A `target`, the request as it stands on the wire, as the two members that adapters are given."""
    if "target" not in given:
        return given
    path, _, query = given["target"].partition("?")
    return {**given, "wire_path": path, "wire_query": query}


def signed(pairs, names):
    """The pairs that are to be signed: all, or those whose name is among the given ones."""
    return [pair for pair in pairs if names is None or pair[0].lower() in names
            or qsign.encode(pair[0]).lower() in names]


def expected(given):
    return qsign.stages(
        given["method"], given["path"], signed(given["params"], given.get("signed_param_names")),
        signed(given["headers"], given.get("signed_header_names")), given["secret_id"], given["secret_key"],
        given["key_time"], given.get("sign_time"))


def ask(command, cases):
    """The adapter's answer to each case, in their order; one process, one message a line."""
    messages = [{"id": 0, "command": "hello", "protocol": 1}]
    for number, (_, given) in enumerate(cases, 1):
        request = {key: given[key] for key in ("method", "path", "params", "headers", "wire_path", "wire_query")
                   if key in given}
        messages.append({
            "id": number, "command": "sign", "request": request,
            "credentials": {"secret_id": given["secret_id"], "secret_key": given["secret_key"]},
            "key_time": given["key_time"], "sign_time": given.get("sign_time") or given["key_time"],
            "now": int(given["key_time"].split(";")[0]) + 100})
    answers = exchanged(command, "".join(json.dumps(message) + "\n" for message in messages))
    if [answer.get("id") for answer in answers] != list(range(len(messages))):
        sys.exit(f"the adapter answered {len(answers)} of {len(messages)} messages, or not in their order")
    for answer in answers[1:]:
        if not any(isinstance(answer.get(key), str) for key in ("skipped", "error")) and not isinstance(
                answer.get("stages", {}).get("authorization"), str):
            sys.exit(f"answer {answer['id']} has no stages.authorization, no skipped and no error")
    return answers[0], answers[1:]


def exchanged(command, text):
    """What the adapter writes for all of that text, line by line; it ends with its input."""
    try:
        child = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    except OSError as reason:
        sys.exit(f"cannot start the adapter: {reason}")
    timer = threading.Timer(SECONDS_FOR_ALL, child.kill)
    timer.start()
    try:
        out, _ = child.communicate(text.encode())
    finally:
        timer.cancel()
    try:
        answers = [json.loads(line) for line in out.decode().splitlines()]
    except ValueError as reason:
        sys.exit(f"an answer of the adapter is no JSON: {reason}")
    if not all(isinstance(answer, dict) for answer in answers):
        sys.exit("an answer of the adapter is no JSON object")
    return answers


class Assumption:
    """One way of going wrong: what is done to names, values, keys, times or the order of the pairs."""

    def __init__(self, cause, stage, result="✗", name=None, value=None, secret=None, hmac_key=None, order=None,
                 taken=None, key_time=False, path=None, parameters=None, before=""):
        self.cause, self.stage, self.result = cause, stage, result
        self.name = name or (lambda text: qsign.encode(text).lower())
        self.value = value or qsign.encode
        self.secret = secret or (lambda text: text)
        self.hmac_key = hmac_key or (lambda data: data)
        self.taken = taken or (lambda name, left: [left.pop(0)])
        self.order, self.key_time, self.before = order, key_time, before
        self.path = path or (lambda given: given["path"])
        self.parameters = parameters or (lambda given: given["params"])


def utf8(pair):
    return pair[0].lower().encode()


def utf16(pair):
    return pair[0].lower().encode("utf-16-be")


def trimmed(text):
    return qsign.encode(text.strip())


def as_it_is(text):
    return text


def content_twice(name, left):
    return [left[0]] * 2 if name in ("content-type", "content-length") else [left.pop(0)]


def named(given):
    return [pair for pair in given["params"] if pair[0]]


def equals_sign_in_name(given):
    return [["=" + (value or ""), ""] if name == "" else [name, value] for name, value in given["params"]]


def on_the_wire(given):
    """Names decoded, values as they stand in the request line."""
    pieces = [piece.partition("=") for piece in given.get("wire_query", "").split("&")]
    return [[unquote_plus(name), value] for name, _, value in pieces]


def cut_at_equals(given):
    return [[name, value.split("=")[0]] for name, value in on_the_wire(given)]


def wire_path_plus_kept(given):
    return unquote(given.get("wire_path", ""))


RIGHT = Assumption(None, None)
# A cause that is a mistake of the kit's catalogue (Sources/Signing/Mistakes.swift) has its name.
ASSUMPTIONS = [
    Assumption("string-to-sign-key-time", "StringToSign", key_time=True),
    Assumption("secret-trimmed", "SignKey", secret=str.strip),
    Assumption("secret-key-cut", "SignKey", hmac_key=lambda data: data[:64]),
    Assumption("values-trimmed", "HttpParameters", value=trimmed),
    Assumption("names-not-encoded", "HttpParameters", name=str.lower),
    Assumption("names-not-encoded", "HttpParameters", name=str.lower, order=utf16),
    Assumption("pairs-sorted-before-encoding", "HttpParameters", order=utf8),
    Assumption("pairs-sorted-by-utf16", "HttpParameters", order=utf16),
    Assumption("path-plus-kept", "HttpString", path=wire_path_plus_kept),
    Assumption("parameter-as-on-wire", "HttpParameters", parameters=on_the_wire, value=as_it_is),
    Assumption("parameter-cut-at-equals", "HttpParameters", parameters=cut_at_equals, value=as_it_is),
    Assumption("path-gets-a-slash", "HttpString", result="-", path=lambda given: "/" + given["path"]),
    Assumption("names-equal-sorted-by-value", "HttpParameters", result="~",
               order=lambda pair: (pair[0].lower(), pair[2])),
    Assumption("names-equal-kept-once", "HttpParameters", taken=lambda name, left: [left.pop(-1)]),
    Assumption("names-equal-kept-once", "HttpParameters", taken=lambda name, left: [left[-1]]),
    Assumption("names-equal-listed-once", "HttpParameters", taken=lambda name, left: list(left)),
    Assumption("names-equal-listed-once", "HttpParameters", taken=lambda name, left: [left[-1]] * len(left)),
    Assumption("header-twice", "HttpHeaders", taken=content_twice),
    Assumption("empty-piece-signed", "HttpParameters", before="=&"),
    Assumption("empty-name-left-out", "UrlParamList", result="~", parameters=named),
    Assumption("equals-sign-in-name", "HttpParameters", name=str.lower, parameters=equals_sign_in_name),
]


def hmac_hex(key, message, how):
    return hmac.new(how.hmac_key(key), message.encode(), hashlib.sha1).hexdigest()


def names_in(listed, known):
    """The names of a list; a known name may hold the separator itself."""
    for name in known:
        if ";" in name:
            listed = listed.replace(name, name.replace(";", "\0"))
    return [name.replace("\0", ";") for name in listed.split(";")] if listed or "" in known else []


def joined(listed, given, how):
    """The pairs as the signer of that list must have joined them, or None when a listed name was not given."""
    by_name = {}
    for name, value in given:
        by_name.setdefault(how.name(name), []).append((name, value or ""))
    pairs = []
    for name in names_in(listed, by_name):
        if not by_name.get(name):
            return None
        pairs += [(raw, f"{name}={how.value(value)}", value) for raw, value in how.taken(name, by_name[name])]
    if how.order:
        pairs.sort(key=how.order)
    return "&".join(pair[1] for pair in pairs)


def follows(fields, given, how):
    """Whether the signature is what the given input makes of the lists and times beside it."""
    parameters = joined(fields["q-url-param-list"], how.parameters(given), how)
    headers = joined(fields["q-header-list"], given["headers"], how)
    if parameters is None or headers is None:
        return False
    http_string = f"{given['method'].lower()}\n{how.path(given)}\n{how.before}{parameters}\n{headers}\n"
    digest = hashlib.sha1(http_string.encode()).hexdigest()
    span = fields["q-key-time" if how.key_time else "q-sign-time"]
    sign_key = hmac_hex(how.secret(given["secret_key"]).encode(), fields["q-key-time"], how)
    return hmac_hex(sign_key.encode(), f"sha1\n{span}\n{digest}\n", how) == fields["q-signature"]


def list_difference(fields, right, given):
    """(stage, cause, detail) of the first list that differs from the expected one, if one does."""
    for stage, field, key, kind in (("UrlParamList", "q-url-param-list", "url_param_list", "parameter"),
                                    ("HeaderList", "q-header-list", "header_list", "header")):
        has, wants = fields[field].split(";"), right[key].split(";")
        if has == wants:
            continue
        left_out = sorted(set(wants) - set(has) - {""})
        added = sorted(set(has) - set(wants) - {""})
        if left_out:
            return stage, cause_of_absence(kind, left_out, given), ", ".join(left_out)
        if added:
            return stage, f"{kind}-added", ", ".join(added)
        return stage, cause_of_order(has, wants), ";".join(has)
    return None


def cause_of_absence(kind, left_out, given):
    values = {name.lower(): value for name, value in given["headers"]}
    if kind == "parameter":
        return "parameter-semicolon-dropped" if ";" in given.get("wire_query", "") else "parameter-not-chosen"
    if left_out == ["content-type"]:
        return "content-type-left-out"
    return "header-empty-dropped" if all(values.get(name) == "" for name in left_out) else "header-not-chosen"


def cause_of_order(has, wants):
    if len(has) != len(wants):
        return "names-equal-listed-once"
    if has == sorted(wants, key=lambda name: unquote(name)):
        return "sorted-before-encoding"
    if all(name.isdigit() for name in has) and has == sorted(wants, key=int):
        return "digits-sorted-as-numbers"
    return "list-order"


def judge(given, answer):
    """None when the answer is the expected one, else {result, stage, cause, detail}."""
    if "skipped" in answer:
        return {"result": "-", "cause": answer["skipped"]}
    if "error" in answer:
        return {"result": "!", "cause": answer["error"]}
    right = expected(given)
    authorization = answer["stages"]["authorization"]
    if authorization == right["authorization"]:
        return None
    matched = AUTHORIZATION.fullmatch(authorization)
    if not matched or matched.group(1, 2) != ("sha1", given["secret_id"]):
        return {"result": "✗", "stage": "Authorization", "cause": "fields", "detail": authorization[:80]}
    fields = dict(zip(qsign.FIELDS, matched.groups()))
    times = fields["q-key-time"], fields["q-sign-time"]
    wanted = given["key_time"], given.get("sign_time") or given["key_time"]
    if times != wanted:
        one_span = times[0] == times[1] and wanted[0] != wanted[1]
        return {"result": "-", "cause": ONE_SPAN} if one_span else {
            "result": "✗", "stage": "KeyTime", "cause": "other-times", "detail": " ".join(times)}
    differs = list_difference(fields, right, given)
    if follows(fields, given, RIGHT):
        stage, cause, detail = differs or ("Authorization", "order-of-fields", "")
        return {"result": "~", "stage": stage, "cause": cause, **({"detail": detail} if detail else {})}
    for how in ASSUMPTIONS:
        if follows(fields, given, how):
            stage = {} if how.result == "-" else {"stage": how.stage}
            return {"result": how.result, **stage, "cause": how.cause}
    return {"result": "✗", "stage": differs[0] if differs else "Signature", "cause": "unknown",
            **({"detail": f"{differs[1]}: {differs[2]}"} if differs else {})}


def run(command, cases, from_url):
    """(hello, {id: difference}); from_url: the signer starts from a URL, so the forms on the wire reach it."""
    decoded_only = [] if from_url else [identifier for identifier, given in cases if ON_WIRE & given.keys()]
    asked = [case for case in cases if case[0] not in decoded_only]
    hello, answers = ask(command, asked)
    found = {identifier: {"result": "-", "cause": "the interface takes decoded text"} for identifier in decoded_only}
    for (identifier, given), answer in zip(asked, answers):
        difference = judge(given, answer)
        if difference:
            found[identifier] = difference
    absent = [case for case in asked if found.get(case[0], {}).get("cause") in ABSENT]
    for identifier in absent_for_capitals(command, absent):
        found[identifier]["cause"] = "capital-headers-left-out"
    return hello, {identifier: found[identifier] for identifier, _ in cases if identifier in found}


def absent_for_capitals(command, cases):
    """The cases whose missing headers are there when their names are given in small letters."""
    lowered = [(identifier, {**given, "headers": [[name.lower(), value] for name, value in given["headers"]]})
               for identifier, given in cases]
    _, answers = ask(command, lowered)
    for (identifier, given), answer in zip(lowered, answers):
        difference = judge(given, answer)
        if difference is None or difference["result"] == "~" and difference["cause"] not in ABSENT:
            yield identifier


def laid_out(value, indent=0):
    """JSON with everything that fits on one line on one line."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or len(line) + indent < WIDTH:
        return line
    inner = " " * (indent + 1)
    if isinstance(value, dict):
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {laid_out(part, indent + 1)}" for key, part in value.items()]
    else:
        parts = [laid_out(part, indent + 1) for part in value]
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return opening + "\n" + ",\n".join(inner + part for part in parts) + "\n" + " " * indent + closing


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sdk")
    parser.add_argument("--adapter", required=True, metavar="COMMAND")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    table = json.loads(TABLE.read_text())
    row = next((row for row in table["sdks"] if row["key"] == options.sdk), None)
    if row is None:
        parser.error(f"{options.sdk} is no key of docs/compatibility.json: "
                     + ", ".join(row["key"] for row in table["sdks"]))
    cases = list(inputs())
    hello, found = run(options.adapter, cases, row["from_url"])
    print(f"{hello.get('name')} {hello.get('version')}: {len(cases) - len(found)} of {len(cases)} equal")
    if options.check:
        if hello.get("version") != row["version"]:
            print(f"the table is of version {row['version']}", file=sys.stderr)
        wrong = sorted(key for key in {*found, *row["differences"]} if found.get(key) != row["differences"].get(key))
        for key in wrong:
            print(f"{key}: now {found.get(key, '=')}, in the table {row['differences'].get(key, '=')}")
        sys.exit(1 if wrong or row["vectors"] != len(cases) else 0)
    for identifier, difference in found.items():
        print(identifier, json.dumps(difference, ensure_ascii=False))
    if options.record:
        row["vectors"], row["differences"] = len(cases), found
        TABLE.write_text(laid_out(table) + "\n")


if __name__ == "__main__":
    main()
