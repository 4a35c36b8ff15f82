#!/usr/bin/env python3
"""Writes Vectors/signing/sign.json, verify.json and kills.json, or checks that they are what it would write.

    Vectors/tools/generate.py           write the files
    Vectors/tools/generate.py --check   compare, and recompute every published vector; exit 1 on a difference

Expected values come from qsign.py beside it, which is checked against every published vector that agrees. What a vector
kills comes from mistakes.py and verifying.py: signers and verifiers with one mistake each.
"""

import hashlib
import json
import pathlib
import sys
import urllib.parse

import mistakes
import qsign
import verifying

SIGNING = pathlib.Path(__file__).resolve().parent.parent / "signing"
ID = "AKIDcispecFakeSecretId0000000000"
KEY = "cispecFakeSecretKey0000000000000"
HOST = "test-1250000000.ci.ap-chongqing.myqcloud.com"
TIME = "1700000000;1700003600"
NOW = 1700000100

NOTES = {
    "method": ["The method is signed in small letters.", "436/7778, HttpString"],
    "path-decoded": ["The path is signed decoded, as UTF-8.", "436/7778, HttpString; echoes of the server"],
    "wire": ["What is signed is the request decoded, whatever its form on the wire.", "436/7778; executed SDKs differ"],
    "path-plus": ["A + in a path on the wire is a space to the server.", "tencentyun/qcloud-cos-sts-sdk issue 65"],
    "path-slashes": ["Slashes and dots of a path are kept as they are.", "executed SDKs agree"],
    "empty-value": ["A parameter without = counts as an empty value.", "436/7778, HttpParameters"],
    "reserved": ["All but A-Z a-z 0-9 - . _ ~ is encoded.", "436/7778, UrlEncode table"],
    "hex-case": ["Hex is in capitals in values, in small letters in names.", "436/7778; executed SDKs agree"],
    "sort": ["Pairs are in the byte order of their encoded, lowered names.", "436/7778, newest revision"],
    "ci-instruction": ["A processing instruction is a parameter name with an empty value.", "Cloud Infinite pages"],
    "header-selection": ["Any selection of headers may be signed; the list says which.", "436/7778"],
    "header-value": ["Header values are signed as they are sent, blanks inside kept.", "echoes of the server"],
    "host-port": ["The Host is signed as it is sent, with its port.", "open: qsign notes, question 9"],
    "times": ["SignKey is made of q-key-time, StringToSign of q-sign-time.", "436/7778; .NET and Android SDKs"],
    "key": ["The SecretKey is used as its bytes, untrimmed, of any length.", "436/7778; RFC 2104"],
    "token": ["A token may be signed or not.", "executed SDKs differ, both work"],
    "delivery": ["A signature travels as header, as query parameters or as one parameter sign.", "436/7778"],
    "tampered": ["What is signed cannot be changed.", "436/7778"],
    "unsigned": ["What is not listed is not protected.", "436/7778"],
    "expired": ["A signature holds inside its times only.", "436/7778"],
    "malformed": ["The seven fields are all there, once, in their form.", "436/7778"],
    "wrong-key": ["SecretId and SecretKey belong together.", "436/7778"],
    "replay": ["A signed host keeps a signature to its bucket.", "tencentyun/cos-nodejs-sdk-v5 sdk/util.js"],
}

sign_vectors = []
verify_vectors = []


def sign(name, flags, method="GET", path="/jobs/j1", params=(), headers=(("Host", HOST),), key_time=TIME,
         sign_time=None, secret_key=KEY, comment=None, target=None):
    """One vector for signers: what is signed, and every stage of it; target is the request line's, where it matters."""
    if target:
        raw_path, _, raw_query = target.partition("?")
        assert urllib.parse.unquote_plus(raw_path) == path
        assert urllib.parse.parse_qsl(raw_query, keep_blank_values=True) == [(name, value or "") for name, value in params]
    expected = qsign.stages(method, path, params, headers, ID, secret_key, key_time, sign_time)
    entry = {
        "id": f"signing/{name}", "kind": "sign", "flags": flags, **({"comment": comment} if comment else {}),
        "input": {
            "secret_id": ID, "secret_key": secret_key, "key_time": key_time, "sign_time": sign_time or key_time,
            "method": method, "path": path, "params": [list(pair) for pair in params],
            "headers": [list(pair) for pair in headers], **({"target": target} if target else {}),
        },
        "expected": expected, "result": "valid",
    }
    entry["kills"] = mistakes.killed(entry["input"], expected)
    sign_vectors.append(entry)


