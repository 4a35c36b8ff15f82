"""The kit's suites through real proxies: signatures and bodies arrive as they were sent.

Before the emulator stand all of `cispec server`: scenarios, cases and signatures; before the independent server the
vectors and the scenarios that it performs.
"""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

ROOT, CISPEC, NGINX, MITMDUMP = sys.argv[1:5]  # a proxy that is not here is ''
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from servers import Run, environment, independent_server, started, write_objects  # noqa: E402

INDEPENDENT, EMULATOR = "the independent server", "the emulator"

# Every method and kind of body that the independent server performs.
SCENARIOS = [
    "file-jobs/hash-md5-lifecycle", "file-jobs/hash-sha256", "file-jobs/query-two-ids", "file-jobs/query-unknown-id",
    "file-jobs/submit-with-queue-and-callback", "file-jobs/empty-body", "file-jobs/malformed-body",
    "file-jobs/no-authorization", "file-jobs/wrong-signature", "file-jobs/expired-signature", "jobs/query-animation-page",
    "jobs/query-unknown-id", "batch-jobs/job-lifecycle", "batch-jobs/workflow-lifecycle", "batch-jobs/cancel",
    "batch-jobs/query-unknown-id",
]

# The fields of a request and of an answer that nginx would write anew are passed on.
NGINX_CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  merge_slashes off;
  ignore_invalid_headers off;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass {upstream};
      proxy_http_version 1.1;
      proxy_set_header Host {host};
      proxy_set_header Connection "";
      proxy_pass_header Server;
      proxy_pass_header Date;
    }}
  }}
}}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextlib.contextmanager
def listening(command, port, folder):
    """A program that listens on the port when it is ready; yields the URL and ends the program."""
    log = open(os.path.join(folder, "log"), "w+", encoding="utf-8")
    process = subprocess.Popen(command, env=environment(), stdout=log, stderr=log)
    try:
        end = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            if process.poll() is not None or time.monotonic() > end:
                log.seek(0)
                raise RuntimeError(f"{command[0]} does not listen: {log.read()[-2000:]}")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
        log.close()


@contextlib.contextmanager
def nginx(upstream, host="$http_host"):
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "nginx.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(NGINX_CONFIGURATION.format(folder=folder, port=port, upstream=upstream, host=host))
        with listening([NGINX, "-p", folder, "-c", path], port, folder) as url:
            yield url


@contextlib.contextmanager
def mitmproxy(upstream):
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [
            MITMDUMP, "--quiet", "--mode", f"reverse:{upstream}", "--listen-host", "127.0.0.1", "--listen-port", str(port),
            "--set", "keep_host_header=true", "--set", f"confdir={folder}",
        ]
        with listening(command, port, folder) as url:
            yield url


class Proxies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        folder = cls.stack.enter_context(tempfile.TemporaryDirectory())
        independent, own = os.path.join(folder, "independent"), os.path.join(folder, "own")
        write_objects(ROOT, own, by_bucket=False)
        # Long enough for a slow machine to cancel a job before it starts.
        flags = ["--waiting-seconds", "1.9"]
        shared = cls.stack.enter_context(independent_server(ROOT, independent, *flags))
        serve = [CISPEC, "serve", "--port", "0", "--quiet", "--objects", own]
        # An emulator for each run: lists of one run would have the jobs of another.
        cls.upstreams = {
            INDEPENDENT: lambda: contextlib.nullcontext(shared),
            EMULATOR: lambda: started(serve, stderr=subprocess.DEVNULL),
        }
        # The runs wait for jobs most of the time: all at once.
        pool = cls.stack.enter_context(ThreadPoolExecutor())
        cls.runs = {
            (proxy, upstream): pool.submit(cls.through, proxy, upstream)
            for proxy, program in ((nginx, NGINX), (mitmproxy, MITMDUMP)) if program for upstream in cls.upstreams
        }

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()

    @classmethod
    def through(cls, proxy, upstream):
        with cls.upstreams[upstream]() as (behind, _), proxy(behind) as url:
            commands = [["vectors"], ["replay", *SCENARIOS]] if upstream == INDEPENDENT else [
                ["server", "--jobs", "8", "--known-failing", os.path.join(HERE, f"known-failing-{proxy.__name__}.txt"),
                 "--known-flaky", os.path.join(HERE, "known-flaky.txt")]]
            return [Run([CISPEC, *command, "--target", url], limit=180) for command in commands]

    def check_unchanged(self, proxy):
        for upstream in self.upstreams:
            for run in self.runs[proxy, upstream].result():
                with self.subTest(upstream=upstream):
                    self.assertEqual(run.code, 0, run)
                    self.assertIn("PASS", run.output)

    @unittest.skipUnless(NGINX, "no nginx here, and none could be unpacked")
    def test_nginx_changes_nothing_that_is_signed_or_compared(self):
        self.check_unchanged(nginx)

    @unittest.skipUnless(MITMDUMP, "no mitmproxy here, and none could be installed")
    def test_mitmproxy_changes_nothing_that_is_signed_or_compared(self):
        self.check_unchanged(mitmproxy)

    @unittest.skipUnless(NGINX, "no nginx here, and none could be unpacked")
    def test_a_proxy_that_rewrites_a_signed_field_is_noticed(self):
        with self.upstreams[EMULATOR]() as (behind, _), nginx(behind, host="other-1250000000.ci.ap-beijing.myqcloud.com") as url:
            run = Run([CISPEC, "vectors", "target/header/right", "--target", url])
        self.assertEqual(run.code, 1, run)


if __name__ == "__main__":
    program = unittest.main(argv=[sys.argv[0]], exit=False, verbosity=1)
    result = program.result
    failed = len({test.id().split(" ")[0] for test, _ in result.failures + result.errors})
    for test, reason in result.skipped:
        print(f"skipped {test.id().split('.')[-1]}: {reason}")
    print(f"proxies: {result.testsRun - failed - len(result.skipped)} passed, {failed} failed")
    sys.exit(1 if failed else 0)
