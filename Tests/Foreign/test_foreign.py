"""What engines that are not ours say of the kit's data and reports."""

import glob
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import unittest

import jsonschema
import xmlschema
from junitparser import JUnitXml
from lxml import etree, isoschematron

ROOT, CISPEC = sys.argv[1], sys.argv[2]
SCHEMAS = os.path.join(ROOT, "Schemas")


def load(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return json.load(file)


def documents():
    """Every definition of a document: name and its part of operations.json."""
    data = load("Schemas", "operations.json")
    for operation in data["operations"]:
        for part in ("request", "response"):
            if operation.get(part):
                yield f"{operation['id']} {part}", operation[part]
    for name, document in data["documents"].items():
        yield name, document


class Schemas(unittest.TestCase):
    definitions = dict(documents())

    def test_every_schema_is_an_xsd_for_two_engines(self):
        for path in sorted(glob.glob(os.path.join(SCHEMAS, "*.xsd"))):
            with self.subTest(os.path.basename(path)):
                etree.XMLSchema(file=path)
                xmlschema.XMLSchema(path, build=True)

    def test_every_rule_file_runs_under_iso_schematron(self):
        for path in sorted(glob.glob(os.path.join(SCHEMAS, "rules", "*.sch"))):
            with self.subTest(os.path.basename(path)):
                isoschematron.Schematron(file=path)

    def test_every_sample_is_byte_for_byte_what_its_manifest_says(self):
        for sample in load("Schemas", "samples", "samples.json")["samples"]:
            with self.subTest(sample["id"]):
                with open(os.path.join(SCHEMAS, "samples", sample["file"]), "rb") as file:
                    self.assertEqual(hashlib.sha256(file.read()).hexdigest(), sample["sha256"])

    def findings(self, sample, file):
        """(well-formed, valid by the XSD, requirements of the rules that fail) by lxml."""
        definition = self.definitions[f"{sample['operation']} {sample['part']}"]
        try:
            document = etree.parse(os.path.join(SCHEMAS, "samples", file))
        except etree.XMLSyntaxError:
            return False, False, set()
        valid = etree.XMLSchema(file=os.path.join(SCHEMAS, definition["schema"])).validate(document)
        other = xmlschema.XMLSchema(os.path.join(SCHEMAS, definition["schema"])).is_valid(document)
        self.assertEqual(valid, other, "the two engines disagree")
        failed = set()
        for rules in definition.get("rules", []):
            schematron = isoschematron.Schematron(
                file=os.path.join(SCHEMAS, rules), store_report=True, error_finder=isoschematron.Schematron.ASSERTS_AND_REPORTS)
            schematron.validate(document)
            for node in schematron.validation_report.iter(
                    "{http://purl.oclc.org/dsdl/svrl}failed-assert", "{http://purl.oclc.org/dsdl/svrl}successful-report"):
                if node.get("role") != "observed":
                    failed.add(node.get("id"))
        return True, valid, failed

    def test_every_sample_gets_the_verdict_of_its_manifest(self):
        for sample in load("Schemas", "samples", "samples.json")["samples"]:
            with self.subTest(sample["id"]):
                well_formed, valid, failed = self.findings(sample, sample["file"])
                expected = {finding["requirement"] for finding in sample["expected"]["findings"]}
                self.assertEqual(well_formed, "xml.well-formed" not in expected)
                self.assertLessEqual(failed, expected)
                if well_formed:
                    # What the rules do not account for is the XSD's.
                    self.assertEqual(valid, failed == expected)

    def test_every_repaired_twin_is_valid(self):
        for sample in load("Schemas", "samples", "samples.json")["samples"]:
            if sample.get("repaired"):
                with self.subTest(sample["id"]):
                    self.assertEqual(self.findings(sample, sample["repaired"]), (True, True, set()))


class Exchanges(unittest.TestCase):
    def test_every_scenario_keeps_its_json_schema(self):
        validator = jsonschema.Draft202012Validator(load("Exchanges", "scenario.schema.json"))
        paths = sorted(glob.glob(os.path.join(ROOT, "Exchanges", "*", "*", "scenario.json")))
        self.assertTrue(paths)
        for path in paths:
            with self.subTest(path[len(ROOT):]):
                with open(path, encoding="utf-8") as file:
                    self.assertEqual([error.message for error in validator.iter_errors(json.load(file))], [])


class Vectors(unittest.TestCase):
    def test_every_vector_file_keeps_its_json_schema_and_every_flag_has_its_note(self):
        validator = jsonschema.Draft202012Validator(load("Vectors", "signing", "vectors.schema.json"))
        for name in ("published.json", "sign.json", "verify.json"):
            with self.subTest(name):
                data = load("Vectors", "signing", name)
                self.assertEqual([error.json_path for error in validator.iter_errors(data)], [])
                flags = {flag for vector in data["vectors"] for flag in vector.get("flags", [])}
                self.assertEqual(flags, set(data.get("notes", {})))


    def test_the_pairs_of_answers_keep_their_json_schema_and_name_requirements_that_exist(self):
        data = load("Vectors", "comparison", "pairs.json")
        validator = jsonschema.Draft202012Validator(load("Vectors", "comparison", "comparison.schema.json"))
        self.assertEqual([error.json_path for error in validator.iter_errors(data)], [])
        named = {entry["requirement"] for vector in data["vectors"] for entry in vector["differences"] if "requirement" in entry}
        known = {entry["id"] for entry in load("Schemas", "requirements.json")["requirements"]}
        self.assertEqual(named - known, set())


class ServerCases(unittest.TestCase):
    def test_every_file_of_cases_keeps_its_json_schema(self):
        validator = jsonschema.Draft202012Validator(load("Vectors", "server", "cases.schema.json"))
        paths = sorted(glob.glob(os.path.join(ROOT, "Vectors", "server", "cases", "*.json")))
        self.assertTrue(paths)
        for path in paths:
            with self.subTest(path[len(ROOT):]):
                with open(path, encoding="utf-8") as file:
                    self.assertEqual([error.json_path for error in validator.iter_errors(json.load(file))], [])


class ClientCases(unittest.TestCase):
    def test_every_file_of_cases_keeps_its_json_schema(self):
        validator = jsonschema.Draft202012Validator(load("Vectors", "client", "client.schema.json"))
        for name in ("right.json", "sent.json", "read.json"):
            with self.subTest(name):
                self.assertEqual(
                    [error.json_path for error in validator.iter_errors(load("Vectors", "client", name))], [])


class SeedJobs(unittest.TestCase):
    def test_the_example_of_seed_jobs_keeps_its_json_schema(self):
        validator = jsonschema.Draft202012Validator(load("Schemas", "seed-jobs.schema.json"))
        data = load("Examples", "seed-jobs.json")
        self.assertEqual([error.json_path for error in validator.iter_errors(data)], [])
        for key, value in (("state", "Done"), ("created", "yesterday"), ("id", "x"), ("code", "Wrong"), ("queue", "p1")):
            wrong = {**data, "jobs": [{**data["jobs"][0], key: value}]}
            self.assertFalse(validator.is_valid(wrong), key)


class Baselines(unittest.TestCase):
    def test_a_learned_baseline_keeps_its_json_schema(self):
        validator = jsonschema.Draft202012Validator(load("Schemas", "baseline.schema.json"))
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "baseline.json")
            subprocess.run([CISPEC, "replay", "--learn-baseline", file], check=True, capture_output=True)
            with open(file, encoding="utf-8") as text:
                data = json.load(text)
        self.assertGreater(len(data["entries"]), 0)
        self.assertEqual([error.json_path for error in validator.iter_errors(data)], [])
        for key, value in (("path", "/Response/JobsDetail[2]"), ("class", "harmless"), ("cases", []), ("learned", None)):
            wrong = {**data, "entries": [{**data["entries"][0], key: value}]}
            self.assertFalse(validator.is_valid(wrong), key)


