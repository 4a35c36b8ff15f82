"""docs/Emulator.md leaves out no operation and no flag. test_guides.py runs its commands."""

import os
import re
import subprocess
import sys
import unittest

ROOT, CISPEC = sys.argv[1], os.path.abspath(sys.argv[2])


class Page(unittest.TestCase):
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
