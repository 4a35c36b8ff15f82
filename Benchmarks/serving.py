"""The emulator under wrk beside a bare libmicrohttpd and the same API on Flask: requests a second, in turn, as ratios."""

import http.client
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT, OUT = sys.argv[1], sys.argv[2]
PREFIX = os.environ.get("PREFIX", "").split()
ROUNDS, SECONDS = int(os.environ.get("ROUNDS", "7")), os.environ.get("SECONDS_EACH", "2")
CISPEC, PYTHON, PEERS = f"{ROOT}/.build/release/cispec", f"{OUT}/python/bin/python", f"{ROOT}/Benchmarks/peers"
sys.path.insert(0, f"{ROOT}/Vectors/tools")
import qsign  # noqa: E402

KEY = ("AKIDcispecFakeSecretId0000000000", "cispecFakeSecretKey0000000000000")
HOST = "test-1250000000.ci.ap-chongqing.myqcloud.com"
SUBMIT = ("<Request><Tag>FileHashCode</Tag><Input><Object>input.xml</Object></Input><Operation><FileHashCodeConfig>"
          "<Type>MD5</Type></FileHashCodeConfig><UserData>{}</UserData></Operation></Request>")
QUERIES_PER_SUBMIT = 9
SPAN = f"{int(time.time()) - 60};{int(time.time()) + 7200}"


def signed(method, path, body=""):
    headers = [("host", HOST)] + ([("content-type", "application/xml")] if body else [])
    return qsign.stages(method, path, [], headers, *KEY, SPAN)["authorization"]


def send(url, method, path, body=""):
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    headers = {"Host": HOST, "Authorization": signed(method, path, body)}
    if body:
        headers["Content-Type"] = "application/xml"
    connection.request(method, path, body or None, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status != 200:
        sys.exit(f"{method} {path}: {answer.status} {content.decode()}")
    return content.decode()


def text(document, name):
    return document.split(f"<{name}>")[1].split("<")[0]


class Server:
    """A program that prints its address; ended by SIGTERM."""

    def __init__(self, command, **options):
        self.start = time.perf_counter()
        self.process = subprocess.Popen(
            [*PREFIX, *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.PIPE, text=True,
            env=dict(os.environ, CISPEC_SECRET_ID=KEY[0], CISPEC_SECRET_KEY=KEY[1]), **options)
        self.url = self.process.stdout.readline().split()[-1]

    def peak(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as file:
            return int(file.read().split("VmHWM:")[1].split()[0]) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)


def mix(url, folder, name):
    """The file of requests: jobs that are done, asked for again and again, and a submit among every ten."""
    jobs = [text(send(url, "POST", "/file_jobs", SUBMIT.format(number)), "JobId") for number in range(30)]
    deadline = time.time() + 30
    while any("<State>Success" not in send(url, "GET", f"/file_jobs/{job}") for job in jobs):
        if time.time() > deadline:
            sys.exit(f"{name}: the jobs do not finish")
        time.sleep(0.2)
    path = f"{folder}/{name}.txt"
    with open(path, "w", encoding="utf-8") as file:
        for index, job in enumerate(jobs):
            for _ in range(QUERIES_PER_SUBMIT // 3):
                target = f"/file_jobs/{job}"
                file.write(f"GET\t{target}\t{HOST}\t{signed('GET', target)}\t\n")
            if index % 3 == 0:
                body = SUBMIT.format(index)
                file.write(f"POST\t/file_jobs\t{HOST}\t{signed('POST', '/file_jobs', body)}\t{body}\n")
    return path


def load(url, requests, connections="16"):
    """Requests a second and the 99th percentile in milliseconds."""
    output = subprocess.run(
        [*PREFIX, "wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "-s", f"{PEERS}/mix.lua", url, "--", requests],
        check=True, capture_output=True, text=True).stdout
    rate, p99, refused, broken = output.split("RESULT ")[1].split()
    if int(refused) or int(broken):
        sys.exit(f"{url}: {refused} answers were refusals, {broken} exchanges broke off\n{output}")
    return float(rate), float(p99)


def first_answer():
    """Milliseconds from the start of the program to its first answer."""
    server = Server([CISPEC, "serve", "--port", "0", "--quiet"])
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    connection.request("GET", "/.cispec/health")
    connection.getresponse().read()
    elapsed = (time.perf_counter() - server.start) * 1000
    connection.close()
    server.stop()
    return elapsed


folder = tempfile.mkdtemp(prefix="cispec-bench-")
servers = {}
try:
    os.mkdir(f"{folder}/objects")
    shutil.copy(f"{ROOT}/README.md", f"{folder}/objects/input.xml")
    # The independent server has a folder for each bucket.
    shutil.copytree(f"{folder}/objects", f"{folder}/buckets/test-1250000000")
    plain = ["--port", "0", "--quiet", "--objects", f"{folder}/objects", "--speed", "10"]
    servers["serve"] = Server([CISPEC, "serve", *plain])
    servers["judge"] = Server([CISPEC, "judge", *plain, "--poll-interval", "0"])
    servers["Flask"] = Server(
        [PYTHON, f"{PEERS}/jobs_flask.py", f"{ROOT}/Tests/Foreign/independent-server", f"{folder}/buckets"])
    requests = {name: mix(server.url, folder, name) for name, server in servers.items()}
    with open(f"{folder}/body", "w", encoding="utf-8") as file:
        job = open(requests["serve"], encoding="utf-8").readline().split("\t")[1]
        file.write(send(servers["serve"].url, "GET", job))
    servers["bare libmicrohttpd"] = Server([f"{OUT}/microhttpd-c", f"{folder}/body"])
    requests["bare libmicrohttpd"] = requests["serve"]
    rounds = [{name: load(server.url, requests[name]) for name, server in servers.items()} for _ in range(ROUNDS)]
    print(f"\nrequests a second under wrk, 16 connections, a submit and {QUERIES_PER_SUBMIT} queries in ten, all signed")
    for name in servers:
        rate = statistics.median(each[name][0] for each in rounds)
        p99 = statistics.median(each[name][1] for each in rounds)
        line = f"  {name:20} {rate:10.0f}/s   p99 {p99:7.2f} ms   peak {servers[name].peak():4.0f} MiB"
        if name != "serve":
            for ours in ("serve", "judge"):
                if name != ours:
                    ratios = sorted(each[ours][0] / each[name][0] for each in rounds)
                    line += f"   {ours} {statistics.median(ratios):.2f} of it ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(line)
    many = [load(servers["serve"].url, requests["serve"], "1000") for _ in range(3)]
    print(f"  serve, 1000 connections {statistics.median(rate for rate, _ in many):10.0f}/s"
          f"   p99 {statistics.median(p99 for _, p99 in many):7.2f} ms")
finally:
    for server in servers.values():
        server.stop()
    shutil.rmtree(folder)
times = sorted(first_answer() for _ in range(15))
print(f"\nstart of `cispec serve` to its first answer: {statistics.median(times):.1f} ms ({times[0]:.1f} to {times[-1]:.1f})")