def make_sign_vectors():
    for method in ("GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", "get", "Put"):
        sign(f"method/{'lower-get' if method == 'get' else 'mixed-put' if method == 'Put' else method.lower()}",
             ["method"], method=method)
    paths = {
        "root": "/", "plain": "/object", "nested": "/a/b/c", "trailing-slash": "/a/", "double-slash": "/a//b",
        "leading-double-slash": "//a", "dot": "/./a", "dot-dot": "/a/../b", "trailing-dot": "/a.", "space": "/a b",
        "space-at-end": "/a ", "plus": "/a+b", "percent": "/100%", "percent-escape": "/a%2Fb", "percent-twice": "/a%252Fb",
        "question-mark": "/a?b", "hash": "/a#b", "ampersand-equals": "/a&b=c", "semicolon": "/a;b", "colon-at": "/a:b@c",
        "marks": "/!'()*", "quotes": "/\"'`", "brackets": "/[a]{b}|c", "backslash": "/a\\b", "tilde": "/~a-b_c.d",
        "tab": "/a\tb", "chinese": "/腾讯云.mp4", "nfc": "/\u00e9", "nfd": "/e\u0301", "emoji": "/\U0001F600",
        "outside-bmp": "/\U00020000", "long": "/" + "x" * 800, "capitals": "/ABC/Def", "comma": "/j1,j2,j3",
        "unassigned": "/\u0378", "right-to-left": "/\u05d0\u05d1", "template": "/out/${InventoryTriggerJobId}.gif",
    }
    for name, path in paths.items():
        flags = ["path-slashes"] if "slash" in name or name.startswith("dot") else ["path-decoded"]
        sign(f"path/{name}", flags, path=path)
    parameters = {
        "none": [], "no-value": [("cancel", None)], "empty-value": [("cancel", "")],
        "one": [("size", "10")], "several": [("size", "10"), ("states", "All"), ("nextToken", "abc")],
        "sort-plain": [("b", "1"), ("a", "2"), ("c", "3")], "sort-capitals": [("B", "1"), ("a", "2"), ("C", "3")],
        "sort-digits": [("10", "a"), ("9", "b"), ("1", "c"), ("2", "d")],
        "sort-prefix": [("ab", "1"), ("a", "2"), ("a-", "3"), ("a.", "4"), ("a_", "5"), ("a~", "6")],
        "sort-raw-vs-encoded": [("a{", "1"), ("ab", "2"), ("a/", "3"), ("a0", "4")],
        "sort-utf16-vs-utf8": [("\U0001F600", "1"), ("\uff5e", "2")],
        "sort-non-ascii": [("é", "1"), ("z", "2"), ("腾", "3"), ("a", "4")],
        "name-capitals": [("StartCreationTime", "x")], "name-percent": [("a%2Fb", "1")], "name-space": [("a b", "1")],
        "name-plus": [("a+b", "1")], "name-equals": [("a=b", "1")], "name-non-ascii": [("É", "1")],
        "value-space": [("k", "a b")], "value-plus": [("k", "a+b")], "value-percent": [("k", "100%")],
        "value-escape": [("k", "%20")], "value-equals": [("k", "a=b=c")], "value-ampersand": [("k", "a&b")],
        "value-slash": [("prefix", "a/b/c")], "value-blank-ends": [("k", " a ")], "value-newline": [("k", "a\nb")],
        "value-chinese": [("name", "任务")], "value-nfd": [("k", "e\u0301")], "value-emoji": [("k", "\U0001F600")],
        "value-long": [("k", "v" * 1000)], "value-semicolon": [("k", "a;b")], "value-comma": [("ids", "j1,j2")],
        "value-time": [("startCreationTime", "2022-02-01T12:00:00+0800")], "value-url": [("callback", "http://a.b/c?d=e&f")],
        "value-capital-hex-lookalike": [("k", "%e8%85%be")], "many": [(f"p{n}", str(n)) for n in range(40)],
        "ci-thumbnail": [("imageMogr2/thumbnail/!50p", None)], "ci-watermark": [("watermark/1/image/aHR0cA==/gravity/southeast", None)],
        "ci-text": [("watermark/2/text/5rWL6K+V/fill/I0ZGRg==", "")], "ci-process": [("ci-process", "filehash"), ("type", "md5")],
        "value-equals-beside": [("a", "1"), ("k", "b=c")], "value-mark-and-space": [("k", "a!b c")],
        "value-chinese-and-space": [("k", "任务 a")], "names-equal-in-small-letters": [("A", "1"), ("a", "1")],
        "sort-all-orders": [("\uff5e", "1"), ("ab", "2"), ("\U0001F600", "3"), ("a{", "4")],
        "ci-mixed": [("imageView2/1/w/400", None), ("acl", None), ("B", "2")],
    }
    for name, params in parameters.items():
        flags = (["ci-instruction", "hex-case"] if name.startswith("ci") else ["sort"] if name.startswith("sort")
                 else ["empty-value"] if name in ("no-value", "empty-value") else ["reserved", "hex-case"])
        sign(f"params/{name}", flags, params=params)
    for character in " !\"#$%&'()*+,/:;<=>?@[\\]^`{|}":
        sign(f"params/character/{ord(character):02x}-in-value", ["reserved"], params=[("k", f"a{character}b")])
        sign(f"params/character/{ord(character):02x}-in-name", ["reserved", "hex-case"], params=[(f"a{character}b", "v")])
    for character in "-._~":
        sign(f"params/character/{ord(character):02x}-kept", ["reserved"], params=[(f"a{character}b", f"c{character}d")])
    host = ("Host", HOST)
    headers = {
        "none": [], "host": [host], "host-lower": [("host", HOST)], "host-capitals-value": [("Host", HOST.upper())],
        "host-port": [("Host", "127.0.0.1:8080")], "host-port-default": [("Host", HOST + ":80")],
        "content-type": [host, ("Content-Type", "application/xml")],
        "content-type-charset": [host, ("Content-Type", "application/xml; charset=utf-8")],
        "content-md5": [host, ("Content-MD5", "mQ/fVh815F3k6TAUm8m0eg==")], "content-length": [host, ("Content-Length", "166")],
        "date": [host, ("Date", "Thu, 16 May 2019 06:45:51 GMT")], "range": [host, ("Range", "bytes=0-3")],
        "order": [("X-Ci-B", "1"), host, ("X-Ci-A", "2"), ("Content-Type", "a/b")],
        "name-capitals": [("HOST", HOST), ("CONTENT-TYPE", "a/b")], "inner-blanks": [host, ("x-ci-a", "a  b   c")],
        "tab-inside": [host, ("x-ci-a", "a\tb")], "empty": [host, ("x-ci-a", "")], "quotes": [host, ("x-ci-a", "\"a\", 'b'")],
        "comma": [host, ("x-ci-a", "a, b,c")], "equals": [host, ("x-ci-a", "a=b")], "percent": [host, ("x-ci-a", "%41")],
        "plus": [host, ("x-ci-a", "a+b")], "non-ascii": [host, ("x-ci-a", "任务 é")], "long": [host, ("x-ci-a", "v" * 1000)],
        "many": [host] + [(f"x-ci-{n}", str(n)) for n in range(30)], "underscore": [host, ("x_ci_a", "1")],
        "token-ci": [host, ("x-ci-security-token", "tok/en+=")], "token-cos": [host, ("x-cos-security-token", "tok/en+=")],
        "grant": [host, ("x-cos-grant-read", "uin=\"100000000011\"")], "user-agent": [host, ("User-Agent", "a/1 (b; c)")],
        "prefix-relation": [("x-ci", "1"), ("x-ci-a", "2"), ("x-ci-a-b", "3"), host],
        "case-order": [("X-CI-B", "1"), ("x-ci-a", "2"), ("X-Ci-C", "3")],
    }
    for name, selected in headers.items():
        flags = (["token"] if name.startswith("token") else ["host-port"] if name.startswith("host-port")
                 else ["header-selection"] if name in ("none", "order", "date", "user-agent") else ["header-value"])
        sign(f"headers/{name}", flags, headers=selected)
    times = {
        "equal": (TIME, None), "sign-inside-key": ("1700000000;1700086400", "1700000100;1700000700"),
        "sign-after-key": ("1700000000;1700003600", "1700003000;1700009000"), "zero-length": ("1700000000;1700000000", None),
        "reversed": ("1700003600;1700000000", None), "far-future": ("1700000000;32526689134", None), "epoch": ("0;1", None),
        "eleven-digits": ("10000000000;10000003600", None), "one-second": ("1700000000;1700000001", None),
        "sign-before-key": ("1700001000;1700003600", "1700000000;1700003600"),
    }
    for name, (key_time, sign_time) in times.items():
        sign(f"times/{name}", ["times"], key_time=key_time, sign_time=sign_time)
    keys = {
        "63-bytes": "k" * 63, "64-bytes": "k" * 64, "65-bytes": "k" * 65, "200-bytes": "k" * 200, "blank-ends": " key ",
        "non-ascii": "密钥key", "newline": "key\n", "one-byte": "k", "reserved": "k+/=&;%",
    }
    for name, secret_key in keys.items():
        sign(f"keys/{name}", ["key"], secret_key=secret_key)
    wires = {
        "path-plus": ("/a b", (), "/a+b"), "path-escaped-slash": ("/a/b", (), "/a%2Fb"),
        "path-lower-hex": ("/腾 讯", (), "/%e8%85%be%20%e8%ae%af"), "path-needless-escapes": ("/A~b", (), "/%41%7Eb"),
        "param-plus": ("/jobs", (("a", "1"), ("k", "b c")), "/jobs?a=1&k=b+c"),
        "param-lower-hex": ("/jobs", (("k", "a/b"),), "/jobs?k=a%2fb"),
        "param-slash": ("/jobs", (("k", "a/b"),), "/jobs?k=a/b"),
        "param-needless-escapes": ("/jobs", (("k", "ab"),), "/jobs?%6B=%61b"),
        "param-semicolon": ("/jobs", (("a", "1"), ("k", "b;c")), "/jobs?a=1&k=b;c"),
        "param-equals": ("/jobs", (("a", "1"), ("k", "b=c")), "/jobs?a=1&k=b=c"),
    }
    for name, (path, params, target) in wires.items():
        sign(f"wire/{name}", ["wire"], path=path, params=params, target=target)
    sign("whole/submit", ["header-selection", "method"], method="POST", path="/file_jobs",
         headers=[host, ("Content-Type", "application/xml"), ("Content-Length", "384")])
    sign("whole/query-list", ["sort", "reserved"], path="/jobs",
         params=[("tag", "Animation"), ("queueId", "p2911917386e148639319e13c285cc774"), ("orderByTime", "Desc"),
                 ("states", "All"), ("size", "10"), ("startCreationTime", "2022-02-01T12:00:00+0800")])
    sign("whole/cancel", ["empty-value"], method="PUT", path="/inventorytriggerjob/b1", params=[("cancel", None)])


