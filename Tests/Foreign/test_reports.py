"""What readers that are not ours make of every form of report, also when names and answers are hostile."""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import html5lib
import jsonschema
import referencing
import yaml
from junitparser import JUnitXml
from lxml import etree
from markdown_it import MarkdownIt
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif
from sarif import loader
from tap.parser import Parser

ROOT, CISPEC = sys.argv[1], sys.argv[2]
FORMATS = ["junit", "junit-full", "sarif", "tap", "events", "json", "markdown", "github", "gitlab", "badge", "html", "manifest"]
# Names of files, as bytes: what breaks out of XML, HTML, Markdown, commands of a CI, TAP, terminals and UTF-8.
HOSTILE_NAMES = [
    b"a]]>b.xml", b"<img src=x onerror=alert(1)>.xml", b"::error::x.xml", b"esc\x1b[31m.xml", b"# TODO later.xml",
    b"# SKIP.xml", b"new\n::error::line.xml", b"pipe|`*_[x](y)@x.xml", b"%0A,col=1.xml", b"quote\"'&.xml", b"\x85\xc2\x85.xml",
    b"bad\xff.xml", b"surrogate\xed\xa0\x80.xml", b"turn\xe2\x80\xaeed.xml", b"not ok 1.xml", b"x\n  ...\n---.xml",
]
HOSTILE_DOCUMENT = (
    b"<Request><Tag>]]&gt;&lt;/script>&lt;script>alert(1)&lt;/script>\n::error::x %0A --> \xe2\x80\xae \xe2\x80\xa8 "
    b"&#x85; | ` @all</Tag><Nope/></Request>")


