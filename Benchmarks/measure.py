"""Runs the kit and its peers in turn, several rounds, and prints medians with the ratio of each round's pair."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT, OUT = sys.argv[1], sys.argv[2]
ROUNDS = int(os.environ.get("ROUNDS", "9"))
BENCH = f"{OUT}/swift/release/bench"
PYTHON = f"{OUT}/python/bin/python"
CISPEC = f"{ROOT}/.build/release/cispec"
SCHEMA = f"{ROOT}/Schemas/file-jobs.query.response.xsd"
DOCUMENT = f"{ROOT}/Schemas/samples/repaired/hash-query-response-example.xml"
PEERS = f"{ROOT}/Benchmarks/peers"


def figure(command):
    """What a measuring program prints: nanoseconds of one operation."""
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def wall(command, times=20):
    """Milliseconds of one start of a program, the least of several."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        best = min(best, time.perf_counter() - start)
    return best * 1000


def compare(title, unit, contestants, measure, divide):
    """Rounds of all contestants in turn; the ratio of each peer to ours, round by round."""
    rounds = [{name: measure(command) for name, command in contestants.items()} for _ in range(ROUNDS)]
    print(f"\n{title}")
    ours = next(iter(contestants))
    for name in contestants:
        line = f"  {name:32} {statistics.median(r[name] for r in rounds) / divide:10.2f} {unit}"
        if name != ours:
            ratios = sorted(r[name] / r[ours] for r in rounds)
            line += f"   {statistics.median(ratios):6.2f} of it ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(line)


count = "20000"
compare(
    "parse + validate one answer in memory, one thread; 'of it' = how many times as long as cispec", "µs",
    {
        "cispec, XSD": [BENCH, "validate", ROOT, DOCUMENT, count],
        "C loop on the same libxml2": [f"{OUT}/validate-c", SCHEMA, DOCUMENT, count],
        "lxml": [PYTHON, f"{PEERS}/validate_lxml.py", SCHEMA, DOCUMENT, count],
        "cispec, XSD and rules": [BENCH, "rules", ROOT, DOCUMENT, count],
    }, figure, 1000)
compare(
    "the same against a validator in Python", "µs",
    {
        "cispec, XSD": [BENCH, "validate", ROOT, DOCUMENT, "5000"],
        "xmlschema": [PYTHON, f"{PEERS}/validate_xmlschema.py", SCHEMA, DOCUMENT, "300"],
    }, figure, 1000)


def answers(folder, number):
    """Small answers on disk, each with ids of its own."""
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    for index in range(number):
        with open(f"{folder}/{index:05}.xml", "w", encoding="utf-8") as file:
            file.write(text.replace("test-1234567890", f"test{index}-1234567890"))


