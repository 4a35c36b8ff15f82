"""The ways to a server: TLS with a CA of one's own, another address, proxies of the environment, temporary credentials."""

import contextlib
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT, CISPEC = sys.argv[1:3]
FOREIGN = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [FOREIGN, os.path.join(FOREIGN, "independent-server")]

import qsign  # noqa: E402
from servers import KEYS, environment, started, write_objects  # noqa: E402

HOST = "bucket-1300000000.ci.ap-beijing.myqcloud.com"
# Some that only read: they are sent to a host that is not this machine, too.
CASES = [f"server/{kind}.query/ids/{case}" for kind in ("jobs", "file-jobs")
         for case in ("unknown", "two-unknown", "malformed", "markup", "eleven", "again")]
CASES += ["replay/file-jobs/query-unknown-id", "target/header/right"]
TOKEN = "canary-token-of-temporary-credentials"


class Relay:
    """Passes connections to a port of this machine, through TLS or as a proxy that is asked for tunnels, and keeps the bytes."""

    def __init__(self, upstream, context=None, proxies=False, refusal=None):
        self.upstream, self.context, self.proxies, self.refusal = upstream, context, proxies, refusal
        self.tunnels, self.received = [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with contextlib.suppress(OSError), client:
            if self.proxies:
                head = b""
                while b"\r\n\r\n" not in head:
                    piece = client.recv(4096)
                    if not piece:
                        return
                    head += piece
                self.tunnels.append(head.decode("latin-1"))
                if self.refusal:
                    return client.sendall(self.refusal)
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            if self.context:
                client = self.context.wrap_socket(client, server_side=True)
            with client, socket.create_connection(("127.0.0.1", self.upstream)) as server:
                back = threading.Thread(target=self.pass_on, args=(server, client, None), daemon=True)
                back.start()
                self.pass_on(client, server, self.received)
                back.join(10)

    @staticmethod
    def pass_on(source, sink, kept):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                if kept is not None:
                    kept.append(piece)
                sink.sendall(piece)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


def openssl(*words, folder):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def authority(folder, name):
    """A CA, and a certificate that it gives the host: files NAME-ca.pem, NAME.pem and NAME.key."""
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN=cispec test {name}",
            "-keyout", f"{name}-ca.key", "-out", f"{name}-ca.pem", folder=folder)
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={HOST}", "-keyout", f"{name}.key",
            "-out", f"{name}.csr", folder=folder)
    with open(os.path.join(folder, "names.cnf"), "w", encoding="ascii") as file:
        file.write(f"subjectAltName=DNS:{HOST}\n")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{name}-ca.pem", "-CAkey", f"{name}-ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", "names.cnf", "-out", f"{name}.pem", folder=folder)


class Outcome:
    def __init__(self, *words, **more):
        command = [CISPEC, "server", *(words[1:] or CASES), "--verbose", "--timeout", "10", *words[0]]
        process = subprocess.run(command, env=environment(**more), capture_output=True, text=True, timeout=60)
        self.code, self.text = process.returncode, process.stdout + process.stderr
        self.passed = len(re.findall("^ok ", process.stdout, re.MULTILINE))
        self.skipped = len(re.findall("^skipped ", process.stdout, re.MULTILINE))


