"""A small server of the job API on the standard library alone, written from the documentation.

It shares no code and no data with the kit's emulator, so each is a test of the other. README.md says what it does.
"""

import argparse
import base64
import hashlib
import http.server
import itertools
import os
import re
import sys
import time
from email.utils import formatdate

import qsign
from documents import answer
from jobs import Objects, Store
from operations import perform
from refusal import Refusal

BODY_BYTES_MAX = 1 << 20
HOST = re.compile(r"([a-z0-9-]+-[0-9]+)\.ci\.([a-z0-9-]+)\.(?:myqcloud\.com|tencentcos\.cn)(?::[0-9]+)?")


class Clock:
    """Starts at a given time, or at the present one, and runs on."""

    def __init__(self, start):
        self.ahead = 0 if start is None else start - time.time()

    def now(self):
        return time.time() + self.ahead


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    # The head and the body of an answer are two writes; the second must not wait for the acknowledgement of the first.
    disable_nagle_algorithm = True
    store = clock = keys = None
    sequence = itertools.count(1)

    def respond(self):
        self.now = self.clock.now()
        parts = f"{int(self.now):x}_100007f_{os.getpid():x}_{next(self.sequence):x}"
        self.request_id = base64.b64encode(parts.encode()).decode()
        target = self.requestline.split(" ")[1].encode("latin-1")
        path, _, query = target.partition(b"?")
        try:
            status, body = self.result(path, query)
        except Refusal as refusal:
            status, body = refusal.status, self.error_document(refusal, path)
        except Exception as error:
            print(f"{self.requestline}: {error!r}", file=sys.stderr)
            status, body = 500, self.error_document(Refusal("InternalError", "The server failed."), path)
        self.send(status, body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = respond

    def result(self, path, query):
        body = self.body()
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        host = HOST.fullmatch(self.headers.get("Host", ""))
        if host is None:
            raise Refusal("InvalidHost", "Host is not BUCKET.ci.REGION.myqcloud.com.")
        qsign.check(self.command, path, query, headers, self.keys, self.now)
        digest = self.headers.get("Content-MD5")
        if digest and digest != base64.b64encode(hashlib.md5(body).digest()).decode():
            raise Refusal("InvalidContent", "Content-MD5 is not that of the body.")
        parameters = {name.decode("utf-8", "replace"): value.decode("utf-8", "replace")
                      for name, value in qsign.query_pairs(query)}
        path = qsign.decoded(path).decode("utf-8", "replace")
        return perform(
            self.store, host[1], host[2], self.command, path, parameters, body, self.request_id, self.now)

    def body(self):
        """The whole body, so that the connection can be used again; it is closed when the body stays unread."""
        try:
            if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
                return self.chunks()
            length = self.headers.get("Content-Length")
            if length is None:
                if self.command in ("POST", "PUT"):
                    raise Refusal("MissingContentLength", "The request says no length.")
                return b""
            if not re.fullmatch("[0-9]{1,15}", length):
                raise Refusal("InvalidArgument", "Content-Length is not a number.")
            self.check_size(int(length))
            return self.read(int(length))
        except Refusal:
            self.close_connection = True
            raise

    def chunks(self):
        body = b""
        while True:
            size = self.rfile.readline(1024).split(b";")[0].strip()
            if not re.fullmatch(b"[0-9A-Fa-f]{1,8}", size):
                raise Refusal("InvalidContent", "A chunk has no size.")
            self.check_size(len(body) + int(size, 16))
            if int(size, 16) == 0:
                break
            body += self.read(int(size, 16))
            self.rfile.readline(1024)
        while self.rfile.readline(1024).strip():
            pass
        return body

    def read(self, size):
        data = self.rfile.read(size)
        if len(data) < size:
            raise Refusal("InvalidContent", "The body is shorter than its length.")
        return data

    @staticmethod
    def check_size(size):
        if size > BODY_BYTES_MAX:
            raise Refusal("InvalidContent", "The body is too large.", status=413)

    def error_document(self, refusal, path):
        return answer("Error", {
            "Code": refusal.code,
            "Message": refusal.message,
            # One SDK reads no error that lacks it.
            "Resource": qsign.decoded(path).decode("utf-8", "replace"),
            "RequestId": self.request_id,
            "TraceId": self.trace_id(),
        })

    def trace_id(self):
        return base64.b64encode(f"trace_{self.request_id}".encode()).decode()

    def send(self, status, body):
        self.send_response_only(status)
        self.send_header("Date", formatdate(self.now, usegmt=True))
        if body:
            self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close" if self.close_connection else "keep-alive")
        self.send_header("Server", "tencent-ci")
        self.send_header("x-ci-request-id", self.request_id)
        if status >= 400:
            self.send_header("x-ci-trace-id", self.trace_id())
        self.end_headers()
        if self.command != "HEAD":
            try:
                self.wfile.write(body)
            except ConnectionError:
                self.close_connection = True  # whoever asked has gone

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--now", type=float, help="the time its clock starts at, in Unix seconds; the present one")
    parser.add_argument("--objects", help="a folder with a folder for each bucket, which holds its objects")
    parser.add_argument("--waiting-seconds", type=float, default=0.9, help="how long a job waits")
    parser.add_argument("--running-seconds", type=float, default=0.05, help="how long a job runs")
    arguments = parser.parse_args()
    try:
        Handler.keys = {os.environ["CISPEC_SECRET_ID"]: os.environ["CISPEC_SECRET_KEY"]}
    except KeyError as name:
        sys.exit(f"{name.args[0]} is not set: the key pair whose signatures count")
    Handler.clock = Clock(arguments.now)
    Handler.store = Store(Objects(arguments.objects), arguments.waiting_seconds, arguments.running_seconds)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
