"""docs/Emulator.md as its reader would follow it: every command in order, every output as printed."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

ROOT, CISPEC = sys.argv[1], os.path.abspath(sys.argv[2])
MARK = "@@@ next block"


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return str(listening.getsockname()[1])


def blocks(text):
    """Each block of commands with the output shown right after it; None where none is shown."""
    return re.findall(r"^```sh\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", text, re.M | re.S)


class Page(unittest.TestCase):
    def test_every_command_gives_what_the_page_shows(self):
        with open(os.path.join(ROOT, "docs", "Emulator.md"), encoding="utf-8") as file:
            text = file.read()
        found = blocks(text)
        self.assertEqual(text.count("```sh\n"), len(found))
        self.assertGreater(len(found), 4)
        port = free_port()
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "bin"))
            os.symlink(CISPEC, os.path.join(folder, "bin", "cispec"))
            shutil.copytree(os.path.join(ROOT, "Examples"), os.path.join(folder, "Examples"), symlinks=True)
            script = f"echo '{MARK}'\n".join(commands for commands, _ in found).replace("8080", port)
            # A session of its own, so that nothing it has started outlives a failure.
            shell = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", script], cwd=folder, text=True, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env={"PATH": os.path.join(folder, "bin") + ":/usr/bin:/bin", "CISPEC_DATA": ROOT, "NO_COLOR": "1"})
            try:
                output, errors = shell.communicate(timeout=120)
            finally:
                try:
                    os.killpg(shell.pid, 9)
                except ProcessLookupError:
                    pass
        self.assertEqual(shell.returncode, 0, output + errors)
        shown = [expected.replace("8080", port) for _, expected in found]
        self.assertEqual(output.split(MARK + "\n"), shown, errors)

    def test_every_operation_has_its_line(self):
        with open(os.path.join(ROOT, "docs", "Emulator.md"), encoding="utf-8") as file:
            table = file.read().split("| operation |")[1].split("\n\n")[0]
        listed = re.findall(r"`([a-z-]+\.[a-z-]+)`", table)
        with open(os.path.join(ROOT, "Schemas", "operations.json"), encoding="utf-8") as file:
            known = set(re.findall(r'"id": ?"([a-z-]+\.[a-z-]+)"', file.read()))
        self.assertEqual(sorted(listed), sorted(known))

    def test_every_flag_of_serve_stands_somewhere_in_the_documents(self):
        flags = re.findall(r"(--[a-z-]+)", subprocess.run(
            [CISPEC, "serve", "--help"], capture_output=True, text=True, check=True).stdout.split("Flags:")[1].split("Examples:")[0])
        texts = ""
        for name in ("Emulator.md", "Formats.md"):
            with open(os.path.join(ROOT, "docs", name), encoding="utf-8") as file:
                texts += file.read()
        plain = {"--help", "--port", "--address", "--quiet"}
        self.assertEqual([flag for flag in sorted(set(flags) - plain) if flag not in texts], [])


if __name__ == "__main__":
    program = unittest.main(argv=[sys.argv[0]], exit=False, verbosity=0)
    result = program.result
    failed = {test.id().split(" ")[0] for test, _ in result.failures + result.errors}
    print(f"emulator page: {result.testsRun - len(failed)} passed, {len(failed)} failed")
    sys.exit(0 if result.wasSuccessful() else 1)