def seconds(command):
    """Wall time of one whole run, in milliseconds."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1000


FILES = 20000
folder = tempfile.mkdtemp(prefix="cispec-bench-")
try:
    answers(folder, FILES)
    validate = [CISPEC, "validate", "--quiet", "--level", "must", "--operation", "file-jobs.query", "--part", "response"]
    compare(
        f"{FILES} small answers on disk, one process, all rules of level must in cispec", "ms",
        {
            "cispec, one thread": validate + ["--jobs", "1", folder],
            "cispec, two threads": validate + ["--jobs", "2", folder],
            "xmllint --schema": ["xmllint", "--noout", "--schema", SCHEMA]
            + [f"{folder}/{index:05}.xml" for index in range(FILES)],
        }, seconds, 1)
finally:
    shutil.rmtree(folder)



def pairs(folder, number):
    """A folder of recordings and one of answers with identifiers and times of their own."""
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    for side in ("recorded", "actual"):
        os.mkdir(f"{folder}/{side}")
        for index in range(number):
            with open(f"{folder}/{side}/{index:06}.xml", "w", encoding="utf-8") as file:
                file.write(text if side == "recorded" else text.replace("T15:16:44", "T15:16:46").replace("2084<", f"{index % 65536:04x}<"))


print("\nrecorded pairs compared with `cispec compare`, one thread")
for number in (100, 10_000, 100_000):
    folder = tempfile.mkdtemp(prefix="cispec-bench-")
    try:
        pairs(folder, number)
        times = [seconds([CISPEC, "compare", "--operation", "file-jobs.query", f"{folder}/recorded", f"{folder}/actual"])
                 for _ in range(3 if number > 10_000 else ROUNDS)]
        print(f"  {number:6} pairs {number / statistics.median(times) * 1000:12.0f} pairs a second, start included")
    finally:
        shutil.rmtree(folder)


def exchange():
    """A finished job on the emulator, asked for again and again by the kit, by libcurl, and by requests with lxml."""
    sys.path.insert(0, f"{ROOT}/Vectors/tools")
    import qsign
    import http.client

    key = ("AKIDcispecFakeSecretId0000000000", "cispecFakeSecretKey0000000000000")
    host = "test-1250000000.ci.ap-chongqing.myqcloud.com"
    objects = tempfile.mkdtemp(prefix="cispec-bench-")
    shutil.copy(DOCUMENT, f"{objects}/input.xml")
    environment = dict(os.environ, CISPEC_SECRET_ID=key[0], CISPEC_SECRET_KEY=key[1])
    server = subprocess.Popen(
        [CISPEC, "serve", "--port", "0", "--quiet", "--objects", objects], env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True)
    try:
        url = server.stdout.readline().split()[-1]
        span = f"{int(time.time()) - 60};{int(time.time()) + 3600}"

        def send(method, path, body=None):
            signed = qsign.stages(method, path, [], [("host", host)], *key, span)["authorization"]
            connection = http.client.HTTPConnection(url.removeprefix("http://"))
            connection.request(method, path, body, {"Host": host, "Authorization": signed, "Content-Type": "application/xml"})
            answer = connection.getresponse().read().decode()
            connection.close()
            return answer, signed

        job = send("POST", "/file_jobs", (
            "<Request><Tag>FileHashCode</Tag><Input><Object>input.xml</Object></Input><Operation><FileHashCodeConfig>"
            "<Type>MD5</Type></FileHashCodeConfig></Operation></Request>"))[0].split("<JobId>")[1].split("<")[0]
        path = f"/file_jobs/{job}"
        deadline = time.time() + 30
        while "<State>Success" not in send("GET", path)[0]:
            if time.time() > deadline:
                sys.exit("the job does not finish")
            time.sleep(0.2)
        fields = [f"Host: {host}", f"Authorization: {send('GET', path)[1]}"]
        peers = {
            "libcurl loop, no more than sending": [f"{OUT}/exchange-c", url + path, "4000", *fields],
            "requests and lxml": [PYTHON, f"{PEERS}/exchange_requests.py", url + path, "500", *fields],
        }
        # One after the other, as a replay is unless told otherwise, and two at once; a peer has one connection in both.
        for connections, label in ((1, "one connection"), (2, "two connections, as --jobs 2")):
            compare(
                f"one exchange over loopback with the emulator: sign, send, receive, validate, compare; {label}", "µs",
                {"cispec": [BENCH, "exchange", ROOT, url, host, path, *key, "4000", str(connections)]} | peers, figure, 1000)
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(objects)


exchange()
compare(
    "recorded against actual, one pair in memory", "µs",
    {
        "cispec, all rules": [BENCH, "compare", ROOT, DOCUMENT, DOCUMENT, "5000"],
        "lxml, parse and validate one": [PYTHON, f"{PEERS}/validate_lxml.py", SCHEMA, DOCUMENT, "5000"],
    }, figure, 1000)
compare(
    "sign and verify one request", "µs",
    {
        "cispec, sign": [BENCH, "sign", "200000"],
        "cispec, verify": [BENCH, "verify", "200000"],
        "C loop of SHA1() and HMAC()": [f"{OUT}/sign-c", "200000", "calls"],
        "C loop of their blocks alone": [f"{OUT}/sign-c", "200000"],
        "Python SDK 1.9.44": [PYTHON, f"{PEERS}/sign_sdk.py", "10000"],
    }, figure, 1000)
compare(
    "sign requests with other paths and lengths in turn", "µs",
    {
        "cispec, sign": [BENCH, "sign-others", "200000"],
        "Python SDK 1.9.44": [PYTHON, f"{PEERS}/sign_sdk.py", "10000", "others"],
    }, figure, 1000)
compare(
    "sign one list request with eight parameters", "µs",
    {
        "cispec, sign": [BENCH, "sign-list", "100000"],
        "Python SDK 1.9.44": [PYTHON, f"{PEERS}/sign_sdk.py", "5000", "list"],
    }, figure, 1000)
REPEAT, VECTORS = 20, 831
times = [seconds([CISPEC, "vectors", "--repeat", str(REPEAT), "--adapter", f"{CISPEC} adapter", "--jobs", "2"])
         for _ in range(ROUNDS)]
print("\nsignature vectors through an adapter, the kit's own, two processes of it")
print(f"  {REPEAT * VECTORS / statistics.median(times) * 1000:10.0f} vectors a second")
compare(
    "all signature vectors in process", "ms", {"cispec vectors": [CISPEC, "vectors"]}, seconds, 1)
compare(
    "start of the program", "ms",
    {"cispec --version": [CISPEC, "--version"], "xmllint --version": ["xmllint", "--version"]}, wall, 1)

compare(
    "the server suite against the embedded emulator, one process", "ms",
    {"cispec server": [CISPEC, "server", "--target", "embedded"]}, seconds, 1)

start = time.perf_counter()
process = subprocess.Popen([CISPEC, "run"], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print("\ncispec run")
print(f"  exit code {os.waitstatus_to_exitcode(status)}, {time.perf_counter() - start:.2f} s,"
      f" peak memory {usage.ru_maxrss / 1024:.0f} MiB")
