"""The published Python SDK, unchanged, as a client of `cispec serve` and of `cispec judge`.

Expected digests come from md5sum, sha1sum and sha256sum, expected errors from the documentation.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

from qcloud_cos import CosConfig, CosS3Client
from qcloud_cos.cos_exception import CosServiceError

BUCKET = "test-1250000000"
REGION = "ap-chongqing"
SECRET_ID = "AKIDfakeIdForTheSdkTest000000000000"
SECRET_KEY = "fakeKeyForTheSdkTest000000000000"

logging.disable(logging.CRITICAL)


class Server:
    """`cispec serve`, or another command that listens, on a free port, with a folder of objects."""

    def __init__(self, program, command="serve"):
        self.folder = tempfile.TemporaryDirectory()
        self.objects = os.path.join(self.folder.name, "objects")
        os.makedirs(os.path.join(self.objects, "input"))
        self.media = os.path.join(self.objects, "input", "视频 one.mp4")
        with open(self.media, "wb") as file:
            file.write(bytes(range(256)) * 5000)
        secrets = os.path.join(self.folder.name, "secrets")
        with open(secrets, "w", encoding="utf-8") as file:
            file.write(f"# one pair\n{SECRET_ID}:{SECRET_KEY}\n")
        self.process = subprocess.Popen(
            [program, command, "--port", "0", "--objects", self.objects, "--secret-file", secrets],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on http://127.0.0.1:"):
            raise RuntimeError(f"the server did not start: {line!r} {self.process.stderr.read()}")
        self.port = int(line.rsplit(":", 1)[1])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            _, self.log = self.process.communicate(timeout=10)
        finally:
            self.process.kill()
            self.folder.cleanup()
        return self.process.returncode


def digest_by_tool(tool, path):
    return subprocess.run([tool, path], check=True, capture_output=True, text=True).stdout.split()[0].lstrip("\\")


class Client(unittest.TestCase):
    server = None

    def client(self, secret_id=SECRET_ID, secret_key=SECRET_KEY, token=None):
        # The Host of a request by address is made of Endpoint, so that names the CI domain.
        config = CosConfig(
            Endpoint=f"ci.{REGION}.myqcloud.com", Region=REGION, SecretId=secret_id, SecretKey=secret_key, Token=token,
            Scheme="http", IP="127.0.0.1", Port=self.server.port, Timeout=10)
        return CosS3Client(config, retry=0)

    def submit(self, key="input/视频 one.mp4", **config):
        return self.client().ci_create_file_hash_job(
            Bucket=BUCKET, InputObject=key, FileHashCodeConfig=config or {"Type": "MD5"}, UserData="This is my data.")


class SdkTest(Client):
    def finished(self, job):
        """The job when it has ended, polled as the SDK's own live test does."""
        for _ in range(100):
            details = self.client().ci_get_file_process_jobs(Bucket=BUCKET, JobIDs=job)["JobsDetail"]
            self.assertEqual(len(details), 1)
            if details[0]["State"] in ("Success", "Failed"):
                return details[0]
            self.assertIn(details[0]["State"], ("Submitted", "Running"))
            time.sleep(0.1)
        self.fail("the job did not end within 10 seconds")

    def test_a_hash_job_gives_the_digest_that_the_system_tools_give(self):
        for kind, tool in (("MD5", "md5sum"), ("SHA1", "sha1sum"), ("SHA256", "sha256sum")):
            with self.subTest(kind):
                submitted = self.submit(Type=kind)["JobsDetail"]
                self.assertEqual(submitted["State"], "Submitted")
                self.assertEqual(submitted["Tag"], "FileHashCode")
                self.assertRegex(submitted["JobId"], r"\Af[0-9a-f]{32}\Z")
                self.assertEqual(submitted["EndTime"], "-")
                ended = self.finished(submitted["JobId"])
                self.assertEqual(ended["State"], "Success")
                result = ended["Operation"]["FileHashCodeResult"]
                self.assertEqual(result[kind], digest_by_tool(tool, self.server.media))
                self.assertEqual(int(result["FileSize"]), os.path.getsize(self.server.media))
                self.assertEqual(set(result) & {"MD5", "SHA1", "SHA256"}, {kind})
                self.assertEqual(ended["Operation"]["UserData"], "This is my data.")

    def test_a_job_for_a_missing_object_fails_with_a_code_and_a_message(self):
        ended = self.finished(self.submit(key="input/missing.mp4")["JobsDetail"]["JobId"])
        self.assertEqual(ended["State"], "Failed")
        self.assertEqual(ended["Code"], "ResourceNotFound")
        self.assertTrue(ended["Message"])
        self.assertNotIn("FileHashCodeResult", ended["Operation"])

    def test_an_unknown_job_is_listed_as_not_existing(self):
        unknown = "f" + "0" * 8 + "089d11ee9c8d5254008618d9"
        known = self.submit()["JobsDetail"]["JobId"]
        answer = self.client().ci_get_file_process_jobs(Bucket=BUCKET, JobIDs=f"{known},{unknown}")
        self.assertEqual([job["JobId"] for job in answer["JobsDetail"]], [known])
        self.assertEqual(answer["NonExistJobIds"], unknown)

    def test_a_wrong_key_raises_the_documented_error(self):
        with self.assertRaises(CosServiceError) as caught:
            self.client(secret_key="anotherFakeKey000000000000000000").ci_get_file_process_jobs(
                Bucket=BUCKET, JobIDs="f" + "0" * 32)
        self.assertEqual(caught.exception.get_status_code(), 401)
        self.assertEqual(caught.exception.get_error_code(), "InvalidAuthorization")
        self.assertTrue(caught.exception.get_error_msg())
        self.assertRegex(caught.exception.get_request_id(), r"\A[A-Za-z0-9+/]+=*\Z")
        self.assertEqual(caught.exception.get_resource_location(), "/file_jobs/f" + "0" * 32)

    def test_an_unknown_secret_id_raises_the_documented_error(self):
        with self.assertRaises(CosServiceError) as caught:
            self.client(secret_id="AKIDnobody").ci_get_file_process_jobs(Bucket=BUCKET, JobIDs="f" + "0" * 32)
        self.assertEqual(caught.exception.get_error_code(), "SecretidNotExist")

    def test_an_invalid_request_raises_an_error_that_names_the_node(self):
        with self.assertRaises(CosServiceError) as caught:
            self.submit(Type="CRC32")
        self.assertEqual(caught.exception.get_status_code(), 400)
        self.assertEqual(caught.exception.get_error_code(), "InvalidArgument")
        self.assertIn("Type", caught.exception.get_error_msg())

    def test_a_batch_job_is_submitted_queried_and_cancelled(self):
        client = self.client()
        job = client.ci_create_inventory_trigger_jobs(
            Bucket=BUCKET,
            JobBody={"Name": "demo", "Type": "Job", "Input": {"Prefix": "input"}, "Operation": {
                "Tag": "Animation", "JobParam": {"TemplateId": "t1460606b9752148c4ab182f55163ba7cd"},
                "Output": {"Region": REGION, "Bucket": BUCKET, "Object": "out/${InventoryTriggerJobId}.gif"}}},
        )["JobsDetail"][0]["JobId"]
        self.assertRegex(job, r"\Ab[0-9a-f]{32}\Z")
        client.ci_delete_inventory_trigger_jobs(Bucket=BUCKET, JobId=job)
        details = client.ci_get_inventory_trigger_jobs(Bucket=BUCKET, JobID=job)["JobsDetail"]
        details = details[0] if isinstance(details, list) else details
        self.assertEqual(details["State"], "Cancel")

    def test_an_animation_job_ends_with_its_output(self):
        client = self.client()
        job = client.ci_create_media_jobs(
            Bucket=BUCKET,
            Jobs={"Tag": "Animation", "Input": {"Object": "input/视频 one.mp4"},
                  "Operation": {"TemplateId": "t1460606b9752148c4ab182f55163ba7cd",
                                "Output": {"Region": REGION, "Bucket": BUCKET, "Object": "out/a.gif"}}},
            Lst={},
        )["JobsDetail"][0]["JobId"]
        for _ in range(100):
            details = client.ci_get_media_jobs(Bucket=BUCKET, JobIDs=job)["JobsDetail"][0]
            if details["State"] in ("Success", "Failed"):
                break
            time.sleep(0.1)
        self.assertEqual(details["State"], "Success")
        self.assertEqual(details["Operation"]["MediaResult"]["OutputFile"]["ObjectName"], "out/a.gif")


