#!/usr/bin/env python3
"""A day of jobs on the emulator's clock: `day.py CISPEC [JOBS] [STATE-FILE]`.

Sends JOBS submits (100,000 unless given), spread evenly over 24 hours of a clock that stands between them, and prints the
memory of the server after each tenth, and how many jobs it accepted in a second.
"""
import hashlib
import hmac
import http.client
import json
import os
import re
import subprocess
import sys
import time

HOST = "examplebucket-1250000000.ci.ap-chongqing.myqcloud.com"
START = 1658073600  # 2022-07-18T00:00:00+0800
KEY = ("AKIDcispecFakeSecretId0000000000", "cispecFakeSecretKey0000000000000")
BODY = (
    "<Request><Tag>FileHashCode</Tag><Input><Object>input/%d.mp4</Object></Input><Operation><FileHashCodeConfig>"
    "<Type>MD5</Type></FileHashCodeConfig><UserData>job %d of the day</UserData></Operation></Request>")


def authorization(method: str, path: str) -> str:
    """One signature for the whole day: it covers method, path and Host."""
    def mac(key: bytes, text: str) -> str:
        return hmac.new(key, text.encode(), hashlib.sha1).hexdigest()
    span = f"{START - 60};{START + 90000}"
    text = f"{method}\n{path}\n\nhost={HOST}\n"
    to_sign = f"sha1\n{span}\n{hashlib.sha1(text.encode()).hexdigest()}\n"
    signature = mac(mac(KEY[1].encode(), span).encode(), to_sign)
    return (f"q-sign-algorithm=sha1&q-ak={KEY[0]}&q-sign-time={span}&q-key-time={span}"
            f"&q-header-list=host&q-url-param-list=&q-signature={signature}")


def resident(pid: int) -> float:
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024


def main(cispec: str, jobs: int = 100_000, *state: str) -> int:
    server = subprocess.Popen(
        [cispec, "serve", "--port", "0", "--quiet", "--no-callbacks", "--now", "2022-07-18T00:00:00+0800", "--speed", "0"]
        + [word for file in state for word in ("--state", file)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={key: value for key, value in os.environ.items() if not key.startswith("CISPEC_") or key == "CISPEC_DATA"})
    try:
        port = int(server.stdout.readline().rsplit(":", 1)[1])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Host": HOST, "Content-Type": "application/xml", "Authorization": authorization("post", "/file_jobs")}
        begin = time.monotonic()
        print(f"{'jobs':>8} {'clock':>8} {'MiB':>7}")
        print(f"{0:>8} {'0 h':>8} {resident(server.pid):>7.1f}")
        for number in range(1, jobs + 1):
            connection.request("POST", "/file_jobs", BODY % (number, number), headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                print(f"job {number}: {answer.status} {text.decode()}", file=sys.stderr)
                return 1
            if number % 100 == 0:
                connection.request("POST", f"/.cispec/clock?advance={8640000 / jobs}", headers={"Host": "127.0.0.1"})
                clock = json.loads(connection.getresponse().read())
            if number % (jobs // 10) == 0:
                print(f"{number:>8} {(clock['seconds'] - START) / 3600:>6.1f} h {resident(server.pid):>7.1f}")
        print(f"{jobs / (time.monotonic() - begin):.0f} jobs a second, one connection")
        return 0
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *[int(word) for word in sys.argv[2:3]], *sys.argv[3:4]))
