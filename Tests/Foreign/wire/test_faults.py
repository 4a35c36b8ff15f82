"""The real program against a server whose answers are spoiled on the way, and what 10,000 exchanges leave behind."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

ROOT, CISPEC = sys.argv[1], sys.argv[2]
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import fault_proxy  # noqa: E402
from fault_proxy import FAULTS, FaultProxy  # noqa: E402
from servers import Run, environment, independent_server, started  # noqa: E402

# A fault whose bytes are an answer in good order is a finding; all others make the target unusable.
FINDINGS = {"half-body-of-its-length", "unavailable"}
# The right answer comes first here, so what follows it may be found with the next exchange only.
EITHER = {"twice-later"}
SECONDS_MAX = 15
SCENARIOS = ["file-jobs/query-unknown-id", "batch-jobs/query-unknown-id", "file-jobs/query-submitted"]
VECTORS = ["target/header/right", "target/none"]


def run(command, names, url, *flags):
    return Run([CISPEC, command, *names, "--target", url, "--timeout", "1", *flags], limit=60)


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = independent_server(ROOT, cls.folder.name)
        cls.url, _ = cls.server.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None, None, None)
        cls.folder.cleanup()

    def check(self, outcome, codes):
        self.assertIn(outcome.code, codes, outcome)
        self.assertLess(outcome.seconds, SECONDS_MAX, outcome)
        self.assertNotIn("Fatal", outcome.errors)
        if outcome.code == 4:
            self.assertRegex(outcome.output, r"http://127\.0\.0\.1:[0-9]+.{10}", "no sentence says what happened")

    def test_every_fault_has_its_verdict_in_bounded_time(self):
        def outcomes(fault):
            with FaultProxy(fault, self.url) as proxy:
                replayed = run("replay", SCENARIOS, proxy.url)
                # A vector is judged by status and code, so a spoiled document does not concern it.
                sent = None if fault in FINDINGS else run("vectors", VECTORS, proxy.url)
                return fault, replayed, sent, proxy.exchanges

        with ThreadPoolExecutor(4) as pool:
            for fault, replayed, sent, exchanges in pool.map(outcomes, ["reset-before-request", *FAULTS]):
                codes = (0,) if fault == "none" else (1,) if fault in FINDINGS else (1, 4) if fault in EITHER else (4,)
                with self.subTest(fault):
                    self.check(replayed, codes)
                    if sent:
                        self.check(sent, codes)
                    # The fault was there to be found.
                    self.assertEqual(exchanges > 0, fault != "reset-before-request")

    def test_a_fault_now_and_then_is_a_finding_and_never_a_pass(self):
        for fault in ("reset-after-request", "unavailable", "twice"):
            for first in (0, 1, 2):
                with self.subTest(f"{fault} from exchange {first} on, every third"):
                    with FaultProxy(fault, self.url, spoils=lambda number: number % 3 == first) as proxy:
                        self.check(run("replay", SCENARIOS, proxy.url), (1,))

    def test_a_burst_of_unavailability_that_ends_is_a_finding(self):
        with FaultProxy("unavailable", self.url, spoils=lambda number: number < 2) as proxy:
            outcome = run("replay", SCENARIOS, proxy.url)
        self.check(outcome, (1,))
        self.assertIn("503", outcome.output)
        self.assertIn("ok      ", outcome.output)

    def test_a_refused_connection_makes_the_target_unusable(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        for command, names in (("replay", SCENARIOS), ("vectors", VECTORS)):
            with self.subTest(command):
                self.check(run(command, names, url), (4,))


class Process:
    """What a process holds at most, sampled while it runs."""

    def __init__(self, pid):
        self.pid, self.descriptors, self.threads, self.kilobytes = pid, 0, 0, 0

    def sample(self):
        try:
            self.descriptors = max(self.descriptors, len(os.listdir(f"/proc/{self.pid}/fd")))
            with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
                status = file.read()
        except (FileNotFoundError, ProcessLookupError):
            return
        self.threads = max(self.threads, int(re.search(r"Threads:\s+(\d+)", status)[1]))
        if match := re.search(r"VmHWM:\s+(\d+)", status):
            self.kilobytes = max(self.kilobytes, int(match[1]))

    def __str__(self):
        return f"{self.descriptors} descriptors, {self.threads} threads, {self.kilobytes} KiB"


def exchanges(url, repeats, server=None):
    """A run of 130 exchanges each time; gives the exit code and the most that the program, and the server, held."""
    process = subprocess.Popen(
        [CISPEC, "vectors", "--target", url, "--repeat", str(repeats)], env=environment(), stdout=subprocess.DEVNULL)
    client, served = Process(process.pid), Process(server) if server else None
    while process.poll() is None:
        client.sample()
        if served:
            served.sample()
        time.sleep(0.01)
    return process.returncode, client, served


@unittest.skipUnless(os.path.isdir("/proc/self/fd"), "the system has no /proc to measure with")
class Leaks(unittest.TestCase):
    def check_alike(self, few, many, kilobytes):
        self.assertGreater(few.descriptors, 0)
        self.assertLessEqual(many.descriptors, few.descriptors + 4, f"{few}; then {many}")
        self.assertLessEqual(many.threads, few.threads + 2, f"{few}; then {many}")
        self.assertLessEqual(many.kilobytes, few.kilobytes + kilobytes, f"{few}; then {many}")

    def test_10000_exchanges_leave_nothing_behind_in_client_and_server(self):
        with started([CISPEC, "serve", "--port", "0", "--quiet"]) as (url, server):
            code, few, served_few = exchanges(url, 8, server.pid)
            self.assertEqual(code, 0)
            code, many, served_many = exchanges(url, 77, server.pid)
            self.assertEqual(code, 0)
        print(f"  client after 1,040 exchanges: {few}; after 10,010: {many}")
        print(f"  server after 1,040 exchanges: {served_few}; after 11,050: {served_many}")
        self.check_alike(few, many, kilobytes=4096)
        self.check_alike(served_few, served_many, kilobytes=4096)

    def test_spoiled_exchanges_leave_nothing_behind(self):
        # Whether half a body comes before the reset is all the same here.
        self.addCleanup(setattr, fault_proxy, "PAUSE", fault_proxy.PAUSE)
        fault_proxy.PAUSE = 0.002
        with started([CISPEC, "serve", "--port", "0", "--quiet"]) as (url, _):
            for fault in ("reset-in-body", "twice", "garbage"):
                with self.subTest(fault), FaultProxy(fault, url, spoils=lambda number: number % 2 == 1) as proxy:
                    code, few, _ = exchanges(proxy.url, 2)
                    self.assertEqual(code, 1)
                    code, many, _ = exchanges(proxy.url, 16)
                    self.assertEqual(code, 1)
                    print(f"  {fault}: after 260 exchanges {few}; after 2,080 {many}")
                    self.check_alike(few, many, kilobytes=4096)


if __name__ == "__main__":
    program = unittest.main(argv=[sys.argv[0], *sys.argv[3:]], exit=False, verbosity=1)
    failed = len({test.id().split(" ")[0] for test, _ in program.result.failures + program.result.errors})
    print(f"faults: {program.result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
