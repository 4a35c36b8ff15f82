"""Completion in the shells themselves, and the manual pages before two formatters. Every command and flag of --help."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

CISPEC = sys.argv[2]
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": "1700000000"}


def output(*words, **others):
    result = subprocess.run(words, capture_output=True, text=True, timeout=60, env=ENVIRONMENT, **others)
    if result.returncode:
        raise AssertionError(f"{words[:3]}: {result.returncode}: {result.stderr}")
    return result.stdout


COMMANDS = re.findall(r"^  ([a-z]+)  ", output(CISPEC, "--help").split("Commands:\n")[1], re.M)
FLAGS = {name: re.findall(r"^  (?:-\w, )?(--[a-z-]+)", output(CISPEC, name, "--help"), re.M) for name in COMMANDS}


def scripts(shell):
    file = tempfile.NamedTemporaryFile("w", suffix=f".{shell}", encoding="utf-8")
    file.write(output(CISPEC, "completion", shell))
    file.flush()
    return file


class Bash(unittest.TestCase):
    def offers(self, *words):
        with scripts("bash") as script:
            text = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cispec; printf "%s\\n" "${COMPREPLY[@]}"'
            return output("bash", "--norc", "--noprofile", "-uc", text, "bash", script.name, "cispec", *words).split()

    def test_commands_and_flags(self):
        self.assertEqual(set(COMMANDS) - set(self.offers("")), set())
        for command in COMMANDS:
            with self.subTest(command):
                self.assertEqual([flag for flag in self.offers(command, "-") if flag.startswith("--")], FLAGS[command])

    def test_values(self):
        self.assertEqual(self.offers("validate", "--level", ""), ["must", "should", "observed"])
        self.assertEqual(self.offers("validate", "--level", "=", "mu"), ["must"])
        self.assertEqual(self.offers("run", "--report", "ju"), ["junit=", "junit-full="])
        self.assertEqual(self.offers("completion", ""), ["bash", "zsh", "fish"])
        self.assertIn("validate", self.offers("man", "v"))
        self.assertEqual(self.offers("run", "--seed", ""), [])

    def test_it_is_registered(self):
        with scripts("bash") as script:
            text = f"source {script.name}; complete -p cispec"
            self.assertIn("-F _cispec cispec", output("bash", "--norc", "--noprofile", "-c", text))


class Fish(unittest.TestCase):
    def offers(self, line):
        with scripts("fish") as script, tempfile.TemporaryDirectory() as home:
            environment = {**ENVIRONMENT, "HOME": home}
            result = subprocess.run(
                ["fish", "--no-config", "-c", f"source {script.name}; complete -C '{line}'"], capture_output=True, text=True,
                timeout=60, env=environment)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            return [row.split("\t")[0] for row in result.stdout.splitlines()]

    def test_commands_and_flags(self):
        self.assertEqual(set(COMMANDS) - set(self.offers("cispec ")), set())
        for command in COMMANDS:
            with self.subTest(command):
                # Fish writes the = of a flag with a value.
                offered = {row.rstrip("=") for row in self.offers(f"cispec {command} --")}
                self.assertEqual(offered, set(FLAGS[command]))

    def test_values(self):
        self.assertEqual(set(self.offers("cispec validate --level ")), {"must", "should", "observed"})
        self.assertEqual(set(self.offers("cispec run --report ju")), {"junit=", "junit-full="})
        self.assertEqual(set(self.offers("cispec completion ")), {"bash", "zsh", "fish"})


class Zsh(unittest.TestCase):
    """In an interactive zsh on a pseudo-terminal, where alone its completion runs; what it would add is written out."""

    CAPTURE = r"""
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local -a found; builtin compadd -A found "$@"
  local one; for one in $found; do print -r -- "$one" >> $OFFERS; done
}
"""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        with open(os.path.join(cls.folder, "_cispec"), "w", encoding="utf-8") as file:
            file.write(output(CISPEC, "completion", "zsh"))
        with open(os.path.join(cls.folder, "setup"), "w", encoding="utf-8") as file:
            file.write(f"fpath=({cls.folder} $fpath)\nautoload -U compinit; compinit -u -D\n{cls.CAPTURE}\nPS1='>'\n"
                       "bindkey '^I' complete-word\nsetopt no_auto_menu no_list_ambiguous\n")
        environment = {**ENVIRONMENT, "HOME": cls.folder, "TERM": "dumb", "OFFERS": os.path.join(cls.folder, "offers")}
        pid, cls.terminal = pty.fork()
        if pid == 0:
            os.execvpe("zsh", ["zsh", "-f", "-i"], environment)
        cls.pid = pid
        cls.write(f"source {cls.folder}/setup; print ready > {cls.folder}/ready\n")
        cls.wait(lambda: os.path.exists(os.path.join(cls.folder, "ready")))

    @classmethod
    def tearDownClass(cls):
        os.kill(cls.pid, 9)
        os.waitpid(cls.pid, 0)
        os.close(cls.terminal)
        shutil.rmtree(cls.folder)

    @classmethod
    def write(cls, text):
        os.write(cls.terminal, text.encode())

    @classmethod
    def wait(cls, is_there):
        end = time.time() + 20
        while not is_there():
            if time.time() > end:
                raise AssertionError("zsh did not come to its end in 20 s")
            while select.select([cls.terminal], [], [], 0.02)[0]:
                os.read(cls.terminal, 65536)

    def offers(self, line):
        # What comes before zsh reads the terminal is given up by the terminal itself, unseen: then it is typed again.
        for _ in range(5):
            if rows := self.offers_now(line):
                return rows
        return []

    def offers_now(self, line):
        offers, done = (os.path.join(self.folder, name) for name in ("offers", "done"))
        for file in (offers, done):
            if os.path.exists(file):
                os.remove(file)
        # What is on the line is given up; the next line says that the completion is through.
        self.write(f"{line}\t\x15print > {done}\n")
        self.wait(lambda: os.path.exists(done))
        if not os.path.exists(offers):
            return []
        with open(offers, encoding="utf-8") as file:
            return file.read().split("\n")

    def test_commands_and_flags(self):
        self.assertEqual(set(COMMANDS) - set(self.offers("cispec ")), set())
        for command in COMMANDS:
            with self.subTest(command):
                offered = {row.rstrip("=") for row in self.offers(f"cispec {command} --") if row.startswith("--")}
                self.assertEqual(offered, set(FLAGS[command]))

    def test_values(self):
        self.assertEqual(set(self.offers("cispec validate --level ")) - {""}, {"must", "should", "observed"})
        self.assertLessEqual({"junit=", "junit-full="}, set(self.offers("cispec run --report ju")))
        self.assertEqual(set(self.offers("cispec completion ")) - {""}, {"bash", "zsh", "fish"})


class Manual(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        output(CISPEC, "man", "--out", cls.folder)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_there_is_a_page_for_each_command_and_one_for_all(self):
        self.assertEqual(
            set(os.listdir(self.folder)), {"cispec.1"} | {f"cispec-{command}.1" for command in COMMANDS})
        for command in COMMANDS:
            with open(os.path.join(self.folder, f"cispec-{command}.1"), encoding="utf-8") as file:
                self.assertEqual(file.read(), output(CISPEC, "man", command))

    def test_formatters_have_nothing_to_warn_of(self):
        for name in sorted(os.listdir(self.folder)):
            with self.subTest(name):
                path = os.path.join(self.folder, name)
                lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", path], capture_output=True, text=True, timeout=60)
                # The pages that it refers to are beside it, not installed.
                said = [line for line in lint.stdout.splitlines() if "referenced manual not found" not in line]
                self.assertEqual(said, [])
                groff = subprocess.run(["groff", "-ww", "-man", "-z", "-Tutf8", path], capture_output=True, text=True, timeout=60)
                self.assertEqual((groff.returncode, groff.stderr), (0, ""))

    def test_a_page_shows_every_flag_and_example_as_it_is_typed(self):
        for command in COMMANDS:
            with self.subTest(command):
                text = output("man", "-l", "-Tascii", os.path.join(self.folder, f"cispec-{command}.1"), stdin=subprocess.DEVNULL)
                words = " ".join(re.sub(r"\x1b\[[0-9;]*m|.\x08", "", text).split())
                for flag in FLAGS[command]:
                    self.assertIn(flag, words)
                examples = output(CISPEC, command, "--help").split("Examples:\n")[1]
                for line in re.findall(r"^  (\S.*)$", examples, re.M):
                    self.assertIn(" ".join(line.split()), words)


if __name__ == "__main__":
    program = unittest.main(argv=[sys.argv[0]], exit=False, verbosity=0)
    result = program.result
    failed = {test.id().split(" ")[0] for test, _ in result.failures + result.errors}
    print(f"completion: {result.testsRun - len(failed)} passed, {len(failed)} failed")
    sys.exit(0 if result.wasSuccessful() else 1)
