"""README.md, docs/Emulator.md and docs/guides as their readers follow them: every command in order, every output as it is shown.

A block of ```sh is run in a copy of the checkout; a block of ```text right behind it is what it prints. `…` on a line of
its own stands for any lines, within a line for any characters. Seconds and the width of tables are left out of account.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

ROOT, CISPEC = sys.argv[1], os.path.abspath(sys.argv[2])
TOOLS = os.path.dirname(sys.executable)
MARK = "@@@ next block"
GUIDES = ["docs/Emulator.md"] + ["docs/guides/" + name for name in sorted(os.listdir(os.path.join(ROOT, "docs/guides")))]
# What takes long or is run by other tests; each must be there.
NOT_RUN = {"README.md": ["make run", "make test", "make dist"]}
PORT = "8080"


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def blocks(text):
    """Each block of commands with the output shown right behind it; None where none is shown."""
    return re.findall(r"^```sh\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", text, re.M | re.S)


def plain(text):
    text = re.sub(r"\d+\.\d+ s\b", "N s", text)
    return [" ".join(line.split()) for line in text.splitlines() if line.strip() and not set(line.strip()) <= {"-"}]


def fits(shown, printed):
    """Whether lines are as shown."""
    pattern = ""
    for line in plain(shown):
        if line == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split("…")) + "\n"
    return re.fullmatch(pattern, "".join(line + "\n" for line in plain(printed))) is not None


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return str(listening.getsockname()[1])


class Guides(unittest.TestCase):
    maxDiff = None

    def follow(self, name):
        found = blocks(read(name))
        self.assertTrue(found, f"{name} has no command")
        self.assertEqual(read(name).count("```sh\n"), len(found), f"{name}: a block is not closed")
        left_out = NOT_RUN.get(name, [])
        commands = []
        for block, _ in found:
            lines = [line for line in block.splitlines() if line.split("#")[0].strip() not in left_out]
            commands.append("\n".join(lines) + "\n")
        for line in left_out:
            self.assertIn(line, read(name))
        port = free_port()
        script = f"echo; echo '{MARK}'\n".join(commands).replace(PORT, port)
        with tempfile.TemporaryDirectory() as folder:
            checkout = os.path.join(folder, "cispec")
            listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
            for file in filter(None, listed.split("\0")):
                if os.path.lexists(os.path.join(ROOT, file)):
                    os.makedirs(os.path.dirname(os.path.join(checkout, file)), exist_ok=True)
                    shutil.copy2(os.path.join(ROOT, file), os.path.join(checkout, file), follow_symlinks=False)
            os.makedirs(os.path.join(checkout, ".build/release"))
            os.symlink(CISPEC, os.path.join(checkout, ".build/release/cispec"))
            shell = subprocess.Popen(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=checkout, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
                env={"PATH": f"{checkout}/.build/release:{os.environ['PATH']}", "HOME": folder, "NO_COLOR": "1",
                     "CISPEC_DATA": checkout, "LC_ALL": "C.UTF-8"})
            try:
                printed, errors = shell.communicate(timeout=180)
                # A server that a guide forgets to stop would still be in its group.
                left = subprocess.run(["pgrep", "-g", str(shell.pid)], capture_output=True, text=True, check=False).stdout.split()
            finally:
                try:
                    os.killpg(shell.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        self.assertEqual(shell.returncode, 0, f"{name}:\n{printed[-1500:]}\n{errors[-1500:]}")
        self.assertEqual(left, [], f"{name} leaves something running")
        parts = printed.replace(port, PORT).split(f"\n{MARK}\n")
        self.assertEqual(len(parts), len(found))
        for (block, shown), part in zip(found, parts):
            if shown:
                self.assertTrue(fits(shown, part), f"{name}: after\n{block}\nis shown\n{shown}\nand printed\n{part}\n{errors[-600:]}")

    def test_the_comparison_of_outputs_tells_them_apart(self):
        self.assertTrue(fits("a\n…\nc\n", "a\nb\nb\nc\n"))
        self.assertTrue(fits("a …, 1.25 s\n", "a b, 3.5 s\n"))
        for shown in ("a\n", "a\nb\n…\n", "b\n…\nc\n", "…\n"[:0]):
            self.assertFalse(fits(shown, "a\nc\n"), shown)

    def test_files_for_other_programs_keep_their_schemas(self):
        kinds = {
            ".github/workflows/": ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
            ".gitlab-ci.yml": ["check-jsonschema", "--builtin-schema", "vendor.gitlab-ci"],
            ".pre-commit-config.yaml": ["pre-commit", "validate-config"],
        }
        checked = 0
        for name in ["README.md"] + GUIDES:
            for text in re.findall(r"^```yaml\n(.*?)^```$", read(name), re.M | re.S):
                place = text.splitlines()[0].removeprefix("# ")
                words = next(words for start, words in kinds.items() if place.startswith(start))
                with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    result = subprocess.run(
                        [os.path.join(TOOLS, words[0]), *words[1:], file.name], capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(result.returncode, 0, f"{name}: {place}: {result.stdout}{result.stderr}")
                checked += 1
        self.assertGreaterEqual(checked, 3)


def following(name):
    def test(self):
        self.follow(name)
    return test


for guide in ["README.md"] + GUIDES:
    setattr(Guides, "test_" + re.sub("[^a-z]", "_", guide.lower()), following(guide))

if __name__ == "__main__":
    result = unittest.main(argv=[sys.argv[0]], exit=False, verbosity=0).result
    failed = {test.id().split(" ")[0] for test, _ in result.failures + result.errors}
    print(f"guides: {result.testsRun - len(failed)} passed, {len(failed)} failed")
    sys.exit(0 if result.wasSuccessful() else 1)
