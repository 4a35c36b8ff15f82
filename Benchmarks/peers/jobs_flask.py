"""The job API on Flask and waitress: the independent server's operations and signatures behind Flask's routing.

Prints its address and runs until it is ended. The key pair comes from the environment, as that server's does.
"""
import itertools
import os
import socket
import sys
import time

sys.path.insert(0, sys.argv[1])
import qsign
from documents import answer
from flask import Flask, Response, request
from jobs import Objects, Store
from operations import perform
from refusal import Refusal
from server import HOST
from waitress import create_server

app = Flask(__name__)
store = Store(Objects(sys.argv[2]), 0.9, 0.05)
keys = {os.environ["CISPEC_SECRET_ID"]: os.environ["CISPEC_SECRET_KEY"]}
sequence = itertools.count(1)


@app.route("/<path:_>", methods=["GET", "POST", "PUT"])
def respond(_):
    now, number = time.time(), f"{next(sequence):x}"
    path, _, query = request.environ["REQUEST_URI"].encode("latin-1").partition(b"?")
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.items()]
    try:
        host = HOST.fullmatch(request.headers.get("Host", ""))
        if host is None:
            raise Refusal("InvalidHost", "Host is not BUCKET.ci.REGION.myqcloud.com.")
        qsign.check(request.method, path, query, headers, keys, now)
        parameters = {name.decode(): value.decode() for name, value in qsign.query_pairs(query)}
        status, body = perform(
            store, host[1], host[2], request.method, qsign.decoded(path).decode(), parameters, request.get_data(),
            number, now)
    except Refusal as refusal:
        status, body = refusal.status, answer("Error", {"Code": refusal.code, "Message": refusal.message})
    return Response(body, status, {"x-ci-request-id": number}, content_type="application/xml")


listener = socket.create_server(("127.0.0.1", 0))
print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
create_server(app, sockets=[listener], threads=4).run()