# Verifiers


def request(method="GET", target="/jobs/j1?size=10&cancel", headers=(("Host", HOST), ("x-ci-a", "b c"))):
    return {"method": method, "target": target, "headers": [list(header) for header in headers]}


def authorization(params=(("size", "10"), ("cancel", None)), headers=(("Host", HOST), ("x-ci-a", "b c")),
                  method="GET", path="/jobs/j1", key_time=TIME, sign_time=None, secret_id=ID, secret_key=KEY):
    return qsign.stages(method, path, params, headers, secret_id, secret_key, key_time, sign_time)["authorization"]


def deliver(base, value, how):
    """The request with a signature in one of the three ways."""
    result = json.loads(json.dumps(base))
    if how == "header":
        result["headers"].append(["Authorization", value])
    else:
        joint = "&" if "?" in result["target"] else "?"
        result["target"] += joint + (qsign.query(value) if how == "query" else qsign.sign_parameter(value))
    return result


def verify(name, flags, message, result, reason=None, now=NOW):
    assert (result == "acceptable") == bool(reason)
    vector = {
        "id": f"verifying/{name}", "flags": flags, "request": message, "now": now, "secrets": {ID: KEY},
        "result": result, **({"reason": reason} if reason else {})}
    vector["kills"] = verifying.killed(vector)
    if reason:
        vector["kept"] = "Either answer is right: the vector shows which one a verifier gives."
    verify_vectors.append(vector)