class Ways(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.folder = cls.stack.enter_context(tempfile.TemporaryDirectory())
        url, _ = cls.stack.enter_context(started([CISPEC, "serve", "--port", "0", "--quiet"]))
        cls.upstream = int(url.rsplit(":", 1)[1])
        authority(cls.folder, "right")
        authority(cls.folder, "other")
        cls.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cls.context.load_cert_chain(cls.file("right.pem"), cls.file("right.key"))

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()

    @classmethod
    def file(cls, name):
        return os.path.join(cls.folder, name)

    def relay(self, **more):
        relay = Relay(self.upstream, **more)
        self.addCleanup(relay.listener.close)
        return relay

    def assertAll(self, outcome):
        self.assertEqual(outcome.code, 0, outcome.text)
        self.assertGreaterEqual(outcome.passed, 10, outcome.text)
        self.assertEqual(outcome.skipped, 0, outcome.text)

    # TLS

    def tls(self, *flags, host=HOST):
        relay = self.relay(context=self.context)
        return relay, Outcome(["--target", f"https://{host}", "--connect-to", f"127.0.0.1:{relay.port}", *flags])

    def test_a_certificate_of_the_given_ca_is_trusted(self):
        relay, outcome = self.tls("--ca", self.file("right-ca.pem"))
        self.assertAll(outcome)
        self.assertIn(f"Host: {HOST}\r\n".encode(), b"".join(relay.received))

    def test_no_other_certificate_is(self):
        with open(self.file("nonsense.pem"), "w", encoding="ascii") as file:
            file.write("no certificate\n")
        for name, flags, host in (
            ("the system's CAs", [], HOST),
            ("another CA", ["--ca", self.file("other-ca.pem")], HOST),
            ("another host", ["--ca", self.file("right-ca.pem")], HOST.replace("bucket", "other")),
            ("a file of no certificates", ["--ca", self.file("nonsense.pem")], HOST),
        ):
            with self.subTest(name):
                relay, outcome = self.tls(*flags, host=host)
                self.assertEqual(outcome.code, 4, outcome.text)
                self.assertEqual(outcome.passed, 0, outcome.text)
                self.assertIn("no secure connection", outcome.text)
                self.assertEqual(relay.received, [], "a request went out before the certificate was found wrong")

    def test_a_missing_file_of_certificates_is_said(self):
        _, outcome = self.tls("--ca", self.file("missing.pem"))
        self.assertEqual(outcome.code, 3, outcome.text)
        self.assertIn("missing.pem", outcome.text)

    def test_cases_of_raw_bytes_are_skipped_over_tls_and_say_why(self):
        relay = self.relay(context=self.context)
        outcome = Outcome(
            ["--target", f"https://{HOST}", "--connect-to", f"127.0.0.1:{relay.port}", "--ca", self.file("right-ca.pem")],
            "server/file-jobs.submit/states/submits-pipelined", "server/jobs.query/ids/unknown")
        self.assertEqual((outcome.code, outcome.passed, outcome.skipped), (0, 1, 1), outcome.text)

    def test_plain_http_where_tls_is_asked_for_ends_in_exit_code_4(self):
        outcome = Outcome(["--target", f"https://{HOST}", "--connect-to", f"127.0.0.1:{self.upstream}"])
        self.assertEqual(outcome.code, 4, outcome.text)
        self.assertIn("no secure connection", outcome.text)

    # Another address

    def test_the_connection_goes_where_connect_to_says_and_nothing_else_changes(self):
        relay = self.relay()
        for place in (f"127.0.0.1:{relay.port}", f"localhost:{relay.port}"):
            with self.subTest(place):
                relay.received.clear()
                self.assertAll(Outcome(["--target", f"http://{HOST}", "--connect-to", place]))
                hosts = set(re.findall(rb"\r\nHost: ([^\r]*)", b"".join(relay.received)))
                self.assertIn(HOST.encode(), hosts)
                self.assertFalse(any(b"127.0.0.1" in host or b"localhost" in host for host in hosts), hosts)

    # Proxies

    def test_a_proxy_of_the_environment_is_asked_for_a_tunnel(self):
        proxy = self.relay(proxies=True)
        outcome = Outcome(["--target", f"http://{HOST}"], http_proxy=f"http://user:canary-of-proxy@127.0.0.1:{proxy.port}")
        self.assertAll(outcome)
        self.assertTrue(all(line.startswith(f"CONNECT {HOST}:80 HTTP/1.1\r\n") for line in proxy.tunnels), proxy.tunnels)
        self.assertNotIn("canary-of-proxy", outcome.text)
        # The tunnel carries the request as it was signed, and the proxy's own fields stay outside.
        inside = b"".join(proxy.received)
        self.assertIn(b"GET /jobs/", inside)
        self.assertNotIn(b"Proxy-", inside)

    def test_tls_goes_through_the_tunnel(self):
        proxy = self.relay(proxies=True, context=self.context)
        outcome = Outcome(
            ["--target", f"https://{HOST}", "--ca", self.file("right-ca.pem")], https_proxy=f"http://127.0.0.1:{proxy.port}")
        self.assertAll(outcome)
        self.assertTrue(proxy.tunnels[0].startswith(f"CONNECT {HOST}:443 "), proxy.tunnels)

    def test_a_server_on_this_machine_is_asked_without_the_proxy(self):
        proxy = self.relay(proxies=True)
        self.assertAll(Outcome(["--target", f"http://127.0.0.1:{self.upstream}"], http_proxy=f"http://127.0.0.1:{proxy.port}"))
        self.assertEqual(proxy.tunnels, [])

    def test_no_proxy_is_asked_for_a_host_that_no_proxy_names(self):
        proxy = self.relay(proxies=True)
        host = HOST.replace("myqcloud.com", "invalid")
        outcome = Outcome(["--target", f"http://{host}"], http_proxy=f"http://127.0.0.1:{proxy.port}", no_proxy="invalid")
        self.assertEqual(outcome.code, 4, outcome.text)
        self.assertEqual(proxy.tunnels, [])

    def test_a_proxy_that_refuses_or_is_not_there_ends_in_exit_code_4(self):
        refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
        proxy = self.relay(proxies=True, refusal=refusal)
        gone = socket.create_server(("127.0.0.1", 0))
        port = gone.getsockname()[1]
        gone.close()
        for place in (proxy.port, port):
            outcome = Outcome(["--target", f"http://{HOST}"], http_proxy=f"http://127.0.0.1:{place}")
            self.assertEqual((outcome.code, outcome.passed), (4, 0), outcome.text)

    # Temporary credentials

    def requests(self, received):
        """(method, path, query, headers) of the requests without bodies in a stream of bytes."""
        for head in b"".join(received).split(b"\r\n\r\n"):
            start, *lines = head.split(b"\r\n")
            method, _, rest = start.partition(b" ")
            if method in (b"GET", b"PUT"):
                path, _, query = rest.rpartition(b" ")[0].partition(b"?")
                yield method, path, query, [tuple(line.split(b": ", 1)) for line in lines if b": " in line]

    def test_the_token_goes_with_every_signed_request_and_is_shown_nowhere(self):
        objects = self.file("objects")
        write_objects(ROOT, objects, by_bucket=False)
        url, _ = self.stack.enter_context(
            started([CISPEC, "serve", "--port", "0", "--quiet", "--objects", objects], CISPEC_TOKEN=TOKEN))
        relay = Relay(int(url.rsplit(":", 1)[1]))
        self.addCleanup(relay.listener.close)
        cases = ["server/*/signature/*", "server/objects.file-hash/lists"]
        outcome = Outcome(["--target", f"http://127.0.0.1:{relay.port}"], *cases, CISPEC_TOKEN=TOKEN)
        self.assertEqual(outcome.code, 0, outcome.text)
        self.assertNotIn(TOKEN, outcome.text)
        self.assertEqual(outcome.skipped, 0, outcome.text)
        names, unsigned = set(), 0
        for method, path, query, headers in self.requests(relay.received):
            fields = {name.lower(): value for name, value in headers}
            if not fields.get(b"authorization", b"").startswith(b"q-sign-algorithm"):
                continue
            name = b"x-cos-security-token" if b".cos." in fields[b"host"] else b"x-ci-security-token"
            self.assertEqual(fields.get(name), TOKEN.encode(), headers)
            names.add(name)
            listed = re.search(rb"q-header-list=([^&]*)", fields[b"authorization"])[1].split(b";")
            unsigned += name not in listed
            start = int(re.search(rb"q-sign-time=(\d+)", fields[b"authorization"])[1])
            # Another implementation finds the signatures right, but for those that are wrong on purpose.
            with contextlib.suppress(qsign.Refusal):
                qsign.check(method.decode(), path, query, headers, {KEYS["CISPEC_SECRET_ID"]: KEYS["CISPEC_SECRET_KEY"]}, start)
                names.add(b"verified")
        self.assertEqual(names, {b"x-ci-security-token", b"x-cos-security-token", b"verified"})
        self.assertGreaterEqual(unsigned, 2, "no request had a token that is not signed, as some SDKs send it")

    def test_without_a_token_the_server_refuses_temporary_credentials(self):
        url, _ = self.stack.enter_context(started([CISPEC, "serve", "--port", "0", "--quiet"], CISPEC_TOKEN=TOKEN))
        outcome = Outcome(["--target", url])
        self.assertEqual(outcome.code, 1, outcome.text)


unittest.main(argv=sys.argv[:1])
