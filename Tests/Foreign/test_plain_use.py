"""Schemas/ used as its README says, with xmllint alone: the commands are run as they stand there."""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import xmlschema

ROOT = sys.argv[1]
SCHEMAS = os.path.join(ROOT, "Schemas")
CATALOG = os.path.join(SCHEMAS, "catalog.xml")
VALID = os.path.join(SCHEMAS, "samples", "repaired", "hash-query-response-example.xml")


def readme():
    with open(os.path.join(SCHEMAS, "README.md"), encoding="utf-8") as file:
        return file.read()


def operations():
    with open(os.path.join(SCHEMAS, "operations.json"), encoding="utf-8") as file:
        return json.load(file)


def schemas():
    return sorted(name for name in os.listdir(SCHEMAS) if name.endswith(".xsd"))


def xmllint(*arguments, catalog=None, folder=None):
    environment = {"PATH": os.environ["PATH"]}
    if catalog:
        environment["XML_CATALOG_FILES"] = catalog
    return subprocess.run(
        ["xmllint", "--nonet", "--noout", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


class PlainUse(unittest.TestCase):
    def test_every_command_of_the_readme_runs_in_a_checkout(self):
        section = readme().split("\n## Plain use\n", 1)[1]
        blocks = re.findall(r"^```sh\n(.*?)^```$", section, re.M | re.S)
        self.assertGreaterEqual(len(blocks), 2)
        for block in blocks:
            with self.subTest(block):
                result = subprocess.run(
                    ["bash", "-euo", "pipefail", "-c", block], cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True,
                    text=True, timeout=60)
                self.assertEqual(result.returncode, 0, result.stderr)

    def test_the_readme_has_a_row_for_every_operation_with_its_files(self):
        rows = [line for line in readme().splitlines() if line.startswith("|")]
        for operation in operations()["operations"]:
            with self.subTest(operation["id"]):
                row = next((row for row in rows if row.startswith(f"| `{operation['id']}` |")), None)
                self.assertIsNotNone(row, "no row")
                for part in ("request", "response"):
                    if operation.get(part):
                        self.assertIn(f"`{operation[part]['schema']}`", row)

    def test_every_schema_has_its_name_in_the_catalog_wherever_one_stands(self):
        with tempfile.TemporaryDirectory() as folder:
            document = os.path.join(folder, "a.xml")
            with open(document, "w", encoding="utf-8") as file:
                file.write("<NoRootOfAny/>\n")
            for name in schemas():
                with self.subTest(name):
                    result = xmllint("--schema", f"urn:cispec:schema:{name}", document, catalog=CATALOG, folder=folder)
                    # 3: the schema was compiled and refuses the document; 5: there is no such schema.
                    self.assertEqual(result.returncode, 3, result.stderr)

    def test_without_the_catalog_a_name_is_no_file(self):
        result = xmllint("--schema", "urn:cispec:schema:file-jobs.query.response.xsd", VALID)
        self.assertEqual(result.returncode, 5, result.stderr)

    def test_a_file_and_its_name_give_one_verdict(self):
        broken = VALID.replace("hash-query-response-example", "hash-query-response-template")
        for document in (VALID, broken):
            for name in ("file-jobs.query.response.xsd", "jobs.submit.request.xsd"):
                with self.subTest(document=os.path.basename(document), name=name):
                    by_file = xmllint("--schema", os.path.join(SCHEMAS, name), document)
                    by_name = xmllint("--schema", f"urn:cispec:schema:{name}", document, catalog=CATALOG)
                    self.assertEqual(by_file.returncode, by_name.returncode)
                    self.assertEqual(by_file.returncode == 0, name.startswith("file-jobs"))

    def test_every_schema_is_one_by_the_schema_of_schemas(self):
        xmlschema.XMLSchema.meta_schema.build()
        for name in schemas():
            with self.subTest(name):
                path = os.path.join(SCHEMAS, name)
                errors = [error.reason for error in xmlschema.XMLSchema.meta_schema.iter_errors(path)]
                self.assertEqual(errors, [])
                xmlschema.XMLSchema(path, build=True)


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(PlainUse)
    result = unittest.TextTestRunner(verbosity=0).run(suite)
    failed = {test.id().split(" ")[0] for test, _ in result.failures + result.errors}
    print(f"plain-use: {result.testsRun - len(failed)} passed, {len(failed)} failed")
    sys.exit(0 if result.wasSuccessful() else 1)