def replaced(value, field, new):
    return "&".join(f"{name}={new if name == field else old}" for name, old in qsign.fields(value))


def make_verify_vectors():
    good = authorization()
    for how in ("header", "query", "sign"):
        verify(f"{how}/right", ["delivery"], deliver(request(), good, how), "valid")
        changes = {
            "method": request(method="POST"), "method-head": request(method="HEAD"),
            "path": request(target="/jobs/j2?size=10&cancel"), "path-case": request(target="/Jobs/j1?size=10&cancel"),
            "path-longer": request(target="/jobs/j1/?size=10&cancel"), "path-shorter": request(target="/jobs?size=10&cancel"),
            "param-value": request(target="/jobs/j1?size=11&cancel"), "param-value-added": request(target="/jobs/j1?size=10&cancel=1"),
            "param-missing": request(target="/jobs/j1?size=10"), "param-renamed": request(target="/jobs/j1?sizes=10&cancel"),
            "header-value": request(headers=(("Host", HOST), ("x-ci-a", "b  c"))),
            "header-value-case": request(headers=(("Host", HOST), ("x-ci-a", "B c"))),
            "header-missing": request(headers=(("Host", HOST),)), "header-empty": request(headers=(("Host", HOST), ("x-ci-a", ""))),
            "host-bucket": request(headers=(("Host", "other" + HOST), ("x-ci-a", "b c"))),
            "host-region": request(headers=(("Host", HOST.replace("chongqing", "beijing")), ("x-ci-a", "b c"))),
            "host-missing": request(headers=(("x-ci-a", "b c"),)),
        }
        for name, message in changes.items():
            verify(f"{how}/tampered/{name}", ["replay"] if name.startswith("host") else ["tampered"],
                   deliver(message, good, how), "invalid")
        harmless = {
            "unsigned-header": request(headers=(("Host", HOST), ("x-ci-a", "b c"), ("User-Agent", "x"))),
            "header-order": request(headers=(("x-ci-a", "b c"), ("Host", HOST))),
            "header-name-case": request(headers=(("HOST", HOST), ("X-CI-A", "b c"))),
            "unsigned-param": request(target="/jobs/j1?size=10&cancel&extra=1"),
            "param-order": request(target="/jobs/j1?cancel&size=10"), "param-with-equals": request(target="/jobs/j1?size=10&cancel="),
            "param-escaped": request(target="/jobs/j1?s%69ze=%31%30&cancel"), "path-escaped": request(target="/jobs/%6A1?size=10&cancel"),
        }
        for name, message in harmless.items():
            verify(f"{how}/harmless/{name}", ["unsigned"], deliver(message, good, how), "valid")
        for field in qsign.FIELDS:
            without = "&".join(f"{name}={value}" for name, value in qsign.fields(good) if name != field)
            verify(f"{how}/missing/{field}", ["malformed"], deliver(request(), without, how), "invalid")
            twice = good + "&" + next(f"{name}=x{value}" for name, value in qsign.fields(good) if name == field)
            verify(f"{how}/twice/{field}", ["malformed"], deliver(request(), twice, how), "invalid")
        signature = dict(qsign.fields(good))["q-signature"]
        values = {
            "algorithm-sha256": ("q-sign-algorithm", "sha256"), "algorithm-capitals": ("q-sign-algorithm", "SHA1"),
            "algorithm-empty": ("q-sign-algorithm", ""), "id-unknown": ("q-ak", "AKIDnobody"), "id-empty": ("q-ak", ""),
            "id-case": ("q-ak", ID.lower()), "sign-time-longer": ("q-sign-time", "1700000000;1700009999"),
            "sign-time-earlier": ("q-sign-time", "1699999999;1700003600"), "key-time-longer": ("q-key-time", "1700000000;1700009999"),
            "sign-time-letters": ("q-sign-time", "now;later"), "sign-time-one": ("q-sign-time", "1700000000"),
            "sign-time-three": ("q-sign-time", "1700000000;1700003600;1"), "sign-time-empty": ("q-sign-time", ""),
            "sign-time-negative": ("q-sign-time", "-1;1700003600"), "key-time-letters": ("q-key-time", "a;b"),
            "header-list-shorter": ("q-header-list", "host"), "header-list-empty": ("q-header-list", ""),
            "header-list-longer": ("q-header-list", "date;host;x-ci-a"), "param-list-shorter": ("q-url-param-list", "size"),
            "param-list-empty": ("q-url-param-list", ""), "param-list-longer": ("q-url-param-list", "acl;cancel;size"),
            "signature-other": ("q-signature", signature[:-1] + ("0" if signature[-1] != "0" else "1")),
            "signature-cut": ("q-signature", signature[:-1]), "signature-longer": ("q-signature", signature + "0"),
            "signature-empty": ("q-signature", ""), "signature-zero": ("q-signature", "0" * 40),
            "signature-capitals": ("q-signature", signature.upper()), "signature-reversed": ("q-signature", signature[::-1]),
        }
        for name, (field, value) in values.items():
            verify(f"{how}/field/{name}", ["malformed" if "letters" in name or "empty" in name else "tampered"],
                   deliver(request(), replaced(good, field, value), how), "invalid")
        verify(f"{how}/wrong-key", ["wrong-key"], deliver(request(), authorization(secret_key="another"), how), "invalid")
        verify(f"{how}/expired/long-ago", ["expired"], deliver(request(), good, how), "invalid", now=NOW + 864000)
        verify(f"{how}/expired/one-minute-ago", ["expired"], deliver(request(), good, how), "invalid", now=1700003660)
        verify(f"{how}/expired/reversed", ["expired"],
               deliver(request(), authorization(key_time="1700003600;1700000000"), how), "invalid")
        verify(f"{how}/expired/not-yet", ["expired"],
               deliver(request(), authorization(key_time="1700864000;1700867600"), how), "invalid")
        verify(f"{how}/expired/start-soon", ["expired"],
               deliver(request(), authorization(key_time="1700000160;1700003600"), how), "acceptable",
               "Whether a clock that runs a minute ahead is tolerated is not documented.")
        verify(f"{how}/times/inside", ["times"],
               deliver(request(), authorization(key_time="1700000000;1700086400", sign_time="1700000050;1700000700"), how), "valid")
        verify(f"{how}/times/outside", ["times"],
               deliver(request(), authorization(key_time="1700000000;1700003600", sign_time="1700000050;1700009999"), how),
               "acceptable", "Whether the time of the signature must lie inside that of the key is not documented.")
        verify(f"{how}/host/unsigned", ["replay"],
               deliver(request(), authorization(headers=(("x-ci-a", "b c"),)), how), "acceptable",
               "Any selection of headers may be signed, so the host may be left out; a strict bucket refuses it.")
        for name, path, target in (("plus-is-space", "/a b", "/a+b"), ("escaped-plus", "/a+b", "/a%2Bb"),
                                   ("chinese", "/腾讯", "/%E8%85%BE%E8%AE%AF"), ("lower-hex", "/腾讯", "/%e8%85%be%e8%ae%af"),
                                   ("encoded-percent", "/a%2Fb", "/a%252Fb"), ("encoded-slash", "/a/b", "/a%2Fb")):
            verify(f"{how}/wire/{name}", ["path-plus" if "plus" in name else "path-decoded"],
                   deliver(request(target=target, headers=(("Host", HOST),)),
                           authorization(params=(), headers=(("Host", HOST),), path=path), how), "valid")
        verify(f"{how}/wire/path-signed-encoded", ["path-decoded"],
               deliver(request(target="/%E8%85%BE", headers=(("Host", HOST),)),
                       authorization(params=(), headers=(("Host", HOST),), path="/%E8%85%BE"), how), "invalid")
        make_more_verify_vectors(how, good)
        order = [0, 1, 2, 3, 5, 4, 6]
        shuffled = "&".join("=".join(qsign.fields(good)[place]) for place in order)
        verify(f"{how}/order/lists-exchanged", ["delivery"], deliver(request(), shuffled, how), "valid")
    verify("header/none", ["malformed"], request(), "invalid")
    verify("header/empty", ["malformed"], deliver(request(), "", "header"), "invalid")
    verify("header/other-scheme", ["malformed"], deliver(request(), "Bearer abc", "header"), "invalid")
    raw = request()
    raw["target"] += "&" + good
    verify("query/semicolons-raw", ["delivery"], raw, "valid")
    instruction = (("imageMogr2/thumbnail", None),)
    once = request(target="/a?imageMogr2%2Fthumbnail", headers=(("Host", HOST),))
    value = authorization(params=instruction, headers=(("Host", HOST),), path="/a")
    verify("query/list-encoded-twice", ["delivery", "ci-instruction"], deliver(once, value, "query"), "valid")
    single = deliver(once, value, "query")
    single["target"] = single["target"].replace("%252f", "%2f")
    verify("query/list-encoded-once", ["delivery", "ci-instruction"], single, "acceptable",
           "Two SDKs send the list encoded once; whether the service takes it is not known.")
    both = deliver(deliver(request(), good, "query"), replaced(good, "q-signature", "0" * 40), "header")
    verify("two/right-in-query-wrong-in-header", ["delivery"], both, "acceptable",
           "Which of two signatures counts is not documented.")


