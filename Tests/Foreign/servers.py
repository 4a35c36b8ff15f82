"""What the tests of this folder share: servers as child processes on free ports, and runs of the program."""

import contextlib
import glob
import json
import os
import subprocess
import sys
import time

KEYS = {"CISPEC_SECRET_ID": "AKIDfake", "CISPEC_SECRET_KEY": "fakeKey"}
HERE = os.path.dirname(os.path.abspath(__file__))


def environment(**more):
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "NO_COLOR": "1", **KEYS, **more}


@contextlib.contextmanager
def started(command, stderr=None, **more):
    """A process whose first line ends with its URL: yields (URL, process) and ends it."""
    process = subprocess.Popen(command, env=environment(**more), stdout=subprocess.PIPE, stderr=stderr, text=True)
    try:
        line = process.stdout.readline()
        url = line.split(" ")[-1].strip()
        if not url.startswith("http://"):
            raise RuntimeError(f"{command[0]} does not say where it listens: {line!r}")
        yield url, process
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def write_objects(root, folder, by_bucket=True):
    """The objects that the scenarios want, in a folder for each bucket or all in one."""
    for path in glob.glob(os.path.join(root, "Exchanges", "*", "*", "scenario.json")):
        with open(path, encoding="utf-8") as file:
            scenario = json.load(file)
        for item in scenario["objects"]:
            name = os.path.join(folder, scenario["bucket"] if by_bucket else "", item["key"])
            os.makedirs(os.path.dirname(name), exist_ok=True)
            with open(name, "w", encoding="utf-8") as file:
                file.write(item["text"])


def independent_server(root, objects, *flags, **more):
    write_objects(root, objects)
    server = os.path.join(HERE, "independent-server", "server.py")
    return started([sys.executable, server, "--objects", objects, *flags], **more)


class Run:
    """One run of the program, ended after `limit` seconds."""

    def __init__(self, command, limit=60):
        start = time.monotonic()
        process = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=limit)
        self.seconds = time.monotonic() - start
        self.code, self.output, self.errors = process.returncode, process.stdout, process.stderr

    def __str__(self):
        return f"exit code {self.code} after {self.seconds:.1f} s\n{self.output[-3000:]}\n{self.errors[-3000:]}"


def cases(report):
    """The verdict of each case of a JSON report, by 'SUITE/ID'."""
    with open(report, encoding="utf-8") as file:
        suites = json.load(file)["suites"]
    return {f"{suite['name']}/{case['id']}": case["verdict"] for suite in suites for case in suite["cases"]}