class Reports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.junit = os.path.join(cls.folder.name, "junit.xml")
        cls.json = os.path.join(cls.folder.name, "report.json")
        cls.result = subprocess.run(
            [CISPEC, "run", "--report", f"junit={cls.junit}", "--report", f"json={cls.json}"],
            capture_output=True, text=True, timeout=120)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_the_run_is_as_expected(self):
        self.assertEqual(self.result.returncode, 0, self.result.stdout[-3000:] + self.result.stderr)

    def test_junit_keeps_the_strictest_schema(self):
        schema = etree.XMLSchema(file=os.path.join(ROOT, "Tests", "Foreign", "junit-strict.xsd"))
        document = etree.parse(self.junit)
        self.assertTrue(schema.validate(document), schema.error_log)
        names = [(case.get("classname"), case.get("name")) for case in document.iter("testcase")]
        self.assertEqual(len(names), len(set(names)), "a pair of classname and name stands twice")

    def test_junit_counts_are_those_of_json(self):
        with open(self.json, encoding="utf-8") as file:
            report = json.load(file)
        junit = JUnitXml.fromfile(self.junit)
        self.assertEqual(junit.tests, sum(len(suite["cases"]) for suite in report["suites"]))
        self.assertEqual(junit.failures, sum(suite["failed"] for suite in report["suites"]))
        for suite in report["suites"]:
            self.assertEqual(len(suite["cases"]), suite["discovered"])


def main():
    result = unittest.TextTestRunner(verbosity=1).run(
        unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    failed = len(result.failures) + len(result.errors)
    print(f"foreign: {result.testsRun - failed} passed, {failed} failed")
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