def load(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return json.load(file)


def schema(name):
    both = [load("Schemas", file) for file in ("report.schema.json", "events.schema.json", "manifest.schema.json")]
    registry = referencing.Registry().with_resources(
        [(file, referencing.Resource.from_contents(content))
         for file, content in zip(("report.schema.json", "events.schema.json", "manifest.schema.json"), both)])
    return jsonschema.Draft202012Validator(load("Schemas", name), registry=registry)


class Formats:
    """The checks of every form; the classes below say which run the reports are of."""

    command, folder, wrong, expected_code = [], None, True, 1

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.paths = {name: os.path.join(cls.temporary.name, f"r.{name}") for name in FORMATS}
        cls.prepare()
        flags = [word for name in FORMATS for word in ("--report", f"{name}={cls.paths[name]}")]
        cls.result = subprocess.run(
            [CISPEC, *cls.command, *flags], cwd=cls.folder, capture_output=True, timeout=300)
        cls.report = json.loads(cls.text("json"))
        cls.cases = [(suite, case) for suite in cls.report["suites"] for case in suite["cases"]]
        cls.findings = [finding for _, case in cls.cases for finding in case["findings"]]

    @classmethod
    def prepare(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    @classmethod
    def text(cls, name):
        with open(cls.paths[name], "rb") as file:
            return file.read().decode("utf-8")

    def count(self, *verdicts):
        return sum(case["verdict"] in verdicts for _, case in self.cases)

    def test_the_exit_code_is_that_of_the_run(self):
        self.assertEqual(self.result.returncode, self.expected_code, self.result.stderr[-2000:])

    def test_no_report_but_the_page_has_a_character_that_a_terminal_obeys(self):
        for name in FORMATS:
            with self.subTest(name):
                self.assertIsNone(re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", self.text(name)))

    def test_no_stream_starts_a_command_of_a_ci(self):
        for stream in (self.result.stdout, self.result.stderr):
            text = stream.decode("utf-8")
            self.assertIsNone(re.search("^ *::|\x1b", text, re.MULTILINE))

    def test_json_keeps_its_schema(self):
        self.assertEqual([error.json_path for error in schema("report.schema.json").iter_errors(self.report)], [])

    def test_events_keep_their_schema_and_tell_the_same(self):
        lines = [json.loads(line) for line in self.text("events").split("\n")[:-1]]
        validator = schema("events.schema.json")
        for line in lines:
            self.assertEqual([error.message for error in validator.iter_errors(line)], [])
        self.assertEqual([line["event"] for line in lines[:1] + lines[-1:]], ["run", "run-end"])
        self.assertEqual(
            [(line["suite"], line["id"], line["verdict"]) for line in lines if line["event"] == "case"],
            [(suite["name"], case["id"], case["verdict"]) for suite, case in self.cases])

    def test_the_manifest_keeps_its_schema(self):
        manifest = json.loads(self.text("manifest"))
        self.assertEqual([error.json_path for error in schema("manifest.schema.json").iter_errors(manifest)], [])
        self.assertEqual(
            manifest["suites"],
            {suite["name"]: {
                "discovered": suite["discovered"], "run": suite["run"], "cases": [case["id"] for case in suite["cases"]]}
             for suite in self.report["suites"]})

    def test_junit_keeps_the_strictest_schema(self):
        strict = etree.XMLSchema(file=os.path.join(ROOT, "Tests", "Foreign", "junit-strict.xsd"))
        document = etree.parse(self.paths["junit"])
        self.assertTrue(strict.validate(document), strict.error_log)

    def test_both_forms_of_junit_are_read_alike(self):
        for name in ("junit", "junit-full"):
            with self.subTest(name):
                junit = JUnitXml.fromfile(self.paths[name])
                pairs = [(case.classname, case.name) for suite in junit for case in suite]
                self.assertEqual(len(pairs), len(self.cases))
                self.assertEqual(len(set(pairs)), len(pairs))
                self.assertEqual((junit.failures, junit.errors), (self.count("failed"), self.count("error")))

    def test_full_junit_has_file_and_line(self):
        document = etree.parse(self.paths["junit-full"])
        for case in document.iter("testcase"):
            if case.find("failure") is not None:
                self.assertTrue(case.get("file"))

    def test_sarif_is_read_by_two(self):
        content = json.loads(self.text("sarif"))
        Sarif.model_validate(content)
        results = content["runs"][0]["results"]
        whole = loader.load_sarif_file(self.paths["sarif"])
        self.assertEqual(len(whole.get_records()), len(results))
        words = sum(case["verdict"] in ("failed", "error") and not case["findings"] for _, case in self.cases)
        self.assertEqual(len(results), len(self.findings) + words)
        rules = content["runs"][0]["tool"]["driver"]["rules"]
        prints = [result["partialFingerprints"]["cispec/v1"] for result in results]
        self.assertEqual(len(set(prints)), len(prints))
        for result in results:
            self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])
            self.assertTrue(rules[result["ruleIndex"]]["help"]["text"])
            place = result["locations"][0].get("physicalLocation")
            self.assertTrue(place, result)
            self.assertRegex(place["artifactLocation"]["uri"], r"^[A-Za-z0-9._~/%-]+$")

    def test_tap_is_read_and_counts_the_same(self):
        lines = list(Parser().parse_file(self.paths["tap"]))
        tests = [line for line in lines if line.category == "test"]
        plan = [line for line in lines if line.category == "plan"]
        self.assertEqual([line.expected_tests for line in plan], [len(self.cases)])
        self.assertEqual(len(tests), len(self.cases))
        for line, (_, case) in zip(tests, self.cases):
            self.assertEqual(line.ok, case["verdict"] in ("passed", "skipped") and not case.get("knownFailure"))
            self.assertEqual(line.skip, case["verdict"] == "skipped" and not case.get("knownFailure"), case["id"])
            self.assertEqual(line.todo, bool(case.get("knownFailure")), case["id"])
        blocks = re.findall(r"^  ---\n(.*?)^  \.\.\.$", self.text("tap"), re.MULTILINE | re.DOTALL)
        read = [yaml.safe_load(block) for block in blocks]
        self.assertEqual(len(read), self.count("failed", "error") + sum("knownFailure" in case for _, case in self.cases))

    def test_github_commands_stand_alone_and_say_what_json_says(self):
        lines = self.text("github").split("\n")[:-1]
        for line in lines:
            match = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
            self.assertTrue(match, line)
            keys = [pair.split("=")[0] for pair in match[2].split(",")]
            self.assertLessEqual(set(keys), {"file", "line", "col", "title"})
            self.assertEqual(len(set(keys)), len(keys))
        for word in ("error", "warning", "notice"):
            self.assertLessEqual(sum(line.startswith(f"::{word}") for line in lines), 10)
        self.assertEqual(any(line.startswith("::error") for line in lines), self.wrong)

    def test_gitlab_has_what_its_reader_wants(self):
        entries = json.loads(self.text("gitlab"))
        prints = [entry["fingerprint"] for entry in entries]
        self.assertEqual(len(set(prints)), len(prints))
        for entry in entries:
            self.assertEqual(set(entry), {"description", "check_name", "fingerprint", "severity", "location"})
            self.assertIn(entry["severity"], ("info", "minor", "major", "critical", "blocker"))
            self.assertGreaterEqual(entry["location"]["lines"]["begin"], 1)
            self.assertFalse(entry["location"]["path"].startswith("./"))

    def test_the_badge_is_an_endpoint_of_shields(self):
        badge = json.loads(self.text("badge"))
        self.assertEqual(badge["schemaVersion"], 1)
        self.assertEqual(badge["color"], "red" if self.wrong else "brightgreen")
        self.assertTrue(badge["label"] and badge["message"])

    def test_markdown_has_its_table_and_no_foreign_element(self):
        text = self.text("markdown")
        self.assertLess(len(text.encode()), 1 << 20)
        html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
        tree = html5lib.parse(html, namespaceHTMLElements=False)
        allowed = set("html head body h2 p table thead tbody tr th td details summary b code ul li strong br pre".split())
        self.assertLessEqual({element.tag for element in tree.iter()}, allowed)
        self.assertEqual(len(tree.findall(".//tbody/tr")), len(self.report["suites"]))
        self.assertEqual(len(tree.findall(".//details")), min(100, self.count("failed", "error")))

    def test_the_page_has_a_row_for_each_case_and_no_foreign_element(self):
        tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(self.text("html"))
        rows = [element for element in tree.iter() if "case" in element.get("class", "").split()]
        self.assertEqual(len(rows), len(self.cases))
        self.assertEqual(len(tree.findall(".//script")), 1)
        self.assertEqual(tree.findall(".//img"), [])
        self.assertFalse(any(name.startswith("on") or name in ("src", "href") for element in tree.iter()
                             for name in element.attrib))
        self.assertLess(os.path.getsize(self.paths["html"]), 3_000_000)


class Run(Formats, unittest.TestCase):
    command, wrong, expected_code = ["run"], False, 0


class WrongSigner(Formats, unittest.TestCase):
    command = ["vectors", "--adapter", f"python3 '{ROOT}/Tests/Adapters/stub_adapter.py' path-encoded"]


class Hostile(Formats, unittest.TestCase):
    command, expected_code = ["validate", "."], 3

    @classmethod
    def prepare(cls):
        cls.folder = os.path.join(cls.temporary.name, "documents")
        os.mkdir(cls.folder)
        for name in HOSTILE_NAMES:
            with open(os.path.join(cls.folder.encode(), name), "wb") as file:
                file.write(HOSTILE_DOCUMENT)

    def test_every_file_is_there(self):
        self.assertEqual(len(self.cases), len(HOSTILE_NAMES))


class Project(unittest.TestCase):
    """The schema of cispec.json is of the flags there are."""

    schema = load("Schemas", "project.schema.json")

    def test_every_key_is_a_flag_and_every_flag_of_a_run_is_a_key(self):
        for command, definition in self.schema["properties"].items():
            if command in ("$schema", "format"):
                continue
            with self.subTest(command):
                text = subprocess.run([CISPEC, command, "--help"], capture_output=True, text=True, timeout=60).stdout
                flags = set(re.findall(r"^ +(?:-\w, )?--([a-z-]+)", text, re.MULTILINE)) - {"help"}
                self.assertLessEqual(set(definition["properties"]), flags)
                if command in ("run", "serve", "replay", "server", "client", "judge", "record", "vectors", "validate"):
                    self.assertEqual(set(definition["properties"]), flags)

    def test_it_lets_a_right_file_in_and_keeps_a_wrong_one_out(self):
        validator = jsonschema.Draft202012Validator(self.schema)
        right = {"format": 1, "run": {"report": ["junit=a.xml"], "seed": 1}, "validate": {"level": "must", "quiet": True}}
        self.assertTrue(validator.is_valid(right))
        for wrong in ({}, {"format": 1, "runn": {}}, {"format": 1, "run": {"manifets": "a"}},
                      {"format": 1, "validate": {"level": "mist"}}):
            self.assertFalse(validator.is_valid(wrong), wrong)


def main():
    result = unittest.TextTestRunner(verbosity=1).run(
        unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    failed = len(result.failures) + len(result.errors)
    print(f"reports: {result.testsRun - failed} passed, {failed} failed")
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
