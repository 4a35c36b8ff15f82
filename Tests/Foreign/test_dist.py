"""The archives of a release: unpacked in an empty folder and used there; twice the same bytes; the SBOM by SPDX's own reader."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

ROOT, CISPEC = sys.argv[1:3]
VERSION = subprocess.run([CISPEC, "--version"], capture_output=True, text=True, check=True).stdout


def run(*words, folder, code=0):
    # Nothing of this checkout is in the environment: what is found is in the archive.
    result = subprocess.run(
        words, cwd=folder, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=120, check=False)
    if result.returncode != code:
        raise AssertionError(f"{words}: {result.returncode}: {result.stdout[-500:]}{result.stderr[-500:]}")
    return result.stdout


class Archives(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        for name in ("one", "two"):
            subprocess.run(
                [os.path.join(ROOT, "Scripts/dist.py"), "--binary", CISPEC, "--out", os.path.join(cls.folder, name)], check=True,
                env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}, capture_output=True, timeout=120)
        cls.made = os.path.join(cls.folder, "one")
        cls.names = sorted(os.listdir(cls.made))
        for name in cls.names:
            if name.endswith(".tar.gz"):
                run("tar", "xzf", os.path.join(cls.made, name), folder=cls.folder)
        cls.program = next(
            os.path.join(cls.folder, name) for name in os.listdir(cls.folder) if name.startswith("cispec-") and "linux" in name)
        cls.data = next(os.path.join(cls.folder, name) for name in os.listdir(cls.folder) if name.startswith("cispec-data-"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_two_runs_make_the_same_bytes(self):
        self.assertEqual(len(self.names), 4)
        for name in self.names:
            digests = set()
            for run_name in ("one", "two"):
                with open(os.path.join(self.folder, run_name, name), "rb") as file:
                    digests.add(hashlib.sha256(file.read()).hexdigest())
            self.assertEqual(len(digests), 1, name)

    def test_entries_are_sorted_and_of_nobody(self):
        for name in (name for name in self.names if name.endswith(".tar.gz")):
            with tarfile.open(os.path.join(self.made, name)) as tar:
                entries = tar.getmembers()
            self.assertEqual([entry.name for entry in entries], sorted(entry.name for entry in entries))
            self.assertEqual({(entry.uid, entry.gid, entry.mtime) for entry in entries}, {(0, 0, 1700000000)})

    def test_the_checksums_hold(self):
        self.assertEqual(run("sha256sum", "-c", "SHA256SUMS", folder=self.made).count(": OK"), 3)

    def test_the_program_runs_where_it_was_unpacked(self):
        with tempfile.TemporaryDirectory() as empty:
            program = os.path.join(self.program, "bin/cispec")
            self.assertEqual(run(program, "--version", folder=empty), VERSION)
            self.assertIn("PASS", run(program, "run", folder=empty))
            sample = "Schemas/samples/repaired/hash-query-response-example.xml"
            run(program, "validate", os.path.join(self.data, sample), folder=empty)
            with open(os.path.join(self.data, sample), encoding="utf-8") as file:
                broken = file.read().replace("<JobsDetail>", "<JobsDetail><Invented/>", 1)
            with open(os.path.join(empty, "broken.xml"), "w", encoding="utf-8") as file:
                file.write(broken)
            self.assertIn("Invented", run(program, "validate", "--strict", "broken.xml", folder=empty, code=1))
            # Without its data it says so.
            lonely = shutil.copy(program, empty)
            run(lonely, "run", folder=empty, code=3)

    def test_licences_pages_and_completions_are_in_it(self):
        for name in ("LICENSE", "NOTICE", "CHANGELOG.md", "sbom.spdx.json"):
            self.assertTrue(os.path.getsize(os.path.join(self.program, "share/doc/cispec", name)))
        pages = os.listdir(os.path.join(self.program, "share/man/man1"))
        self.assertIn("cispec-run.1", pages)
        self.assertGreater(len(pages), 20)
        for name in ("bash-completion/completions/cispec", "zsh/site-functions/_cispec", "fish/vendor_completions.d/cispec.fish"):
            self.assertTrue(os.path.getsize(os.path.join(self.program, "share", name)))

    def test_the_data_are_those_of_the_repository_and_serve_without_the_program(self):
        tracked = subprocess.run(
            ["git", "ls-files", "Schemas", "Vectors", "Exchanges"], cwd=ROOT, capture_output=True, text=True, check=True)
        held = [os.path.relpath(os.path.join(place, name), self.data)
                for place, _, names in os.walk(self.data) for name in names]
        self.assertEqual(sorted(held), sorted(tracked.stdout.splitlines() + ["LICENSE", "NOTICE", "CHANGELOG.md"]))
        run("xmllint", "--nonet", "--noout", "--schema", "Schemas/file-jobs.query.response.xsd",
            "Schemas/samples/repaired/hash-query-response-example.xml", folder=self.data)

    def test_the_sbom_is_valid_and_names_what_is_linked(self):
        path = os.path.join(self.made, next(name for name in self.names if name.endswith(".spdx.json")))
        document = parse_file(path)
        self.assertEqual([message.validation_message for message in validate_full_spdx_document(document)], [])
        with open(path, encoding="utf-8") as file:
            bill = json.load(file)
        comments = " ".join(package.get("comment", "") for package in bill["packages"])
        libraries = re.findall(r"^\t(\S+) => ", run("ldd", os.path.join(self.program, "bin/cispec"), folder=self.folder), re.M)
        for library in libraries + ["libcurl.so.4", "libmicrohttpd.so.12", "libsqlite3.so.0"]:
            self.assertIn(library, comments)
        with open(os.path.join(self.program, "bin/cispec"), "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        self.assertEqual(bill["packages"][0]["checksums"][0]["checksumValue"], digest)


if __name__ == "__main__":
    result = unittest.main(argv=[sys.argv[0]], exit=False, verbosity=0).result
    failed = {test.id().split(" ")[0] for test, _ in result.failures + result.errors}
    print(f"dist: {result.testsRun - len(failed)} passed, {len(failed)} failed")
    sys.exit(0 if result.wasSuccessful() else 1)
