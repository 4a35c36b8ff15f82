#!/usr/bin/env python3
"""An adapter for tests: it signs with the independent generator of the vectors, and goes wrong as it is told.

    stub_adapter.py MODE

The case it goes wrong at is the one with the path '/a b' (signing/path/space).
"""

import json
import os
import pathlib
import signal
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Vectors" / "tools"))
import qsign  # noqa: E402

MODE = sys.argv[1]
CHOOSES = {"chooses": ["headers", "times"], "chooses-without-host": ["headers"], "chooses-foreign": ["headers"]}


def write(answer):
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def selected(pairs, names):
    if names is None:
        return pairs
    wanted = {name.lower() for name in names}
    return [pair for pair in pairs if pair[0].lower() in wanted or qsign.encode(pair[0]).lower() in wanted]


def stages(message):
    request, credentials = message["request"], message["credentials"]
    headers = selected(request["headers"], message.get("signed_header_names"))
    params = selected(request["params"], message.get("signed_param_names"))
    key_time, sign_time = message["key_time"], message["sign_time"]
    path, method = request["path"], request["method"]
    if MODE == "chooses":
        headers = [pair for pair in headers if pair[0].lower() == "host"]
        key_time = sign_time = "1800000000;1800000900"
    if MODE == "chooses-without-host":
        headers = [pair for pair in headers if pair[0].lower() != "host"]
    if MODE == "chooses-foreign":
        headers = headers + [["x-made-up", "1"]]
    if MODE == "path-encoded":
        path = urllib.parse.quote(path, safe="/-._~")
    made = qsign.stages(method, path, params, headers, credentials["secret_id"], credentials["secret_key"],
                        key_time, sign_time)
    if MODE == "other-field-order":
        fields = made["authorization"].split("&")
        made["authorization"] = "&".join(fields[:4] + [fields[5], fields[4], fields[6]])
    return {"authorization": made["authorization"]} if MODE in CHOOSES else made


def url(message):
    request = message["request"]
    pairs = [qsign.encode(name) + ("" if value is None else "=" + qsign.encode(value)) for name, value in request["params"]]
    signature = qsign.query(stages(message)["authorization"])
    if MODE == "url-field-twice":
        signature += "&q-ak=again"
    if MODE == "url-list-once":
        signature = signature.replace("%25", "%")
    if MODE == "url-drops-parameter":
        pairs = pairs[:-1]
    path = "/".join(qsign.encode(part) for part in request["path"].split("/"))
    if MODE == "url-path-raw":
        path = request["path"]
    return message["url"] + path + "?" + "&".join(pairs + [signature])


def go_wrong(message):
    """What a mode does at its case; true when there is no answer to come."""
    if MODE == "crash":
        print("about to crash", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGSEGV)
    if MODE == "exit-3":
        sys.exit(3)
    if MODE == "end":
        sys.exit(0)
    if MODE == "hang":
        time.sleep(600)
    if MODE == "late":
        time.sleep(3)
    if MODE == "slow":
        time.sleep(0.3)
    if MODE == "half-line":
        sys.stdout.write('{"id": ')
        sys.stdout.flush()
        sys.exit(0)
    if MODE == "garbage":
        print("debug: here I am", flush=True)
        return True
    if MODE == "not-utf-8":
        sys.stdout.buffer.write(b'{"id": %d, "skipped": "\xff"}\n' % message["id"])
        sys.stdout.buffer.flush()
        return True
    if MODE == "wrong-id":
        write({"id": message["id"] + 1, "stages": stages(message)})
        return True
    if MODE == "long-line":
        sys.stdout.write("x" * (2 << 20) + "\n")
        sys.stdout.flush()
        return True
    if MODE == "endless-line":
        while True:
            sys.stdout.write("x" * 65536)
    if MODE == "flood":
        sys.stderr.write("flood " * 400000)
        sys.stderr.flush()
    if MODE == "refuse":
        write({"id": message["id"], "error": "a blank has no place in a path"})
        return True
    if MODE == "unknown-member":
        write({"id": message["id"], "stages": stages(message), "debug": True})
        return True
    if MODE in ("crlf", "byte-order-mark"):
        start, end = ("\ufeff", "\n") if MODE == "byte-order-mark" else ("", "\r\n")
        sys.stdout.write(start + json.dumps({"id": message["id"], "stages": stages(message)}) + end)
        sys.stdout.flush()
        return True
    if MODE == "no-stages":
        write({"id": message["id"], "stages": {}})
        return True
    return False


def main():
    if MODE == "silent":
        time.sleep(600)
    if MODE == "dies-at-once":
        print("no such module: sdk", file=sys.stderr)
        sys.exit(1)
    for line in sys.stdin:
        message = json.loads(line)
        command = message["command"]
        if command == "hello":
            commands = ["presign"] if MODE.startswith("url") else ["sign"]
            hello = {"id": message["id"], "protocol": 2 if MODE == "version-2" else 1, "name": "stub", "version": "1",
                     "language": "Python", "commands": [] if MODE == "nothing" else commands}
            if MODE == "refuses-hello":
                hello = {"id": message["id"], "error": "cannot start: no licence"}
            if MODE in CHOOSES:
                hello["chooses"] = CHOOSES[MODE]
            write(hello)
        elif MODE == "always-crash":
            os.abort()
        elif command in ("sign", "presign"):
            if message["request"]["path"] == "/a b" and go_wrong(message):
                continue
            if MODE == "skips":
                write({"id": message["id"], "skipped": "not today"})
            elif command == "sign":
                write({"id": message["id"], "stages": stages(message)})
            else:
                write({"id": message["id"], "url": url(message)})
        elif MODE != "ignores-unknown":
            write({"id": message["id"], "skipped": "no such command"})
    if MODE == "stays":
        time.sleep(600)
    if MODE == "ends-with-3":
        sys.exit(3)


main()
