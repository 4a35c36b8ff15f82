"""Tells the end of a job to the address that its request names, if that is on this machine."""

import json
import sys
import threading
import urllib.error
import urllib.request
from urllib.parse import urlsplit
from xml.etree import ElementTree

from documents import answer, text_at

NEAR = ("127.0.0.1", "::1", "localhost")


def schedule(root, job, now):
    """Has the callback of a job sent when the job ends. An address elsewhere is never called."""
    url = text_at(root, "CallBack")
    if not url or url == "no" or urlsplit(url).hostname not in NEAR:
        return
    is_json = text_at(root, "CallBackFormat") == "JSON"
    timer = threading.Timer(job.ends - now, send, (url, is_json, job))
    timer.daemon = True
    timer.start()


def send(url, is_json, job):
    document = answer("Response", {"EventName": "TaskFinish", "JobsDetail": job.node(job.ends)})
    body = json.dumps(value(ElementTree.fromstring(document))).encode() if is_json else document
    kind = "application/json" if is_json else "application/xml"
    request = urllib.request.Request(url, data=body, headers={"Content-Type": kind}, method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(request, timeout=5).close()
    except (urllib.error.URLError, OSError) as error:
        print(f"callback of {job.id}: {error}", file=sys.stderr)


def value(node):
    """A node in JSON: texts, what is empty left out, JobsDetail an object (as on the page of animations)."""
    if not len(node):
        return node.text or ""
    members = {}
    for child in node:
        content = value(child)
        if content in ("", {}):
            continue
        if child.tag in members:
            known = members[child.tag]
            members[child.tag] = (known if isinstance(known, list) else [known]) + [content]
        else:
            members[child.tag] = content
    return members
