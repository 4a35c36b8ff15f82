"""A client of the job API in Python's standard library: what `call` of the adapter protocol asks for."""

import http.client
import xml.etree.ElementTree as ElementTree
from urllib.parse import quote
from xml.sax.saxutils import escape

# operation → method, path, and the parameters that it always has
OPERATIONS = {
    "file-jobs.submit": ("POST", "/file_jobs", []),
    "file-jobs.query": ("GET", "/file_jobs/<jobId>", []),
    "jobs.submit": ("POST", "/jobs", []),
    "jobs.query": ("GET", "/jobs/<jobId>", []),
    "jobs.list": ("GET", "/jobs", []),
    "jobs.cancel": ("PUT", "/jobs/<jobId>", [["cancel", ""]]),
    "batch-jobs.submit": ("POST", "/inventorytriggerjob", []),
    "batch-jobs.query": ("GET", "/inventorytriggerjob/<jobId>", []),
    "batch-jobs.list": ("GET", "/inventorytriggerjob", []),
    "batch-jobs.cancel": ("PUT", "/inventorytriggerjob/<jobId>", [["cancel", ""]]),
    "doc-jobs.submit": ("POST", "/doc_jobs", []),
    "doc-jobs.query": ("GET", "/doc_jobs/<jobId>", []),
    "doc-jobs.list": ("GET", "/doc_jobs", []),
    "queues.list": ("GET", "/queue", []),
    "queues.update": ("PUT", "/queue/<queueId>", []),
    "templates.create": ("POST", "/template", []),
    "templates.update": ("PUT", "/template/<templateId>", []),
    "workflows.trigger": ("POST", "/triggerworkflow", []),
    "objects.file-hash": ("GET", "/<Object>", [["ci-process", "filehash"]]),
}
SIGNED = ("content-type", "host", "x-ci-security-token", "x-cos-security-token")
SECONDS_OF_A_SIGNATURE = 600
TIMEOUT_SECONDS = 5
BODY_BYTES_MAX = 16 << 20


def call(message, authorization):
    """The answer to a message; `authorization` signs method, path, params and headers from one time to another."""
    if message["operation"] not in OPERATIONS:
        return {"skipped": f"no operation '{message['operation']}'"}
    method, path, params = request_line(message)
    body = document(message["arguments"]["body"]) if message["arguments"].get("body") is not None else b""
    headers = fields(message, method, body)
    now = message["now"]
    signed = [pair for pair in headers if pair[0].lower() in SIGNED]
    headers.append(("Authorization", authorization(
        method, path, params, signed, message["credentials"], f"{now};{now + SECONDS_OF_A_SIGNATURE}")))
    try:
        status, answer = send(message["endpoint"]["connect"], method, target(path, params), headers, body)
        return outcome(status, answer)
    except (OSError, http.client.HTTPException, ElementTree.ParseError, Unreadable) as fault:
        return {"failure": {"kind": "client", "name": type(fault).__name__, "message": str(fault)}}


class Unreadable(Exception):
    """An answer that is no document of the API."""


# The request

def request_line(message):
    """(method, decoded path, parameters)"""
    method, path, fixed = OPERATIONS[message["operation"]]
    for name, value in message["arguments"]["path"].items():
        path = path.replace(f"<{name}>", value)
    return method, path, fixed + message["arguments"]["query"]


def target(path, params):
    query = "&".join(f"{quote(name, safe='-._~')}={quote(value or '', safe='-._~')}" for name, value in params)
    return quote(path, safe="/-._~") + ("?" + query if query else "")


def fields(message, method, body):
    headers = [("Host", message["endpoint"]["host"])]
    if body:
        headers.append(("Content-Type", "application/xml"))
    if method != "GET":
        headers.append(("Content-Length", str(len(body))))
    if message["credentials"].get("token"):
        service = "cos" if message["operation"].startswith("objects.") else "ci"
        headers.append((f"x-{service}-security-token", message["credentials"]["token"]))
    return headers


def document(nodes):
    return ("<?xml version=\"1.0\" encoding=\"utf-8\"?><Request>" + inner(nodes) + "</Request>").encode()


def inner(value):
    """The content of an element: text, or its nodes; a list stands for a node several times."""
    if not isinstance(value, dict):
        return escape(value, {"\r": "&#13;"})
    return "".join(f"<{name}>{inner(one)}</{name}>" for name, node in value.items()
                   for one in (node if isinstance(node, list) else [node]))


def send(address, method, target, headers, body):
    """(status, body) of the answer."""
    connection = http.client.HTTPConnection(address, timeout=TIMEOUT_SECONDS)
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        content = response.read(BODY_BYTES_MAX)
        if response.length:  # what Content-Length announced and did not come
            raise http.client.IncompleteRead(content, response.length)
        return response.status, content
    finally:
        connection.close()


# The answer

def outcome(status, body):
    if status >= 300:
        return {"failure": {"kind": "service", "name": "Refused", "status": status, **error(body)}}
    return {"result": result(body)}


def result(body):
    """The nodes of an answer as dictionaries, lists and texts."""
    if not body:
        return None
    root = ElementTree.fromstring(body)
    if root.tag != "Response":
        raise Unreadable(f"the root is {root.tag}")
    return nodes(root)


def nodes(element):
    if not len(element):
        return element.text or ""
    shown = {}
    for child in element:
        shown.setdefault(child.tag, []).append(nodes(child))
    return {name: several if len(several) > 1 else several[0] for name, several in shown.items()}


def error(body):
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return {}
    names = {"Code": "code", "Message": "message", "RequestId": "request_id", "TraceId": "trace_id"}
    if root.tag != "Error":
        return {}
    return {names[child.tag]: child.text or "" for child in root if child.tag in names}
