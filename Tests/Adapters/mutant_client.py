"""The client of Adapters/python-stdlib with one mistake, named by the environment variable CISPEC_CLIENT_MUTANT.

Without the variable it makes no mistake. CISPEC_CLIENT_FAULT instead makes it crash or hang in its third call.
"""

import os
import pathlib
import sys
import time
from urllib.parse import quote

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "Adapters" / "python-stdlib"))
import adapter  # noqa: E402
import client  # noqa: E402

right = {name: getattr(client, name) for name in (
    "request_line", "fields", "document", "inner", "send", "outcome", "result", "nodes", "error", "target")}


def texts(change):
    """`nodes` with a change of every text; `change` gets the name of its element, too."""
    def nodes(element):
        if not len(element):
            return change(element.tag, element.text or "")
        return changed_nodes(element, nodes)
    return nodes


def changed_nodes(element, nodes, keep=lambda name: True):
    shown = {}
    for child in element:
        if keep(child.tag):
            shown.setdefault(child.tag, []).append(nodes(child))
    return {name: several if len(several) > 1 else several[0] for name, several in shown.items()}


def without_repetition(keep):
    def nodes(element):
        shown = right["nodes"](element)
        if isinstance(shown, dict):
            return {name: keep(name, value) for name, value in shown.items()}
        return shown
    return nodes


def only_known(element):
    unknown = {"QueueType", "Extra", "ServerRegion"}
    return changed_nodes(element, only_known, lambda name: name not in unknown) if len(element) else element.text or ""


def without_empty(element):
    return changed_nodes(element, without_empty, lambda name: name != "Message") if len(element) else element.text or ""


def wrong_path(message):
    method, path, params = right["request_line"](message)
    return method, path.replace("/file_jobs", "/file_job"), params


def without_flags(message):
    method, path, params = right["request_line"](message)
    return method, path, [pair for pair in params if pair[0] != "cancel"]


def with_type(message):
    method, path, params = right["request_line"](message)
    return method, path, params + ([["type", "Workflow"]] if "type" not in dict(params) else [])


def without_states(message):
    method, path, params = right["request_line"](message)
    return method, path, [pair for pair in params if pair[0] != "states"]


def without_header(name):
    def fields(message, method, body):
        return [pair for pair in right["fields"](message, method, body) if pair[0].lower() != name]
    return fields


def cos_host(message, method, body):
    return [(name, value.replace(".ci.", ".cos.")) for name, value in right["fields"](message, method, body)]


def swallowing(status, body):
    return right["outcome"](status, body) if status < 300 else {"result": None}


def redirect_is_success(status, body):
    return right["outcome"](status, body) if status < 300 or status >= 400 else {"result": None}


def faults_are_nothing(body):
    try:
        return right["result"](body)
    except (client.ElementTree.ParseError, client.Unreadable):
        return None


def any_root(body):
    return right["nodes"](client.ElementTree.fromstring(body)) if body else None


def code_needs_resource(body):
    return right["error"](body) if b"<Resource>" in body else {}


def last_code(body):
    told = right["error"](body)
    codes = [one.text for one in client.ElementTree.fromstring(body).iter("Code")] if told else []
    return {**told, "code": codes[-1]} if codes else told


def no_request_id(body):
    return {name: value for name, value in right["error"](body).items() if name != "request_id"}


def without_status(status, body):
    told = right["outcome"](status, body)
    told.get("failure", {}).pop("status", None)
    return told


def again_after_refusal(*request):
    status, body = right["send"](*request)
    return right["send"](*request) if 400 <= status < 500 else (status, body)


def length_ignored(address, method, target, headers, body):
    try:
        return right["send"](address, method, target, headers, body)
    except client.http.client.IncompleteRead as fault:
        return 200, fault.partial


def again_without_body(address, method, target, headers, body):
    status, answer = right["send"](address, method, target, headers, body)
    if status < 500:
        return status, answer
    headers = [pair for pair in headers if pair[0] != "Content-Length"] + [("Content-Length", "0")]
    return right["send"](address, method, target, headers, b"")


def unescaped(value):
    return value if isinstance(value, str) else right["inner"](value)


def with_empty_node(nodes):
    return right["document"]({"QueueId": "", **nodes})


