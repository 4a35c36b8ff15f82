#!/usr/bin/env python3
"""Judges the wrong implementations and keeps the score in README.md, with its date.

    Scripts/mutants.py           judge, and write the score when it has changed
    Scripts/mutants.py --check   judge, and exit 1 when one is not caught or the README says another score

The program is .build/release/cispec, or what CISPEC names. Documents with one fault have a score of their own
(`cispec corpus`).
"""

import datetime
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
MARK = re.compile(r"(Wrong implementations, `cispec mutants`, )(\d{4}-\d\d-\d\d)(: )([^.]*)(\.)", re.S)


def main():
    suites = ["servers", "signers", "verifiers", "clients"]
    command = [os.environ.get("CISPEC", str(ROOT / ".build/release/cispec")), "mutants", "--format", "json",
               "--clients", str(ROOT / "Tests/Adapters/mutants.json")]
    run = subprocess.run(command + [word for suite in suites for word in ("--only", suite)], capture_output=True,
                         text=True, timeout=600)
    if run.returncode not in (0, 1):
        sys.exit(f"cispec mutants ended with {run.returncode}: {run.stderr}")
    matrix = json.loads(run.stdout)
    for shortfall in matrix["shortfalls"]:
        print(shortfall)
    named = sum(family["named"] for suite in matrix["suites"] for family in suite["families"])
    # A right one that is blamed is a failure too, and every mutant that is not named has its shortfall.
    failed = len(matrix["shortfalls"])
    print(f"mutants: {named} passed, {failed} failed")
    text = README.read_text(encoding="utf-8")
    found = MARK.search(text)
    if not found:
        sys.exit("README.md has no sentence 'Wrong implementations, `cispec mutants`, DATE: SCORE.'")
    # Lines may be broken anywhere in the README.
    isTrue = " ".join(found.group(4).split()) == score(matrix)
    if "--check" in sys.argv[1:]:
        if not isTrue:
            sys.exit(f"README.md does not say '{score(matrix)}'; run Scripts/mutants.py")
    elif not isTrue:
        today = datetime.date.today().isoformat()
        README.write_text(MARK.sub(rf"\g<1>{today}\g<3>{score(matrix)}\g<5>", text), encoding="utf-8")
    sys.exit(1 if failed else 0)


def score(matrix):
    """Such as `311 of 311 wrong servers, 60 of 60 wrong signers`."""
    words = []
    for suite in matrix["suites"]:
        counts = {word: sum(family[word] for family in suite["families"]) for word in ("named", "unnamed", "survived")}
        words.append(f"{counts['named']} of {sum(counts.values())} wrong {suite['name']}")
    return ", ".join(words)


if __name__ == "__main__":
    main()