def in_order(header_names, param_names):
    """The Authorization of request() by a signer that does not sort: its lists and strings have this order."""
    values = {"host": HOST, "x-ci-a": "b c", "size": "10", "cancel": ""}

    def joined(names):
        return "&".join(f"{name}={qsign.encode(values[name])}" for name in names)
    http_string = f"get\n/jobs/j1\n{joined(param_names)}\n{joined(header_names)}\n"
    digest = hashlib.sha1(http_string.encode()).hexdigest()
    made = {"q-header-list": ";".join(header_names), "q-url-param-list": ";".join(param_names),
            "q-signature": qsign.hmac_hex(qsign.hmac_hex(KEY, TIME), f"sha1\n{TIME}\n{digest}\n")}
    return "&".join(f"{name}={made.get(name, value)}" for name, value in qsign.fields(authorization()))


def make_more_verify_vectors(how, good):
    """Cases that one mistake of a verifier decides alone."""
    for field in ("q-ak", "q-sign-time", "q-header-list", "q-signature"):
        first = next(f"{name}=x{value}" for name, value in qsign.fields(good) if name == field)
        verify(f"{how}/twice-last-right/{field}", ["malformed"], deliver(request(), first + "&" + good, how), "invalid")
    for field in ("q-sign-algorithm", "q-ak", "q-sign-time", "q-header-list", "q-signature"):
        again = next(f"{name}={value}" for name, value in qsign.fields(good) if name == field)
        verify(f"{how}/twice-alike/{field}", ["malformed"], deliver(request(), good + "&" + again, how), "invalid")
    verify(f"{how}/expired/reversed-soon", ["expired"],
           deliver(request(), authorization(key_time="1700000200;1700000150"), how), "invalid")
    verify(f"{how}/times/at-the-end", ["times"], deliver(request(), good, how), "acceptable",
           "Whether a span still holds in its last second is not documented.", now=1700003600)
    verify(f"{how}/times/key-over", ["times"],
           deliver(request(), authorization(key_time="1700000000;1700000050", sign_time=TIME), how), "acceptable",
           "Whether q-key-time is held against the clock where q-sign-time still holds is not documented.")
    for name, headers, params in (("header-list-unsorted", ("x-ci-a", "host"), ("cancel", "size")),
                                  ("param-list-unsorted", ("host", "x-ci-a"), ("size", "cancel"))):
        verify(f"{how}/order/{name}", ["sort"], deliver(request(), in_order(headers, params), how), "acceptable",
               "Names are to be sorted; whether a server sorts them again or follows the list is not documented.")
    instruction = authorization((("imageMogr2/thumbnail", None),), (("Host", HOST),), path="/a")
    verify(f"{how}/wire/list-in-capital-hex", ["hex-case"],
           deliver(request("GET", "/a?imageMogr2/thumbnail", (("Host", HOST),)), instruction.replace("%2f", "%2F"), how),
           "acceptable", "Lists are in small letters; one published signer writes their hex in capitals.")
    for name, key_time, sign_time in (("key-time-one", "1700000000", TIME), ("sign-time-one", TIME, "1700000000"),
                                      ("key-time-letters", "now;later", TIME), ("sign-time-letters", TIME, "now;later")):
        verify(f"{how}/malformed-but-signed/{name}", ["malformed"],
               deliver(request(), authorization(key_time=key_time, sign_time=sign_time), how), "invalid")
    port = (("Host", HOST + ":8080"),)
    verify(f"{how}/host/with-port", ["host-port"],
           deliver(request("GET", "/a", port), authorization((), port, path="/a"), how), "valid")
    host = (("Host", HOST),)
    token = host + (("x-ci-security-token", "tok/en+="),)
    for name, signed in (("signed", token), ("unsigned", host)):
        verify(f"{how}/token/{name}", ["token"],
               deliver(request("GET", "/a", token), authorization((), signed, path="/a"), how), "valid")
    for name, flag, path, params, target in (
            ("param-plus-is-space", "wire", "/a", (("k", "b c"),), "/a?k=b+c"),
            ("param-capitals", "sort", "/a", (("StartTime", "X"), ("k", "1")), "/a?k=1&StartTime=X"),
            ("param-instruction", "ci-instruction", "/a", (("imageMogr2/thumbnail/!50p", None),), "/a?imageMogr2/thumbnail/!50p"),
            ("double-slash", "path-slashes", "/a//b", (), "/a//b"), ("trailing-slash", "path-slashes", "/a/", (), "/a/")):
        verify(f"{how}/wire/{name}", [flag],
               deliver(request("GET", target, host), authorization(params, host, path=path), how), "valid")


