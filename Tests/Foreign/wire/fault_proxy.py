"""A proxy that spoils answers on the wire: each fault is a function that writes what the client gets instead.

`python3 fault_proxy.py FAULT UPSTREAM-URL` runs one by itself; FAULTS lists them.
"""

import itertools
import socket
import struct
import sys
import threading
import time
from urllib.parse import urlsplit

PIECE = 4096


class Closed(Exception):
    """The fault has ended the connection, or the client has gone."""


class Answer:
    """What the upstream said: the head with its empty line, and the body."""

    def __init__(self, head, body):
        self.head, self.body = head, body

    def with_length(self, length):
        lines = self.head.split(b"\r\n")
        return b"\r\n".join(
            b"Content-Length: %d" % length if line.lower().startswith(b"content-length:") else line for line in lines)

    def without_length(self, more=b""):
        lines = [line for line in self.head.split(b"\r\n") if not line.lower().startswith(b"content-length:")]
        return b"\r\n".join(lines[:-2]) + b"\r\n" + more + b"\r\n"


def reset(client):
    """Ends the connection with RST: what was sent may be lost, and nothing more comes."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise Closed


def end(client):
    raise Closed


# Lets the bytes reach the client before a reset takes them back.
PAUSE = 0.05


def sent(client, data, then=end):
    client.sendall(data)
    time.sleep(PAUSE)
    then(client)


def endless(client, piece, pause=0.0):
    while True:
        client.sendall(piece)
        if pause:
            time.sleep(pause)


def trickle(client, answer):
    for byte in answer.head + answer.body:
        client.sendall(bytes([byte]))
        time.sleep(0.05)


def late(client, answer):
    time.sleep(3)
    client.sendall(answer.head + answer.body)


def twice(client, answer):
    client.sendall((answer.head + answer.body) * 2)


def twice_later(client, answer):
    client.sendall(answer.head + answer.body)
    time.sleep(0.02)
    client.sendall(answer.head + answer.body)


HALF = b"HTTP/1.1 200 OK\r\nContent-"
STATUS_LINE = b"HTTP/1.1 200 OK\r\n"
UNAVAILABLE = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<html>Later.</html>\n")

# Name: what the client gets. A fault that returns keeps the connection.
FAULTS = {
    "none": lambda client, answer: client.sendall(answer.head + answer.body),
    "slow-first-byte": late,
    "trickle": trickle,
    "reset-after-request": lambda client, answer: reset(client),
    "reset-in-head": lambda client, answer: sent(client, HALF, reset),
    "reset-after-head": lambda client, answer: sent(client, answer.head, reset),
    "reset-in-body": lambda client, answer: sent(client, answer.head + answer.body[:len(answer.body) // 2], reset),
    "close-after-request": lambda client, answer: end(client),
    "close-in-head": lambda client, answer: sent(client, HALF),
    "close-after-head": lambda client, answer: sent(client, answer.head),
    "half-body": lambda client, answer: sent(client, answer.head + answer.body[:len(answer.body) // 2]),
    "half-body-of-its-length": lambda client, answer: client.sendall(
        answer.with_length(len(answer.body) // 2) + answer.body[:len(answer.body) // 2]),
    "length-too-short": lambda client, answer: sent(client, answer.with_length(len(answer.body) - 5) + answer.body),
    "length-too-long": lambda client, answer: sent(client, answer.with_length(len(answer.body) + 5) + answer.body),
    "length-zero": lambda client, answer: sent(client, answer.with_length(0) + answer.body),
    "length-negative": lambda client, answer: sent(client, answer.with_length(-1) + answer.body),
    "length-huge": lambda client, answer: sent(client, answer.with_length(10 ** 30) + answer.body),
    "length-no-number": lambda client, answer: sent(
        client, answer.without_length(b"Content-Length: many\r\n") + answer.body),
    "two-lengths": lambda client, answer: sent(
        client, answer.with_length(len(answer.body)).replace(b"\r\n", b"\r\nContent-Length: 7\r\n", 1) + answer.body),
    "twice": twice,
    "twice-later": twice_later,
    "chunk-without-end": lambda client, answer: sent(
        client, answer.without_length(b"Transfer-Encoding: chunked\r\n") + b"%x\r\n" % len(answer.body) + answer.body),
    "chunk-of-no-size": lambda client, answer: sent(
        client, answer.without_length(b"Transfer-Encoding: chunked\r\n") + b"zz\r\n" + answer.body),
    "unavailable": lambda client, answer: client.sendall(UNAVAILABLE),
    "garbage": lambda client, answer: sent(client, b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "binary-garbage": lambda client, answer: sent(client, bytes(range(256)) * 16),
    "tls-alert": lambda client, answer: sent(client, b"\x15\x03\x01\x00\x02\x02\x46"),
    "body-alone": lambda client, answer: sent(client, answer.body or b"<Response/>"),
    "status-of-two-digits": lambda client, answer: sent(client, answer.head[:11] + answer.head[12:] + answer.body),
    "nul-in-head": lambda client, answer: sent(
        client, answer.head.replace(b"\r\n", b"\r\nX-A: a\0b\r\n", 1) + answer.body),
    "switching-protocols": lambda client, answer: sent(
        client, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: none\r\nConnection: Upgrade\r\n\r\n" + answer.body),
    "endless-head": lambda client, answer: (client.sendall(STATUS_LINE), endless(client, b"A: b\r\n" * 100)),
    "endless-line": lambda client, answer: (client.sendall(STATUS_LINE + b"A: "), endless(client, b"b" * PIECE)),
    "endless-interim-answers": lambda client, answer: endless(client, b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "endless-body": lambda client, answer: (
        client.sendall(answer.without_length()), endless(client, b" " * (16 * PIECE))),
    "endless-chunks": lambda client, answer: (
        client.sendall(answer.without_length(b"Transfer-Encoding: chunked\r\n")),
        endless(client, b"1000\r\n" + b" " * 4096 + b"\r\n")),
    "endless-slow-body": lambda client, answer: (client.sendall(answer.without_length()), endless(client, b" ", 0.1)),
}


class FaultProxy:
    """Listens on a free port of this machine. `spoils(n)` says whether the n-th exchange, from 0, gets the fault."""

    def __init__(self, fault, upstream, spoils=lambda number: True):
        self.fault = fault
        self.upstream = urlsplit(upstream)
        self.spoils = spoils
        self.numbers = itertools.count()
        self.exchanges = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.listen, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # The thread in accept() would keep the port open.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def listen(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.converse, args=(client,), daemon=True).start()

    def converse(self, client):
        server = None
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.fault == "reset-before-request":
                reset(client)
            server = socket.create_connection((self.upstream.hostname, self.upstream.port), 10)
            incoming, outgoing = client.makefile("rb"), server.makefile("rb")
            with incoming, outgoing:
                while True:
                    server.sendall(message(incoming))
                    head, body = split(message(outgoing))
                    self.exchanges += 1
                    fault = self.fault if self.spoils(next(self.numbers)) else "none"
                    FAULTS[fault](client, Answer(head, body))
        except (Closed, OSError):
            pass
        finally:
            client.close()
            if server:
                server.close()


def message(stream):
    """One message with a length, or without a body."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline(1 << 16)
        if not line:
            raise Closed
        head += line
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return head + stream.read(length)


def split(data):
    head, mark, body = data.partition(b"\r\n\r\n")
    return head + mark, body


def main():
    with FaultProxy(sys.argv[1], sys.argv[2]) as proxy:
        print(proxy.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
