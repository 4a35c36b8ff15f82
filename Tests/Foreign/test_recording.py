"""Secrets planted in traffic through the recorder, searched for in what it wrote with Python's own decoders."""

import base64
import glob
import html
import http.client
import http.server
import json
import os
import re
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

import jsonschema

ROOT, CISPEC = sys.argv[1], sys.argv[2]

SECRET_ID = "AKIDcanaryOfPython0123456789abcd"
SECRET_KEY = "canaryKeyOfPython0123456789+/xyz"
BUCKET = "canary-python-1256443322"
SECRETS = [SECRET_ID, SECRET_KEY, BUCKET, "1256443322", "canary-python"]

WRITINGS = {
    "plain": lambda text: text,
    "percent": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "percent twice": lambda text: urllib.parse.quote("".join(f"%{byte:02X}" for byte in text.encode())),
    "xml": lambda text: "".join(f"&#{byte};" for byte in text.encode()),
    "json": lambda text: "".join(f"\\u{byte:04x}" for byte in text.encode()),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 inside": lambda text: base64.b64encode(f"user:{text}!".encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(f"??>{text}".encode()).decode().rstrip("="),
    "hex": lambda text: text.encode().hex(),
    "hex in capitals": lambda text: text.encode().hex().upper(),
}


def readings(text):
    yield urllib.parse.unquote(text)
    yield html.unescape(text)
    yield re.sub(r"\\u([0-9A-Fa-f]{4})", lambda match: chr(int(match[1], 16)), text)
    for run in re.findall(r"[A-Za-z0-9+/_-]{8,}", text):
        for shift in range(4):
            digits = run[shift:].replace("-", "+").replace("_", "/")
            digits = digits[:-1] if len(digits) % 4 == 1 else digits
            yield base64.b64decode(digits + "=" * (-len(digits) % 4)).decode("latin-1")
    for run in re.findall(r"[0-9A-Fa-f]{16,}", text):
        for shift in range(2):
            digits = run[shift:]
            yield bytes.fromhex(digits[:len(digits) // 2 * 2]).decode("latin-1")


def found(text):
    """The secrets that can be read out of a text, three codings deep."""
    seen, new = {text}, [text]
    for _ in range(3):
        new = [reading for text in new for reading in readings(text)
               if re.search(r"[ -~]{8}", reading) and not (reading in seen or seen.add(reading))]
    return sorted({secret for secret in SECRETS for text in seen if secret.lower() in text.lower()})


class Upstream(http.server.BaseHTTPRequestHandler):
    """Answers with what the request's body says, in its body and in a header."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        told = self.rfile.read(int(self.headers["Content-Length"]))
        body = b"<Response><JobsDetail><Message>" + told[9:-10] + b"</Message></JobsDetail></Response>"
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("X-Note", self.headers["X-Note"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Recording(unittest.TestCase):
    environment = {**os.environ, "CISPEC_SECRET_ID": SECRET_ID, "CISPEC_SECRET_KEY": SECRET_KEY}

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
        self.addCleanup(self.server.server_close)

    def serve(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.shutdown)

    def record(self, upstream, requests, *flags):
        """Sends the requests through the recorder: its exit code, and the answers' states."""
        recorder = subprocess.Popen(
            [CISPEC, "record", "--upstream", upstream, "--out", os.path.join(self.folder, "out"), "--until",
             str(len(requests)), *flags], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        port = int(recorder.stdout.readline().rsplit(":", 1)[1])
        states = []
        for target, headers, body in requests:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("POST", target, body, headers)
            states.append(connection.getresponse().status)
            connection.close()
        self.output, self.errors = recorder.communicate(timeout=60)
        return recorder.returncode, states

    def written(self):
        texts = {}
        for path in glob.glob(os.path.join(self.folder, "out", "*")):
            with open(path, encoding="utf-8", newline="") as file:
                texts[os.path.basename(path)] = file.read()
        return texts

    def test_the_search_finds_what_is_planted(self):
        for name, write in WRITINGS.items():
            for secret in SECRETS:
                with self.subTest(name, secret=secret):
                    self.assertIn(secret, found(f"<a>{write(secret)}</a>"))

    def test_nothing_that_was_planted_is_written(self):
        self.serve()
        requests = []
        for write in WRITINGS.values():
            planted = " ".join(write(secret) for secret in SECRETS)
            authorization = (
                f"q-sign-algorithm=sha1&q-ak={SECRET_ID}&q-sign-time=1700000000;1700000900&"
                f"q-key-time=1700000000;1700000900&q-header-list=host&q-url-param-list=x&q-signature={'ab' * 20}")
            requests.append((
                "/file_jobs?x=" + urllib.parse.quote(planted, safe="%"),
                {"Host": f"{BUCKET}.ci.ap-chongqing.myqcloud.com", "X-Note": planted, "Authorization": authorization},
                f"<Request>{planted}</Request>".encode()))
        code, states = self.record(f"http://127.0.0.1:{self.server.server_port}", requests)
        self.assertEqual((code, states), (0, [200] * len(requests)), self.output + self.errors)
        files = self.written()
        self.assertEqual(len(files), 2 * len(requests) + 1)
        for name, text in files.items():
            with self.subTest(name):
                self.assertEqual(found(text), [])
        with open(os.path.join(ROOT, "Exchanges", "scenario.schema.json"), encoding="utf-8") as file:
            validator = jsonschema.Draft202012Validator(json.load(file))
        self.assertEqual([error.message for error in validator.iter_errors(json.loads(files["scenario.json"]))], [])

    def test_the_certificate_of_an_upstream_is_verified(self):
        key, certificate = (os.path.join(self.folder, name) for name in ("key.pem", "certificate.pem"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days",
             "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.serve()
        upstream = f"https://127.0.0.1:{self.server.server_port}"
        request = ("/file_jobs", {"Host": "test-1234567890.ci.ap-chongqing.myqcloud.com", "X-Note": "n"},
                   b"<Request>u</Request>")
        code, states = self.record(upstream, [request])
        self.assertEqual((code, states), (4, [502]), self.errors)
        self.assertIn("no secure connection", self.errors)
        code, states = self.record(upstream, [request], "--ca", certificate)
        self.assertEqual((code, states), (0, [200]), self.output + self.errors)


if __name__ == "__main__":
    program = unittest.main(argv=sys.argv[:1], exit=False, verbosity=0)
    failed = len(program.result.failures) + len(program.result.errors)
    print(f"recording: {program.result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