def text(title, vectors):
    document = {"format": 1, "title": title, "schema": "vectors.schema.json",
                "notes": {flag: {"teaches": note[0], "source": note[1]} for flag, note in NOTES.items()
                          if any(flag in vector["flags"] for vector in vectors)}}
    head = json.dumps(document, ensure_ascii=False, indent=2)[:-2]
    lines = ",\n".join("    " + json.dumps(vector, ensure_ascii=False) for vector in vectors)
    return f'{head},\n  "vectors": [\n{lines}\n  ]\n}}\n'


def check_published():
    """Every published vector recomputed here: the list of what differs, and what those that agree kill."""
    problems, kills = [], {}
    for vector in json.loads((SIGNING / "published.json").read_text(encoding="utf-8"))["vectors"]:
        given = vector["input"]
        if vector["kind"] not in ("sign", "sign-masked", "presigned"):
            continue

        def selected(pairs, names):
            wanted = {name.lower() for name in names}
            return [pair for pair in pairs if pair[0].lower() in wanted or qsign.encode(pair[0]).lower() in wanted]
        signed = {**given, "params": selected(given["params"], given["signed_param_names"]),
                  "headers": selected(given["headers"], given["signed_header_names"])}
        made = qsign.stages(
            signed["method"], signed["path"], signed["params"], signed["headers"], signed["secret_id"],
            signed["secret_key"], signed["key_time"], signed["sign_time"])
        made["signature_first_36_hex"] = made["signature"][:36]
        agrees = all(made[stage] == value for stage, value in vector["published"].items())
        if agrees != vector["agrees"]:
            problems.append(f"{vector['id']}: agrees is {vector['agrees']} in the file, {agrees} here")
        elif agrees:
            kills[vector["id"]] = mistakes.killed(signed, vector["published"])
    return problems, kills