def without_user_data(nodes):
    operation = {name: value for name, value in nodes.get("Operation", {}).items() if name != "UserData"}
    return right["document"]({**nodes, "Operation": operation})


def lower_type(nodes):
    return right["document"](nodes).replace(b">MD5<", b">md5<")


def unsigned_host(method, path, params, headers, credentials, time):
    return adapter_authorization(method, path, params, [one for one in headers if one[0] != "Host"], credentials, time)


def encoded_path(method, path, params, headers, credentials, time):
    return adapter_authorization(method, quote(path), params, headers, credentials, time)


def raw_query(path, params):
    return right["target"](path, []) + "".join(
        ("&" if index else "?") + f"{name}={quote(value or '', safe='-._~+&=/')}"
        for index, (name, value) in enumerate(params))


def expired(method, path, params, headers, credentials, time):
    return adapter_authorization(method, path, params, headers, credentials, "1600000000;1600000600")


def as_number(name, text):
    return float(text) if name == "FileSize" else text


adapter_authorization = adapter.authorization
# mutant → what is put in the place of which function
MUTANTS = {
    "later-jobs-lost": ("nodes", without_repetition(
        lambda name, value: value[0] if name == "JobsDetail" and isinstance(value, list) else value)),
    "later-unknown-ids-lost": ("nodes", without_repetition(
        lambda name, value: value[-1] if name == "NonExistJobIds" and isinstance(value, list) else value)),
    "unknown-nodes-lost": ("nodes", only_known),
    "message-lost": ("nodes", without_empty),
    "etag-quotes-trimmed": ("nodes", texts(lambda name, text: text.strip('"') if name == "Etag" else text)),
    "blanks-trimmed": ("nodes", texts(lambda name, text: text.strip())),
    "dash-is-nothing": ("nodes", texts(lambda name, text: "" if text == "-" else text)),
    "sizes-as-doubles": ("nodes", texts(as_number)),
    "numbers-guessed": ("nodes", texts(lambda name, text: int(text) if text.isdigit() and len(text) < 9 else text)),
    "errors-swallowed": ("outcome", swallowing),
    "redirects-swallowed": ("outcome", redirect_is_success),
    "faults-swallowed": ("result", faults_are_nothing),
    "any-root": ("result", any_root),
    "code-needs-resource": ("error", code_needs_resource),
    "inner-code": ("error", last_code),
    "request-id-lost": ("error", no_request_id),
    "status-lost": ("outcome", without_status),
    "again-after-refusal": ("send", again_after_refusal),
    "again-without-body": ("send", again_without_body),
    "length-ignored": ("send", length_ignored),
    "wrong-path": ("request_line", wrong_path),
    "no-cancel": ("request_line", without_flags),
    "type-added": ("request_line", with_type),
    "states-lost": ("request_line", without_states),
    "no-content-type": ("fields", without_header("content-type")),
    "no-token": ("fields", without_header("x-ci-security-token")),
    "cos-host": ("fields", cos_host),
    "unescaped-text": ("inner", unescaped),
    "empty-node-added": ("document", with_empty_node),
    "user-data-lost": ("document", without_user_data),
    "type-in-small-letters": ("document", lower_type),
    "unencoded-query": ("target", raw_query),
    "host-unsigned": ("authorization", unsigned_host),
    "encoded-path-signed": ("authorization", encoded_path),
    "expired": ("authorization", expired),
}


def going_wrong(fault, calls=[0]):
    def send(*request):
        calls[0] += 1
        answer = right["send"](*request)
        if calls[0] == 3 and fault == "crash":
            os._exit(3)
        if calls[0] == 3:
            time.sleep(60)
        return answer
    return send


def main():
    if "CISPEC_CLIENT_FAULT" in os.environ:
        client.send = going_wrong(os.environ["CISPEC_CLIENT_FAULT"])
        return adapter.main()
    if "CISPEC_CLIENT_MUTANT" in os.environ:
        name, replacement = MUTANTS[os.environ["CISPEC_CLIENT_MUTANT"]]
        setattr(adapter if name == "authorization" else client, name, replacement)
    adapter.main()


if __name__ == "__main__":
    main()
