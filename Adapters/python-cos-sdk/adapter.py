"""An adapter of protocol version 1 around the published Python SDK, cos-python-sdk-v5: its signer here, its calls in calls.py.

The SDK asks the clock itself and signs from a minute before to `expire` seconds after. Its clock is set, and `expire`
given, so that this is the sign_time of the message; q-key-time is always the same. Nothing of its signer is changed.
"""

import json
import logging
import sys
import types
from importlib.metadata import version
from urllib.parse import urlsplit

from qcloud_cos import CosConfig, CosS3Client, cos_auth
from qcloud_cos.cos_exception import CosClientError

import calls
from calls import Inexpressible

logging.disable(logging.CRITICAL)
FIELDS = {
    "q-key-time": "key_time", "q-url-param-list": "url_param_list", "q-header-list": "header_list",
    "q-signature": "signature"}


SECONDS_BEFORE = 60


def prepared(message):
    """(client, params and headers as dictionaries, `expire`, whether the host is signed), with the clock set."""
    start, end = map(int, message["sign_time"].split(";"))
    cos_auth.time = types.SimpleNamespace(time=lambda: start + SECONDS_BEFORE)
    credentials = message["credentials"]
    url = urlsplit(message["url"] if message["command"] == "presign" else "https://example.invalid")
    config = CosConfig(
        SecretId=credentials["secret_id"], SecretKey=credentials["secret_key"], Scheme=url.scheme, Domain=url.netloc)
    request = message["request"]
    if not request["path"].startswith("/"):
        raise Inexpressible("the SDK puts a slash before every key")
    params = dictionary(request["params"], message.get("signed_param_names"))
    headers = dictionary(request["headers"], message.get("signed_header_names"))
    expire = end - start - SECONDS_BEFORE
    return CosS3Client(config), params, headers, expire, any(name.lower() == "host" for name in headers)


def dictionary(pairs, names):
    wanted = [pair for pair in pairs if names is None or pair[0].lower() in {name.lower() for name in names}]
    if len({name for name, _ in wanted}) < len(wanted):
        raise Inexpressible("the SDK takes dictionaries: no name twice")
    return {name: value or "" for name, value in wanted}


def sign(message):
    request = message["request"]
    client, params, headers, expire, sign_host = prepared(message)
    signer = cos_auth.CosS3Auth(client.get_conf(), request["path"], params, expire, sign_host)
    outgoing = types.SimpleNamespace(method=request["method"], url="https://example.invalid/", headers=headers)
    authorization = signer(outgoing).headers["Authorization"]
    fields = dict(field.split("=", 1) for field in authorization.split("&"))
    return {"stages": {"authorization": authorization, **{FIELDS[name]: fields[name] for name in FIELDS}}}


def presign(message):
    request = message["request"]
    if message.get("signed_param_names") is not None:
        raise Inexpressible("the SDK signs every parameter of a URL")
    client, params, headers, expire, sign_host = prepared(message)
    return {"url": client.get_presigned_url("bucket", request["path"], request["method"], expire, params, headers,
                                            SignHost=sign_host)}


def hello(message):
    return {"protocol": 1, "name": "cos-python-sdk-v5", "version": version("cos-python-sdk-v5"),
            "language": f"Python {sys.version.split()[0]}", "commands": ["sign", "presign", "call"],
            "chooses": ["headers", "times", "delivery"]}


COMMANDS = {"hello": hello, "sign": sign, "presign": presign, "call": calls.call}


def main():
    sys.stdin.reconfigure(encoding="utf-8", newline="\n")
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    for line in sys.stdin:
        message = json.loads(line)
        command = COMMANDS.get(message.get("command"))
        try:
            answer = command(message) if command else {"skipped": f"no command '{message.get('command')}'"}
        except Inexpressible as reason:
            answer = {"skipped": str(reason)}
        except CosClientError as refusal:
            answer = {"error": str(refusal)}
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            answer = {"error": f"{type(fault).__name__}: {fault}"}
        print(json.dumps({"id": message["id"], **answer}, ensure_ascii=False), flush=True)


main()
