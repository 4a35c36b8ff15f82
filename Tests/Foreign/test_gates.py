"""The ways into a pipeline: each file by its published schema, and its shell steps carried out."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

ROOT, CISPEC = sys.argv[1:3]
TOOLS = os.path.dirname(sys.executable)
SAMPLE = os.path.join(ROOT, "Schemas/samples/repaired/hash-query-response-example.xml")


def load(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return yaml.safe_load(file)


class Gates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        subprocess.run(
            [os.path.join(ROOT, "Scripts/dist.py"), "--binary", CISPEC, "--out", os.path.join(cls.folder, "dist")], check=True,
            capture_output=True, timeout=120)
        made = os.path.join(cls.folder, "dist")
        cls.archive = next(os.path.join(made, name) for name in os.listdir(made) if "-linux-" in name and name.endswith(".gz"))
        with open(os.path.join(made, "SHA256SUMS"), encoding="utf-8") as file:
            cls.digest = next(line.split()[0] for line in file if os.path.basename(cls.archive) in line)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.work = tempfile.mkdtemp(dir=self.folder)

    def shell(self, text, code=0, **environment):
        result = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text], cwd=self.work, capture_output=True, text=True,
            timeout=120, check=False, env={"PATH": os.environ["PATH"], "HOME": self.work, **environment})
        self.assertEqual(result.returncode, code, result.stdout[-800:] + result.stderr[-800:])
        return result.stdout

    def file(self, name):
        return os.path.join(self.work, name)

    def text(self, name):
        with open(self.file(name), encoding="utf-8") as file:
            return file.read()

    def broken(self, name):
        with open(SAMPLE, encoding="utf-8") as file:
            text = file.read().replace("<State>Success</State>", "<State>Sucess</State>", 1)
        with open(self.file(name), "w", encoding="utf-8") as file:
            file.write(text)

    # Their form.

    def test_each_file_keeps_its_published_schema(self):
        for schema, name in (("github-actions", "action.yml"), ("gitlab-ci", "ci/gitlab.yml")):
            for text, code in ((None, 0), ("runs: {using: nothing}\n.cispec: {script: 1}\n", 1)):
                path = os.path.join(ROOT, name)
                if text:
                    path = self.file(os.path.basename(name))
                    with open(path, "w", encoding="utf-8") as file:
                        file.write(text)
                result = subprocess.run(
                    [os.path.join(TOOLS, "check-jsonschema"), "--builtin-schema", f"vendor.{schema}", path], capture_output=True,
                    text=True, timeout=60, check=False)
                self.assertEqual(result.returncode, code, f"{name}: {result.stdout}")
        subprocess.run(
            [os.path.join(TOOLS, "pre-commit"), "validate-manifest", os.path.join(ROOT, ".pre-commit-hooks.yaml")], check=True,
            capture_output=True, timeout=60)

    # Their steps.

    def action(self, code=0, **inputs):
        """The steps of action.yml as the runner has them: expressions put in, one after the other, PATH carried over."""
        action = load("action.yml")
        values = {name: value.get("default", "") for name, value in action["inputs"].items()} | inputs
        values = {f"inputs.{name}": value for name, value in values.items()} | {"github.action_path": ROOT}
        environment = {"RUNNER_TEMP": self.file("temp"), "GITHUB_PATH": self.file("path"), "GITHUB_STEP_SUMMARY": self.file("summary")}
        os.makedirs(environment["RUNNER_TEMP"], exist_ok=True)
        path, said = os.environ["PATH"], ""
        steps = action["runs"]["steps"]
        for number, step in enumerate(steps):
            variables = {
                name: re.sub(r"\$\{\{ (\S+) \}\}", lambda match: values[match[1]], text) for name, text in step["env"].items()}
            self.assertNotIn("${{", step["run"], "a value in the text of a step could be a command")
            said = self.shell(step["run"], code if number + 1 == len(steps) else 0, **environment, **variables, PATH=path)
            if os.path.exists(environment["GITHUB_PATH"]):
                path = self.text("path").strip() + ":" + os.environ["PATH"]
        return said

    def test_the_action_runs_the_kit_and_leaves_its_reports(self):
        self.action(archive=self.archive, sha256=self.digest, arguments="--select comparison")
        self.assertIn("cispec: all as expected", self.text("summary"))
        for name in ("cispec.xml", "cispec.sarif", "cispec.json", "cispec.html"):
            self.assertTrue(os.path.getsize(self.file(f"cispec-reports/{name}")))

    def test_the_action_fails_with_annotations_at_the_document(self):
        self.broken("a b.xml")
        said = self.action(code=1, archive=self.archive, command="validate", arguments="'a b.xml'", reports="out")
        self.assertRegex(said, r"(?m)^::error file=a b\.xml,line=\d+")
        with open(self.file("out/cispec.sarif"), encoding="utf-8") as file:
            self.assertTrue(json.load(file)["runs"][0]["results"])

    def test_an_archive_that_is_another_is_refused(self):
        self.shell(f"{ROOT}/ci/install {self.work}/p {self.archive} {'0' * 64}", code=1)
        self.assertFalse(os.path.exists(self.file("p/bin")))

    def test_the_gitlab_job(self):
        job = load("ci/gitlab.yml")[".cispec"]
        self.broken("broken.xml")
        for call, code in (("run --select comparison", 0), ("validate broken.xml", 1)):
            variables = job["variables"] | {"CISPEC_ARCHIVE": self.archive, "CISPEC_SHA256": self.digest, "CISPEC_CALL": call}
            self.shell("\n".join(job["before_script"] + job["script"]), code, **variables)
        reports = job["artifacts"]["reports"]
        self.assertIn("<failure", self.text(reports["junit"]))
        self.assertEqual(json.loads(self.text(reports["codequality"]))[0]["location"]["path"], "broken.xml")
        self.assertTrue(os.path.getsize(self.file(job["artifacts"]["paths"][0])))

    def test_the_hook_is_run_by_pre_commit_on_staged_xml(self):
        shutil.copy(SAMPLE, self.file("good.xml"))
        self.broken("bad.xml")
        # The hooks come from a repository of their own, as they would from this one.
        with open(os.path.join(ROOT, ".pre-commit-hooks.yaml"), encoding="utf-8") as file:
            hooks = file.read()
        os.makedirs(self.file("hooks"))
        with open(self.file("hooks/.pre-commit-hooks.yaml"), "w", encoding="utf-8") as file:
            file.write(hooks)
        git = "git -c user.name=nobody -c user.email=nobody@example.org"
        self.shell(f"git init -q hooks; cd hooks; git add -A; {git} commit -qm one; cd ..; git init -q .; git add good.xml bad.xml")
        os.makedirs(self.file("prefix"))
        self.shell(f"tar xzf {self.archive} --strip-components=1 -C prefix")
        path = f"{self.work}/prefix/bin:{TOOLS}:{os.environ['PATH']}"
        command = "pre-commit try-repo ./hooks cispec-validate --files"
        for files, code in (("good.xml", 0), ("good.xml bad.xml", 1)):
            said = self.shell(f"{command} {files}", code, PATH=path)
            self.assertIn("cispec validate" + "." * 10, said)
        self.assertIn("bad.xml", said)
        self.shell(f"echo text > a.txt; {command} a.txt", 0, PATH=path)

    def test_the_dockerfile_ends_as_nobody_with_what_the_program_needs(self):
        with open(os.path.join(ROOT, "Dockerfile"), encoding="utf-8") as file:
            last = file.read().split("\nFROM ")[-1]
        self.assertRegex(last, r"(?m)^USER cispec$")
        with open(os.path.join(ROOT, "Scripts/install-dependencies"), encoding="utf-8") as file:
            wanted = re.search(r"for_running=\((.*?)\)", file.read())[1].split()
        for place, text in (("Dockerfile", last), ("ci/gitlab.yml", load("ci/gitlab.yml")[".cispec"]["before_script"][0])):
            self.assertEqual([name for name in wanted if name not in text], [], place)


if __name__ == "__main__":
    result = unittest.main(argv=[sys.argv[0]], exit=False, verbosity=0).result
    failed = {test.id().split(" ")[0] for test, _ in result.failures + result.errors}
    print(f"gates: {result.testsRun - len(failed)} passed, {len(failed)} failed")
    sys.exit(0 if result.wasSuccessful() else 1)