def kills_text(published):
    """The mistakes by name, and what the published vectors kill: they hold nothing that is not published."""
    lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(kills)}" for name, kills in published.items())
    head = json.dumps({"format": 1, "title": "Mistakes, and what published vectors kill",
                       "signers": mistakes.SIGNERS, "verifiers": verifying.VERIFIERS}, indent=2)[:-2]
    return f'{head},\n  "published": {{\n{lines}\n  }}\n}}\n'


def check_kills(published):
    """Every mistake is killed, and every vector kills one or says why it is kept."""
    problems = [f"{vector['id']} kills nothing and does not say why it is kept"
                for vector in sign_vectors + verify_vectors if not vector["kills"] and "kept" not in vector]
    killed = {wrong for kills in published.values() for wrong in kills}
    killed.update(wrong for vector in sign_vectors for wrong in vector["kills"])
    problems += [f"no vector kills the signer {wrong}" for wrong in mistakes.SIGNERS if wrong not in killed]
    killed = {wrong for vector in verify_vectors for wrong in vector["kills"]}
    return problems + [f"no vector kills the verifier {wrong}" for wrong in verifying.VERIFIERS if wrong not in killed]


def main():
    make_sign_vectors()
    make_verify_vectors()
    problems, published = check_published()
    problems += check_kills(published)
    files = {"sign.json": text("Vectors for signers", sign_vectors), "verify.json": text("Vectors for verifiers", verify_vectors),
             "kills.json": kills_text(published)}
    ids = [vector["id"] for vector in sign_vectors + verify_vectors]
    problems += [] if len(ids) == len(set(ids)) else ["an id stands twice"]
    for name, content in files.items():
        path = SIGNING / name
        if "--check" in sys.argv:
            if not path.exists() or path.read_text(encoding="utf-8") != content:
                problems.append(f"{name} is not what the generator writes")
        else:
            path.write_text(content, encoding="utf-8")
    for problem in problems:
        print(problem, file=sys.stderr)
    invalid = sum(vector["result"] == "invalid" for vector in verify_vectors)
    print(f"vectors: {len(sign_vectors)} for signers, {len(verify_vectors)} for verifiers, of which {invalid} invalid;"
          f" {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