class JudgeTest(Client):
    """What `cispec judge` says of the SDK. Its list of batch jobs sends parameters that are empty, and its media and
    batch submits name no Content-Type, as its source shows."""

    def findings(self, path="findings", method="GET"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.server.port}/.cispec/{path}", method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def setUp(self):
        self.assertEqual(self.findings("reset", "POST")["requests"], 0)

    def met(self):
        """(kind, requirement) of every error."""
        return [(one["id"], one["requirement"]) for one in self.findings()["findings"] if one["severity"] == "error"]

    def test_a_hash_job_is_right_throughout(self):
        job = self.submit()["JobsDetail"]["JobId"]
        self.client().ci_get_file_process_jobs(Bucket=BUCKET, JobIDs=job)
        self.assertEqual(self.findings()["requests"], 2)
        self.assertEqual(self.findings()["findings"], [])

    def test_empty_parameters_of_a_list_are_named(self):
        self.client().ci_list_inventory_trigger_jobs(Bucket=BUCKET, Type="Job")
        self.assertEqual(self.met(), [
            ("http.query-value", "batch-jobs.list.query.workflow-id"),
            ("http.query-value", "batch-jobs.list.query.job-id")])

    def test_a_submit_without_a_content_type_is_named(self):
        self.client().ci_create_media_jobs(
            Bucket=BUCKET,
            Jobs={"Tag": "Animation", "Input": {"Object": "a.mp4"},
                  "Operation": {"TemplateId": "t1460606b9752148c4ab182f55163ba7cd",
                                "Output": {"Region": REGION, "Bucket": BUCKET, "Object": "out/a.gif"}}},
            Lst={})
        self.assertEqual(self.met(), [("http.header-missing", "request-headers.content-type.required")])

    def test_a_wrong_key_is_told_from_a_wrong_request(self):
        with self.assertRaises(CosServiceError):
            self.client(secret_key="anotherFakeKey000000000000000000").ci_get_file_process_jobs(
                Bucket=BUCKET, JobIDs="f" + "0" * 32)
        self.assertIn(("signature.mismatch", None), self.met())


def judged(program):
    """Runs the tests against a judge, which ends with 1 because the last of them has errors."""
    JudgeTest.server = Server(program, "judge")
    try:
        result = unittest.TextTestRunner(verbosity=1).run(
            unittest.defaultTestLoader.loadTestsFromTestCase(JudgeTest))
    finally:
        code = JudgeTest.server.stop()
    if code != 1:
        print(f"the judge ended with {code}, not 1")
    return result.testsRun, len(result.failures) + len(result.errors) + (code != 1)


def main():
    SdkTest.server = Server(sys.argv[1])
    try:
        result = unittest.TextTestRunner(verbosity=1).run(
            unittest.defaultTestLoader.loadTestsFromTestCase(SdkTest))
    finally:
        code = SdkTest.server.stop()
    failed = len(result.failures) + len(result.errors)
    if code != 0:
        print(f"the server ended with {code}, not 0, when it was asked to stop")
        failed += 1
    leaks = [line for line in SdkTest.server.log.splitlines() if SECRET_KEY in line or "q-signature" in line]
    if leaks:
        print("the server's log holds secrets:", leaks[:3])
        failed += 1
    ran, wrong = judged(sys.argv[1])
    failed += wrong
    print(f"python-sdk: {result.testsRun + ran - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
